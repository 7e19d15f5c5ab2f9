import { createHash } from 'node:crypto';
import type { Adapter } from 'lowdb';
import type { z } from 'zod';
import type { Clock, Log, Random } from '../bridge/ports.ts';
import { LARGEST_DOCUMENT, readCopy, writeDocument } from './copy.ts';
import type { Disk } from './disk.ts';
import type { DocumentFiles } from './names.ts';
import { recover } from './recover.ts';
import { setAside } from './set-aside.ts';
import { storeError } from './store-error.ts';

/** What an adapter needs of the world. */
export interface AdapterOptions<T> {
  readonly disk: Disk;
  readonly files: DocumentFiles;
  readonly schema: z.ZodType<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** lowdb's adapter over files that survive kill −9, power cuts and full disks. */
export interface SafeAdapter<T> extends Adapter<T> {
  /** True when `read` had to go back to the last good copy, so that the document itself was missing. */
  recovered(): boolean;
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What the adapter remembers of the document between two calls. */
interface Memory {
  /** The digest of the document as we last read or wrote it; null when there was none. */
  known: string | null;
  /** What else was found in its place and already has a second name; null when nothing was. */
  kept: string | null;
}

/**
 * Answers whether the document on disk is the one we know: only such a one may become the good copy.
 * Any other is kept aside, so that no hand's work is written over.
 */
async function makeRoom<T>(options: AdapterOptions<T>, memory: Memory): Promise<boolean> {
  const { disk, files, log } = options;
  const seen = await disk
    .read(files.current, LARGEST_DOCUMENT)
    .catch(() => ({ kind: 'odd', what: 'can no longer be read' }) as const);
  if (seen.kind === 'absent') return false;
  const found = seen.kind === 'odd' ? seen.what : digestOf(seen.bytes);
  if (found === memory.known) return true;
  // A save that was refused had come this far.
  if (found === memory.kept) return false;
  // By a second name, so that there is a document at every moment; a folder can only be moved.
  const aside = await setAside(options, files.current, disk.link).catch(() =>
    setAside(options, files.current),
  );
  memory.kept = found;
  const what = seen.kind === 'odd' ? seen.what : 'another hand or the disk changed it';
  log.error(
    `${files.current} is no longer what the bridge wrote (${what}). It was kept as ${aside}, and the bridge's own value takes its place. To edit a document, stop the bridge first.`,
    { file: files.current },
  );
  return false;
}

/**
 * Creates the adapter of one document. One call at a time: the caller serialises (lowdb does not).
 *
 * A save goes: new temporary file, on the platter → a second name for the present document → the temporary file takes
 * the document's name → the second name takes the good copy's → folder on the platter. Each name moves at one stroke, so
 * a kill between any two leaves the document and the good copy each either as before or as after.
 */
export function createAdapter<T extends object>(options: AdapterOptions<T>): SafeAdapter<T> {
  const { disk, files, schema, random } = options;
  const memory: Memory = { known: null, kept: null };
  let recovered = false;

  async function read(): Promise<T | null> {
    const current = await readCopy(disk, files.current, schema);
    if (current.kind === 'right') {
      memory.known = digestOf(current.bytes);
      return current.value;
    }
    const value = await recover(options, current.kind === 'broken' ? current.why : null);
    recovered = value !== null;
    return value;
  }

  async function replace(bytes: Uint8Array): Promise<void> {
    const next = files.temporary(random.id());
    const former = files.temporary(random.id());
    try {
      await disk.create(next, bytes);
      const ours = await makeRoom(options, memory);
      if (ours) await disk.link(files.current, former);
      await disk.rename(next, files.current);
      memory.known = digestOf(bytes);
      memory.kept = null;
      if (ours) {
        await disk.rename(former, files.good);
        // Renaming over another name of the same file, which a power cut can leave as the good copy, does nothing at all.
        await disk.remove(former);
      }
      await disk.sync(files.folder);
    } catch (cause) {
      // What cannot be removed now is removed at the next start; the first error is the one to tell.
      await Promise.allSettled([disk.remove(next), disk.remove(former)]);
      throw cause;
    }
  }

  return {
    read,
    recovered: () => recovered,
    // Not async before the bytes are made: they are of the value as it is at the moment of the call.
    write: async (value) => {
      const bytes = writeDocument(value, schema, files.current);
      try {
        await replace(bytes);
      } catch (cause) {
        throw storeError(cause, files.current, `${files.current} could not be saved`);
      }
    },
  };
}
