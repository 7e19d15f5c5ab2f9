import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';

/** What happens to the bytes of one direction. */
export interface Flow {
  /** How late they arrive. */
  latencyMs: number;
  /** In writes of so many bytes, each on a turn of its own; 0 leaves them as they come. */
  sliceBytes: number;
  /** While true nothing passes and nothing is lost. */
  isStalled: boolean;
  /** Bytes that passed so far. */
  readonly passed: number;
  /** When exactly so many more bytes have arrived, the connection is gone for both ends; resolves then. */
  cutAfter(bytes: number): Promise<void>;
  /** Takes the cut back, unless it has come. */
  heal(): void;
}

/** A TCP relay that can be as bad as a network. */
export interface FaultProxy {
  readonly port: number;
  readonly url: string;
  /** Towards the server, and back. */
  readonly up: Flow;
  readonly down: Flow;
  /** Connections so far, and those that there are. */
  readonly accepted: number;
  readonly open: number;
  /** Resets every connection there is. */
  reset(): void;
  stop(): Promise<void>;
}

const STALL_LOOK_MS = 5;

class Direction implements Flow {
  latencyMs = 0;
  sliceBytes = 0;
  isStalled = false;
  passed = 0;
  #left: number | null = null;
  #wasCut: () => void = () => {};

  cutAfter(bytes: number): Promise<void> {
    this.#left = bytes;
    return new Promise((resolve) => {
      this.#wasCut = resolve;
    });
  }

  heal(): void {
    this.#left = null;
  }

  /** How many of so many bytes may pass, and whether the connection ends after them. */
  allow(bytes: number): { readonly most: number; readonly ends: boolean } {
    if (this.#left === null || this.#left > bytes) {
      if (this.#left !== null) this.#left -= bytes;
      return { most: bytes, ends: false };
    }
    const most = this.#left;
    this.#left = null;
    return { most, ends: true };
  }

  tellCut(): void {
    this.#wasCut();
  }
}

/** Bytes, or null for the end of them. */
interface Parcel {
  readonly bytes: Buffer | null;
  readonly due: number;
}

/** Carries what one end says to the other, as the direction is set. */
function carry(from: Socket, to: Socket, flow: Direction, reset: () => void): void {
  const waiting: Parcel[] = [];
  let isCarrying = false;

  async function pass(bytes: Buffer): Promise<void> {
    const { most, ends } = flow.allow(bytes.length);
    flow.passed += most;
    if (most > 0) to.write(bytes.subarray(0, most));
    if (!ends) return;
    // What was said arrives before the end does; who said it is told the hard way.
    to.end();
    from.resetAndDestroy();
    if (!to.closed)
      await Promise.race([new Promise<void>((resolve) => to.once('close', resolve)), wait(1000)]);
    reset();
    flow.tellCut();
  }

  async function deliver({ bytes, due }: Parcel): Promise<void> {
    const late = due - performance.now();
    if (late > 0) await wait(late);
    const length = bytes?.length ?? 0;
    const size = Math.max(1, flow.sliceBytes === 0 ? length : flow.sliceBytes);
    for (let at = 0; at === 0 || at < length; at += size) {
      while (flow.isStalled && !to.destroyed) await wait(STALL_LOOK_MS);
      if (to.destroyed) return;
      if (bytes === null) to.end();
      else await pass(bytes.subarray(at, at + size));
      if (size < length) await turn();
    }
  }

  async function deliverAll(): Promise<void> {
    isCarrying = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await deliver(next);
    isCarrying = false;
  }

  const add = (bytes: Buffer | null) => {
    waiting.push({ bytes, due: performance.now() + flow.latencyMs });
    if (!isCarrying) void deliverAll();
  };
  from.on('data', add);
  from.on('end', () => add(null));
}

/** Starts a relay to a port on 127.0.0.1, which does no harm yet. */
export async function startFaultProxy(target: number): Promise<FaultProxy> {
  const up = new Direction();
  const down = new Direction();
  const pairs = new Set<() => void>();
  let accepted = 0;
  const server = createServer({ allowHalfOpen: true }, (near) => {
    accepted += 1;
    const far = connect({ port: target, host: '127.0.0.1', allowHalfOpen: true });
    const reset = () => {
      pairs.delete(reset);
      for (const socket of [near, far]) {
        if (socket.connecting) socket.destroy();
        else socket.resetAndDestroy();
      }
    };
    pairs.add(reset);
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on('error', reset);
      socket.on('close', () => {
        if (near.closed && far.closed) pairs.delete(reset);
      });
    }
    carry(near, far, up, reset);
    carry(far, near, down, reset);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const resetAll = () => {
    for (const reset of [...pairs]) reset();
  };
  return {
    port: address.port,
    url: `mqtt://127.0.0.1:${address.port}`,
    up,
    down,
    get accepted() {
      return accepted;
    },
    get open() {
      return pairs.size;
    },
    reset: resetAll,
    async stop() {
      resetAll();
      server.close();
      await once(server, 'close');
    },
  };
}
