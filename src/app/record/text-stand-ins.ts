import { slug } from '../../bridge/slug.ts';

/** What a text is of, as far as the place tells where it was first seen. */
export type TextKind = 'Room' | 'Title' | 'Text';

/** Texts that are longer keep their length: what is cut or refused for its length shows again. */
const LONG = 64;
/** A number at the end: `Bath 2`, and the address `bath-2` that a second "Bath" has. */
const NUMBERED = /^(.*?[^\s-])[\s-]+(\d{1,2})$/s;
/** How Sonos calls groups. */
const GROUP = /^(.*) \+ (\d{1,3})$/s;

/** A, B … Z, AA, AB … */
function letters(n: number): string {
  const rest = n % 26;
  return `${n < 26 ? '' : letters(Math.floor(n / 26) - 1)}${String.fromCharCode(65 + rest)}`;
}

/** One sign of which nothing is left in an address, like those that stand in a name of such signs. */
const unsluggable = (n: number): string => `室${String.fromCodePoint(0x4e_00 + n)}`;

const folded = (text: string): string => text.normalize('NFC').toLowerCase().trim();

// biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII is what is asked for
const isAscii = (text: string): boolean => /^[\u0000-\u007f]*$/.test(text);

/** All texts that give the same address. */
interface Class {
  /** `Room-A`; empty when an address has nothing of it. */
  readonly base: string;
  /** Its texts without case, apart by whether they are plain ASCII, in the order in which they were seen. */
  readonly plain: string[];
  readonly other: string[];
}

/**
 * Replaces texts by others: the same text has the same stand-in, two of which the addresses collide still do, what has
 * letters beyond ASCII still has, and so do length (when it is long), case, blanks at the ends and a number at the end.
 */
export class TextStandIns {
  readonly #classes = new Map<string, Class>();
  readonly #isPublic: (word: string) => boolean;

  /** `isPublic` knows the words, in lower case, that tell nothing of a house. */
  constructor(isPublic: (word: string) => boolean) {
    this.#isPublic = isPublic;
  }

  /** The stand-in of a text. */
  of(text: string, kind: TextKind = 'Text'): string {
    const inner = text.trim();
    if (inner === '') return text;
    if (inner !== text) return text.replace(inner, () => this.of(inner, kind));
    const [, grouped, more] = GROUP.exec(text) ?? [];
    if (grouped !== undefined && grouped.trim() !== '') return `${this.of(grouped, kind)} + ${more}`;
    const [, named, number] = NUMBERED.exec(text) ?? [];
    if (named === undefined || number === undefined) return this.#whole(text, kind);
    const separator = text.slice(named.length, text.length - number.length);
    return `${this.#whole(named, kind)}${separator === '-' ? '-' : ' '}${number}`;
  }

  #whole(text: string, kind: TextKind): string {
    const base = slug(text);
    if (this.#isPublic(text.toLowerCase()) || (base !== '' && this.#isPublic(base))) return text;
    const own = this.#classOf(base, text, kind);
    if (text === base) return own.base.toLowerCase();
    const isPlain = isAscii(text);
    const among = isPlain ? own.plain : own.other;
    const fold = folded(text);
    // The address itself is a spelling of the first name that gives it.
    if (!among.includes(fold)) among.push(fold);
    const word = own.base === '' ? unsluggable(this.#numberOf(base, text)) : own.base;
    const accented = isPlain || own.base === '' ? word : word.replace(/[oie]/, (letter) => `${letter}\u0301`);
    const cased = text === text.toLowerCase() ? accented.toLowerCase() : accented;
    const shouted = text === text.toUpperCase() && text !== text.toLowerCase() ? cased.toUpperCase() : cased;
    const apart = own.base === '' ? '' : '!'.repeat(among.indexOf(fold));
    return `${shouted}${apart}`.padEnd(text.length > LONG ? text.length : 0, '.');
  }

  #classOf(base: string, text: string, kind: TextKind): Class {
    const key = this.#keyOf(base, text);
    const known = this.#classes.get(key);
    if (known !== undefined) return known;
    const made: Class = {
      base: base === '' ? '' : `${kind}-${letters(this.#classes.size)}`,
      plain: [],
      other: [],
    };
    this.#classes.set(key, made);
    return made;
  }

  #keyOf = (base: string, text: string): string => (base === '' ? `=${folded(text)}` : base);

  #numberOf = (base: string, text: string): number =>
    [...this.#classes.keys()].indexOf(this.#keyOf(base, text));
}
