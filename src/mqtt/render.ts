import { namespaces } from '../bridge/namespaces/index.ts';
import { type Grounds, sameGrounds } from '../bridge/same.ts';
import type { Household } from '../bridge/state.ts';
import { type DrawnRoom, drawRoom, isAsDrawn } from './room-drawing.ts';
import type { Topics } from './topics.ts';

/** Retained topics and what they hold; an empty payload is a topic that holds nothing. */
export type Rendering = ReadonlyMap<string, string>;

/** Takes a topic and what it is to hold. */
export type Say = (topic: string, payload: string) => void;

/** Draws households: every retained topic that the broker should hold for them. */
export interface Renderer {
  /** All topics of a household. */
  all(household: Household): Rendering;
  /** Tells of the topics that may differ from the last drawing of the household: what did not change is left out. */
  changed(household: Household, say: Say): void;
  /** The next drawing of the household is a whole one. */
  forget(alias: string): void;
}

const householdTopics = namespaces.flatMap((row) =>
  Object.entries(row.topics).map(([name, topic]) => ({ name, topic, row })),
);

/** How a household was drawn last. */
interface Drawn {
  readonly household: Household;
  /** By player id. */
  readonly rooms: Map<string, DrawnRoom>;
  /** What each topic of the household was made of. */
  readonly grounds: Map<string, Grounds>;
}

/** Whether rooms can be drawn by their parts: everything that two rooms share is the same. */
const sharesAll = (a: Household | undefined, b: Household): boolean =>
  a !== undefined && a.rooms === b.rooms && a.topology === b.topology && a.stale === b.stale;

function drawRooms(
  topics: Topics,
  household: Household,
  before: Drawn | undefined,
  say: Say,
): Drawn['rooms'] {
  const earlier = sharesAll(before?.household, household) ? before?.rooms : undefined;
  const rooms = earlier ?? new Map<string, DrawnRoom>();
  for (const room of household.rooms.values()) {
    const drawn = earlier?.get(room.playerId) ?? null;
    if (drawn === null || !isAsDrawn(drawn, household, room))
      rooms.set(room.playerId, drawRoom(topics, household, room, drawn, say));
  }
  return rooms;
}

/** What the topics of a household are made of: not of what single players told, which is the most of what happens. */
const sharesTopics = (a: Household | undefined, b: Household): boolean =>
  a !== undefined &&
  a.own === b.own &&
  a.groups === b.groups &&
  a.topology === b.topology &&
  a.rooms === b.rooms &&
  a.name === b.name;

function drawTopics(
  topics: Topics,
  household: Household,
  before: Drawn | undefined,
  say: Say,
): Drawn['grounds'] {
  const grounds = before?.grounds ?? new Map<string, Grounds>();
  if (sharesTopics(before?.household, household)) return grounds;
  for (const { name, topic, row } of householdTopics) {
    const slice = row.slice(household.own);
    const now = topic.grounds(slice, household);
    if (sameGrounds(grounds.get(name), now)) continue;
    grounds.set(name, now);
    const value = topic.of(slice, household);
    if (value !== null) say(topics.household(household.alias, name), JSON.stringify(value));
  }
  return grounds;
}

/** Makes a renderer that remembers from what it drew each part. */
export function createRenderer(topics: Topics): Renderer {
  const drawn = new Map<string, Drawn>();
  const draw = (household: Household, before: Drawn | undefined, say: Say): Drawn => ({
    household,
    grounds: drawTopics(topics, household, before, say),
    rooms: drawRooms(topics, household, before, say),
  });
  return {
    all(household) {
      const rendering = new Map<string, string>();
      draw(household, undefined, (topic, payload) => rendering.set(topic, payload));
      return rendering;
    },
    changed: (household, say) =>
      void drawn.set(household.alias, draw(household, drawn.get(household.alias), say)),
    forget: (alias) => void drawn.delete(alias),
  };
}
