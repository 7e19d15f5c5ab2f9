import type { Cancel, Clock } from './ports.ts';

const LOOK_EVERY_MS = 60_000;
/** More than that between the calendar and the stopwatch means that the machine slept. */
const SLEPT_MS = 300_000;

/** Looks once a minute whether the calendar ran ahead of the stopwatch, as it does while a machine sleeps. */
export function createSleepWatch(clock: Clock, slept: (milliseconds: number) => void) {
  let wall = clock.now();
  let elapsed = clock.elapsed();
  let cancel: Cancel = () => {};

  function look(): void {
    const ahead = clock.now() - wall - (clock.elapsed() - elapsed);
    wall = clock.now();
    elapsed = clock.elapsed();
    cancel = clock.after(LOOK_EVERY_MS, look);
    if (ahead >= SLEPT_MS) slept(ahead);
  }

  return { start: look, stop: (): void => cancel() };
}
