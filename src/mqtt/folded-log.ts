import type { Clock, Fields } from '../bridge/ports.ts';

/** Says something once a minute for each key, and how often it was held back since. */
export type FoldedLine = (key: string, message: string, fields?: Fields) => void;

const FOLD_MS = 60_000;
const FOLDED_KEYS = 200;

/** Folds repeated lines, so that nobody can fill the log. Keys beyond a few hundred a minute share one line. */
export function createFoldedLine(clock: Clock, write: (message: string, fields: Fields) => void): FoldedLine {
  const lines = new Map<string, { since: number; hidden: number }>();
  return (wanted, message, fields = {}) => {
    const now = clock.elapsed();
    for (const [key, { since }] of lines) {
      // Insertion order is order of time: a line that is said again is put at the end.
      if (now - since < FOLD_MS || key === wanted) break;
      lines.delete(key);
    }
    const key = lines.has(wanted) || lines.size < FOLDED_KEYS ? wanted : '';
    const line = lines.get(key);
    if (line !== undefined && now - line.since < FOLD_MS) {
      line.hidden += 1;
      return;
    }
    write(message, line === undefined || line.hidden === 0 ? fields : { ...fields, left_out: line.hidden });
    lines.delete(key);
    lines.set(key, { since: now, hidden: 0 });
  };
}
