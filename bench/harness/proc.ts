import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** What a process has used of a processor so far, all its threads together: microseconds. Linux only (proc(5)). */
export function cpuMicroseconds(pid: number): number {
  const tasks = readdirSync(`/proc/${pid}/task`);
  return tasks.reduce((sum, task) => sum + nanosecondsOf(pid, task) / 1000, 0);
}

function nanosecondsOf(pid: number, task: string): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]);
  } catch {
    // A thread may end between the listing and the reading.
    return 0;
  }
}

/** What a process holds in memory now (`VmRSS`) and held at most (`VmHWM`): megabytes of 1,000,000 bytes. */
export function residentMegabytes(pid: number): { readonly now: number; readonly peak: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const field = (name: string): number =>
    (Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1024) / 1e6;
  return { now: field('VmRSS'), peak: field('VmHWM') };
}

/** The monotonic clock of the machine, the same for all its processes: microseconds. */
export const microseconds = (): number => Number(process.hrtime.bigint()) / 1000;

/** Waits until a question is answered with something; an error says what was awaited in vain. */
export async function until<T>(
  what: string,
  look: () => T | null | Promise<T | null>,
  patienceMs = 30_000,
): Promise<T> {
  const end = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== null) return found;
    if (performance.now() > end) throw new Error(`waited ${patienceMs / 1000} s in vain for ${what}`);
    await wait(20);
  }
}
