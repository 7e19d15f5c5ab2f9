import { createHash } from 'node:crypto';
import type { Chance } from '../../src/sim/random.ts';

/** One way in which a file is damaged: from what the bridge wrote to what is found. */
type Damage = (bytes: Buffer, chance: Chance) => Uint8Array;

const at = (bytes: Buffer, chance: Chance): number => chance.integer(0, Math.max(0, bytes.length - 1));

function patched(bytes: Buffer, patch: (copy: Buffer) => void): Buffer {
  const copy = Buffer.from(bytes);
  patch(copy);
  return copy;
}

const spliced = (bytes: Buffer, from: number, to: number, middle: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, from), middle, bytes.subarray(to)]);

const noise = (length: number, chance: Chance): Buffer =>
  Buffer.from(Array.from({ length }, () => chance.integer(0, 255)));

/** What disks, power cuts and careless programs do: they know nothing of JSON. */
const bytewise: Readonly<Record<string, Damage>> = {
  truncated: (bytes, chance) => bytes.subarray(0, at(bytes, chance)),
  'one bit flipped': (bytes, chance) =>
    patched(bytes, (copy) => {
      const place = at(bytes, chance);
      copy[place] = (copy[place] ?? 0) ^ (1 << chance.integer(0, 7));
    }),
  'bits flipped': (bytes, chance) =>
    patched(bytes, (copy) => {
      for (let flips = chance.integer(2, 20); flips > 0; flips -= 1) {
        const place = at(bytes, chance);
        copy[place] = (copy[place] ?? 0) ^ (1 << chance.integer(0, 7));
      }
    }),
  'one digit changed': (bytes, chance) => {
    const digits = [...bytes.keys()].filter((i) => /\d/.test(String.fromCharCode(bytes[i] ?? 0)));
    const place = digits.length === 0 ? 0 : chance.pick(digits);
    return patched(bytes, (copy) => {
      copy[place] = 0x30 + chance.integer(0, 9);
    });
  },
  'two bytes swapped': (bytes, chance) =>
    patched(bytes, (copy) => {
      const [a, b] = [at(bytes, chance), at(bytes, chance)];
      [copy[a], copy[b]] = [bytes[b] ?? 0, bytes[a] ?? 0];
    }),
  'a run zeroed': (bytes, chance) => {
    const from = at(bytes, chance);
    return patched(bytes, (copy) => copy.subarray(from, from + chance.integer(1, 512)).fill(0));
  },
  'a run missing': (bytes, chance) => {
    const from = at(bytes, chance);
    return spliced(bytes, from, from + chance.integer(1, 64), Buffer.alloc(0));
  },
  'a run twice': (bytes, chance) => {
    const from = at(bytes, chance);
    const to = from + chance.integer(1, 64);
    return spliced(bytes, to, to, bytes.subarray(from, to));
  },
  'noise inside': (bytes, chance) => {
    const from = at(bytes, chance);
    return spliced(bytes, from, from, noise(chance.integer(1, 32), chance));
  },
  'noise only': (_, chance) => noise(chance.integer(1, 400), chance),
  'with no end': (bytes, chance) => Buffer.concat([bytes, noise(chance.integer(1, 64), chance)]),
  'not UTF-8': (bytes, chance) => {
    const from = at(bytes, chance);
    const broken = chance.pick([[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80]]);
    return spliced(bytes, from, from + 1, Buffer.from(broken));
  },
  'UTF-16': (bytes) => Buffer.from(`\ufeff${bytes.toString()}`, 'utf16le'),
  'with a byte order mark': (bytes) => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
  'NULs around it': (bytes, chance) =>
    Buffer.concat([Buffer.alloc(chance.integer(0, 8)), bytes, Buffer.alloc(chance.integer(1, 512))]),
  'NULs only': (bytes) => Buffer.alloc(bytes.length),
  empty: () => Buffer.alloc(0),
  'twice in a row': (bytes) => Buffer.concat([bytes, bytes]),
};

const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

/** Values that no document has, as JSON: of another kind, and of the kind that is expected. */
const ODD = ['null', 'true', '""', '[]', '{}', '[null]', '{"a":1}', '{"__proto__":{"a":1}}'].concat(
  [100, 3_000, 200_000].map(deep),
);
const ODD_NUMBERS: readonly string[] = [
  ...['0', '-0', '-1', '0.5', '1e-400', '1e999', '-1e999', '1e308', '-1e308', '8.7e15', '-8.7e15'],
  ...['9007199254740993', '99999999999999999999999'],
];
const ODD_TEXTS: readonly string[] = [
  ...[
    '""',
    '"x"',
    '"0"',
    '"\\u0000"',
    '"\\u007f"',
    '"\\ud800"',
    '"é 中 🎵"',
    '"#"',
    '"+/$SYS"',
    '"../.."',
    '"a b"',
  ],
  ...['"__proto__"', '"\\r\\nX: y"', '"bridge"', '"all"', `"${'x'.repeat(100_000)}"`],
];

