import type { LineOf } from '../record/lines.ts';
import type { DryMessage } from './dry-broker.ts';

/** A topic that holds one thing in the record and another in the replay; '' is a topic that holds nothing. */
export interface Difference {
  /** When it first was so, milliseconds since the record began. */
  readonly t: number;
  readonly topic: string;
  /** Where in a JSON payload the first difference is, such as `group.volume`; empty when it is the whole. */
  readonly where: string;
  readonly recorded: string;
  readonly replayed: string;
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;
/** Between a moment that is written down and one that is published, a busy machine does other things. */
const SAME_TIME_MS = 2_000;

/** Where two JSON values first differ, and both there; null when they say the same. Moments may differ a little. */
function gap(a: unknown, b: unknown, path: readonly string[] = []): Gap | null {
  const here = { where: path.join('.'), a, b };
  if (typeof a === 'string' && typeof b === 'string' && DATE.test(a) && DATE.test(b))
    return Math.abs(new Date(a).getTime() - new Date(b).getTime()) <= SAME_TIME_MS ? null : here;
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null)
    return a === b ? null : here;
  if (Array.isArray(a) !== Array.isArray(b)) return here;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const found = gap(a[key as keyof typeof a], b[key as keyof typeof b], [...path, key]);
    if (found !== null) return found;
  }
  return null;
}

interface Gap {
  readonly where: string;
  readonly a: unknown;
  readonly b: unknown;
}

/** What a payload says: JSON when it is an object or a list, and the text itself otherwise. */
function meaningOf(payload: string): unknown {
  if (!/^[[{]/.test(payload)) return payload;
  try {
    return JSON.parse(payload);
  } catch {
    return payload;
  }
}

const written = (payload: unknown): string =>
  typeof payload === 'string' ? payload : JSON.stringify(payload);

/** Compares topics with those expected: both by topic, those that hold nothing left out. */
export function differencesOf(
  expected: ReadonlyMap<string, unknown>,
  topics: ReadonlyMap<string, string>,
  since: (topic: string) => number,
): Difference[] {
  return [...new Set([...expected.keys(), ...topics.keys()])]
    .flatMap((topic) => {
      const found = gap(expected.get(topic) ?? '', meaningOf(topics.get(topic) ?? ''));
      if (found === null) return [];
      const { where, a, b } = found;
      return [{ t: since(topic), topic, where, recorded: written(a), replayed: written(b) }];
    })
    .sort((a, b) => a.t - b.t);
}

/** What the topics held at the end, by the record's own lines. */
export function publishedIn(lines: readonly LineOf<'publish'>[]): Map<string, unknown> {
  const topics = new Map<string, unknown>();
  for (const { topic, payload } of lines) {
    if (payload === '') topics.delete(topic);
    else topics.set(topic, payload);
  }
  return topics;
}

/** When each topic last changed, in record or replay, whichever was later. */
export function lastChanges(
  lines: readonly LineOf<'publish'>[],
  messages: readonly DryMessage[],
): Map<string, number> {
  const last = new Map<string, number>();
  for (const { topic, t } of [...lines, ...messages.filter(({ retained }) => retained)])
    last.set(topic, Math.max(t, last.get(topic) ?? 0));
  return last;
}
