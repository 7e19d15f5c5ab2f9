import { z } from 'zod';
import { presetName, presetSchema } from '../bridge/presets/preset.ts';
import { announcements } from './announcements.ts';
import { volume } from './ceilings.ts';
import { compat, homeAssistant } from './doors.ts';
import * as formats from './formats.ts';
import { household, user } from './lists.ts';
import {
  about,
  duration,
  HOST,
  host,
  hosts,
  noSpaces,
  PASSWORD,
  PORT,
  password,
  pemFile,
  port,
  text,
  webAddress,
} from './parts.ts';
import { queue } from './queue.ts';
import { relay } from './relay.ts';
import { schedules } from './schedules.ts';
import { speech } from './speech.ts';

const log = z.strictObject({
  level: about(z.literal(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'), {
    description: 'The least important kind of line that is written to the log.',
  }),
});

const sonos = z.strictObject({
  client_id: about(noSpaces.exactOptional(), {
    description: "The integration's key, from the Sonos developer portal.",
    expected: "the integration's key, text without spaces",
    example: '00000000-0000-0000-0000-000000000000',
  }),
  client_secret: about(noSpaces.exactOptional(), {
    description: "The integration's secret, from the Sonos developer portal.",
    expected: "the integration's secret, text without spaces",
    example: '00000000-0000-0000-0000-000000000000',
    secret: true,
  }),
  api_url: about(webAddress.default('https://api.ws.sonos.com/control/api/v1'), {
    description: 'The base address of the Sonos Control API.',
    expected: 'an https URL, or an http one on this machine',
  }),
  login_url: about(webAddress.default('https://api.sonos.com'), {
    description: 'The base address of the Sonos login, under which `/login/v3/oauth` stands.',
    expected: 'an https URL, or an http one on this machine',
  }),
  redirect_uri: about(z.string().refine(formats.isRedirectUri).exactOptional(), {
    description: 'Where Sonos sends the browser after the login, exactly as registered on the portal.',
    expected: 'an absolute http or https URL without a fragment',
    example: 'https://bridge.example.org/oauth/callback',
  }),
  requests_per_minute: about(z.int().min(1).max(1000).default(600), {
    description: 'The most calls the bridge makes to Sonos in any minute; Sonos allows 1000.',
  }),
  requests_per_second: about(z.int().min(1).max(100).default(20), {
    description: 'The most calls the bridge makes to Sonos in any second; Sonos allows 100.',
  }),
  households: about(z.record(text, household).default({}), {
    description:
      'Names for households, or households to leave alone, by household id; all are used as found.',
    expected: 'a map of household id to {alias, ignore}',
    example: { Sonos_0000000000000000000000000000: { alias: 'home', ignore: false } },
  }),
});

const callback = z.strictObject({
  host: about(host.default('0.0.0.0'), {
    description: 'The address of the public listener: event callback and login redirect, nothing else.',
    expected: HOST,
  }),
  port: about(port.default(8787), { description: 'The port of the public listener.', expected: PORT }),
  path: about(z.string().refine(formats.isCallbackPath).exactOptional(), {
    description: 'The path that Sonos sends events to; without it, an unguessable one is made and kept.',
    expected: 'a path such as /sonos/events/8c1f, of letters, digits and . _ ~ -, without a slash at the end',
    example: '/sonos/events/replace-me-with-something-unguessable',
    secret: true,
  }),
  public_url: about(webAddress.exactOptional(), {
    description: 'How the internet reaches the public listener; shown in the set-up and checked by `doctor`.',
    expected: 'an https URL, or an http one on this machine',
    example: 'https://bridge.example.org',
  }),
  relay: about(z.boolean().default(false), {
    description:
      'Whether events come by way of relays (`sonos-mqtt-bridge relay`) and the MQTT broker; the public listener is then not opened.',
  }),
});

const mqtt = z.strictObject({
  url: about(z.string().refine(formats.isBrokerUrl).exactOptional(), {
    description: 'The MQTT broker to use; without it, the embedded broker is started.',
    expected:
      'an mqtt, mqtts, ws or wss URL; user and password belong in mqtt.username and mqtt.password, not here',
    example: 'mqtts://broker.example.org:8883',
  }),
  username: about(text.exactOptional(), {
    description: 'The user name at the broker.',
    example: 'sonos-bridge',
  }),
  password: about(text.exactOptional(), {
    description: 'The password at the broker.',
    example: 'replace-me',
    secret: true,
  }),
  client_id: about(text.max(128).exactOptional(), {
    description: 'The client id at the broker; without it, one is made and kept.',
    expected: 'text of at most 128 characters',
    example: 'sonos-bridge',
  }),
  protocol: about(z.literal(['auto', 4, 5]).default('auto'), {
    description: 'The MQTT version: `4` is 3.1.1, `5` is 5, and `auto` tries 5 first.',
  }),
  base_topic: about(z.string().refine(formats.isBaseTopic).default('sonos'), {
    description: 'The topic under which everything stands.',
    expected:
      'at most 64 characters without + and #, not starting with $, without a slash at either end or two in a row',
  }),
  tls: z
    .strictObject({
      ca: pemFile("The certificate authority that signed the broker's certificate.", '/etc/ssl/mqtt/ca.pem'),
      cert: pemFile("The bridge's own certificate for the broker.", '/etc/ssl/mqtt/bridge.pem'),
      key: pemFile("The private key of the bridge's own certificate.", '/etc/ssl/mqtt/bridge.key'),
    })
    .prefault({}),
});

