import { createBoundedFifo } from './bounded-fifo.ts';

/** What a queue holds at most, and what is done with it. */
export interface WorkQueueOptions<Item> {
  readonly maxItems: number;
  /** Bounds the sum of the sizes given to `push`. */
  readonly maxSize: number;
  readonly work: (item: Item) => void;
  /** The oldest items were dropped: told once when that begins, and once more when the queue has run empty. */
  readonly lost: () => void;
}

/** Work to be done soon, in the order in which it came. */
export interface WorkQueue<Item> {
  /** Takes an item; when there is no room for it, the oldest go. */
  push(item: Item, size: number): void;
  /** Items that were dropped since the start. */
  dropped(): number;
  /** Resolves when nothing waits. */
  idle(): Promise<void>;
  /** Forgets what waits, and takes no more. */
  close(): void;
}

/** So many items are worked off before the sockets get their turn again, and fewer when they are large. */
const BATCH = 100;
const BATCH_SIZE = 65_536;

/** Opens a queue that works in the event loop's check phase, never inside `push`. */
export function createWorkQueue<Item>({
  maxItems,
  maxSize,
  work,
  lost,
}: WorkQueueOptions<Item>): WorkQueue<Item> {
  const fifo = createBoundedFifo<Item>(maxItems, maxSize);
  const sleepers: (() => void)[] = [];
  let dropped = 0;
  let losing = false;
  let scheduled = false;
  let closed = false;

  function rest(): void {
    const lostSome = losing;
    losing = false;
    for (const wake of sleepers.splice(0)) wake();
    if (lostSome && !closed) lost();
  }

  function turn(): void {
    scheduled = false;
    try {
      for (let done = 0, size = 0; done < BATCH && size < BATCH_SIZE; done += 1) {
        const next = fifo.shift();
        if (next === null) break;
        size += next.size;
        work(next.item);
      }
    } finally {
      // Also when the work threw: one item that is a bug must not stop those behind it.
      if (fifo.length() === 0) rest();
      else schedule();
    }
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(turn);
  }

  return {
    push: (item, size) => {
      if (closed) return;
      const gone = fifo.push(item, size);
      dropped += gone;
      schedule();
      if (gone === 0 || losing) return;
      losing = true;
      lost();
    },
    dropped: () => dropped,
    idle: () => (fifo.length() === 0 ? Promise.resolve() : new Promise((resolve) => sleepers.push(resolve))),
    close: () => {
      closed = true;
      fifo.clear();
      rest();
    },
  };
}
