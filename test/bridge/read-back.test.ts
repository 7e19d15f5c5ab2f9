import { describe, expect, it } from 'vitest';
import { createTestBridge, HOME, playerOf } from '../support/bridge-house.ts';
import { down, refused } from '../support/fake-sonos.ts';
import { GROUPS, openHouse, SUBSCRIBE, status } from './upkeep-house.ts';

describe('while no event ever came', () => {
  it('everything is read every few seconds, and a person is told once', async () => {
    const house = createTestBridge();
    await house.start();
    house.sonos.calls.length = 0;
    house.world.speaker('kitchen').volume = 66;
    await house.clock.advance(15_000);
    expect(house.picture('kitchen').volume).toBe(66);
    await house.clock.advance(285_000);
    // Every 15 s the topology, three reads of two groups, and three volumes; the lists and settings every ten minutes.
    expect(house.sonos.made(/^GET/)).toHaveLength(20 * 10);
    await house.clock.advance(600_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(1);
    expect(house.sonos.made(/GET .*settings.player$/)).toHaveLength(3);
    expect(house.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(status(house)).toMatchObject({ corrections: 0, isSilent: true });
    expect(house.picture('kitchen').stale).toBe(false);
    house.sonos.calls.length = 0;
    house.tell('groups', HOME);
    expect(house.lines.at(-1)).toMatchObject({ level: 'info', message: 'Events from Sonos arrive.' });
    await house.clock.advance(590_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    await house.clock.advance(20_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(15);
  });

  it('no more requests are made than its share of the budget', async () => {
    const rooms = Array.from({ length: 30 }, (_, n) => [`r${n}`]);
    const house = createTestBridge({ groups: rooms, settings: { readsPerMinute: 60 } });
    await house.start();
    await house.clock.advance(20_000);
    house.sonos.calls.length = 0;
    await house.clock.advance(1_200_000);
    expect(house.sonos.made(/^GET/).length).toBeLessThanOrEqual(20 * 60 + 150);
    expect(house.sonos.made(/^GET/).length).toBeGreaterThan(15 * 60);
  });

  it('it is read as seldom as otherwise when polling is switched off', async () => {
    const house = createTestBridge({ settings: { pollMs: 0 } });
    await house.start();
    house.sonos.calls.length = 0;
    await house.clock.advance(590_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    await house.clock.advance(20_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(15);
    expect(status(house).lastReadBackAt).toBeGreaterThan(0);
  });
});

describe('a change that only a read shows', () => {
  it('counts as a correction, has everything subscribed again, and everything polled until events arrive', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(596_000);
    expect(house.picture('bath')).toMatchObject({ volume: 71, stale: false });
    await house.clock.advance(5_000);
    expect(status(house)).toMatchObject({ corrections: 1, isSilent: true });
    expect(house.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { household: HOME, namespaces: ['playerVolume'] } },
    ]);
    expect(house.diary.some((entry) => entry.kind === 'show' && entry.household.stale)).toBe(true);
    expect(house.sonos.made(SUBSCRIBE)).toHaveLength(15);
    house.sonos.calls.length = 0;
    await house.clock.advance(60_000);
    expect(house.sonos.made(GROUPS).length).toBeGreaterThanOrEqual(3);
    expect(house.picture('bath').stale).toBe(false);
    house.tell('playerVolume', playerOf('bath'));
    expect(house.lines.at(-1)).toMatchObject({ level: 'info', message: 'Events from Sonos arrive.' });
    await house.clock.advance(5_000);
    house.sonos.calls.length = 0;
    await house.clock.advance(500_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
  });

  it('is shown as doubtful until the next read agrees', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (status(house).corrections === 0) await house.clock.advance(500);
    expect(house.picture('bath').stale).toBe(true);
  });

  it('is told of once, however often events fail to come', async () => {
    const house = await openHouse();
    for (let n = 1; n <= 3; n += 1) {
      house.world.speaker('bath').volume = 70 + n;
      await house.clock.advance(620_000);
    }
    expect(house.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('is told of once when two reads in a row find one', async () => {
    const house = await openHouse();
    for (const volume of [71, 72]) {
      house.world.speaker('bath').volume = volume;
      house.bridge.lostEvents();
      await house.clock.advance(1_000);
    }
    await house.clock.advance(5_000);
    expect(status(house).corrections).toBe(2);
    expect(house.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('is none when its event is merely late', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (house.picture('bath').volume !== 71) await house.clock.advance(100);
    await house.clock.advance(1_000);
    house.tell('playerVolume', playerOf('bath'));
    await house.clock.advance(10_000);
    expect(status(house)).toMatchObject({ corrections: 0, isSilent: false });
    expect(house.picture('bath').stale).toBe(false);
    expect(house.lines).toEqual([]);
  });

  it('is none when it was known to lack', async () => {
    const house = createTestBridge();
    const undo = house.sonos.on(/GET .*playlists$/, () => refused());
    await house.start();
    house.tell('groups', HOME);
    house.bridge.lostEvents();
    undo();
    await house.clock.advance(9_000);
    expect(house.household().own.playlists).toBeDefined();
    expect(status(house).corrections).toBe(0);
  });
});

describe('reads that fail', () => {
  it('make what is shown doubtful until they work again', async () => {
    const house = await openHouse();
    const undo = house.sonos.on(/GET .*playback$/, down);
    await house.clock.advance(610_000);
    expect(house.picture('kitchen').stale).toBe(true);
    expect(status(house).lastReadBackAt).toBeNull();
    undo();
    await house.clock.advance(60_000);
    expect(house.picture('kitchen').stale).toBe(false);
    expect(status(house).lastReadBackAt).toBeGreaterThan(0);
  });

  it('stay in doubt when others of the same time found a change whose event was late', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*playback$/, down);
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (house.picture('bath').volume !== 71) await house.clock.advance(100);
    house.tell('playerVolume', playerOf('bath'));
    await house.clock.advance(4_000);
    expect(house.picture('kitchen').stale).toBe(true);
  });

  it('because their group is gone make nothing doubtful', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.bridge.lostEvents();
    await house.clock.advance(2_000);
    expect(house.bridge.knows(HOME, 'group', house.world.party('office').id)).toBe(true);
    expect(status(house).lastReadBackAt).toBeGreaterThan(0);
  });

  it('do not make a doubt of the topology forgotten', async () => {
    const house = await openHouse();
    const undo = house.sonos.on(GROUPS, down);
    house.tell('global', house.world.party('kitchen').id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_UPDATED' },
    });
    house.command('kitchen', 'refresh', { id: 'a' });
    await house.clock.advance(2_000);
    undo();
    house.sonos.calls.length = 0;
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(1);
  });

  it('of a group that is gone have the topology read', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen', 'bath'], ['office']]);
    house.world.parties[1] = { ...house.world.party('office'), id: 'other' };
    const dead = { ...house.world.parties[1], id: 'dead' };
    const alive = house.world.parties[1];
    house.world.parties[1] = dead;
    house.tell('groups', HOME);
    house.world.parties[1] = alive;
    await house.clock.advance(10_000);
    expect(house.bridge.knows(HOME, 'group', 'other')).toBe(true);
    expect(house.bridge.knows(HOME, 'group', 'dead')).toBe(false);
  });

  it('give up on an answer that is not what was asked for', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*groupVolume$/, () => ({ ok: true, value: 'no' }));
    house.command('kitchen', 'refresh', { id: 'a' });
    await house.clock.advance(10);
    expect(house.last('a').error?.message).toContain('groupVolume is not of type groupVolume');
  });
});
