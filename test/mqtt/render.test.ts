import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withAnnouncing } from '../../src/bridge/namespaces/audio-clip.ts';
import type { Household } from '../../src/bridge/state.ts';
import { createRenderer, type Renderer } from '../../src/mqtt/render.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { house, idOf, NOON, reduction, regrouped, room, withEvent } from '../support/house.ts';

const topics = topicsOf('sonos');
const rooms = ['Kitchen', 'Bath', 'Den', 'Hall'] as const;

/** What is drawn of a household that was drawn before. */
function changed(renderer: Renderer, household: Household): Map<string, string> {
  const said = new Map<string, string>();
  renderer.changed(household, (topic, payload) => said.set(topic, payload));
  return said;
}

const volume = (household: Household, name: string, level: number): Household =>
  withEvent(household, name, 'playerVolume', 'playerVolume', { volume: level, muted: false, fixed: false });

describe('a household is drawn', () => {
  it('as the whole state of each room, its attributes as plain text, and the household’s own topics', () => {
    const home = volume(house(['Kitchen', 'Bath'], ['Den']), 'Kitchen', 23);
    const drawn = createRenderer(topics).all(home);
    expect(JSON.parse(drawn.get('sonos/home/kitchen') ?? '')).toMatchObject({
      id: idOf('Kitchen'),
      volume: 23,
      online: true,
      group: { coordinator: 'kitchen', members: ['bath', 'kitchen'] },
    });
    expect(drawn.get('sonos/home/kitchen/availability')).toBe('online');
    expect(drawn.get('sonos/home/kitchen/volume')).toBe('23');
    expect(drawn.get('sonos/home/kitchen/muted')).toBe('false');
    expect(drawn.get('sonos/home/bath/group')).toBe('kitchen');
    expect(drawn.get('sonos/home/bath/members')).toBe('bath,kitchen');
    // What is unknown is null, and null is an empty payload.
    expect(drawn.get('sonos/home/bath/volume')).toBe('');
    expect(JSON.parse(drawn.get('sonos/home') ?? '')).toMatchObject({ rooms: ['bath', 'den', 'kitchen'] });
    expect(JSON.parse(drawn.get('sonos/home/groups') ?? '').groups).toHaveLength(2);
    // Lists that were not read yet are not shown as empty ones.
    expect(drawn.has('sonos/home/favorites')).toBe(false);
    expect(drawn.has('sonos/home/playlists')).toBe(false);
  });

  it('with a room that left as offline, and otherwise as it was', () => {
    const before = volume(house(['Kitchen'], ['Den']), 'Den', 31);
    const drawn = createRenderer(topics).all(regrouped(before, [['Kitchen']]));
    expect(drawn.get('sonos/home/den/availability')).toBe('offline');
    expect(drawn.get('sonos/home/den/volume')).toBe('31');
    expect(JSON.parse(drawn.get('sonos/home/den') ?? '')).toMatchObject({ online: false, volume: 31 });
  });

  it('with nothing of a room before Sonos has told whether it is there', () => {
    const drawn = createRenderer(topics).all({ ...house(['Kitchen']), topology: null });
    expect([...drawn.keys()].filter((topic) => topic.startsWith('sonos/home/kitchen'))).toEqual([]);
  });

  it('with a room that nobody saw leave as offline, and nothing said that is not known', () => {
    const home = house(['Kitchen'], ['Den']);
    const den = room(home, 'den');
    const unseen = {
      ...regrouped(home, [['Kitchen']]),
      rooms: new Map([...home.rooms, [den.playerId, { ...den, goneSince: NOON, lastPicture: null }]]),
    };
    const drawn = createRenderer(topics).all(unseen);
    expect(drawn.get('sonos/home/den/availability')).toBe('offline');
    expect(drawn.get('sonos/home/den/volume')).toBe('');
    expect(JSON.parse(drawn.get('sonos/home/den') ?? '')).toMatchObject({
      name: 'Den',
      online: false,
      volume: null,
    });
  });
});

