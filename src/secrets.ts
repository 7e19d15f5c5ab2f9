/** The secrets that are known at the moment, and a filter that takes them out of text. */
export interface Secrets {
  /** Takes note of a secret; shorter ones than six characters are left, for they would mask half of every text. */
  add(value: string): void;
  /** Undoes one `add`, for instance when a token has been replaced. */
  forget(value: string): void;
  /**
   * The text with `[secret]` in place of every known secret: as it is, percent-encoded, escaped as in JSON (also JSON
   * within JSON), and in base64 or base64url, also in the middle of what was encoded.
   */
  clean(text: string): string;
}

const SHORTEST = 6;
const MASK = '[secret]';

const literal = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');

const eitherCase = (hex: string) => hex.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

const hexOf = (byte: number) => byte.toString(16).padStart(2, '0');

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\n': 'n',
  '\r': 'r',
  '\t': 't',
  '\b': 'b',
  '\f': 'f',
};

/** How many signs a backslash becomes when text goes into JSON four times over. */
const NESTING = 16;

/**
 * So many backslashes, or what escaping makes of them. A sign that follows may bring its own in front of it. No two
 * branches begin alike and the number is bounded, so that matching time stays in proportion to the text.
 */
function backslashes(count: number, brings: boolean): string {
  const most = count * NESTING + (brings ? NESTING - 1 : 0);
  return most === 0 ? '' : `(?:\\\\|%5[cC]|u005[cC]){${count},${most}}`;
}

/** The spellings of one character that is no backslash, without the backslashes in front of it. */
function characterPattern(character: string): string {
  if (isPlain(character)) return character;
  const percent = [...Buffer.from(character)].map((byte) => `%${hexOf(byte)}`).join('');
  // JSON escapes by UTF-16 unit, so that a character beyond U+FFFF is two escapes.
  const units = character
    .split('')
    .map((unit) => eitherCase(unit.charCodeAt(0).toString(16).padStart(4, '0')));
  const spellings = [eitherCase(percent), `u${units.join(`\\\\{1,${NESTING - 1}}u`)}`];
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) spellings.push(short);
  if (character === ' ') spellings.push('\\+');
  // The bare sign comes last: a percent sign would else match the start of its own spelling.
  return `(?:${[...spellings, literal(character)].join('|')})`;
}

const isPlain = (character: string) => /^[A-Za-z0-9]$/.test(character);

/** The spellings of a text, each sign together with the backslashes in front of it. */
function textPattern(value: string): string {
  return [...value.matchAll(/(\\*)([^\\]|$)/gu)]
    .map(([, before = '', character = '']) => {
      const brings = character !== '' && !isPlain(character);
      return backslashes(before.length, brings) + (character === '' ? '' : characterPattern(character));
    })
    .join('');
}

/**
 * What a value looks like in base64, whatever stands before and after it: the three alignments, each without the
 * characters that also depend on the neighbours.
 */
function base64Patterns(value: string): string[] {
  const bytes = Buffer.from(value);
  const inside = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const whole = bytes.toString('base64').replace(/=+$/, '');
  return [`${base64Alphabets(whole)}(?:={1,2}|(?:%3[dD]){1,2})?`, ...inside.map(base64Alphabets)];
}

/** Both alphabets (RFC 4648 §4 and §5), and their signs percent-encoded. */
function base64Alphabets(encoded: string): string {
  return encoded.replace(/[+/]/g, (sign) =>
    sign === '+' ? '(?:[+-]|%2[bB])' : '(?:[/_]|%2[fF]|\\\\{1,15}/)',
  );
}

function compile(values: Iterable<string>): RegExp | null {
  // At one place the first alternative wins, so the longest stands first.
  const longestFirst = [...values].sort((one, other) => other.length - one.length);
  const patterns = longestFirst.flatMap((value) => [textPattern(value), ...base64Patterns(value)]);
  return patterns.length === 0 ? null : new RegExp(patterns.join('|'), 'gu');
}

/** An empty set of secrets. The filter is compiled once after a change, not for every text. */
export function createSecrets(): Secrets {
  const values = new Map<string, number>();
  let pattern: RegExp | null = null;
  let changed = false;
  return {
    add(value) {
      if (value.length < SHORTEST) return;
      const times = values.get(value) ?? 0;
      values.set(value, times + 1);
      changed ||= times === 0;
    },
    forget(value) {
      const times = values.get(value) ?? 0;
      if (times > 1) values.set(value, times - 1);
      else if (values.delete(value)) changed = true;
    },
    clean(text) {
      if (changed) {
        pattern = compile(values.keys());
        changed = false;
      }
      return pattern === null ? text : text.replace(pattern, MASK);
    },
  };
}
