const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** One formatter a zone: making one costs a thousand times as much as using it. */
const formatters = new Map<string | null, Intl.DateTimeFormat>();

function formatterOf(timezone: string | null): Intl.DateTimeFormat {
  const known = formatters.get(timezone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    ...{ year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' },
    ...{ second: 'numeric', hourCycle: 'h23', calendar: 'gregory', numberingSystem: 'latn' },
    ...(timezone === null ? {} : { timeZone: timezone }),
  });
  formatters.set(timezone, made);
  return made;
}

/**
 * What calendar and clock on the wall show at a moment, to the second, written as the milliseconds at which they would show the
 * same in UTC. Null is the system's zone.
 */
export function wallTime(at: number, timezone: string | null): number {
  const shown: Partial<Record<string, number>> = {};
  for (const { type, value } of formatterOf(timezone).formatToParts(at)) shown[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  // Some versions of the calendar data call midnight 24:00.
  return Date.UTC(year, month - 1, day, hour % 24, minute, second);
}

/** Whether the text is a time zone that this machine knows, such as `Europe/Berlin`. */
export function isTimeZone(text: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The time of day at a moment, `HH:MM`. */
export const timeOfDay = (at: number, timezone: string | null): string =>
  new Date(wallTime(at, timezone)).toISOString().slice(11, 16);

/** Whether a moment lies between two times of day; when `from` is not before `to`, they pass midnight or last the whole day. */
export function isBetween(
  { from, to, timezone }: { readonly from: string; readonly to: string; readonly timezone: string | null },
  at: number,
): boolean {
  const time = timeOfDay(at, timezone);
  return from < to ? from <= time && time < to : from <= time || time < to;
}

/** How far the wall is ahead of UTC, milliseconds. */
function offsetAt(at: number, timezone: string | null): number {
  const second = Math.floor(at / 1000) * 1000;
  return wallTime(second, timezone) - second;
}

/** The first moment, to the minute, at which the wall shows no longer what it did at `from`, looking no further than `to`. */
function changeBetween(from: number, to: number, timezone: string | null): number {
  const before = offsetAt(from, timezone);
  let [low, high] = [Math.floor(from / MINUTE_MS), Math.ceil(to / MINUTE_MS)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(middle * MINUTE_MS, timezone) === before) low = middle;
    else high = middle;
  }
  return high * MINUTE_MS;
}

/** When the wall shows a time: mostly once, twice where clocks go back; never where they go forward, and then the end of the gap. */
export type Showings =
  | { readonly kind: 'shown'; readonly at: readonly number[] }
  | { readonly kind: 'gap'; readonly end: number };

/** When the wall shows a time (as `wallTime` writes it). */
export function showings(wall: number, timezone: string | null): Showings {
  // No zone is a day from UTC, and none changes twice in two days.
  const [early, late] = [wall - DAY_MS, wall + DAY_MS];
  const offsets = new Set([offsetAt(early, timezone), offsetAt(late, timezone)]);
  const at = [...offsets]
    .map((offset) => wall - offset)
    .filter((moment) => wallTime(moment, timezone) === wall)
    .sort((a, b) => a - b);
  return at.length > 0 ? { kind: 'shown', at } : { kind: 'gap', end: changeBetween(early, late, timezone) };
}

/** Whether the wall goes evenly on the whole day that begins at `day` (as `wallTime` writes it): its distance from UTC, or null. */
export function evenOffset(day: number, timezone: string | null): number | null {
  const offset = offsetAt(day - DAY_MS, timezone);
  return offset === offsetAt(day + 2 * DAY_MS, timezone) ? offset : null;
}
