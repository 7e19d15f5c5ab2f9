import type { Clock } from './ports.ts';

/** Waits for work: true when it is done before its time is up, and false when not. Rejects as the work does until then. */
export function within(clock: Clock, milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(milliseconds, () => resolve(false));
    work.finally(cancel).then(() => resolve(true), reject);
  });
}
