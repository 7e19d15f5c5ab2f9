import type { Namespace } from './namespaces/define.ts';
import { namespaces } from './namespaces/index.ts';
import { subscriptionPath } from './paths.ts';
import { type Household, type Slices, sliceKey } from './state.ts';
import type { Player, Topology } from './topology.ts';

/** A subscription that Sonos should hold for us. */
export interface WantedSubscription {
  /** `sliceKey` of namespace and target. */
  readonly key: string;
  readonly namespace: string;
  readonly target: string;
  readonly path: string;
}

/** A read that would tell what we lack. */
export interface WantedSnapshot {
  readonly key: string;
  readonly namespace: string;
  readonly target: string;
  readonly path: string;
  /** The event type that the answer is. */
  readonly type: string;
  /** Whether Sonos tells of a change by an event; what it does not tell of is only found by reading. */
  readonly isTold: boolean;
}

/** Every subscription that should be held for a household, and every snapshot that is still lacking. */
export interface Wanted {
  readonly subscriptions: readonly WantedSubscription[];
  readonly snapshots: readonly WantedSnapshot[];
}

interface Target {
  readonly row: Namespace;
  readonly id: string;
  readonly slices: Slices | undefined;
  readonly subscription: string | null;
  readonly isReadable: boolean;
}

const NOTHING: Pick<Topology, 'players' | 'groups'> = { players: new Map(), groups: new Map() };

/** Every target that a row has in a household; the account's own has none. */
function targetsOf(household: Household, row: Namespace): Target[] {
  const kind = row.target;
  if (kind === 'account') return [];
  const target = (id: string, slices: Slices | undefined, player: Player | null): Target => {
    const subscription = row.subscribes(player) ? subscriptionPath(kind, id, row.name) : null;
    return { row, id, slices, subscription, isReadable: row.reads(player) };
  };
  if (kind === 'household') return [target(household.id, household.own, null)];
  const { players, groups } = household.topology ?? NOTHING;
  if (kind === 'group') return [...groups.keys()].map((id) => target(id, household.groups.get(id), null));
  return [...players.values()].map((player) => target(player.id, household.players.get(player.id), player));
}

function snapshotOf({ row, id, subscription, isReadable }: Target): WantedSnapshot | null {
  if (row.snapshot === null || !isReadable) return null;
  const { path, type } = row.snapshot;
  const key = sliceKey(row.name, id);
  return { key, namespace: row.name, target: id, path: path(id), type, isTold: subscription !== null };
}

function isLacking({ row, id, slices }: Target, household: Household): boolean {
  const slice = row.slice(slices);
  return slice === null || row.overtaken(slice) || household.presumed.has(sliceKey(row.name, id));
}

const present = <T>(value: T | null): value is T => value !== null;

/** A household is a value: what it wants is found out once. */
const found = new WeakMap<Household, Wanted>();

/** What Sonos should hold for a household, and what is still to be read. */
export function wanted(household: Household): Wanted {
  const known = found.get(household) ?? wantedOf(household);
  found.set(household, known);
  return known;
}

function wantedOf(household: Household): Wanted {
  const targets = namespaces.flatMap((row) => targetsOf(household, row));
  return {
    subscriptions: targets.flatMap(({ row, id, subscription: path }) =>
      path === null ? [] : { key: sliceKey(row.name, id), namespace: row.name, target: id, path },
    ),
    snapshots: targets
      .filter((target) => isLacking(target, household))
      .map(snapshotOf)
      .filter(present),
  };
}

/** Every read that there is for a household, lacking or not: the slow read-back of the truth. */
export const readable = (household: Household): WantedSnapshot[] =>
  namespaces
    .flatMap((row) => targetsOf(household, row))
    .map(snapshotOf)
    .filter(present);

/** The reads that together tell a room's state: the groups first, then its group's and its own. */
export function readsOfRoom(household: Household, playerId: string): WantedSnapshot[] {
  const groupId = household.topology?.groupByPlayer.get(playerId)?.id;
  const mine = new Set([household.id, groupId, playerId]);
  const kinds = new Set(['groups', ...namespaces.filter((row) => row.room !== null).map((row) => row.name)]);
  return readable(household).filter((read) => mine.has(read.target) && kinds.has(read.namespace));
}

/** The slices of a room that a command may have changed without an event to tell of it. */
export const untoldKeys = (household: Household, playerId: string, namespaces: readonly string[]): string[] =>
  readsOfRoom(household, playerId)
    .filter(({ isTold, namespace }) => !isTold && namespaces.includes(namespace))
    .map(({ key }) => key);

/** Whether a list of the household was not read yet, or has been overtaken. */
export function lacks(household: Household, namespace: string): boolean {
  return wanted(household).snapshots.some(
    (read) => read.namespace === namespace && read.target === household.id,
  );
}
