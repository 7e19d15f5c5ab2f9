import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { createFrameScanner, FRAME_LIMITS } from '../../src/mqtt/broker-frames.ts';
import { GuardedConnection, type GuardRefusal } from '../../src/mqtt/broker-guard.ts';
import { connectPacket, createStillClock, packet, publishPacket } from './broker-fixtures.ts';

const limits = { connectBytes: 100, packetBytes: 300 };
const hello = connectPacket('c');

describe('the scanner', () => {
  test.each([
    ['a TLS greeting', [0x16, 3, 1], 'not_mqtt'],
    ['an HTTP request', [...Buffer.from('GET / HTTP/1.1')], 'not_mqtt'],
    ['another packet first', [0xc0, 0], 'not_mqtt'],
    ['a CONNECT with reserved flags', [0x12, 12], 'not_mqtt'],
    ['a CONNECT over the limit', [0x10, 101], 'connect_too_large'],
    ['a CONNECT of 20 MiB', [0x10, 0x80, 0x80, 0x80, 0x0a], 'connect_too_large'],
    ['a length of five bytes', [0x10, 0x80, 0x80, 0x80, 0x80], 'malformed_length'],
    ['a later length of five bytes', [...hello, 0x30, 0x81, 0x80, 0x80, 0x80, 1], 'malformed_length'],
    ['a later packet over the limit', [...hello, 0x30, 0xad, 0x02], 'packet_too_large'],
  ])('refuses %s', (_name, bytes, fault) => {
    expect(createFrameScanner(limits).scan(Buffer.from(bytes))).toEqual({ ok: false, error: fault });
  });

  test('takes packets up to the limit, and lengths longer than they need be', () => {
    const scanner = createFrameScanner(limits);
    expect(scanner.scan(packet(0x10, Buffer.alloc(100)))).toEqual({ ok: true, value: 102 });
    expect(scanner.scan(packet(0x30, Buffer.alloc(300)))).toEqual({ ok: true, value: null });
    expect(scanner.scan(Buffer.from([0xc0, 0x80, 0x00]))).toEqual({ ok: true, value: null });
  });

  test('finds the end of CONNECT and every later packet wherever the stream is cut', () => {
    const bodies = fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 5 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sizes, cuts) => {
        const later = sizes.map((size) => packet(0x30, Buffer.alloc(size, 0x10)));
        const stream = Buffer.concat([hello, ...later]);
        const scanner = createFrameScanner(limits);
        let at = 0;
        let end = -1;
        for (let turnOf = 0; at < stream.length; turnOf += 1) {
          const chunk = stream.subarray(at, at + (cuts[turnOf % cuts.length] ?? 1));
          const scanned = scanner.scan(chunk);
          if (!scanned.ok) throw new Error(scanned.error);
          if (scanned.value !== null) end = at + scanned.value;
          at += chunk.length;
        }
        expect(end).toBe(hello.length);
        // In step to the very end: one packet too large is still seen.
        expect(scanner.scan(packet(0x30, Buffer.alloc(301))).ok).toBe(false);
      }),
    );
  });
});

/** A client's end of the line, in memory: what it sends is handed in, what it gets is kept. */
class Line extends Duplex {
  readonly writes: Buffer[] = [];
  stuck: (() => void) | null = null;
  slow = false;

  override _read(): void {}
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.writes.push(chunk);
    if (this.slow) this.stuck = done;
    else done();
  }
}

function connectLine(line = new Line()) {
  const clock = createStillClock();
  const refusals: GuardRefusal[] = [];
  const onConnect = vi.fn();
  const guard = new GuardedConnection(line, {
    clock,
    limits: FRAME_LIMITS,
    connectTimeoutMs: 5_000,
    onConnect,
    onRefused: (refusal) => refusals.push(refusal),
  });
  const read = (): string => String(guard.read() ?? '');
  return { line, guard, clock, refusals, onConnect, read };
}

