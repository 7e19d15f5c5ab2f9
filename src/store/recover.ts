import type { z } from 'zod';
import type { Clock, Log } from '../bridge/ports.ts';
import { readCopy } from './copy.ts';
import type { Disk } from './disk.ts';
import type { DocumentFiles } from './names.ts';
import { broken, setAside } from './set-aside.ts';
import { storeError } from './store-error.ts';

interface Options<T> {
  readonly disk: Disk;
  readonly files: DocumentFiles;
  readonly schema: z.ZodType<T>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Moves a broken copy aside and says where to; on a disk that refuses it stays, and saving will come back to it. */
async function keep<T>(options: Options<T>, path: string): Promise<string> {
  try {
    return `It was kept as ${await setAside(options, path)}.`;
  } catch (cause) {
    return storeError(cause, path, 'It could not be moved aside').message;
  }
}

/**
 * Answers the last good copy of a document that is missing (`why` null) or broken; null when there never was one, or when
 * that one is broken too. Broken files are moved aside, and everything but a first start is told in the log.
 * Throws `StoreError` when the good copy cannot be read; then nothing was moved.
 */
export async function recover<T>(options: Options<T>, why: string | null): Promise<T | null> {
  const { disk, files, schema, log } = options;
  const { current, good } = files;
  const fields = { file: current };
  const copy = await readCopy(disk, good, schema);
  const kept = why === null ? '' : `${await keep(options, current)} `;
  const seen = why === null ? `${current} is missing` : `${current} ${why}`;
  if (copy.kind === 'right') {
    log.error(
      `${seen}. ${kept}Its last good copy ${good} is used; the newest change may be missing from it. Check what the bridge shows, and the disk. If the document was deleted on purpose, stop the bridge and delete both files.`,
      fields,
    );
    return copy.value;
  }
  if (copy.kind === 'broken') {
    const keptGood = await keep(options, good);
    log.error(
      `${seen}. ${kept}Its last good copy ${good} ${copy.why}. ${keptGood} The bridge starts without this document: put a right one back from a backup (with the bridge stopped), or set things up again.`,
      fields,
    );
    return null;
  }
  if (why !== null) {
    log.error(
      `${seen}. ${kept}There is no last good copy. The bridge starts without this document: mend the kept file and put it back (with the bridge stopped), or set things up again.`,
      fields,
    );
    return null;
  }
  const earlier = await broken(disk, files).catch(() => []);
  if (earlier.length > 0) {
    log.warn(
      `${seen}, but broken ones were kept: ${earlier.join(', ')}. The bridge starts without this document.`,
      fields,
    );
  }
  return null;
}
