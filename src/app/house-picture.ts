import { favorites } from '../bridge/namespaces/favorites.ts';
import { playlists } from '../bridge/namespaces/playlists.ts';
import { assembled, awayPicture, type PicturePart, pictureParts } from '../bridge/room-picture.ts';
import { type Household, type Room, seatOf } from '../bridge/state.ts';
import type { HouseView, LiveMessage, RoomView } from '../web/api/messages.ts';
import type { Art } from './art.ts';

/** A view, and the same as JSON, by which another one is told from it. */
interface Shown<View> {
  readonly view: View;
  readonly text: string;
}

interface ShownRoom extends Shown<RoomView> {
  /** None of a room that is away. */
  readonly parts: readonly PicturePart[];
}

/** How a household looks on the page: a value. */
export interface HousePicture {
  readonly household: Household;
  readonly house: Shown<HouseView>;
  /** By address; without those of which nobody knows yet whether they are there. */
  readonly rooms: ReadonlyMap<string, ShownRoom>;
}

const shown = <View>(view: View): Shown<View> => ({ view, text: JSON.stringify(view) });

/** Whether rooms can be drawn by their parts: everything that two rooms share is the same. */
const sharesAll = (a: Household, b: Household): boolean =>
  a.rooms === b.rooms && a.topology === b.topology && a.stale === b.stale;

function drawRoom(
  household: Household,
  room: Room,
  earlier: ShownRoom | undefined,
  art: Art,
): ShownRoom | null {
  const seat = seatOf(household, room.playerId);
  const parts = seat === null ? [] : pictureParts(seat, earlier?.parts);
  if (earlier !== undefined && parts.every((part, index) => part === earlier.parts[index])) return earlier;
  const picture = seat === null ? awayPicture(household, room) : assembled(parts);
  // The contract's schema of a room's state, to which every picture is held, is what a RoomView says.
  return picture === null ? null : { ...shown(art.localised(picture) as unknown as RoomView), parts };
}

function drawHouse({ alias, name, own }: Household, art: Art): Shown<HouseView> {
  const items = favorites.slice(own)?.items;
  return shown({
    alias,
    name,
    favorites:
      items?.map(({ id, name: title, description, image, service, kind }) =>
        art.localised({ id, name: title, description, image, service, kind }),
      ) ?? null,
    playlists: playlists.slice(own)?.items ?? null,
  });
}

/** A household as it looks now; what did not change since the earlier picture of it is the same as there. */
export function drawPicture(household: Household, art: Art, before?: HousePicture): HousePicture {
  if (before?.household === household) return before;
  const isEarlier = before !== undefined && sharesAll(before.household, household);
  const rooms = new Map<string, ShownRoom>();
  for (const room of household.rooms.values()) {
    const drawn = drawRoom(household, room, isEarlier ? before.rooms.get(room.address) : undefined, art);
    if (drawn !== null) rooms.set(room.address, drawn);
  }
  const isHouseSame =
    before !== undefined &&
    before.household.own === household.own &&
    before.household.name === household.name;
  return { household, rooms, house: isHouseSame ? before.house : drawHouse(household, art) };
}

/** What a page that shows one picture has to be told, so that it shows another of the same household. */
export function changesBetween(before: HousePicture, after: HousePicture): LiveMessage[] {
  const messages: LiveMessage[] = [];
  if (before.house.text !== after.house.text) messages.push({ kind: 'house', house: after.house.view });
  for (const room of before.rooms.keys()) if (!after.rooms.has(room)) messages.push({ kind: 'gone', room });
  for (const [room, { view, text }] of after.rooms)
    if (before.rooms.get(room)?.text !== text) messages.push({ kind: 'room', room, state: view });
  return messages;
}

/** All rooms as the page has them. */
export const roomsOf = ({ rooms }: HousePicture): Readonly<Record<string, RoomView>> =>
  Object.fromEntries([...rooms].map(([address, { view }]) => [address, view]));
