import { openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { pino } from 'pino';
import type { Clock, Fields, Log } from './bridge/ports.ts';
import { boundFields, boundText } from './log-fields.ts';
import { type LogLine, readableLine, readLine } from './log-lines.ts';
import { openOutput } from './log-output.ts';
import { foldRepeats, type Repeats } from './log-repeats.ts';
import type { Secrets } from './secrets.ts';
import { systemClock } from './system.ts';

const STDOUT = 1;
const MESSAGE_LETTERS = 2000;
const REPEAT_WINDOW_MS = 10 * 60_000;
const PUBLISHED = new Set(['warn', 'error', 'fatal']);

/** How the log is to be. */
export interface LogOptions {
  /** The least important kind of line that is written. */
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly secrets: Pick<Secrets, 'clean'>;
  /** A file descriptor, or the path of a file that is appended to; standard output unless given. */
  readonly destination?: number | string;
  /** Lines for people instead of JSON; unless given, when the destination is a terminal. */
  readonly readable?: boolean;
  readonly clock?: Clock;
}

/** The log with its lifetime. */
export interface LogOutput {
  /** The house's own voice. */
  readonly log: Log;
  /** The voice of one room. */
  child(room: string): Log;
  /** Hands over every warning and error, without secrets and with repeats folded. A listener that throws is ignored. */
  onLine(listener: (line: LogLine) => void): void;
  /** Resolves when what was said so far is written, or cannot be; after a second at the latest. */
  flush(): Promise<void>;
  /** The same, blocking: for the last words before the process ends. It happens at `process.exit` by itself. */
  flushNow(): void;
  /**
   * Tells what was folded, writes everything, lets go of timers and the process, and closes a file that was opened by
   * path: what is said to it afterwards is lost, while a descriptor that was handed in can still be spoken to.
   */
  close(): Promise<void>;
}

/** Hands lines to whoever publishes them. What a listener itself logs meanwhile is only written. */
function createAudience(clock: Clock): {
  tell(line: LogLine): void;
  add: LogOutput['onLine'];
  close(): void;
} {
  const listeners: ((line: LogLine) => void)[] = [];
  let telling = false;
  const hand = (line: LogLine) => {
    telling = true;
    for (const listener of listeners) {
      try {
        listener(line);
      } catch {
        // The log cannot complain to the log.
      }
    }
    telling = false;
  };
  const repeats: Repeats = foldRepeats(clock, REPEAT_WINDOW_MS, hand);
  return {
    tell: (line) => {
      if (listeners.length > 0 && !telling) repeats.accept(line);
    },
    add: (listener) => {
      listeners.push(listener);
    },
    close: () => repeats.close(),
  };
}

function voice(logger: pino.Logger, clean: (text: string) => string): Log {
  const say = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: Fields) => {
    if (!logger.isLevelEnabled(level)) return;
    const facts = fields === undefined ? {} : boundFields(fields, clean);
    logger[level](facts, boundText(message, clean, MESSAGE_LETTERS));
  };
  return { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
}

/**
 * Opens the log: lines of JSON, or lines for people on a terminal. Every line passes the filter of secrets as text,
 * whatever it was made from, and then goes out in batches. Throws when the file cannot be opened.
 */
export function createLog({
  level,
  secrets,
  destination = STDOUT,
  clock = systemClock,
  readable,
}: LogOptions): LogOutput {
  const clean = (text: string) => secrets.clean(text);
  const target = typeof destination === 'number' ? destination : openSync(destination, 'a', 0o600);
  const forPeople = readable ?? isatty(target);
  const stamp = () => new Date(clock.now()).toISOString();
  const audience = createAudience(clock);
  const shape = (line: LogLine, json: string) => (forPeople ? `${clean(readableLine(line))}\n` : json);

  /** A line whose shape the filter broke, because the secret has quotes in it, becomes the message of another. */
  const wrapped = (level: string, message: string): readonly [LogLine, string] => {
    const line = { level, time: stamp(), room: null, message, fields: {} };
    return [line, `${JSON.stringify({ level, time: line.time, msg: message })}\n`];
  };
  const output = openOutput(target, typeof destination === 'string', (lines) =>
    shape(...wrapped('warn', `${lines} lines were lost, because they could not be written in time.`)),
  );

  const write = (json: string) => {
    const cleaned = clean(json);
    const published = PUBLISHED.has(levelOf(json));
    // Most lines go by without being read.
    if (!forPeople && !published && cleaned === json) return output.write(json);
    const read = readLine(cleaned);
    const [line, text] =
      read === null ? wrapped(levelOf(json), cleaned.trimEnd()) : ([read, cleaned] as const);
    output.write(shape(line, text));
    if (published) audience.tell(line);
  };

  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${stamp()}"`,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write },
  );
  return {
    log: voice(logger, clean),
    child: (room) => voice(logger.child({ room }), clean),
    onLine: audience.add,
    flush: output.flush,
    flushNow: output.flushNow,
    close: async () => {
      audience.close();
      await output.close();
    },
  };
}

/** The level of a line of JSON, which always starts with it. */
function levelOf(json: string): string {
  return /^\{"level":"([a-z]+)"/.exec(json)?.[1] ?? 'info';
}
