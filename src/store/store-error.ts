import { constants } from 'node:os';

/** Why the store could not do something, as a closed set. */
export type StoreErrorReason =
  | 'disk_full' // ENOSPC, EDQUOT
  | 'read_only' // EROFS
  | 'not_allowed' // EACCES, EPERM
  | 'folder_gone' // ENOENT, ENOTDIR: the data folder was taken away
  | 'disk_error' // EIO and whatever else the system says
  | 'unfit' // the value could not be read back by its own schema; a mistake of ours
  | 'closed'; // the store was closed before

const REASON_OF_CODE: ReadonlyMap<string, StoreErrorReason> = new Map([
  ['ENOSPC', 'disk_full'],
  ['EDQUOT', 'disk_full'],
  ['EROFS', 'read_only'],
  ['EACCES', 'not_allowed'],
  ['EPERM', 'not_allowed'],
  ['ENOENT', 'folder_gone'],
  ['ENOTDIR', 'folder_gone'],
]);

const ADVICE: Readonly<Record<StoreErrorReason, string>> = {
  disk_full: 'Make room on that disk (or raise its quota).',
  read_only: 'The file system is mounted read-only: mount it writable, and check the disk for errors.',
  not_allowed: 'Give the folder and its files to the user the bridge runs as: chown -R <user> <folder>.',
  folder_gone: 'The data folder is no longer there: put it back from a backup if need be, then restart.',
  disk_error: 'Check the disk and the system log for errors, then restart the bridge.',
  unfit: 'This is a mistake in the bridge, please report it.',
  closed: 'The bridge was already stopping; nothing is to be done.',
};

/** A file could not be read or written. The message says what was seen and what to do, never a file's content. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
  readonly reason: StoreErrorReason;
  /** The system's error code, e.g. `ENOSPC`; null when it was not the system that refused. */
  readonly code: string | null;
  /** The file that was to be read or written. */
  readonly file: string;
  /** What a person can do about it, as sentences. */
  readonly advice: string;

  constructor(reason: StoreErrorReason, file: string, seen: string, code: string | null = null) {
    super(`${seen} ${ADVICE[reason]}`);
    this.reason = reason;
    this.code = code;
    this.file = file;
    this.advice = ADVICE[reason];
  }
}

/** What Node calls an exhausted quota, for which it has no name. */
const QUOTA = `Unknown system error -${constants.errno.EDQUOT}`;

/** The system's code of an error, e.g. `ENOENT`; null for anything without one. */
export function codeOf(cause: unknown): string | null {
  const code =
    cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : null;
  return code === QUOTA ? 'EDQUOT' : code;
}

/**
 * Tells a refusal of the system as a `StoreError`; one that already is comes back unchanged.
 * `seen` is the beginning of a sentence, e.g. `data/tokens.json could not be saved`.
 */
export function storeError(cause: unknown, file: string, seen: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const code = codeOf(cause);
  const reason = (code === null ? undefined : REASON_OF_CODE.get(code)) ?? 'disk_error';
  // The code alone: the system's own message names temporary files, which only confuses.
  const why = code ?? (cause instanceof Error ? cause.name : 'unknown error');
  return new StoreError(reason, file, `${seen}: ${why}.`, code);
}
