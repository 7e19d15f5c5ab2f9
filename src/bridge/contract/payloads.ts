import { z } from 'zod';
import { announcementHappening } from '../announcement-happening.ts';
import { BRIDGE_COMMANDS } from '../bridge-commands.ts';
import { attributes, namespaces, roomCommands } from '../namespaces/index.ts';
import { OWN_COMMANDS } from '../own-commands.ts';
import { queueHappenings } from '../queue/queue-happenings.ts';
import { availabilitySchema, bridgeStateSchema, logLineSchema, presetListSchema } from './bridge-messages.ts';
import { commandPayload, severalPayload } from './command-payload.ts';
import { replySchema } from './reply.ts';
import { attributeTextSchema, roomStateSchema } from './room-state.ts';

/** One kind of message of the contract: where it stands, and what it holds. */
export interface Message {
  /** How its schema is called, for example `room` or `command.volume`. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** Its topic below the base topic; `{household}` and `{room}` are addresses. */
  readonly address: string;
  /** `state` is retained and published, `news` is published once, `command` is taken. */
  readonly kind: 'state' | 'news' | 'command';
  /** Whether the payload is the text itself and not JSON. */
  readonly isText: boolean;
  /** Whether a retained empty payload stands for an unknown value, beside what the schema says. */
  readonly isEmptyUnknown: boolean;
  readonly schema: z.ZodType;
}

/** What a command takes and does, for the documents. */
export interface CommandWords {
  readonly describe: string;
  /** Its `name` is Markdown. */
  readonly value: { readonly name: string; readonly schema: z.ZodType };
}

/** Every command of a room, by its name. */
export const commandWords: ReadonlyMap<string, CommandWords> = new Map<string, CommandWords>([
  ...roomCommands,
  ...Object.entries(OWN_COMMANDS),
]);

/** Everything that an `event` topic can say, by `event_type`. */
export const happenings: ReadonlyMap<string, z.ZodObject> = new Map([
  ...namespaces.flatMap((row) => Object.entries(row.happenings)),
  ['announcement', announcementHappening] as const,
  ...Object.entries(queueHappenings),
]);

const common = { isText: false, isEmptyUnknown: false } as const;

const state = (
  name: string,
  address: string,
  schema: z.ZodType,
  title: string,
  description: string,
): Message => ({ ...common, kind: 'state', name, address, schema, title, description });

const replies = { ...common, kind: 'news', name: 'reply', schema: replySchema, title: 'Answer' } as const;

const ofTheBridge: readonly Message[] = [
  {
    ...state(
      'availability',
      'bridge/availability',
      availabilitySchema,
      'Availability',
      'Whether the bridge is there; `offline` is also its last will.',
    ),
    isText: true,
  },
  state(
    'bridge-state',
    'bridge/state',
    bridgeStateSchema,
    'State of the bridge',
    'What the bridge says of itself. It holds no secret.',
  ),
  state(
    'bridge-presets',
    'bridge/presets',
    presetListSchema,
    'Presets',
    'Every preset that there is: those of the settings, and those that were saved.',
  ),
  {
    ...common,
    kind: 'news',
    name: 'bridge-log',
    address: 'bridge/log',
    schema: logLineSchema,
    title: 'Line of the log',
    description: 'A warning or an error, with the fields of its line; repeated ones are folded.',
  },
  { ...replies, address: 'bridge/reply', description: 'The answer to a command to the bridge.' },
  ...Object.entries(BRIDGE_COMMANDS).map(
    ([name, { describe, value }]): Message => ({
      ...common,
      kind: 'command',
      name: `bridge-command.${name.replace('/', '-')}`,
      address: `bridge/set/${name}`,
      schema: commandPayload(value.schema),
      title: `Command ${name} to the bridge`,
      description: describe,
    }),
  ),
];

const ofHouseholds: readonly Message[] = namespaces.flatMap((row) =>
  Object.entries(row.topics).map(([name, { schema }]) =>
    name === ''
      ? state('household', '{household}', schema, 'Household', 'A household and its rooms, by address.')
      : state(
          name,
          `{household}/${name}`,
          schema,
          `${name.charAt(0).toUpperCase()}${name.slice(1)} of a household`,
          `The ${name} of a household.`,
        ),
  ),
);

const ofAttributes: readonly Message[] = [...attributes].map(([name, path]) => ({
  ...state(
    `attribute.${name}`,
    `{household}/{room}/${name}`,
    attributeTextSchema(path),
    `Attribute ${name} of a room`,
    `\`${path}\` of the room's state as plain text; empty when it is unknown.`,
  ),
  isText: true,
  isEmptyUnknown: true,
}));

const ofRooms: readonly Message[] = [
  state('room', '{household}/{room}', roomStateSchema, 'State of a room', 'The whole state of a room.'),
  {
    ...state(
      'availability',
      '{household}/{room}/availability',
      availabilitySchema,
      'Availability',
      'Whether Sonos lists the player of the room.',
    ),
    isText: true,
  },
  ...ofAttributes,
  {
    ...common,
    kind: 'news',
    name: 'event',
    address: '{household}/{room}/event',
    schema: z.union([...happenings.values()]),
    title: 'Event of a room',
    description: 'Something that happened in a room.',
  },
  { ...replies, address: '{household}/{room}/reply', description: 'The answer to a command to a room.' },
];

const ofCommands: readonly Message[] = [
  ...[...commandWords].map(
    ([name, { describe, value }]): Message => ({
      ...common,
      kind: 'command',
      name: `command.${name}`,
      address: `{household}/{room}/set/${name}`,
      schema: commandPayload(value.schema),
      title: `Command ${name}`,
      description: describe,
    }),
  ),
  {
    ...common,
    kind: 'command',
    name: 'commands',
    address: '{household}/{room}/set',
    schema: severalPayload(
      Object.fromEntries([...commandWords].map(([name, { value }]) => [name, value.schema])),
    ),
    title: 'Several commands',
    description: 'Several commands, carried out in the order written.',
  },
];

/** Every message of the contract. Two at different topics may have the same name: they hold the same. */
export const messages: readonly Message[] = [...ofTheBridge, ...ofHouseholds, ...ofRooms, ...ofCommands];
