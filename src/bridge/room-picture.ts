import type { Namespace, RoomPart } from './namespaces/define.ts';
import { attributes, namespaces } from './namespaces/index.ts';
import { type Grounds, sameGrounds, valueAt } from './same.ts';
import type { Json } from './sonos.ts';
import { type Household, type Room, type RoomPicture, type Seat, seatOf } from './state.ts';

type Part = { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What a row remembers of the target that a place in the house has for it. */
export function sliceAt(row: Namespace, seat: Seat): unknown {
  const { household, group, player } = seat;
  if (row.target === 'household') return row.slice(household.own);
  if (row.target === 'player') return row.slice(household.players.get(player.id));
  return group === null ? null : row.slice(household.groups.get(group.id));
}

type PictureRow = Namespace & { readonly room: RoomPart<unknown> };

/** The rows that have a part in a room's state, in its order. */
export const pictureRows: readonly PictureRow[] = namespaces.filter(
  (row): row is PictureRow => row.room !== null,
);

/** A row's part of a room's state, and what it was made of. */
export interface PicturePart {
  readonly grounds: Grounds;
  readonly part: Part;
}

/**
 * The parts of a room's state, in the order of `pictureRows`. Those of which nothing changed are the earlier ones, which must be
 * of the same room, of the same topology and rooms, and as much in doubt.
 */
export const pictureParts = (seat: Seat, earlier: readonly PicturePart[] = []): readonly PicturePart[] =>
  pictureRows.map((row, index) => {
    const slice = sliceAt(row, seat);
    const grounds = row.room.grounds(slice, seat);
    const before = earlier[index];
    return before !== undefined && sameGrounds(before.grounds, grounds)
      ? before
      : { grounds, part: row.room.of(slice, seat) };
  });

/** A room's whole state from its parts. Two rows may each fill a part of the same object, as `group` and its volume do. */
export function assembled(parts: readonly PicturePart[]): RoomPicture {
  const picture: { [key: string]: Json } = {};
  for (const { part } of parts) {
    for (const key of Object.keys(part)) {
      const [there, value = null] = [picture[key], part[key]];
      picture[key] = isObject(there) && isObject(value) ? { ...there, ...value } : value;
    }
  }
  return picture;
}

/** The state of a room that is there. */
export const present = (seat: Seat): RoomPicture => assembled(pictureParts(seat));

/** How a room that is away looks: as it was last known, or nothing but its name when nobody saw it leave; and offline. */
function away(household: Household, room: Room): RoomPicture {
  const { playerId: id, name } = room;
  const known =
    room.lastPicture ??
    present({ household, room, player: { id, name, capabilities: [], deviceIds: [] }, group: null });
  // Whatever was said there when it left has ended by now.
  return { ...known, name, online: false, stale: household.stale, announcing: null };
}

/** The state of a room that the topology does not list; null while nobody knows whether it is there, as after a start. */
export const awayPicture = (household: Household, room: Room): RoomPicture | null =>
  room.goneSince === null ? null : away(household, room);

/** A room's whole state as the contract shows it (§2); null while nobody knows whether the room is there. */
export function roomPicture(household: Household, room: Room): RoomPicture | null {
  const seat = seatOf(household, room.playerId);
  return seat === null ? awayPicture(household, room) : present(seat);
}

/** One attribute of a room as plain text: lists are joined by commas, `null` is empty. */
export function attributeText(picture: RoomPicture, attribute: string): string {
  const value = valueAt(picture, attributes.get(attribute) ?? attribute);
  if (value === null) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}
