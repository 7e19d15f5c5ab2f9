import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/bridge/ports.ts';

/** A clock that stands still until it is moved. */
export interface FakeClock extends Clock {
  /** Moves on, timer by timer; everything that a timer set off has settled before the next one fires. */
  advance(milliseconds: number): Promise<void>;
  /** The calendar alone is set, as NTP or a suspend does it. */
  jumpNow(milliseconds: number): void;
  /** The stopwatch alone moves on, with no timer having had its turn. */
  jumpElapsed(milliseconds: number): void;
  /** Timers that wait. */
  readonly timers: number;
}

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly work: () => void;
  isCancelled: boolean;
}

const isSooner = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap: the soonest timer first, those of one moment in the order in which they were set. */
class Timers {
  readonly #heap: Timer[] = [];

  get waiting(): number {
    return this.#heap.filter((timer) => !timer.isCancelled).length;
  }

  push(timer: Timer): void {
    const heap = this.#heap;
    let here = heap.push(timer) - 1;
    while (here > 0) {
      const up = (here - 1) >> 1;
      const above = heap[up];
      if (above === undefined || !isSooner(timer, above)) break;
      heap[here] = above;
      here = up;
    }
    heap[here] = timer;
  }

  peek(): Timer | undefined {
    while (this.#heap[0]?.isCancelled) this.pop();
    return this.#heap[0];
  }

  pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let here = 0;
    for (;;) {
      const [left, right] = [heap[2 * here + 1], heap[2 * here + 2]];
      if (left === undefined) break;
      const isRight = right !== undefined && isSooner(right, left);
      const child = isRight ? right : left;
      if (!isSooner(child, last)) break;
      heap[here] = child;
      here = 2 * here + (isRight ? 2 : 1);
    }
    heap[here] = last;
  }
}

/** A deterministic clock; `start` is its wall time. Every microtask is drained between timers. */
export function createFakeClock(start = Date.UTC(2026, 10, 21, 20)): FakeClock {
  let wall = start;
  let elapsed = 1_000;
  let order = 0;
  const timers = new Timers();

  const moveTo = (at: number): void => {
    wall += Math.max(0, at - elapsed);
    elapsed = Math.max(elapsed, at);
  };

  return {
    now: () => wall,
    elapsed: () => elapsed,
    after(milliseconds, work) {
      order += 1;
      const timer = { at: elapsed + Math.max(0, milliseconds), order, work, isCancelled: false };
      timers.push(timer);
      return () => {
        timer.isCancelled = true;
      };
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds;
      await setImmediate();
      for (let next = timers.peek(); next !== undefined && next.at <= end; next = timers.peek()) {
        timers.pop();
        moveTo(next.at);
        next.work();
        await setImmediate();
      }
      moveTo(end);
    },
    jumpNow(milliseconds) {
      wall += milliseconds;
    },
    jumpElapsed(milliseconds) {
      elapsed += milliseconds;
    },
    get timers() {
      return timers.waiting;
    },
  };
}
