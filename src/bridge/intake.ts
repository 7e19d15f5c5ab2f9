import { type CommandError, commandError } from './command-error.ts';
import { suggestion } from './nearest.ts';
import { readPayload, readSetPayload } from './payload.ts';
import { quoted } from './quoted.ts';
import type { Raw } from './readers.ts';
import type { ResponseTo } from './replies.ts';
import { err, ok, type Result } from './result.ts';
import { readRoom } from './room-name.ts';
import { type Household, type Room, seatOf } from './state.ts';

/** A command as it came from MQTT. */
export interface CommandRequest {
  /** The household's part of the topic. */
  readonly household: string;
  /** The room's part of the topic; `all` is every room. */
  readonly room: string;
  /** The command's part of the topic; null for `set` with several. */
  readonly command: string | null;
  readonly payload: Uint8Array;
  /** Whether the broker had kept it. Such a one is never carried out. */
  readonly retained: boolean;
  readonly responseTo: ResponseTo | null;
  /** See `Ask`. */
  readonly asker?: object | undefined;
  /** MQTT 5 message expiry that is left, seconds. */
  readonly expirySeconds: number | null;
}

/** What is asked, before it is known whether it makes sense. */
export interface Wish {
  readonly command: string;
  readonly raw: Raw;
}

/** A message that was opened: what is asked, and what its sender wrote for all of it. */
export interface Envelope {
  readonly wishes: readonly Wish[];
  readonly id: string | null;
  readonly expiresAt: number | null;
}

/** Opens a message; what is wrong with it, in words. */
export function opened(request: CommandRequest): Result<Envelope, string> {
  if (request.command === null) {
    const set = readSetPayload(request.payload);
    return set.ok ? ok({ ...set.value, wishes: set.value.commands }) : set;
  }
  const payload = readPayload(request.payload);
  if (!payload.ok) return payload;
  return ok({ ...payload.value, wishes: [{ command: request.command, raw: payload.value.raw }] });
}

/** What is known of households and accounts. */
export interface Known {
  readonly aliases: () => readonly string[];
  /** Why no call can be made for the household, or for any when it is not known; null when one can. */
  readonly obstacle: (household: string | null) => CommandError | null;
}

/** A message that may be looked into: for which rooms of which household it is, and what it asks. */
export interface Admission {
  readonly household: Household;
  readonly rooms: readonly Room[];
  readonly letter: Envelope;
}

/** Lets a message in, or says why it is not looked into any further. */
export function admitted(
  request: CommandRequest,
  envelope: Result<Envelope, string>,
  household: Household | undefined,
  known: Known,
): Result<Admission, CommandError> {
  if (request.retained) {
    const advice = 'Send commands without the retained flag, and clear this one while the bridge is stopped.';
    return err(
      commandError('retained', 'The broker had kept this command; such a one is never carried out.', advice),
    );
  }
  if (!envelope.ok)
    return err(commandError('invalid_payload', envelope.error, 'See the commands in the documentation.'));
  if (household === undefined) return err(unknownHousehold(request.household, known));
  const rooms = addressed(household, request.room);
  return rooms.ok ? ok({ household, rooms: rooms.value, letter: envelope.value }) : rooms;
}

/** The rooms that a topic addresses: at least one. */
function addressed(household: Household, word: string): Result<readonly Room[], CommandError> {
  if (word !== 'all') {
    const room = readRoom(household, word);
    return room.ok ? ok([room.value]) : room;
  }
  const rooms = [...household.rooms.values()].filter((room) => seatOf(household, room.playerId) !== null);
  return rooms.length > 0 ? ok(rooms) : err(noRooms(household));
}

const unknownHousehold = (word: string, known: Known): CommandError =>
  known.obstacle(null) ??
  commandError('unknown_room', `No household is called ${quoted(word)}.`, suggestion(word, known.aliases()));

const noRooms = (household: Household): CommandError =>
  commandError(
    'unknown_room',
    `No room of "${household.alias}" is online.`,
    'See the retained topics of the household.',
  );
