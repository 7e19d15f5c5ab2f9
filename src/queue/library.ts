import { constants } from 'node:fs';
import { type FileHandle, open, opendir, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { endingOf, mediaTypeOf } from './media-types.ts';

/** A file of the library: where it really is. */
export interface LibraryFile {
  /** Absolute, without links. */
  readonly path: string;
  /** As it is called, without its folders. */
  readonly name: string;
}

/** What was found in a folder. */
export interface Listing {
  readonly files: readonly LibraryFile[];
  /** Entries that are not files of the library, relative to it, and why. */
  readonly leftOut: readonly { readonly entry: string; readonly reason: string }[];
}

/** How much of a folder is looked at. */
export interface LibraryLimits {
  /** Entries of all folders together. */
  readonly entries: number;
  readonly files: number;
  readonly depth: number;
}

const LIMITS: LibraryLimits = { entries: 20_000, files: 1_000, depth: 8 };

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** The order in which people count: `2` before `10`, letters whatever their case. */
function naturally(one: string, other: string): number {
  const parts = (text: string) => text.toLowerCase().match(/\d+|\D+/g) ?? [];
  const [mine, yours] = [parts(one), parts(other)];
  for (const [index, part] of mine.entries()) {
    const its = yours[index];
    if (its === undefined) return 1;
    const difference = Number(part) - Number(its);
    if (difference !== 0 && !Number.isNaN(difference)) return difference;
    if (part !== its) return part < its ? -1 : 1;
  }
  return mine.length - yours.length;
}

/** What is below a folder of the settings, and nothing else; links that lead out of it are not followed. */
export class Library {
  readonly #folder: string;
  readonly #limits: LibraryLimits;

  constructor(folder: string, limits: LibraryLimits = LIMITS) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Where something below the folder really is; null when it is not there, or not below it. */
  async find(path: string, from = '.'): Promise<string | null> {
    if (path.includes('\0')) return null;
    try {
      const root = await realpath(this.#folder);
      const found = await realpath(resolve(root, from, path));
      return found === root || found.startsWith(root.endsWith(sep) ? root : root + sep) ? found : null;
    } catch {
      return null;
    }
  }

  /** Where a file stands, relative to the folder of the settings, to find its neighbours. */
  async folderOf(file: string): Promise<string> {
    return relative(await realpath(this.#folder), dirname(file)) || '.';
  }

  /** The audio files of a folder and of those in it, in the order of their names; null when there is no such folder. */
  async list(path: string): Promise<Listing | null> {
    const top = await this.find(path);
    if (top === null || !(await isFolder(top))) return null;
    const files: LibraryFile[] = [];
    const leftOut: { entry: string; reason: string }[] = [];
    let seen = 0;
    const walk = async (folder: string, depth: number): Promise<void> => {
      const folders: string[] = [];
      const names: string[] = [];
      for await (const entry of await opendir(folder)) {
        seen += 1;
        if (seen > this.#limits.entries) break;
        if (entry.name.startsWith('.')) continue;
        if (entry.isDirectory()) folders.push(entry.name);
        else if (mediaTypeOf(endingOf(entry.name)) !== null) names.push(entry.name);
      }
      for (const name of names.sort(naturally)) {
        if (files.length >= this.#limits.files) return;
        const real = await this.find(join(folder, name));
        if (real !== null && mediaTypeOf(endingOf(real)) !== null) files.push({ path: real, name });
        else leftOut.push({ entry: name, reason: 'It is not a file below queue.folder.' });
      }
      if (depth >= this.#limits.depth) return;
      for (const name of folders.sort(naturally))
        await walk(join(folder, name), depth + 1).catch(unreadable(name));
    };
    const unreadable = (name: string) => (): void => {
      leftOut.push({ entry: name, reason: 'It could not be read.' });
    };
    await walk(top, 1).catch(unreadable('.'));
    if (seen > this.#limits.entries || files.length >= this.#limits.files)
      leftOut.push({ entry: '…', reason: 'The folder is too large to be looked at as a whole.' });
    return { files, leftOut };
  }

  /** The size of a file of the library; null when it is not there any more, or is none. */
  async size(path: string): Promise<number | null> {
    const file = await this.#open(path);
    if (file === null) return null;
    await file.handle.close();
    return file.bytes;
  }

  /** The bytes of a file, from `first` to `last`, both included; null when it is gone. */
  async read(path: string, first: number, last: number): Promise<Readable | null> {
    const file = await this.#open(path);
    if (file === null) return null;
    if (first <= last) return file.handle.createReadStream({ start: first, end: last });
    await file.handle.close();
    return Readable.from([]);
  }

  /** Whatever its path is by now: a file below the folder, opened without waiting for anybody (a pipe would). */
  async #open(path: string): Promise<{ readonly handle: FileHandle; readonly bytes: number } | null> {
    const real = await this.find(path);
    if (real === null || real !== path) return null;
    let handle: FileHandle | null = null;
    try {
      handle = await open(real, READ);
      const facts = await handle.stat();
      if (facts.isFile()) return { handle, bytes: facts.size };
    } catch {
      // Gone, or not ours to read.
    }
    await handle?.close();
    return null;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
