const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
  ['second', 1],
];

/** Formats are costly to make and asked for in every row. */
function kept<T>(make: (tag: string) => T): (tag: string) => T {
  const made = new Map<string, T>();
  return (tag) => {
    const format = made.get(tag) ?? make(tag);
    made.set(tag, format);
    return format;
  };
}

const relative = kept((tag) => new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'narrow' }));
const clock = kept((tag) => new Intl.DateTimeFormat(tag, { timeStyle: 'medium' }));
const day = kept((tag) => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'short' }));
const number = kept((tag) => new Intl.NumberFormat(tag));

/** How long ago something was, or until it is, in one unit; `now` in milliseconds. A second either way is now. */
export function ago(at: string, now: number, tag: string): string {
  const seconds = (Date.parse(at) - now) / 1000;
  const size = Math.abs(seconds);
  const [unit, length] = UNITS.find(([, each]) => size >= each * (each > 1 ? 1 : 2)) ?? ['second', 1];
  return relative(tag).format(size < 2 ? 0 : Math.trunc(seconds / length), unit);
}

/** As `ago`, for what cannot lie ahead: a clock of the browser that is behind makes no future. */
export const since = (at: string, now: number, tag: string): string =>
  ago(at, Math.max(now, Date.parse(at)), tag);

/** The time of day, with seconds. */
export const timeOf = (at: string, tag: string): string => clock(tag).format(Date.parse(at));

/** The day and the time. */
export const dayOf = (at: string, tag: string): string => day(tag).format(Date.parse(at));

/** A number as the language writes it. */
export const numberOf = (value: number, tag: string): string => number(tag).format(value);
