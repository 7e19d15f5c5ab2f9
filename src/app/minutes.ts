import type { Clock } from '../bridge/ports.ts';
import type { MinuteView } from '../web/api/messages.ts';

/** What is counted in a minute. */
export type MinuteCount = Exclude<keyof MinuteView, 'at'>;

/** Counts what happens, minute by minute of the wall clock. */
export interface Minutes {
  count(what: MinuteCount): void;
  /** The last hour's whole minutes, oldest first, as far as the bridge has been there. */
  readonly ended: readonly MinuteView[];
}

const MINUTE_MS = 60_000;
const MOST = 60;

type Counts = { -readonly [what in MinuteCount]: number };

const nothing = (): Counts => ({ events: 0, rejected: 0, commands: 0, failed: 0, calls: 0, corrections: 0 });

/**
 * Counts without a timer: minutes in which nothing happened are filled in when somebody looks. `corrections` is how many there
 * were since the start; they come out of reads, so they belong to the last minute in which something was counted.
 */
export function createMinutes(clock: Pick<Clock, 'now'>, corrections: () => number): Minutes {
  const minuteOf = (at: number): number => Math.floor(at / MINUTE_MS);
  const counts = new Map<number, Counts>();
  let current = minuteOf(clock.now());
  let first = current;
  let corrected = 0;

  function roll(): void {
    const now = minuteOf(clock.now());
    if (now === current) return;
    const last = counts.get(current);
    const all = corrections();
    if (last !== undefined) last.corrections += Math.max(0, all - corrected);
    corrected = all;
    current = now;
    // A calendar that was set back has minutes that it had before.
    first = Math.min(first, now);
    for (const minute of counts.keys()) if (minute < now - MOST || minute > now) counts.delete(minute);
  }

  return {
    count(what) {
      roll();
      const of = counts.get(current) ?? nothing();
      counts.set(current, of);
      of[what] += 1;
    },
    get ended() {
      roll();
      const from = Math.max(first, current - MOST);
      return Array.from({ length: current - from }, (_, index) => ({
        at: new Date((from + index) * MINUTE_MS).toISOString(),
        ...(counts.get(from + index) ?? nothing()),
      }));
    },
  };
}
