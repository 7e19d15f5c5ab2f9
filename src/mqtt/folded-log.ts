import type { Clock, Fields, Log } from '../bridge/ports.ts';

const MINUTE_MS = 60_000;

/** Warns, but at most once a minute per kind; the next line of a kind says how many were left out. */
export type FoldedWarn = (kind: string, message: string, fields?: Fields) => void;

/** Makes a log that folds repeated warnings. Kinds must come from a closed set: each one is remembered. */
export function createFoldedWarn(clock: Clock, log: Log): FoldedWarn {
  const kinds = new Map<string, { at: number; folded: number }>();
  return (kind, message, fields = {}) => {
    const now = clock.elapsed();
    const seen = kinds.get(kind);
    if (seen !== undefined && now - seen.at < MINUTE_MS) {
      seen.folded += 1;
      return;
    }
    const folded = seen?.folded ?? 0;
    kinds.set(kind, { at: now, folded: 0 });
    log.warn(message, folded === 0 ? fields : { ...fields, left_out: folded });
  };
}
