import { describe, expect, it } from 'vitest';
import { groupPath, householdPath, playerPath, subscriptionPath } from '../../src/bridge/paths.ts';
import { groupPathOf } from '../../src/bridge/seat-group.ts';
import { groupIdOf, house, seat } from '../support/house.ts';

describe('the paths of the Control API', () => {
  it('have their ids percent-encoded', () => {
    expect(groupPath('RINCON_1:2')).toBe('/groups/RINCON_1%3A2');
    expect(householdPath('Sonos_a.b-c_d')).toBe('/households/Sonos_a.b-c_d');
    expect(playerPath('../x?y#z')).toBe('/players/..%2Fx%3Fy%23z');
  });

  it('of subscriptions stand below the namespace', () => {
    expect(subscriptionPath('household', 'H', 'groups')).toBe('/households/H/groups/subscription');
    expect(subscriptionPath('group', 'P:1', 'playback')).toBe('/groups/P%3A1/playback/subscription');
    expect(subscriptionPath('player', 'P', 'playerVolume')).toBe('/players/P/playerVolume/subscription');
    expect(subscriptionPath('session', 'P:1@2', 'playbackSession')).toBe(
      '/playbackSessions/P%3A1%402/playbackSession/subscription',
    );
  });

  it('name the group that the room is in at this moment', () => {
    const home = house(['Kitchen', 'Bath']);
    expect(groupPathOf(seat(home, 'Bath'))).toEqual({ ok: true, value: groupPath(groupIdOf(['Kitchen'])) });
  });

  it('cannot name a group that Sonos does not list', () => {
    expect(groupPathOf({ ...seat(house(['Kitchen']), 'Kitchen'), group: null })).toEqual({
      ok: false,
      error: {
        code: 'not_capable',
        message: 'Sonos lists no group for "kitchen".',
        advice: 'Send "refresh" to the room, then try again.',
      },
    });
  });
});