describe('a guarded connection', () => {
  test('hands nothing over before CONNECT is complete, and then the whole of it at once', async () => {
    const { line, guard, onConnect } = connectLine();
    for (const byte of hello.subarray(0, -1)) line.push(Buffer.from([byte]));
    await turn();
    expect(guard.read()).toBeNull();
    expect(onConnect).not.toHaveBeenCalled();
    line.push(hello.subarray(-1));
    await turn();
    expect(onConnect).toHaveBeenCalledExactlyOnceWith(guard);
    expect(guard.read()).toEqual(hello);
  });

  test('holds what follows CONNECT until the client is admitted, reading no further', async () => {
    const { line, guard } = connectLine();
    const first = publishPacket('a', 'first');
    line.push(Buffer.concat([hello, first]));
    await turn();
    line.push(publishPacket('a', 'second'));
    await turn();
    expect(guard.read()).toEqual(hello);
    expect(guard.read()).toBeNull();
    expect(line.isPaused()).toBe(true);
    expect(guard.admitted).toBe(false);
    guard.admit();
    await turn();
    expect(guard.admitted).toBe(true);
    expect(guard.read()).toEqual(Buffer.concat([first, publishPacket('a', 'second')]));
  });

  test('a client that says everything and goes is heard to the end', async () => {
    const { line, guard } = connectLine();
    line.push(Buffer.concat([hello, publishPacket('a', 'last words')]));
    line.push(null);
    await turn();
    guard.admit();
    const heard: Buffer[] = [];
    for await (const chunk of guard) heard.push(chunk);
    expect(Buffer.concat(heard)).toEqual(Buffer.concat([hello, publishPacket('a', 'last words')]));
  });

  test('a client that goes before its CONNECT is complete leaves nothing', async () => {
    const { line, guard, clock } = connectLine();
    line.push(hello.subarray(0, 5));
    line.push(null);
    await turn();
    expect(guard.destroyed).toBe(true);
    expect(clock.waiting).toBe(0);
  });

  test('a CONNECT that takes longer than five seconds is refused', async () => {
    const { line, guard, clock, refusals } = connectLine();
    line.push(hello.subarray(0, 5));
    await turn();
    clock.move(4_999);
    expect(guard.destroyed).toBe(false);
    clock.move(1);
    expect(refusals).toEqual(['connect_timeout']);
    expect(guard.destroyed).toBe(true);
    expect(line.destroyed).toBe(true);
  });

  test('a complete CONNECT stops that clock', async () => {
    const { line, guard, clock } = connectLine();
    line.push(hello);
    await turn();
    clock.move(60_000);
    expect(guard.destroyed).toBe(false);
    expect(clock.waiting).toBe(0);
  });

  test('a packet over the limit closes the connection and is not handed over', async () => {
    const { line, guard, refusals } = connectLine();
    line.push(hello);
    await turn();
    guard.read();
    guard.admit();
    line.push(Buffer.concat([Buffer.from([0x30, 0x81, 0x80, 0x10]), Buffer.alloc(1_000)]));
    await turn();
    expect(refusals).toEqual(['packet_too_large']);
    expect(line.destroyed).toBe(true);
    line.push(publishPacket('a', 'b'));
    expect(guard.read()).toBeNull();
  });

  test('stops reading while the broker does not, and goes on when it does', async () => {
    const { line, guard } = connectLine();
    line.push(hello);
    await turn();
    guard.read();
    guard.admit();
    for (let sent = 0; sent < 50; sent += 1) line.push(publishPacket('a', Buffer.alloc(10_000)));
    await turn();
    expect(line.isPaused()).toBe(true);
    expect(guard.readableLength).toBeLessThan(100_000);
    let heard = 0;
    guard.on('data', (chunk: Buffer) => {
      heard += chunk.length;
    });
    await vi.waitFor(() => expect(heard).toBe(50 * publishPacket('a', Buffer.alloc(10_000)).length));
  });

  test('joins what is written in one turn', async () => {
    const { line, guard } = connectLine();
    guard.write('a');
    guard.write('b');
    guard.cork();
    guard.write('c');
    guard.write('d');
    guard.uncork();
    await turn();
    guard.write('e');
    await turn();
    await turn();
    expect(line.writes.map(String)).toEqual(['abcd', 'e']);
  });

  test('says its last word before it closes', () => {
    const { line, guard } = connectLine();
    guard.write('refused');
    guard.destroy();
    expect(line.writes.map(String)).toEqual(['refused']);
    expect(line.destroyed).toBe(true);
  });

  test('ends the line when the broker ends the connection', async () => {
    const { line, guard } = connectLine();
    guard.end('bye');
    await turn();
    await turn();
    expect(line.writes.map(String)).toEqual(['bye']);
    expect(line.writableEnded).toBe(true);
  });

  test('a reader that does not read is told to wait at 1 MiB, and everything comes in order when it reads', async () => {
    const { line, guard } = connectLine();
    line.slow = true;
    const drained = vi.fn();
    guard.on('drain', drained);
    const piece = (index: number) => Buffer.alloc(50_000, index);
    let full = 0;
    for (let index = 0; index < 40; index += 1) {
      if (!guard.write(piece(index)) && full === 0) full = index;
      await turn();
    }
    expect(full).toBeGreaterThan(18);
    expect(drained).not.toHaveBeenCalled();
    line.slow = false;
    line.stuck?.();
    await vi.waitFor(() => expect(drained).toHaveBeenCalled());
    await turn();
    const sent = Buffer.concat(line.writes);
    const expected = Buffer.concat(Array.from({ length: 40 }, (_, index) => piece(index)));
    expect(sent.equals(expected)).toBe(true);
  });

  test('what is written to a client that has gone is dropped, and what it sent can still be read', async () => {
    const { line, guard } = connectLine();
    line.push(hello);
    line.push(null);
    await turn();
    guard.admit();
    line.destroy();
    guard.write('PUBACK');
    await turn();
    expect(line.writes).toEqual([]);
    expect(guard.read()).toEqual(hello);
    expect(guard.destroyed).toBe(false);
  });

  test('a line that breaks closes the connection without an uncaught error', async () => {
    const { line, guard } = connectLine();
    line.push(hello);
    await turn();
    line.destroy(new Error('ECONNRESET'));
    await turn();
    expect(guard.destroyed).toBe(true);
    guard.admit();
    line.emit('error', new Error('late'));
  });
});
