import type { Cancel, Clock } from './bridge/ports.ts';
import type { LogLine } from './log-lines.ts';

/** Lets a line through once per window, and counts the others. */
export interface Repeats {
  accept(line: LogLine): void;
  /** Ends every window now; what was counted is still told. */
  close(): void;
}

interface Window {
  last: LogLine;
  repeated: number;
  readonly cancel: Cancel;
}

/** More kinds of warnings than a house should ever have; beyond it, the oldest window ends early. */
const MOST_WINDOWS = 200;

/**
 * Folds repeated lines: the first of a level, room and message passes to `tell`, those after it within `windowMs` are
 * counted, and at the end of the window one line follows, the last of them with the field `repeated`.
 */
export function foldRepeats(clock: Clock, windowMs: number, tell: (line: LogLine) => void): Repeats {
  const windows = new Map<string, Window>();

  const end = (key: string) => {
    const window = windows.get(key);
    if (window === undefined) return;
    windows.delete(key);
    window.cancel();
    const { last, repeated } = window;
    if (repeated > 0) tell({ ...last, fields: { ...last.fields, repeated } });
  };

  return {
    accept(line) {
      const key = JSON.stringify([line.level, line.room, line.message]);
      const window = windows.get(key);
      if (window !== undefined) {
        window.last = line;
        window.repeated += 1;
        return;
      }
      const oldest = windows.keys().next().value;
      if (windows.size >= MOST_WINDOWS && oldest !== undefined) end(oldest);
      windows.set(key, { last: line, repeated: 0, cancel: clock.after(windowMs, () => end(key)) });
      tell(line);
    },
    close() {
      for (const key of [...windows.keys()]) end(key);
    },
  };
}
