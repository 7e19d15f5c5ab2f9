import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import type { Json } from '../../bridge/sonos.ts';

/** What a message gives to a command; undefined when it gives nothing. */
export type Input = Json | undefined;

type Read<Value> = Result<Value, CommandError>;

/** More than any of these commands needs. */
const LARGEST = 65_536;

/** What is wrong with an input, and what would be right. */
export const misread = (
  message: string,
  advice: string,
): { readonly ok: false; readonly error: CommandError } =>
  err(commandError('invalid_payload', message, advice));

/** The text of a payload; an error when it is none, or too much of it. */
export function readText(payload: Uint8Array): Read<string> {
  if (payload.length > LARGEST)
    return misread(`The payload has ${payload.length} bytes.`, `At most ${LARGEST} bytes are read.`);
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    return misread('The payload is not UTF-8 text.', 'Send text or JSON in UTF-8.');
  }
}

/** A bare value as that project reads it: a number, JSON, or else the text. An empty one is none. */
export function bareInput(text: string): Input {
  if (text.trim() === '') return undefined;
  try {
    // What JSON.parse gives is JSON.
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

export const isObject = (input: Input): input is { readonly [key: string]: Json } =>
  typeof input === 'object' && input !== null && !Array.isArray(input);

/** A field of an input's own; undefined when it is not there, or null. */
export const field = (input: { readonly [key: string]: Json }, key: string): Json | undefined =>
  Object.hasOwn(input, key) ? (input[key] ?? undefined) : undefined;

/** A text, a number, or yes or no. */
export function scalar(input: Input, expected: string): Read<string | number | boolean> {
  if (typeof input === 'string' || typeof input === 'number' || typeof input === 'boolean') return ok(input);
  return misread(
    input === undefined ? 'Nothing was given.' : 'That is no single value.',
    `Send ${expected}.`,
  );
}

/** Yes or no; nothing is yes. Whether a word is one of them, the bridge's own command says. */
export const flag = (input: Input): Read<string | number | boolean> =>
  scalar(input ?? true, 'true or false (on and off will do)');

/** That project's step when none is given. */
const STEP = 4;

/** A step up or down as the bridge's volumes take it. */
export function step(input: Input, sign: '+' | '-'): Read<string> {
  const given = typeof input === 'string' ? Number(input) : (input ?? STEP);
  if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= 100)
    return ok(`${sign}${given}`);
  return misread('That is no step.', 'Send a whole number from 0 to 100, or nothing for 4.');
}

/** Seconds from `0:03:01`, `3:01` or a number. */
export function position(input: Input): Read<number> {
  if (typeof input === 'number') return ok(input);
  const text = typeof input === 'string' ? input.trim() : '';
  if (/^\d{1,9}(:[0-5]?\d){0,2}$/.test(text))
    return ok(text.split(':').reduce((sum, part) => sum * 60 + Number(part), 0));
  return misread('That is no position.', 'Send it as 0:03:01, or in seconds.');
}
