import type { Cancel, Clock } from '../bridge/ports.ts';

/** How long after a refused write the newest value is tried again. */
export const RETRY_MS = 30_000;
/** A disk that does not answer for so long is told as one that refuses; what it was asked for is still waited for. */
const STALLED_MS = 60_000;

/** What a writer drives. */
export interface WriterOptions {
  /** Writes the newest value, as it is at the moment of the call. */
  readonly write: () => Promise<void>;
  readonly clock: Clock;
  /** A write went well. */
  readonly succeeded: () => void;
  /** A write was refused; answers whether trying again may help. */
  readonly failed: (error: unknown) => boolean;
}

/** Writes one thing at a time. */
export interface Writer {
  /**
   * Settles with the first write that begins after this call, or with one already begun in the same turn. Rejects with
   * the code ETIMEDOUT when the disk does not answer in time; no other write is begun before it has.
   */
  request(): Promise<void>;
  /** Ends retries; writes once more what no write has saved yet; settles, never rejects, when nothing is under way. */
  finish(): Promise<void>;
}

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** Nobody waits for ever: whoever shows only what is saved would show nothing any more. */
function patient({ resolve, reject }: Waiter, { clock, failed }: WriterOptions): Waiter {
  const cancel = clock.after(STALLED_MS, () => {
    const error = Object.assign(new Error('The disk does not answer.'), { code: 'ETIMEDOUT' });
    failed(error);
    reject(error);
  });
  return {
    resolve: () => {
      cancel();
      resolve();
    },
    reject: (error) => {
      cancel();
      reject(error);
    },
  };
}

/**
 * Creates a writer: requests that come while a write is under way share the next one, so that each waits for at most two
 * writes, however steadily others come.
 */
export function createWriter(options: WriterOptions): Writer {
  const { write, clock, succeeded, failed } = options;
  let waiting: Waiter[] = [];
  let running: Promise<void> | null = null;
  let behind = false;
  let finishing = false;
  let cancelRetry: Cancel = () => {};

  async function round(): Promise<void> {
    const group = waiting;
    waiting = [];
    cancelRetry();
    try {
      await write();
      behind = false;
      succeeded();
      for (const waiter of group) waiter.resolve();
    } catch (error) {
      behind = true;
      const again = failed(error);
      if (again && !finishing) cancelRetry = clock.after(RETRY_MS, start);
      for (const waiter of group) waiter.reject(error);
    }
  }

  async function run(): Promise<void> {
    do await round();
    while (waiting.length > 0);
    running = null;
  }

  function start(): void {
    running ??= run();
  }

  return {
    request: () =>
      new Promise<void>((resolve, reject) => {
        waiting.push(patient({ resolve, reject }, options));
        start();
      }),
    finish: async () => {
      finishing = true;
      cancelRetry();
      await running;
      if (behind) start();
      await running;
    },
  };
}
