import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createFoldedLine } from '../../src/mqtt/folded-log.ts';
import {
  CONNACK_ACCEPTED,
  closed,
  connectPacket,
  createStillClock,
  type House,
  listenTo,
  openHouse,
  packet,
  publishPacket,
} from './broker-fixtures.ts';

const MIB = 1024 * 1024;

/** The house still works: a new client connects, publishes and receives. */
async function expectAlive(house: House): Promise<void> {
  const client = await house.client();
  const heard = listenTo(client);
  await client.subscribeAsync('alive', { qos: 1 });
  await client.publishAsync('alive', 'yes', { qos: 1 });
  await vi.waitFor(() => expect(heard).toEqual(['alive=yes']));
  await client.endAsync();
}

/** Writes until the other side has closed, or until so many bytes have been taken. */
async function pour(socket: Socket, chunk: Buffer, bytes: number): Promise<void> {
  const gone = closed(socket);
  for (let sent = 0; sent < bytes && !socket.destroyed; sent += chunk.length) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain').catch(() => undefined), gone]);
  }
}

describe('memory', () => {
  test('ten clients that never finish a CONNECT of 20 MiB grow nothing', async () => {
    const house = await openHouse();
    const sockets = await Promise.all(Array.from({ length: 10 }, () => house.socket()));
    const before = process.memoryUsage().rss;
    await Promise.all(
      sockets.map(async (socket) => {
        socket.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x0a]));
        await pour(socket, Buffer.alloc(64 * 1024), 20 * MIB);
      }),
    );
    await vi.waitFor(() => expect(sockets.every(({ destroyed }) => destroyed)).toBe(true));
    expect(process.memoryUsage().rss - before).toBeLessThan(15 * MIB);
    // Refused at the fifth byte: no socket got rid of more than the system's own buffers hold.
    for (const { bytesWritten } of sockets) expect(bytesWritten).toBeLessThan(10 * MIB);
    await expectAlive(house);
  });

  test('clients that stall one byte before the end of CONNECT are closed after five seconds', async () => {
    const house = await openHouse();
    const sockets = await Promise.all(Array.from({ length: 40 }, () => house.socket()));
    const gone = Promise.all(sockets.map((socket) => closed(socket)));
    const connect = connectPacket('stall', 8_000);
    for (const socket of sockets) socket.write(connect.subarray(0, -1));
    await vi.waitFor(() => expect(house.clock.waiting).toBe(40));
    house.clock.move(5_000);
    await gone;
    expect(house.clock.waiting).toBe(0);
    await expectAlive(house);
  });

  test('a client that sends on and on without being let in is not read', async () => {
    const house = await openHouse({ users: [{ username: 'anna', password: 'secret' }] });
    const socket = await house.socket();
    socket.write(connectPacket('stranger'));
    await pour(socket, publishPacket('a', Buffer.alloc(60_000)), 20 * MIB);
    await vi.waitFor(() => expect(socket.destroyed).toBe(true));
    expect(socket.bytesWritten).toBeLessThan(10 * MIB);
  });

  test('a later packet over 256 KiB closes the connection; one of 256 KiB is delivered', async () => {
    const house = await openHouse();
    const listener = await house.client();
    await listener.subscribeAsync('big');
    const heard = listenTo(listener);
    const sender = await house.client();
    await sender.publishAsync('big', 'x'.repeat(256 * 1024 - 10), { qos: 1 });
    await vi.waitFor(() => expect(heard).toHaveLength(1));
    const gone = closed(sender);
    sender.publish('big', 'x'.repeat(256 * 1024));
    await gone;
    await expectAlive(house);
    expect(heard).toHaveLength(1);
  });
});

describe('too many', () => {
  test('connections from one address are bounded, and a place becomes free again', async () => {
    const house = await openHouse({ limits: { socketsPerAddress: 3 } });
    const sockets = await Promise.all([house.socket(), house.socket(), house.socket()]);
    await closed(await house.socket());
    expect(house.log.warnings()).toHaveLength(1);
    sockets[0]?.destroy();
    await vi.waitFor(() => expectAlive(house));
    expect(sockets[1]?.destroyed).toBe(false);
  });

  test('connections in all are bounded, WebSocket counted in, and this machine always comes in', async () => {
    const house = await openHouse({ limits: { sockets: 2 }, websocketPort: 0 });
    const strangers = await Promise.all([house.socket(null, '127.0.0.2'), house.socket(null, '127.0.0.3')]);
    await closed(await house.socket(null, '127.0.0.4'));
    await closed(await house.socket(house.websocketPort, '127.0.0.5'));
    expect(house.log.warnings()).toHaveLength(2);
    await expectAlive(house);
    strangers[0]?.destroy();
    await vi.waitFor(async () => {
      const next = await house.socket(null, '127.0.0.4');
      await expect(Promise.race([closed(next), delay(50, 'open')])).resolves.toBe('open');
    });
  });

  test('a line in the log is folded by key, and so are too many keys', () => {
    const clock = createStillClock();
    const said: string[] = [];
    const line = createFoldedLine(clock, (message, { left_out }) => said.push(`${message} ${left_out ?? 0}`));
    for (let count = 0; count < 5; count += 1) line('a', 'a', {});
    line('b', 'b', {});
    expect(said).toEqual(['a 0', 'b 0']);
    clock.move(60_000);
    line('a', 'a', {});
    expect(said).toEqual(['a 0', 'b 0', 'a 4']);
    for (let key = 0; key < 10_000; key += 1) line(`key ${key}`, 'k', {});
    expect(said.length).toBeLessThan(210);
    clock.move(60_000);
    line('b', 'b', {});
    expect(said.at(-1)).toBe('b 0');
  });
});

