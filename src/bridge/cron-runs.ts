import { evenOffset, showings, wallTime } from './zoned-time.ts';

/** A cron expression that was read: on which days, and at which minutes of them. */
export interface CronPattern {
  /** Minutes of the day, rising; at least one. */
  readonly minutes: readonly number[];
  /** True when it names every hour, so that it means a rhythm and not times of the day. */
  readonly isEveryHour: boolean;
  /** Whether it is on a day, given as the milliseconds of its midnight in UTC. */
  readonly isOn: (day: number) => boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** February the 29th may be eight years away, and on a Monday forty. */
const MOST_DAYS = 366 * 41;

/**
 * The moments of one day. A time of the day that the clocks leave out is had when they have gone forward, and one that they show twice
 * is had the first time; a rhythm goes on evenly through both.
 */
function momentsOn(day: number, { minutes, isEveryHour }: CronPattern, timezone: string | null): number[] {
  const offset = evenOffset(day, timezone);
  if (offset !== null) return minutes.map((minute) => day + minute * MINUTE_MS - offset);
  return minutes.flatMap((minute) => {
    const seen = showings(day + minute * MINUTE_MS, timezone);
    if (seen.kind === 'gap') return isEveryHour ? [] : [seen.end];
    return isEveryHour ? seen.at : seen.at.slice(0, 1);
  });
}

/** The first moment after `after` (wall time, milliseconds) at which a pattern is due in a zone; null when none comes. */
export function nextRun(pattern: CronPattern, timezone: string | null, after: number): number | null {
  // Where clocks go back over midnight, the day before is shown once more.
  const first = Math.floor(wallTime(after, timezone) / DAY_MS) * DAY_MS - DAY_MS;
  const soonest = (day: number): number =>
    pattern.isOn(day)
      ? Math.min(...momentsOn(day, pattern, timezone).filter((moment) => moment > after))
      : Number.POSITIVE_INFINITY;
  for (let day = first; day < first + MOST_DAYS * DAY_MS; day += DAY_MS) {
    const found = soonest(day);
    // And the next day may begin before this one is over.
    if (Number.isFinite(found)) return Math.min(found, soonest(day + DAY_MS));
  }
  return null;
}
