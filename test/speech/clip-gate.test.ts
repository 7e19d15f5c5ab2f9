import { existsSync } from 'node:fs';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Random } from '../../src/bridge/ports.ts';
import { createClipServer } from '../../src/speech/clip-server.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import {
  eventually,
  forgottenFiles,
  openFilesIn,
  openStore,
  printOf,
  rememberedLog,
  soundOf,
  startServer,
} from './clip-house.ts';

/** What a speaker has got so far. */
interface Speaker {
  head: string | null;
  readonly body: Promise<string>;
  leave(): void;
}

function speaker(url: string, method = 'GET', range?: string): Speaker {
  const headers = range === undefined ? {} : { Range: range };
  const sent = request(url, { method, headers, agent: false });
  const body = new Promise<string>((resolve) => {
    sent.on('error', () => resolve('cut off'));
    sent.on('response', (response) => {
      one.head = `${response.statusCode} ${response.headers['content-length']}`;
      buffer(response).then(
        (bytes) => resolve(printOf(bytes)),
        () => resolve('cut off'),
      );
    });
  });
  const one: Speaker = { head: null, body, leave: () => sent.destroy() };
  sent.end();
  return one;
}

/** Turns of the loop in which a request that is not held would long have been answered: another one was. */
async function settled(clock: FakeClock, base: string): Promise<void> {
  const other = speaker(`${base}/`);
  await other.body;
  await clock.advance(0);
}

async function house(bytes = 50_000) {
  const clock = createFakeClock();
  const started = await startServer({ clock });
  const sound = soundOf(bytes);
  const clip = await started.store.put('hello', sound);
  const heard: number[] = [];
  const tickets = (devices: number) =>
    started.server.ticketsFor(clip, devices, (device) => heard.push(device));
  return { ...started, clock, sound, clip, heard, tickets };
}

