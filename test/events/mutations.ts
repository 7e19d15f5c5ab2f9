import { createHash } from 'node:crypto';
import type { EventHeaders } from '../../src/events/headers.ts';
import type { Chance } from '../../src/sim/random.ts';
import { HEADER_NAMES, KEY } from './house.ts';

/** A header as it stands on the wire; its name may be odd too. */
export interface Line {
  readonly name: string;
  readonly value: string;
}

/** Headers on the way from a genuine request to something else. */
export type Lines = Line[];

/** What somebody does to genuine headers. */
export type Mutation = (lines: Lines, chance: Chance, captured: readonly EventHeaders[]) => void;

const SIGNED = ['sequence', 'namespace', 'type', 'targetType', 'target'] as const;
const FIELDS = Object.keys(HEADER_NAMES) as (keyof EventHeaders)[];

/** The lines of genuine headers, in the order in which the receiver's rules name them. */
export const linesOf = (headers: EventHeaders): Lines =>
  FIELDS.map((field) => ({ name: HEADER_NAMES[field], value: headers[field] }));

const indexOf = (lines: Lines, field: keyof EventHeaders): number =>
  lines.findIndex(({ name }) => name === HEADER_NAMES[field]);

const given = (lines: Lines, field: keyof EventHeaders): string => lines[indexOf(lines, field)]?.value ?? '';

function set(lines: Lines, field: keyof EventHeaders, value: string): void {
  const index = indexOf(lines, field);
  if (index >= 0) lines[index] = { name: HEADER_NAMES[field], value };
}

/** Changes one value, of a field that chance picks unless it is named. */
const change =
  (
    how: (value: string, chance: Chance) => string,
    fields: readonly (keyof EventHeaders)[] = FIELDS,
  ): Mutation =>
  (lines, chance) => {
    const field = chance.pick(fields);
    set(lines, field, how(given(lines, field), chance));
  };

const replacedAt = (value: string, at: number, by: string, length = 1): string =>
  value.slice(0, at) + by + value.slice(at + length);

const anywhere = (value: string, chance: Chance): number => chance.integer(0, Math.max(0, value.length - 1));

const LOOK_ALIKES: Readonly<Record<string, string>> = {
  a: '\u0430',
  c: '\u0441',
  e: '\u0435',
  i: '\u0456',
  o: '\u043e',
  p: '\u0440',
  x: '\u0445',
  y: '\u0443',
  k: '\u212a',
  s: '\u017f',
  l: '1',
  I: 'l',
  O: '0',
  0: 'O',
  1: 'l',
  _: '\uff3f',
  '-': '\u2010',
  ':': '\uff1a',
};

/** A letter that looks like the one at some place, or its full-width twin. */
const lookAlike = (value: string, chance: Chance): string => {
  const at = anywhere(value, chance);
  const letter = value[at] ?? '';
  const wide = String.fromCharCode(letter.charCodeAt(0) + 0xfee0);
  return replacedAt(value, at, chance.fraction() < 0.5 ? wide : (LOOK_ALIKES[letter] ?? wide));
};

