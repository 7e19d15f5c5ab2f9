import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { attributes, namespaces } from '../../src/bridge/namespaces/index.ts';
import { covers } from '../../src/mqtt/broker-access.ts';
import { createRenderer } from '../../src/mqtt/render.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { house, withEvent } from '../support/house.ts';

const level = fc.stringMatching(/^[a-z0-9-]{1,12}$/);
const base = fc.constantFrom('sonos', 'house/first floor/sonos', 'set', 'bridge', 'sonos/bridge');

describe('the topics of a base topic', () => {
  it('are those of the contract', () => {
    const topics = topicsOf('sonos');
    expect(topics).toMatchObject({
      base: 'sonos',
      availability: 'sonos/bridge/availability',
      bridgeState: 'sonos/bridge/state',
      bridgePresets: 'sonos/bridge/presets',
      bridgeLog: 'sonos/bridge/log',
      bridgeReply: 'sonos/bridge/reply',
    });
    expect(topics.household('home')).toBe('sonos/home');
    expect(topics.household('home', 'favorites')).toBe('sonos/home/favorites');
    expect(topics.room('home', 'kitchen')).toBe('sonos/home/kitchen');
    expect(topics.room('home', 'kitchen', 'volume')).toBe('sonos/home/kitchen/volume');
    expect(topicsOf('a/b').room('home', 'kitchen', 'reply')).toBe('a/b/home/kitchen/reply');
  });

  it('are read back to what they address, below any base topic', () => {
    fc.assert(
      fc.property(base, level, level, level, (below, household, room, command) => {
        fc.pre(household !== 'bridge');
        const topics = topicsOf(below);
        const several = { kind: 'room', household, room, command: null };
        expect(topics.read(`${below}/${household}/${room}/set`)).toEqual(several);
        expect(topics.read(`${below}/${household}/${room}/set/${command}`)).toEqual({ ...several, command });
        expect(topics.read(`${below}/bridge/set/${command}`)).toEqual({ kind: 'bridge', command });
      }),
    );
  });

  it.each([
    'sonos',
    'sonos/',
    'sonos/home',
    'sonos/home/kitchen',
    'sonos/home/kitchen/volume',
    'sonos/home/kitchen/get/volume',
    'sonos/home/kitchen/set/volume/now',
    'sonos/home/set/volume',
    'sonos/bridge/set',
    'sonos/bridge/set/forget/kitchen',
    'sonos/bridge/kitchen/set/volume',
    'sonos/bridge/kitchen/set',
    'sonosx/home/kitchen/set/volume',
    'other/home/kitchen/set/volume',
    'Sonos/home/kitchen/set/volume',
    '',
  ])('do not address anything with %j', (topic) => {
    expect(topicsOf('sonos').read(topic)).toBeNull();
  });

  it('are subscribed to by filters of which exactly one matches each command, and none anything retained', () => {
    fc.assert(
      fc.property(base, level, level, level, (below, household, room, command) => {
        const topics = topicsOf(below);
        const matching = (topic: string): number =>
          topics.commandFilters.filter((filter) => covers(filter, topic)).length;
        fc.pre(household !== 'bridge' && room !== 'set');
        expect(matching(`${below}/bridge/set/${command}`)).toBe(1);
        expect(matching(`${below}/${household}/${room}/set`)).toBe(1);
        expect(matching(`${below}/${household}/${room}/set/${command}`)).toBe(1);
        const retained = [
          topics.availability,
          topics.bridgeState,
          ...topics.retainedBelow(household),
          ...topics.retainedBelow(`${household}/${room}`),
        ];
        expect(retained.filter((topic) => matching(topic) > 0)).toEqual([]);
        const passing = [topics.bridgeLog, topics.bridgeReply, topics.room(household, room, 'reply')];
        expect(passing.filter((topic) => matching(topic) > 0)).toEqual([]);
      }),
    );
  });

  it('that can be retained below an address are all that a drawing can fill', () => {
    const topics = topicsOf('sonos');
    let home = house(['Kitchen', 'Bath'], ['Den']);
    home = withEvent(home, 'Kitchen', 'favorites', 'favoritesList', { version: '1', items: [] });
    home = withEvent(home, 'Kitchen', 'playlists', 'playlistsList', { version: '1', playlists: [] });
    const below = ['home', 'home/kitchen', 'home/bath', 'home/den'].flatMap(topics.retainedBelow);
    expect(new Set(below).size).toBe(below.length);
    expect(new Set([...createRenderer(topics).all(home).keys()])).toEqual(new Set(below));
  });

  it('below a household do not touch its rooms, and below a room are its own', () => {
    const topics = topicsOf('sonos');
    const own = namespaces.flatMap((row) => Object.keys(row.topics));
    expect(topics.retainedBelow('home')).toHaveLength(own.length);
    expect(topics.retainedBelow('home')).toContain('sonos/home');
    expect(topics.retainedBelow('home/kitchen')).toEqual([
      'sonos/home/kitchen',
      'sonos/home/kitchen/availability',
      ...[...attributes.keys()].map((name) => `sonos/home/kitchen/${name}`),
    ]);
  });
});
