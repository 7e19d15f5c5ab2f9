import { constants } from 'node:fs';
import { link, lstat, mkdir, open, readdir, realpath, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf } from './store-error.ts';

/** The only mode our files ever have: the owner reads and writes. */
export const FILE_MODE = 0o600;
/** The only mode our folder ever has. */
export const FOLDER_MODE = 0o700;
/** Any of these bits lets somebody else in. */
export const OTHERS = 0o077;

/** What lies at a path: its bytes, nothing, or something that is not a plain file of a sensible size. */
export type Seen =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'absent' }
  | { readonly kind: 'odd'; readonly what: string };

/** What the store asks of the disk. All throw the system's error when it refuses. None follows a link. */
export interface Disk {
  /** Makes the folder and its parents, private; answers its real path. Harmless when it is there. */
  makeFolder(path: string): Promise<string>;
  /** The permission bits of what lies there, and whether it is a folder. */
  look(path: string): Promise<{ readonly mode: number; readonly isFolder: boolean }>;
  /** Takes all rights from others; true when that was needed, and EPERM when the disk does not keep it so. */
  tighten(path: string, mode: number): Promise<boolean>;
  list(folder: string): Promise<string[]>;
  /** Reads a plain file of at most `limit` bytes. */
  read(path: string, limit: number): Promise<Seen>;
  /** Writes a new private file to the platter. EEXIST when anything, a dangling link too, has that name. */
  create(path: string, bytes: Uint8Array): Promise<void>;
  /** A second name for a file; EEXIST when taken. */
  link(from: string, to: string): Promise<void>;
  /** Moves a name at one stroke, over what had it. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a name; harmless when it is not there. */
  remove(path: string): Promise<void>;
  /** Makes the names in a folder survive a power cut. */
  sync(folder: string): Promise<void>;
}

async function makeFolder(path: string): Promise<string> {
  const first = await mkdir(path, { recursive: true, mode: FOLDER_MODE });
  const folder = await realpath(path);
  if (first !== undefined) {
    // The parent may be one that we can write in but not open; its next fsync is then left to the system.
    await Promise.allSettled([sync(dirname(folder)), sync(dirname(first))]);
  }
  return folder;
}

async function look(path: string): Promise<{ mode: number; isFolder: boolean }> {
  const seen = await lstat(path);
  return { mode: seen.mode & 0o777, isFolder: seen.isDirectory() };
}

/** Without O_NONBLOCK a planted pipe would hold us for ever. */
const openForLooking = (path: string) =>
  open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);

async function tighten(path: string, mode: number): Promise<boolean> {
  const file = await openForLooking(path);
  try {
    if (((await file.stat()).mode & OTHERS) === 0) return false;
    await file.chmod(mode);
    if (((await file.stat()).mode & OTHERS) === 0) return true;
    throw Object.assign(new Error('EPERM: the file system ignores chmod'), { code: 'EPERM' });
  } finally {
    await file.close();
  }
}

async function read(path: string, limit: number): Promise<Seen> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await openForLooking(path);
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'ENOENT') return { kind: 'absent' };
    if (code === 'ELOOP') return { kind: 'odd', what: 'is a symbolic link' };
    if (code === 'ENXIO') return { kind: 'odd', what: 'is not a plain file' };
    throw cause;
  }
  try {
    const seen = await file.stat();
    if (!seen.isFile()) return { kind: 'odd', what: 'is not a plain file' };
    if (seen.size > limit) return { kind: 'odd', what: `has ${seen.size} bytes, more than ${limit}` };
    return { kind: 'bytes', bytes: await file.readFile() };
  } finally {
    await file.close();
  }
}

async function create(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(
    path,
    constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    FILE_MODE,
  );
  try {
    // The umask has had its say in open; this is the last word, before there is anything to read.
    await file.chmod(FILE_MODE);
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function remove(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
  }
}

/** Some file systems have no fsync for folders and say so like this; there is nothing more to be had from them. */
const NO_FOLDER_SYNC: ReadonlySet<string | null> = new Set(['EINVAL', 'ENOTSUP', 'EBADF']);

async function sync(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } catch (cause) {
    if (!NO_FOLDER_SYNC.has(codeOf(cause))) throw cause;
  } finally {
    await handle.close();
  }
}

/** The machine's own disk. */
export const systemDisk: Disk = {
  makeFolder,
  look,
  tighten,
  list: (folder) => readdir(folder),
  read,
  create,
  link,
  rename,
  remove,
  sync,
};
