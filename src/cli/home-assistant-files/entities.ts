import type { FileHouse, FileHousehold, FileRoom } from './house.ts';

/** A room's entities at Home Assistant, by their domain and key, such as `number.sonos_kitchen_volume`. */
export type RoomEntities = (domain: string, key: string) => string;

/** The entities that discovery proposes for a room, and its media player. */
export const entitiesOf =
  ({ identity }: FileHouse, household: FileHousehold, room: FileRoom): RoomEntities =>
  (domain, key) =>
    identity.entityId(domain, household, room.address, key);

/** The key of the media player that is put together from them. */
export const PLAYER_KEY = 'player';

/** The id of a household's script, without the domain: `sonos_announce_rooms`. */
export function scriptOf(
  { identity }: FileHouse,
  household: FileHousehold,
  does: string,
  what: string,
): string {
  const [, id = ''] = identity.entityId('script', household, does, what).split('.');
  return id;
}
