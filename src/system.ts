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

const ID_BYTES = 16;
const POOL_BYTES = 256 * ID_BYTES;
let pool = Buffer.alloc(0);

/** Asking the system for many bytes takes hardly longer than for a few. */
function id(): string {
  if (pool.length === 0) pool = randomBytes(POOL_BYTES);
  const bytes = pool.subarray(0, ID_BYTES);
  pool = pool.subarray(ID_BYTES);
  const text = bytes.toString('base64url');
  // Whoever reads the memory later finds none that was given out.
  bytes.fill(0);
  return text;
}

/** The machine's own chance. */
export const systemRandom: Random = {
  id,
  fraction: () => Math.random(),
};
