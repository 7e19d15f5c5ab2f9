import { attributes, namespaces } from '../bridge/namespaces/index.ts';
import { attributeText, roomPicture } from '../bridge/room-picture.ts';
import type { Json } from '../bridge/sonos.ts';
import type { Household, Room } from '../bridge/state.ts';
import type { Topics } from './topics.ts';

/** Retained topics and what they hold; an empty payload is a topic that holds nothing. */
export type Rendering = ReadonlyMap<string, string>;

function renderedRoom(topics: Topics, household: Household, room: Room): Rendering {
  const picture = roomPicture(household, room);
  // Until Sonos has told whether the room is there, the broker may still hold more than we know.
  if (picture === null) return new Map();
  const at = (topic?: string): string => topics.room(household.alias, room.address, topic);
  const availability = [at('availability'), picture.online === true ? 'online' : 'offline'] as const;
  const values = [...attributes.keys()].map((name) => [at(name), attributeText(picture, name)] as const);
  return new Map([[at(), JSON.stringify(picture)], availability, ...values]);
}

/** One part of a household's drawing: what it is made of, and how it is drawn. */
interface Part {
  readonly key: string;
  readonly grounds: Grounds;
  readonly draw: () => Rendering;
}

function topicParts(topics: Topics, household: Household): Part[] {
  return namespaces.flatMap((row) =>
    Object.entries(row.topics).map(([name, topic]) => {
      const slice = row.slice(household.own);
      return {
        key: `topic ${name}`,
        grounds: [household.alias, ...topic.grounds(slice, household)],
        draw: () => {
          const value: Json = topic.of(slice, household);
          return new Map(
            value === null ? [] : [[topics.household(household.alias, name), JSON.stringify(value)]],
          );
        },
      };
    }),
  );
}

const roomParts = (topics: Topics, household: Household): Part[] =>
  [...household.rooms.values()].map((room) => ({
    key: room.playerId,
    grounds: groundsOf(household, room),
    draw: () => renderedRoom(topics, household, room),
  }));

/** Whatever topics are made of: when all of it is the same, so are they. */
export type Grounds = readonly unknown[];

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

/** Whether nothing has changed of which topics are made; false when there was nothing before. */
export const sameGrounds = (a: Grounds | undefined, b: Grounds): boolean =>
  a !== undefined && b.every((each, i) => each === a[i]);

/** Draws households: every retained topic that the broker should hold for them. */
export interface Renderer {
  /** All topics of a household. */
  all(household: Household): Rendering;
  /** Those that may differ from the last drawing of it: rooms of which nothing changed are left out. */
  changed(household: Household): Rendering[];
  /** The next drawing of the household is a whole one. */
  forget(alias: string): void;
}

/** Makes a renderer that remembers from what it drew each part. */
export function createRenderer(topics: Topics): Renderer {
  const drawn = new Map<string, ReadonlyMap<string, Grounds>>();
  const partsOf = (household: Household): Part[] => [
    ...topicParts(topics, household),
    ...roomParts(topics, household),
  ];
  return {
    all: (household) => new Map(partsOf(household).flatMap((part) => [...part.draw()])),
    changed(household) {
      const before = drawn.get(household.alias);
      const parts = partsOf(household);
      drawn.set(household.alias, new Map(parts.map(({ key, grounds }) => [key, grounds])));
      return parts
        .filter(({ key, grounds }) => !sameGrounds(before?.get(key), grounds))
        .map((part) => part.draw());
    },
    forget: (alias) => void drawn.delete(alias),
  };
}
