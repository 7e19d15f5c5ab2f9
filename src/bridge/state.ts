import type { Sessions } from './session.ts';
import { type Slices, type SlicesByTarget, slicesByTarget } from './slices-by-target.ts';
import type { Json } from './sonos.ts';
import type { Group, Player, Topology } from './topology.ts';

export type { Slices } from './slices-by-target.ts';

/** A room's whole state as it stands in `<base>/<household>/<room>`. */
export type RoomPicture = { readonly [key: string]: Json };

/** A room that was ever seen: a player with an address of its own that survives regrouping, sleep and restarts. */
export interface Room {
  readonly playerId: string;
  /** The room's part of the topic. */
  readonly address: string;
  readonly name: string;
  /** Wall time at which a complete topology no longer listed it; null while it is there. */
  readonly goneSince: number | null;
  /** How the room looked when it left; null while it is there, or when nobody saw it leave. */
  readonly lastPicture: RoomPicture | null;
}

/** Everything that the bridge knows of one household: a value, replaced and never changed. */
export interface Household {
  readonly id: string;
  /** The household's part of the topic. */
  readonly alias: string;
  /** Sonos' name for it, which may be missing. */
  readonly name: string | null;
  /** Null until the groups were read once. */
  readonly topology: Topology | null;
  /** By player id; also rooms that are away. */
  readonly rooms: ReadonlyMap<string, Room>;
  /** Slices of namespaces that target the household itself. */
  readonly own: Slices;
  /** Slices by group id, of the groups that exist. */
  readonly groups: SlicesByTarget;
  /** Slices by player id, of the players that are there. */
  readonly players: SlicesByTarget;
  /** Our playback sessions on the groups that exist, by id. */
  readonly sessions: Sessions;
  /**
   * Slices (`sliceKey`) that were not heard of since they may have become others: a group's that were taken over from the
   * group before the regrouping, and a player's that a command may have changed without an event to tell of it.
   */
  readonly presumed: ReadonlySet<string>;
  /** True when there is reason to doubt what is shown. */
  readonly stale: boolean;
}

/** A place in the house from which a row answers: one player, its room and the group it plays in. */
export interface Seat {
  readonly household: Household;
  readonly room: Room;
  readonly player: Player;
  readonly group: Group | null;
}

/** A household of which nothing is known yet but its address. */
export const newHousehold = (id: string, alias: string, name: string | null = null): Household => ({
  id,
  alias,
  name,
  topology: null,
  rooms: new Map(),
  own: {},
  groups: slicesByTarget(),
  players: slicesByTarget(),
  sessions: new Map(),
  presumed: new Set(),
  stale: false,
});

/** The place of a player; null when the household's topology does not list it. */
export function seatOf(household: Household, playerId: string): Seat | null {
  const player = household.topology?.players.get(playerId);
  const room = household.rooms.get(playerId);
  if (player === undefined || room === undefined) return null;
  return { household, room, player, group: household.topology?.groupByPlayer.get(playerId) ?? null };
}

/** Whether a household has the target of a slice: itself, or one of its groups, players or sessions. */
export const hasTargetOf = ({ id, topology, sessions }: Household, key: string): boolean => {
  const target = targetOfKey(key);
  return (
    target === id ||
    topology?.groups.has(target) === true ||
    topology?.players.has(target) === true ||
    sessions.has(target)
  );
};

/** The household in which these slices are only presumed, until they are heard of. */
export const withPresumed = (household: Household, keys: readonly string[]): Household => ({
  ...household,
  presumed: new Set([...household.presumed, ...keys]),
});

/** The addresses of some players, sorted; players without a room are left out. */
export const addressesOf = (rooms: Household['rooms'], playerIds: readonly string[]): string[] =>
  playerIds.flatMap((id) => rooms.get(id)?.address ?? []).sort();

/** One target's slice of one namespace. A space cannot stand in either. */
export const sliceKey = (namespace: string, target: string): string => `${namespace} ${target}`;

/** The target in a slice's key. */
export const targetOfKey = (key: string): string => key.slice(key.indexOf(' ') + 1);