describe('what is drawn again', () => {
  it('is everything the first time, and nothing when nothing changed', () => {
    const renderer = createRenderer(topics);
    const home = house(['Kitchen', 'Bath'], ['Den']);
    expect(changed(renderer, home)).toEqual(new Map(renderer.all(home)));
    expect(changed(renderer, { ...home })).toEqual(new Map());
  });

  it('is only the room of which something changed, and of that the state and what the change is about', () => {
    const renderer = createRenderer(topics);
    const home = house(['Kitchen', 'Bath'], ['Den']);
    changed(renderer, home);
    const drawn = changed(renderer, volume(home, 'Den', 12));
    expect([...drawn.keys()]).toEqual(['sonos/home/den', 'sonos/home/den/volume', 'sonos/home/den/muted']);
    expect(drawn.get('sonos/home/den/volume')).toBe('12');
  });

  it('is the whole household after it was forgotten, and another one never suffers', () => {
    const renderer = createRenderer(topics);
    const home = house(['Kitchen']);
    const other = { ...house(['Den']), id: 'Sonos_other', alias: 'home-2' };
    changed(renderer, home);
    changed(renderer, other);
    renderer.forget('home');
    expect(changed(renderer, home)).toEqual(new Map(renderer.all(home)));
    expect(changed(renderer, other)).toEqual(new Map());
  });

  /** Everything that can become of a household, as far as its drawing sees it. */
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('volume' as const),
      room: fc.constantFrom(...rooms),
      volume: fc.integer({ min: 0, max: 100 }),
      muted: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('group' as const),
      groups: fc.constantFrom(
        [['Kitchen', 'Bath'], ['Den'], ['Hall']],
        [['Bath', 'Kitchen', 'Den', 'Hall']],
        [['Kitchen'], ['Bath'], ['Hall', 'Den']],
        [['Kitchen'], ['Hall']],
        [],
      ),
      generation: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({
      kind: fc.constant('playback' as const),
      room: fc.constantFrom(...rooms),
      state: fc.constantFrom('PLAYING', 'PAUSED', 'IDLE', 'BUFFERING'),
    }),
    fc.record({
      kind: fc.constant('music' as const),
      room: fc.constantFrom(...rooms),
      title: fc.option(fc.string({ unit: 'binary' })),
    }),
    fc.record({
      kind: fc.constant('group volume' as const),
      room: fc.constantFrom(...rooms),
      volume: fc.integer({ min: 0, max: 100 }),
    }),
    fc.record({
      kind: fc.constant('fixed' as const),
      room: fc.constantFrom(...rooms),
      fixed: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('limit' as const),
      room: fc.constantFrom(...rooms),
      mode: fc.constantFrom('VARIABLE', 'FIXED'),
    }),
    fc.record({
      kind: fc.constant('theater' as const),
      room: fc.constantFrom(...rooms),
      nightMode: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('announcing' as const),
      room: fc.constantFrom(...rooms),
      announcement: fc.option(fc.constantFrom('a1', 'a2')),
    }),
    fc.record({ kind: fc.constant('list' as const), version: fc.constantFrom('1', '2'), name: fc.string() }),
    fc.record({ kind: fc.constant('stale' as const), stale: fc.boolean() }),
    fc.record({ kind: fc.constant('name' as const), name: fc.option(fc.constantFrom('Home', 'Town')) }),
  );
  type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

  function stepped(household: Household, each: Step): Household {
    const heard = (room: string, namespace: string, type: string, body: unknown): Household => {
      const isThere = household.topology?.players.has(idOf(room));
      return isThere ? withEvent(household, room, namespace, type, body) : household;
    };
    switch (each.kind) {
      case 'volume':
        return heard(each.room, 'playerVolume', 'playerVolume', { volume: each.volume, muted: each.muted });
      case 'group':
        return regrouped(household, each.groups, { generation: each.generation });
      case 'playback':
        return heard(each.room, 'playback', 'playbackStatus', {
          playbackState: `PLAYBACK_STATE_${each.state}`,
        });
      case 'music':
        return heard(each.room, 'playbackMetadata', 'metadataStatus', {
          container: { name: 'Mix', type: 'playlist' },
          ...(each.title === null ? {} : { currentItem: { id: 'i', track: { name: each.title } } }),
        });
      case 'group volume': {
        const group = household.topology?.groupByPlayer.get(idOf(each.room));
        const body = { volume: each.volume, muted: false };
        return group === undefined
          ? household
          : reduction(household, 'groupVolume', 'groupVolume', group.id, body).household;
      }
      case 'fixed':
        return heard(each.room, 'playerVolume', 'playerVolume', { fixed: each.fixed });
      case 'limit':
        return heard(each.room, 'settings', 'playerSettings', {
          volumeMode: each.mode,
          volumeScalingFactor: 0.6,
        });
      case 'theater':
        return heard(each.room, 'homeTheater', 'homeTheaterOptions', { nightMode: each.nightMode });
      case 'announcing':
        return withAnnouncing(household, idOf(each.room), each.announcement);
      case 'list': {
        const body = { version: each.version, items: [{ id: '1', name: each.name }] };
        return reduction(household, 'favorites', 'favoritesList', household.id, body).household;
      }
      case 'stale':
        return { ...household, stale: each.stale };
      case 'name':
        return { ...household, name: each.name };
    }
  }

  it('adds up to the whole drawing, whatever happened in between', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const renderer = createRenderer(topics);
        let home = house(['Kitchen', 'Bath'], ['Den'], ['Hall']);
        const shown = changed(renderer, home);
        for (const each of steps) {
          home = stepped(home, each);
          for (const [topic, payload] of changed(renderer, home)) shown.set(topic, payload);
          expect(Object.fromEntries(shown)).toEqual(Object.fromEntries(renderer.all(home)));
        }
      }),
    );
  });
});
