import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createAddressCap } from '../../src/events/address-cap.ts';
import { LISTENER_LIMITS } from '../../src/events/http-server.ts';
import { createPublicListener } from '../../src/events/listener.ts';
import {
  askWithoutReading,
  BODY,
  CALLBACK,
  eventually,
  KEY,
  openListener,
  openWire,
  REDIRECT,
  recordingLog,
  request,
  signed,
  steppingClock,
  type Wire,
} from './house.ts';

const wires = (port: number, count: number): Promise<Wire[]> =>
  Promise.all(Array.from({ length: count }, () => openWire(port)));

describe('the public listener', () => {
  it('tells its secret path from every other', async () => {
    const { port, events } = await openListener();
    const paths: [string, number][] = [
      [CALLBACK, 200],
      [`${CALLBACK}?token=1`, 200],
      [`${CALLBACK}?`, 200],
      [`${CALLBACK}/`, 404],
      [CALLBACK.slice(0, -1), 404],
      [`${CALLBACK.slice(0, -1)}X`, 404],
      [CALLBACK.toUpperCase(), 404],
      [`/${CALLBACK}`, 404],
      [`/.${CALLBACK}`, 404],
      [CALLBACK.replace('0', '%30'), 404],
      [`http://bridge.example.org${CALLBACK}`, 404],
      ['/', 404],
      ['/%', 404],
      ['*', 404],
      [`${CALLBACK};x`, 404],
      [`${CALLBACK}#x`, 404],
    ];
    for (const [path, status] of paths) {
      const wire = await openWire(port);
      wire.send(request({ path }));
      expect([path, await wire.status()]).toEqual([path, status]);
    }
    await eventually(() => events.length === 3);
  });

  it('has nothing to say elsewhere, and does not let strangers talk on there', async () => {
    const { port } = await openListener();
    const wire = await openWire(port);
    wire.send(request({ path: '/login', lines: ['Content-Length: 1000000000'], body: '' }));
    expect(await wire.status()).toBe(404);
    const text = await wire.closed();
    expect(text).toMatch(/\r\n\r\n$/);
    expect(text).not.toMatch(/x-powered-by|etag|express/i);
  });

  it('believes no header that a proxy could have added', async () => {
    const { port, events } = await openListener({ cap: createAddressCap(2, () => true) });
    const one = await openWire(port);
    for (let count = 1; count <= 5; count += 1) {
      const forged = [
        `X-Forwarded-For: 10.0.0.${count}`,
        `X-Forwarded-Prefix: ${CALLBACK}`,
        'X-Forwarded-Proto: http',
      ];
      one.send(request({ lines: [`Content-Length: ${BODY.length}`, ...forged] }));
      expect(await one.status(count)).toBe(200);
      const other = await openWire(port);
      other.send(request({ path: '/', lines: [`Content-Length: ${BODY.length}`, ...forged] }));
      expect(await other.status()).toBe(404);
    }
    await eventually(() => events.length === 5);
  });

  it('says what to do when its port is taken', async () => {
    const { port } = await openListener();
    const second = createPublicListener({
      host: '127.0.0.1',
      port,
      callbackPath: CALLBACK,
      credentials: () => KEY,
      accept: () => undefined,
      lost: () => undefined,
      knows: () => true,
      redirect: null,
      clock: steppingClock(),
      log: recordingLog(),
    });
    const started = await second.start();
    expect(started).toMatchObject({ ok: false, error: { reason: 'port_in_use' } });
    if (!started.ok) expect(started.error.message).toContain(String(port));
    await second.stop();
  });

  it('stops within a second whatever is open, and hands on what it has answered', async () => {
    const { port, listener, events } = await openListener();
    const [resting, silent, halfway, slow] = await wires(port, 4);
    if (!resting || !silent || !halfway || !slow) throw new Error('four were asked for');
    resting.send(request({ headers: signed({ sequence: '1' }) }));
    await resting.status();
    halfway.send('POST /');
    slow.send(request({ lines: ['Content-Length: 100'], body: '{' }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    resting.send(request({ headers: signed({ sequence: '2' }) }));
    await resting.status(2);
    const before = performance.now();
    await Promise.all([listener.stop(), listener.stop()]);
    expect(performance.now() - before).toBeLessThan(1_000);
    expect(events.map((event) => event.sequence)).toEqual(['1', '2']);
    await Promise.all([resting, silent, halfway, slow].map((wire) => wire.closed()));
    const refused = await new Promise<string | undefined>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      socket.on('connect', () => resolve('connected'));
    });
    expect(refused).toBe('ECONNREFUSED');
  });

  it('loses none of the events that it has answered when it stops', async () => {
    const handedOn: string[] = [];
    const { port, listener } = await openListener({
      accept: ({ sequence }) => {
        const end = performance.now() + 0.4;
        while (performance.now() < end);
        handedOn.push(sequence ?? '');
      },
    });
    const sequences = Array.from({ length: 600 }, (_, index) => String(index));
    const wire = await openWire(port);
    wire.send(Buffer.concat(sequences.map((sequence) => request({ headers: signed({ sequence }) }))));
    await wire.status(sequences.length);
    wire.socket.destroy();
    await listener.stop();
    expect(handedOn).toEqual(sequences);
  });
});

