import { join } from 'node:path';
import type { Log } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type Disk, FILE_MODE, FOLDER_MODE, OTHERS } from './disk.ts';
import type { LockHolder } from './holder.ts';
import { isCopy, isLock, isTemporary } from './names.ts';
import { codeOf } from './store-error.ts';

/** Why the store was not opened, as a closed set. */
export type StoreRefusalReason =
  | 'in_use' // another bridge has the folder
  | 'not_private' // others may look into the folder or a file, and we may not or should not change that
  | 'not_a_folder' // something else has that name
  | 'unusable'; // the disk refused, or its file system lacks what we need

/** The store was not opened, with what a person can do. */
export interface StoreRefusal {
  readonly reason: StoreRefusalReason;
  readonly message: string;
  /** Who has the folder, for `in_use`; else null. */
  readonly holder: LockHolder | null;
}

/** Builds a refusal without a holder. */
export const refuse = (reason: StoreRefusalReason, message: string): Result<never, StoreRefusal> =>
  err({ reason, message, holder: null });

const octal = (mode: number): string => `0${mode.toString(8)}`;

/** A fresh volume may hold these; whatever else we do not know makes it somebody's own folder. */
const isHarmless = (name: string): boolean =>
  name === 'lost+found' || name === '.gitkeep' || name === '.gitignore';
/** The cache of clips, which looks after itself. */
const CLIPS = 'clips';
const isOurs = (name: string): boolean => isCopy(name) || isTemporary(name) || isLock(name) || name === CLIPS;

async function closeToOthers(
  disk: Disk,
  folder: string,
  mode: number,
  log: Log,
): Promise<StoreRefusal | null> {
  // With a slip in the setting this could be /home or /tmp, which must not be closed to everybody.
  const foreign = (await disk.list(folder)).filter((name) => !isOurs(name) && !isHarmless(name));
  const advice = `Others may read the tokens there. Give the bridge a folder of its own (data_dir), or close this one: chmod 700 ${folder}`;
  if (foreign.length > 0) {
    const shown = foreign.slice(0, 3).join(', ');
    const message = `The data folder ${folder} is open to others (mode ${octal(mode)}) and holds things that are not the bridge's (${shown}), so it was left as it is. ${advice}`;
    return { reason: 'not_private', message, holder: null };
  }
  try {
    await disk.tighten(folder, FOLDER_MODE);
  } catch (cause) {
    const message = `The data folder ${folder} is open to others (mode ${octal(mode)}) and could not be closed (${codeOf(cause)}). ${advice}`;
    return { reason: 'not_private', message, holder: null };
  }
  log.warn(
    `The data folder ${folder} was open to others (mode ${octal(mode)}); it was closed to them (0700).`,
  );
  return null;
}

/** Makes the data folder, or checks and if need be closes the one that is there; answers its real path. */
export async function openFolder(disk: Disk, path: string, log: Log): Promise<Result<string, StoreRefusal>> {
  let folder: string;
  try {
    folder = await disk.makeFolder(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code !== 'EEXIST' && code !== 'ENOTDIR') throw cause;
    return refuse(
      'not_a_folder',
      `${path} is no folder. Set data_dir to one that is, or to a name not yet taken.`,
    );
  }
  const { mode, isFolder } = await disk.look(folder);
  if (!isFolder) {
    return refuse(
      'not_a_folder',
      `${path} is no folder. Set data_dir to one that is, or to a name not yet taken.`,
    );
  }
  const refusal = (mode & OTHERS) === 0 ? null : await closeToOthers(disk, folder, mode, log);
  if (refusal !== null) return err(refusal);
  return ok(folder);
}

/** Removes what killed runs left, and closes files that are open to others. Only for who holds the lock. */
export async function tidyFolder(disk: Disk, folder: string, log: Log): Promise<StoreRefusal | null> {
  for (const name of await disk.list(folder)) {
    const path = join(folder, name);
    if (isTemporary(name)) {
      await disk.remove(path);
      log.info(`${name}, left by a run that was killed while saving, was removed.`);
    } else if (isCopy(name)) {
      const refusal = await closeFile(disk, path, log);
      if (refusal !== null) return refusal;
    }
  }
  return null;
}

async function closeFile(disk: Disk, path: string, log: Log): Promise<StoreRefusal | null> {
  try {
    if (await disk.tighten(path, FILE_MODE)) {
      log.warn(
        `${path} was open to others; it was closed to them (0600). If others use this machine, consider what they may have read: link the account anew.`,
      );
    }
    return null;
  } catch (cause) {
    const code = codeOf(cause);
    // A link or a pipe is no document; reading will find that and say so.
    if (code === 'ELOOP' || code === 'ENXIO') return null;
    const message = `${path} could not be checked or closed to others (${code}). Give it to the user the bridge runs as: chown <user> ${path} && chmod 600 ${path}`;
    return { reason: 'not_private', message, holder: null };
  }
}
