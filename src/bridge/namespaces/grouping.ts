import { z } from 'zod';
import { type CommandError, commandError } from '../command-error.ts';
import { defineCommand, type Plan } from '../command-spec.ts';
import { nothing, type Raw, type Reader } from '../readers.ts';
import { err, ok, type Result } from '../result.ts';
import { readRoom } from '../room-name.ts';
import { groupPathOf } from '../seat-group.ts';
import { type Seat, seatOf } from '../state.ts';

/** Sonos takes at most 32 players in a group (docs.sonos.com, "setGroupMembers"). */
const MOST_PLAYERS = 32;

/** A list or a text in JSON, or else the text as it stands: a name may begin with a quotation mark or a bracket. */
function fromJson(raw: Raw): unknown {
  if (raw.kind === 'json') return raw.value;
  const text = raw.text.trim();
  if (!text.startsWith('[') && !text.startsWith('"')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Not only spaces. */
const SOMETHING = /\S/;

/** Names, separated by commas. */
const LIST = /^\s*[^,\s][^,]*(,\s*[^,\s][^,]*)*$/;

const roomList: Reader<readonly string[]> = {
  name: 'list of rooms',
  schema: z
    .union([z.array(z.string().regex(SOMETHING)).max(MOST_PLAYERS), z.string().regex(LIST)])
    .meta({ examples: [['bathroom', 'office'], 'bathroom,office', []] }),
  read: (raw) => {
    const given = fromJson(raw);
    const entries: unknown[] =
      typeof given === 'string' ? given.split(',') : Array.isArray(given) ? given : [given];
    const list = entries.map((word) => (typeof word === 'string' ? word.trim() : null));
    const names = list.filter((word): word is string => word !== null && word !== '');
    if (names.length === list.length && list.length <= MOST_PLAYERS) return ok(names);
    return err({
      message: 'That is not a list of rooms.',
      advice: 'Send a list such as ["kitchen", "bath"].',
    });
  },
};

/** A room by its address, its player id or its name. */
export const oneRoom: Reader<string> = {
  name: 'a room',
  schema: z
    .string()
    .regex(SOMETHING)
    .meta({ examples: ['office'] }),
  read: (raw) => {
    const given = fromJson(raw);
    const word = Array.isArray(given) && given.length === 1 ? given[0] : given;
    if (typeof word === 'string' && word.trim() !== '') return ok(word.trim());
    return err({
      message: 'No room was named.',
      advice: 'Send the address of a room, for example "kitchen".',
    });
  },
};

/** The other room that a command names is away. */
export const offline = (name: string): CommandError =>
  commandError(
    'not_capable',
    `The room "${name}" is offline.`,
    'Sonos does not list its player; is it powered and in the network?',
  );

function playersOf(seat: Seat, names: readonly string[]): Result<string[], CommandError> {
  const ids = new Set([seat.player.id]);
  for (const name of names) {
    const room = readRoom(seat.household, name);
    if (!room.ok) return room;
    if (seatOf(seat.household, room.value.playerId) === null) return err(offline(room.value.address));
    ids.add(room.value.playerId);
  }
  return ok([...ids].sort());
}

const consistsOf = (seat: Seat, playerIds: readonly string[]): boolean =>
  seat.group !== null && seat.group.playerIds.join() === playerIds.join();

function modified(host: Seat, add: readonly string[], remove: readonly string[]): Result<Plan, CommandError> {
  const path = groupPathOf(host);
  if (!path.ok) return path;
  const body = { playerIdsToAdd: [...add], playerIdsToRemove: [...remove] };
  return ok({ method: 'POST', path: `${path.value}/groups/modifyGroupMembers`, body });
}

const regrouping = { aim: 'household', reads: ['groups'] } as const;

/** The room's group becomes exactly these rooms and this one (docs.sonos.com, "setGroupMembers"). */
export const group = defineCommand<readonly string[]>({
  ...regrouping,
  describe: "The room's group becomes exactly these rooms and this one.",
  value: roomList,
  plan: (names, seat) => {
    const ids = playersOf(seat, names);
    if (!ids.ok) return ids;
    const path = groupPathOf(seat);
    if (!path.ok || consistsOf(seat, ids.value)) return path.ok ? ok(null) : path;
    return ok({
      method: 'POST',
      path: `${path.value}/groups/setGroupMembers`,
      body: { playerIds: ids.value },
    });
  },
  seen: ({ value, now }) => {
    const ids = playersOf(now, value);
    return ids.ok && consistsOf(now, ids.value) ? 'seen' : 'not_yet';
  },
});

/** This room joins the other room's group (docs.sonos.com, "modifyGroupMembers"). */
export const join = defineCommand<string>({
  ...regrouping,
  describe: "This room joins that room's group.",
  value: oneRoom,
  plan: (name, seat) => {
    const room = readRoom(seat.household, name);
    if (!room.ok) return room;
    const host = seatOf(seat.household, room.value.playerId);
    if (host === null) return err(offline(room.value.address));
    return host.group !== null && host.group.id === seat.group?.id
      ? ok(null)
      : modified(host, [seat.player.id], []);
  },
  seen: ({ value, now }) => {
    const room = readRoom(now.household, value);
    return room.ok && now.group?.playerIds.includes(room.value.playerId) === true ? 'seen' : 'not_yet';
  },
});

/** This room becomes a group of its own (docs.sonos.com, "modifyGroupMembers"). */
export const leave = defineCommand<null>({
  ...regrouping,
  describe: 'This room becomes a group of its own.',
  value: nothing,
  plan: (_value, seat) => {
    return seat.group?.playerIds.length === 1 ? ok(null) : modified(seat, [], [seat.player.id]);
  },
  seen: ({ now }) => (consistsOf(now, [now.player.id]) ? 'seen' : 'not_yet'),
});
