import { signal } from '@preact/signals';

/** Clocks of less difference than this count as the same: what we know of the bridge's is whole seconds. */
const SAME_CLOCK_MS = 1_500;

/** How far this browser's clock is ahead of the bridge's, milliseconds. */
export const skew = signal(0);

/** The same from the `Date` header of an answer; null when it tells none. */
export function skewFrom(date: string | null, askedAt: number, answeredAt: number): number | null {
  const told = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(told)) return null;
  // The header is cut to its second, so half a second has passed since, more or less.
  const ahead = (askedAt + answeredAt) / 2 - (told + 500);
  return Math.abs(ahead) < SAME_CLOCK_MS ? 0 : ahead;
}
