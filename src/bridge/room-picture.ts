import type { Namespace } from './namespaces/define.ts';
import { attributes, namespaces } from './namespaces/index.ts';
import { valueAt } from './same.ts';
import type { Json } from './sonos.ts';
import { type Household, type Room, type RoomPicture, type Seat, seatOf } from './state.ts';

type Part = { readonly [key: string]: Json };

const isObject = (value: Json | undefined): value is Part =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Two rows may each fill a part of the same object, as `group` and its volume do. */
function joined(picture: Part, part: Part): Part {
  const next: { [key: string]: Json } = { ...picture };
  for (const [key, value] of Object.entries(part)) {
    const there = next[key];
    next[key] = isObject(there) && isObject(value) ? { ...there, ...value } : value;
  }
  return next;
}

/** What a row remembers of the target that a place in the house has for it. */
export function sliceAt(row: Namespace, seat: Seat): unknown {
  const { household, group, player } = seat;
  if (row.target === 'household') return row.slice(household.own);
  if (row.target === 'player') return row.slice(household.players.get(player.id));
  return group === null ? null : row.slice(household.groups.get(group.id));
}

const present = (seat: Seat): RoomPicture =>
  namespaces.reduce<Part>(
    (picture, row) => (row.room === null ? picture : joined(picture, row.room.of(sliceAt(row, seat), seat))),
    {},
  );

/** How a room that is away looks: as it was last known, or nothing but its name when nobody saw it leave; and offline. */
function away(household: Household, room: Room): RoomPicture {
  const { playerId: id, name } = room;
  const known =
    room.lastPicture ??
    present({ household, room, player: { id, name, capabilities: [], deviceIds: [] }, group: null });
  // Whatever was said there when it left has ended by now.
  return { ...known, name, online: false, stale: household.stale, announcing: null };
}

/** A room's whole state as the contract shows it (§2); null while nobody knows whether the room is there, as after a start. */
export function roomPicture(household: Household, room: Room): RoomPicture | null {
  const seat = seatOf(household, room.playerId);
  if (seat !== null) return present(seat);
  return room.goneSince === null ? null : away(household, room);
}

/** One attribute of a room as plain text: lists are joined by commas, `null` is empty. */
export function attributeText(picture: RoomPicture, attribute: string): string {
  const value = valueAt(picture, attributes.get(attribute) ?? attribute);
  if (value === null) return '';
  return Array.isArray(value) ? value.join(',') : String(value);
}