describe('somebody who takes up room', () => {
  it('does not keep Sonos out with two hundred half-open connections, which are closed in time', async () => {
    const { port, events } = await openListener();
    const loris = await wires(port, 200);
    for (const [index, wire] of loris.entries()) {
      if (index % 3 === 0) wire.send('POST ');
      if (index % 3 === 1) wire.send(`POST ${CALLBACK} HTTP/1.1\r\nHost: h\r\nX-Sonos-Ty`);
    }
    const drip = setInterval(() => {
      for (const wire of loris) if (wire.socket.writable) wire.send('x');
    }, 1_000);
    const before = performance.now();
    const sonos = await openWire(port);
    sonos.send(request());
    expect(await sonos.status()).toBe(200);
    expect(performance.now() - before).toBeLessThan(1_000);
    await Promise.all(loris.map((wire) => wire.closed(15_000)));
    clearInterval(drip);
    expect(performance.now() - before).toBeLessThan(10_000);
    // The honest connection rests meanwhile and is still there.
    sonos.send(request({ headers: signed({ sequence: '1235' }) }));
    expect(await sonos.status(2)).toBe(200);
    await eventually(() => events.length === 2);
  }, 30_000);

  it('is cut off when the body takes too long', async () => {
    const limits = { ...LISTENER_LIMITS, headersMs: 200, requestMs: 300, checkEveryMs: 50 };
    const { port, events, listener } = await openListener({ limits });
    const wire = await openWire(port);
    wire.send(request({ lines: ['Content-Length: 100'], body: '{' }));
    const drip = setInterval(() => {
      if (wire.socket.writable) wire.send(' ');
    }, 20);
    expect(await wire.status()).toBe(408);
    await wire.closed();
    clearInterval(drip);
    await eventually(() => listener.counters().rejected.body_incomplete === 1);
    expect(events).toEqual([]);
  });

  it('is cut off when the answers are never read', async () => {
    // The other deadlines are for requests that do not end; these do.
    const limits = { ...LISTENER_LIMITS, headersMs: 60_000, requestMs: 60_000, stalledMs: 300 };
    const { port, events } = await openListener({ limits });
    const wire = await openWire(port);
    await askWithoutReading(wire, request({ method: 'GET', headers: null, body: '' }));
    const sonos = await openWire(port);
    sonos.send(request());
    expect(await sonos.status()).toBe(200);
    await eventually(() => events.length === 1);
  }, 60_000);

  it('has no more connections from one address than it may have', async () => {
    const { port, listener, log } = await openListener({ cap: createAddressCap(3, () => true) });
    const [first, ...others] = await wires(port, 3);
    const surplus = await wires(port, 4);
    await Promise.all(surplus.map((wire) => wire.closed()));
    await eventually(() => listener.counters().connectionsRefused === 4);
    expect(log.lines.filter((line) => line.level === 'warn')).toHaveLength(1);
    for (const wire of others) {
      wire.send(request({ headers: null, body: '' }));
      expect(await wire.status()).toBe(401);
    }
    first?.socket.destroy();
    await eventually(() => first?.socket.closed === true);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const next = await openWire(port);
    next.send(request({ headers: null, body: '' }));
    expect(await next.status()).toBe(401);
  });

  it('makes room when all places are taken by connections that rest', async () => {
    const limits = { ...LISTENER_LIMITS, connections: 5 };
    const { port, listener, events } = await openListener({ limits });
    const resting = await wires(port, 5);
    for (const wire of resting) {
      wire.send(request({ method: 'GET', headers: null, body: '' }));
      expect(await wire.status()).toBe(200);
    }
    const refused = await openWire(port);
    await refused.closed();
    await Promise.all(resting.map((wire) => wire.closed()));
    expect(listener.counters().connectionsRefused).toBe(1);
    const sonos = await openWire(port);
    sonos.send(request());
    expect(await sonos.status()).toBe(200);
    await eventually(() => events.length === 1);
  });
});

