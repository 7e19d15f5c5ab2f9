import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parse, type ScalarTag } from 'yaml';
import { z } from 'zod';
import { roomCommands } from '../../src/bridge/namespaces/index.ts';
import { OWN_COMMANDS } from '../../src/bridge/own-commands.ts';
import { readPayload, readSetPayload } from '../../src/bridge/payload.ts';
import type { Raw, Reader } from '../../src/bridge/readers.ts';
import { filesFor, isAsWritten } from '../../src/cli/home-assistant-files/files.ts';
import { houseOf, isWhole } from '../../src/cli/home-assistant-files/house.ts';
import { readPlayMedia } from '../../src/mqtt/media-player/play-media.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { Jinja, jinjaIsInstalled } from '../support/home-assistant/jinja.ts';
import { house } from '../support/house.ts';

const folder = join(import.meta.dirname, '../../examples/home-assistant');

/** `!input doorbell` in a blueprint. */
class Input {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
const inputTag: ScalarTag = { tag: '!input', resolve: (name: string) => new Input(name) };
const read = (text: string): unknown => parse(text, { customTags: [inputTag], strict: true });

const shipped = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml'))
    .map((path) => [path, readFileSync(join(folder, path), 'utf8')]),
);

const json = JSON.stringify;
/** Two households with everything that could go wrong in a name. */
const odd = new Map([
  ['haus/sonos/home', json({ id: 'a', name: 'Home: "sweet" # {{ 1/0 }}', rooms: ['k-che', 'den'] })],
  ['haus/sonos/home/k-che', json({ id: 'RINCON_1', name: 'Kü"che\n: - {% x', capabilities: ['audio_clip'] })],
  ['haus/sonos/home/den', json({ id: 'RINCON_2', name: '', capabilities: [] })],
  [
    'haus/sonos/home/favorites',
    json({ items: [{ name: 'A "b": c' }, { name: '- [x]' }, { name: '- [x]' }] }),
  ],
  ['haus/sonos/home/playlists', json({ items: [] })],
  ['haus/sonos/home-2', json({ id: 'b', name: null, rooms: ['den', 'gone'] })],
  ['haus/sonos/home-2/den', json({ id: 'RINCON_3', name: 'Den', capabilities: null })],
  ['haus/sonos/bridge', json({ id: 'c', name: 'no household', rooms: [] })],
  ['haus/sonos/home/k-che/volume', '12'],
]);
const oddFiles = filesFor(houseOf('haus/sonos', odd));

const both = [...[...shipped].map(([path, text]) => [`shipped ${path}`, text] as const), ...oddFiles];
const generated = both.filter(([path]) => !path.includes('announcements.yaml'));

/** Every text in a document, with where it stands. */
function* textsIn(value: unknown, where = ''): Generator<readonly [string, string]> {
  if (typeof value === 'string') yield [where, value];
  else if (typeof value === 'object' && value !== null && !(value instanceof Input))
    for (const [key, inner] of Object.entries(value)) yield* textsIn(inner, `${where}/${key}`);
}

/** Every object in a document. */
function* objectsIn(value: unknown): Generator<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || value instanceof Input) return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const inner of Object.values(value)) yield* objectsIn(inner);
}

const READERS = new Map<string, Reader<unknown>>([
  ...[...roomCommands].map(([name, { value }]) => [name, value] as const),
  ...Object.entries(OWN_COMMANDS).map(([name, { value }]) => [name, value as Reader<unknown>] as const),
]);

/** Why the bridge would refuse a message; null when it would not. */
function refusal(base: string, topic: string, payload: string): string | null {
  const address = topicsOf(base).read(topic);
  if (address?.kind !== 'room') return `${topic} is no command`;
  const bytes = new TextEncoder().encode(payload);
  const of = (command: string, raw: Raw): string | null => {
    const value = READERS.get(command)?.read(raw);
    return value === undefined ? `no command ${command}` : value.ok ? null : value.error.message;
  };
  if (address.command === null) {
    const several = readSetPayload(bytes);
    if (!several.ok) return several.error;
    return (
      several.value.commands.map(({ command, raw }) => of(command, raw)).find((each) => each !== null) ?? null
    );
  }
  const one = readPayload(bytes);
  return one.ok ? of(address.command, one.value.raw) : one.error;
}

