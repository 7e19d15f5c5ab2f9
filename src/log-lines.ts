import { z } from 'zod';

/** What a written line says, without secrets. */
export interface LogLine {
  readonly level: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The part of the house that speaks; null for the house itself. */
  readonly room: string | null;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

const writtenLine = z.record(z.string(), z.unknown());
const ownParts = z.object({
  level: z.string(),
  time: z.string(),
  room: z.string().nullable().default(null),
  msg: z.string(),
});

/** Reads a line of JSON as it is written; null when it is none. */
export function readLine(json: string): LogLine | null {
  try {
    const line = writtenLine.parse(JSON.parse(json));
    const { msg, ...own } = ownParts.parse(line);
    const fields = Object.entries(line).filter(([key]) => !Object.hasOwn(ownParts.shape, key));
    return { ...own, message: msg, fields: Object.fromEntries(fields) };
  } catch {
    return null;
  }
}

const two = (number: number) => String(number).padStart(2, '0');

function wallClock(time: string): string {
  const at = new Date(time);
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}

/** Control and formatting characters would let a track's title move the cursor or turn the line around. */
function printable(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu,
    (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  );
}

function fieldText(value: unknown): string {
  const bare = typeof value === 'string' && /^[^\s"=\p{Cc}]+$/u.test(value);
  return bare ? value : JSON.stringify(value);
}

/** A line for a person who watches: local time, level, room, message, `key=value`; without a line break. */
export function readableLine({ level, time, room, message, fields }: LogLine): string {
  const facts = Object.entries(fields).map(([key, value]) => `${key}=${fieldText(value)}`);
  const speaker = room === null ? [] : [`[${room}]`];
  return printable([wallClock(time), level.toUpperCase().padEnd(5), ...speaker, message, ...facts].join(' '));
}