const broker = z.strictObject({
  host: about(host.default('127.0.0.1'), {
    description: 'The address of the embedded broker, which runs when `mqtt.url` is absent.',
    expected: HOST,
  }),
  port: about(port.default(1883), { description: 'The port of the embedded broker.', expected: PORT }),
  websocket_port: about(port.exactOptional(), {
    description: 'The port of the embedded broker for MQTT over WebSocket; without it, there is none.',
    expected: PORT,
    example: 9001,
  }),
  users: about(z.array(user).exactOptional(), {
    description:
      'Who may use the embedded broker, and for what; required when it listens beyond this machine.',
    expected: 'a list of {username, password, publish, subscribe}',
    example: [
      {
        username: 'node-red',
        password: 'replace-me',
        publish: ['sonos/+/+/set/#', 'sonos/bridge/set/#'],
        subscribe: ['sonos/#'],
      },
    ],
  }),
});

const web = z.strictObject({
  host: about(host.default('127.0.0.1'), {
    description: 'The address of the private listener: page, API, health, metrics.',
    expected: HOST,
  }),
  port: about(port.default(8788), { description: 'The port of the private listener.', expected: PORT }),
  allowed_hosts: about(hosts.exactOptional(), {
    description:
      "Further names under which a browser or a monitor may ask the private listener; IP addresses, `localhost` and this machine's own name always may.",
    expected: 'a list of host names',
    example: ['bridge.home.arpa'],
  }),
  password: about(password.refine(formats.isPasswordOrHash).exactOptional(), {
    description:
      'The password of the private listener, or what `sonos-mqtt-bridge password` makes of it; required when it listens beyond this machine.',
    expected: `${PASSWORD}, or its whole hash as sonos-mqtt-bridge password prints it`,
    example: 'replace-me',
    secret: true,
  }),
});

const record = z.strictObject({
  file: about(text.exactOptional(), {
    description: 'The file in which what happens is recorded, for bug reports; without it, nothing is.',
    expected: 'the path of a file',
    example: 'data/record.jsonl',
  }),
  max_megabytes: about(z.number().positive().default(100), {
    description: 'The size at which the record ends; the bridge goes on.',
  }),
  names: about(z.boolean().default(false), {
    description: 'Whether names of rooms, music and the like stand in the record as they are.',
  }),
});

/**
 * Every setting of the bridge: the only statement of names, types, defaults and meanings. The type, the page,
 * the editors' schema, the example, the variables, the flags and the messages derive from it.
 */
export const settings = z.strictObject({
  data_dir: about(text.default('data'), {
    description:
      'The folder for tokens, names and generated secrets, as seen from the working directory; only the owner may read it.',
    expected: 'the path of a folder',
  }),
  forget_days: about(duration.default(30), {
    description: 'After how many days a player that is gone loses its topics.',
  }),
  reconcile_minutes: about(duration.default(10), {
    description: 'How often the truth is read back from Sonos while events arrive.',
  }),
  poll_seconds: about(z.number().min(0).default(15), {
    description:
      'How often state is read while no verified event has ever arrived, or events have stopped; 0 switches it off.',
  }),
  log: log.prefault({}),
  sonos: sonos.prefault({}),
  callback: callback.prefault({}),
  relay: relay.prefault({}),
  mqtt: mqtt.prefault({}),
  broker: broker.prefault({}),
  web: web.prefault({}),
  home_assistant: homeAssistant.prefault({}),
  compat: compat.prefault({}),
  announcements: announcements.prefault({}),
  speech: speech.prefault({}),
  schedules,
  volume: volume.prefault({}),
  presets: about(z.record(presetName, presetSchema).default({}), {
    description: 'Desired states of the house, by name; the command `preset` brings the house there.',
    expected: 'a map of name to {rooms, group, favorite, play, …}',
    example: {
      dinner: {
        rooms: { kitchen: { volume: 20 }, 'dining-room': { volume: 25, muted: false } },
        group: ['dining-room', 'kitchen'],
        favorite: 'Jazz',
        shuffle: true,
      },
    },
  }),
  queue: queue.prefault({}),
  record: record.prefault({}),
  commands: z
    .strictObject({
      confirm_seconds: about(duration.default(8), {
        description: 'How long the bridge waits for evidence that a command took effect.',
      }),
    })
    .prefault({}),
});

/** The settings in force, as every room of the house sees them. */
export type Config = z.output<typeof settings>;
