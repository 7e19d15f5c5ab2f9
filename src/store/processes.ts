import { readFileSync, readlinkSync } from 'node:fs';
import { codeOf } from './store-error.ts';

/** What the system says of a process; `started` in ticks since the machine's start, null where it does not tell. */
export type ProcessSeen = 'gone' | { readonly started: string | null };

/** What the store asks the system about processes. */
export interface Processes {
  /** Our own id. */
  readonly pid: number;
  /** Differs after every start of the machine; null where the system does not tell. */
  readonly boot: string | null;
  /** Where our process ids are valid (a container has its own); null where the system does not tell. */
  readonly space: string | null;
  /** Looks at a process of our own space; one that ended but was not collected by its parent is gone. */
  look(pid: number): ProcessSeen;
}

function orNull(read: () => string): string | null {
  try {
    return read().trim();
  } catch {
    return null;
  }
}

const ENDED: ReadonlySet<string | undefined> = new Set(['Z', 'X', 'x']);

/** Reads a line of `/proc/<pid>/stat` (proc(5)): state is the third field, the start time the 22nd. */
export function readStat(line: string): ProcessSeen {
  // The second field is the program's name, which may hold spaces and brackets; the last bracket ends it.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return ENDED.has(fields[0]) ? 'gone' : { started: fields[19] ?? null };
}

function look(pid: number): ProcessSeen {
  try {
    process.kill(pid, 0);
  } catch (cause) {
    // EPERM: it is there, and somebody else's.
    if (codeOf(cause) !== 'EPERM') return 'gone';
  }
  const line = orNull(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return line === null ? { started: null } : readStat(line);
}

/** The machine's own processes. */
export const systemProcesses: Processes = {
  pid: process.pid,
  boot: orNull(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
  space: orNull(() => readlinkSync('/proc/self/ns/pid')),
  look,
};
