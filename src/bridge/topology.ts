/** A player as Sonos lists it: one room, also when it is a stereo pair or a home theatre of several devices. */
export interface Player {
  readonly id: string;
  readonly name: string;
  /** Sonos' words, an open set: `PLAYBACK`, `AUDIO_CLIP`, `HT_PLAYBACK` … */
  readonly capabilities: readonly string[];
  /** The devices of a stereo pair or a home theatre, the player's own among them; sorted. */
  readonly deviceIds: readonly string[];
}

/** A group of players that play the same. Its id dies with the next regrouping. */
export interface Group {
  readonly id: string;
  readonly name: string;
  readonly coordinatorId: string;
  /** Sorted, so that another order of the same members is the same group. */
  readonly playerIds: readonly string[];
}

/** Who plays with whom in one household: a value that answers questions. */
export interface Topology {
  readonly players: ReadonlyMap<string, Player>;
  readonly groups: ReadonlyMap<string, Group>;
  /** The group of every player that is in one. */
  readonly groupByPlayer: ReadonlyMap<string, Group>;
  /** False until Sonos gave a list that leaves nothing out: a player that is not in it may be there all the same. */
  readonly isComplete: boolean;
}

/** A topology from its lists. A player that two groups claim belongs to the later one. */
export function topologyOf(
  players: Iterable<Player>,
  groups: Iterable<Group>,
  isComplete: boolean,
): Topology {
  const byId = new Map([...groups].map((group) => [group.id, group] as const));
  const groupByPlayer = new Map<string, Group>();
  for (const group of byId.values()) for (const id of group.playerIds) groupByPlayer.set(id, group);
  const byPlayerId = new Map([...players].map((player) => [player.id, player] as const));
  return { players: byPlayerId, groups: byId, groupByPlayer, isComplete };
}

/** The group that a player plays in now; null when the topology does not list it. */
export const groupOf = (topology: Topology | null, playerId: string): Group | null =>
  topology?.groupByPlayer.get(playerId) ?? null;

/** Whether a target of an event belongs to the topology. */
export const hasTarget = (topology: Topology | null, kind: 'group' | 'player', id: string): boolean =>
  (kind === 'group' ? topology?.groups.has(id) : topology?.players.has(id)) ?? false;

/** What an incomplete list (`partial`) tells: what it names is new, what it leaves out stays as it was. */
export function merged(earlier: Topology, players: readonly Player[], groups: readonly Group[]): Topology {
  const moved = new Set(groups.flatMap((group) => group.playerIds));
  const named = new Set(groups.map((group) => group.id));
  const left = [...earlier.groups.values()]
    .filter((group) => !named.has(group.id) && !moved.has(group.coordinatorId))
    .map((group) => ({ ...group, playerIds: group.playerIds.filter((id) => !moved.has(id)) }));
  const listed = new Map([...earlier.players.values(), ...players].map((p) => [p.id, p] as const));
  return topologyOf(listed.values(), [...left, ...groups], earlier.isComplete);
}
