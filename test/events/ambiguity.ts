/** Which texts there are: digits first, then the words of a row, then an id. */
export interface Language {
  /** The letters of which the number in front is made: one or more of them. */
  readonly numberLetters: string;
  readonly rows: readonly Row[];
}

/** One row: its words as they are joined, what its ids begin with, and the letters of which the rest of them is made. */
export interface Row {
  readonly name: string;
  readonly words: string;
  readonly prefix: string;
  readonly idLetters: string;
}

interface State {
  readonly name: string;
  readonly isEnd: boolean;
  readonly next: Map<string, State[]>;
}

const stateOf = (name: string, isEnd = false): State => ({ name, isEnd, next: new Map() });

function connect(from: State, letters: Iterable<string>, to: State): void {
  for (const letter of letters) from.next.set(letter, [...(from.next.get(letter) ?? []), to]);
}

/** The automaton of a language. Each row has states of its own, so two readings of a text are two paths. */
function automatonOf({ numberLetters, rows }: Language): State {
  const start = stateOf('start');
  const number = stateOf('number');
  connect(start, numberLetters, number);
  connect(number, numberLetters, number);
  for (const { name, words, prefix, idLetters } of rows) {
    const text = words + prefix;
    let state = number;
    for (const [index, letter] of [...text].entries()) {
      const following = stateOf(`${name} ${index + 1}`, index + 1 === text.length);
      connect(state, letter, following);
      state = following;
    }
    connect(state, idLetters, state);
  }
  return start;
}

interface Pair {
  readonly one: State;
  readonly other: State;
  readonly haveParted: boolean;
  readonly text: string;
}

/**
 * A text that can be read in two ways; null when there is none. Walks all pairs of paths over the same letters at
 * once; as there are only so many pairs of states, it is a proof for texts of any length.
 */
export function ambiguousText(language: Language): string | null {
  const start = automatonOf(language);
  const seen = new Set<string>();
  const open: Pair[] = [{ one: start, other: start, haveParted: false, text: '' }];
  for (let pair = open.shift(); pair !== undefined; pair = open.shift()) {
    const { one, other, haveParted, text } = pair;
    if (haveParted && one.isEnd && other.isEnd) return text;
    for (const [letter, nexts] of one.next) {
      for (const first of nexts) {
        for (const second of other.next.get(letter) ?? []) {
          const parted = haveParted || first !== second;
          const key = `${first.name}|${second.name}|${parted}`;
          if (seen.has(key)) continue;
          seen.add(key);
          open.push({ one: first, other: second, haveParted: parted, text: text + letter });
        }
      }
    }
  }
  return null;
}
