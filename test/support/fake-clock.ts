import { setImmediate } from 'node:timers/promises';
import type { Clock } from '../../src/bridge/ports.ts';
import { type Timer, TimerHeap } from './timer-heap.ts';

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

/** A deterministic clock; `start` is its wall time. Every microtask is drained between timers. */
export function createFakeClock(start = Date.UTC(2026, 10, 21, 20)): FakeClock {
  let wall = start;
  let elapsed = 1_000;
  let order = 0;
  const timers = new TimerHeap();

  const moveTo = (at: number): void => {
    wall += Math.max(0, at - elapsed);
    elapsed = Math.max(elapsed, at);
  };

  return {
    now: () => wall,
    elapsed: () => elapsed,
    after(milliseconds, work) {
      order += 1;
      const timer: Timer = { at: elapsed + Math.max(0, milliseconds), order, work };
      timers.push(timer);
      return () => {
        timer.work = null;
      };
    },
    async advance(milliseconds) {
      const end = elapsed + milliseconds;
      await setImmediate();
      for (let next = timers.peek(); next !== undefined && next.at <= end; next = timers.peek()) {
        timers.pop();
        moveTo(next.at);
        next.work?.();
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
