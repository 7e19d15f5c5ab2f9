import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { homeAssistant } from '../../src/cli/home-assistant.ts';
import { filesFor } from '../../src/cli/home-assistant-files/files.ts';
import { houseOf } from '../../src/cli/home-assistant-files/house.ts';
import { createDiscovery } from '../../src/mqtt/discovery/discovery.ts';
import { identityOf } from '../../src/mqtt/discovery/identity.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { freePort } from '../support/ports.ts';
import { createPerson, eventually, type House, openHouse } from './house.ts';

const examples = join(import.meta.dirname, '../../examples/home-assistant');

let house: House;
let folder: string;
/** What discovery tells Home Assistant, by topic. */
let discovered: ReadonlyMap<string, string>;

beforeAll(async () => {
  house = await openHouse();
  folder = await mkdtemp(join(tmpdir(), 'home-assistant-'));
  await house.settings({ sonos: { requests_per_second: 80, requests_per_minute: 1000 } });
  await house.link();
  const { bridge } = await house.start();
  const topics = topicsOf('sonos');
  const discovery = createDiscovery({
    ...{ topics, version: '1', chimes: ['chime'], prefix: 'homeassistant', known: new Map() },
    identity: identityOf('sonos'),
  });
  const draw = () => bridge.households.flatMap((household) => [...discovery.draw(household)]);
  // Favorites and playlists are read last.
  const isWhole = () =>
    draw().filter(([, text]) => text.includes('_favorite"') && text.includes('_playlist"')).length === 6;
  await eventually(isWhole, () => JSON.stringify(bridge.status()));
  discovered = new Map(draw());
}, 30_000);
afterAll(async () => {
  await house?.close();
  await rm(folder, { recursive: true, force: true });
});

const write = (...flags: readonly string[]) =>
  house.run(homeAssistant, { flags: ['--out', folder, ...flags] });

/** Every file below a folder, by its path. */
async function filesIn(root: string): Promise<Map<string, string>> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const texts = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
  return new Map(paths.map((path, at) => [path.slice(root.length + 1), texts[at] ?? '']));
}

/** Entity ids, as far as they begin like ours. */
const entitiesIn = (text: string): string[] => [
  ...new Set(text.match(/\b[a-z_]+\.sonos_[a-z0-9_]+(?=[^a-z0-9_/]|$)/g) ?? []),
];

