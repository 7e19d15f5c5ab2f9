import { describeMistakes } from '../config/mistakes.ts';
import { readConfig, type Sources } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { configSecrets } from '../config/show.ts';
import { createLog, type LogOutput } from '../log.ts';
import { createSecrets, type Secrets } from '../secrets.ts';

/** What a command has of the world around it. */
export interface Context {
  /** The flags after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether a person looks on, and colours are welcome. */
  readonly isTerminal: boolean;
  say(text: string): void;
  complain(text: string): void;
  /** The next line that a person types; null at the end of the input. */
  ask(question: string): Promise<string | null>;
  /** Settles at the first SIGINT or SIGTERM; a second one ends the process at once. */
  readonly untilSignal: Promise<string>;
  /** Called once, for the last words, when an error that nobody expected ends the process. */
  onFatal(lastWords: (error: unknown) => void): void;
}

/** A command: what it does, and the exit code. */
export type Command = (context: Context) => Promise<number>;

/** Done. */
export const DONE = 0;
/** Failed: the message says why. */
export const FAILED = 1;
/** Wrong settings or usage. */
export const WRONG_USAGE = 2;
/** A bug. */
export const INTERNAL_ERROR = 70;

/** Settings that were read, with where each came from. */
export interface Settings {
  readonly config: Config;
  readonly sources: Sources;
}

/** Reads the settings; what is wrong with them is told, and null returned. */
export async function readSettings(
  context: Context,
  argv: readonly string[] = context.argv,
): Promise<Settings | null> {
  const read = await readConfig({ argv, env: context.env, cwd: context.cwd });
  if (read.ok) return read.value;
  context.complain(describeMistakes(read.error));
  return null;
}

/** The log of a running bridge, and the secrets that it keeps out of every line. */
export function openLog(
  context: Context,
  config: Config,
  destination?: string,
): { log: LogOutput; secrets: Secrets } {
  const secrets = createSecrets();
  for (const secret of configSecrets(config)) secrets.add(secret);
  const log = createLog({
    level: config.log.level,
    secrets,
    ...(destination === undefined ? {} : { destination }),
  });
  context.onFatal((error) => {
    log.log.error('An error that nobody expected; the bridge ends. Please report it.', { error });
    log.flushNow();
  });
  return { log, secrets };
}
