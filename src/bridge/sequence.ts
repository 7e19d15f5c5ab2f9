import { sliceKey } from './state.ts';

/** The number of the newest event of one target that was accepted, and when it came (wall time, milliseconds). */
export interface Mark {
  readonly sequence: string;
  readonly at: number;
}

/** Marks by household, then by `sliceKey` of namespace and target. */
export type Marks = ReadonlyMap<string, ReadonlyMap<string, Mark>>;

/** What a sequence number says of an event: it is news, or known, or late, or the count began anew. */
export type Verdict = 'newer' | 'duplicate' | 'late' | 'restarted';

/** After so long a silence a lower number is taken for a new count, not for an event that was overtaken. */
const SILENCE_MS = 60_000;

const compare = (a: string, b: string): number => a.length - b.length || (a === b ? 0 : a < b ? -1 : 1);

/**
 * Judges an event's number against its target's mark. Canonical decimal text, any length.
 * Sonos documents neither the counter's scope nor its reset: it is kept per household, namespace and target, and a
 * lower number after a minute of silence starts it anew.
 */
export function judge(mark: Mark | undefined, sequence: string, at: number): Verdict {
  if (mark === undefined) return 'newer';
  const order = compare(sequence, mark.sequence);
  if (order > 0) return 'newer';
  if (order === 0) return 'duplicate';
  return Math.abs(at - mark.at) > SILENCE_MS ? 'restarted' : 'late';
}

/** The mark of one target. */
export const markOf = (
  marks: Marks,
  household: string,
  namespace: string,
  target: string,
): Mark | undefined => marks.get(household)?.get(sliceKey(namespace, target));
