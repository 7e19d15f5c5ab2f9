import {
  assembled,
  attributeText,
  awayPicture,
  type PicturePart,
  pictureParts,
  pictureRows,
} from '../bridge/room-picture.ts';
import { type Household, type Room, type RoomPicture, type Slices, seatOf } from '../bridge/state.ts';
import type { Topics } from './topics.ts';

/** The topics of one room. */
interface RoomTopics {
  readonly state: string;
  readonly availability: string;
  /** By row of the table: each attribute's name and topic. */
  readonly attributes: readonly (readonly (readonly [name: string, topic: string])[])[];
}

/** How a room was drawn last. */
export interface DrawnRoom {
  readonly topics: RoomTopics;
  readonly groupId: string | undefined;
  readonly player: Slices | undefined;
  readonly group: Slices | undefined;
  /** None of a room that is away, or of which nothing is known. */
  readonly parts: readonly PicturePart[];
}

const topicsFor = (topics: Topics, { alias }: Household, { address }: Room): RoomTopics => ({
  state: topics.room(alias, address),
  availability: topics.room(alias, address, 'availability'),
  attributes: pictureRows.map((row) =>
    Object.keys(row.attributes).map((name) => [name, topics.room(alias, address, name)] as const),
  ),
});

/** Whether nothing has happened in a room of a household whose topology, rooms and doubts are the same. */
export const isAsDrawn = (drawn: DrawnRoom, { players, groups }: Household, { playerId }: Room): boolean =>
  drawn.player === players.get(playerId) &&
  (drawn.groupId === undefined || drawn.group === groups.get(drawn.groupId));

/** What is published of a picture: the whole of it, and the attributes of the rows whose part is another than before. */
function said(
  topics: RoomTopics,
  picture: RoomPicture,
  isChanged: (row: number) => boolean,
  say: (topic: string, payload: string) => void,
): void {
  say(topics.state, JSON.stringify(picture));
  for (const [row, each] of topics.attributes.entries()) {
    if (!isChanged(row)) continue;
    for (const [name, topic] of each) say(topic, attributeText(picture, name));
  }
}

/**
 * Draws a room and tells `say` of every topic that may differ from the last drawing, which must be of the same topology, rooms
 * and doubts; of all of them when there was none.
 */
export function drawRoom(
  topics: Topics,
  household: Household,
  room: Room,
  before: DrawnRoom | null,
  say: (topic: string, payload: string) => void,
): DrawnRoom {
  const own = before?.topics ?? topicsFor(topics, household, room);
  const seat = seatOf(household, room.playerId);
  const picture = seat === null ? awayPicture(household, room) : null;
  const parts = seat === null ? [] : pictureParts(seat, before?.parts);
  if (before === null && (seat !== null || picture !== null))
    say(own.availability, seat === null ? 'offline' : 'online');
  if (picture !== null) said(own, picture, () => before === null, say);
  if (seat !== null) said(own, assembled(parts), (row) => parts[row] !== before?.parts[row], say);
  const groupId = seat?.group?.id;
  return {
    ...{ topics: own, groupId, parts },
    player: household.players.get(room.playerId),
    group: groupId === undefined ? undefined : household.groups.get(groupId),
  };
}
