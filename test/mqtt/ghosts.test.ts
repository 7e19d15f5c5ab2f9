import { describe, expect, it } from 'vitest';
import { ghostFilters, ghostsAmong } from '../../src/mqtt/ghosts.ts';
import { createRenderer } from '../../src/mqtt/render.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { house } from '../support/house.ts';

const topics = topicsOf('sonos');
const kept = (rendering: ReadonlyMap<string, string>) =>
  [...rendering].map(([topic, payload]) => ({ topic, payload }));
const drawn = (...rooms: string[]) => createRenderer(topics).all(house(...rooms.map((room) => [room])));
const device = (topic: string, availability = 'sonos/bridge/availability', name = 'sonos-mqtt-bridge') => ({
  topic: `homeassistant/device/${topic}/config`,
  payload: JSON.stringify({ origin: { name }, availability: [{ topic: availability }], components: {} }),
});
const nothing = (): boolean => false;

describe('among what the broker keeps', () => {
  it('is nothing of a ghost when everybody is known', () => {
    expect(
      ghostsAmong(kept(drawn('Kitchen', 'Den')), topics, [house(['Kitchen'], ['Den'])], nothing),
    ).toEqual([]);
  });

  it('are all topics of a room that nobody knows', () => {
    const home = house(['Kitchen']);
    const ghosts = ghostsAmong(kept(drawn('Kitchen', 'Den')), topics, [home], nothing);
    const den = [...drawn('Den').keys()].filter((topic) => topic.startsWith('sonos/home/den'));
    expect(new Set(ghosts)).toEqual(new Set(den));
    expect(ghosts.length).toBeGreaterThan(15);
  });

  it('are those of a household that nobody knows', () => {
    const other = { ...house(['Kitchen']), alias: 'cabin' };
    const ghosts = ghostsAmong(kept(drawn('Kitchen')), topics, [other], nothing);
    expect(ghosts).toEqual(
      expect.arrayContaining(['sonos/home', 'sonos/home/groups', 'sonos/home/kitchen/volume']),
    );
  });

  it('are devices of Home Assistant that are ours and not wanted', () => {
    const messages = [
      device('sonos_a'),
      device('sonos_b'),
      device('other', 'attic/bridge/availability'),
      device('z2m', 'sonos/bridge/availability', 'Zigbee2MQTT'),
      { topic: 'homeassistant/device/broken/config', payload: '{' },
    ];
    const isWanted = (topic: string): boolean => topic.includes('sonos_b');
    expect(ghostsAmong(messages, topics, [house(['Den'])], isWanted)).toEqual([
      'homeassistant/device/sonos_a/config',
    ]);
  });

  it('is never what others keep there', () => {
    const others = [
      ['sonos/connected', '2'],
      ['sonos/bridge/state', '{"version":"1"}'],
      ['sonos/RINCON_1', '{"uuid":"RINCON_1","name":"Den"}'],
      ['sonos/home/attic', 'text'],
      ['sonos/home/attic', '{"id":"x","name":"y"}'],
      ['sonos/home/attic', '[]'],
      ['sonos/home/favorites', '{"version":"1","items":[]}'],
    ].map(([topic = '', payload = '']) => ({ topic, payload }));
    expect(ghostsAmong(others, topics, [house(['Den'])], nothing)).toEqual([]);
  });

  it('is looked for where rooms, households and devices stand', () => {
    expect(ghostFilters(topics, 'homeassistant')).toEqual([
      'sonos/+',
      'sonos/+/+',
      'homeassistant/device/+/config',
    ]);
  });
});
