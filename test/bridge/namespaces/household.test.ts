import { describe, expect, it } from 'vitest';
import { namespaceOf, namespaces } from '../../../src/bridge/namespaces/index.ts';
import type { Household } from '../../../src/bridge/state.ts';
import {
  groupIdOf,
  groupsBody,
  HOUSEHOLD,
  house,
  idOf,
  picture,
  recorded,
  reduction,
  regrouped,
  seat,
  told,
  withEvent,
} from '../../support/house.ts';

/** What stands in a topic of the household. */
function topic(home: Household, name: string): unknown {
  const row = namespaces.find((each) => Object.hasOwn(each.topics, name));
  return row?.topics[name]?.of(row.slice(home.own), home);
}

const home = house(['Kitchen', 'Bath'], ['Den']);

describe('the topic of the household', () => {
  it('names its rooms by their addresses, also those that are away', () => {
    expect(topic(home, '')).toEqual({ id: HOUSEHOLD, name: 'Home', rooms: ['bath', 'den', 'kitchen'] });
    expect(topic(regrouped(home, [['Den']]), '')).toMatchObject({ rooms: ['bath', 'den', 'kitchen'] });
  });
});

describe('the topic of the groups', () => {
  const loud = [
    ['groupVolume', 'groupVolume', recorded('cloud.response.groupVolume.json')],
    ['playback', 'playbackStatus', recorded('response.playbackStatus.spotify-connect-playing.json')],
  ] as const;
  const busy = loud.reduce(
    (each, [namespace, type, body]) => withEvent(each, 'Kitchen', namespace, type, body),
    home,
  );

  it('tells who plays with whom, what, and how loud', () => {
    const kitchen = {
      id: groupIdOf(['Kitchen']),
      name: 'Kitchen + 1',
      coordinator: 'kitchen',
      members: ['bath', 'kitchen'],
      state: 'playing',
      volume: 40,
      muted: false,
    };
    const den = {
      id: groupIdOf(['Den']),
      name: 'Den',
      coordinator: 'den',
      members: ['den'],
      state: null,
      volume: null,
      muted: null,
    };
    expect(topic(busy, 'groups')).toEqual({ groups: [kitchen, den].sort((a, b) => (a.id < b.id ? -1 : 1)) });
  });

  it('does not change with the order in which Sonos lists groups and members', () => {
    const body = groupsBody([['Kitchen', 'Bath'], ['Den']]);
    const turned = {
      groups: body.groups.map((group) => ({ ...group, playerIds: group.playerIds.toReversed() })).reverse(),
      players: body.players.toReversed(),
    };
    expect(reduction(busy, 'groups', 'groups', HOUSEHOLD, turned).household).toBe(busy);
  });

  it('has the groups in the same order whatever order Sonos lists them in', () => {
    const names = ['Kitchen', 'Bath', 'Den', 'Attic', 'Study'];
    const groups = names.map((name) => [name]);
    expect(topic(house(...groups.toReversed()), 'groups')).toEqual(topic(house(...groups), 'groups'));
  });

  it('is unknown until the groups were read', () => {
    expect(topic({ ...home, topology: null }, 'groups')).toBeNull();
  });

  it('knows no room for a coordinator that Sonos does not list', () => {
    const body = groupsBody([['Kitchen']]);
    const odd = {
      ...body,
      groups: body.groups.map((group) => ({
        ...group,
        coordinatorId: 'RINCON_X',
        playerIds: [idOf('Kitchen'), 'RINCON_X', 7],
      })),
    };
    const strange = reduction(house(), 'groups', 'groups', HOUSEHOLD, odd).household;
    expect(topic(strange, 'groups')).toMatchObject({ groups: [{ coordinator: null, members: ['kitchen'] }] });
    expect(picture(strange, 'Kitchen')).toMatchObject({ group: { coordinator: null, members: ['kitchen'] } });
  });
});

