import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import type { AuthenticateError } from 'aedes';
import { describe, expect, it, vi } from 'vitest';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { findProgram } from '../support/programs.ts';
import {
  AVAILABILITY,
  afterwards,
  closeAfterwards,
  fasterClock,
  hasComeUp,
  isUp,
  keptBy,
  listening,
  startAedes,
  startLink,
} from './link-fixtures.ts';

const openssl = findProgram('openssl');
const V4 = { protocolVersion: 4 } as const;

const socketsTo = (port: number, sockets: readonly unknown[]) =>
  sockets.filter((socket) => socket instanceof Socket && socket.remotePort === port);

function refusal(returnCode: number): AuthenticateError {
  return Object.assign(new Error('refused'), { returnCode });
}

describe('with aedes, which speaks 3.1.1 only, the link', () => {
  it('falls back without a warning and without a pause', async () => {
    const { url } = await startAedes();
    // By this clock a pause would take an hour.
    const test = startLink({ url, clock: fasterClock(0.0005) });
    await isUp(test);
    expect(test.link.status).toEqual({ connected: true, protocol: 4 });
    test.link.outbox.retain('sonos/home', 'here');
    expect((await keptBy(url, 2, V4)).get('sonos/home')).toBe('here');
    expect(test.log.said()).toEqual([`Connected to the MQTT broker at ${url} with MQTT 3.1.1.`]);
    expect(test.log.lines[0]?.message).toContain('did not take MQTT 5');
  });

  it('does not fall back when 5 is forced, and says what to do', async () => {
    const { url } = await startAedes();
    const test = startLink({ url, protocol: 5, clock: fasterClock(50) });
    await expect.poll(() => test.log.said()).toEqual([expect.stringContaining('Set mqtt.protocol to auto')]);
    expect(test.link.status.connected).toBe(false);
  });

  it('gets in when the broker refuses for a while and then does not, with one line for each', async () => {
    const { broker, url } = await startAedes();
    let refusals = 0;
    broker.authenticate = (_client, username, password, done) => {
      if (refusals < 8) {
        refusals += 1;
        done(refusal(refusals < 5 ? 4 : 5), false);
      } else done(null, username === 'bridge' && password?.toString() === 'pass:word');
    };
    const test = startLink({
      url: url.replace('//', '//bridge:pass%3Aword@'),
      clock: fasterClock(50),
      filters: [],
    });
    await isUp(test);
    expect(refusals).toBe(8);
    expect(test.log.said()).toEqual([
      expect.stringContaining('Bad username or password'),
      expect.stringContaining('Not authorized'),
      `Connected to the MQTT broker at ${url} with MQTT 3.1.1.`,
    ]);
    expect(JSON.stringify(test.log.lines)).not.toContain('pass:word');
  });

  it('uses the client id it was given, or keeps one of its own', async () => {
    const { broker, url, hangUp } = await startAedes();
    const ids: string[] = [];
    broker.on('client', ({ id }) => ids.push(id));
    const named = startLink({ url, clientId: 'my-bridge' });
    await isUp(named);
    await named.link.stop();
    const own = startLink({ url, clock: fasterClock(20) });
    await isUp(own);
    hangUp();
    await hasComeUp(own, 2);
    expect(ids[0]).toBe('my-bridge');
    expect(ids[1]).toMatch(/^sonos-mqtt-bridge-[A-Za-z0-9]{8}$/);
    expect(ids[2]).toBe(ids[1]);
  });

  it('says which subscription is refused, and shows the state all the same', async () => {
    const { broker, url } = await startAedes();
    broker.authorizeSubscribe = (_client, subscription, done) =>
      done(null, subscription.topic.includes('+') ? null : subscription);
    const test = startLink({ url, filters: ['sonos/+/+/set/#', 'sonos/bridge/set/#'] });
    await isUp(test);
    expect(test.log.said()).toEqual([
      expect.stringContaining('Connected'),
      expect.stringContaining('refused the subscription to sonos/+/+/set/#.'),
    ]);
    expect((await keptBy(url, 1, V4)).get(AVAILABILITY)).toBe('online');
  });

  it('publishes a topic of a hundred levels, and refuses the one that would cost the connection', async () => {
    const { url } = await startAedes();
    const test = startLink({ url });
    await isUp(test);
    test.link.outbox.retain(`sonos/${'x/'.repeat(98)}x`, 'deep');
    test.link.outbox.retain(`sonos/${'x/'.repeat(99)}x`, 'too deep');
    expect([...(await keptBy(url, 2, V4)).values()].sort()).toEqual(['deep', 'online']);
    expect(test.statuses).toHaveLength(1);
  });

  it('lets a bug in a listener reach the process, and goes on with the next message', async () => {
    const { broker, url } = await startAedes();
    const test = startLink({ url });
    const got: string[] = [];
    test.link.onMessage(({ topic }) => {
      got.push(topic);
      if (topic.endsWith('/bug')) throw new Error('a bug in the reader');
    });
    await isUp(test);
    const others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const bugs: unknown[] = [];
    process.once('uncaughtException', (bug) => bugs.push(bug));
    try {
      for (const name of ['bug', 'next']) {
        broker.publish(
          {
            cmd: 'publish',
            topic: `sonos/home/kitchen/set/${name}`,
            payload: 'x',
            qos: 1,
            retain: false,
            dup: false,
          },
          () => {},
        );
      }
      await expect.poll(() => got).toEqual(['sonos/home/kitchen/set/bug', 'sonos/home/kitchen/set/next']);
      await expect.poll(() => bugs).toEqual([new Error('a bug in the reader')]);
    } finally {
      for (const listener of others) process.on('uncaughtException', listener);
    }
    expect(test.link.status.connected).toBe(true);
  });

  it('is harmless when it is stopped before it started, or while it connects', async () => {
    const { url } = await startAedes();
    const early = startLink({ url });
    await early.link.stop();
    early.link.start();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(early.statuses).toEqual([]);
    expect(early.log.said()).toEqual([]);
  });
});

