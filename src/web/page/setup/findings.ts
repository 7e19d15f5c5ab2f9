import type { FindingView } from '../../api/messages.ts';

/** Takes text as it comes and hands on every whole line of JSON. */
export interface LineReader {
  push(text: string): void;
  /** Nothing more comes: the last line may have no end. */
  end(): void;
}

/** Reads JSON lines; a line that is none is left out, since the next may be whole again. */
export function readLines<T>(take: (value: T) => void): LineReader {
  let rest = '';
  function line(text: string): void {
    if (text.trim() === '') return;
    let value: T;
    try {
      value = JSON.parse(text) as T;
    } catch {
      return;
    }
    take(value);
  }
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const each of lines) line(each);
    },
    end() {
      line(rest);
      rest = '';
    },
  };
}

/** How many findings are of which kind. */
export function countOf(findings: readonly FindingView[]): Readonly<Record<FindingView['verdict'], number>> {
  const count = { well: 0, wrong: 0, note: 0 };
  for (const { verdict } of findings) count[verdict] += 1;
  return count;
}
