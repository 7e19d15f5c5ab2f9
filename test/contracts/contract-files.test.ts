import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BRIDGE_COMMANDS } from '../../src/bridge/bridge-commands.ts';
import { errorCodeSchema } from '../../src/bridge/contract/command-error.ts';
import { commandWords, happenings } from '../../src/bridge/contract/payloads.ts';
import { attributes, namespaces, roomCommands } from '../../src/bridge/namespaces/index.ts';
import { OWN_COMMANDS } from '../../src/bridge/own-commands.ts';
import { readPayload, readSetPayload } from '../../src/bridge/payload.ts';
import type { Reader } from '../../src/bridge/readers.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import {
  channelOf,
  payloadFault,
  shippedChannels,
  shippedDocument,
  shippedFault,
  shippedSchema,
} from '../support/shipped-contract.ts';
import { exampleValues, payloadOf } from './contract-files/examples.ts';
import { drawn, sampleBridgeState, samplePresets } from './contract-files/samples.ts';

const topics = topicsOf('sonos');
const below = (topic: string): string => topic.slice('sonos/'.length);
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The reader of every command of a room. */
const readers: ReadonlyMap<string, Reader<unknown>> = new Map<string, Reader<unknown>>([
  ...[...roomCommands].map(([name, { value }]) => [name, value] as const),
  ...Object.entries(OWN_COMMANDS).map(([name, { value }]) => [name, value as Reader<unknown>] as const),
]);

/** Why a payload of a command would be refused; null when it would not. */
function refusal(command: string, payload: string): string | null {
  const read = readPayload(bytes(payload));
  if (!read.ok) return read.error;
  const value = readers.get(command)?.read(read.value.raw);
  if (value === undefined) return 'has no reader';
  return value.ok ? null : value.error.message;
}

describe('the shipped schemas', () => {
  const names = readdirSync(new URL('../../docs/schemas/', import.meta.url));

  it('are one for each payload, named, explained and understood by a validator that overlooks nothing', () => {
    expect(names.length).toBeGreaterThan(50);
    const ids = names.map((file) => {
      const text = readFileSync(new URL(`../../docs/schemas/${file}`, import.meta.url), 'utf8');
      const { $id, $schema, title, description } = JSON.parse(text);
      expect([$schema, title, description]).toEqual([
        'http://json-schema.org/draft-07/schema#',
        expect.stringMatching(/^[A-Z]/),
        expect.stringMatching(/^\S.*\.$/s),
      ]);
      expect(() => shippedSchema(file.replace('.schema.json', ''))).not.toThrow();
      return $id;
    });
    expect(new Set(ids).size).toBe(names.length);
  });

  it('stand in the AsyncAPI document as they stand in the files', () => {
    const { schemas } = shippedDocument.components;
    expect(
      Object.keys(schemas)
        .map((name) => `${name}.schema.json`)
        .sort(),
    ).toEqual(names.sort());
    for (const [name, schema] of Object.entries(schemas)) {
      const file = new URL(`../../docs/schemas/${name}.schema.json`, import.meta.url);
      const { $schema: _, $id, ...bare } = JSON.parse(readFileSync(file, 'utf8'));
      expect($id).toBe(`urn:sonos-mqtt-bridge:${name}`);
      expect(schema).toEqual(bare);
    }
  });
});

