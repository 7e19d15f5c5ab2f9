import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { type Message, messages } from '../../../src/bridge/contract/payloads.ts';
import { payloadSchemas } from './schemas.ts';

const { version, license } = z
  .object({ version: z.string(), license: z.string() })
  .parse(JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')));

const MQTT = { bindingVersion: '0.2.0' } as const;

const PARAMETERS: Readonly<Record<string, object>> = {
  base: {
    default: 'sonos',
    description: 'The base topic, `mqtt.base_topic` in the settings. It may have more than one level.',
    examples: ['sonos'],
  },
  household: {
    description:
      'The alias of a household: `home` for the first one, then `home-2`, `home-3`, …, or what the settings give for its id.',
    examples: ['home'],
  },
  room: {
    description:
      'The address of a room, which it keeps through every regrouping: its name in lower case, with `-` for whatever is no letter or digit. In a command the id of the player will do, and `all` is every room.',
    examples: ['kitchen'],
  },
};

const pascal = (words: string): string =>
  words.replace(/(?:^|[^a-z]+)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** How a channel is called: its address in words. */
const channelName = ({ address }: Message): string => {
  const words = pascal(address.replace(/[{}]/g, ''));
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}`;
};

const ref = (path: string): { readonly $ref: string } => ({ $ref: `#/${path}` });

const DOING = { state: 'tell', news: 'tell', command: 'take' } as const;
const repliesOf = (message: Message): string =>
  message.address.startsWith('bridge/') ? 'bridgeReply' : 'householdRoomReply';

function channelOf(message: Message): object {
  const address = `{base}/${message.address}`;
  const named = [...address.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
  return {
    address,
    title: message.title,
    description: message.description,
    parameters: Object.fromEntries(named.map((name) => [name, ref(`components/parameters/${name}`)])),
    messages: { [message.name]: ref(`components/messages/${message.name}`) },
  };
}

function operationOf(message: Message): object {
  const channel = channelName(message);
  const replies = repliesOf(message);
  const isTaken = message.kind === 'command';
  return {
    action: isTaken ? 'receive' : 'send',
    channel: ref(`channels/${channel}`),
    summary: message.description,
    messages: [ref(`channels/${channel}/messages/${message.name}`)],
    bindings: { mqtt: { qos: 1, retain: message.kind === 'state', ...MQTT } },
    ...(isTaken
      ? {
          reply: {
            channel: ref(`channels/${replies}`),
            messages: [ref(`channels/${replies}/messages/reply`)],
          },
        }
      : {}),
  };
}

const messageOf = ({ name, title, isText }: Message): object => ({
  name,
  title,
  contentType: isText ? 'text/plain' : 'application/json',
  payload: ref(`components/schemas/${name}`),
});

const INFO = {
  title: 'sonos-mqtt-bridge',
  version,
  description: [
    'What the bridge between Sonos and MQTT publishes (`send`) and takes (`receive`).',
    'State is retained; an empty retained payload clears a topic that has lost its meaning.',
    'A command is a bare value (`25`, `on`, `Jazz`), the same as JSON, or an object; its schema means JSON as it was parsed, and any other text as a string.',
    'Never send a command with the retained flag: it is refused.',
    'Beside the reply topic, an answer goes to the MQTT 5 Response Topic of the command, with its Correlation Data.',
  ].join('\n\n'),
  license: { name: license },
} as const;

const SERVER = {
  host: '127.0.0.1:1883',
  protocol: 'mqtt',
  description: 'The broker inside the bridge, MQTT 3.1.1; or any other broker, MQTT 3.1.1 or 5 (`mqtt.url`).',
  bindings: {
    mqtt: {
      lastWill: { topic: 'sonos/bridge/availability', qos: 1, message: 'offline', retain: true },
      ...MQTT,
    },
  },
} as const;

const entries = <Value>(
  key: (message: Message) => string,
  value: (message: Message) => Value,
): Readonly<Record<string, Value>> =>
  Object.fromEntries(messages.map((message) => [key(message), value(message)]));

/** The contract as an AsyncAPI 3 document, from the bridge's point of view: `docs/asyncapi.json`. */
export const asyncApi = (): object => ({
  asyncapi: '3.0.0',
  id: 'urn:sonos-mqtt-bridge',
  info: INFO,
  defaultContentType: 'application/json',
  servers: { broker: SERVER },
  channels: entries(channelName, channelOf),
  operations: entries((message) => `${DOING[message.kind]}${pascal(channelName(message))}`, operationOf),
  components: {
    parameters: PARAMETERS,
    messages: entries((message) => message.name, messageOf),
    schemas: Object.fromEntries(payloadSchemas),
  },
});
