import { constants } from 'node:fs';
import { access, lstat, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type LockHolder, whoHolds } from '../store/store.ts';

/** What the data folder looks like before anybody touches it. */
export type FolderSeen =
  | { readonly kind: 'absent'; readonly parent: string; readonly canBeMade: boolean }
  | { readonly kind: 'not_a_folder' }
  /** It belongs to another user: files that we made in it would be closed to the bridge. */
  | { readonly kind: 'foreign'; readonly owner: number; readonly own: number }
  /** The system does not let us look; `code` is its word for that. */
  | { readonly kind: 'closed'; readonly code: string }
  | { readonly kind: 'held'; readonly holder: LockHolder; readonly isPrivate: boolean }
  | { readonly kind: 'free'; readonly isPrivate: boolean };

const OTHERS = 0o077;

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : 'no error code';

async function nearestFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    return nearestFolder(dirname(path));
  }
}

async function absent(folder: string): Promise<FolderSeen> {
  const parent = await nearestFolder(dirname(folder));
  const canBeMade = await access(parent, constants.W_OK).then(
    () => true,
    () => false,
  );
  return { kind: 'absent', parent, canBeMade };
}

/** Looks at the data folder and who has it; changes nothing. */
export async function lookAtFolder(path: string): Promise<FolderSeen> {
  const folder = resolve(path);
  try {
    const seen = await lstat(await realpath(folder));
    if (!seen.isDirectory()) return { kind: 'not_a_folder' };
    const { mode, uid } = seen;
    const holder = await whoHolds(folder);
    const isPrivate = (mode & OTHERS) === 0;
    if (holder !== null) return { kind: 'held', holder, isPrivate };
    const own = process.getuid?.() ?? uid;
    return uid === own ? { kind: 'free', isPrivate } : { kind: 'foreign', owner: uid, own };
  } catch (error) {
    const code = codeOf(error);
    if (code === 'ENOENT') return absent(folder);
    return code === 'ENOTDIR' ? { kind: 'not_a_folder' } : { kind: 'closed', code };
  }
}

/** Who has the folder, in words: `process 4711 since …`. */
export function holderText({ pid, since, inThisSpace }: LockHolder): string {
  return `process ${pid}${inThisSpace ? '' : ' of another container'}, since ${since}`;
}

/** What to do about a folder of another user. */
export const asOwner = (owner: number): string =>
  `Run this command as the user that the bridge runs as (user id ${owner}), for instance: sudo -u '#${owner}' sonos-mqtt-bridge …`;
