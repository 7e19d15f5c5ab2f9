import { basename, join } from 'node:path';
import type { Clock, Log } from '../bridge/ports.ts';
import type { Disk } from './disk.ts';
import type { DocumentFiles } from './names.ts';
import { codeOf } from './store-error.ts';

/** How many set-aside files of one document are kept: the newest ones. */
const BROKEN_KEPT = 5;

interface Options {
  readonly disk: Disk;
  readonly files: DocumentFiles;
  readonly clock: Clock;
  readonly log: Log;
}

/** The set-aside files of a document, oldest first. */
export async function broken(disk: Disk, files: DocumentFiles): Promise<string[]> {
  return (await disk.list(files.folder)).filter((name) => files.isBroken(name)).sort();
}

async function freeName({ disk, files, clock }: Options): Promise<string> {
  for (let turn = 0; ; turn += 1) {
    const path = files.broken(clock.now(), turn);
    try {
      await disk.look(path);
    } catch (cause) {
      if (codeOf(cause) === 'ENOENT') return path;
      throw cause;
    }
  }
}

async function removeOldest({ disk, files, log }: Options): Promise<void> {
  const names = await broken(disk, files);
  for (const name of names.slice(0, -BROKEN_KEPT)) {
    await disk.remove(join(files.folder, name));
    log.warn(`${name} was removed: of the broken files of a document the newest ${BROKEN_KEPT} are kept.`);
  }
}

/**
 * Moves a file that cannot be used out of the way, for a person to look at; answers its new name. With `link` for `move`
 * it keeps the old one, too.
 */
export async function setAside(
  options: Options,
  path: string,
  move: Disk['rename'] = options.disk.rename,
): Promise<string> {
  const aside = await freeName(options);
  await move(path, aside);
  // One too many does no harm, and is removed the next time.
  await removeOldest(options).catch(() => {});
  return basename(aside);
}
