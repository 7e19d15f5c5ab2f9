import type { Fields } from './bridge/ports.ts';

/** How much of a value is written: beyond this, a line says that there is more. */
const DEPTH = 4;
const LETTERS = 1000;
const ELEMENTS = 20;
const KEYS = 40;
const CAUSES = 5;
const FRAMES = 8;

/** Names of a line's own parts; a field of that name gets an underscore. */
const TAKEN = new Set(['level', 'time', 'room', 'msg']);

/** Takes secrets out of a text. */
type Clean = (text: string) => string;

/**
 * The text, cut to a length. What is cut loses its secrets first, or half of one would stay; the rest is left to the
 * filter at the end of the line.
 */
export function boundText(text: string, clean: Clean, letters = LETTERS): string {
  if (text.length <= letters) return text;
  const cleaned = clean(text);
  return cleaned.length <= letters ? cleaned : `${cleaned.slice(0, letters)}… (${cleaned.length} characters)`;
}

/**
 * Fields as plain data: cycles cut, depth, length and number bounded, errors as name, message, code and causes, and
 * objects with a class of their own as its name only, for requests and sockets carry headers. Never throws.
 */
export function boundFields(fields: Fields, clean: Clean): Record<string, unknown> {
  try {
    const entries = Object.entries(boundEntries(Object.entries(fields), clean, [fields]));
    return Object.fromEntries(entries.map(([key, value]) => [TAKEN.has(key) ? `${key}_` : key, value]));
  } catch {
    return { fields: '[unreadable]' };
  }
}

function bound(value: unknown, clean: Clean, above: readonly object[]): unknown {
  if (typeof value === 'string') return boundText(value, clean);
  if (typeof value === 'bigint') return boundText(String(value), clean);
  if (typeof value === 'number') return boundNumber(value, clean);
  if (typeof value === 'function' || typeof value === 'symbol') return `[${typeof value}]`;
  if (typeof value !== 'object' || value === null) return value;
  if (above.includes(value)) return '[circular]';
  if (value instanceof Error) return boundError(value, clean, above);
  if (above.length > DEPTH) return Array.isArray(value) ? '[list]' : '[map]';
  return boundObject(value, clean, [...above, value]);
}

/** A number that holds a secret becomes text, since the filter would leave a line that is no JSON. */
function boundNumber(value: number, clean: Clean): number | string {
  const text = clean(String(value));
  return text === String(value) ? value : text;
}

function boundObject(value: object, clean: Clean, above: readonly object[]): unknown {
  if (Array.isArray(value)) return boundList(value, clean, above);
  if (value instanceof Set) return boundList([...value], clean, above);
  if (value instanceof Map) return boundEntries([...value], clean, above);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return bound(value.toJSON(), clean, above);
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) {
    return boundEntries(Object.entries(value), clean, above);
  }
  return boundText(`[${value.constructor?.name ?? 'object'}]`, clean);
}

function boundList(values: readonly unknown[], clean: Clean, above: readonly object[]): unknown[] {
  const first = values.slice(0, ELEMENTS).map((value) => bound(value, clean, above));
  return values.length > ELEMENTS ? [...first, `… ${values.length - ELEMENTS} more`] : first;
}

function boundEntries(
  entries: readonly (readonly [unknown, unknown])[],
  clean: Clean,
  above: readonly object[],
): Record<string, unknown> {
  const first = entries
    .slice(0, KEYS)
    .map(([key, value]) => [boundText(String(key), clean, 100), bound(value, clean, above)]);
  if (entries.length > KEYS) first.push(['…', `${entries.length - KEYS} more`]);
  return Object.fromEntries(first);
}

/**
 * An error without what it drags along. A code says what happened to a file or a socket; an error without one, whose
 * cause has none either, is a fault in the program, and is only found with the places it came through.
 */
function boundError(error: Error, clean: Clean, above: readonly object[]): Record<string, unknown> {
  const bounded: Record<string, unknown> = {
    name: boundText(error.name, clean),
    message: boundText(error.message, clean),
  };
  const code: unknown = 'code' in error ? error.code : undefined;
  if (typeof code === 'string' || typeof code === 'number') bounded.code = bound(code, clean, above);
  const deeper = [...above, error];
  const tooDeep = deeper.length > DEPTH + CAUSES;
  if (error.cause !== undefined && !tooDeep) bounded.cause = bound(error.cause, clean, deeper);
  if (error instanceof AggregateError && !tooDeep) bounded.errors = boundList(error.errors, clean, deeper);
  if (code === undefined && error.cause === undefined && typeof error.stack === 'string') {
    const frames = error.stack.split('\n').filter((line) => line.startsWith('    at '));
    bounded.at = frames.slice(0, FRAMES).map((frame) => boundText(frame.trim().slice(3), clean, 200));
  }
  return bounded;
}
