import { placesIn, type Range } from './secret-places.ts';
import { patternOf } from './secret-spellings.ts';

/** The secrets that are known at the moment, and a filter that takes them out of text. */
export interface Secrets {
  /** Takes note of a secret; shorter ones than six characters are left, for they would mask half of every text. */
  add(value: string): void;
  /** Undoes one `add`, for instance when a token has been replaced. */
  forget(value: string): void;
  /**
   * The text with `[secret]` in place of every known secret, in all usual spellings: escaped as in JSON, URLs and HTML,
   * as hexadecimal or decimal bytes, in base64 or base64url, and one of these within another.
   */
  clean(text: string): string;
  /**
   * The same for what goes back to whoever caused it, such as the answer to a command. Only long secrets are masked:
   * the mask would tell everybody who may send commands that a guessed password is right.
   */
  cleanAnswer(text: string): string;
}

const SHORTEST = 6;
const SHORTEST_UNGUESSABLE = 16;
const MASK = '[secret]';
/** Masks all places; those that overlap become one. */
function masked(text: string, places: readonly Range[]): string {
  let result = '';
  let end = 0;
  for (const [from, to] of [...places].sort(([one], [other]) => one - other)) {
    if (from >= end) result += text.slice(end, from) + MASK;
    end = Math.max(end, to);
  }
  return result + text.slice(end);
}

/** Of texts that are no longer than this, so many are remembered with what became of them: names and words come again and again. */
const LONGEST_REMEMBERED = 64;
const MOST_REMEMBERED = 1000;

/** A filter of the values that `wanted` lets through; compiled once after a change, not for every text. */
function createFilter(values: ReadonlyMap<string, number>, wanted: (value: string) => boolean) {
  let pattern: RegExp | null = null;
  let isStale = false;
  const remembered = new Map<string, string>();

  function cleaned(text: string): string {
    if (pattern === null) return text;
    const places = [...placesIn(text, pattern)];
    return places.length === 0 ? text : masked(text, places);
  }

  return {
    changed: () => {
      isStale = true;
    },
    clean(text: string): string {
      if (isStale) {
        pattern = patternOf([...values.keys()].filter(wanted));
        remembered.clear();
        isStale = false;
      }
      if (text.length > LONGEST_REMEMBERED) return cleaned(text);
      const known = remembered.get(text) ?? cleaned(text);
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      remembered.set(text, known);
      return known;
    },
  };
}

/** An empty set of secrets. */
export function createSecrets(): Secrets {
  const values = new Map<string, number>();
  const all = createFilter(values, () => true);
  const unguessable = createFilter(values, (value) => value.length >= SHORTEST_UNGUESSABLE);
  const changed = () => {
    all.changed();
    unguessable.changed();
  };
  return {
    add(value) {
      if (value.length < SHORTEST) return;
      const times = values.get(value) ?? 0;
      values.set(value, times + 1);
      if (times === 0) changed();
    },
    forget(value) {
      const times = values.get(value) ?? 0;
      if (times > 1) values.set(value, times - 1);
      else if (values.delete(value)) changed();
    },
    clean: all.clean,
    cleanAnswer: unguessable.clean,
  };
}