function oddFor(value: string, chance: Chance): string {
  if (chance.fraction() < 0.3) return chance.pick(ODD);
  return chance.pick(/^-?\d/u.test(value) ? ODD_NUMBERS : ODD_TEXTS);
}

const WHOLE: readonly string[] = ['null', '0', 'false', '[]', '"x"', '{}', '1e999', deep(100_000), '[[]]'];

/** A name in the text of a document, with what stands after it up to the end of the line. */
const NAMES = /^( *)"([^"]*)": (.*?)(,?)$/gmu;
const CHECKSUM = /^ *"\$sha256": "[0-9a-f]*",?\n/mu;

function replaced(text: string, chance: Chance, put: (match: RegExpExecArray) => string): string {
  const matches = [...text.matchAll(NAMES)].filter((match) => match[2] !== '$sha256');
  if (matches.length === 0) return text;
  const match = chance.pick(matches);
  return text.slice(0, match.index) + put(match) + text.slice(match.index + match[0].length);
}

/** Only what stands alone on its line is a value; the beginning of an object or list is not. */
const isWhole = (value: string): boolean => !/[[{]$/u.test(value);

/** What hands, other programs and other versions do: it is JSON afterwards, or nearly. */
const textual: Readonly<Record<string, (text: string, chance: Chance) => string>> = {
  'an odd value': (text, chance) =>
    replaced(text, chance, ([line, indent = '', name = '', value = '', comma = '']) =>
      isWhole(value) ? `${indent}"${name}": ${oddFor(value, chance)}${comma}` : line,
    ),
  'a name twice': (text, chance) =>
    replaced(text, chance, ([line, indent = '', name = '', value = '', comma = '']) =>
      isWhole(value) && chance.fraction() < 0.5
        ? `${indent}"${name}": ${value}, "${name}": ${oddFor(value, chance)}${comma}`
        : `${indent}"${name}": ${oddFor(value, chance)},\n${line}`,
    ),
  'a name missing': (text, chance) =>
    replaced(text, chance, ([line, , , value = '', comma = '']) =>
      isWhole(value) ? (comma === '' ? '"left": 0' : '') : line,
    ),
  'another name': (text, chance) =>
    replaced(text, chance, ([, indent = '', , value = '', comma = '']) => {
      const name = chance.pick([
        '__proto__',
        'constructor',
        'toString',
        '',
        'x',
        '0',
        '$sha256',
        'hasOwnProperty',
      ]);
      return `${indent}"${name}": ${value}${comma}`;
    }),
  'a name more': (text, chance) =>
    replaced(text, chance, ([line, indent = '']) => {
      const name = chance.pick(['__proto__', 'constructor', 'unknown', '7']);
      return `${indent}"${name}": ${chance.pick(ODD)},\n${line}`;
    }),
  'a list emptied': (text) => text.replace(/\[[^[\]]*\]/u, '[]'),
  'a list of two of the same': (text) => text.replace(/\[\n?([^[\]{}]+|\s*\{[^{}]*\}\s*)\]/u, '[$1,$1]'),
  'a comma more': (text, chance) =>
    replaced(text, chance, ([line]) => (line.endsWith(',') ? `${line},` : `${line},`)),
  'Windows lines': (text) => text.replaceAll('\n', '\r\n'),
  'on one line': (text) => text.replaceAll(/\n */gu, ''),
  'something else': (_, chance) => chance.pick(WHOLE),
};

/** The text with the checksum of what it now says; unchanged when it is not an object any more. */
function resealed(text: string): string {
  try {
    const { $sha256: _, ...content } = JSON.parse(text);
    const sum = createHash('sha256').update(JSON.stringify(content)).digest('hex');
    return JSON.stringify({ $sha256: sum, ...content }, null, 2);
  } catch {
    return text;
  }
}

/** Textual damage of a file: with the checksum that it had, without one, or with one that fits. */
const ofText =
  (change: (text: string, chance: Chance) => string): Damage =>
  (bytes, chance) => {
    const text = bytes.toString();
    const kind = chance.integer(0, 2);
    if (kind === 0) return Buffer.from(change(text, chance));
    const bare = change(text.replace(CHECKSUM, ''), chance);
    return Buffer.from(kind === 1 ? bare : resealed(bare));
  };

/** Every kind of damage, by name. */
const damages: ReadonlyMap<string, Damage> = new Map([
  ...Object.entries(bytewise),
  ...Object.entries(textual).map(([name, change]) => [name, ofText(change)] as const),
]);

/** A file damaged by chance, and how. */
export function damage(bytes: Buffer, chance: Chance): { readonly kind: string; readonly bytes: Uint8Array } {
  const kind = chance.pick(Object.keys(chance.fraction() < 0.5 ? bytewise : textual));
  return { kind, bytes: damages.get(kind)?.(bytes, chance) ?? bytes };
}
