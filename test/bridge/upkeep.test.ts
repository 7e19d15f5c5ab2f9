import { describe, expect, it } from 'vitest';
import { createTestBridge, DAY_MS, HOME, playerOf } from '../support/bridge-house.ts';
import { down, later, refused } from '../support/fake-sonos.ts';
import { GROUPS, openHouse, SUBSCRIBE, status, targets } from './upkeep-house.ts';

describe('at the start', () => {
  it('the topology is read first, then the state of everything, and everything is subscribed once', async () => {
    const house = createTestBridge();
    await house.start();
    expect(house.sonos.calls[0]?.path).toBe(`/households/${HOME}/groups`);
    const [kitchen, office] = house.world.parties.map(({ id }) => id);
    const rooms = ['bath', 'kitchen', 'office'].map(playerOf);
    expect(targets(house, SUBSCRIBE)).toEqual(
      [
        ...['favorites', 'groups', 'playlists'].map((name) => `${HOME} ${name}`),
        ...['groupVolume', 'playback', 'playbackMetadata'].flatMap((name) => [
          `${kitchen} ${name}`,
          `${office} ${name}`,
        ]),
        ...['audioClip', 'playerVolume'].flatMap((name) => rooms.map((id) => `${id} ${name}`)),
      ].sort(),
    );
    expect(house.sonos.made(/^GET/)).toHaveLength(1 + 2 + 2 * 3 + 2 * 3);
    expect(house.picture('kitchen')).toMatchObject({ volume: 20, state: 'paused', stale: false });
    expect(status(house)).toMatchObject({ wanted: 15, held: 15, corrections: 0, isSilent: true });
    expect(house.sonos.calls.every(({ priority }) => priority === 'housekeeping')).toBe(true);
  });

  it('nothing spins while Sonos cannot be reached, and all is made good when it can', async () => {
    const house = createTestBridge();
    const undo = house.sonos.on(/./, down);
    await house.start();
    let rounds = 0;
    const after = house.clock.after;
    house.clock.after = (...given) => {
      rounds += 1;
      return after(...given);
    };
    await house.clock.advance(3_600_000);
    expect(house.sonos.calls.length).toBeLessThan(400);
    expect(rounds).toBeLessThan(800);
    expect(status(house)).toMatchObject({ wanted: 0, held: 0, oldestAgeMs: null });
    undo();
    await house.clock.advance(11_000);
    expect(status(house)).toMatchObject({ wanted: 15, held: 15 });
  });

  it('reads that fail are tried again, less and less often', async () => {
    const house = await openHouse({ settings: { pollMs: 0, reconcileMs: 10 * DAY_MS } });
    const undo = house.sonos.on(/GET .*favorites$/, down);
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    house.world.version = 'v2';
    await house.clock.advance(3_600_000);
    const tries = house.sonos.made(/GET .*favorites$/).length;
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(20);
    undo();
    await house.clock.advance(300_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(tries + 1);
    await house.clock.advance(3_600_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(tries + 1);
  });

  it('a list that changes while it is read is read once more', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*favorites$/, () =>
      later(house.clock, 500, () => ({
        ok: true as const,
        value: { version: house.world.version, items: house.world.favorites },
      })),
    );
    house.world.version = 'v2';
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    await house.clock.advance(300);
    house.world.version = 'v3';
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v3' } });
    await house.clock.advance(5_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(2);
    expect(house.household().own.favorites).toMatchObject({ version: 'v3', overtaken: false });
  });
});

describe('a player', () => {
  it('that leaves goes offline as it was last known, and is subscribed and read when it comes back', async () => {
    const house = await openHouse();
    house.world.speaker('office').volume = 44;
    house.tell('playerVolume', playerOf('office'));
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    await house.clock.advance(5_000);
    expect(house.picture('office')).toMatchObject({ online: false, volume: 44, state: 'paused' });
    expect(status(house)).toMatchObject({ wanted: 10, held: 10 });
    house.sonos.calls.length = 0;
    house.world.regroup([['kitchen', 'bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(5_000);
    expect(house.picture('office')).toMatchObject({ online: true, volume: 44 });
    expect(house.sonos.made(SUBSCRIBE)).toHaveLength(5);
    expect(status(house)).toMatchObject({ wanted: 15, held: 15 });
  });
});

describe('time', () => {
  it('that the machine slept through has everything subscribed and read again', async () => {
    const house = await openHouse();
    house.clock.jumpNow(8 * 3_600_000);
    await house.clock.advance(61_000);
    expect(house.sonos.made(SUBSCRIBE)).toHaveLength(15);
    expect(house.sonos.made(GROUPS).length).toBeGreaterThanOrEqual(1);
    expect(house.lines).toContainEqual(expect.objectContaining({ level: 'info', fields: { minutes: 480 } }));
  });

  it('that passed on both clocks with nothing having had its turn has everything read once, not once for each time', async () => {
    const house = await openHouse();
    house.clock.jumpElapsed(8 * 3_600_000);
    house.clock.jumpNow(8 * 3_600_000);
    await house.clock.advance(61_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(15);
    expect(house.sonos.made(SUBSCRIBE)).toEqual([]);
  });

  it('that is set back, or by a little, has nothing done', async () => {
    const house = await openHouse();
    house.clock.jumpNow(-8 * 3_600_000);
    await house.clock.advance(61_000);
    house.clock.jumpNow(200_000);
    await house.clock.advance(61_000);
    expect(house.sonos.calls).toEqual([]);
  });
});

describe('what is kept', () => {
  it('does not grow with the number of regroupings', async () => {
    const house = await openHouse({ settings: { pollMs: 0 }, ports: { show: () => {} } });
    const shapes = [
      [['kitchen'], ['bath', 'office']],
      [['kitchen', 'bath'], ['office']],
    ];
    for (let n = 0; n < 10_000; n += 1) {
      house.world.regroup(shapes[n % 2] ?? []);
      house.tell('groups', HOME);
      const { id } = house.world.party('bath');
      house.tell('groupVolume', id);
      house.tell('groupVolume', id, { sequence: '1' });
      if (n % 100 === 0) await house.clock.advance(1_000);
    }
    await house.clock.advance(10_000);
    expect(Object.keys(house.marks()[HOME] ?? {}).length).toBeLessThanOrEqual(15);
    expect([...house.household().groups.ids()]).toHaveLength(2);
    expect(house.household().presumed.size).toBeLessThanOrEqual(6);
    expect(status(house).wanted).toBe(15);
    expect(house.clock.timers).toBeLessThan(5);
  });
});

describe('at the end', () => {
  it('what is about to be subscribed is not waited for', async () => {
    const house = await openHouse();
    house.sonos.on(SUBSCRIBE, () => later(house.clock, 100, () => down()));
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.tell('groups', HOME);
    house.bridge.lostEvents();
    await house.clock.advance(100);
    await house.bridge.stop();
    await house.clock.advance(1_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    expect(house.clock.timers).toBe(0);
  });

  it('nothing is left to be done', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (house.picture('bath').volume !== 71) await house.clock.advance(100);
    await house.bridge.stop();
    expect(house.clock.timers).toBe(0);
    house.bridge.lostEvents();
    await house.clock.advance(DAY_MS);
    expect(status(house).corrections).toBe(0);
  });

  it('a round under way is cut short', async () => {
    const house = createTestBridge();
    house.sonos.on(/^GET .*(groups|playerVolume)$/, () =>
      later(house.clock, 100, () => null).then(() => refused()),
    );
    house.sonos.on(GROUPS, () =>
      later(house.clock, 100, () => ({ ok: true as const, value: house.world.groupsBody() })),
    );
    await house.start();
    house.bridge.setHouseholds([]);
    await house.clock.advance(1_000);
    const other = createTestBridge();
    other.sonos.on(GROUPS, () =>
      later(other.clock, 100, () => ({ ok: true as const, value: other.world.groupsBody() })),
    );
    other.bridge.setHouseholds([{ id: HOME, name: null }]);
    await other.clock.advance(100);
    await other.bridge.stop();
    await other.clock.advance(1_000);
    expect(other.sonos.calls).toHaveLength(1);
    expect(other.clock.timers).toBe(0);
  });
});
