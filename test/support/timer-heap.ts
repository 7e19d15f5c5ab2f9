/** Work that waits for its moment. */
export interface Timer {
  /** Milliseconds, on whichever clock it was set. */
  readonly at: number;
  /** Those of one moment fire in the order in which they were set. */
  readonly order: number;
  /** Null once it was cancelled. */
  work: (() => void) | null;
}

const isSooner = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);

/** A binary heap of timers: the soonest first. */
export class TimerHeap {
  readonly #heap: Timer[] = [];

  /** Timers that wait, without those that were cancelled. */
  get waiting(): number {
    return this.#heap.filter(({ work }) => work !== null).length;
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

  /** The soonest that waits. */
  peek(): Timer | undefined {
    while (this.#heap[0]?.work === null) this.pop();
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
