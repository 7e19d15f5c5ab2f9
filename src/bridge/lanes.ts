import { groupKey, inEachOthersWay, type Job, mergedJob } from './job.ts';
import type { Cancel, Clock } from './ports.ts';
import type { Household } from './state.ts';

/** Sonos asks for at most one volume command in 100 ms (docs.sonos.com, "Volume"). */
const VOLUME_PACE_MS = 100;

const MOST_WAITING = 500;

/** The jobs of one household: those that touch the same thing one after another, the rest beside each other. */
export interface Lanes {
  /** Takes a job in; false when too many wait already. `took` is told when it took the place of an earlier one. */
  add(job: Job, took: (earlier: Job, merged: Job) => void): boolean;
  readonly waiting: number;
  stop(): void;
}

interface Options {
  readonly clock: Clock;
  readonly household: () => Household | undefined;
  /** Carries a job out; the lane is free again when it settles. Must not reject. */
  readonly run: (job: Job) => Promise<void>;
}

/** Keeps volume commands for the same player, or the same group, apart. */
function createPace(clock: Clock) {
  /** `Clock.elapsed` from which a target may be told again. */
  const free = new Map<string, number>();
  const targets = (house: Household, { command, spec, errands }: Job): string[] =>
    (spec.combined === null ? [] : errands).map(
      ({ playerId }) => `${command} ${spec.aim === 'group' ? groupKey(house, playerId) : playerId}`,
    );
  return {
    /** How long the job has to wait still, milliseconds. */
    wait: (house: Household, job: Job): number =>
      Math.max(0, ...targets(house, job).map((target) => (free.get(target) ?? 0) - clock.elapsed())),
    started(house: Household, job: Job): void {
      const now = clock.elapsed();
      for (const [target, at] of free) if (at <= now) free.delete(target);
      for (const target of targets(house, job)) free.set(target, now + VOLUME_PACE_MS);
    },
  };
}

/** Whether any of these must be through before the job may start. */
function isBlocked(house: Household, job: Job, others: Iterable<Job>): boolean {
  for (const other of others) if (inEachOthersWay(house, other, job)) return true;
  return false;
}

/** Keeps the order of what touches the same target. */
export function createLanes({ clock, household, run }: Options): Lanes {
  let waiting: Job[] = [];
  const running = new Set<Job>();
  const pace = createPace(clock);
  let wake: Cancel = () => {};

  function start(job: Job): void {
    running.add(job);
    void run(job).finally(() => {
      running.delete(job);
      pump();
    });
  }

  function pump(): void {
    wake();
    const house = household();
    if (house === undefined) {
      // No account has the household any more: each is told so now, and not carried out when it comes back.
      for (const job of waiting.splice(0)) start(job);
      return;
    }
    const held: Job[] = [];
    let soonest = Number.POSITIVE_INFINITY;
    for (const job of waiting) {
      const blocked = isBlocked(house, job, running) || isBlocked(house, job, held);
      const wait = blocked ? 0 : pace.wait(house, job);
      if (!blocked && wait === 0) {
        pace.started(house, job);
        start(job);
      } else held.push(job);
      if (wait > 0) soonest = Math.min(soonest, wait);
    }
    waiting = held;
    if (Number.isFinite(soonest)) wake = clock.after(soonest, pump);
  }

  return {
    add(job, took) {
      const house = household();
      if (house === undefined || waiting.length >= MOST_WAITING) return false;
      const last = waiting.findLastIndex((other) => inEachOthersWay(house, other, job));
      const earlier = waiting[last];
      const merged = earlier === undefined ? null : mergedJob(earlier, job);
      if (earlier !== undefined && merged !== null) {
        waiting[last] = merged;
        took(earlier, merged);
      } else {
        waiting.push(job);
      }
      pump();
      return true;
    },
    get waiting() {
      return waiting.length;
    },
    stop() {
      wake();
      waiting = [];
    },
  };
}
