import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { figure, sized } from '../support/figures.ts';
import { type BrokerProcess, type Measures, startBrokers } from './broker-child.ts';
import { internal } from './broker-fixtures.ts';
import { upgradeRequest } from './broker-noise-clients.ts';
import { type Attack, body, declared, inFrame, TCP_ATTACKS, WEBSOCKET_ATTACKS } from './broker-unfinished.ts';
import { connectOf, PINGREQ } from './broker-wire.ts';

const MIB = 1024 * 1024;
/** CONNACK and PINGRESP. */
const SERVED = '20020000d000';
const anna = { username: 'anna', password: 'secret' };
// As many as the broker takes: fifty from each address, two hundred in all. All of 127/8 is this machine on Linux.
const ADDRESSES =
  process.platform === 'linux' ? ['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.4'] : ['127.0.0.1'];
const CAP = 50 * ADDRESSES.length;
/** What no attack may make the process grow by, all of it counted. */
const GROWTH = 32 * MIB;

const closing = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });

async function knock(port: number, at: number): Promise<Socket> {
  const localAddress = ADDRESSES[at % ADDRESSES.length] ?? '127.0.0.1';
  const socket = dial({ port, host: '127.0.0.1', localAddress, noDelay: true });
  socket.on('error', () => undefined).resume();
  await once(socket, 'connect');
  return socket;
}

/** Sends until the broker closes, or everything was taken. */
async function pour(socket: Socket, { first, more, bytesEach }: Attack): Promise<void> {
  const gone = closing(socket);
  socket.write(first);
  for (let sent = 0; sent < bytesEach && !socket.destroyed; sent += more.length) {
    if (socket.write(more)) await wait(0);
    else await Promise.race([new Promise<void>((resolve) => socket.once('drain', () => resolve())), gone]);
  }
}

describe('clients that never finish their CONNECT', () => {
  let brokers: BrokerProcess;
  let before: Measures;
  let tcp = 0;
  let websocket = 0;
  let highest = 0;

  beforeAll(async () => {
    brokers = await startBrokers({
      host: '127.0.0.1',
      port: 0,
      websocketPort: 0,
      baseTopic: 'sonos',
      internal,
      users: [anna],
    });
    tcp = brokers.ports[0]?.port ?? 0;
    websocket = brokers.ports[0]?.websocketPort ?? 0;
    // What is loaded and compiled once is not what grows.
    for (const [port, attacks] of [
      [tcp, TCP_ATTACKS],
      [websocket, WEBSOCKET_ATTACKS],
    ] as const) {
      for (const attack of attacks) {
        const socket = await knock(port, 0);
        await pour(socket, { ...attack, bytesEach: 300_000 });
        socket.destroy();
      }
    }
    await expectServed();
    before = await brokers.measureAtRest();
  }, 60_000);

  afterAll(async () => {
    figure(
      'unfinished CONNECTs made the process grow at most by',
      `${(highest / MIB).toFixed(1)} MiB, bound ${GROWTH / MIB} MiB`,
    );
    await brokers.stop();
  });

  async function ask(): Promise<string> {
    const socket = await knock(tcp, 0);
    const gone = closing(socket);
    let heard = '';
    const answered = new Promise<void>((resolve) => {
      socket.on('data', (chunk: Buffer) => {
        heard += chunk.toString('hex');
        if (heard.length >= SERVED.length) resolve();
      });
    });
    socket.write(Buffer.concat([connectOf({ clientId: 'anna', ...anna }), PINGREQ]));
    await Promise.race([answered, gone]);
    socket.destroy();
    return heard;
  }

  /** A place may become free a moment after its client has seen the connection close. */
  async function expectServed(): Promise<void> {
    await vi.waitFor(async () => expect(await ask()).toBe(SERVED), 10_000);
  }

  async function expectNotGrown(): Promise<void> {
    const growth = (await brokers.peak()) - before.rss;
    highest = Math.max(highest, growth);
    expect(growth).toBeLessThan(GROWTH);
  }

  async function attackWith(port: number, attack: Attack): Promise<void> {
    await brokers.peak();
    const sockets = await Promise.all(Array.from({ length: attack.sockets }, (_, at) => knock(port, at)));
    await Promise.all(sockets.map((socket) => pour(socket, attack)));
    // Whoever is not closed for what it said is closed for what it did not say.
    for (const socket of sockets) await closing(socket);
    await expectNotGrown();
    await expectServed();
  }

  test.each(TCP_ATTACKS.map((attack) => [attack.name, attack] as const))(
    '%s by TCP',
    { timeout: 60_000 },
    async (_name, attack) => {
      await attackWith(tcp, attack);
    },
  );

  test.each(WEBSOCKET_ATTACKS.map((attack) => [attack.name, attack] as const))(
    '%s by WebSocket',
    { timeout: 60_000 },
    async (_name, attack) => {
      await attackWith(websocket, attack);
    },
  );

  /** All but the last byte of the largest CONNECT that is let through. */
  const almost = Buffer.concat([declared(8_192), body]).subarray(0, 8_194);
  const SLOW: readonly [string, 'tcp' | 'websocket', Buffer, (piece: Buffer) => Buffer][] = [
    ['drip in by TCP', 'tcp', Buffer.alloc(0), (piece) => piece],
    ['drip in by WebSocket', 'websocket', upgradeRequest(), inFrame],
    [
      'drip in as HTTP',
      'websocket',
      Buffer.from('GET / HTTP/1.1\r\nx: '),
      (piece) => Buffer.alloc(piece.length, 0x79),
    ],
  ];

  test.each(SLOW)(
    'as many as the broker takes, whose bytes %s, are closed after five seconds',
    { timeout: 240_000 },
    async (_name, way, first, wrap) => {
      for (let round = 0; round < sized(1, 8); round += 1) {
        await brokers.peak();
        const port = way === 'tcp' ? tcp : websocket;
        const sockets = await Promise.all(Array.from({ length: CAP }, (_, at) => knock(port, at)));
        const extra = await knock(port, 0);
        await closing(extra);
        for (const socket of sockets) if (first.length > 0) socket.write(first);
        for (let at = 0; at < almost.length; at += 512) {
          const piece = wrap(almost.subarray(at, at + 512));
          for (const socket of sockets) if (socket.writable) socket.write(piece);
          await wait(50);
        }
        expect((await brokers.measure()).sockets).toBe(CAP);
        await expectNotGrown();
        for (const socket of sockets) await closing(socket);
        await expectServed();
      }
      figure(`clients at once whose bytes ${_name}`, CAP);
    },
  );

  test('and in the end nothing is left of any of them', async () => {
    const after = await brokers.measureAtRest(before.timers);
    expect({ sockets: after.sockets, connections: after.connections }).toEqual({
      sockets: 0,
      connections: 0,
    });
    expect(after.timers).toBeLessThanOrEqual(before.timers);
    expect(after.heap + after.buffers - before.heap - before.buffers).toBeLessThan(4 * MIB);
    expect(after.lines.error).toBe(0);
    expect(after.warnings).toEqual([]);
  });
});
