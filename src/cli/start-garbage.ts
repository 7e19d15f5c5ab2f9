import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Cancel, Clock } from '../bridge/ports.ts';

const LOOK_MS = 3_000;
/** Of one processor; at rest the bridge takes a tenth of that. Whoever is busy is not made to wait for a collection. */
const REST_SHARE = 0.005;
/** V8 gives its young generation back when little was allocated for five seconds before a collection. */
const COLLECTIONS = 3;

interface Options {
  readonly clock: Clock;
  /** Processor time of this process so far, milliseconds. */
  readonly used?: () => number;
  readonly collect?: () => void;
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Collects all garbage; takes some 50 ms. */
function collectAll(): void {
  // There is no other way to ask for it without a flag on the command line.
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  if (typeof collect === 'function') collect();
}

/**
 * Gives what only the start needed back to the machine, as soon as the house rests: a third of its memory. V8 would get
 * to that by itself after half a minute, or never when the start itself was frugal enough.
 */
export function collectStartGarbage({ clock, used = processorMs, collect = collectAll }: Options): Cancel {
  let cancel: Cancel = () => {};
  let left = COLLECTIONS;
  const look = (): void => {
    const before = used();
    cancel = clock.after(LOOK_MS, () => {
      const isAtRest = used() - before < LOOK_MS * REST_SHARE;
      if (isAtRest) {
        collect();
        left -= 1;
      }
      if (left > 0) look();
    });
  };
  look();
  return () => cancel();
}
