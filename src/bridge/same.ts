import type { Json } from './sonos.ts';

type Keyed = Readonly<Record<string, unknown>>;

const isKeyed = (value: unknown): value is Keyed => typeof value === 'object' && value !== null;

/** Whether two plain values (as JSON knows them, and maps of them) say the same; the order of an object's keys does not count. */
export function same(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, value]) => b.has(key) && same(value, b.get(key)));
  }
  if (!isKeyed(a) || !isKeyed(b) || Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
  );
}

/** The earlier value when the later one says the same, so that "did anything change?" is one comparison of references. */
export const kept = <T>(earlier: T | null | undefined, later: T): T =>
  earlier !== null && earlier !== undefined && same(earlier, later) ? earlier : later;

/** Whatever something is made of: while all of it is the same, by reference, so is what was made. */
export type Grounds = readonly unknown[];

/** Whether nothing has changed of which something is made; false when there was nothing before. */
export const sameGrounds = (a: Grounds | undefined, b: Grounds): boolean =>
  a !== undefined && a.length === b.length && b.every((each, i) => each === a[i]);

/** The value at a path like `group.volume`; null when a step of it is missing. */
export function valueAt(json: Json, path: string): Json {
  let here: Json = json;
  for (const step of path.split('.')) {
    if (typeof here !== 'object' || here === null || Array.isArray(here) || !Object.hasOwn(here, step))
      return null;
    here = (here as { readonly [key: string]: Json })[step] ?? null;
  }
  return here;
}
