import { constants, type Stats } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { err, ok, type Result } from '../bridge/result.ts';
import { decodeSound } from './decode.ts';
import type { Pcm } from './pcm.ts';
import { soundLengthMs } from './sound-length.ts';

const LARGEST_MEGABYTES = 5;
const LONGEST_SECONDS = 30;

/** What tells that a file is still the same: it changes when the file does. */
export const markOf = (stats: Pick<Stats, 'size' | 'mtimeMs'>): string => `${stats.size} ${stats.mtimeMs}`;

/** Why a file cannot be a chime, whatever is in it; null when it can. */
export function tooLarge(stats: Pick<Stats, 'size'>): string | null {
  if (stats.size <= LARGEST_MEGABYTES * 1024 * 1024) return null;
  const seen = (stats.size / (1024 * 1024)).toFixed(1);
  return `It has ${seen} MiB; a chime may have ${LARGEST_MEGABYTES}.`;
}

async function read(file: FileHandle, mark: string): Promise<Result<Uint8Array, string>> {
  const stats = await file.stat();
  if (!stats.isFile() || markOf(stats) !== mark) return err('It changed while it was read; try again.');
  return ok(await file.readFile());
}

/** The sound of a file that was found with this mark, or one sentence that says why there is none. */
export async function readChime(path: string, mark: string): Promise<Result<Pcm, string>> {
  let bytes: Result<Uint8Array, string>;
  try {
    // Between the look and this it may have become a link, or a pipe, which would hold us for ever.
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    bytes = await read(file, mark).finally(() => file.close());
  } catch (cause) {
    return err(`It cannot be read (${codeOf(cause)}).`);
  }
  if (!bytes.ok) return bytes;
  const seconds = (soundLengthMs(bytes.value) ?? 0) / 1000;
  if (seconds > LONGEST_SECONDS) {
    return err(`It is ${Math.ceil(seconds)} seconds long; a chime may have ${LONGEST_SECONDS}.`);
  }
  return decodeSound(bytes.value);
}

/** What the system calls a failure of the disk. */
export function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'no error code';
}
