import type { Cancel, Clock } from '../../bridge/ports.ts';

interface Timer {
  readonly at: number;
  work: (() => void) | null;
}

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    // Twice: an immediate that a promise set off stands behind the first one.
    setImmediate(() => setImmediate(resolve));
  });

/** A time that moves when it is told to: hours go by in the time that their work takes. */
export class VirtualClock implements Clock {
  /** The soonest last. */
  readonly #timers: Timer[] = [];
  #elapsed = 0;
  /** Wall time, and when it was so. */
  #calendar = { at: 0, t: 0 };

  now(): number {
    return Math.floor(this.#calendar.at + this.#elapsed - this.#calendar.t);
  }

  elapsed(): number {
    return this.#elapsed;
  }

  after(milliseconds: number, work: () => void): Cancel {
    const timer: Timer = { at: this.#elapsed + Math.max(0, milliseconds), work };
    let index = this.#timers.length;
    while (index > 0 && (this.#timers[index - 1]?.at ?? 0) <= timer.at) index -= 1;
    this.#timers.splice(index, 0, timer);
    return () => {
      timer.work = null;
    };
  }

  /** The calendar shows this now. */
  setCalendar(at: number): void {
    this.#calendar = { at, t: this.#elapsed };
  }

  /** Moves on to a moment, timer by timer; what each sets off has settled before the next one. */
  async advanceTo(t: number): Promise<void> {
    await settled();
    for (;;) {
      const next = this.#timers.at(-1);
      if (next === undefined || next.at > t) break;
      this.#timers.pop();
      if (next.work === null) continue;
      this.#elapsed = Math.max(this.#elapsed, next.at);
      next.work();
      await settled();
    }
    this.#elapsed = Math.max(this.#elapsed, t);
  }
}
