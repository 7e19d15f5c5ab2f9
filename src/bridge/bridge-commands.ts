import { z } from 'zod';
import { type CommandError, commandError } from './command-error.ts';
import { suggestion } from './nearest.ts';
import { type Payload, readPayload } from './payload.ts';
import type { Clock, Random } from './ports.ts';
import { PRESET_VALUES } from './presets/preset-calls.ts';
import { quoted } from './quoted.ts';
import { nothing, type Raw } from './readers.ts';
import {
  type Answer,
  type Ask,
  askFrom,
  createAnswered,
  lateness,
  type Outcome,
  type ResponseTo,
} from './replies.ts';
import { err, ok, type Result } from './result.ts';

/** A command to the bridge itself, as it came from MQTT. */
export interface BridgeRequest {
  readonly command: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
  readonly responseTo: ResponseTo | null;
  /** See `Ask`. */
  readonly asker?: object | undefined;
  readonly expirySeconds: number | null;
}

/** The commands to the bridge itself, by name: what they do and take. */
export const BRIDGE_COMMANDS = {
  refresh: { describe: 'Reads the state of everything again.', value: nothing },
  resubscribe: { describe: 'Subscribes to all events at Sonos anew.', value: nothing },
  forget: {
    describe: 'Clears the topics of a room or household that is gone.',
    value: {
      name: 'address such as `home/kitchen` or `home`, or the id of a player or household',
      schema: z
        .string()
        .min(1)
        .meta({ examples: ['home/kitchen'] }),
    },
  },
  preset: { describe: 'Brings the house to a preset, in the fewest calls.', value: PRESET_VALUES.preset },
  'preset/save': {
    describe: 'Saves a preset: as it is written, or (by its name alone) as the house is now.',
    value: PRESET_VALUES.save,
  },
  'preset/delete': { describe: 'Forgets a preset that was saved.', value: PRESET_VALUES.delete },
  snapshot: {
    describe: 'Keeps how rooms are, as far as Sonos lets it be brought back, until it is restored.',
    value: PRESET_VALUES.snapshot,
  },
  restore: {
    describe: 'Brings a snapshot back, and says what could not be.',
    value: PRESET_VALUES.restore,
  },
} as const;

type Command = keyof typeof BRIDGE_COMMANDS;

const COMMANDS = Object.keys(BRIDGE_COMMANDS);

/** What the bridge's own commands do; each settles with what went wrong, or with what there is to tell. `word` is a bare payload. */
export type BridgeActions = Readonly<Record<Command, (word: string, raw: Raw) => Promise<Outcome>>>;

const wordOf = (raw: Raw): string => {
  if (raw.kind === 'json') return typeof raw.value === 'string' ? raw.value.trim() : '';
  const text = raw.text.trim();
  return /^".*"$/.test(text) ? text.slice(1, -1) : text;
};

const isCommand = (word: string): word is Command => Object.hasOwn(BRIDGE_COMMANDS, word);

function readCommand(word: string): Result<Command, CommandError> {
  if (isCommand(word)) return ok(word);
  const message = `There is no command ${quoted(word)}.`;
  return err(commandError('unknown_command', message, suggestion(word, COMMANDS)));
}

const retained = commandError(
  'retained',
  'The broker had kept this command; such a one is never carried out.',
  'Send it without the retained flag.',
);

/** Takes commands under `bridge/set/`; they are answered as a room's are (§4 of the contract). */
export function createBridgeCommands(
  ports: { readonly clock: Clock; readonly random: Random; readonly answer: Answer },
  actions: BridgeActions,
): (request: BridgeRequest) => void {
  const answered = createAnswered(ports.clock, ports.answer);

  const fail = (ask: Ask, error: CommandError): void => answered.settle(ask, 'failed', { error });

  async function carryOut(ask: Ask, command: Command, raw: Raw): Promise<void> {
    const outcome = await actions[command](wordOf(raw), raw);
    answered.settle(ask, outcome.error === undefined ? 'confirmed' : 'failed', outcome);
  }

  function askOf(request: BridgeRequest, payload: Payload | null): Ask {
    const what = { household: 'bridge', room: null, command: request.command };
    return askFrom(ports, { ...request, wrote: payload }, what);
  }

  return (request) => {
    const payload = readPayload(request.payload);
    const ask = askOf(request, payload.ok ? payload.value : null);
    if (request.retained) return fail(ask, retained);
    if (!payload.ok) return fail(ask, commandError('invalid_payload', payload.error));
    if (answered.repeated(ask)) return;
    const command = readCommand(request.command);
    if (!command.ok) return fail(ask, command.error);
    const late = lateness(ask, ports.clock);
    if (late !== null) return fail(ask, late);
    answered.settle(ask, 'accepted');
    void carryOut(ask, command.value, payload.value.raw);
  };
}
