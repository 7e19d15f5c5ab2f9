import type { Choice } from './entity.ts';
import { namedRooms } from './group-choices.ts';
import { valueAt } from './same.ts';
import type { Household, RoomPicture } from './state.ts';

const able = (picture: RoomPicture | null, word: string): boolean => {
  const words = picture === null ? null : valueAt(picture, 'capabilities');
  return Array.isArray(words) && words.includes(word);
};

/** Whether a room has a line-in, as it is or as it was when it left. */
function hasLineIn({ rooms, topology }: Household, playerId: string): boolean {
  const player = topology?.players.get(playerId);
  return player === undefined
    ? able(rooms.get(playerId)?.lastPicture ?? null, 'line_in')
    : player.capabilities.includes('LINE_IN');
}

/** The inputs that a room can switch to: its TV, its own line-in, and that of other rooms. */
export function inputChoices(household: Household, picture: RoomPicture): readonly Choice[] {
  const hasOwn = able(picture, 'line_in');
  const others = namedRooms(household).filter(
    ({ playerId }) => playerId !== valueAt(picture, 'id') && hasLineIn(household, playerId),
  );
  return [
    ...(able(picture, 'tv') ? [{ label: 'TV', when: 'tv', send: { tv: null } }] : []),
    ...(hasOwn ? [{ label: 'Line-in', when: 'line_in', send: { line_in: null } }] : []),
    // Of whose line-in is played only the kind is told, so at most one of them can be shown as chosen.
    ...others.map(({ address, label }, at) => ({
      label: `Line-in: ${label}`,
      when: hasOwn || at > 0 ? null : 'line_in',
      send: { line_in: address },
    })),
  ];
}
