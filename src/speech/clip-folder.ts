import { constants } from 'node:fs';
import { chmod, lstat, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** The formats that Sonos plays. */
export type ClipType = 'wav' | 'mp3';

/** What a file's name tells of the clip in it, so that nothing else needs to be kept beside it. */
export interface ClipFacts {
  readonly name: string;
  readonly type: ClipType;
  readonly bytes: number;
  readonly lengthMs: number | null;
  /** Who made it, in a word or two. */
  readonly note: string;
}

/** A clip that was found in the folder, and when it was last used, in milliseconds since 1970. */
export interface FoundClip {
  readonly facts: ClipFacts;
  readonly usedAt: number;
}

/** The folder of the clips. All throw the system's error when the disk refuses; none follows a link. */
export interface ClipFolder {
  /** Makes the folder private, throws away what a crash left or damaged, answers the clips: least recently used first. */
  open(): Promise<readonly FoundClip[]>;
  /** Writes a clip to the platter; there is never half of one under its name. */
  write(facts: ClipFacts, sound: Uint8Array, usedAt: number): Promise<void>;
  /** Notes the moment of use. False when the clip is gone, or is not what was written. */
  touch(facts: ClipFacts, usedAt: number): Promise<boolean>;
  /** Its bytes from `first` to `last`, both included, read as they are wanted; null when it is gone or changed. */
  read(facts: ClipFacts, first: number, last: number): Promise<Readable | null>;
  /** Harmless when it is not there. */
  remove(facts: ClipFacts): Promise<void>;
}

/** Unguessable name, bytes, milliseconds (or `x`), note in base64url, type. */
const FILE = /^([\w-]{43})\.(\d{1,12})\.(\d{1,12}|x)\.([\w-]*)\.(wav|mp3)$/;
const TEMPORARY = /^[\w-]{43}\.tmp$/;
/** In letters; a file name may have 255 bytes. */
const LONGEST_NOTE = 40;
/** Files that are looked at side by side at the start. */
const AT_ONCE = 32;

const READ = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const CREATE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** The facts as they can be kept: a length in whole milliseconds, a short note of whole letters. */
export function keptFacts(facts: ClipFacts): ClipFacts {
  const length = Math.round(facts.lengthMs ?? -1);
  return {
    ...facts,
    lengthMs: length >= 0 && length < 1e12 ? length : null,
    note: Buffer.from(facts.note.slice(0, LONGEST_NOTE)).toString(),
  };
}

const fileNameOf = ({ name, bytes, lengthMs, note, type }: ClipFacts): string =>
  `${name}.${bytes}.${lengthMs ?? 'x'}.${Buffer.from(note).toString('base64url')}.${type}`;

function factsOf(fileName: string): ClipFacts | null {
  const [, name, bytes, length, note = '', type] = FILE.exec(fileName) ?? [];
  if (name === undefined) return null;
  return {
    name,
    type: type === 'mp3' ? 'mp3' : 'wav',
    bytes: Number(bytes),
    lengthMs: length === 'x' ? null : Number(length),
    note: Buffer.from(note, 'base64url').toString(),
  };
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ELOOP');

/** The folder and its parents; whoever else could look into it is shut out. */
async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (((await stat(folder)).mode & 0o077) !== 0) await chmod(folder, 0o700);
}

/** Looks at one entry of the folder; what is ours and broken is removed. */
async function lookAt(folder: string, fileName: string): Promise<FoundClip | null> {
  const facts = factsOf(fileName);
  if (facts === null && !TEMPORARY.test(fileName)) return null;
  const path = join(folder, fileName);
  const seen = await lstat(path);
  const isWhole = facts !== null && seen.isFile() && seen.size === facts.bytes;
  // A name that `fileNameOf` would not give is nobody's: it could be neither read nor removed later.
  if (isWhole && fileNameOf(facts) === fileName) return { facts, usedAt: seen.mtimeMs };
  await rm(path, { recursive: true, force: true });
  return null;
}

async function openFolder(folder: string): Promise<readonly FoundClip[]> {
  await makeFolder(folder);
  const names = await readdir(folder);
  const found: FoundClip[] = [];
  for (let start = 0; start < names.length; start += AT_ONCE) {
    const looked = names.slice(start, start + AT_ONCE).map((name) => lookAt(folder, name).catch(() => null));
    found.push(...(await Promise.all(looked)).filter((clip) => clip !== null));
  }
  return found.sort((one, other) => one.usedAt - other.usedAt);
}

async function writeClip(folder: string, facts: ClipFacts, sound: Uint8Array, usedAt: number): Promise<void> {
  // Somebody may have tidied up while we ran.
  await makeFolder(folder);
  const temporary = join(folder, `${facts.name}.tmp`);
  await rm(temporary, { recursive: true, force: true });
  try {
    const file = await open(temporary, CREATE, 0o600);
    try {
      await file.writeFile(sound);
      await file.utimes(usedAt / 1_000, usedAt / 1_000);
      // Otherwise a power cut could leave the whole name on half a sound.
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, fileNameOf(facts)));
  } catch (cause) {
    // What cannot be removed now is removed at the next start.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw cause;
  }
}

async function readClip(path: string, facts: ClipFacts, first: number, last: number) {
  const file = await open(path, READ).catch((cause: unknown) => {
    if (isMissing(cause)) return null;
    throw cause;
  });
  if (file === null) return null;
  const seen = await file.stat().catch(() => null);
  if (seen?.isFile() && seen.size === facts.bytes) return file.createReadStream({ start: first, end: last });
  await file.close();
  return null;
}

/** The folder as the system keeps it. */
export function createClipFolder(folder: string): ClipFolder {
  const pathOf = (facts: ClipFacts): string => join(folder, fileNameOf(facts));
  return {
    open: () => openFolder(folder),
    write: (facts, sound, usedAt) => writeClip(folder, facts, sound, usedAt),
    touch: async (facts, usedAt) => {
      try {
        const seen = await lstat(pathOf(facts));
        if (!seen.isFile() || seen.size !== facts.bytes) return false;
      } catch (cause) {
        if (isMissing(cause)) return false;
        throw cause;
      }
      // A disk that has become read-only still has the sound.
      await utimes(pathOf(facts), usedAt / 1_000, usedAt / 1_000).catch(() => undefined);
      return true;
    },
    read: (facts, first, last) => readClip(pathOf(facts), facts, first, last),
    remove: (facts) => rm(pathOf(facts), { force: true }),
  };
}