describe('the files for Home Assistant', () => {
  it('are written for the rooms that the broker knows, and the next steps are told', async () => {
    const { code, told } = await write();
    expect(told()).toContain('media-players.yaml: written');
    expect(told()).toContain('configuration.yaml');
    expect(code).toBe(0);
    const files = await filesIn(folder);
    expect([...files.keys()].sort()).toEqual([
      'blueprints/automation/sonos-mqtt-bridge/doorbell-to-all-rooms.yaml',
      'blueprints/automation/sonos-mqtt-bridge/morning-radio.yaml',
      'blueprints/automation/sonos-mqtt-bridge/quiet-at-night.yaml',
      ...['dashboard.yaml', 'media-players.yaml', 'scripts.yaml'],
    ]);
    expect(files.get('media-players.yaml')?.match(/platform: universal/g)).toHaveLength(6);
  });

  it('are those that the examples show for the simulated household', async () => {
    const files = await filesIn(folder);
    for (const [path, text] of files) {
      if (process.env.UPDATE_GENERATED === '1') await writeFile(join(examples, path), text);
      const shown = await readFile(join(examples, path), 'utf8').catch(() => null);
      const advice = `run UPDATE_GENERATED=1 npx vitest run test/cli/home-assistant.test.ts and look at the difference`;
      expect(shown === text, `examples/home-assistant/${path} is out of date: ${advice}`).toBe(true);
    }
  });

  it('name no entity that discovery does not make', async () => {
    const made = [...discovered.values()].flatMap((text) => [
      ...text.matchAll(/"default_entity_id":"([^"]+)"/g),
    ]);
    const files = await filesIn(folder);
    const players = files.get('media-players.yaml') ?? '';
    const known = new Set([
      ...made.map(([, id = '']) => id),
      ...[...players.matchAll(/^ {4}name: (\S+)$/gm)].map(([, id]) => `media_player.${id}`),
      ...[...(files.get('scripts.yaml') ?? '').matchAll(/^ {2}(\w+):$/gm)].map(([, id]) => `script.${id}`),
    ]);
    expect(known.size).toBeGreaterThan(200);
    for (const [path, text] of files) {
      const used = entitiesIn(text);
      if (/players|dashboard/.test(path)) expect(used.length, path).toBeGreaterThan(3);
      expect(
        used.filter((id) => !known.has(id)),
        path,
      ).toEqual([]);
    }
    // The players, and nothing else, are entities that discovery could not know.
    expect(entitiesIn(players).filter((id) => id.startsWith('media_player.'))).toHaveLength(6);
  });

  it('use attributes of the state sensor that it has', async () => {
    const players = await readFile(join(folder, 'media-players.yaml'), 'utf8');
    const used = [...players.matchAll(/sensor\.\w+_state\|(\w+)/g)].map(([, name = '']) => name);
    expect(new Set(used)).toEqual(
      new Set(['volume_level', 'is_volume_muted', 'shuffle', 'repeat', 'source']),
    );
    const kitchen =
      [...discovered.values()].find((text) => text.includes('sensor.sonos_kitchen_state')) ?? '{}';
    const { json_attributes_template: template } = JSON.parse(kitchen).components.state;
    for (const name of used) expect(template).toContain(`"${name}":`);
  });

  it('stay as they are when nothing changed; a word says so when their entities are switched off', async () => {
    const before = await filesIn(folder);
    const { code, told } = await write('--home_assistant.discovery', 'false');
    expect(code).toBe(0);
    expect(told()).toContain('home_assistant.discovery is off');
    expect(told().match(/as it was/g)).toHaveLength(before.size);
    expect(await filesIn(folder)).toEqual(before);
  });

  it('never take the place of one that somebody changed', async () => {
    const path = join(folder, 'scripts.yaml');
    const before = await readFile(path, 'utf8');
    const mine = before.replace('Say something in some rooms', 'Mine');
    await writeFile(path, mine);
    const first = await write();
    expect(first.told()).toContain('scripts.yaml: yours, left alone; the new one is beside it as .new');
    expect(await readFile(path, 'utf8')).toBe(mine);
    expect(await readFile(`${path}.new`, 'utf8')).toBe(before);
    await writeFile(`${path}.new`, 'mine too');
    const second = await write();
    expect(second.told()).toContain('scripts.yaml: yours, left alone, and so is the .new beside it');
    expect(await readFile(`${path}.new`, 'utf8')).toBe('mine too');
    await rm(`${path}.new`);
    await writeFile(path, before);
  });

  it('are made anew when the house changed and nobody touched them', async () => {
    const path = join(folder, 'dashboard.yaml');
    const before = await readFile(path, 'utf8');
    const texts = new Map([
      ['sonos/home', '{"id":"h","name":"Home","rooms":["attic"]}'],
      ['sonos/home/attic', '{"id":"RINCON_1","name":"Attic","capabilities":[]}'],
    ]);
    await writeFile(path, filesFor(houseOf('sonos', texts)).get('dashboard.yaml') ?? '');
    expect((await write()).told()).toContain('dashboard.yaml: written');
    expect(await readFile(path, 'utf8')).toBe(before);
  });

  it.each([
    [['--out'], 2, '--out wants a folder'],
    [['--out='], 2, '--out wants a folder'],
    [['--out', '/dev/null/files'], 1, 'Give another folder with --out'],
    [['--out', '/tmp', '--mqtt.base_topic', 'elsewhere'], 1, 'Nothing is kept under elsewhere/'],
    [['--no-such-setting', '1'], 2, 'no-such-setting'],
  ])(
    '%j is told what is wrong',
    async (flags, code, words) => {
      const person = await house.run(homeAssistant, { flags });
      expect(person.complaints()).toContain(words);
      expect(person.code).toBe(code);
    },
    15_000,
  );

  it('need the bridge to run when the broker is its own', async () => {
    const person = createPerson({
      argv: ['--broker.port', String(await freePort()), '--data_dir', folder, '--out', folder],
      cwd: folder,
    });
    expect(await homeAssistant(person.context)).toBe(1);
    expect(person.complaints()).toContain('start it first');
  });
});
