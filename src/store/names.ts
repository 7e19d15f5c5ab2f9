import { join } from 'node:path';

const DOCUMENT = /^[a-z][a-z0-9-]{0,63}$/;
const TEMPORARY = /^[a-z][a-z0-9-]*\.json\.[\w-]+\.tmp$/;
const COPY = /^[a-z][a-z0-9-]*(?:\.broken-[\w.-]+)?\.json(?:\.good)?$/;
const LOCK = /^lock(?:\.[\w-]+\.(?:tmp|next|sock))?$/;

/** Where the copies of one document lie. */
export interface DocumentFiles {
  readonly folder: string;
  /** The document itself, `<name>.json`. */
  readonly current: string;
  /** The one before it, `<name>.json.good`. */
  readonly good: string;
  /** A file that is being written; killed runs leave it behind. `id` is unguessable. */
  temporary(id: string): string;
  /** Where a file that cannot be read is kept; `at` in milliseconds since 1970, `turn` tells equal moments apart. */
  broken(at: number, turn: number): string;
  /** Whether a name in the folder is one that `broken` gave. */
  isBroken(name: string): boolean;
}

/** Names the files of a document; a name that could leave the folder is a mistake of the caller and throws. */
export function documentFiles(folder: string, name: string): DocumentFiles {
  if (!DOCUMENT.test(name)) {
    throw new TypeError(
      `A document is named like "tokens" or "sequence-marks", not ${JSON.stringify(name)}.`,
    );
  }
  const prefix = `${name}.broken-`;
  return {
    folder,
    current: join(folder, `${name}.json`),
    good: join(folder, `${name}.json.good`),
    temporary: (id) => join(folder, `${name}.json.${id}.tmp`),
    broken: (at, turn) => {
      // Colons are no part of a file name on every disk a backup may go to.
      const moment = new Date(at).toISOString().replaceAll(':', '-');
      return join(folder, `${prefix}${moment}${turn === 0 ? '' : `-${turn}`}.json`);
    },
    isBroken: (entry) => entry.startsWith(prefix) && entry.endsWith('.json'),
  };
}

/** Whether a killed run left this behind while it saved a document. */
export const isTemporary = (name: string): boolean => TEMPORARY.test(name);

/** Whether this is a document, its last good copy, or one set aside as broken. */
export const isCopy = (name: string): boolean => COPY.test(name);

/** Whether this belongs to the lock. */
export const isLock = (name: string): boolean => LOCK.test(name);
