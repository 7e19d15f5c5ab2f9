import { describe, expect, it } from 'vitest';
import { createTestBridge, HOME, playerOf } from '../support/bridge-house.ts';
import { later } from '../support/fake-sonos.ts';
import { GROUPS, openHouse, SUBSCRIBE, status, targets } from './upkeep-house.ts';

describe('an event', () => {
  it('never causes a call from inside accept', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    house.tell('groups', HOME, { sequence: '1' });
    house.tell('playback', house.world.party('bath').id);
    house.tell('global', house.world.party('bath').id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_GONE' },
    });
    expect(house.sonos.calls).toEqual([]);
  });

  it('about groups leads to no subscription of groups, and to few requests', async () => {
    const house = await openHouse();
    house.sonos.on(SUBSCRIBE, ({ path }) => {
      const [, , target = '', namespace = ''] = path.split('/').map(decodeURIComponent);
      void later(house.clock, 200, () => {
        if (namespace !== 'audioClip') house.tell(namespace, target);
      });
      return null;
    });
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(60_000);
    const fresh = ['kitchen', 'bath'].map((room) => house.world.party(room).id);
    expect(targets(house, SUBSCRIBE)).toEqual(
      fresh
        .flatMap((id) => ['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`))
        .sort(),
    );
    expect(house.sonos.calls.length).toBeLessThanOrEqual(2 + 3 * fresh.length);
    house.sonos.calls.length = 0;
    for (let n = 0; n < 50; n += 1) house.tell('groups', HOME);
    await house.clock.advance(60_000);
    expect(house.sonos.calls).toEqual([]);
  });

  it('that does not come after subscribing is made up for by a read', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(2_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    await house.clock.advance(1_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(6);
  });

  it('that a group is gone or has moved has the topology read, at least 5 s apart, and the group subscribed again', async () => {
    const house = await openHouse();
    const id = house.world.party('kitchen').id;
    for (let n = 0; n < 20; n += 1) {
      house.tell('global', id, {
        type: 'groupCoordinatorChanged',
        body: { groupStatus: 'GROUP_STATUS_MOVED' },
      });
      await house.clock.advance(1_000);
    }
    const reads = house.sonos.made(GROUPS).map(({ at }) => at);
    expect(reads.length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...reads.slice(1).map((at, index) => at - (reads[index] ?? 0)))).toBeGreaterThanOrEqual(
      5_000,
    );
    expect(new Set(targets(house, SUBSCRIBE))).toEqual(
      new Set(['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`)),
    );
    await house.clock.advance(10_000);
    house.sonos.calls.length = 0;
    house.tell('global', id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_UPDATED' },
    });
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(1);
    expect(house.sonos.made(SUBSCRIBE)).toEqual([]);
  });

  it('that a group has moved counts also when a command reads the topology in the same moment', async () => {
    const house = await openHouse();
    const id = house.world.party('kitchen').id;
    const group = house.world.body('groups', HOME);
    house.sonos.on(GROUPS, () => later(house.clock, 2_500, () => ({ ok: true as const, value: group })));
    house.tell('global', id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_MOVED' },
    });
    house.command('kitchen', 'refresh');
    await house.clock.advance(10_000);
    expect(targets(house, SUBSCRIBE)).toEqual(
      ['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`),
    );
  });

  it('that a group is gone leads to the group that its rooms are in now', async () => {
    const house = await openHouse();
    const old = house.world.party('kitchen').id;
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('global', old, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_GONE' },
    });
    await house.clock.advance(10_000);
    expect(house.bridge.knows(HOME, 'group', old)).toBe(false);
    expect(house.bridge.knows(HOME, 'group', house.world.party('bath').id)).toBe(true);
    expect(targets(house, SUBSCRIBE)).toContain(`${house.world.party('bath').id} playback`);
    expect(status(house)).toMatchObject({ wanted: 18, held: 18 });
  });

  it('that comes while a read is under way is not overwritten by the older answer', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*playerVolume$/, () =>
      later(house.clock, 2_000, () => ({
        ok: true as const,
        value: { volume: 5, muted: false, fixed: false },
      })),
    );
    house.bridge.lostEvents();
    await house.clock.advance(1_000);
    house.world.speaker('kitchen').volume = 60;
    house.tell('playerVolume', playerOf('kitchen'));
    await house.clock.advance(10_000);
    expect(house.picture('kitchen').volume).toBe(60);
    expect(house.picture('bath').volume).toBe(5);
  });

  it('that is late or came twice has no effect, and its target is read soon, at most once a minute', async () => {
    const house = await openHouse();
    const kitchen = playerOf('kitchen');
    house.tell('playerVolume', kitchen, { sequence: '50' });
    await house.clock.advance(5_000);
    for (const sequence of ['50', '49', '3', '50']) {
      house.tell('playerVolume', kitchen, { sequence, body: { volume: 99 } });
      await house.clock.advance(5_000);
    }
    expect(house.picture('kitchen').volume).toBe(20);
    expect(house.sonos.made(/GET .*playerVolume$/)).toHaveLength(1);
    expect(house.marks()[HOME]?.[`playerVolume ${kitchen}`]?.sequence).toBe('50');
    await house.clock.advance(40_000);
    house.tell('playerVolume', kitchen, { sequence: '50' });
    house.tell('playerVolume', playerOf('bath'), { sequence: '50' });
    house.tell('playerVolume', playerOf('bath'), { sequence: '50' });
    await house.clock.advance(1_000);
    expect(house.sonos.made(/GET .*playerVolume$/)).toHaveLength(3);
  });

  it('that a group has moved, and that is late, has the topology read and the group subscribed again', async () => {
    const house = await openHouse();
    const id = house.world.party('kitchen').id;
    const moved = { type: 'groupCoordinatorChanged', body: { groupStatus: 'GROUP_STATUS_MOVED' } };
    house.tell('global', id, { ...moved, body: { groupStatus: 'GROUP_STATUS_UPDATED' }, sequence: '9' });
    await house.clock.advance(10_000);
    house.sonos.calls.length = 0;
    house.tell('global', id, { ...moved, sequence: '8' });
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(1);
    expect(targets(house, SUBSCRIBE)).toEqual(
      ['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`),
    );
  });

  it('with a lower number after a minute of silence counts anew, and a read sets right what a replay would break', async () => {
    const house = await openHouse();
    const kitchen = playerOf('kitchen');
    house.tell('playerVolume', kitchen, { sequence: '50' });
    await house.clock.advance(61_000);
    house.tell('playerVolume', kitchen, { sequence: '7', body: { volume: 99 } });
    expect(house.picture('kitchen').volume).toBe(99);
    expect(house.marks()[HOME]?.[`playerVolume ${kitchen}`]?.sequence).toBe('7');
    await house.clock.advance(1_000);
    expect(house.picture('kitchen').volume).toBe(20);
    expect(house.sonos.made(/GET .*playerVolume$/)).toHaveLength(1);
  });
});

describe('what is asked for while everything is read', () => {
  it('is read once more afterwards', async () => {
    const house = await openHouse();
    house.sonos.on(GROUPS, () =>
      later(house.clock, 1_000, () => ({ ok: true as const, value: house.world.groupsBody() })),
    );
    house.tell('playerVolume', playerOf('bath'));
    house.bridge.lostEvents();
    await house.clock.advance(500);
    house.bridge.lostEvents();
    house.tell('playerVolume', playerOf('bath'), { sequence: '1' });
    await house.clock.advance(1_000);
    const reads = () => house.sonos.made(/GET .*playerVolume$/).length;
    expect(reads()).toBeGreaterThanOrEqual(6);
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(2);
    expect(reads()).toBe(7);
  });

  it('is not put off by the first event after a silence', async () => {
    const house = createTestBridge({ settings: { pollMs: 0 } });
    await house.start();
    house.sonos.calls.length = 0;
    house.bridge.lostEvents();
    house.tell('playerVolume', playerOf('bath'));
    await house.clock.advance(1_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(15);
  });
});
