import type { Clock } from './ports.ts';

/** Settles when the work is done, or when its time is up. */
export function within(clock: Clock, milliseconds: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(milliseconds, resolve);
    void work.then(() => {
      cancel();
      resolve();
    });
  });
}
