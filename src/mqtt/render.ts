import { attributes, namespaces } from '../bridge/namespaces/index.ts';
import { attributeText, roomPicture } from '../bridge/room-picture.ts';
import type { Json } from '../bridge/sonos.ts';
import { type Household, type Room, seatOf } from '../bridge/state.ts';
import type { Topics } from './topics.ts';

/** Retained topics and what they hold; an empty payload is a topic that holds nothing. */
export type Rendering = ReadonlyMap<string, string>;

function renderedRoom(topics: Topics, household: Household, room: Room): Rendering {
  const at = (topic?: string): string => topics.room(household.alias, room.address, topic);
  const isOnline = seatOf(household, room.playerId) !== null;
  const availability = [at('availability'), isOnline ? 'online' : 'offline'] as const;
  const picture = roomPicture(household, room);
  // Of a room that nobody saw leave, the broker may still hold more than we know.
  if (picture === null) return new Map([availability]);
  const values = [...attributes.keys()].map((name) => [at(name), attributeText(picture, name)] as const);
  return new Map([[at(), JSON.stringify(picture)], availability, ...values]);
}

function renderedHousehold(topics: Topics, household: Household): Rendering {
  const rendered = new Map<string, string>();
  for (const row of namespaces) {
    for (const [name, topic] of Object.entries(row.topics)) {
      const value: Json = topic.of(row.slice(household.own), household);
      if (value !== null) rendered.set(topics.household(household.alias, name), JSON.stringify(value));
    }
  }
  return rendered;
}

/** Whatever a room's topics are made of: when all of it is the same, so are they. */
type Grounds = readonly unknown[];

function groundsOf(household: Household, room: Room): Grounds {
  const group = household.topology?.groupByPlayer.get(room.playerId);
  return [
    room,
    household.alias,
    household.rooms,
    household.topology,
    household.stale,
    household.players.get(room.playerId),
    group && household.groups.get(group.id),
  ];
}

const equal = (a: Grounds | undefined, b: Grounds): boolean =>
  a !== undefined && b.every((each, i) => each === a[i]);

/** Draws households: every retained topic that the broker should hold for them. */
export interface Renderer {
  /** All topics of a household. */
  all(household: Household): Rendering;
  /** Those that may differ from the last drawing of it: rooms of which nothing changed are left out. */
  changed(household: Household): Rendering[];
  forget(householdId: string): void;
}

/** Makes a renderer that remembers from what it drew each room. */
export function createRenderer(topics: Topics): Renderer {
  const drawn = new Map<string, Map<string, Grounds>>();
  return {
    all(household) {
      const rooms = [...household.rooms.values()].map((room) => renderedRoom(topics, household, room));
      return new Map([renderedHousehold(topics, household), ...rooms].flatMap((each) => [...each]));
    },
    changed(household) {
      const before = drawn.get(household.id);
      const now = new Map(
        [...household.rooms.values()].map((room) => [room.playerId, groundsOf(household, room)] as const),
      );
      drawn.set(household.id, now);
      const rooms = [...household.rooms.values()]
        .filter((room) => !equal(before?.get(room.playerId), now.get(room.playerId) ?? []))
        .map((room) => renderedRoom(topics, household, room));
      return [renderedHousehold(topics, household), ...rooms];
    },
    forget: (id) => void drawn.delete(id),
  };
}
