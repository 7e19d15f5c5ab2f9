/** Chance from a seed: the same seed tells the same story. */
export interface Chance {
  /** From 0 (included) to 1 (excluded). */
  fraction(): number;
  /** A whole number, both ends included. */
  integer(from: number, to: number): number;
  /** One of the list; the list must not be empty. */
  pick<T>(list: readonly T[]): T;
  /** The list in another order; the given one stays as it is. */
  shuffled<T>(list: readonly T[]): T[];
  /** Random letters and digits. */
  text(length: number): string;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Mulberry32: small, quick, and good enough to tell stories; never for secrets of a real house. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Chance that follows from the seed (any whole number) alone. */
export function createChance(seed: number): Chance {
  const fraction = mulberry32(seed);
  const integer = (from: number, to: number): number => from + Math.floor(fraction() * (to - from + 1));
  const pick = <T>(list: readonly T[]): T => {
    const found = list[integer(0, list.length - 1)];
    if (found === undefined) throw new Error('There is nothing to pick from: the list is empty.');
    return found;
  };
  const shuffled = <T>(list: readonly T[]): T[] => {
    const rest = [...list];
    const result: T[] = [];
    while (rest.length > 0) result.push(...rest.splice(integer(0, rest.length - 1), 1));
    return result;
  };
  const text = (length: number): string =>
    Array.from({ length }, () => LETTERS.charAt(integer(0, LETTERS.length - 1))).join('');
  return { fraction, integer, pick, shuffled, text };
}
