import type { Choice } from './entity.ts';
import { valueAt } from './same.ts';
import type { Household, RoomPicture } from './state.ts';

/** The rooms of a household, also those asleep, by their names; the address stands where two are called the same. */
export function namedRooms(
  household: Household,
): { readonly playerId: string; readonly address: string; readonly label: string }[] {
  const rooms = [...household.rooms.values()].map((room) => ({ ...room, name: room.name.trim() }));
  const isTaken = (name: string): boolean => rooms.filter((room) => room.name === name).length > 1;
  return rooms
    .map(({ playerId, address, name }) => ({
      ...{ playerId, address },
      label: name === '' || isTaken(name) ? address : name,
    }))
    .sort((a, b) => (a.address < b.address ? -1 : 1));
}

/** With whom a room can play: each room's group, and its own for alone. */
export const groupChoices = (household: Household, picture: RoomPicture): readonly Choice[] =>
  namedRooms(household).map(({ playerId, address, label }) => ({
    label,
    when: address,
    send: playerId === valueAt(picture, 'id') ? { leave: null } : { join: address },
  }));
