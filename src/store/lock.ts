import { join } from 'node:path';
import type { Clock, Random } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type Disk, systemDisk } from './disk.ts';
import {
  holderOf,
  isAlive,
  type LockHolder,
  type LockRecord,
  type LockSeen,
  readLock,
  signPath,
} from './holder.ts';
import { type Processes, systemProcesses } from './processes.ts';
import { openSign, readSign } from './sign.ts';
import { codeOf, StoreError } from './store-error.ts';

/** The data folder is ours until this is released. */
export interface Lock {
  /** Gives the folder back; harmless when called twice or when the lock was taken away by hand. */
  release(): Promise<void>;
}

/** What the lock needs of the world. */
export interface LockOptions {
  readonly folder: string;
  readonly disk: Disk;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly random: Random;
}

/** Each stands for a starter that was killed while it took the lock; a copy made by hand may stand for itself without end. */
const MOST_CLAIMS = 50;

const lockPath = (folder: string): string => join(folder, 'lock');
const tokenOf = (seen: LockSeen): string | null => (seen.kind === 'record' ? seen.record.token : null);

/**
 * Who has the folder right now; null when nobody has. Only looks, so it may be asked at any time, e.g. by `login` and
 * `doctor`. Throws the system's error when the folder may not be read.
 */
export async function whoHolds(
  folder: string,
  disk: Disk = systemDisk,
  processes: Processes = systemProcesses,
): Promise<LockHolder | null> {
  const seen = await readLock(disk, lockPath(folder));
  if (seen.kind !== 'record' || !(await isAlive(seen.record, folder, processes))) return null;
  return holderOf(seen.record, processes);
}

/**
 * Puts our record at a path, and answers null; or answers the living one that is there.
 *
 * A second name for a finished file appears at one stroke and never over another, so a record is always whole and there is
 * one winner. A dead process' record may be replaced only by who holds the claim on it, `lock.<its token>.next`, which is
 * taken in this same way (its owner may have died too). Whoever gets the claim late finds another token than the one it
 * saw, and withdraws.
 */
async function place(
  options: LockOptions,
  own: OwnRecord,
  path: string,
  depth = 0,
): Promise<LockRecord | null> {
  const { folder, disk, processes } = options;
  if (depth > MOST_CLAIMS) {
    const seen = `The lock in ${folder} has too many claims on it: remove the files lock.*.next there.`;
    throw new StoreError('disk_error', path, seen);
  }
  for (;;) {
    try {
      await disk.link(own.path, path);
      return null;
    } catch (cause) {
      const code = codeOf(cause);
      // Another starter's tidying took our file for a dead one's in the moment of its making.
      if (code === 'ENOENT') await disk.create(own.path, own.bytes);
      else if (code !== 'EEXIST') throw cause;
    }
    const seen = await readLock(disk, path);
    if (seen.kind === 'absent') continue;
    if (seen.kind === 'record' && (await isAlive(seen.record, folder, processes))) return seen.record;
    // Named after the record it replaces, so that a late withdrawal never hits a claim on a later record.
    const claim = join(folder, `lock.${tokenOf(seen) ?? `unreadable-${depth}`}.next`);
    const other = await place(options, own, claim, depth + 1);
    if (other !== null) return other;
    const now = await readLock(disk, path);
    if (now.kind === seen.kind && tokenOf(now) === tokenOf(seen)) {
      await disk.rename(claim, path);
      return null;
    }
    await disk.remove(claim);
  }
}

interface OwnRecord {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Removes what killed starters left. What living ones are about to use stays. */
async function tidy({ folder, disk, processes }: LockOptions): Promise<void> {
  for (const name of await disk.list(folder)) {
    if (!/^lock\..+\.(?:tmp|next|sock)$/.test(name)) continue;
    const path = join(folder, name);
    if (name.endsWith('.sock')) {
      if ((await readSign(path)) === 'gone') await disk.remove(path);
      continue;
    }
    const seen = await readLock(disk, path);
    if (seen.kind === 'record' && (await isAlive(seen.record, folder, processes))) continue;
    await disk.remove(path);
  }
}

/** Takes the folder, or answers who has it. Throws the system's error when the disk refuses. */
export async function takeLock(options: LockOptions): Promise<Result<Lock, LockHolder>> {
  const { folder, disk, processes, clock, random } = options;
  const token = random.id();
  const seen = processes.look(processes.pid);
  const sign = await openSign(signPath(folder, token));
  const record: LockRecord = {
    token,
    pid: processes.pid,
    started: seen === 'gone' ? null : seen.started,
    boot: processes.boot,
    space: processes.space,
    signed: sign !== null,
    since: new Date(clock.now()).toISOString(),
  };
  const own: OwnRecord = {
    path: join(folder, `lock.${token}.tmp`),
    bytes: new TextEncoder().encode(`${JSON.stringify(record)}\n`),
  };
  try {
    await disk.create(own.path, own.bytes);
    const other = await place(options, own, lockPath(folder));
    await disk.remove(own.path);
    if (other !== null) {
      await sign?.close();
      return err(holderOf(other, processes));
    }
    await tidy(options);
  } catch (cause) {
    await Promise.allSettled([disk.remove(own.path), sign?.close()]);
    throw cause;
  }
  return ok({
    release: async () => {
      try {
        const last = await readLock(disk, lockPath(folder));
        if (last.kind === 'record' && last.record.token === token) await disk.remove(lockPath(folder));
      } finally {
        await sign?.close();
      }
    },
  });
}
