import { readFileSync } from 'node:fs';
import { type AddressBook, bookOf, householdRecordOf } from '../../src/bridge/address-book.ts';
import type { CommandError } from '../../src/bridge/command-error.ts';
import type { CommandSpec, Evidence, Plan, Told } from '../../src/bridge/command-spec.ts';
import { namespaceOf, roomCommands } from '../../src/bridge/namespaces/index.ts';
import { readPayload } from '../../src/bridge/payload.ts';
import type { Misread } from '../../src/bridge/readers.ts';
import { type Reduction, reduce } from '../../src/bridge/reduce.ts';
import type { Result } from '../../src/bridge/result.ts';
import { roomPicture } from '../../src/bridge/room-picture.ts';
import { sessionOn } from '../../src/bridge/session.ts';
import {
  type Household,
  newHousehold,
  type Room,
  type RoomPicture,
  type Seat,
  seatOf,
} from '../../src/bridge/state.ts';

/** A room by its name, or by what matters of it. */
export type RoomWords =
  | string
  | { readonly name: string; readonly id?: string; readonly capabilities?: readonly string[] };

/** The rooms of one group; the first is its coordinator. */
export type GroupWords = readonly RoomWords[];

export const HOUSEHOLD = 'Sonos_Test01.Home01';
export const NOON = Date.parse('2026-11-21T12:00:00.000Z');

/** A player id from twelve hardware digits. */
export const playerIdOf = (digits: string): string =>
  `RINCON_${digits.padStart(12, 'A0B0C0000000').slice(-12)}01400`;

const hex = (text: string): string =>
  [...text]
    .reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 0xff_ff_ff, 7)
    .toString(16)
    .toUpperCase();

/** The id that a room has when none was given: always the same for the same name. */
export const idOf = (room: RoomWords): string =>
  typeof room === 'string' ? playerIdOf(hex(room).padStart(6, '0')) : (room.id ?? idOf(room.name));

const nameOf = (room: RoomWords): string => (typeof room === 'string' ? room : room.name);

/** The id of the group that these rooms are when the house is built with `generation` (1 unless said otherwise). */
export const groupIdOf = (group: GroupWords, generation = 1): string =>
  `${group.slice(0, 1).map(idOf).join()}:${generation}`;

interface BodyWords {
  readonly generation?: number;
  readonly partial?: boolean;
}

/** The body of a `groups` event, as Sonos would send it. */
export const groupsBody = (groups: readonly GroupWords[], { generation = 1, partial }: BodyWords = {}) => ({
  _objectType: 'groups',
  groups: groups.map((group) => ({
    id: groupIdOf(group, generation),
    name: `${group.slice(0, 1).map(nameOf).join()}${group.length > 1 ? ` + ${group.length - 1}` : ''}`,
    coordinatorId: group.slice(0, 1).map(idOf).join(),
    playerIds: group.map(idOf),
  })),
  players: groups.flat().map((room) => ({
    id: idOf(room),
    name: nameOf(room),
    capabilities:
      typeof room === 'string'
        ? ['PLAYBACK', 'AUDIO_CLIP']
        : (room.capabilities ?? ['PLAYBACK', 'AUDIO_CLIP']),
    softwareVersion: '96.1-79270',
    devices: [{ id: idOf(room), model: 'S13', modelDisplayName: 'One', hwVersion: '1.21.1.8-2.1', swGen: 2 }],
  })),
  ...(partial === undefined ? {} : { partial }),
});

/** What a body, as it comes from the wire, makes of a household: parsed by its row's schema, then reduced. */
export function reduction(
  household: Household,
  namespace: string,
  type: string,
  target: string,
  body: unknown,
  at = NOON,
): Reduction {
  const spec = namespaceOf(namespace)?.events[type];
  if (spec === undefined) throw new Error(`The table has no ${namespace} ${type}.`);
  const read = spec.schema.parse(body);
  return reduce(household, {
    household: household.id,
    namespace,
    type,
    target,
    sequence: null,
    body: read,
    at,
  });
}

/** The household after Sonos told of its groups. */
export const regrouped = (
  household: Household,
  groups: readonly GroupWords[],
  words: BodyWords = {},
  at = NOON,
): Household =>
  reduction(household, 'groups', 'groups', household.id, groupsBody(groups, words), at).household;

