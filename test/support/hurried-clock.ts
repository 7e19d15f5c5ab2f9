import type { Clock } from '../../src/bridge/ports.ts';

/**
 * The machine's clock, which a test can hurry: everything that waits on it waits shorter, while sockets and other
 * processes keep their own time.
 */
export interface HurriedClock extends Clock {
  /** From now on so many of its seconds pass in one real second; 0 holds it. */
  rate(times: number): void;
  /** So much time has passed at once; what was due meanwhile happens on the next turns. */
  skip(milliseconds: number): void;
}

interface Timer {
  readonly at: number;
  readonly work: () => void;
  handle: NodeJS.Timeout | null;
}

/** A clock that goes as the machine's until it is hurried. */
export function createHurriedClock(): HurriedClock {
  const started = Date.now();
  const timers = new Set<Timer>();
  let times = 1;
  /** The moment of the last change: on this clock, and on the machine's. */
  let changed = { here: 0, real: performance.now() };

  const elapsed = (): number => changed.here + (performance.now() - changed.real) * times;

  function set(timer: Timer): void {
    if (timer.handle !== null) clearTimeout(timer.handle);
    timer.handle = null;
    if (times === 0) return;
    const wait = Math.min(Math.max(0, (timer.at - elapsed()) / times), 2 ** 31 - 1);
    timer.handle = setTimeout(() => {
      // A timer that fires a little early, or was too long for one piece, is set again.
      if (timer.at - elapsed() > 1) return set(timer);
      timers.delete(timer);
      timer.work();
    }, wait);
  }

  function change(here: number, rate: number): void {
    changed = { here, real: performance.now() };
    times = rate;
    for (const timer of [...timers].sort((a, b) => a.at - b.at)) set(timer);
  }

  return {
    now: () => started + elapsed(),
    elapsed,
    after(milliseconds, work) {
      const timer: Timer = { at: elapsed() + Math.max(0, milliseconds), work, handle: null };
      timers.add(timer);
      set(timer);
      return () => {
        timers.delete(timer);
        if (timer.handle !== null) clearTimeout(timer.handle);
      };
    },
    rate: (rate) => change(elapsed(), rate),
    skip: (milliseconds) => change(elapsed() + milliseconds, times),
  };
}
