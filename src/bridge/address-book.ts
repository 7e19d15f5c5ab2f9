import { z } from 'zod';
import { RESERVED_HOUSEHOLDS } from './rooms.ts';
import { firstFree, slug } from './slug.ts';
import type { Json } from './sonos.ts';
import { type Household, newHousehold, type Room, type RoomPicture } from './state.ts';

const picture = z
  .record(z.string(), z.json())
  .transform((value): RoomPicture => value as { [key: string]: Json });

const roomRecord = z.object({
  address: z.string().regex(/^[a-z0-9-]{1,64}$/),
  name: z.string(),
  gone_since: z.number().nullable(),
  last_picture: picture.nullable(),
});

const householdRecord = z.object({
  alias: z.string().regex(/^[a-z0-9-]{1,64}$/),
  name: z.string().nullable(),
  rooms: z.record(z.string(), roomRecord),
});

/**
 * What is remembered over restarts so that no address ever swaps: aliases by household id, rooms by player id, and
 * the addresses (`home/kitchen`, `home-2`) whose topics have lost their meaning and may not be cleared yet.
 */
export const addressBookSchema = z.object({
  households: z.record(z.string(), householdRecord),
  retired: z.array(z.string()),
});

export type AddressBook = z.output<typeof addressBookSchema>;

/** The book of a bridge that never saw a household. */
export const emptyAddressBook: AddressBook = { households: {}, retired: [] };

const recordOf = (room: Room): z.output<typeof roomRecord> => ({
  address: room.address,
  name: room.name,
  gone_since: room.goneSince,
  last_picture: room.lastPicture,
});

/** The book as the households stand now. */
export const bookOf = (households: Iterable<Household>, retired: Iterable<string>): AddressBook => ({
  households: Object.fromEntries(
    [...households].map(({ id, alias, name, rooms }) => [
      id,
      {
        alias,
        name,
        rooms: Object.fromEntries([...rooms].map(([playerId, room]) => [playerId, recordOf(room)])),
      },
    ]),
  ),
  retired: [...new Set(retired)].sort(),
});

/** A household with the alias and the rooms that the book has for it; null when it has none. */
export function householdFrom(book: AddressBook, id: string): Household | null {
  const record = Object.hasOwn(book.households, id) ? book.households[id] : undefined;
  if (record === undefined) return null;
  const rooms = Object.entries(record.rooms).map(([playerId, room]): [string, Room] => [
    playerId,
    {
      playerId,
      address: room.address,
      name: room.name,
      goneSince: room.gone_since,
      lastPicture: room.last_picture,
    },
  ]);
  return { ...newHousehold(id, record.alias, record.name), rooms: new Map(rooms) };
}

/** The alias of a household: the configured one, the one it had, or the first free of `home`, `home-2`, … */
export function aliasFor(
  configured: string | undefined,
  earlier: string | undefined,
  taken: ReadonlySet<string>,
): string {
  const isTaken = (alias: string): boolean => taken.has(alias) || RESERVED_HOUSEHOLDS.has(alias);
  const wanted = configured === undefined ? '' : slug(configured);
  if (wanted !== '') return firstFree(wanted, isTaken);
  return earlier !== undefined && !isTaken(earlier) ? earlier : firstFree('home', isTaken);
}

/** The addresses that a household had before and does not have any more. */
export function abandoned(before: Household, after: Household): string[] {
  const kept = new Set([...after.rooms.values()].map((room) => `${after.alias}/${room.address}`));
  const had = [...before.rooms.values()].map((room) => `${before.alias}/${room.address}`);
  return had.filter((address) => !kept.has(address));
}
