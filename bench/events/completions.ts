import type { Seen, Sent } from './messages.ts';

/** What became of events that were sent. */
export interface Completions {
  /** When each was first to be seen, by its place in `sent`; NaN when it never was. */
  readonly at: Float64Array;
  /** Seen as they were sent. */
  readonly shown: number;
  /** Never seen themselves, but a later one of the same room and kind was: the outbox keeps only the newest value of a topic. */
  readonly covered: number;
  /** Neither they nor a later one were ever seen. */
  readonly lost: number;
  /** When the last of them was to be seen. */
  readonly lastAt: number;
}

const keyOf = (room: number, kind: number): number => room * 16 + kind;

function byKey(seen: Seen): Map<number, number[]> {
  const places = new Map<number, number[]>();
  for (const [place, room] of seen.room.entries()) {
    const key = keyOf(room, seen.kind[place] ?? 0);
    const list = places.get(key);
    if (list === undefined) places.set(key, [place]);
    else list.push(place);
  }
  return places;
}

/** Joins what was sent with what was seen; both are in the order of their counts for each room and kind. */
export function completionsOf(sent: Sent, seen: Seen): Completions {
  const places = byKey(seen);
  const next = new Map<number, number>();
  const at = new Float64Array(sent.from.length).fill(Number.NaN);
  let [shown, covered, lost, lastAt] = [0, 0, 0, Number.NEGATIVE_INFINITY];
  for (const [index, room] of sent.room.entries()) {
    const key = keyOf(room, sent.kind[index] ?? 0);
    const count = sent.count[index] ?? 0;
    const list = places.get(key) ?? [];
    let pointer = next.get(key) ?? 0;
    while (pointer < list.length && (seen.count[list[pointer] ?? 0] ?? 0) < count) pointer += 1;
    next.set(key, pointer);
    const place = list[pointer];
    if (place === undefined) {
      lost += 1;
      continue;
    }
    at[index] = seen.at[place] ?? Number.NaN;
    lastAt = Math.max(lastAt, at[index] ?? Number.NaN);
    if (seen.count[place] === count) shown += 1;
    else covered += 1;
  }
  return { at, shown, covered, lost, lastAt };
}
