import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Plan } from '../../src/bridge/command-spec.ts';
import { roomCommands } from '../../src/bridge/namespaces/index.ts';
import type { Household } from '../../src/bridge/state.ts';
import { readable, wanted } from '../../src/bridge/wanted.ts';
import { command, house, readBy, seat, withEvent } from '../support/house.ts';

const template = z.strictObject({
  method: z.enum(['GET', 'POST', 'DELETE']),
  path: z.string(),
  /** The fields that a body may have. */
  body: z.array(z.string()).default([]),
  /** Those that it must have. */
  required: z.array(z.string()).default([]),
  /** False for what is not meant for third parties. */
  public: z.boolean().default(true),
});

const file = new URL('../fixtures/control-api-paths.json', import.meta.url);
const templates = z.array(template).parse(JSON.parse(readFileSync(file, 'utf8')));

/** Ids as they stand in a path: percent-encoded. */
const IDS: Readonly<Record<string, string>> = {
  household: 'Sonos_[A-Za-z0-9_.-]+',
  group: 'RINCON_[0-9A-F]{12}01400%3A\\d+',
  player: 'RINCON_[0-9A-F]{12}01400',
  session: 'RINCON_[0-9A-F]{12}01400%3A\\d+%40\\d+',
  clip: '[A-Za-z0-9-]+',
  playlist: '[A-Za-z0-9-]+',
};

const pattern = (path: string): RegExp =>
  new RegExp(`^${path.replace(/\{(\w+)\}/g, (_whole, kind: string) => IDS[kind] ?? 'no such id')}$`);

const known = templates
  .filter((each) => each.public)
  .map((each) => ({ ...each, pattern: pattern(each.path) }));

const templateOf = (method: string, path: string) =>
  known.find((each) => each.method === method && each.pattern.test(path));

const quiet = house(
  ['Kitchen', 'Bath'],
  ['Den'],
  [{ name: 'Amp', capabilities: ['PLAYBACK', 'LINE_IN', 'HT_PLAYBACK', 'HT_POWER_STATE'] }],
);
const home = (
  [
    ['favorites', 'favoritesList', { version: '1', items: [{ id: '25', name: 'Jazz' }] }],
    ['playlists', 'playlistsList', { version: '1', playlists: [{ id: '6', name: 'Jazz' }] }],
  ] as const
).reduce<Household>((each, [namespace, type, body]) => withEvent(each, 'Den', namespace, type, body), quiet);

const PAYLOADS = [
  '',
  'PRESS',
  '0',
  '25',
  '12.5',
  '+5',
  '-5',
  'on',
  'off',
  'toggle',
  'all',
  'one',
  'jazz',
  '{"value": "Jazz", "action": "append", "play": false, "shuffle": true, "repeat": "one", "crossfade": false}',
  '{"value": 25, "action": "next"}',
  'den',
  'amp',
  'kitchen',
  '["den", "amp"]',
  '[]',
  'http://nas/a.mp3',
  '{"type": "chime", "volume": 20, "priority": "high"}',
  '{"url": "https://nas/a.mp3", "name": "Bell", "type": "custom"}',
];

/** The calls that a payload becomes in every room of the house. */
function plans(name: string, payload: string): Plan[] {
  const value = readBy(name, payload);
  if (!value.ok) return [];
  return ['Kitchen', 'Bath', 'Den', 'Amp'].flatMap((room) => {
    const plan = command(name).plan(value.value, seat(home, room));
    return plan.ok && plan.value !== null ? plan.value : [];
  });
}

function check({ method, path, body = {} }: Plan): void {
  const found = templateOf(method, path);
  expect(found, `${method} ${path} is none of the Control API`).toBeDefined();
  const fields = Object.keys(body);
  expect(found?.body, `${method} ${path} takes other fields`).toEqual(expect.arrayContaining(fields));
  expect(fields, `${method} ${path} needs more fields`).toEqual(
    expect.arrayContaining(found?.required ?? []),
  );
}

describe('the list of the Control API', () => {
  it('has every call once, and only kinds of ids that there are', () => {
    const calls = templates.map(({ method, path }) => `${method} ${path}`);
    expect(new Set(calls).size).toBe(calls.length);
    expect(calls.length).toBe(73);
    const kinds = templates.flatMap(({ path }) =>
      [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? ''),
    );
    expect(new Set(kinds)).toEqual(new Set(Object.keys(IDS)));
  });

  it('does not take anything for one of its calls', () => {
    expect(templateOf('POST', '/groups/RINCON_A0B0C000222201400%3A1/playback/play')).toBeDefined();
    expect(templateOf('GET', '/groups/RINCON_A0B0C000222201400%3A1/playback/play')).toBeUndefined();
    expect(templateOf('POST', '/groups/RINCON_A0B0C000222201400:1/playback/play')).toBeUndefined();
    expect(templateOf('POST', '/groups/RINCON_A0B0C000222201400%3A1/playback/stop')).toBeUndefined();
    expect(templateOf('POST', '/groups/RINCON_A0B0C000222201400%3A1/playback/content')).toBeUndefined();
  });
});

describe('every path that the table can produce', () => {
  it('to read is one of the Control API', () => {
    const reads = ['/households', ...readable(home).map(({ path }) => path)];
    expect(reads.length).toBeGreaterThan(10);
    for (const path of reads) check({ method: 'GET', path });
  });

  it('to subscribe and to unsubscribe is one of the Control API', () => {
    const { subscriptions } = wanted(home);
    expect(subscriptions.length).toBeGreaterThan(10);
    for (const { path } of subscriptions) {
      check({ method: 'POST', path });
      check({ method: 'DELETE', path });
    }
  });

  it.each([...roomCommands.keys()])('for the command %s is one of the Control API', (name) => {
    const made = PAYLOADS.flatMap((payload) => plans(name, payload));
    expect(made.length).toBeGreaterThan(0);
    made.forEach(check);
  });

  it('is one of the Control API for whatever else is sent', () => {
    const object = fc.record(
      {
        value: fc.oneof(fc.jsonValue(), fc.constantFrom('Jazz', 'den', '+3', 7)),
        url: fc.webUrl(),
        volume: fc.nat(120),
        action: fc.constantFrom('append', 'x'),
        play: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const payload = fc.oneof(
      fc.string(),
      fc.constantFrom(...PAYLOADS),
      object.map((each) => JSON.stringify(each)),
    );
    fc.assert(
      fc.property(fc.constantFrom(...roomCommands.keys()), payload, (name, text) => {
        plans(name, text).forEach(check);
      }),
      { numRuns: 500 },
    );
  });
});
