import type { Key } from './keys.ts';
import type { ConfigMistake } from './mistakes.ts';

/** A value that a variable or a flag gives to a setting. */
export interface Given {
  readonly key: Key;
  readonly value: unknown;
  /** `BRIDGE_BROKER_PORT`, `BRIDGE_WEB_PASSWORD_FILE`, `--broker.port`. */
  readonly where: string;
}

/** What one source gives, and what is wrong with it. */
export interface Gathered {
  readonly given: readonly Given[];
  readonly mistakes: readonly ConfigMistake[];
}

/** Reads a text file; rejects as `fs.readFile` does. */
export type ReadFile = (path: string) => Promise<string>;

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined);

/** Whether reading failed because there is no such file. */
export function isAbsence(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}

/** Why a file could not be read, in words; never its content. */
export function fileTrouble(error: unknown): string {
  const code = codeOf(error);
  if (isAbsence(error)) return 'no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'a file that this user may not read';
  if (code === 'EISDIR') return 'a folder';
  return `a file that cannot be read (${typeof code === 'string' ? code : 'unknown reason'})`;
}