describe('the socket', () => {
  it("has Nagle's algorithm switched off, on every new connection", async () => {
    const switched = vi.spyOn(Socket.prototype, 'setNoDelay');
    afterwards(() => switched.mockRestore());
    const { port, url, hangUp } = await startAedes();
    const test = startLink({ url, clock: fasterClock(20) });
    await isUp(test);
    hangUp();
    await hasComeUp(test, 2);
    const sockets = switched.mock.contexts.filter((_, index) => switched.mock.calls[index]?.[0] === true);
    // The first was the attempt with MQTT 5, whose socket has no peer any more.
    expect(sockets.length).toBeGreaterThanOrEqual(3);
    expect(socketsTo(port, sockets)).toHaveLength(1);
  });

  it('gets everything that was published in one turn in one write', async () => {
    const { port, url } = await startAedes();
    const test = startLink({ url });
    await isUp(test);
    await keptBy(url, 1, V4);
    const many = vi.spyOn(Socket.prototype, '_writev');
    const one = vi.spyOn(Socket.prototype, '_write');
    afterwards(() => many.mockRestore());
    afterwards(() => one.mockRestore());
    for (let index = 0; index < 50; index += 1) {
      test.link.outbox.retain(`sonos/home/room-${index}`, 'x');
      // The same turn of the event loop, but another tick: mqtt.js alone would write each by itself.
      await new Promise<void>((resolve) => process.nextTick(resolve));
    }
    await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
    expect(socketsTo(port, many.mock.contexts)).toHaveLength(1);
    expect(socketsTo(port, one.mock.contexts)).toHaveLength(0);
    expect((await keptBy(url, 51, V4)).size).toBe(51);
  });
});