describe('a list of groups', () => {
  it('of which an entry cannot be read leaves out nothing that was known', () => {
    const body = groupsBody([['Kitchen', 'Bath'], ['Den']]);
    const broken = {
      ...body,
      players: body.players.map((player) => (player.name === 'Den' ? { name: 'Den' } : player)),
    };
    const now = reduction(home, 'groups', 'groups', HOUSEHOLD, broken).household;
    expect(now.rooms).toBe(home.rooms);
    expect(picture(now, 'Den')).toMatchObject({ online: true });
  });

  it('may have players without a name, and with capabilities that nobody knows', () => {
    const id = idOf({ name: 'x', id: 'RINCON_A0B0C0DDEEFF01400' });
    const body = {
      groups: [],
      players: [
        {
          id,
          name: 5,
          capabilities: [
            'CLOUD',
            'HT_PLAYBACK',
            'FIXED_VOLUME',
            'constructor',
            3,
            'HT_POWER_STATE',
            'PLAYBACK',
          ],
        },
      ],
    };
    const strange = reduction(house(), 'groups', 'groups', HOUSEHOLD, body).household;
    expect(picture(strange, 'ddeeff')).toMatchObject({
      name: '',
      capabilities: ['fixed_volume', 'tv', 'tv_power', 'constructor'],
    });
  });
});

describe('favorites and playlists', () => {
  const listed = withEvent(
    home,
    'Den',
    'favorites',
    'favoritesList',
    recorded('response.favoritesList.one-radio.json'),
  );

  it('are unknown until they were read', () => {
    expect([topic(home, 'favorites'), topic(home, 'playlists')]).toEqual([null, null]);
  });

  it('are shown as the contract says', () => {
    expect(topic(listed, 'favorites')).toEqual({
      version: 'RINCON_A0B0C000555501400:7',
      items: [
        {
          id: '3',
          name: 'P3',
          description: 'Sveriges Radio',
          image:
            'https://static-cdn.sr.se/images/164/1adb95c9-cc4e-452f-b1ed-0602b3e15c46.jpg?preset=api-default-square',
          service: 'Sveriges Radio',
          kind: 'station',
        },
      ],
    });
    const lists = withEvent(
      home,
      'Den',
      'playlists',
      'playlistsList',
      recorded('response.playlistsList.json'),
    );
    expect(topic(lists, 'playlists')).toEqual({
      version: 'RINCON_A0B0C000888801400:13',
      items: [{ id: '6', name: 'x2rock capture', track_count: 17 }],
    });
  });

  it('may hold little, and are shown without what cannot be read', () => {
    const body = { items: [{ id: 5, name: 'A', imageUrl: 'https://a/1', resource: {} }, { id: '6' }, 'x'] };
    expect(topic(withEvent(home, 'Den', 'favorites', 'favoritesList', body), 'favorites')).toEqual({
      version: '',
      items: [{ id: '5', name: 'A', description: null, image: 'https://a/1', service: null, kind: null }],
    });
    const lists = { version: 3, playlists: [{ id: 5, name: 'B', trackCount: '9' }, {}] };
    expect(topic(withEvent(home, 'Den', 'playlists', 'playlistsList', lists), 'playlists')).toEqual({
      version: '',
      items: [{ id: '5', name: 'B', track_count: 9 }],
    });
  });

  it.each([
    ['PLAYLIST', 'playlist'],
    ['ALBUM', 'album'],
    ['TRACK', 'track'],
    ['ARTIST', 'artist'],
    ['STREAM', 'station'],
    ['station', 'station'],
    ['PROGRAM', 'program'],
    ['SHOW', 'show'],
    ['PODCAST', 'show'],
    ['HOLOGRAM', 'other'],
    ['constructor', 'other'],
    [null, null],
  ])('of the type %s are of the kind %s', (type, kind) => {
    const body = { version: '1', items: [{ id: '1', name: 'A', resource: { type, id: { objectId: 'o' } } }] };
    expect(topic(withEvent(home, 'Den', 'favorites', 'favoritesList', body), 'favorites')).toMatchObject({
      items: [{ kind }],
    });
  });

  it.each([
    ['favorites', 'favoritesList', { version: '1', items: [] }],
    ['playlists', 'playlistsList', { version: '1', playlists: [] }],
  ])(
    '%s are to be read again once Sonos told of another version, and shown until then',
    (name, type, body) => {
      const row = namespaceOf(name);
      const isOvertaken = (each: Household): boolean | undefined => row?.overtaken(row.slice(each.own));
      const versions = (each: Household, version: string) =>
        withEvent(each, 'Den', name, 'versionChanged', { version });
      const read = withEvent(home, 'Den', name, type, body);
      expect(versions(home, '2')).toBe(home);
      expect(versions(read, '1')).toBe(read);
      const overtaken = versions(read, '2');
      expect([isOvertaken(read), isOvertaken(overtaken), isOvertaken(versions(overtaken, '1'))]).toEqual([
        false,
        true,
        true,
      ]);
      expect(topic(overtaken, name)).toEqual(topic(read, name));
      expect(isOvertaken(withEvent(overtaken, 'Den', name, type, { ...body, version: '2' }))).toBe(false);
    },
  );
});

