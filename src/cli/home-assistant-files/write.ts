import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAsWritten } from './files.ts';

/** What became of one file. */
export interface Written {
  readonly path: string;
  /** `beside`: it is somebody's by now, so the new one has `.new` behind its name. `left`: so is that one. */
  readonly how: 'written' | 'unchanged' | 'beside' | 'left';
}

/** Behind the name of a new file when the one in its place is somebody's. Not `.yaml`, or Home Assistant would read both. */
export const BESIDE = '.new';

/** The text of a file; null when there is none. */
async function textAt(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

/** Whole or not at all: Home Assistant may read it at any moment. */
async function put(path: string, text: string): Promise<void> {
  const draft = `${path}.tmp`;
  await writeFile(draft, text);
  await rename(draft, path);
}

async function writeOne(folder: string, path: string, text: string): Promise<Written> {
  const full = join(folder, path);
  await mkdir(dirname(full), { recursive: true });
  const there = await textAt(full);
  if (there === text) return { path, how: 'unchanged' };
  if (there === null || isAsWritten(there)) {
    await put(full, text);
    return { path, how: 'written' };
  }
  const beside = await textAt(full + BESIDE);
  if (beside !== null && !isAsWritten(beside)) return { path, how: 'left' };
  await put(full + BESIDE, text);
  return { path, how: 'beside' };
}

/** Writes files below a folder; never over one that somebody changed. Throws what the disk says. */
export async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<Written[]> {
  const written: Written[] = [];
  for (const [path, text] of files) written.push(await writeOne(folder, path, text));
  return written;
}