const NUMBERS: readonly ((number: string) => string)[] = [
  (number) => `0${number}`,
  (number) => `00000000${number}`,
  (number) => `+${number}`,
  (number) => `-${number}`,
  (number) => `${number}.0`,
  (number) => `${number}e0`,
  (number) => `${number}n`,
  (number) => `${number}_0`,
  (number) => `${number}0`,
  (number) => number.slice(1),
  (number) => `0x${Number(number).toString(16)}`,
  (number) => Number(number).toExponential(),
  (number) => (BigInt(number) + 1n).toString(),
  (number) => (BigInt(number) - 1n).toString(),
  (number) => (BigInt(number) + 2n ** 64n).toString(),
  (number) => (BigInt(number) + 2n ** 32n).toString(),
  (number) => number.replace(/\B(?=(\d{3})+$)/g, ','),
  (number) => [...number].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join(''),
  (number) => [...number].map((digit) => String.fromCharCode(digit.charCodeAt(0) - 48 + 0x0660)).join(''),
];

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Other ways to write the same 32 bytes, or nearly. */
const SPELLINGS: readonly ((signature: string, chance: Chance) => string)[] = [
  (signature) => `${signature}=`,
  (signature) => `${signature}==`,
  (signature) => `${signature}A`,
  (signature) => signature.replaceAll('-', '+').replaceAll('_', '/'),
  (signature) => `${signature.replaceAll('-', '+').replaceAll('_', '/')}=`,
  (signature) => signature.replaceAll('-', '%2D').replaceAll('_', '%5F'),
  // The last letter holds two bits that no byte needs: three more spellings decode to the same bytes.
  (signature, chance) =>
    signature.slice(0, -1) +
    (BASE64[(BASE64.indexOf(signature.at(-1) ?? 'A') & ~3) + chance.integer(1, 3)] ?? ''),
  (signature) => Buffer.from(signature, 'base64url').toString('hex'),
  (signature) => `sha256=${signature}`,
  (signature) => `v1,${signature}`,
  (signature) => `"${signature}"`,
  (signature) => signature.toLowerCase(),
  (signature) => `${signature.slice(0, 20)} ${signature.slice(20)}`,
  (signature) => `${signature.slice(0, 20)}\t${signature.slice(20)}`,
  (signature) => `${signature}\0`,
  (signature) => `${signature}, ${signature}`,
  (signature) => signature.slice(0, 22),
  () => '',
  () => 'A'.repeat(43),
];

const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Signatures by somebody who knows how it is done, and has the client id but not the secret. */
const FORGERIES: readonly ((signed: readonly string[]) => string)[] = [
  (signed) => digest(signed.join('') + KEY.clientId),
  (signed) => digest(signed.join('') + KEY.clientId + KEY.clientId),
  (signed) => digest(`${signed.join('')}${KEY.clientId}undefined`),
  (signed) => digest(`${signed.join('')}${KEY.clientId}null`),
  (signed) => digest(signed.join('')),
  () => digest(''),
  // With the secret even, but otherwise joined than Sonos does.
  (signed) => digest(signed.join('') + KEY.clientSecret + KEY.clientId),
  (signed) => digest(signed.toReversed().join('') + KEY.clientId + KEY.clientSecret),
  (signed) => digest(`${signed.join('.')}${KEY.clientId}${KEY.clientSecret}`),
  (signed) => digest(`${signed.join('')}\n${KEY.clientId}${KEY.clientSecret}`),
];

