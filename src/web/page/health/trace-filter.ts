import type { TraceEntry } from '../../api/messages.ts';

/** What of the trace is shown; empty strings are everything. */
export interface TraceFilter {
  readonly kind: TraceEntry['kind'] | '';
  readonly room: string;
  /** One outcome, or `!` for everything that went wrong. */
  readonly outcome: string;
  readonly text: string;
}

export const EVERYTHING: TraceFilter = { kind: '', room: '', outcome: '', text: '' };
export const WRONG = '!';

const GOOD = new Set(['applied', 'confirmed', '2xx']);
const PLAIN = new Set(['unchanged', 'duplicate', 'accepted', 'unconfirmed']);

/** Whether an outcome is good, bad, or neither: HTTP statuses by their class, words by what they say. */
export function toneOf(outcome: string): 'good' | 'bad' | 'plain' {
  if (/^\d{3}$/.test(outcome)) return Number(outcome) < 400 ? 'good' : 'bad';
  return GOOD.has(outcome) ? 'good' : PLAIN.has(outcome) ? 'plain' : 'bad';
}

/** An entry may name several rooms. */
const roomsOf = ({ room }: TraceEntry): readonly string[] =>
  room === null ? [] : room.split(',').map((each) => each.trim());

function fits(entry: TraceEntry, { kind, room, outcome, text }: TraceFilter): boolean {
  if (kind !== '' && entry.kind !== kind) return false;
  if (room !== '' && !roomsOf(entry).includes(room)) return false;
  if (outcome === WRONG ? toneOf(entry.outcome) !== 'bad' : outcome !== '' && entry.outcome !== outcome)
    return false;
  if (text.trim() === '') return true;
  const all = [entry.what, entry.household, entry.room, entry.outcome, entry.detail].join(' ').toLowerCase();
  return all.includes(text.trim().toLowerCase());
}

/** What is shown, newest first, and no more than `most`. */
export function shownOf(
  trace: readonly TraceEntry[],
  filter: TraceFilter,
  most: number,
): readonly TraceEntry[] {
  return trace
    .filter((entry) => fits(entry, filter))
    .slice(-most)
    .reverse();
}

/** What can be chosen: the rooms and the outcomes that there are, sorted. */
export function choicesOf(trace: readonly TraceEntry[]): {
  readonly rooms: readonly string[];
  readonly outcomes: readonly string[];
} {
  const sorted = (values: Iterable<string>) => [...new Set(values)].sort();
  return { rooms: sorted(trace.flatMap(roomsOf)), outcomes: sorted(trace.map(({ outcome }) => outcome)) };
}
