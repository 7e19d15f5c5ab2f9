import { besideSchema } from './contract/command-payload.ts';
import type { Raw } from './readers.ts';
import { err, ok, type Result } from './result.ts';
import type { Json } from './sonos.ts';

/** A command's payload as it was read: the value, and what the sender wrote beside it. */
export interface Payload {
  readonly raw: Raw;
  /** The sender's; null when there is none. */
  readonly id: string | null;
  /** Wall time, milliseconds; null when it does not expire. */
  readonly expiresAt: number | null;
}

/** Several commands of one `set` message, in the order written. */
export interface SetPayload {
  readonly commands: readonly { readonly command: string; readonly raw: Raw }[];
  readonly id: string | null;
  readonly expiresAt: number | null;
}

const LARGEST = 65_536;
const DEEPEST = 32;

const isTooDeep = (value: unknown, depth = 0): boolean =>
  depth > DEEPEST ||
  (typeof value === 'object' &&
    value !== null &&
    Object.values(value).some((inner) => isTooDeep(inner, depth + 1)));

type JsonObject = { readonly [key: string]: Json };

function readText(bytes: Uint8Array): Result<string, string> {
  if (bytes.length > LARGEST)
    return err(`The payload has ${bytes.length} bytes; at most ${LARGEST} are read.`);
  try {
    return ok(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return err('The payload is not UTF-8 text.');
  }
}

/** A JSON object; null when the text is anything else. */
function readObject(text: string): JsonObject | null {
  if (!text.trimStart().startsWith('{')) return null;
  try {
    const parsed: unknown = JSON.parse(text);
    // What JSON.parse gives is JSON; its depth is bounded so that nothing after it can overflow the stack.
    return isTooDeep(parsed) ? null : (parsed as JsonObject);
  } catch {
    return null;
  }
}

function readBeside(object: JsonObject): Result<Pick<Payload, 'id' | 'expiresAt'>, string> {
  const read = besideSchema.safeParse(object);
  if (read.success) {
    const { id, expires_at } = read.data;
    return ok({ id: id ?? null, expiresAt: expires_at == null ? null : Date.parse(expires_at) });
  }
  return err(
    read.error.issues.some((issue) => issue.path[0] === 'id')
      ? 'The id must be a text of at most 128 characters.'
      : 'expires_at must be an ISO 8601 time such as 2026-11-21T20:00:00Z.',
  );
}

function fieldsOf(object: JsonObject, without: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !without.includes(key)));
}

const own = (object: JsonObject, key: string): Json | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;

/** Reads one command's payload: a bare value, or an object with `value`, `id`, `expires_at` and further fields. */
export function readPayload(bytes: Uint8Array): Result<Payload, string> {
  const text = readText(bytes);
  if (!text.ok) return text;
  const object = readObject(text.value);
  if (object === null) return ok({ raw: { kind: 'text', text: text.value }, id: null, expiresAt: null });
  const known = readBeside(object);
  if (!known.ok) return known;
  const fields = fieldsOf(object, ['value', 'id', 'expires_at']);
  return ok({ raw: { kind: 'json', value: own(object, 'value'), fields }, ...known.value });
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const rawOf = (value: Json): Raw =>
  isObject(value)
    ? { kind: 'json', value: own(value, 'value'), fields: fieldsOf(value, ['value']) }
    : { kind: 'json', value, fields: {} };

/** Reads a `set` message: an object of commands, with `id` and `expires_at` for all of them. */
export function readSetPayload(bytes: Uint8Array): Result<SetPayload, string> {
  const text = readText(bytes);
  if (!text.ok) return text;
  const object = readObject(text.value);
  if (object === null)
    return err('Several commands are sent as a JSON object, such as {"volume": 20, "play": true}.');
  const known = readBeside(object);
  if (!known.ok) return known;
  const commands = Object.entries(fieldsOf(object, ['id', 'expires_at'])).map(([command, value]) => ({
    command,
    raw: rawOf(value),
  }));
  if (commands.length === 0) return err('The object names no command.');
  return ok({ commands, ...known.value });
}
