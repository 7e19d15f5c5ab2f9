import { z } from 'zod';
import { readJson } from '../../bridge/read-json.ts';
import { type Identity, identityOf } from '../../mqtt/discovery/identity.ts';
import { type Topics, topicsOf } from '../../mqtt/topics.ts';
import { printable } from '../text.ts';

/** A room for which files are written. */
export interface FileRoom {
  readonly playerId: string;
  readonly address: string;
  /** As people call it, on one line. */
  readonly name: string;
  readonly canAnnounce: boolean;
}

/** A household for which files are written. */
export interface FileHousehold {
  readonly alias: string;
  readonly name: string;
  readonly rooms: readonly FileRoom[];
  readonly favorites: readonly string[];
  readonly playlists: readonly string[];
}

/** Everything of which the files are made. */
export interface FileHouse {
  readonly topics: Topics;
  readonly identity: Identity;
  readonly households: readonly FileHousehold[];
}

const householdSchema = z.object({ id: z.string(), name: z.string().nullish(), rooms: z.array(z.string()) });
const roomSchema = z.object({
  id: z.string(),
  name: z.string(),
  capabilities: z.array(z.string()).nullish().catch(null),
});
const listSchema = z.object({ items: z.array(z.object({ name: z.string() })) });

type Texts = ReadonlyMap<string, string>;

function roomAt(texts: Texts, topic: string, address: string): FileRoom[] {
  const room = readJson(roomSchema, texts.get(topic) ?? '');
  if (room === null) return [];
  const canAnnounce = room.capabilities?.includes('audio_clip') === true;
  return [{ playerId: room.id, address, name: printable(room.name).trim() || address, canAnnounce }];
}

const namesAt = (texts: Texts, topic: string): string[] => [
  ...new Set(readJson(listSchema, texts.get(topic) ?? '')?.items.map(({ name }) => name) ?? []),
];

interface HouseholdSeen {
  readonly alias: string;
  readonly name: string | null | undefined;
  readonly rooms: readonly string[];
}

const householdsIn = (base: string, texts: Texts): HouseholdSeen[] =>
  [...texts].flatMap(([topic, text]) => {
    const alias = topic.slice(base.length + 1);
    const seen = alias === '' || alias.includes('/') ? null : readJson(householdSchema, text);
    return seen === null || alias === 'bridge' ? [] : [{ alias, name: seen.name, rooms: seen.rooms }];
  });

/** Whether everything has come that the files are made of; while a bridge starts, it comes little by little. */
export function isWhole(base: string, texts: Texts): boolean {
  const households = householdsIn(base, texts);
  const parts = households.flatMap(({ alias, rooms }) =>
    [...rooms, 'favorites', 'playlists'].map((part) => `${base}/${alias}/${part}`),
  );
  return households.length > 0 && parts.every((topic) => texts.has(topic));
}

/** What the topics of a broker tell of the house; households without a room are left out. */
export function houseOf(base: string, texts: Texts): FileHouse {
  const topics = topicsOf(base);
  const households = householdsIn(base, texts).flatMap((seen): FileHousehold[] => {
    const { alias } = seen;
    const rooms = seen.rooms.flatMap((address) => roomAt(texts, topics.room(alias, address), address));
    const list = (name: string): string[] => namesAt(texts, topics.household(alias, name));
    const name = printable(seen.name ?? '').trim() || alias;
    if (rooms.length === 0) return [];
    return [{ alias, name, rooms, favorites: list('favorites'), playlists: list('playlists') }];
  });
  const byAlias = households.toSorted((a, b) => (a.alias < b.alias ? -1 : 1));
  return { topics, identity: identityOf(base), households: byAlias };
}
