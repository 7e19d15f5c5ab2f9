import { setImmediate } from 'node:timers/promises';

/**
 * Goes over `length` things in slices, and gives everybody else a turn between two: a long sound takes a second to
 * reckon through, and the house must not stand still meanwhile.
 */
export async function inSlices(
  length: number,
  slice: number,
  work: (from: number, to: number) => void,
): Promise<void> {
  for (let from = 0; from < length; from += slice) {
    if (from > 0) await setImmediate();
    work(from, Math.min(length, from + slice));
  }
}