describe('the login redirect', () => {
  const html = '<!doctype html><title>Linked</title>';
  const open = async (handle = async (_query: URLSearchParams) => ({ status: 200, html })) => {
    const queries: string[] = [];
    const opened = await openListener({
      redirect: {
        path: REDIRECT,
        styleSource: "'sha256-x'",
        handle: (query) => {
          queries.push(query.toString());
          return handle(query);
        },
      },
    });
    return { ...opened, queries, url: `http://127.0.0.1:${opened.port}${REDIRECT}` };
  };

  it('shows the page, which may load nothing and is kept nowhere', async () => {
    const { url, queries } = await open();
    const answer = await fetch(`${url}?code=a%20b&state=s`);
    expect([answer.status, await answer.text()]).toEqual([200, html]);
    expect(queries).toEqual(['code=a+b&state=s']);
    const headers = Object.fromEntries(answer.headers);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-x'; .*frame-ancestors 'none'$/,
      ),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    });
    expect(headers).not.toHaveProperty('etag');
    expect(headers).not.toHaveProperty('x-powered-by');
  });

  it('answers with the status of the page, also without a query', async () => {
    const { url, queries } = await open(async () => ({ status: 400, html }));
    expect((await fetch(url)).status).toBe(400);
    expect(queries).toEqual(['']);
  });

  it.each([
    ['HEAD', ''],
    ['POST', ''],
    ['OPTIONS', ''],
    ['GET', '/'],
    ['GET', 'x'],
  ])('uses up no code for %s at the path and "%s"', async (method, more) => {
    const { url, queries } = await open();
    const answer = await fetch(`${url}${more}?code=a`, { method });
    expect([answer.status, await answer.text()]).toEqual([404, '']);
    expect(queries).toEqual([]);
  });

  it('is case-sensitive, and not there when it is not wanted', async () => {
    const { url } = await open();
    expect((await fetch(url.replace('oauth', 'OAuth'))).status).toBe(404);
    const { port } = await openListener();
    expect((await fetch(`http://127.0.0.1:${port}${REDIRECT}`)).status).toBe(404);
  });

  it('survives a page that fails, and tells nobody the code', async () => {
    const { url, log } = await open(async (query) => {
      throw new TypeError(`cannot use ${query.get('code')}`);
    });
    const answer = await fetch(`${url}?code=topsecret`);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(log.lines).toMatchObject([
      { level: 'error', fields: { at: expect.stringContaining('TypeError') } },
    ]);
    expect(JSON.stringify(log.lines)).not.toContain('topsecret');
  });

  it('takes a failure that is no error for one as well', async () => {
    const { url, log } = await open(() => Promise.reject('topsecret'));
    expect((await fetch(url)).status).toBe(500);
    expect(log.lines).toMatchObject([{ fields: { at: 'string' } }]);
  });
});
