import type { CommandSpec } from './command-spec.ts';
import type { Raw } from './readers.ts';
import type { Ask } from './replies.ts';
import { same } from './same.ts';
import type { Household } from './state.ts';

/** One room that a job is for, with everyone who asked for it. */
export interface Errand {
  readonly playerId: string;
  readonly asks: readonly Ask[];
}

/** A command on its way to Sonos: for one room, or for several that were addressed at once. */
export interface Job {
  readonly command: string;
  readonly spec: CommandSpec;
  readonly value: unknown;
  /** The value as it was written, for whoever remembers what was loaded. */
  readonly raw?: Raw;
  readonly errands: readonly Errand[];
}

/** The group that a player is in now, or the player alone. */
export const groupKey = (household: Household, playerId: string): string =>
  household.topology?.groupByPlayer.get(playerId)?.id ?? playerId;

/** Whether two jobs touch the same thing, so that their order matters. */
export function inEachOthersWay(household: Household, a: Job, b: Job): boolean {
  if (a.spec.aim === 'household' || b.spec.aim === 'household') return true;
  const alone = a.spec.aim === 'player' && b.spec.aim === 'player';
  const key = (playerId: string): string => (alone ? playerId : groupKey(household, playerId));
  const [first, ...further] = a.errands;
  if (first !== undefined && further.length === 0) {
    // One room is the usual case, which is asked for every pair of jobs.
    const only = key(first.playerId);
    return b.errands.some((errand) => key(errand.playerId) === only);
  }
  const touched = new Set(a.errands.map((errand) => key(errand.playerId)));
  return b.errands.some((errand) => touched.has(key(errand.playerId)));
}

const rooms = (job: Job): string =>
  job.errands
    .map((errand) => errand.playerId)
    .sort()
    .join();

/** When the asks of a job expire; one that never does is infinite. */
const expiries = (job: Job): number[] =>
  job.errands.flatMap(({ asks }) => asks.map((ask) => ask.expiresAt ?? Number.POSITIVE_INFINITY));

const isLevel = (value: unknown): boolean => typeof value === 'object' && value !== null && 'to' in value;

/**
 * Whether no expiry of one ask can spoil what another asked for: a level stands for what came before it when it lives
 * at least as long, and steps add up when they live equally long.
 */
function liveTogether(earlier: Job, later: Job): boolean {
  const [before, after] = [expiries(earlier), expiries(later)];
  if (isLevel(later.value)) return Math.min(...after) >= Math.max(...before);
  return new Set([...before, ...after]).size <= 1;
}

/**
 * The two as one call when the later can go in the earlier one's place: the same volume command for the same rooms.
 * Everyone who asked is answered by it. Null when they cannot.
 */
export function mergedJob(earlier: Job, later: Job): Job | null {
  const { combined } = earlier.spec;
  if (earlier.spec !== later.spec || combined === null) return null;
  if (rooms(earlier) !== rooms(later) || !liveTogether(earlier, later)) return null;
  const errands = earlier.errands.map(({ playerId, asks }) => ({
    playerId,
    asks: [
      ...asks,
      ...later.errands.filter((errand) => errand.playerId === playerId).flatMap((errand) => errand.asks),
    ],
  }));
  return { ...later, value: combined(earlier.value, later.value), errands };
}

/** Whether a merged job no longer does what the earlier one asked for; steps that add up still do. */
export const isOverruled = (earlier: Job, merged: Job): boolean =>
  isLevel(merged.value) && !same(earlier.value, merged.value);
