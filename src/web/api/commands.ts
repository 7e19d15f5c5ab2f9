import type { Request, RequestHandler, Response } from 'express';
import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { readSetPayload } from '../../bridge/payload.ts';
import { quoted } from '../../bridge/quoted.ts';
import type { Reply } from '../../bridge/replies.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import { findRoom, readRoom } from '../../bridge/room-name.ts';
import { type Household, seatOf } from '../../bridge/state.ts';
import { readAddress } from '../http-api/address.ts';
import type { WebBridgeQuestion, WebCommands } from '../options.ts';
import { STATUS_OF } from '../status-of.ts';
import { takeBody } from './body.ts';
import type { CommandAnswer } from './messages.ts';
import { apiByMethod } from './methods.ts';
import { type ApiPart, refuse } from './routes.ts';

/** What takes commands, the bridge's own among them. */
export interface ApiCommands extends WebCommands {
  readonly askBridge: (question: WebBridgeQuestion) => Promise<readonly Reply[]>;
}

/** What an MQTT payload may have at most, in bytes (`bridge/payload.ts`). */
const MAX_BYTES = 65_536;
const EVERY_ROOM = 'all';
const SEVERAL = 'set';

const SILENCE = commandError(
  'timeout',
  'The bridge did not take the command in time.',
  'Look at the room before you send it again.',
);
const NO_HOUSEHOLD = commandError(
  'not_linked',
  'No household is known yet, so there is no room to command.',
  'Open the page of the bridge: is an account linked?',
);

/** A command and whom it is for, as an address names them. */
interface Addressed {
  /** Alias or id; null when the address names none. */
  readonly household: string | null;
  readonly room: string;
  readonly command: string;
}

/** Reads `rooms/<room>/<command>` and `households/<alias>/rooms/<room>/<command>`. */
function addressed(path: string): Addressed | null {
  const address = readAddress(path);
  if (!address.ok) return null;
  const [kind, first = '', ...rest] = address.value.levels;
  const [rooms, second = '', third = '', ...more] = rest;
  if (kind === 'rooms' && rest.length === 1) return { household: null, room: first, command: rooms ?? '' };
  const isLong = kind === 'households' && rooms === 'rooms' && rest.length === 3 && more.length === 0;
  return isLong ? { household: first, room: second, command: third } : null;
}

/** The household that is meant without being named: the only one, or the one that has the room. */
function householdWith(households: readonly Household[], room: string): Result<Household, CommandError> {
  const [first, ...others] = households;
  if (first === undefined) return err(NO_HOUSEHOLD);
  if (others.length === 0) return ok(first);
  const owners =
    room === EVERY_ROOM ? households : households.filter((each) => findRoom(each, room) !== null);
  const [owner, ...more] = owners;
  if (owner === undefined) {
    const nowhere = readRoom(first, room);
    const message = `No room of any household is called ${quoted(room)}.`;
    return err(commandError('unknown_room', message, nowhere.ok ? undefined : nowhere.error.advice));
  }
  if (more.length === 0) return ok(owner);
  const message = `More than one household has ${room === EVERY_ROOM ? 'rooms' : `a room ${quoted(room)}`}.`;
  const paths = owners.map(({ alias }) => `households/${alias}/rooms/…`).join(' or ');
  return err(commandError('ambiguous_name', message, `Name the household: ${paths}.`));
}

/** How many answers there will be: one for each room and command. */
function answersOf(
  household: Household | undefined,
  { room, command }: Addressed,
  payload: Uint8Array,
): number {
  const rooms =
    room === EVERY_ROOM && household !== undefined
      ? [...household.rooms.keys()].filter((id) => seatOf(household, id) !== null).length
      : 1;
  const several = command === SEVERAL ? readSetPayload(payload) : null;
  return rooms * (several?.ok === true ? several.value.commands.length : 1);
}

/** What the last words come to, as a status: the first error when all failed, 202 while one is open or unproven. */
function statusOf(replies: readonly Reply[]): number {
  const [failed] = replies.flatMap(({ error }) => error ?? []);
  if (failed !== undefined && replies.every(({ status }) => status === 'failed'))
    return STATUS_OF[failed.code];
  return replies.every(({ status }) => status === 'confirmed' || status === 'failed') ? 200 : 202;
}

function refuseWith(response: Response, { code, message, advice }: CommandError): void {
  refuse(response, STATUS_OF[code], code, message, advice);
}

/** Answers one reply as it is, and several in a list; where all failed, with the first error beside them. */
function answer(response: Response, replies: readonly Reply[], isOne: boolean): void {
  const [first] = replies;
  if (first === undefined) {
    refuseWith(response, SILENCE);
    return;
  }
  const status = statusOf(replies);
  const error = status < 400 || first.error === undefined ? {} : { error: first.error };
  const body: CommandAnswer = isOne ? first : { replies, ...error };
  response.status(status).json(body);
}

function roomRoute({ households, ask }: ApiCommands): RequestHandler {
  return takeBody(MAX_BYTES, async (payload, request: Request, response) => {
    const where = addressed(request.url);
    if (where === null) return refuse(response, 404, 'not_found', 'The address names no room and command.');
    const { household: word, room, command } = where;
    const named = households().find(({ alias, id }) => alias === word || id === word);
    const found = word === null ? householdWith(households(), room) : ok(named);
    if (!found.ok) return refuseWith(response, found.error);
    const replies = await ask({
      ...{ room, payload, household: found.value?.alias ?? word ?? '' },
      command: command === SEVERAL ? null : command,
      answers: answersOf(found.value, where, payload),
    });
    answer(response, replies, room !== EVERY_ROOM && command !== SEVERAL);
  });
}

/** Takes the contract's commands with the values and replies that they have over MQTT. */
export function commandsPart(commands: ApiCommands): ApiPart {
  const room = apiByMethod({ POST: roomRoute(commands) });
  const bridge = takeBody(MAX_BYTES, async (payload, request: Request, response) => {
    const address = readAddress(request.path);
    const [command = '', ...more] = address.ok ? address.value.levels : [''];
    if (more.length > 0) return refuse(response, 404, 'not_found', 'The address names no command.');
    answer(response, await commands.askBridge({ command, payload }), true);
  });
  return (router) => {
    router.use((request, response, next) => {
      if (/^\/(rooms|households)\//.test(request.path)) return room(request, response, next);
      return next();
    });
    router.use('/bridge', apiByMethod({ POST: bridge }));
  };
}
