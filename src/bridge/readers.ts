import { z } from 'zod';
import { quoted } from './quoted.ts';
import { err, ok, type Result } from './result.ts';
import type { Json } from './sonos.ts';

/** A payload as it came: bare text, or a value of a JSON object with the fields beside it. */
export type Raw =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'json';
      readonly value: Json | undefined;
      readonly fields: { readonly [key: string]: Json };
    };

/** What is wrong with a value, and what would be right. */
export interface Misread {
  readonly message: string;
  readonly advice: string;
}

/** Reads a command's value. */
export interface Reader<Value> {
  /** How the documentation names it. */
  readonly name: string;
  /** What may stand in a payload, for the documents made from it. */
  readonly schema: z.ZodType;
  readonly read: (raw: Raw) => Result<Value, Misread>;
}

/** An absolute number, or a step up or down. */
export type Amount = { readonly to: number } | { readonly by: number };

const shown = (value: Json | undefined): string => {
  if (typeof value === 'string') return quoted(value);
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length <= 80 ? text : 'That';
};

const unquoted = (text: string): string => {
  if (!/^".*"$/s.test(text)) return text;
  try {
    // JSON that begins with a quotation mark is a string.
    return String(JSON.parse(text));
  } catch {
    return text;
  }
};

/** A bare `25`, `"25"` or `on` is the same as the JSON value; text stays text. */
export const plain = (raw: Raw): Json | undefined =>
  raw.kind === 'json' ? raw.value : unquoted(raw.text.trim());

const TRUE = new Set(['true', 'on', '1']);
const FALSE = new Set(['false', 'off', '0']);

function readBoolean(value: Json | undefined): boolean | null {
  if (typeof value === 'boolean') return value;
  const word =
    typeof value === 'number' || typeof value === 'string' ? String(value).trim().toLowerCase() : '';
  if (TRUE.has(word)) return true;
  return FALSE.has(word) ? false : null;
}

/** Commands that take no value: any payload will do (Home Assistant's buttons send `PRESS`). */
export const nothing: Reader<null> = {
  name: '–',
  schema: z.unknown().meta({ examples: [''] }),
  read: () => ok(null),
};

const booleanWords = z.union([
  z.boolean(),
  z.string().regex(/^(true|false|on|off|1|0)$/i),
  z.literal(1),
  z.literal(0),
]);

/** `true`/`false`, `on`/`off` in any case, `1`/`0`. */
export const boolean: Reader<boolean> = {
  name: 'boolean',
  schema: booleanWords.meta({ examples: [true, 'off'] }),
  read: (raw) => {
    const value = readBoolean(plain(raw));
    if (value !== null) return ok(value);
    return err({
      message: `${shown(plain(raw))} is neither true nor false.`,
      advice: 'Send true or false (on/off and 1/0 will do).',
    });
  },
};

/** The same, or `toggle`. */
export const booleanOrToggle: Reader<boolean | 'toggle'> = {
  name: 'boolean or `toggle`',
  schema: z.union([booleanWords, z.string().regex(/^toggle$/i)]).meta({ examples: [true, 'toggle'] }),
  read: (raw) => {
    const value = plain(raw);
    if (typeof value === 'string' && value.trim().toLowerCase() === 'toggle') return ok('toggle');
    const read = boolean.read(raw);
    return read.ok ? read : err({ ...read.error, advice: 'Send true, false or toggle.' });
  },
};

interface AmountRules {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly whole: boolean;
  /** Its number as text, for the documents. */
  readonly text: RegExp;
  readonly examples: readonly (number | string)[];
  readonly advice: string;
}

const NUMERAL = /^[+-]?\d{1,9}(\.\d{1,20})?$/;

function readAmount(value: Json | undefined, rules: AmountRules): Amount | null {
  const text = typeof value === 'string' ? value.trim() : '';
  const number = NUMERAL.test(text) ? Number(text) : typeof value === 'number' ? value : Number.NaN;
  if (rules.whole && !Number.isInteger(number)) return null;
  if (/^[+-]/.test(text)) return Math.abs(number) <= rules.max ? { by: number } : null;
  return number >= rules.min && number <= rules.max ? { to: number } : null;
}

function amount(rules: AmountRules): Reader<Amount> {
  const number = rules.whole ? z.int() : z.number();
  return {
    name: rules.name,
    schema: z
      .union([number.min(rules.min).max(rules.max), z.string().regex(rules.text)])
      .meta({ examples: [...rules.examples] }),
    read: (raw) => {
      const read = readAmount(plain(raw), rules);
      if (read !== null) return ok(read);
      return err({ message: `${shown(plain(raw))} is not a value for it.`, advice: rules.advice });
    },
  };
}

/** A volume from 0 to 100, or a step such as `"+5"`. */
export const volume: Reader<Amount> = amount({
  name: '0–100, or `"+5"` / `"-5"`',
  min: 0,
  max: 100,
  whole: true,
  text: /^[+-]?(\d{1,2}|100)(\.0{1,20})?$/,
  examples: [25, '+5'],
  advice: 'Volumes are whole numbers from 0 to 100; "+5" and "-5" are steps.',
});

/** Seconds from the start of the track, or a jump such as `"-10"`. */
export const seconds: Reader<Amount> = amount({
  name: 'seconds, or `"+10"` / `"-10"`',
  min: 0,
  max: 86_400,
  whole: false,
  text: /^[+-]?((\d{1,4}|[0-7]\d{4}|8[0-5]\d{3}|86[0-3]\d\d)(\.\d{1,20})?|86400(\.0{1,20})?)$/,
  examples: [90, '+10'],
  advice: 'Send seconds from the start of the track, or a jump such as "+10".',
});

/** One of some words, in any case. */
export function oneOf<const Words extends readonly string[]>(words: Words): Reader<Words[number]> {
  return {
    name: words.map((word) => `\`${word}\``).join(', '),
    schema: z.enum(words),
    read: (raw) => {
      const value = plain(raw);
      const word =
        typeof value === 'string' ? words.find((known) => known === value.trim().toLowerCase()) : undefined;
      if (word !== undefined) return ok(word);
      return err({
        message: `${shown(value)} is not one of them.`,
        advice: `Send one of ${words.join(', ')}.`,
      });
    },
  };
}
