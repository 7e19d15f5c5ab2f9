import { limitError } from '../../bridge/cloud-limits.ts';
import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { familiarRoom, type Place } from '../../bridge/familiar-names.ts';
import { suggestion } from '../../bridge/nearest.ts';
import { quoted } from '../../bridge/quoted.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import { type Household, seatOf } from '../../bridge/state.ts';
import type { DoorCommand, DoorReading, FamiliarDoor } from '../further-picture.ts';
import { plays, silent } from './announcing.ts';
import { bareInput, field, type Input, isObject, misread, readText } from './inputs.ts';
import { isPlayerLevel } from './names.ts';
import { BROADCASTS, COMMANDS, type Translated, type Unsupported, WRAPPING } from './table.ts';

/** What a topic of the door addresses. `who` and `command` are in lower case, as that project compares them. */
type Address =
  | { readonly shape: 'control'; readonly who: string }
  | { readonly shape: 'set'; readonly who: string; readonly command: string }
  | { readonly shape: 'broadcast'; readonly command: string };

/** What a message asks for; the words for it are also those of its answer. */
interface Request {
  readonly command: string;
  readonly input: Input;
}

/** A sender's word in an answer: whole or not at all. */
const shown = (word: string): string => (word.length <= 64 ? word : '…');

const bytes = (payload: object): Uint8Array => new TextEncoder().encode(JSON.stringify(payload));

function readAddress(base: string, topic: string): Address | null {
  if (!topic.startsWith(`${base}/`)) return null;
  const [first = '', second = '', third, ...deeper] = topic.slice(base.length + 1).split('/');
  if (deeper.length > 0) return null;
  if (third !== undefined)
    return first === 'set' ? { shape: 'set', who: second.toLowerCase(), command: third.toLowerCase() } : null;
  if (first === 'cmd') return { shape: 'broadcast', command: second.toLowerCase() };
  return second === 'control' ? { shape: 'control', who: first.toLowerCase() } : null;
}

/** `sonos/home/control` is the state of a room called Control, where there is one. */
const isRoomState = (address: Address, households: readonly Household[]): boolean =>
  address.shape === 'control' &&
  households.some(
    ({ alias, rooms }) =>
      alias === address.who && [...rooms.values()].some((room) => room.address === 'control'),
  );

/** What stands in a `control` message. */
function readControl(text: string): Result<Request, CommandError> {
  const given = bareInput(text);
  const advice = 'Send JSON such as {"command": "volume", "input": 10}.';
  if (!isObject(given)) return misread('The payload is not a JSON object.', advice);
  if (field(given, 'sonosCommand') !== undefined) return ok({ command: 'adv-command', input: undefined });
  const command = field(given, 'command') ?? field(given, 'cmd');
  if (typeof command !== 'string') return misread('The object names no command.', advice);
  return ok({ command: command.toLowerCase(), input: field(given, 'input') });
}

/** What is asked for, out of `{"cmd": …, "val": …}` when it is wrapped. */
function unwrapped({ command, input }: Request): Result<Request, CommandError> {
  if (command !== WRAPPING) return ok({ command, input });
  const inner = isObject(input) ? field(input, 'cmd') : undefined;
  if (!isObject(input) || typeof inner !== 'string' || inner.toLowerCase() === WRAPPING)
    return misread('No command is wrapped in it.', 'Send {"cmd": "volume", "val": 10}.');
  return ok({ command: inner.toLowerCase(), input: field(input, 'val') });
}

/** A row by a sender's word. */
function rowOf<Row extends object>(
  table: Readonly<Record<string, Row | Unsupported>>,
  command: string,
): Result<Exclude<Row, Unsupported>, CommandError> {
  const row = Object.hasOwn(table, command) ? table[command] : undefined;
  if (row === undefined) {
    const message = `There is no command ${quoted(command)}.`;
    return err(commandError('unknown_command', message, suggestion(command, Object.keys(table))));
  }
  if ('limit' in row) return err(limitError(command, row.limit));
  return ok(row as Exclude<Row, Unsupported>);
}

