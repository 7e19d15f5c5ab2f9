import { createServer, type ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createReceiver } from '../../src/events/receiver.ts';
import { systemClock } from '../../src/system.ts';
import {
  BODY,
  CALLBACK,
  eventually,
  GROUP,
  HEADER_NAMES,
  HOUSEHOLD,
  headerLines,
  KEY,
  knows,
  openListener,
  openWire,
  recorded,
  recordingLog,
  request,
  signed,
} from './house.ts';

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0);

describe('a knock by Sonos', () => {
  it('is heard as the documentation describes it', async () => {
    const envelope: { headers: Record<string, string>; body: unknown; signatureTestKey: typeof KEY } =
      JSON.parse(recorded('doc.event-envelope.groupVolume'));
    const { port, events, clock, listener } = await openListener({
      credentials: () => envelope.signatureTestKey,
    });
    const answer = await fetch(`http://127.0.0.1:${port}${CALLBACK}`, {
      method: 'POST',
      headers: envelope.headers,
      body: JSON.stringify(envelope.body),
    });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({ 'content-length': '0' });
    expect(answer.headers.has('x-powered-by')).toBe(false);
    await eventually(() => events.length === 1);
    expect(events).toEqual([
      {
        household: HOUSEHOLD,
        namespace: 'groupVolume',
        type: 'groupVolume',
        target: GROUP,
        sequence: '1234',
        body: { volume: 16, muted: false, fixed: false },
        at: clock.now(),
      },
    ]);
    expect(listener.counters()).toMatchObject({ accepted: 1, lastEventAt: clock.now(), dropped: 0 });
  });

  it('is answered before anybody works on it', async () => {
    let response: ServerResponse | null = null;
    const answered: boolean[] = [];
    const receiver = createReceiver({
      credentials: () => KEY,
      accept: () => answered.push(response?.writableEnded === true),
      lost: () => undefined,
      knows,
      clock: systemClock,
      log: recordingLog(),
    });
    const server = createServer((req, res) => {
      response = res;
      receiver.handle(req, res);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    const address = server.address();
    const wire = await openWire(typeof address === 'object' ? (address?.port ?? 0) : 0);
    wire.send(request());
    expect(await wire.status()).toBe(200);
    await eventually(() => answered.length === 1);
    expect(answered).toEqual([true]);
  });

  it('may come in any number of pieces, chunked, and one behind the other', async () => {
    const { port, events } = await openListener();
    const wire = await openWire(port);
    for (const byte of request({ headers: signed({ sequence: '1' }) })) wire.send(Buffer.from([byte]));
    expect(await wire.status(1)).toBe(200);
    const chunked = request({
      headers: signed({ sequence: '2' }),
      lines: ['Transfer-Encoding: chunked'],
      body: `5\r\n${BODY.slice(0, 5)}\r\n${(BODY.length - 5).toString(16)};ext=1\r\n${BODY.slice(5)}\r\n0\r\n\r\n`,
    });
    const pipelined = ['3', '4', '5'].map((sequence) => request({ headers: signed({ sequence }) }));
    wire.send(Buffer.concat([chunked, ...pipelined]));
    expect(await wire.status(5)).toBe(200);
    await eventually(() => events.length === 5);
    expect(events.map((event) => event.sequence)).toEqual(['1', '2', '3', '4', '5']);
  });

  it('is heard by HTTP/1.0 as well, with any content type or none', async () => {
    const { port, events } = await openListener();
    for (const line of ['Content-Type: application/json', 'Content-Type: text/plain', 'X: y']) {
      const wire = await openWire(port);
      const text = request({ lines: [`Content-Length: ${BODY.length}`, line] }).toString('latin1');
      wire.send(text.replace('HTTP/1.1', 'HTTP/1.0'));
      expect(await wire.status()).toBe(200);
      await wire.closed();
    }
    await eventually(() => events.length === 3);
  });

  it('is told once too many when events come faster than they can be worked off', async () => {
    const { port, events, listener, losses } = await openListener({ maxWaiting: 5 });
    const wire = await openWire(port);
    // In one packet, so that all are parsed before the first is worked on.
    wire.send(
      Buffer.concat(
        Array.from({ length: 40 }, (_, index) => request({ headers: signed({ sequence: String(index) }) })),
      ),
    );
    expect(await wire.status(40)).toBe(200);
    await eventually(() => listener.counters().dropped + events.length === 40);
    const { dropped, accepted } = listener.counters();
    expect(dropped).toBeGreaterThan(0);
    expect(accepted).toBe(events.length);
    expect(events.at(-1)?.sequence).toBe('39');
    expect(losses()).toBeGreaterThanOrEqual(2);
  });
});

describe('a knock that is signed but means nothing here', () => {
  it.each([
    ['unknown_triple', signed({ namespace: 'homeTheater' }), BODY],
    ['unknown_household', signed({ household: 'Sonos_Elsewhere' }), BODY],
    ['unknown_target', signed({ target: 'RINCON_B8E937AAAAAA01400:9' }), BODY],
    ['body_not_json', signed(), '{'],
    ['body_not_json', signed(), ''],
    ['body_not_of_its_type', signed(), '[1]'],
    ['body_too_complex', signed(), '['.repeat(100_000) + ']'.repeat(100_000)],
  ] as const)('is answered with 200 and counted: %s', async (reason, headers, body) => {
    const { port, events, listener, log } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ headers, body }));
    wire.send(request({ headers, body }));
    expect(await wire.status(2)).toBe(200);
    await eventually(() => total(listener.counters().ignored) === 2);
    expect(listener.counters().ignored[reason]).toBe(2);
    expect(listener.counters()).toMatchObject({ accepted: 0, lastEventAt: null });
    expect(log.lines).toHaveLength(1);
    expect(events).toEqual([]);
  });
});