/** A household of these groups: `house(['Kitchen', 'Bath'], ['Den'])`. */
export const house = (...groups: readonly GroupWords[]): Household =>
  regrouped(newHousehold(HOUSEHOLD, 'home', 'Home'), groups);

/** The room of this name; the test is wrong when there is none. */
export function room(household: Household, name: string): Room {
  const found = [...household.rooms.values()].find((each) => each.name === name || each.address === name);
  if (found === undefined) throw new Error(`The house has no room ${name}.`);
  return found;
}

/** The place of a room that is there. */
export function seat(household: Household, name: string): Seat {
  const found = seatOf(household, room(household, name).playerId);
  if (found === null) throw new Error(`The room ${name} is away.`);
  return found;
}

/** A room's state as the contract shows it. */
export const picture = (household: Household, name: string): RoomPicture | null =>
  roomPicture(household, room(household, name));

function targetOf(household: Household, name: string, namespace: string): string {
  const kind = namespaceOf(namespace)?.target;
  if (kind === 'household') return household.id;
  const { player, group } = seat(household, name);
  if (kind === 'session') return sessionOn(household.sessions, group?.id ?? 'none') ?? 'none';
  return kind === 'player' ? player.id : (group?.id ?? 'none');
}

/** What an event about a room, its group or its household makes of the house. */
export const told = (
  household: Household,
  name: string,
  namespace: string,
  type: string,
  body: unknown,
  at = NOON,
): Reduction => reduction(household, namespace, type, targetOf(household, name, namespace), body, at);

/** The same, when only the house matters. */
export const withEvent = (
  household: Household,
  name: string,
  namespace: string,
  type: string,
  body: unknown,
  at = NOON,
): Household => told(household, name, namespace, type, body, at).household;

const payloads = new URL('../fixtures/payloads/', import.meta.url);

/** A recorded body. */
export const recorded = (file: string): unknown => JSON.parse(readFileSync(new URL(file, payloads), 'utf8'));

/** The command of this name. */
export function command(name: string): CommandSpec {
  const spec = roomCommands.get(name);
  if (spec === undefined) throw new Error(`The table has no command ${name}.`);
  return spec;
}

/** What a payload means to a command. */
export function readBy(name: string, payload: string): Result<unknown, Misread | string> {
  const read = readPayload(new TextEncoder().encode(payload));
  return read.ok ? command(name).value.read(read.value.raw) : read;
}

function mustRead(name: string, payload: string): unknown {
  const value = readBy(name, payload);
  if (!value.ok) throw new Error(`${name} does not read ${payload}: ${JSON.stringify(value.error)}`);
  return value.value;
}

/** The call that a payload becomes when it is sent to a room. */
export const planOf = (
  household: Household,
  name: string,
  commandName: string,
  payload = '',
): Result<Plan | null, CommandError> =>
  command(commandName).plan(mustRead(commandName, payload), seat(household, name));

/** What the house says of a command between two of its states. */
export const evidenceOf = (
  before: Household,
  now: Household,
  name: string,
  commandName: string,
  payload = '',
  answer: unknown = {},
  at = NOON,
): Evidence =>
  command(commandName).seen({
    value: mustRead(commandName, payload),
    before: seat(before, name),
    now: seat(now, name),
    answer,
    at,
  });

/** What the answer to a call of ours makes of a house. */
export const withTold = (household: Household, told: Told, at = NOON): Household =>
  reduce(household, { household: household.id, ...told, sequence: null, at }).household;

/** The id of a session on a room's group: always the same for the same house. */
export const sessionIdOf = (household: Household, name: string): string =>
  `${seat(household, name).group?.id}@4153230933`;

/** The house in which a room's group is held by a session of ours. */
export const withSession = (
  household: Household,
  name: string,
  purpose: 'stream' | 'queue' = 'stream',
  id = sessionIdOf(household, name),
): Household =>
  withTold(household, {
    ...{ namespace: 'playbackSession', type: 'began', target: id },
    body: { group: seat(household, name).group?.id ?? 'none', purpose },
  });

/** What is remembered of some households, and of addresses that are still to be cleared. */
export const bookWith = (households: readonly Household[], retired: readonly string[] = []): AddressBook =>
  bookOf(
    households.map((each) => [each.id, householdRecordOf(each)] as const),
    retired,
  );
