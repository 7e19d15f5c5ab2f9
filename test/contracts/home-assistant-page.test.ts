import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { roomPicture } from '../../src/bridge/room-picture.ts';
import type { Household } from '../../src/bridge/state.ts';
import { bridgeDevice, type Device, roomDevice } from '../../src/mqtt/discovery/device.ts';
import { identityOf } from '../../src/mqtt/discovery/identity.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { house, idOf, withEvent } from '../support/house.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/home-assistant.md'), 'utf8');

const options = {
  topics: topicsOf('sonos'),
  identity: identityOf('sonos'),
  version: '1.0.0',
  chimes: ['doorbell'],
};

/** A speaker that can do everything that entities are made for. */
const ALL = ['PLAYBACK', 'AUDIO_CLIP', 'HT_PLAYBACK', 'HT_POWER_STATE', 'LINE_IN', 'FIXED_VOLUME', 'AIRPLAY'];
const home = (
  [
    ['favorites', 'favoritesList', { version: '1', items: [{ id: '25', name: 'Jazz' }] }],
    ['playlists', 'playlistsList', { version: '1', playlists: [{ id: '6', name: 'Dinner' }] }],
  ] as const
).reduce<Household>(
  (each, [namespace, type, body]) => withEvent(each, 'Bath', namespace, type, body),
  house([{ name: 'Kitchen', capabilities: ALL }, 'Bath']),
);

function kitchen(): Device {
  const room = home.rooms.get(idOf('Kitchen'));
  const picture = room === undefined ? null : roomPicture(home, room);
  if (room === undefined || picture === null) throw new Error('There is no kitchen.');
  return roomDevice(options, home, room, picture);
}

/** The entities of the devices as they are: `Volume = number.sonos_kitchen_volume`, and device triggers by their step. */
const real = [kitchen(), bridgeDevice(options)].flatMap(({ components }) => Object.values(components));
const entities = real
  .filter(({ platform }) => platform !== 'device_automation')
  .map(({ name, default_entity_id }) => `${String(name)} = ${String(default_entity_id)}`);

/** The entities that the page's tables list: names and ids stand in the same order. */
const listed = [...page.matchAll(/^\| ([^`|]+) \| (`[^|]+`) \|/gm)].flatMap(([, names = '', ids = '']) =>
  ids.split(', ').map((id, at) => `${names.split(', ')[at]} = ${id.replaceAll('`', '')}`),
);

describe('the page about Home Assistant', () => {
  it('lists every entity that discovery makes, by its name and id, and no other', () => {
    expect(listed.length).toBeGreaterThan(40);
    expect([...listed].sort()).toEqual([...entities].sort());
  });

  it('names in its examples no entity of ours that there is not', () => {
    const named = [...page.matchAll(/\b[a-z_]+\.sonos_(?:kitchen|bridge)_\w+/g)].map(([id]) => id);
    const known = new Set(entities.map((each) => each.split(' = ')[1]));
    expect(named.length).toBeGreaterThan(listed.length);
    expect(named.filter((id) => !known.has(id))).toEqual([]);
  });

  it('names every device trigger', () => {
    const triggers = real.filter(({ platform }) => platform === 'device_automation');
    expect(triggers.length).toBeGreaterThan(3);
    const words = page.replaceAll(/\s+/g, ' ');
    const missing = triggers.filter(({ type }) => !words.includes(`*${String(type).replaceAll('_', ' ')}*`));
    expect(missing).toEqual([]);
  });

  it('has examples that are YAML', () => {
    const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
    expect(blocks.length).toBeGreaterThan(7);
    for (const block of blocks) expect(parse(block), block).toBeTypeOf('object');
  });
});
