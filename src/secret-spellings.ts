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

/** Every usual way to write one of these values into JSON or an address, as one pattern; null when there are none. */
export function patternOf(values: readonly string[]): RegExp | null {
  // At one place the first alternative wins, so the longest stands first.
  const longestFirst = [...values].sort((one, other) => other.length - one.length);
  return longestFirst.length === 0 ? null : new RegExp(longestFirst.map(textPattern).join('|'), 'gu');
}
