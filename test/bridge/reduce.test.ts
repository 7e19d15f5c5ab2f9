import { describe, expect, it } from 'vitest';
import { namespaceOf } from '../../src/bridge/namespaces/index.ts';
import { reduce } from '../../src/bridge/reduce.ts';
import { newHousehold, sliceKey } from '../../src/bridge/state.ts';
import {
  groupIdOf,
  groupsBody,
  HOUSEHOLD,
  house,
  idOf,
  NOON,
  picture,
  recorded,
  reduction,
  regrouped,
  seat,
  told,
  withEvent,
} from '../support/house.ts';

const PLAYING = recorded('event.playbackStatus.spotify-connect-playing.json');
const playing = withEvent(
  house(['Kitchen', 'Bath'], ['Den']),
  'Kitchen',
  'playback',
  'playbackStatus',
  PLAYING,
);

describe('an event', () => {
  it('changes the state of the rooms that it is about, and of no others', () => {
    expect(['Kitchen', 'Bath', 'Den'].map((name) => picture(playing, name)?.state)).toEqual([
      'playing',
      'playing',
      null,
    ]);
  });

  it('that says nothing new leaves the very same house', () => {
    expect(told(playing, 'Kitchen', 'playback', 'playbackStatus', PLAYING).household).toBe(playing);
    expect(regrouped(playing, [['Kitchen', 'Bath'], ['Den']])).toBe(playing);
  });

  it('in another order of groups, players and members says nothing new', () => {
    const home = withEvent(
      newHousehold('Sonos_X', 'home'),
      'x',
      'groups',
      'groups',
      recorded('response.groups.s2-four-rooms.json'),
    );
    const again = withEvent(home, 'x', 'groups', 'groups', recorded('event.groups.s2-four-rooms.json'));
    expect(again).toBe(home);
    expect([...home.rooms.values()].map((room) => room.address).sort()).toEqual([
      'elsas-sovrum',
      'flyttbar',
      'sovrum',
      'stereo',
    ]);
  });

  it.each([
    ['an unknown namespace', 'alarms', 'playbackStatus', groupIdOf(['Kitchen'])],
    ['an unknown type', 'playback', 'toString', groupIdOf(['Kitchen'])],
    ['an unknown group', 'playback', 'playbackStatus', 'RINCON_X:1'],
    ['an unknown player', 'playerVolume', 'playerVolume', 'RINCON_X'],
  ])('of %s changes nothing', (_what, namespace, type, target) => {
    const event = { household: HOUSEHOLD, namespace, type, target, sequence: null, body: {}, at: NOON };
    expect(reduce(playing, event)).toEqual({ household: playing, happenings: [], doubt: 'nothing' });
    expect(reduce(newHousehold(HOUSEHOLD, 'home'), event).doubt).toBe('nothing');
  });

  it('about the household can come before its groups are known', () => {
    const home = reduction(newHousehold(HOUSEHOLD, 'home'), 'favorites', 'favoritesList', HOUSEHOLD, {
      version: '1',
      items: [],
    });
    expect(namespaceOf('favorites')?.slice(home.household.own)).toMatchObject({ version: '1' });
    expect(home.household.topology).toBeNull();
  });

  it('of the account leaves the households as they are', () => {
    const list = recorded('cloud.response.households.json');
    expect(reduction(playing, 'households', 'households', 'account', list)).toEqual({
      household: playing,
      happenings: [],
      doubt: 'nothing',
    });
  });

  it('that tells of trouble happens in every room of the group', () => {
    const { happenings, household } = told(playing, 'Bath', 'playback', 'playbackError', {
      errorCode: 'ERROR_PLAYBACK_FAILED',
    });
    expect(picture(household, 'Bath')).toEqual(picture(playing, 'Bath'));
    expect(happenings.map(({ playerId }) => playerId).sort()).toEqual([idOf('Kitchen'), idOf('Bath')].sort());
    expect(happenings[0]?.happening).toEqual({
      event_type: 'playback_error',
      code: 'ERROR_PLAYBACK_FAILED',
      reason: null,
      track: null,
    });
  });

  it('of a foreign clip happens in its one room', () => {
    const body = { audioClips: [{ id: 'c', appId: 'com.ring', name: 'Ding', status: 'ACTIVE' }] };
    expect(told(playing, 'Bath', 'audioClip', 'audioClipStatus', body).happenings).toEqual([
      {
        playerId: idOf('Bath'),
        happening: {
          event_type: 'clip',
          id: 'c',
          name: 'Ding',
          app_id: 'com.ring',
          status: 'active',
          error_code: null,
        },
      },
    ]);
  });
});

describe('a regrouping', () => {
  const keyOf = (home: typeof playing, name: string) =>
    sliceKey('playback', seat(home, name).group?.id ?? '');

  it('keeps what is known of a group that keeps its id', () => {
    const home = regrouped(playing, [['Kitchen'], ['Bath'], ['Den']]);
    expect(picture(home, 'Kitchen')?.state).toBe('playing');
    expect(picture(home, 'Bath')?.state).toBeNull();
    expect(home.presumed.size).toBe(0);
  });

  it('presumes that a group with the same coordinator goes on, until Sonos says so', () => {
    const home = regrouped(playing, [['Kitchen', 'Bath', 'Den']], { generation: 2 });
    expect(picture(home, 'Den')?.state).toBe('playing');
    expect([...home.presumed]).toEqual([keyOf(home, 'Kitchen')]);
    const heard = withEvent(home, 'Den', 'playback', 'playbackStatus', PLAYING);
    expect(heard.presumed.size).toBe(0);
    expect(picture(heard, 'Den')?.state).toBe('playing');
  });

  it('forgets what was presumed of a group that is gone in turn', () => {
    const second = regrouped(playing, [['Kitchen', 'Bath', 'Den']], { generation: 2 });
    const third = regrouped(second, [['Kitchen', 'Bath', 'Den']], { generation: 3 });
    expect([...third.presumed]).toEqual([keyOf(third, 'Kitchen')]);
    const again = regrouped(third, [['Kitchen', 'Bath'], ['Den']], { generation: 3 });
    expect([...again.presumed]).toEqual([keyOf(third, 'Kitchen')]);
  });

  it('does not let a coordinator that leaves take along the music of a group that stays', () => {
    const body = groupsBody([['Kitchen', 'Bath'], ['Den']]);
    const left = {
      ...body,
      groups: [
        { id: groupIdOf(['Kitchen']), name: 'Bath', coordinatorId: idOf('Bath'), playerIds: [idOf('Bath')] },
        {
          id: `${idOf('Kitchen')}:9`,
          name: 'Kitchen',
          coordinatorId: idOf('Kitchen'),
          playerIds: [idOf('Kitchen')],
        },
        ...body.groups.slice(1),
      ],
    };
    const home = reduction(playing, 'groups', 'groups', HOUSEHOLD, left).household;
    expect([picture(home, 'Bath')?.state, picture(home, 'Kitchen')?.state]).toEqual(['playing', null]);
  });

  it('forgets what is known of players and groups that are gone', () => {
    const loud = withEvent(playing, 'Den', 'playerVolume', 'playerVolume', { volume: 40 });
    const home = regrouped(loud, [['Kitchen']], { generation: 2 });
    expect([...home.players.ids()]).toEqual([idOf('Kitchen')]);
    expect([...home.groups.ids()]).toEqual([`${idOf('Kitchen')}:2`]);
    const back = regrouped(home, [['Kitchen'], ['Den']], { generation: 2 });
    expect(picture(back, 'Den')?.volume).toBeNull();
  });
});