describe('volumes', () => {
  it.each([
    [
      { volume: 23, muted: true, fixed: false },
      { volume: 23, muted: true, fixed: false },
    ],
    [{ volume: '23' }, { volume: 23, muted: null, fixed: null }],
    [{ volume: 22.6 }, { volume: 23 }],
    [{ volume: 130 }, { volume: 100 }],
    [{ volume: -3 }, { volume: 0 }],
    [
      { volume: 'loud', muted: 1 },
      { volume: null, muted: null, fixed: null },
    ],
  ])('%j are %j', (body, volume) => {
    expect(picture(withEvent(home, 'Den', 'playerVolume', 'playerVolume', body), 'Den')).toMatchObject(
      volume,
    );
  });

  it('stay as they were where an event leaves them out', () => {
    const before = withEvent(home, 'Den', 'playerVolume', 'playerVolume', {
      volume: 5,
      muted: true,
      fixed: true,
    });
    expect(withEvent(before, 'Den', 'playerVolume', 'playerVolume', {})).toBe(before);
    expect(
      picture(withEvent(before, 'Den', 'playerVolume', 'playerVolume', { muted: false }), 'Den'),
    ).toMatchObject({ volume: 5, muted: false, fixed: true });
  });
});

describe('a group that changed its coordinator', () => {
  const changed = (body: unknown) => told(home, 'Kitchen', 'global', 'groupCoordinatorChanged', body);

  it.each([
    ['error.groupCoordinatorChanged.gone.json', 'subscriptions'],
    ['error.groupCoordinatorChanged.moved.json', 'subscriptions'],
  ])('by %s makes its %s doubtful', (file, doubt) => {
    expect(changed(recorded(file))).toEqual({ household: home, happenings: [], doubt });
  });

  it('may only have another name or other members', () => {
    expect(changed({ groupStatus: 'GROUP_STATUS_UPDATED' }).doubt).toBe('topology');
    expect(changed({ groupStatus: 'GROUP_STATUS_NEW' }).doubt).toBe('subscriptions');
  });

  it('makes everything doubtful when it cannot be read', () => {
    expect(namespaceOf('global')?.doubts(null)).toBe('subscriptions');
  });

  it('is told to every subscriber of the group, without a subscription', () => {
    expect(namespaceOf('global')?.subscribes(seat(home, 'Den').player)).toBe(false);
    expect(namespaceOf('households')?.subscribes(null)).toBe(false);
    expect(namespaceOf('households')?.snapshot?.path('')).toBe('/households');
  });

  it('concerns no namespace that the table does not have', () => {
    expect(namespaceOf('constructor')).toBeNull();
  });
});