describe('the channels', () => {
  const published = (isRetained: boolean): string[] =>
    shippedChannels
      .filter((channel) => channel.action === 'send' && channel.isRetained === isRetained)
      .map(({ address }) => address.replace('{household}', 'home').replace('{room}', 'kitchen'))
      .sort();

  it('of state are the topics that the bridge clears when they lose their meaning, and its own', () => {
    const cleared = [...topics.retainedBelow('home'), ...topics.retainedBelow('home/kitchen')];
    const own = [topics.availability, topics.bridgePresets, topics.bridgeState];
    expect(published(true)).toEqual([...cleared, ...own].map(below).sort());
  });

  it('of what is said once are answers, events and the log', () => {
    const said = [topics.room('home', 'kitchen', 'reply'), topics.room('home', 'kitchen', 'event')];
    expect(published(false)).toEqual([...said, topics.bridgeReply, topics.bridgeLog].map(below).sort());
  });

  it('of commands are those that the bridge reads, each as that command', () => {
    const taken = shippedChannels.filter(({ action }) => action === 'receive');
    const read = taken.map(({ address, isRetained }) => {
      expect(isRetained).toBe(false);
      const topic = address.replace('{household}', 'home').replace('{room}', 'kitchen');
      return topics.read(`sonos/${topic}`);
    });
    const room = { kind: 'room', household: 'home', room: 'kitchen' };
    expect(read).toEqual(
      expect.arrayContaining([
        ...[...readers.keys(), null].map((command) => ({ ...room, command })),
        ...Object.keys(BRIDGE_COMMANDS).map((command) => ({ kind: 'bridge', command })),
      ]),
    );
    expect(read).toHaveLength(readers.size + 1 + Object.keys(BRIDGE_COMMANDS).length);
  });

  it('fit what the bridge draws of a house', () => {
    expect(drawn.size).toBeGreaterThan(50);
    for (const [topic, payload] of drawn) {
      const channel = channelOf(below(topic));
      expect(channel?.isRetained, topic).toBe(true);
      if (channel !== null) expect(payloadFault(channel, payload), topic).toBeNull();
    }
    expect(shippedFault('bridge-state', sampleBridgeState)).toBeNull();
    expect(shippedFault('bridge-presets', samplePresets)).toBeNull();
  });

  it.each([
    ['home', 'household'],
    ['home/favorites', 'favorites'],
    ['home/kitchen', 'room'],
    ['bridge/state', 'bridge-state'],
    ['home/kitchen/state', 'attribute.state'],
    ['home/all/set/volume', 'command.volume'],
    ['home/kitchen/set', 'commands'],
    ['bridge/set/forget', 'bridge-command.forget'],
  ])('of %s has the schema %s', (topic, schema) => {
    expect(channelOf(topic)?.schema).toBe(schema);
  });

  it.each(['home/kitchen/loudness', 'bridge', 'bridge/volume', 'home/kitchen/volume/now', 'bridge/set/fly'])(
    'has none for %s',
    (topic) => {
      expect(channelOf(topic)).toBeNull();
    },
  );
});

const state: Record<string, unknown> = JSON.parse(drawn.get('sonos/home/kitchen') ?? '{}');
const reply = { id: 'a', command: 'volume', room: 'kitchen', status: 'confirmed', elapsed_ms: 3 };
const error = { code: 'timeout', message: 'No answer came.' };
const said = { event_type: 'announcement', id: 'a', status: 'done', priority: 'high', provider: null };

describe('a payload', () => {
  it.each<[schema: string, value: unknown]>([
    ['reply', { ...reply, status: 'failed', error }],
    ['event', { ...said, status: 'failed', error }],
    ['attribute.volume', ''],
    ['attribute.volume', '100'],
    ['attribute.duration', '215.4'],
    ['command.volume', '+5'],
    ['command.volume', { value: 25, id: 'a', expires_at: '2026-11-21T20:00:00+01:00' }],
    ['command.play', 'PRESS'],
    ['command.announce', { text: 'Hello', id: 'a' }],
    ['command.announce', { value: 'Hello', id: 'a' }],
    ['commands', { group: [], volume: 20, play: true, favorite: { value: 'Jazz', action: 'next' }, id: 'a' }],
    ['bridge-log', { level: 'warn', message: 'x', topic: 'y' }],
  ])('fits %s: %j', (schema, value) => {
    expect(shippedFault(schema, value)).toBeNull();
  });

  it.each<[schema: string, value: unknown]>([
    ['availability', 'away'],
    ['room', { ...state, mood: 'good' }],
    ['room', { ...state, volume: 12.5 }],
    ['room', { ...state, volume: 101 }],
    ['room', { ...state, group: { ...Object(state.group), volume: -1 } }],
    ['room', { ...state, source: { ...Object(state.source), kind: 'cassette' } }],
    ['room', { ...state, online: undefined }],
    ['room', { ...state, position: { seconds: 3, at: 'noon' } }],
    ['household', { id: 'x', name: null }],
    ['bridge-state', { ...sampleBridgeState, mqtt_protocol: 3 }],
    ['bridge-state', { ...sampleBridgeState, account: { ...sampleBridgeState.account, login_url: 'here' } }],
    ['reply', { ...reply, status: 'done' }],
    ['reply', { ...reply, status: 'failed' }],
    ['reply', { ...reply, error }],
    ['reply', { ...reply, status: 'failed', error: { ...error, code: 'oops' } }],
    ['event', { event_type: 'party' }],
    ['event', { ...said, status: 'failed' }],
    ['event', { ...said, error }],
    ['bridge-log', { message: 'x' }],
    ['attribute.volume', '101'],
    ['attribute.volume', '05'],
    ['attribute.state', 'stopped'],
    ['attribute.muted', 'yes'],
    ['attribute.members', 'kitchen,'],
    ['attribute.duration', 'long'],
    ['command.volume', '+500'],
    ['command.volume', { value: 25, id: '' }],
    ['command.volume', { value: 25, expires_at: 'soon' }],
    ['command.volume', { volume: 25 }],
    ['command.play', { id: 'x'.repeat(129) }],
    ['command.announce', { text: 'Hello', volum: 5 }],
    ['command.announce', { value: 'Hello', volum: 5 }],
    ['command.favorite', { value: 'Jazz', action: 'later' }],
    ['commands', { volume: 101 }],
    ['commands', { loudness: 5 }],
  ])('does not fit %s: %j', (schema, value) => {
    expect(shippedFault(schema, value)).not.toBeNull();
  });
});

