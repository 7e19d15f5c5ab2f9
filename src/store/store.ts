import type { z } from 'zod';
import type { Clock, Log, Random } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { createAdapter } from './adapter.ts';
import { type Disk, systemDisk } from './disk.ts';
import { type Document, type OpenDocument, openDocument } from './document.ts';
import { openFolder, refuse, type StoreRefusal, tidyFolder } from './folder.ts';
import type { LockHolder } from './holder.ts';
import { type Lock, takeLock } from './lock.ts';
import { documentFiles } from './names.ts';
import { type Processes, systemProcesses } from './processes.ts';
import { StoreError, storeError } from './store-error.ts';

export type { Document } from './document.ts';
export type { StoreRefusal } from './folder.ts';
export type { LockHolder } from './holder.ts';
export { whoHolds } from './lock.ts';
export { StoreError } from './store-error.ts';

/** A value that is in memory but not on the disk. */
export interface StoreTrouble {
  /** Since when writing fails, wall time in milliseconds. */
  readonly since: number;
  /** The latest refusal, with its file and what to do. */
  readonly error: StoreError;
}

/** The bridge's durable documents, in a folder that is ours alone. */
export interface Store {
  /**
   * Opens the document `<name>.json`. Absent: `empty`. Broken: it is kept aside and the last good copy is used, or else
   * `empty`, and the log says so. Throws `StoreError` when the disk does not let it be read. Each name may be opened once.
   */
  document<T extends object>(name: string, schema: z.ZodType<T>, empty: T): Promise<Document<T>>;
  /** The longest-standing write failure that no later write has mended; null when all is on the disk. */
  readonly trouble: StoreTrouble | null;
  /** Writes what is not yet on the disk and gives the folder back. Never rejects; what was lost is told in the log. */
  close(): Promise<void>;
}

/** What the store needs. `disk` and `processes` are the machine's own unless a test says otherwise. */
export interface StoreOptions {
  /** `data_dir` of the settings. */
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly disk?: Disk;
  readonly processes?: Processes;
}

/** Opens the data folder: private, tidy and locked against a second bridge. A folder that cannot be so is refused. */
export async function openStore(options: StoreOptions): Promise<Result<Store, StoreRefusal>> {
  const { clock, random, log, disk = systemDisk, processes = systemProcesses } = options;
  try {
    const opened = await openFolder(disk, options.folder, log);
    if (!opened.ok) return opened;
    const folder = opened.value;
    const lock = await takeLock({ folder, disk, processes, clock, random });
    if (!lock.ok) return err(inUse(folder, lock.error));
    const refusal = await tidyOrRelease(disk, folder, log, lock.value);
    return refusal === null ? ok(createStore(options, disk, folder, lock.value)) : err(refusal);
  } catch (cause) {
    return refuse(
      'unusable',
      storeError(cause, options.folder, `The data folder ${options.folder} cannot be used`).message,
    );
  }
}

function inUse(folder: string, holder: LockHolder): StoreRefusal {
  const who = `process ${holder.pid}${holder.inThisSpace ? '' : ' of another container'}`;
  const message = `The data folder ${folder} is in use by ${who} since ${holder.since}. Only one bridge may use it: stop that one, or give this one another data_dir.`;
  return { reason: 'in_use', message, holder };
}

async function tidyOrRelease(disk: Disk, folder: string, log: Log, lock: Lock): Promise<StoreRefusal | null> {
  let refusal: StoreRefusal | null = null;
  let tidied = false;
  try {
    refusal = await tidyFolder(disk, folder, log);
    tidied = refusal === null;
  } finally {
    if (!tidied) await lock.release();
  }
  return refusal;
}

function createStore(options: StoreOptions, disk: Disk, folder: string, lock: Lock): Store {
  const { clock, random, log } = options;
  const names = new Set<string>();
  const opening: Promise<OpenDocument<object>>[] = [];
  const troubles = new Map<string, StoreTrouble>();
  let closing: Promise<void> | null = null;

  function told(name: string, error: StoreError | null): void {
    if (error === null) troubles.delete(name);
    else troubles.set(name, { since: troubles.get(name)?.since ?? clock.now(), error });
  }

  async function close(): Promise<void> {
    const documents = await Promise.allSettled(opening);
    await Promise.all(documents.map((each) => (each.status === 'fulfilled' ? each.value.close() : null)));
    await lock.release().catch((cause) => {
      log.error(storeError(cause, folder, `The lock of ${folder} could not be released`).message);
    });
  }

  return {
    document: async (name, schema, empty) => {
      const files = documentFiles(folder, name);
      if (closing !== null) throw new StoreError('closed', files.current, `${files.current} was not opened.`);
      if (names.has(name)) throw new TypeError(`The document "${name}" is already open; hand it on instead.`);
      names.add(name);
      const adapter = createAdapter({ disk, files, schema, clock, random, log });
      const file = files.current;
      const document = openDocument({ file, adapter, empty, clock, log, told: (error) => told(name, error) });
      opening.push(document);
      // One that could not be read may be tried again.
      document.catch(() => names.delete(name));
      return document;
    },
    get trouble() {
      return [...troubles.values()].sort((a, b) => a.since - b.since)[0] ?? null;
    },
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}