const published = z.object({ topic: z.string(), payload: z.string() });
/** What a document publishes, as it stands there. */
const publishesIn = (text: string) =>
  [...objectsIn(read(text))]
    .filter(({ action }) => action === 'mqtt.publish')
    .map(({ data }) => published.parse(data));

const scriptOf = (text: string, id: string): string => {
  const all = z.object({ script: z.record(z.string(), z.unknown()) }).parse(read(text)).script;
  return json(all[id]);
};

const jinja = jinjaIsInstalled ? new Jinja() : null;
afterAll(() => jinja?.stop());

async function rendered(template: string, variables: Record<string, unknown> = {}): Promise<string> {
  const [outcome] = (await jinja?.renderAll([{ template, value: '', as: 'command', variables }])) ?? [];
  expect(outcome?.fault, template).toBeNull();
  return outcome?.text ?? '';
}

describe('the files for Home Assistant', () => {
  it('are there, and are YAML, whatever rooms and favorites are called', () => {
    expect(shipped.size).toBe(7);
    expect(oddFiles.size).toBe(6);
    for (const [path, text] of both) expect(read(text), path).toBeTypeOf('object');
    for (const [path, text] of generated) expect(isAsWritten(text), path).toBe(true);
    const names = [...textsIn(read(oddFiles.get('scripts.yaml') ?? ''))].map(([, text]) => text);
    expect(names).toEqual(expect.arrayContaining(['A "b": c', '- [x]', 'Kü"che : - {% x', 'den']));
    expect(names.filter((name) => name === '- [x]')).toHaveLength(1);
  });

  it('keep two households apart, and leave out what a room or household does not have', () => {
    const scripts = z
      .object({ script: z.record(z.string(), z.unknown()) })
      .parse(read(oddFiles.get('scripts.yaml') ?? '')).script;
    expect(Object.keys(scripts)).toEqual([
      'haus_sonos_announce_rooms',
      'haus_sonos_group_rooms',
      'haus_sonos_play_favorite',
      'haus_sonos_play_media',
      'haus_sonos_home_2_group_rooms',
      'haus_sonos_home_2_play_media',
    ]);
    const players = oddFiles.get('media-players.yaml') ?? '';
    expect(players.match(/media_player\.haus_sonos_(home_2_)?\w+_player:/g)).toEqual([
      'media_player.haus_sonos_k_che_player:',
      'media_player.haus_sonos_den_player:',
      'media_player.haus_sonos_home_2_den_player:',
    ]);
    expect(players.match(/select_source/g)).toHaveLength(2);
    expect(oddFiles.get('dashboard.yaml')).not.toContain('text.haus_sonos_den_say');
  });

  it('are only made of a whole house: a room that is named but has not come is waited for', () => {
    expect(isWhole('haus/sonos', odd)).toBe(false);
    const whole = new Map([
      ...odd,
      ...['gone', 'favorites', 'playlists'].map((part) => [`haus/sonos/home-2/${part}`, '{}'] as const),
    ]);
    expect(isWhole('haus/sonos', whole)).toBe(true);
    expect(isWhole('haus/sonos', new Map())).toBe(false);
  });

  it('do to entities what their domains can do, and call scripts that there are', () => {
    const scripts = Object.keys(
      z.object({ script: z.record(z.string(), z.unknown()) }).parse(read(shipped.get('scripts.yaml') ?? ''))
        .script,
    );
    const seen = new Set<string>();
    for (const [path, text] of generated)
      for (const { action, target } of objectsIn(read(text))) {
        // On a card it is one word.
        if (typeof action !== 'string' || !action.includes('.')) continue;
        const [domain = '', verb = ''] = action.split('.', 2);
        seen.add(`${domain}.${verb.split('{')[0]}`);
        if (domain === 'script' && path.startsWith('shipped')) expect(scripts).toContain(verb);
        const entity = (target as { entity_id?: unknown } | undefined)?.entity_id;
        if (typeof entity === 'string' && !entity.includes('{')) expect(entity, path).toMatch(`${domain}.`);
      }
    expect([...seen].sort()).toEqual([
      'button.press',
      ...['mqtt.publish', 'number.set_value', 'script.haus_sonos_home_2_play_media'],
      ...['script.haus_sonos_play_media', 'script.sonos_play_media', 'select.select_option', 'switch.turn_'],
    ]);
  });

  it('show cards that every Home Assistant has', () => {
    const types = [...objectsIn(read(shipped.get('dashboard.yaml') ?? ''))].flatMap(({ type }) => type ?? []);
    expect([...new Set(types)].sort()).toEqual([
      ...['conditional', 'entities', 'grid', 'horizontal-stack', 'media-control', 'numeric-input'],
      ...['picture-entity', 'tile', 'vertical-stack'],
    ]);
  });

  it('are blueprints whose inputs are all declared, named, and used', () => {
    const blueprints = [...shipped].filter(([path]) => path.startsWith('blueprints/'));
    expect(blueprints).toHaveLength(3);
    for (const [path, text] of blueprints) {
      const { blueprint, ...automation } = z
        .looseObject({
          blueprint: z.object({
            name: z.string(),
            description: z.string(),
            domain: z.literal('automation'),
            author: z.string(),
            input: z.record(
              z.string(),
              z.looseObject({ name: z.string(), selector: z.record(z.string(), z.any()) }),
            ),
          }),
        })
        .parse(read(text));
      const used = new Set<string>();
      const look = (value: unknown): void => {
        if (value instanceof Input) used.add(value.name);
        else if (typeof value === 'object' && value !== null) Object.values(value).forEach(look);
      };
      look(automation);
      expect([...used].sort(), path).toEqual(Object.keys(blueprint.input).sort());
      expect(Object.keys(automation)).toEqual(
        expect.arrayContaining(['triggers', 'conditions', 'actions', 'mode']),
      );
    }
  });
});

