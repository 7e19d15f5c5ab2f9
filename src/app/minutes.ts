import type { Clock } from '../bridge/ports.ts';
import type { MinuteView } from '../web/api/messages.ts';

/** What is counted in a minute. */
export type MinuteCount = Exclude<keyof MinuteView, 'at'>;

/** Counts what happens, minute by minute of the wall clock. */
export interface Minutes {
  count(what: MinuteCount): void;
  /** The minutes of the last hour, oldest first, as far as the bridge has been there; the last one still runs. */
  readonly all: readonly MinuteView[];
}

const MINUTE_MS = 60_000;
const MOST = 60;

type Counts = { -readonly [what in MinuteCount]: number };

const nothing = (): Counts => ({ events: 0, rejected: 0, commands: 0, failed: 0, calls: 0, corrections: 0 });

/**
 * Counts without a timer: minutes in which nothing happened are filled in when somebody looks. `corrections` is how many there
 * were since the start; they belong to the last minute in which something was counted or looked at.
 */
export function createMinutes(clock: Pick<Clock, 'now'>, corrections: () => number): Minutes {
  const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS);
  const counts = new Map<number, Counts>();
  let current = minuteOf(clock.now());
  let first = current;
  let corrected = 0;

  const countsOf = (minute: number): Counts => counts.get(minute) ?? nothing();

  /** Puts corrections that nobody has counted yet into the minute that was the running one until now. */
  function correct(): void {
    const all = corrections();
    if (all > corrected) {
      const of = countsOf(current);
      counts.set(current, { ...of, corrections: of.corrections + all - corrected });
    }
    corrected = all;
  }

  function roll(): void {
    const next = minuteOf(clock.now());
    if (next === current) return;
    correct();
    current = next;
    // A calendar that was set back has minutes that it had before.
    first = Math.min(first, next);
    for (const minute of counts.keys()) if (minute <= next - MOST || minute > next) counts.delete(minute);
  }

  return {
    count(what) {
      roll();
      const of = countsOf(current);
      counts.set(current, of);
      of[what] += 1;
    },
    get all() {
      roll();
      correct();
      const from = Math.max(first, current - MOST + 1);
      return Array.from({ length: current - from + 1 }, (_, index) => ({
        at: new Date((from + index) * MINUTE_MS).toISOString(),
        ...countsOf(from + index),
      }));
    },
  };
}
