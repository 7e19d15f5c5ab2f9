import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Cancel, Clock } from '../bridge/ports.ts';

type Step = 'collect' | 'compact' | null;

const LOOK_MS = 2_000;
/** Of one processor; at rest the bridge takes a fifth of that. Whoever is busy is not made to wait for a collection. */
const REST_SHARE = 0.005;
/**
 * What is done at each look that finds the house at rest. V8 gives its young generation back only when little was
 * allocated in the five seconds before a collection; compacting earlier would need more memory than the start itself.
 */
const STEPS: readonly Step[] = ['collect', null, null, 'collect', 'compact'];

interface Options {
  readonly clock: Clock;
  /** Processor time of this process so far, milliseconds. */
  readonly used?: () => number;
  readonly collect?: (compact: boolean) => void;
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}

/** Collects all garbage, which takes some 50 ms. There is no other way to it than by flags, which hold for this once. */
function collectAll(compact: boolean): void {
  const flags = ['expose-gc', ...(compact ? ['compact-on-every-full-gc'] : [])];
  for (const flag of flags) setFlagsFromString(`--${flag}`);
  const gc: unknown = runInNewContext('gc');
  if (typeof gc === 'function') gc();
  for (const flag of flags) setFlagsFromString(`--no-${flag}`);
}

/**
 * Gives what only the start needed back to the machine, as soon as the house rests: a third of its memory. V8 would get
 * to that by itself after half a minute, or never when the start itself was frugal enough.
 */
export function collectStartGarbage({ clock, used = processorMs, collect = collectAll }: Options): Cancel {
  let cancel: Cancel = () => {};
  const look = (steps: readonly Step[]): void => {
    const before = used();
    cancel = clock.after(LOOK_MS, () => {
      if (used() - before >= LOOK_MS * REST_SHARE) {
        look(steps);
        return;
      }
      const [step, ...others] = steps;
      if (step != null) collect(step === 'compact');
      if (others.length > 0) look(others);
    });
  };
  look(STEPS);
  return () => cancel();
}