/** Every kind of mutation by name. */
export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'a bit flipped': change((value, chance) => {
    const at = anywhere(value, chance);
    return replacedAt(value, at, String.fromCharCode(value.charCodeAt(at) ^ (1 << chance.integer(0, 7))));
  }),
  'a byte replaced': change((value, chance) =>
    replacedAt(value, anywhere(value, chance), String.fromCharCode(chance.integer(0, 255))),
  ),
  'a border moved': (lines, chance) => {
    const border = chance.integer(0, SIGNED.length - 2);
    const [left, right] = [SIGNED[border] ?? 'sequence', SIGNED[border + 1] ?? 'namespace'];
    const joined = given(lines, left) + given(lines, right);
    const cut = chance.integer(0, joined.length);
    set(lines, left, joined.slice(0, cut));
    set(lines, right, joined.slice(cut));
  },
  'all borders moved': (lines, chance) => {
    const text = SIGNED.map((field) => given(lines, field)).join('');
    const cuts = SIGNED.slice(1).map(() => chance.integer(0, text.length));
    const borders = [0, ...cuts.sort((a, b) => a - b), text.length];
    for (const [index, field] of SIGNED.entries())
      set(lines, field, text.slice(borders[index], borders[index + 1]));
  },
  'two values swapped': (lines, chance) => {
    const [one, other] = [chance.pick(FIELDS), chance.pick(FIELDS)];
    const [first, second] = [given(lines, one), given(lines, other)];
    set(lines, one, second);
    set(lines, other, first);
  },
  'a value of another event': (lines, chance, captured) => {
    const field = chance.pick(FIELDS);
    set(lines, field, chance.pick(captured)[field]);
  },
  'the signature of another event': (lines, chance, captured) =>
    set(lines, 'signature', chance.pick(captured).signature),
  'the household of another event': (lines, chance, captured) =>
    set(lines, 'household', chance.pick([...captured.map(({ household }) => household), 'Sonos_Elsewhere'])),
  'cut off': change((value, chance) => value.slice(0, chance.integer(0, value.length - 1))),
  'cut off in front': change((value, chance) => value.slice(chance.integer(1, value.length))),
  'made longer': change((value, chance) => value + chance.text(chance.integer(1, 8))),
  'made longer in front': change((value, chance) => chance.text(chance.integer(1, 4)) + value),
  'made very long': change((value, chance) => value.repeat(chance.integer(2, 60))),
  'a look-alike': change(lookAlike),
  'another case': change((value, chance) => {
    const at = anywhere(value, chance);
    const letter = value[at] ?? '';
    return replacedAt(
      value,
      at,
      letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
    );
  }),
  'another number': change(
    (value, chance) => (/^\d+$/.test(value) ? chance.pick(NUMBERS)(value) : value),
    ['sequence'],
  ),
  'another spelling of the signature': change(
    (value, chance) => chance.pick(SPELLINGS)(value, chance),
    ['signature'],
  ),
  'another target type': change(
    (value, chance) => (chance.fraction() < 0.5 ? value.replace(/Id$/, '') : `${value}Id`),
    ['targetType'],
  ),
  'a signature without the secret': (lines, chance) => {
    const signed = SIGNED.map((field) => given(lines, field));
    set(lines, 'signature', chance.pick(FORGERIES)(signed));
  },
  'the next event, signed without the secret': (lines, chance) => {
    set(lines, 'sequence', String(Number(given(lines, 'sequence')) + chance.integer(1, 1_000)));
    const signed = SIGNED.map((field) => given(lines, field));
    set(lines, 'signature', chance.pick(FORGERIES)(signed));
  },
  'white space': change((value, chance) => {
    const space = chance.pick([
      ' ',
      '\t',
      '  ',
      '\r',
      '\n',
      '\v',
      '\f',
      '\u00a0',
      '\u2003',
      '\ufeff',
      '\u200b',
      '\0',
    ]);
    const at = chance.pick([0, value.length, anywhere(value, chance)]);
    return value.slice(0, at) + space + value.slice(at);
  }),
  'a header twice': (lines, chance) => {
    const line = chance.pick(lines);
    const name = chance.pick([line.name, line.name.toLowerCase(), line.name.toUpperCase()]);
    const value = chance.pick([line.value, '', 'x', `${line.value}x`]);
    lines.splice(chance.integer(0, lines.length), 0, { name, value });
  },
  'a header left out': (lines, chance) => {
    lines.splice(chance.integer(0, lines.length - 1), 1);
  },
  'a header of another name': (lines, chance) => {
    const at = chance.integer(0, lines.length - 1);
    const { name = '', value = '' } = lines[at] ?? {};
    const odd = chance.pick([
      name.replaceAll('-', '_'),
      `${name}s`,
      `X-${name}`,
      name.replace('Sonos', 'S\u043enos'),
      name.slice(0, -1),
      `${name}\u0000`,
    ]);
    lines[at] = { name: odd, value };
  },
  'the same in another case and order': (lines, chance) => {
    const mixed = chance
      .shuffled(lines)
      .map(({ name, value }) => ({ name: chance.pick([name.toLowerCase(), name.toUpperCase()]), value }));
    lines.splice(0, lines.length, ...mixed);
  },
  'the same, once more': () => {},
};