describe('a knock by somebody else', () => {
  it.each([
    ['no Sonos header at all', 'header_missing', null],
    ['a wrong signature', 'bad_signature', { ...signed(), signature: 'A'.repeat(43) }],
    ['a right signature of other headers', 'bad_signature', { ...signed(), sequence: '1235' }],
    ['half a signature', 'header_malformed', { ...signed(), signature: signed().signature.slice(0, 20) }],
  ] as const)('is refused with %s, before the body has come', async (_what, reason, headers) => {
    const { port, events, listener } = await openListener();
    const wire = await openWire(port);
    // The head alone: an answer proves that nobody waited for the body.
    wire.send(request({ headers, lines: ['Content-Length: 1000000000'], body: '' }));
    expect(await wire.status()).toBe(401);
    expect(await wire.closed()).toMatch(/\r\nContent-Length: 0\r\n[\s\S]*\r\n\r\n$/);
    expect(wire.received()).toMatch(/\r\nConnection: close\r\n/);
    expect(listener.counters().rejected[reason]).toBe(1);
    expect(events).toEqual([]);
  });

  it('is not let talk on', async () => {
    const { port } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ headers: null, lines: ['Transfer-Encoding: chunked'], body: '' }));
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(65_536)}\r\n`);
    let sent = 0;
    const talk = () => {
      while (!wire.socket.destroyed && sent < 1_000_000_000) {
        sent += chunk.length;
        if (!wire.socket.write(chunk)) return;
      }
    };
    wire.socket.on('drain', talk);
    talk();
    await wire.closed();
    // What the kernel took in before the connection was reset; nothing of it was waited for.
    expect(sent).toBeLessThan(50_000_000);
  });

  it('is not asked for its body when it would rather wait', async () => {
    const { port, events } = await openListener();
    const lines = ['Expect: 100-continue', `Content-Length: ${BODY.length}`];
    const stranger = await openWire(port);
    stranger.send(request({ headers: null, lines, body: '' }));
    expect(await stranger.status()).toBe(401);
    expect(await stranger.closed()).not.toContain('100 Continue');

    const sonos = await openWire(port);
    sonos.send(request({ lines, body: '' }));
    await sonos.until((text) => text.includes('HTTP/1.1 100 Continue\r\n\r\n'));
    sonos.send(BODY);
    expect(await sonos.status(2)).toBe(200);
    await eventually(() => events.length === 1);
  });

  it('is everybody while there is no key', async () => {
    const { port, events, listener, log } = await openListener({ credentials: () => null });
    const wire = await openWire(port);
    wire.send(request());
    expect(await wire.status()).toBe(401);
    expect(listener.counters().rejected.no_credentials).toBe(1);
    expect(log.lines[0]?.message).toContain('sonos.client_secret');
    expect(events).toEqual([]);
  });

  it('gains nothing by moving the borders between the headers of a captured event', async () => {
    const { port, events, listener } = await openListener();
    const genuine = signed({ namespace: 'playback', type: 'playbackStatus', sequence: '12' });
    const moved: Partial<typeof genuine>[] = [
      { sequence: '12p', namespace: 'layback' },
      { namespace: 'playbackplayback', type: 'Status' },
      { namespace: 'playbackp', type: 'laybackStatus' },
      { targetType: 'groupIdRINCON_', target: GROUP.slice('RINCON_'.length) },
      { targetType: 'groupIdRINCON', target: GROUP.slice('RINCON'.length) },
      { targetType: 'groupIdR', target: GROUP.slice(1) },
      { targetType: 'group', target: `Id${GROUP}` },
      { sequence: '1', namespace: '2playback' },
      { type: 'playbackStatusgroup', targetType: 'Id' },
    ];
    const body = recorded('event.playbackStatus.radio-stream-url');
    for (const change of moved) {
      const wire = await openWire(port);
      wire.send(request({ headers: { ...genuine, ...change }, body }));
      expect([200, 401]).toContain(await wire.status());
    }
    await eventually(() => {
      const { ignored, rejected } = listener.counters();
      return total(ignored) + total(rejected) === moved.length;
    });
    expect(listener.counters().accepted).toBe(0);
    expect(events).toEqual([]);
    const wire = await openWire(port);
    wire.send(request({ headers: genuine, body }));
    await eventually(() => events.length === 1);
  });
});

describe('the headers on the wire', () => {
  const wireLines = (headers = signed()): string => headerLines(headers);
  const replaced = (name: string, line: string): string =>
    wireLines().replace(new RegExp(`${name}: [^\\r]*\\r\\n`), `${line}\r\n`);
  const value = (field: keyof typeof HEADER_NAMES): string => signed()[field];

  const head = (lines: string): string =>
    `POST ${CALLBACK} HTTP/1.1\r\nHost: h\r\n${lines}Content-Length: ${BODY.length}\r\n\r\n${BODY}`;

  const doubled = Object.entries(HEADER_NAMES).flatMap(([field, name]) =>
    [name, name.toLowerCase(), name.toUpperCase()].flatMap((spelling) =>
      [value(field as keyof typeof HEADER_NAMES), 'x', ''].map(
        (second) =>
          [`${spelling}: ${second.slice(0, 8)}…`, `${wireLines()}${spelling}: ${second}\r\n`] as const,
      ),
    ),
  );

  it('are refused when any comes twice, in whatever spelling', async () => {
    const { port, events, listener } = await openListener();
    for (const [what, lines] of doubled) {
      const wire = await openWire(port);
      wire.send(head(lines));
      expect([what, await wire.status()]).toEqual([what, 401]);
    }
    expect(listener.counters().rejected.header_doubled).toBe(doubled.length);
    expect(events).toEqual([]);
  });

  it.each<[string, number, string]>([
    ['spaces and tabs around a value', 200, replaced('X-Sonos-Type', 'x-sonos-type: \t groupVolume \t')],
    ['names in capitals', 200, wireLines().replaceAll(/^X-Sonos[^:]*/gm, (name) => name.toUpperCase())],
    ['a hundred others', 200, `${'X-Other: 1\r\n'.repeat(100)}${wireLines()}`],
    ['two thousand others', 200, `${'a:1\r\n'.repeat(2_100)}${wireLines()}`],
    [
      'a doubled one behind two thousand others',
      401,
      `${wireLines()}${'a:1\r\n'.repeat(2_100)}X-Sonos-Type: x\r\n`,
    ],
    ['a tab inside a value', 401, replaced('X-Sonos-Type', 'X-Sonos-Type: group\tVolume')],
    ['Latin-1 in a value', 401, replaced('X-Sonos-Type', 'X-Sonos-Type: groupVolume\xe9')],
    ['a no-break space behind a value', 401, replaced('X-Sonos-Type', 'X-Sonos-Type: groupVolume\xa0')],
    ['an empty value', 401, replaced('X-Sonos-Type', 'X-Sonos-Type:')],
    ['a list in a value', 401, replaced('X-Sonos-Type', 'X-Sonos-Type: groupVolume, groupVolume')],
    ['an underscore for a hyphen', 401, replaced('X-Sonos-Type', 'X_Sonos_Type: groupVolume')],
    ['a folded line', 400, replaced('X-Sonos-Type', 'X-Sonos-Type: group\r\n Volume')],
    ['a space before the colon', 400, replaced('X-Sonos-Type', 'X-Sonos-Type : groupVolume')],
    ['a NUL', 400, replaced('X-Sonos-Type', 'X-Sonos-Type: groupVolume\x00')],
    ['a bare line feed', 400, replaced('X-Sonos-Type', 'X-Sonos-Type: groupVolume\nX-Other: 1')],
    ['a bare carriage return', 400, replaced('X-Sonos-Type', 'X-Sonos-Type: groupVolume\rX-Other: 1')],
    ['two lengths', 400, `${wireLines()}Content-Length: 3\r\n`],
    ['a length and chunks', 400, `${wireLines()}Transfer-Encoding: chunked\r\n`],
    ['a negative length', 400, `${wireLines()}Content-Length: -1\r\n`],
    ['more than 16 KiB', 431, `${wireLines()}X-Long: ${'x'.repeat(16_384)}\r\n`],
  ])('are answered as they should be with %s', async (_what, status, lines) => {
    const { port, events } = await openListener();
    const wire = await openWire(port);
    wire.send(head(lines));
    expect(await wire.status()).toBe(status);
    if (status === 200) await eventually(() => events.length === 1);
    else {
      await wire.closed();
      expect(events).toEqual([]);
    }
  });

  it('do not count at the end of a chunked body', async () => {
    const { port, events } = await openListener();
    const wire = await openWire(port);
    const without = wireLines().replace(/X-Sonos-Event-Signature: [^\r]*\r\n/, '');
    const chunked = 'Transfer-Encoding: chunked\r\nTrailer: X-Sonos-Event-Signature\r\n';
    const body = `${BODY.length.toString(16)}\r\n${BODY}\r\n0\r\nX-Sonos-Event-Signature: ${signed().signature}\r\n\r\n`;
    wire.send(`POST ${CALLBACK} HTTP/1.1\r\nHost: h\r\n${without}${chunked}\r\n${body}`);
    expect(await wire.status()).toBe(401);
    await wire.closed();
    expect(events).toEqual([]);
  });
});

describe('the body', () => {
  const MEBIBYTE = 1_048_576;
  const padded = (size: number): string => BODY.replace('{', `{${' '.repeat(size - BODY.length)}`);

  it('may have one mebibyte and not a byte more', async () => {
    const { port, events, listener } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ body: padded(MEBIBYTE) }));
    expect(await wire.status()).toBe(200);
    await eventually(() => events.length === 1);
    wire.send(request({ lines: [`Content-Length: ${MEBIBYTE + 1}`], body: '' }));
    expect(await wire.status(2)).toBe(413);
    await wire.closed();
    expect(listener.counters().rejected.body_too_large).toBe(1);
  });

  it('may not hide its length in chunks without end', async () => {
    const { port, events, listener } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ lines: ['Transfer-Encoding: chunked'], body: '' }));
    const chunk = Buffer.from(`4000\r\n${' '.repeat(16_384)}\r\n`);
    for (let count = 0; count <= MEBIBYTE / 16_384; count += 1) wire.send(chunk);
    expect(await wire.status()).toBe(413);
    await wire.closed();
    expect(listener.counters().rejected.body_too_large).toBe(1);
    expect(events).toEqual([]);
  });

  it.each(['gzip', 'br', 'deflate', 'identity, gzip', 'x'])('may not be compressed: %s', async (encoding) => {
    const { port, events, listener } = await openListener();
    const wire = await openWire(port);
    const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20));
    const lines = [`Content-Encoding: ${encoding}`, `Content-Length: ${bomb.length}`];
    // Without a byte of it: nothing is unpacked to find out.
    wire.send(request({ lines, body: '' }));
    expect(await wire.status()).toBe(415);
    await wire.closed();
    expect(listener.counters().rejected.body_encoded).toBe(1);
    expect(events).toEqual([]);
  });

  it.each(['identity', 'Identity', ''])('may say that it is not compressed: "%s"', async (encoding) => {
    const { port, events } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ lines: [`Content-Encoding: ${encoding}`, `Content-Length: ${BODY.length}`] }));
    expect(await wire.status()).toBe(200);
    await eventually(() => events.length === 1);
  });

  it('has no effect when it is longer than its length says, and the rest is not a request', async () => {
    const { port, events, listener } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ lines: ['Content-Length: 5'] }));
    // What is left of the body may reach Node before the answer to the first part was written.
    expect(await wire.closed()).toMatch(/^(HTTP\/1\.1 200 [\s\S]*)?HTTP\/1\.1 400 /);
    await eventually(() => {
      const { ignored, rejected } = listener.counters();
      return ignored.body_not_json + rejected.body_incomplete === 1;
    });
    expect(events).toEqual([]);
  });

  it.each([
    ['leaves', 'Content-Length: 1000', BODY, true],
    ['breaks a chunk', 'Transfer-Encoding: chunked', '5\r\n{"vol!!\r\n', false],
  ])('has no effect when its sender %s before the end', async (_what, line, body, leaves) => {
    const { port, events, listener } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ lines: [line], body }));
    if (leaves) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      wire.socket.destroy();
    }
    await eventually(() => listener.counters().rejected.body_incomplete === 1);
    expect(events).toEqual([]);
    expect(listener.counters().accepted).toBe(0);
  });
});

describe('the event path', () => {
  it.each(['GET', 'HEAD'])('answers %s with something harmless', async (method) => {
    const { port } = await openListener();
    const answer = await fetch(`http://127.0.0.1:${port}${CALLBACK}`, { method });
    const text = await answer.text();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-length')).toBe('38');
    expect(text).toBe(method === 'GET' ? 'This address takes events from Sonos.\n' : '');
  });

  it.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'])('does not know %s', async (method) => {
    const { port, events } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ method }));
    expect(await wire.status()).toBe(405);
    expect(await wire.closed()).toMatch(/\r\nAllow: GET, HEAD, POST\r\n/);
    expect(events).toEqual([]);
  });

  it('keeps the connection after every answer to a request without an unread body', async () => {
    const { port, events } = await openListener();
    const wire = await openWire(port);
    const steps: [Buffer, number][] = [
      [request(), 200],
      [request({ headers: null, body: '' }), 401],
      [request({ method: 'GET', headers: null, body: '' }), 200],
      [request({ method: 'HEAD', headers: null, body: '', lines: ['Content-Length: 0'] }), 200],
      [request({ method: 'DELETE', headers: null, body: '' }), 405],
      [request({ path: '/elsewhere', headers: null, body: '' }), 404],
      [request({ body: '' }), 200],
      [request({ headers: signed({ sequence: '1235' }) }), 200],
    ];
    for (const [index, [bytes, status]] of steps.entries()) {
      wire.send(bytes);
      expect([index, await wire.status(index + 1)]).toEqual([index, status]);
    }
    await eventually(() => events.length === 2);
  });
});
