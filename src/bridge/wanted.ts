import { knowsModels, lacksModels } from './hardware.ts';
import type { Namespace } from './namespaces/define.ts';
import { deviceInfo, modelsRead } from './namespaces/device-info.ts';
import { namespaces } from './namespaces/index.ts';
import { onceFor } from './once-for.ts';
import { subscriptionPath } from './paths.ts';
import { pictureRows } from './room-picture.ts';
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

const present = <T>(value: T | null): value is T => value !== null;

const NOTHING: Pick<Topology, 'players' | 'groups' | 'groupByPlayer'> = {
  players: new Map(),
  groups: new Map(),
  groupByPlayer: new Map(),
};

const slicesOf = (household: Household, kind: Namespace['target'], id: string): Slices | undefined => {
  if (kind === 'household') return household.own;
  // A session is no slice: there is nothing of it to read.
  if (kind === 'session') return undefined;
  return (kind === 'group' ? household.groups : household.players).get(id);
};

/** One target of a row; null for the account's own row, which has none. */
function targetOf(household: Household, row: Namespace, id: string, player: Player | null): Target | null {
  const kind = row.target;
  if (kind === 'account') return null;
  const subscription = row.subscribes(player) ? subscriptionPath(kind, id, row.name) : null;
  return { row, id, slices: slicesOf(household, kind, id), subscription, isReadable: row.reads(player) };
}

/** Every target that a row has in a household. */
function targetsOf(household: Household, row: Namespace): Target[] {
  const { players, groups } = household.topology ?? NOTHING;
  const target = (id: string, player: Player | null = null) => targetOf(household, row, id, player);
  if (row.target === 'player')
    return [...players.values()].map((player) => target(player.id, player)).filter(present);
  if (row.target === 'session') return [...household.sessions.keys()].map((id) => target(id)).filter(present);
  const ids = row.target === 'group' ? [...groups.keys()] : [household.id];
  return ids.map((id) => target(id)).filter(present);
}

/** The target of a row that tells of a room: the household, the room's group, or its player; null when there is none. */
function targetOfRoom(household: Household, row: Namespace, playerId: string): Target | null {
  const { players, groupByPlayer } = household.topology ?? NOTHING;
  if (row.target === 'household') return targetOf(household, row, household.id, null);
  const group = groupByPlayer.get(playerId);
  if (row.target === 'group') return group === undefined ? null : targetOf(household, row, group.id, null);
  const player = players.get(playerId);
  return player === undefined ? null : targetOf(household, row, playerId, player);
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

/** Models are asked for where nobody told them. */
const modelsOf = ({ id }: Household): WantedSnapshot => ({
  ...{ key: sliceKey(deviceInfo.name, id), namespace: deviceInfo.name, target: id, isTold: false },
  ...modelsRead(id),
});

/** What Sonos should hold for a household, and what is still to be read. */
export const wanted = onceFor((household: Household): Wanted => {
  const targets = namespaces.flatMap((row) => targetsOf(household, row));
  return {
    subscriptions: targets.flatMap(({ row, id, subscription: path }) =>
      path === null ? [] : { key: sliceKey(row.name, id), namespace: row.name, target: id, path },
    ),
    snapshots: [
      ...targets
        .filter((target) => isLacking(target, household))
        .map(snapshotOf)
        .filter(present),
      ...(lacksModels(household) ? [modelsOf(household)] : []),
    ],
  };
});

/** Every read that there is for a household, lacking or not: the slow read-back of the truth. */
export const readable = (household: Household): WantedSnapshot[] => [
  ...namespaces
    .flatMap((row) => targetsOf(household, row))
    .map(snapshotOf)
    .filter(present),
  ...(knowsModels(household) ? [] : [modelsOf(household)]),
];

/** The reads that together tell what these rows say of a room. */
const readsOf = (household: Household, playerId: string, rows: readonly Namespace[]): WantedSnapshot[] =>
  rows
    .map((row) => targetOfRoom(household, row, playerId))
    .filter(present)
    .map(snapshotOf)
    .filter(present);

/** The reads that together tell a room's state: the groups first, then its group's and its own. */
export const readsOfRoom = (household: Household, playerId: string): WantedSnapshot[] =>
  readsOf(household, playerId, pictureRows);

/** The slices of a room that a command may have changed without an event to tell of it. */
export function untoldKeys(household: Household, playerId: string, names: readonly string[]): string[] {
  const rows = pictureRows.filter((row) => names.includes(row.name));
  return readsOf(household, playerId, rows)
    .filter(({ isTold }) => !isTold)
    .map(({ key }) => key);
}

/** Whether a list of the household was not read yet, or has been overtaken. */
export function lacks(household: Household, namespace: string): boolean {
  return wanted(household).snapshots.some(
    (read) => read.namespace === namespace && read.target === household.id,
  );
}
