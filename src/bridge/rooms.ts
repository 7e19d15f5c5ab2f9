import { firstFree, fits, hardwareDigits, slug } from './slug.ts';
import type { Room, RoomPicture } from './state.ts';
import type { Player } from './topology.ts';

/** Words that a room cannot have as its address, because topics of the household stand there (§1 of the contract). */
export const RESERVED_ROOMS: ReadonlySet<string> = new Set([
  'all',
  'groups',
  'favorites',
  'playlists',
  'set',
  'reply',
  'event',
  'availability',
]);

/** Words that a household cannot have as its alias. */
export const RESERVED_HOUSEHOLDS: ReadonlySet<string> = new Set(['bridge', 'set', 'get', 'cmd']);

type Rooms = ReadonlyMap<string, Room>;

const baseOf = (player: Player): string => slug(player.name) || hardwareDigits(player.id);

/** Which address each of these players has now; rooms that are not listed keep theirs. */
function addressed(rooms: Rooms, players: readonly Player[]): (readonly [Player, string])[] {
  const given: (readonly [Player, string])[] = [];
  const taken = new Set(RESERVED_ROOMS);
  const give = (player: Player, address: string): void => {
    given.push([player, address]);
    taken.add(address);
  };
  const listed = new Set(players.map((player) => player.id));
  for (const room of rooms.values()) if (!listed.has(room.playerId)) taken.add(room.address);
  // First those that keep theirs, so that two rooms which swap their names swap their addresses, too.
  const movers: Player[] = [];
  for (const player of players) {
    const address = rooms.get(player.id)?.address;
    const keeps = address !== undefined && fits(address, baseOf(player)) && !taken.has(address);
    if (keeps) give(player, address);
    else movers.push(player);
  }
  for (const player of movers)
    give(
      player,
      firstFree(baseOf(player), (address) => taken.has(address)),
    );
  return given;
}

/**
 * The rooms after Sonos listed these players. A room keeps its address as long as it keeps its name; a renamed one
 * moves at once; new ones are given theirs in order of player id. Rooms that are away keep theirs, too.
 */
export function withPlayers(rooms: Rooms, players: ReadonlyMap<string, Player>): Rooms {
  const inOrder = [...players.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  const next = new Map(rooms);
  for (const [{ id, name }, address] of addressed(rooms, inOrder)) {
    const earlier = rooms.get(id);
    const isSame = earlier?.address === address && earlier.name === name && earlier.goneSince === null;
    if (!isSame) next.set(id, { playerId: id, address, name, goneSince: null, lastPicture: null });
  }
  return sameRooms(rooms, next) ? rooms : next;
}

const sameRooms = (a: Rooms, b: Rooms): boolean =>
  a.size === b.size && [...a].every(([id, room]) => b.get(id) === room);

/** The rooms after some were found missing; each keeps the picture of how it was last seen. */
export function withAbsent(
  rooms: Rooms,
  players: ReadonlyMap<string, Player>,
  at: number,
  picture: (room: Room) => RoomPicture | null,
): Rooms {
  const left = [...rooms.values()].filter((room) => !players.has(room.playerId) && room.goneSince === null);
  if (left.length === 0) return rooms;
  const next = new Map(rooms);
  for (const room of left) {
    const seen = picture(room);
    next.set(room.playerId, { ...room, goneSince: at, lastPicture: seen && { ...seen, online: false } });
  }
  return next;
}
