import { configSecrets } from '../config/config-secrets.ts';
import { holdsSecret, keys } from '../config/keys.ts';
import { describeMistakes } from '../config/mistakes.ts';
import { readConfig, type Sources } from '../config/read.ts';
import type { Config } from '../config/schema.ts';
import { createLog, type LogOutput } from '../log.ts';
import { boundFields } from '../log-fields.ts';
import type { Secrets } from '../secrets.ts';

/** What a command has of the world around it. */
export interface Context {
  /** The flags after the command. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether a person looks on, and colours are welcome. */
  readonly isTerminal: boolean;
  /** What must not be said; whatever is said, complained or logged passes this filter. */
  readonly secrets: Secrets;
  say(text: string): void;
  complain(text: string): void;
  /** Says text with all secrets in it, to a person who asked for just that. */
  reveal(text: string): void;
  /** The next line that a person types; null at the end of the input. */
  ask(question: string): Promise<string | null>;
  /** The same without showing what is typed; the question goes beside what the command prints. */
  askHidden(question: string): Promise<string | null>;
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
  if (read.ok) {
    for (const secret of configSecrets(read.value.config)) context.secrets.add(secret);
    return read.value;
  }
  context.complain(describeMistakes(read.error));
  return null;
}

/** The secret settings that are given as flags. */
export function secretFlags(argv: readonly string[]): string[] {
  const names = new Set(argv.flatMap((word) => /^--([^=]+)/.exec(word)?.[1] ?? []));
  return keys.flatMap(({ name, node }) => (names.has(name) && holdsSecret(node) ? [name] : []));
}

/** An error that nobody expected, on one line. */
export const wordsOf = (error: unknown, { clean }: Pick<Secrets, 'clean'>): string =>
  `An error that nobody expected; the program ends. Please report it. ${JSON.stringify(boundFields({ error }, clean))}`;

/** The log of a running bridge, and the secrets that it keeps out of every line. */
export function openLog(
  context: Context,
  config: Config,
  destination?: string,
): { log: LogOutput; secrets: Secrets } {
  const { secrets } = context;
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
