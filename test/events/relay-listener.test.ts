import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { PassedOn, RelayListenerOptions } from '../../src/events/relay-listener.ts';
import { bodies } from './attacks/bodies.ts';
import { framing } from './attacks/framing.ts';
import { json } from './attacks/json.ts';
import { otherHeaders } from './attacks/other-headers.ts';
import { leaving } from './attacks/pace.ts';
import { pipelined } from './attacks/pipelined.ts';
import { requestLine } from './attacks/request-line.ts';
import { event, play, type Row } from './attacks/row.ts';
import { signedHeaders } from './attacks/signed-headers.ts';
import { CALLBACK, eventually, openWire, openWireTo, request, signed } from './house.ts';
import { startRelayed } from './relay-listener-house.ts';

const TABLE: Readonly<Record<string, readonly Row[]>> = {
  'where a message ends': framing,
  'the first line and the host': requestLine,
  'the seven headers of Sonos': signedHeaders,
  'all other headers': otherHeaders,
  'several requests on one connection': pipelined,
  'the body as bytes': bodies,
  'the body as JSON': json,
  'senders that leave': leaving,
};

/** With the seal and the headers they are longer than any bridge takes. */
const TOO_LARGE = new Set([
  'a body of one mebibyte',
  'as many keys as a mebibyte holds',
  'one key 150,000 times',
]);

describe('what attacks the public listener, attacks a relay in vain', () => {
  let house: Awaited<ReturnType<typeof startRelayed>>;
  let knocks = 0;
  beforeAll(async () => {
    house = await startRelayed();
  });
  afterAll(() => house.listener.stop());

  /** A true event on a new connection: when it has arrived, so has everything that was believed before it. */
  async function knock(): Promise<void> {
    knocks += 1;
    const sequence = String(900_000 + knocks);
    const wire = await openWireTo(house.port);
    wire.send(event(sequence));
    expect(await wire.status()).toBe(200);
    wire.socket.destroy();
    await eventually(() => house.events.at(-1)?.sequence === sequence);
    house.events.pop();
  }

  it('also where one mebibyte is one too many, since the message for it is longer', () => {
    const names = Object.values(TABLE).flatMap((rows) => rows.map(({ name }) => name));
    expect(names).toEqual(expect.arrayContaining([...TOO_LARGE]));
    expect(names.length).toBeGreaterThan(500);
  });

  it.each(Object.values(TABLE).flatMap((rows) => rows.map((row) => [row.name, row] as const)))(
    '%s',
    async (_name, row) => {
      house.events.length = 0;
      const outcome = await play(row, house.port);
      await knock();
      const { end } = row;
      const { answers, events } = TOO_LARGE.has(row.name) ? { answers: [413], events: [] } : row;
      const seen = house.events.map(({ sequence }) => sequence);
      expect({ ...outcome, events: seen }).toEqual({ answers, end, events });
    },
  );
});

async function open(different: Partial<RelayListenerOptions> = {}) {
  const opened = await startRelayed(different);
  onTestFinished(() => opened.listener.stop());
  return opened;
}

/** A relay whose broker answers when it is told to. */
async function openHeld() {
  const held: ((what: PassedOn) => void)[] = [];
  const opened = await open({ pass: (_headers, _body, done) => held.push(done) });
  return { ...opened, held };
}

const health = (path: string, method = 'GET') => request({ method, path, headers: null, body: '' });

describe('the listener of a relay', () => {
  it.each([
    ['taken', 200],
    ['lost', 503],
    ['too_large', 413],
  ] as const)('answers an event that is %s with %i, and not before that is known', async (what, status) => {
    const { port, held, listener } = await openHeld();
    const wire = await openWire(port);
    wire.send(event('1'));
    await eventually(() => held.length === 1);
    expect(wire.received()).toBe('');
    held[0]?.(what);
    expect(await wire.status()).toBe(status);
    expect(listener.counters().accepted).toBe(what === 'taken' ? 1 : 0);
    expect(listener.turnedAway()).toBe(what === 'lost' ? 1 : 0);
  });

  it('answers 503 at once, with the body unread, while nothing can be passed on', async () => {
    const { port, events, listener } = await open({ canPass: () => false });
    const wire = await openWire(port);
    wire.send(request({ headers: signed(), lines: ['Content-Length: 1000000'], body: '{' }));
    expect(await wire.status()).toBe(503);
    await wire.closed();
    expect(events).toEqual([]);
    expect(listener.turnedAway()).toBe(1);
  });

  it('does not tell strangers whether it could pass something on', async () => {
    const { port, listener } = await open({ canPass: () => false });
    const wire = await openWire(port);
    wire.send(request({ headers: { ...signed(), signature: 'A'.repeat(43) } }));
    expect(await wire.status()).toBe(401);
    expect(listener.counters().rejected.bad_signature).toBe(1);
  });

  it.each([
    [true, 200],
    [false, 503],
  ])('tells a load balancer whether it could, and nothing else: %s', async (canPass, status) => {
    const { port } = await open({ canPass: () => canPass });
    const wire = await openWire(port);
    for (const method of ['GET', 'HEAD']) wire.send(health('/health', method));
    expect(await wire.status(2)).toBe(status);
    expect(wire.received()).not.toMatch(/\r\n\r\n(?!HTTP)./);
    expect(
      wire
        .received()
        .match(/^[A-Z][\w-]+(?=:)/gm)
        ?.filter((name) => !/^(Content-Length|Date|Connection|Keep-Alive)$/.test(name)),
    ).toEqual([]);
  });

  it.each(['/', '/health/', '/Health', '/metrics', '/oauth/callback', `${CALLBACK}/`])(
    'has nothing at %s',
    async (path) => {
      const { port } = await open();
      const wire = await openWire(port);
      wire.send(health(path));
      expect(await wire.status()).toBe(404);
    },
  );

  it('takes nothing more when it ends, and answers what is under way', async () => {
    const { port, held, listener } = await openHeld();
    const [one, other] = [await openWire(port), await openWire(port)];
    one.send(event('1'));
    await eventually(() => held.length === 1);
    const stopped = listener.stop();
    other.send(event('2'));
    expect(await other.status()).toBe(503);
    held[0]?.('taken');
    expect(await one.status()).toBe(200);
    await stopped;
    expect(held).toHaveLength(1);
  });

  it('does not wait for a broker that never answers when it ends', async () => {
    const { port, held, listener } = await openHeld();
    const wire = await openWire(port);
    wire.send(event('1'));
    await eventually(() => held.length === 1);
    const start = performance.now();
    await listener.stop();
    expect(performance.now() - start).toBeLessThan(3_000);
    held[0]?.('lost');
  });
});