function forRoom(request: Request, place: Place): Result<Translated, CommandError> {
  const asked = unwrapped(request);
  if (!asked.ok) return asked;
  const row = rowOf(COMMANDS, asked.value.command);
  return row.ok ? row.value.read(asked.value.input, place) : row;
}

/** One command for every household that has a room to hear it. */
function forAll(
  request: Request,
  households: readonly Household[],
): Result<readonly DoorCommand[], CommandError> {
  const row = rowOf(BROADCASTS, request.command);
  if (!row.ok) return row;
  const read = row.value.read(request.input);
  if (!read.ok) return read;
  const { command, payload, onlyWhenPlaying } = read.value;
  const commands = households.flatMap((household): DoorCommand[] => {
    const there = [...household.rooms.values()].filter((room) => seatOf(household, room.playerId) !== null);
    const meant = onlyWhenPlaying ? there.filter((room) => plays(household, room)) : there;
    const [first, ...others] = meant.map((room) => room.address).sort();
    if (first === undefined) return [];
    const room = onlyWhenPlaying ? first : 'all';
    // One announcement, so that the rooms begin together.
    const whole = onlyWhenPlaying ? { ...payload, rooms: others } : payload;
    return [{ household: household.alias, room, command, payload: bytes(whole) }];
  });
  if (commands.length > 0) return ok(commands);
  if (onlyWhenPlaying) return silent;
  return err(
    commandError(
      'unknown_room',
      'No room is online.',
      'Look at bridge/state: is an account linked, and is Sonos reached?',
    ),
  );
}

/** Answers with an error in that project's shape. */
const refused = (topic: string, command: string, error: CommandError, more: object = {}): DoorReading => ({
  commands: [],
  answers: [{ topic, payload: JSON.stringify({ command: shown(command), ...more, error }) }],
});

/** Takes commands as sonos2mqtt does, below the same base topic. */
export function createSonos2mqttDoor(base: string): FamiliarDoor {
  // Nobody's address: `bridge` is no household, and the bridge does not listen there.
  const elsewhere = `${base}/bridge/error`;

  function readForRoom(
    address: Exclude<Address, { shape: 'broadcast' }>,
    text: Result<string, CommandError>,
    households: readonly Household[],
  ): DoorReading {
    const said = address.shape === 'set' ? address.command : 'control';
    const place = familiarRoom(households, address.who);
    if (!place.ok) return refused(elsewhere, said, place.error, { room: shown(address.who) });
    const { household, room } = place.value;
    const errors = isPlayerLevel(room.playerId) ? `${base}/${room.playerId}/error` : elsewhere;
    if (!text.ok) return refused(errors, said, text.error);
    const request: Result<Request, CommandError> =
      address.shape === 'set'
        ? ok({ command: address.command, input: bareInput(text.value) })
        : readControl(text.value);
    if (!request.ok) return refused(errors, said, request.error);
    const wanted = forRoom(request.value, place.value);
    if (!wanted.ok) return refused(errors, request.value.command, wanted.error);
    const { command, payload } = wanted.value;
    return {
      commands: [{ household: household.alias, room: room.address, command, payload: bytes(payload) }],
      answers: [],
    };
  }

  function readForAll(
    command: string,
    text: Result<string, CommandError>,
    households: readonly Household[],
  ): DoorReading {
    if (!text.ok) return refused(elsewhere, command, text.error);
    const commands = forAll({ command, input: bareInput(text.value) }, households);
    if (!commands.ok) return refused(elsewhere, command, commands.error);
    return { commands: commands.value, answers: [] };
  }

  return {
    filters: sonos2mqttFilters(base),
    read({ topic, payload }, households) {
      const address = readAddress(base, topic);
      if (address === null || isRoomState(address, households)) return null;
      const text = readText(payload);
      return address.shape === 'broadcast'
        ? readForAll(address.command, text, households)
        : readForRoom(address, text, households);
    },
  };
}

/** Where that project takes commands. */
export const sonos2mqttFilters = (base: string): readonly string[] => [
  `${base}/+/control`,
  `${base}/set/+/+`,
  `${base}/cmd/+`,
];
