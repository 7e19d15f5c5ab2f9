import type { CommandError } from '../../bridge/command-error.ts';
import type { Json } from '../../bridge/sonos.ts';
import type { Redaction } from './redaction.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Milliseconds with three places. */
export const round = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

function readJson(text: string): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

/** The body of an event; one that is no JSON is left out. */
export function bodyOf(text: string, redaction: Redaction): { readonly body?: Json } {
  const read = readJson(text);
  return read === null ? {} : { body: redaction.value(read.value) };
}

/** An error with its code and without its words, which may quote what somebody wrote. */
export const errorOf = ({ code, message, advice }: CommandError, redaction: Redaction): CommandError => ({
  code,
  message: redaction.text(message),
  ...(advice === undefined ? {} : { advice: redaction.text(advice) }),
});

/** A list of addresses as some topics and commands have it. */
const LIST = /^[a-z0-9-]+(,[a-z0-9-]+)+$/;

const bare = (text: string, redaction: Redaction): string =>
  LIST.test(text)
    ? text
        .split(',')
        .map((each) => redaction.address(each))
        .join(',')
    : redaction.text(text, 'Room');

/** The payload of a command: JSON, or text. What is neither JSON nor text is told as empty. */
export function payloadOf(
  bytes: Uint8Array,
  redaction: Redaction,
): { readonly payload: Json; readonly is_text: boolean } {
  let text = '';
  try {
    text = utf8.decode(bytes);
  } catch {
    return { payload: '\u0000', is_text: true };
  }
  const read = readJson(text);
  return read === null
    ? { payload: bare(text, redaction), is_text: true }
    : { payload: redaction.value(read.value), is_text: false };
}

const isSorted = (list: readonly unknown[]): list is readonly string[] =>
  list.every((each, index) => typeof each === 'string' && (index === 0 || String(list[index - 1]) <= each));

/** What was sorted by name is sorted by the names that stand for them. */
function resorted(before: unknown, after: Json): Json {
  if (Array.isArray(before) && Array.isArray(after)) {
    if (isSorted(before)) return [...after].sort();
    return after.map((each, index) => resorted(before[index], each));
  }
  if (typeof before !== 'object' || before === null || typeof after !== 'object' || after === null)
    return after;
  const values = Object.values(before);
  return Object.fromEntries(
    Object.entries(after).map(([key, each], index) => [key, resorted(values[index], each)]),
  );
}

/** A retained topic below the base, and what it holds: JSON, or a bare text. */
export function publishedAs(
  topic: string,
  payload: string,
  redaction: Redaction,
): { readonly topic: string; readonly payload: Json } {
  const [household = '', room, ...rest] = topic.split('/');
  const levels = [household, ...(room === undefined ? [] : [room])].map((level) => redaction.address(level));
  const own = ['sonos', ...levels, ...rest].join('/');
  const read = /^[[{]/.test(payload) ? readJson(payload) : null;
  if (read !== null) return { topic: own, payload: resorted(read.value, redaction.value(read.value)) };
  if (!LIST.test(payload)) return { topic: own, payload: redaction.text(payload) };
  return { topic: own, payload: bare(payload, redaction).split(',').sort().join(',') };
}
