import { describe, expect, it } from 'vitest';
import { ok } from '../../src/bridge/result.ts';
import { bytes, createTestBridge, HOME, playerOf } from '../support/bridge-house.ts';
import { down, later } from '../support/fake-sonos.ts';

describe('the bridge', () => {
  it('knows its own targets and nobody else’s', async () => {
    const house = createTestBridge();
    await house.start();
    const { bridge, world } = house;
    expect(bridge.knows(HOME, 'household', HOME)).toBe(true);
    expect(bridge.knows(HOME, 'household', 'other')).toBe(false);
    expect(bridge.knows(HOME, 'player', playerOf('bath'))).toBe(true);
    expect(bridge.knows(HOME, 'group', world.party('bath').id)).toBe(true);
    expect(bridge.knows(HOME, 'group', playerOf('bath'))).toBe(false);
    expect(bridge.knows('other', 'player', playerOf('bath'))).toBe(false);
    expect(bridge.household('other')).toBeUndefined();
  });

  it('ignores an event of a household that it does not have', async () => {
    const house = createTestBridge();
    await house.start();
    const before = house.household();
    house.tell('playerVolume', playerOf('bath'), { household: 'other', body: { volume: 3 } });
    expect(house.household()).toBe(before);
    expect(house.marks()).toEqual({});
  });

  it('shows nothing when an event says what is known already', async () => {
    const house = createTestBridge();
    await house.start();
    house.diary.length = 0;
    house.tell('playerVolume', playerOf('bath'));
    house.tell('playback', house.world.party('office').id);
    expect(house.diary).toEqual([]);
  });

  it('tells what happened in every room of the group, save those that nobody knows', async () => {
    const house = createTestBridge();
    await house.start();
    const stranger = 'RINCON_00000000000001400';
    house.tell('groups', HOME, {
      body: {
        players: [
          { id: playerOf('kitchen'), name: 'Kitchen' },
          { id: playerOf('bath'), name: 'Bath' },
        ],
        groups: [
          {
            id: 'g',
            coordinatorId: playerOf('kitchen'),
            playerIds: ['kitchen', 'bath'].map(playerOf).concat(stranger),
          },
        ],
      },
    });
    house.tell('playback', 'g', {
      type: 'playbackError',
      body: { errorCode: 'ERROR_PLAYBACK_FAILED', reason: 'x', trackName: 'T' },
    });
    expect(house.happenings.map(({ room, happening }) => [room, happening.event_type])).toEqual([
      ['bath', 'playback_error'],
      ['kitchen', 'playback_error'],
    ]);
  });

  it('doubts a household while its account needs a login, and reads everything when it has one', async () => {
    const house = createTestBridge();
    await house.start();
    house.tell('groups', HOME);
    await house.clock.advance(5_000);
    house.bridge.setTroubled(new Set([HOME, 'Sonos_new']));
    house.bridge.setTroubled(new Set([HOME, 'Sonos_new']));
    expect(house.picture('kitchen').stale).toBe(true);
    house.bridge.setHouseholds([
      { id: HOME, name: null },
      { id: 'Sonos_new', name: null },
    ]);
    expect(house.bridge.household('Sonos_new')?.stale).toBe(true);
    house.bridge.lostEvents();
    await house.clock.advance(1_000);
    expect(house.picture('kitchen').stale).toBe(true);
    house.bridge.setTroubled(new Set());
    await house.clock.advance(1_000);
    expect(house.picture('kitchen').stale).toBe(false);
  });

  it('lets go of a household whose reads are under way', async () => {
    const house = createTestBridge();
    await house.start();
    house.sonos.on(/GET .*playerVolume$/, () => later(house.clock, 500, () => ok({ volume: 3 })));
    house.sonos.on(/GET .*playback$/, () => later(house.clock, 500, () => down()));
    house.bridge.lostEvents();
    await house.clock.advance(100);
    house.bridge.setHouseholds([{ id: 'Sonos_new', name: null }]);
    house.bridge.setHouseholds([]);
    await house.clock.advance(120_000);
    expect(house.bridge.households).toEqual([]);
    expect(house.bridge.status()).toEqual([]);
    expect(house.bridge.waiting).toBe(0);
    const calls = house.sonos.calls.length;
    await house.clock.advance(120_000);
    expect(house.sonos.calls).toHaveLength(calls);
  });

  it('hands over its marks at the end, and goes on from them', async () => {
    const house = createTestBridge();
    await house.start();
    house.tell('playerVolume', playerOf('bath'), { sequence: '90' });
    await house.bridge.stop();
    const again = createTestBridge({ marks: house.marks() });
    await again.start();
    again.tell('playerVolume', playerOf('bath'), { sequence: '90', body: { volume: 99 } });
    expect(again.picture('bath').volume).toBe(20);
    again.tell('playerVolume', playerOf('bath'), { sequence: '91', body: { volume: 99 } });
    expect(again.picture('bath').volume).toBe(99);
    await again.bridge.stop();
    expect(again.marks()[HOME]?.[`playerVolume ${playerOf('bath')}`]?.sequence).toBe('91');
  });

  it('refuses commands to itself that come while it stops', async () => {
    const house = createTestBridge();
    await house.start();
    await house.bridge.stop();
    const calls = house.sonos.calls.length;
    for (const command of ['refresh', 'resubscribe', 'forget']) {
      const request = { retained: false, responseTo: null, expirySeconds: null };
      house.bridge.takeForBridge({ ...request, command, payload: bytes({ value: 'office', id: command }) });
    }
    await house.clock.advance(1_000);
    for (const command of ['refresh', 'resubscribe', 'forget'])
      expect(house.last(command)).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    expect(house.sonos.calls).toHaveLength(calls);
  });

  it('forgets the marks of a household that is gone', async () => {
    const house = createTestBridge();
    await house.start();
    house.tell('playerVolume', playerOf('bath'));
    house.bridge.setHouseholds([]);
    await house.bridge.stop();
    expect(house.marks()).toEqual({});
  });
});
