import { randomBytes } from 'node:crypto';
import type { Clock, Random } from './bridge/ports.ts';

const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** A time that has passed is now, an infinite one never comes. */
function after(milliseconds: number, work: () => void): () => void {
  // Node would take it for 1 ms, and what sets its timer anew would run hot.
  if (Number.isNaN(milliseconds))
    throw new RangeError('A timer needs a number of milliseconds; NaN is none.');
  const wait = Math.max(0, milliseconds);
  // Node fires a longer timer at once, so a long wait is cut into pieces.
  const step = Math.min(wait, LONGEST_TIMER_MS);
  let cancel: () => void;
  const timer = setTimeout(() => {
    if (wait > step) cancel = after(wait - step, work);
    else work();
  }, step);
  cancel = () => clearTimeout(timer);
  return () => cancel();
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after,
};

/** The machine's own chance. */
export const systemRandom: Random = {
  id: () => randomBytes(16).toString('base64url'),
  fraction: () => Math.random(),
};
