/**
 * What the house may ask of the outside world. Time, chance and words for the log come in through here,
 * so that a test can hand in its own.
 */

/** Takes back what was asked for; harmless when called late or twice. */
export type Cancel = () => void;

/** Time. Durations are measured with `elapsed`, which never jumps; `now` is only for the calendar. */
export interface Clock {
  /** Wall time, milliseconds since 1970. May jump in either direction. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. */
  elapsed(): number;
  /** Does the work once, after so many milliseconds. Any length is right, also beyond 2^31. */
  after(milliseconds: number, work: () => void): Cancel;
}

/** Chance. */
export interface Random {
  /** A new unguessable id: at least 128 bits, URL-safe characters. */
  id(): string;
  /** A number from 0 (included) to 1 (excluded). */
  fraction(): number;
}

/** Facts that go with a log line. Never a secret: the stream filters known ones, but do not rely on it. */
export type Fields = Readonly<Record<string, unknown>>;

/** Words for the operator. A message says what was seen, what was expected, what to do. */
export interface Log {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  warn(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}
