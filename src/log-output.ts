import { closeSync, write, writeSync } from 'node:fs';

/** Lines are collected up to so many bytes, but never kept back for longer than this. */
const BATCH_BYTES = 4096;
const FLUSH_MS = 500;
/** The most that one write takes. */
const CHUNK_BYTES = 64 * 1024;
/** When nobody takes the lines, so many bytes are kept; what comes then is dropped and counted. */
const MOST_KEPT_BYTES = 8 * 1024 * 1024;
/** How soon a reader that was busy is tried again, and how long the end of the process waits for it. */
const BUSY_MS = 50;
const PATIENCE_MS = 1000;

/** Where lines go: a file or the terminal. It never throws and never waits without end, also when the disk is full. */
interface LineOutput {
  write(line: string): void;
  /** Resolves when all is written, cannot be written, or nobody has taken it for a second. */
  flush(): Promise<void>;
  /** The same, blocking. */
  flushNow(): void;
  /** Flushes and lets go of the process; closes the file if it is our own. Later lines are lost, or go out at once. */
  close(): Promise<void>;
}

const isBusy = (error: NodeJS.ErrnoException) => error.code === 'EAGAIN' || error.code === 'EBUSY';

/** Blocks for a moment; there is no other way to wait while the process ends. */
const sleep = (milliseconds: number) =>
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);

/** Lines in the order in which they go out, at most so many bytes. */
function createQueue(tellLost: (lines: number) => string) {
  let lines: Buffer[] = [];
  let bytes = 0;
  let lost = 0;
  const keep = (line: Buffer) => {
    lines.push(line);
    bytes += line.length;
  };
  return {
    bytes: () => bytes,
    lose: (count: number) => {
      lost += count;
    },
    add(line: string) {
      const buffer = Buffer.from(line);
      if (bytes + buffer.length > MOST_KEPT_BYTES) {
        lost += 1;
        return;
      }
      if (lost > 0) keep(Buffer.from(tellLost(lost)));
      lost = 0;
      keep(buffer);
    },
    /** Undoes a `take`. */
    putBack(chunk: Buffer) {
      lines = [chunk, ...lines];
      bytes += chunk.length;
    },
    /** The next lines as one piece; empty when there are none. */
    take(): Buffer {
      let count = 0;
      let size = 0;
      while (count < lines.length && (count === 0 || size < CHUNK_BYTES)) {
        size += lines[count]?.length ?? 0;
        count += 1;
      }
      const taken = Buffer.concat(lines.slice(0, count), size);
      lines = lines.slice(count);
      bytes -= size;
      return taken;
    },
  };
}

type Queue = ReturnType<typeof createQueue>;

const linesIn = (chunk: Buffer) => chunk.reduce((count, byte) => count + (byte === 10 ? 1 : 0), 0);

function writeAllNow(target: number, queue: Queue): void {
  let patience = PATIENCE_MS / BUSY_MS;
  for (let chunk = queue.take(); chunk.length > 0; ) {
    try {
      chunk = chunk.subarray(writeSync(target, chunk));
    } catch (error) {
      patience -= 1;
      if (!(error instanceof Error) || !isBusy(error) || patience < 0) {
        queue.lose(linesIn(chunk));
        return;
      }
      sleep(BUSY_MS);
    }
    if (chunk.length === 0) chunk = queue.take();
  }
}

/** Writes what is queued, one piece at a time; `idle` is called whenever there is nothing left to do. */
function createPump(target: number, queue: Queue, idle: () => void) {
  let writing = false;
  const send = (chunk: Buffer) => {
    if (chunk.length === 0) {
      writing = false;
      idle();
      return;
    }
    writing = true;
    write(target, chunk, (error, written) => {
      if (error !== null && isBusy(error)) {
        // Back in the queue it is also there for the last words, should the process end meanwhile.
        queue.putBack(chunk);
        setTimeout(() => send(queue.take()), BUSY_MS).unref();
        return;
      }
      // A full disk may have room again later, and these lines would be old by then.
      if (error !== null) queue.lose(linesIn(chunk));
      const rest = error === null ? chunk.subarray(written) : Buffer.alloc(0);
      send(rest.length > 0 ? rest : queue.take());
    });
  };
  return { isWriting: () => writing, start: () => send(queue.take()) };
}

/**
 * Opens the way out to a file descriptor; `own` says that it is closed at the end. The timers are Node's own, because
 * a line that waits for company must not keep the process alive: what is left is written when the process ends.
 */
export function openOutput(target: number, own: boolean, tellLost: (lines: number) => string): LineOutput {
  let closed = false;
  let alone = false;
  let timer: NodeJS.Timeout | null = null;
  let waiting: (() => void)[] = [];
  const queue = createQueue(tellLost);
  const pump = createPump(target, queue, () => {
    const done = waiting;
    waiting = [];
    for (const resolve of done) resolve();
  });
  const start = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (!pump.isWriting()) pump.start();
  };
  const flush = () =>
    new Promise<void>((resolve) => {
      const patience = setTimeout(resolve, PATIENCE_MS);
      waiting.push(() => {
        clearTimeout(patience);
        resolve();
      });
      start();
    });
  const flushNow = () => writeAllNow(target, queue);
  process.once('exit', flushNow);
  return {
    write(line) {
      if (closed) return;
      queue.add(line);
      if (alone) flushNow();
      else if (queue.bytes() >= BATCH_BYTES) start();
      else timer ??= setTimeout(start, FLUSH_MS).unref();
    },
    flush,
    flushNow,
    async close() {
      if (alone) return;
      await flush();
      process.removeListener('exit', flushNow);
      alone = true;
      closed = own;
      // A write that is still under way owns the descriptor; the end of the process closes it.
      if (own && !pump.isWriting()) closeSync(target);
    },
  };
}