describe('rooms that fetch the same announcement', () => {
  it('all get their first byte when the last of six has asked', async () => {
    const { base, clock, sound, heard, tickets, log } = await house();
    const paths = tickets(6);
    expect(new Set(paths).size).toBe(6);
    const speakers = paths.slice(0, 5).map((path) => speaker(base + path));
    await eventually(() => heard.length === 5);
    await clock.advance(150);
    await settled(clock, base);
    expect(speakers.map(({ head }) => head)).toEqual([null, null, null, null, null]);
    const last = speaker(base + (paths[5] ?? ''));
    const bodies = await Promise.all([...speakers, last].map(({ body }) => body));
    expect(bodies).toEqual(Array(6).fill(printOf(sound.bytes)));
    expect(heard.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    expect(log.at('debug')).toEqual(['6 of 6 speakers have asked for a clip, 150 ms apart, and get it now.']);
    expect(clock.timers).toBe(0);
  });

  it('do not wait longer than 400 ms for one that does not come', async () => {
    const { base, clock, sound, heard, tickets } = await house();
    const paths = tickets(6);
    const speakers = paths.slice(0, 5).map((path) => speaker(base + path));
    await eventually(() => heard.length === 5 && clock.timers === 1);
    await clock.advance(399);
    await settled(clock, base);
    expect(speakers.map(({ head }) => head)).toEqual([null, null, null, null, null]);
    await clock.advance(1);
    const bodies = await Promise.all(speakers.map(({ body }) => body));
    expect(bodies).toEqual(Array(5).fill(printOf(sound.bytes)));
    const late = speaker(base + (paths[5] ?? ''));
    expect(await late.body).toBe(printOf(sound.bytes));
    expect(heard.at(-1)).toBe(5);
  });

  it('get their first bytes in one turn, before any of them gets the rest', async () => {
    const { store } = await openStore();
    const clip = await store.put('long', soundOf(8_000_000));
    const clock = createFakeClock();
    const server = createClipServer({
      host: '127.0.0.1',
      port: 0,
      store,
      clock,
      random: {
        id: (() => {
          let n = 0;
          return () => `ticket${n++}`;
        })(),
        fraction: () => 0,
      } satisfies Random,
      log: rememberedLog(),
    });
    onTestFinished(() => server.stop());
    const started = await server.start();
    if (!started.ok) throw new Error(started.error.message);
    const paths = server.ticketsFor(clip, 6, () => undefined);
    const order: number[] = [];
    const sockets = paths.map((path, device) => {
      const socket: Socket = connect(started.value.port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      socket.once('data', () => order.push(device));
      return socket;
    });
    // None of them reads on, so that one would be stuck in the middle of its sound if it had been served first.
    for (const socket of sockets) socket.once('data', () => socket.pause());
    await eventually(() => order.length === 6);
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4, 5]);
    for (const socket of sockets) socket.destroy();
  });

  it('count once each: asking for a part, asking again and asking for the head open nothing', async () => {
    const { base, clock, heard, tickets } = await house();
    const [one = '', other = ''] = tickets(2);
    const first = [speaker(base + one), speaker(base + one, 'GET', 'bytes=0-9'), speaker(base + one)];
    await eventually(() => heard.length === 1);
    const head = speaker(base + other, 'HEAD');
    await head.body;
    expect(head.head).toBe('200 50000');
    await settled(clock, base);
    expect(heard).toEqual([0]);
    expect(first.map((each) => each.head)).toEqual([null, null, null]);
    const second = speaker(base + other, 'GET', 'bytes=-10');
    await Promise.all([...first, second].map(({ body }) => body));
    expect(first.map((each) => each.head)).toEqual(['200 50000', '206 10', '200 50000']);
    expect(heard).toEqual([0, 1]);
  });

  it('are not let through by one that has left again', async () => {
    const { base, clock, heard, tickets, server, store, folder } = await house(500_000);
    await eventually(() => store.size().memoryBytes === 0);
    const [one = '', other = ''] = tickets(2);
    const forgotten = forgottenFiles();
    const gone = speaker(base + one);
    await eventually(() => heard.length === 1 && clock.timers === 1);
    if (existsSync('/proc/self/fd')) expect(openFilesIn(folder)).toBe(1);
    gone.leave();
    await eventually(() => clock.timers === 0 && openFilesIn(folder) === 0);
    expect(forgotten).toEqual([]);
    const left = speaker(base + other);
    await eventually(() => clock.timers === 1);
    await settled(clock, base);
    expect(left.head).toBeNull();
    const again = speaker(base + one);
    await Promise.all([left.body, again.body]);
    expect([left.head, again.head]).toEqual(['200 500000', '200 500000']);
    expect(heard).toEqual([0, 1]);
    expect(server.counters()).toEqual({ served: 2, refused: 1 });
  });

  it('wait for nobody when their ticket is unknown, of another clip, or older than ten minutes', async () => {
    const { base, clip, clock, store, heard, tickets, sound } = await house();
    const [ticket = ''] = tickets(2);
    const other = await store.put('other', soundOf(10));
    const id = ticket.split('/').at(-1);
    expect(await speaker(`${base}/${other.name}/${id}`).body).toBe(printOf(soundOf(10).bytes));
    expect(await speaker(`${base}/${clip.name}/unknown.wav`).body).toBe(printOf(sound.bytes));
    await clock.advance(599_999);
    const held = speaker(base + ticket);
    await eventually(() => clock.timers === 1);
    await clock.advance(400);
    expect(await held.body).toBe(printOf(sound.bytes));
    expect(heard).toEqual([0]);
    const [old = ''] = tickets(2);
    await clock.advance(600_000);
    expect(await speaker(base + old).body).toBe(printOf(sound.bytes));
    expect(heard).toEqual([0]);
  });

  it('are each told of once, by the path that only they have', async () => {
    const { base, heard, tickets } = await house();
    const paths = tickets(1);
    for (let turn = 0; turn < 3; turn += 1) await speaker(base + (paths[0] ?? '')).body;
    expect(heard).toEqual([0]);
    expect(tickets(0)).toEqual([]);
    expect(paths[0]).toMatch(/^\/[\w-]{43}\/[\w-]{22}\.wav$/);
  });

  it('are let go when the server stops, and nothing remains', async () => {
    const { base, clock, heard, tickets, server, sound } = await house();
    const waiting = speaker(base + (tickets(2)[0] ?? ''));
    await eventually(() => heard.length === 1 && clock.timers === 1);
    // The clock stands still: nobody has to be cut off.
    await server.stop();
    expect(await waiting.body).toBe(printOf(sound.bytes));
    expect(clock.timers).toBe(0);
  });

  it('are not stopped by a listener that fails: it is logged as the mistake that it is', async () => {
    const { base, server, clip, log } = await house();
    const [path = ''] = server.ticketsFor(clip, 1, () => {
      throw new Error('nobody home');
    });
    expect(await speaker(base + path).body).toBe('cut off');
    expect(log.lines).toMatchObject([{ level: 'error', fields: { error: 'nobody home' } }]);
    expect(await speaker(base + path).body).toMatch(/^50000 bytes/);
  });
});