describe.skipIf(!jinjaIsInstalled)('the templates in the files for Home Assistant', () => {
  it('compile, and no other text looks like one', async () => {
    const all = generated.flatMap(([path, text]) =>
      [...textsIn(read(text))]
        .filter(([, each]) => /\{\{|\{%/.test(each))
        .map(([where, template]) => ({ where: `${path}${where}`, template })),
    );
    const inNames = /\/(friendly_name|title|label|alias)$/;
    const templates = all.filter(({ where }) => !inNames.test(where));
    expect(templates.length).toBeGreaterThan(60);
    const outcomes =
      (await jinja?.renderAll(templates.map(({ template }) => ({ template, value: '', as: 'command' })))) ??
      [];
    const broken = outcomes.flatMap(({ fault }, at) =>
      fault?.startsWith('does not compile') ? [`${templates[at]?.where}: ${fault}`] : [],
    );
    expect(broken).toEqual([]);
  });

  it.each([
    [
      'announce_rooms',
      { message: 'Dinner' },
      'all/set/announce',
      { text: 'Dinner', rooms: [], priority: 'normal' },
    ],
    [
      'announce_rooms',
      { message: 12, rooms: ['kitchen', 'office'], volume: 30, chime: 'gong', urgent: true },
      'kitchen/set/announce',
      { text: '12', rooms: ['office'], priority: 'high', volume: 30, before: 'gong' },
    ],
    [
      'announce_rooms',
      { message: 'x', rooms: 'den' },
      'den/set/announce',
      { text: 'x', rooms: [], priority: 'normal' },
    ],
    ['group_rooms', { room: 'kitchen', others: ['office'] }, 'kitchen/set/group', { value: ['office'] }],
    ['group_rooms', { room: 'kitchen' }, 'kitchen/set/group', { value: [] }],
    ['play_favorite', { room: 'kitchen', favorite: 7 }, 'kitchen/set', { favorite: { value: '7' } }],
    [
      'play_favorite',
      { room: 'kitchen', favorite: 'Jazz', volume: 20.0, shuffle: false },
      'kitchen/set',
      { volume: 20, favorite: { value: 'Jazz', shuffle: false } },
    ],
  ])('make of script %s with %j what the bridge reads', async (id, variables, topic, payload) => {
    const [message, ...others] = publishesIn(scriptOf(shipped.get('scripts.yaml') ?? '', `sonos_${id}`));
    expect(others).toEqual([]);
    const to = await rendered(message?.topic ?? '', variables);
    const said = await rendered(message?.payload ?? '', variables);
    expect(to).toBe(`sonos/home/${topic}`);
    expect(JSON.parse(said)).toEqual(payload);
    expect(refusal('sonos', to, said)).toBeNull();
  });

  it.each([
    ['music', 'http://ha.local:8123/api/tts_proxy/a.mp3'],
    ['audio/mpeg', 'HTTPS://radio.example/live'],
    ['playlist', 'Weekend "mix"'],
    ['music', 'Jazz'],
    ['', '1984'],
  ])('play media %j %j as the door for media players does', async (type, id) => {
    const [message] = publishesIn(scriptOf(shipped.get('scripts.yaml') ?? '', 'sonos_play_media'));
    const variables = { room: 'kitchen', media_content_type: type, media_content_id: id };
    const said = await rendered(message?.payload ?? '', variables);
    expect(refusal('sonos', 'sonos/home/kitchen/set', said)).toBeNull();
    const meant = readPlayMedia(json({ media_type: type, media_id: id }), house(['Kitchen']));
    if (!meant.ok) throw new Error(meant.error.message);
    const { command, payload } = meant.value;
    expect(JSON.parse(said)).toEqual({ [command]: 'value' in payload ? payload.value : payload });
  });

  it('stop at media that only Home Assistant can open', async () => {
    const script = JSON.parse(scriptOf(shipped.get('scripts.yaml') ?? '', 'sonos_play_media'));
    const [{ if: condition }] = script.sequence;
    expect(await rendered(condition, { media_content_id: 'media-source://tts/x?message=hi' })).toBe('True');
    expect(await rendered(condition, { media_content_id: 12 })).toBe('False');
  });

  it('send volumes, steps and switches from a media player as Home Assistant takes them', async () => {
    const { media_player: players } = z
      .object({ media_player: z.array(z.object({ commands: z.record(z.string(), z.any()) })) })
      .parse(read(shipped.get('media-players.yaml') ?? ''));
    const { volume_set, volume_mute, shuffle_set } = players[0]?.commands ?? {};
    expect(await rendered(volume_set.data.value, { volume_level: 0.29 })).toBe('29');
    expect(await rendered(volume_mute.action, { is_volume_muted: true })).toBe('switch.turn_on');
    expect(await rendered(shuffle_set.action, { shuffle: false })).toBe('switch.turn_off');
    const steps = publishesIn(shipped.get('media-players.yaml') ?? '');
    expect(steps).toHaveLength(12);
    for (const { topic, payload } of steps) expect(refusal('sonos', topic, payload), topic).toBeNull();
  });

  it.each([
    ['', { chime: 'doorbell' }],
    ['Somebody is at the door', { text: 'Somebody is at the door', before: 'doorbell' }],
  ])('ring at the doorbell, with the message %j, before half a minute is over', async (message, what) => {
    const text = shipped.get('blueprints/automation/sonos-mqtt-bridge/doorbell-to-all-rooms.yaml') ?? '';
    const [{ topic, payload } = { topic: '', payload: '' }] = publishesIn(text);
    const later = '(now() + timedelta(seconds=30)).isoformat()';
    expect(payload).toContain(later);
    // As Python writes it.
    const template = payload.replace(later, '"2026-11-21T20:00:30.123456+01:00"');
    const variables = { topic: 'sonos/home', message, chime: 'doorbell', volume: 40.0 };
    const said = await rendered(template, variables);
    const to = await rendered(topic, variables);
    expect(JSON.parse(said)).toMatchObject({ ...what, priority: 'high', volume: 40 });
    expect(refusal('sonos', to, said)).toBeNull();
  });

  it('make the morning louder from the softest to the loudest volume, and no further', async () => {
    const text = shipped.get('blueprints/automation/sonos-mqtt-bridge/morning-radio.yaml') ?? '';
    const { actions } = z.object({ actions: z.array(z.any()) }).parse(read(text));
    const bounds = { softest: 5, loudest: 20, minutes: 10 };
    const steps = Number(await rendered(actions[0].variables.steps, bounds));
    expect(steps).toBe(15);
    const values = [...objectsIn(actions.at(-1))].flatMap(({ action, data }) =>
      action === 'number.set_value' ? [z.object({ value: z.string() }).parse(data).value] : [],
    );
    const at = async (index: number) =>
      Number(await rendered(values[0] ?? '', { ...bounds, steps, repeat: { index } }));
    expect([await at(1), await at(8), await at(15)]).toEqual([6, 13, 20]);
  });
});
