import { Duplex } from 'node:stream';
import type { Cancel, Clock } from '../bridge/ports.ts';
import { type ConnectFault, connackFor, findConnectFault } from './broker-connect.ts';
import {
  createFrameScanner,
  type FrameFault,
  type FrameLimits,
  type FrameScanner,
  LONGEST_FIXED_HEADER,
} from './broker-frames.ts';

/** Why a guarded connection was closed by the guard. */
export type GuardRefusal = FrameFault | ConnectFault | 'connect_timeout';

/** What a guarded connection is made with. */
export interface GuardOptions {
  readonly clock: Clock;
  readonly limits: FrameLimits;
  /** How long the client may take for its CONNECT, milliseconds. */
  readonly connectTimeoutMs: number;
  /** Called once, when a CONNECT in order is complete and can be read from the connection. */
  readonly onConnect: (connection: GuardedConnection) => void;
  /** Called when the guard closes the connection over what the client did. */
  readonly onRefused: (refusal: GuardRefusal) => void;
}

// Full only when a reader has long stopped: while it is not, a slow subscriber holds nobody else up.
const BACKLOG_BYTES = 1024 * 1024;
// Beyond this, joining writes saves no more packets on the wire.
const JOIN_BYTES = 64 * 1024;

/**
 * One client's connection as the broker sees it. Towards the broker: nothing until CONNECT is complete and in order,
 * nothing behind it until `admit`, and no packet over the limits, with back-pressure kept. Towards the client: everything
 * written in one turn of the event loop leaves in one piece.
 */
export class GuardedConnection extends Duplex {
  readonly #raw: Duplex;
  readonly #options: GuardOptions;
  readonly #scanner: FrameScanner;
  readonly #cancelTimeout: Cancel;
  #stage: 'connecting' | 'held' | 'admitted' = 'connecting';
  #connect: Buffer | null = null;
  #connectBytes = 0;
  #held: Buffer = Buffer.alloc(0);
  #ended = false;
  #out: Buffer[] = [];
  #outBytes = 0;
  #flushing = false;
  #whenDrained: (() => void) | null = null;

  constructor(raw: Duplex, options: GuardOptions) {
    super({ writableHighWaterMark: BACKLOG_BYTES });
    this.#raw = raw;
    this.#options = options;
    this.#scanner = createFrameScanner(options.limits);
    this.#cancelTimeout = options.clock.after(options.connectTimeoutMs, () =>
      this.#refuse('connect_timeout'),
    );
    // The broker takes its own listeners off; a late error must still find one.
    this.on('error', () => undefined);
    raw.on('error', (error) => this.destroy(error));
    raw.on('data', (chunk: Buffer) => this.#receive(chunk));
    raw.on('end', () => this.#end());
    raw.on('close', () => {
      // After a clean end the broker may still have to read what came before it.
      if (!this.#ended) this.destroy();
    });
    raw.on('drain', () => {
      const resume = this.#whenDrained;
      this.#whenDrained = null;
      resume?.();
    });
  }

  /** Whether the broker has accepted the client. */
  get admitted(): boolean {
    return this.#stage === 'admitted';
  }

  /** Lets through what the client sends behind its CONNECT; called once the broker has accepted the client. */
  admit(): void {
    if (this.#stage !== 'held' || this.destroyed) return;
    this.#stage = 'admitted';
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    const room = held.length === 0 || this.push(held);
    if (this.#ended) this.push(null);
    else if (room) this.#raw.resume();
  }

  override _read(): void {
    if (this.#stage !== 'held') this.#raw.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.#send([chunk], done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: () => void): void {
    this.#send(
      chunks.map(({ chunk }) => chunk),
      done,
    );
  }

  override _final(done: () => void): void {
    this.#flush();
    this.#raw.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#cancelTimeout();
    // The broker closes in the same turn in which it says why (CONNACK).
    this.#flush();
    this.#raw.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    if (this.destroyed) return;
    const scanned = this.#scanner.scan(chunk);
    if (!scanned.ok) this.#refuse(scanned.error);
    else if (this.#stage === 'admitted') this.#pass(chunk);
    else if (scanned.value === null) this.#keep(chunk);
    else this.#connected(chunk, scanned.value);
  }

  #pass(chunk: Buffer): void {
    if (!this.push(chunk)) this.#raw.pause();
  }

  /** Copied into one buffer of fixed size, for a CONNECT that drips in byte by byte would pin a buffer for each. */
  #keep(part: Buffer): Buffer {
    this.#connect ??= Buffer.allocUnsafe(this.#options.limits.connectBytes + LONGEST_FIXED_HEADER);
    this.#connectBytes += part.copy(this.#connect, this.#connectBytes);
    return this.#connect.subarray(0, this.#connectBytes);
  }

  #connected(chunk: Buffer, end: number): void {
    const part = chunk.subarray(0, end);
    const connect = this.#connect === null ? part : this.#keep(part);
    const fault = findConnectFault(connect);
    if (fault !== null) {
      this.#refuse(fault);
      return;
    }
    this.#connect = null;
    this.#held = chunk.subarray(end);
    this.#stage = 'held';
    this.#cancelTimeout();
    this.#raw.pause();
    this.push(connect);
    this.#options.onConnect(this);
  }

  #end(): void {
    this.#ended = true;
    if (this.#stage === 'connecting') this.destroy();
    else if (this.#stage === 'admitted') this.push(null);
  }

  #refuse(refusal: GuardRefusal): void {
    if (this.destroyed) return;
    this.#options.onRefused(refusal);
    const connack = connackFor(refusal);
    if (connack !== null) this.#out.push(connack);
    this.destroy();
  }

  #send(chunks: readonly Buffer[], done: () => void): void {
    for (const chunk of chunks) {
      this.#out.push(chunk);
      this.#outBytes += chunk.length;
    }
    if (this.#outBytes >= JOIN_BYTES || this.#raw.writableNeedDrain) this.#flush();
    else if (!this.#flushing) {
      this.#flushing = true;
      setImmediate(() => this.#flush());
    }
    if (this.#raw.writable && this.#raw.writableNeedDrain) this.#whenDrained = done;
    else done();
  }

  #flush(): void {
    this.#flushing = false;
    if (this.#out.length === 0) return;
    const bytes = this.#out.length === 1 ? this.#out[0] : Buffer.concat(this.#out, this.#outBytes);
    this.#out = [];
    this.#outBytes = 0;
    // A client that has gone takes nothing more, which is no reason to lose what it sent before it went.
    if (this.#raw.writable) this.#raw.write(bytes);
  }
}