describe('hostile and unlucky clients', () => {
  test('a subscriber that stops reading holds nobody up', async () => {
    const house = await openHouse();
    const paused = await house.socket();
    paused.write(connectPacket('paused'));
    await once(paused, 'data');
    const subscribe = Buffer.from([0, 1, 0, 1, 0x23, 0]);
    paused.write(packet(0x82, subscribe));
    await once(paused, 'data');
    paused.pause();
    const reader = await house.client();
    await reader.subscribeAsync('flood/#');
    const heard = listenTo(reader);
    const writer = await house.client();
    const payload = Buffer.alloc(4_000);
    for (let index = 0; index < 300; index += 1)
      await writer.publishAsync(`flood/${index}`, payload, { qos: 1 });
    await vi.waitFor(() => expect(heard).toHaveLength(300));
    expect(paused.destroyed).toBe(false);
  });

  test('clients that vanish in the middle of anything leave nothing behind', async () => {
    const house = await openHouse();
    for (let round = 0; round < 30; round += 1) {
      const socket = await house.socket();
      socket.write(connectPacket(`v${round}`, 10));
      if (round % 3 === 0) await once(socket, 'data');
      if (round % 2 === 0) socket.resetAndDestroy();
      else socket.destroy();
    }
    await expectAlive(house);
  });

  test('thousands of random packets crash nothing', { timeout: 60_000 }, async () => {
    const house = await openHouse();
    const type = fc
      .integer({ min: 1, max: 15 })
      .chain((high) =>
        fc
          .oneof(
            { weight: 3, arbitrary: fc.constantFrom(0, 2) },
            { weight: 1, arbitrary: fc.integer({ min: 0, max: 15 }) },
          )
          .map((low) => (high << 4) | low),
      );
    const topic = fc.constantFrom(
      'a',
      'sonos/home/kitchen/set/play',
      '$SYS/x',
      '#',
      '+',
      'a/#',
      '',
      '/',
      'a'.repeat(300),
      '/'.repeat(200),
      '__proto__',
      '\u0000',
    );
    const string = fc.oneof(topic, fc.string({ unit: 'binary', maxLength: 20 })).map((text) => {
      const bytes = Buffer.from(text);
      return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
    });
    const noise = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes));
    const id = Buffer.from([0, 1]);
    const subscribe = fc
      .array(fc.tuple(string, fc.integer({ min: 0, max: 3 })), { maxLength: 3 })
      .map((filters) =>
        Buffer.concat([id, ...filters.flatMap(([filter, qos]) => [filter, Buffer.from([qos])])]),
      );
    const unsubscribe = fc.array(string, { maxLength: 3 }).map((filters) => Buffer.concat([id, ...filters]));
    const publish = fc
      .tuple(string, fc.integer({ min: 0, max: 15 }), noise)
      .map(([name, flags, payload]) =>
        packet(0x30 | flags, Buffer.concat([name, (flags & 6) > 0 ? id : Buffer.alloc(0), payload])),
      );
    const any = fc.oneof(
      { weight: 3, arbitrary: publish },
      { weight: 2, arbitrary: subscribe.map((body) => packet(0x82, body)) },
      { weight: 1, arbitrary: unsubscribe.map((body) => packet(0xa2, body)) },
      { weight: 2, arbitrary: fc.constantFrom(0x40, 0x50, 0x62, 0x70).map((ack) => packet(ack, id)) },
      { weight: 2, arbitrary: fc.tuple(type, noise).map(([first, body]) => packet(first, body)) },
      { weight: 1, arbitrary: noise },
    );
    const opening = fc.oneof(
      {
        weight: 8,
        arbitrary: fc
          .integer({ min: 0, max: 5 })
          .map((name) => connectPacket(`f${name}`, name === 5 ? 3 : null)),
      },
      {
        weight: 1,
        arbitrary: fc.tuple(string, noise).map(([name, body]) => packet(0x10, Buffer.concat([name, body]))),
      },
      { weight: 1, arbitrary: noise },
    );
    const stream = fc.tuple(opening, fc.array(any, { maxLength: 20 }), fc.boolean());
    let packets = 0;
    await fc.assert(
      fc.asyncProperty(stream, async ([first, later, oneChunk]) => {
        packets += 1 + later.length;
        const socket = await house.socket();
        const gone = closed(socket);
        if (oneChunk) socket.write(Buffer.concat([first, ...later]));
        else {
          for (const part of [first, ...later]) {
            socket.write(part);
            await turn();
          }
        }
        socket.resume();
        socket.end();
        await gone;
      }),
      { numRuns: 600 },
    );
    expect(packets).toBeGreaterThan(3_000);
    await expectAlive(house);
    expect(house.log.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('a client may send its CONNECT byte by byte', async () => {
    const house = await openHouse();
    const socket = await house.socket();
    socket.setNoDelay(true);
    for (const byte of connectPacket('slow')) {
      socket.write(Buffer.from([byte]));
      await turn();
    }
    const [answer] = await once(socket, 'data');
    expect(answer).toEqual(CONNACK_ACCEPTED);
  });

  test('a second CONNECT on one connection closes it', async () => {
    const house = await openHouse();
    const socket = await house.socket();
    const gone = closed(socket);
    socket.write(Buffer.concat([connectPacket('twice'), connectPacket('twice')]));
    socket.resume();
    await gone;
    await expectAlive(house);
  });
});
