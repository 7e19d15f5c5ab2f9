import { join } from 'node:path';
import { z } from 'zod';
import type { Disk } from './disk.ts';
import type { Processes } from './processes.ts';
import { readSign } from './sign.ts';

/** Who has the data folder. */
export interface LockHolder {
  readonly pid: number;
  /** When it took the folder, ISO 8601. */
  readonly since: string;
  /** False when the process runs in another container, so that its id means nothing out here. */
  readonly inThisSpace: boolean;
}

const lockRecord = z.object({
  token: z.string().regex(/^[\w-]{1,64}$/),
  pid: z.int().positive(),
  started: z.string().nullable(),
  boot: z.string().nullable(),
  space: z.string().nullable(),
  signed: z.boolean(),
  since: z.iso.datetime(),
});

/** What the lock file says. `token` names this one taking of the lock; `signed`: a sign of life was put up. */
export type LockRecord = z.output<typeof lockRecord>;

const LARGEST_RECORD = 4096;

/** What lies where a lock may lie. A file that is no record was torn by a power cut or is not ours: nobody holds it. */
export type LockSeen =
  | { readonly kind: 'absent' | 'unreadable' }
  | { readonly kind: 'record'; readonly record: LockRecord };

/** Reads a lock file. */
export async function readLock(disk: Disk, path: string): Promise<LockSeen> {
  const seen = await disk.read(path, LARGEST_RECORD);
  if (seen.kind === 'absent') return { kind: 'absent' };
  try {
    if (seen.kind === 'bytes') {
      const json: unknown = JSON.parse(new TextDecoder().decode(seen.bytes));
      return { kind: 'record', record: lockRecord.parse(json) };
    }
  } catch {
    // No JSON, or of another shape.
  }
  return { kind: 'unreadable' };
}

/** Where the sign of life of a lock is. */
export const signPath = (folder: string, token: string): string => join(folder, `lock.${token}.sock`);

/** The holder as others are told of it. */
export const holderOf = (record: LockRecord, processes: Processes): LockHolder => ({
  pid: record.pid,
  since: record.since,
  inThisSpace: record.space === processes.space,
});

/**
 * Whether the process that wrote a record still runs. Survives reuse of process ids (the start times differ), a restart of
 * the machine, and containers. When in doubt, it runs: a refusal can be lifted by hand, a second writer's damage cannot.
 */
export async function isAlive(record: LockRecord, folder: string, processes: Processes): Promise<boolean> {
  const sameBoot = record.boot === processes.boot;
  if (!sameBoot || record.space !== processes.space) {
    // Its process id says nothing here. Some containers also claim a machine start of their own, so the sign goes first.
    const sign = record.signed ? await readSign(signPath(folder, record.token)) : 'unknown';
    return sign === 'unknown' ? sameBoot : sign === 'there';
  }
  const seen = processes.look(record.pid);
  if (seen === 'gone') return false;
  return seen.started === null || record.started === null || seen.started === record.started;
}