/** What the shape of a payload cannot say: exactly one of text, url and chime; a URL that can be fetched. */
const MORE_THAN_A_SHAPE = ['announce', 'clip', 'stream', 'queue'];

const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.integer({ min: -120, max: 120 }),
  fc.integer({ min: -100_000_000, max: 100_000_000 }).map((thousandths) => thousandths / 1000),
  fc.constantFrom(
    'on',
    'OFF',
    'toggle',
    'all',
    'one',
    '+5',
    '-5',
    '+100',
    '12.0',
    '12.5',
    '100',
    '86400',
    '',
  ),
  fc.stringMatching(/^[+-]?\d{1,6}(\.\d{1,3})?$/),
  fc.string(),
  fc.array(fc.string(), { maxLength: 40 }),
  fc.jsonValue({ maxDepth: 1 }).filter((value) => typeof value !== 'number'),
);
const anyPayload = fc.oneof(
  anyValue,
  fc.record(
    {
      value: anyValue,
      id: fc.oneof(fc.string(), fc.integer()),
      expires_at: fc.constantFrom('2026-11-21T20:00:00Z', '2026-11-21T20:00:00', null),
      action: fc.constantFrom('replace', 'insert', 'never'),
    },
    { requiredKeys: ['value'] },
  ),
);

describe('commands', () => {
  it('have examples, which the schema and the reader take', () => {
    for (const [name, words] of commandWords) {
      const values = exampleValues(words);
      expect(values.length, `${name}: give its schema .meta({ examples: […] })`).toBeGreaterThan(0);
      for (const value of values) {
        expect(shippedFault(`command.${name}`, value), `${name} ${payloadOf(value)}`).toBeNull();
        expect(refusal(name, payloadOf(value)), `${name} ${payloadOf(value)}`).toBeNull();
        const several = { [name]: value };
        expect(shippedFault('commands', several), name).toBeNull();
        expect(readSetPayload(bytes(JSON.stringify(several))).ok).toBe(true);
      }
    }
  });

  it('are read whenever their schema says that they can be', () => {
    let fitting = 0;
    const names = [...readers.keys()].filter((name) => !MORE_THAN_A_SHAPE.includes(name));
    fc.assert(
      fc.property(fc.constantFrom(...names), anyPayload, (name, value) => {
        if (shippedFault(`command.${name}`, value) !== null) return;
        fitting += 1;
        expect(refusal(name, JSON.stringify(value))).toBeNull();
      }),
      { numRuns: 3000 },
    );
    expect(fitting).toBeGreaterThan(300);
  });
});

describe('the pages', () => {
  const page = (name: string) => readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8');

  it('name every command, every error, every attribute, every topic and every event', () => {
    const [commands, all] = [page('commands'), page('topics')];
    const words = [...readers.keys(), ...Object.keys(BRIDGE_COMMANDS), ...errorCodeSchema.options];
    expect(words.filter((word) => !commands.includes(`| \`${word}\` |`))).toEqual([]);
    expect([...attributes.keys()].filter((name) => !all.includes(`| \`${name}\` |`))).toEqual([]);
    expect([...happenings.keys()].filter((name) => !all.includes(`### ${name}\n`))).toEqual([]);
    const ofHouseholds = namespaces.flatMap((row) => Object.keys(row.topics));
    expect(ofHouseholds.filter((name) => !all.includes(`/${name}`.replace(/\/$/, '')))).toEqual([]);
  });

  it('link to files that there are', () => {
    for (const name of ['commands', 'topics']) {
      const links = [...page(name).matchAll(/\]\(([^)#]+)\)/g)].map((match) => match[1] ?? '');
      expect(links.length).toBeGreaterThan(10);
      for (const link of new Set(links)) {
        expect(() => readdirOrFile(link), link).not.toThrow();
      }
    }
  });
});

function readdirOrFile(link: string): void {
  const url = new URL(link, new URL('../../docs/', import.meta.url));
  if (link.includes('.')) readFileSync(url);
  else readdirSync(url);
}
