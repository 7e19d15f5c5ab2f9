import type { MinuteView } from '../../api/messages.ts';

/** What is counted each minute. */
export const COUNTERS = ['events', 'commands', 'calls', 'failed', 'corrections', 'rejected'] as const;
export type Counter = (typeof COUNTERS)[number];

/** So many minutes are shown. */
export const SHOWN = 60;
const MINUTE_MS = 60_000;

/** The last minutes of one counter, oldest first; minutes of which nothing is known count nothing. */
export function valuesOf(minutes: readonly MinuteView[], counter: Counter, now: number): readonly number[] {
  const byMinute = new Map(
    minutes.map((minute) => [Math.floor(Date.parse(minute.at) / MINUTE_MS), minute[counter]]),
  );
  // A browser's clock may be behind: the newest minute is then where the picture ends.
  const last = Math.max(Math.floor(now / MINUTE_MS), ...byMinute.keys());
  return Array.from({ length: SHOWN }, (_, at) => byMinute.get(last - SHOWN + 1 + at) ?? 0);
}

/** What is said of a picture in numbers. */
export function sumOf(values: readonly number[]): { readonly total: number; readonly most: number } {
  return { total: values.reduce((sum, each) => sum + each, 0), most: Math.max(0, ...values) };
}

const round = (value: number): number => Math.round(value * 100) / 100;

/** The path of one bar a value, in a picture of this size; what is not zero is never invisible. */
export function barsPath(values: readonly number[], width: number, height: number): string {
  const { most } = sumOf(values);
  const step = width / values.length;
  const least = 1.5;
  return values
    .map((value, at) => {
      if (value <= 0) return '';
      const tall = round(Math.max(least, (value / most) * height));
      return `M${round(at * step)} ${height}v${-tall}h${round(step * 0.72)}v${tall}z`;
    })
    .join('');
}
