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

/** What is remembered of one household. */
export type HouseholdRecord = z.output<typeof householdRecord>;

/** What is to be remembered of a household as it stands now. */
export const householdRecordOf = ({ alias, name, rooms }: Household): HouseholdRecord => ({
  alias,
  name,
  rooms: Object.fromEntries([...rooms].map(([playerId, room]) => [playerId, recordOf(room)])),
});

/** The book with these records, by household id. */
export const bookOf = (
  households: Iterable<readonly [string, HouseholdRecord]>,
  retired: Iterable<string>,
): AddressBook => ({
  households: Object.fromEntries(households),
  retired: [...new Set(retired)].sort(),
});

/** A household with the alias and the rooms that are remembered of it. */
export function householdFrom(id: string, record: HouseholdRecord): Household {
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
  isOthers: (alias: string) => boolean,
): string {
  const isTaken = (alias: string): boolean => isOthers(alias) || RESERVED_HOUSEHOLDS.has(alias);
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