async function certificates() {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  afterwards(() => rm(folder, { recursive: true, force: true }));
  const run = (...args: string[]) => promisify(execFile)(openssl ?? 'openssl', args, { cwd: folder });
  const authority = (name: string) =>
    run(
      ...[
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:prime256v1',
        '-nodes',
        '-days',
        '2',
      ],
      ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.pem`],
    );
  const signed = async (name: string, alternative: string) => {
    await writeFile(join(folder, `${name}.ext`), `subjectAltName=${alternative}\n`);
    await run(
      ...['req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-subj', `/CN=${name}`, '-keyout', `${name}.key`, '-out', `${name}.csr`],
    );
    await run(
      ...['x509', '-req', '-in', `${name}.csr`, '-CA', 'house.pem', '-CAkey', 'house.key', '-CAcreateserial'],
      ...['-days', '2', '-extfile', `${name}.ext`, '-out', `${name}.pem`],
    );
  };
  await authority('house');
  await authority('stranger');
  await signed('broker', 'DNS:localhost');
  await signed('bridge', 'DNS:bridge');
  const path = (name: string) => join(folder, name);
  return { path, read: (name: string) => readFile(path(name)) };
}

async function startTlsAedes({ read }: Awaited<ReturnType<typeof certificates>>) {
  const { broker } = await startAedes();
  const names: string[] = [];
  const server = createTlsServer(
    {
      ca: await read('house.pem'),
      cert: await read('broker.pem'),
      key: await read('broker.key'),
      requestCert: true,
      rejectUnauthorized: false,
    },
    (socket) => {
      const name = socket.getPeerCertificate().subject?.CN;
      names.push(typeof name === 'string' ? name : 'nobody');
      broker.handle(socket);
    },
  );
  closeAfterwards(server);
  return { port: await listening(server), names };
}

describe.skipIf(openssl === null)('TLS', () => {
  it('connects with the authority from the file, shows our own certificate, and has no delay', async () => {
    const switched = vi.spyOn(Socket.prototype, 'setNoDelay');
    afterwards(() => switched.mockRestore());
    const files = await certificates();
    const { port, names } = await startTlsAedes(files);
    const test = startLink({
      url: `mqtts://localhost:${port}`,
      tls: { ca: files.path('house.pem'), cert: files.path('bridge.pem'), key: files.path('bridge.key') },
    });
    await isUp(test);
    expect(names.at(-1)).toBe('bridge');
    expect(socketsTo(port, switched.mock.contexts)).toHaveLength(1);
  });

  it('refuses a certificate of another authority, or for another host, and takes a corrected file without a restart', async () => {
    const files = await certificates();
    const { port } = await startTlsAedes(files);
    await writeFile(files.path('ca.pem'), await files.read('stranger.pem'));
    const test = startLink({
      url: `mqtts://localhost:${port}`,
      tls: { ca: files.path('ca.pem') },
      clock: fasterClock(20),
    });
    const wrongHost = startLink({
      url: `mqtts://127.0.0.1:${port}`,
      tls: { ca: files.path('house.pem') },
      clock: fasterClock(20),
    });
    await expect.poll(() => test.log.said()).toEqual([expect.stringContaining('mqtt.tls.ca')]);
    await expect
      .poll(() => wrongHost.log.said())
      .toEqual([expect.stringContaining("not in the cert's list")]);
    await writeFile(files.path('ca.pem'), await files.read('house.pem'));
    await isUp(test);
    expect(wrongHost.link.status.connected).toBe(false);
  });

  it('says so when a file is missing or is no certificate, and goes on when it is there', async () => {
    const files = await certificates();
    const { port } = await startTlsAedes(files);
    const clock = fasterClock(20);
    const missing = files.path('later.pem');
    const test = startLink({ url: `mqtts://localhost:${port}`, tls: { ca: missing }, clock });
    const key = files.path('house.pem');
    const odd = startLink({ url: `mqtts://localhost:${port}`, tls: { ca: key, cert: key, key }, clock });
    await expect.poll(() => test.log.said()).toEqual([expect.stringContaining('later.pem')]);
    await expect.poll(() => odd.log.said()).toEqual([expect.stringContaining('names a readable PEM file')]);
    await writeFile(missing, await files.read('house.pem'));
    await isUp(test);
  });
});

describe('WebSockets', () => {
  it('carry the link like TCP does, without delay', async () => {
    const switched = vi.spyOn(Socket.prototype, 'setNoDelay');
    afterwards(() => switched.mockRestore());
    const { broker } = await startAedes();
    const server = createHttpServer();
    const sockets = new WebSocketServer({ server, path: '/mqtt' });
    sockets.on('connection', (socket, request) => {
      broker.handle(createWebSocketStream(socket), request);
    });
    closeAfterwards(server);
    const port = await listening(server);
    const test = startLink({ url: `ws://127.0.0.1:${port}/mqtt?token=geheim` });
    await isUp(test);
    test.link.outbox.retain('sonos/home', 'here');
    expect((await keptBy(`ws://127.0.0.1:${port}/mqtt`, 2, V4)).get('sonos/home')).toBe('here');
    expect(socketsTo(port, switched.mock.contexts)).toHaveLength(1);
    expect(JSON.stringify(test.log.lines)).not.toContain('geheim');
    await test.link.stop();
    expect((await keptBy(`ws://127.0.0.1:${port}/mqtt`, 2, V4)).get(AVAILABILITY)).toBe('offline');
  });

  it('that lead nowhere are explained', async () => {
    const server = createHttpServer((_request, response) => response.writeHead(404).end());
    closeAfterwards(server);
    const test = startLink({ url: `ws://127.0.0.1:${await listening(server)}/wrong` });
    await expect.poll(() => test.log.said()).toEqual([expect.stringContaining('404')]);
  });
});
