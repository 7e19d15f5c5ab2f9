import type { Random } from '../bridge/ports.ts';

/** The pause after the n-th failure in a row, n from 1: doubles up to a longest one, and chance takes up to half of it away. */
export function backOff(failures: number, firstMs: number, longestMs: number, random: Random): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 40));
  return full * (1 - random.fraction() / 2);
}
