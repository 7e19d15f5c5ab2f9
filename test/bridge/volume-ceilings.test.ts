import { describe, expect, it } from 'vitest';
import { type Room, seatOf } from '../../src/bridge/state.ts';
import { type Ceiling, ceilingOf, limited } from '../../src/bridge/volume-ceilings.ts';
import { OPEN } from '../support/announcement.ts';
import { createTestBridge, playerOf, type TestOptions } from '../support/bridge-house.ts';
import { refused } from '../support/fake-sonos.ts';
import { CALLS, openHouse, tellVolume } from './commands-house.ts';
import { called, openLivelyHouse, play } from './timers-house.ts';

const always = (max: number, rooms: readonly string[] | null = null): Ceiling => ({
  rooms,
  max,
  hours: null,
});
const evening = { from: '19:00', to: '07:00', timezone: 'UTC' };
const under = (...ceilings: Ceiling[]): TestOptions => ({ settings: { ceilings } });

describe('the ceiling over a room', () => {
  const room: Room = {
    playerId: 'P',
    address: 'nursery',
    name: 'Nursery',
    goneSince: null,
    lastPicture: null,
  };
  const noon = Date.UTC(2026, 5, 1, 12);
  it.each([
    [[], null],
    [[always(50)], 50],
    [[always(50), always(30, ['nursery']), always(10, ['attic'])], 30],
    [[always(40, ['P'])], 40],
    [[{ ...always(20), hours: evening }], null],
    [[{ ...always(20), hours: { ...evening, from: '11:00' } }, always(60)], 20],
  ])('is the lowest that holds there and then', (ceilings, expected) => {
    expect(ceilingOf(ceilings, room, noon)).toBe(expected);
  });
});

describe('a volume under a ceiling', () => {
  it('goes no further, and the answer says so', async () => {
    const house = await openLivelyHouse(under(always(40, ['kitchen'])));
    house.command('kitchen', 'volume', { value: 70, id: 'a' });
    house.command('bath', 'volume', { value: 70, id: 'b' });
    await house.clock.advance(200);
    expect(house.last('a')).toMatchObject({ status: 'confirmed', result: { limited_to: 40 } });
    expect(house.last('b').result).toBeUndefined();
    expect(called(house)).toEqual(['kitchen Volume 40', 'bath Volume 70']);
  });

  it('steps up to it and not beyond, and down from wherever it is', async () => {
    const house = await openHouse(under(always(40)));
    tellVolume(house, 'kitchen', 38);
    house.command('kitchen', 'volume', { value: '+1', id: 'a' });
    await house.clock.advance(200);
    house.command('kitchen', 'volume', { value: '+5', id: 'b' });
    await house.clock.advance(200);
    tellVolume(house, 'kitchen', 40);
    // Somebody else made it louder, which is theirs to do.
    tellVolume(house, 'kitchen', 60);
    await house.clock.advance(60_000);
    house.command('kitchen', 'volume', { value: '-5', id: 'c' });
    await house.clock.advance(200);
    house.command('kitchen', 'volume', { value: '+1', id: 'd' });
    await house.clock.advance(200);
    expect(house.sonos.made(CALLS).map(({ body }) => body)).toEqual([
      { volumeDelta: 1 },
      { volume: 40 },
      { volumeDelta: -5 },
      { volume: 40 },
    ]);
    expect(house.last('b')).toMatchObject({ status: 'confirmed', result: { limited_to: 40 } });
  });

  it('cannot be stepped up while nobody knows where it is', async () => {
    const house = await openHouse(under(always(40)));
    const household = house.household();
    const blank = { ...household, players: household.players.with(playerOf('kitchen'), {}) };
    const seat = seatOf(blank, playerOf('kitchen'));
    if (seat === null) throw new Error('no seat');
    const tried = limited([always(40)], 'volume', { by: 3 }, seat, 0);
    expect(tried).toMatchObject({ ok: false, error: { code: 'not_capable' } });
    expect(limited([always(40)], 'volume', { by: -3 }, seat, 0)).toMatchObject({ ok: true });
    expect(limited([always(40)], 'volume', { to: 90 }, seat, 0)).toMatchObject({ value: { to: 40 } });
    expect(limited([always(40)], 'clip', { url: null, body: {} }, seat, 0)).toMatchObject({
      value: { value: { body: { volume: 40 } }, to: 40 },
    });
  });

  it('is that of the moment at which it is sent', async () => {
    // It is 20:00 when the house opens.
    const house = await openLivelyHouse(under({ ...always(30), hours: { ...evening, to: '20:30' } }));
    house.command('kitchen', 'volume', { value: 60, id: 'a' });
    await house.clock.advance(1_800_000);
    house.command('kitchen', 'volume', { value: 60, id: 'b' });
    await house.clock.advance(200);
    expect(called(house)).toEqual(['kitchen Volume 30', 'kitchen Volume 60']);
  });

  it('holds for fades, and for what a room does by itself', async () => {
    const house = await openLivelyHouse(under(always(25)));
    house.command('kitchen', 'fade', { value: 60, seconds: 10, id: 'f' });
    house.command('office', 'wake', { at: 1, volume: 80, fade_minutes: 1 });
    await house.clock.advance(180_000);
    expect(house.last('f')).toMatchObject({ status: 'confirmed', result: { volume: 25, limited_to: 25 } });
    expect(house.world.speaker('kitchen').volume).toBe(25);
    expect(house.world.speaker('office').volume).toBe(25);
  });

  it('holds for clips and announcements, also at the volume that the player has', async () => {
    const house = await openHouse({ settings: { ceilings: [always(15, ['kitchen'])], announcements: OPEN } });
    const url = 'http://192.168.1.9/bell.mp3';
    house.command('kitchen', 'clip', { url, volume: 50, id: 'a' });
    await house.clock.advance(100);
    house.command('kitchen', 'clip', { url, volume: 10, id: 'b' });
    await house.clock.advance(100);
    house.command('kitchen', 'clip', { url, id: 'c' });
    await house.clock.advance(100);
    house.command('bath', 'clip', { url, volume: 50, id: 'd' });
    await house.clock.advance(100);
    const volumes = house.sonos.made(/audioClip$/).map(({ body }) => body?.volume);
    expect(volumes).toEqual([15, 10, 15, 50]);
  });

  it('is nothing to other commands', async () => {
    const house = await openLivelyHouse(under(always(5)));
    play(house, 'kitchen');
    house.command('kitchen', 'pause', { id: 'p' });
    await house.clock.advance(200);
    expect(house.last('p').status).toBe('confirmed');
  });
});

describe('the volume of a group under the ceilings of its rooms', () => {
  const told = async (
    ceilings: readonly Ceiling[],
    volumes: { readonly kitchen: number; readonly bath: number; readonly group: number },
    value: unknown,
  ) => {
    const house = await openHouse({ settings: { ceilings } });
    tellVolume(house, 'kitchen', volumes.kitchen);
    tellVolume(house, 'bath', volumes.bath);
    house.world.party('kitchen').volume = volumes.group;
    house.tell('groupVolume', house.world.party('kitchen').id);
    house.command('kitchen', 'group_volume', { value, id: 'g' });
    await house.clock.advance(300);
    return house.sonos.made(CALLS).map(({ body }) => body)[0];
  };
  const loudBath = { kitchen: 10, bath: 30, group: 20 };

  it.each([
    // In proportion, the bath would be at 60.
    [loudBath, 40, { volume: 26 }],
    [loudBath, '+20', { volume: 26 }],
    [loudBath, '+5', { volumeDelta: 5 }],
    [loudBath, 10, { volume: 10 }],
    [loudBath, '-5', { volumeDelta: -5 }],
    // One that is above its ceiling already is not made louder.
    [{ kitchen: 10, bath: 50, group: 30 }, 35, { volume: 30 }],
    // Nobody can tell how silent rooms will move.
    [{ kitchen: 0, bath: 0, group: 0 }, 60, { volume: 40 }],
  ])('takes none above its own: %j to %j', async (volumes, value, expected) => {
    expect(await told([always(40, ['bath'])], volumes, value)).toEqual(expected);
  });

  it('is free where no room of it has one', async () => {
    expect(await told([always(10, ['office'])], loudBath, 90)).toEqual({ volume: 90 });
  });

  it('does not heed rooms that cannot be moved', async () => {
    const house = await openHouse(under(always(10, ['bath'])));
    house.world.speaker('bath').fixed = true;
    house.tell('playerVolume', playerOf('bath'));
    house.command('kitchen', 'group_volume', { value: 60, id: 'g' });
    await house.clock.advance(300);
    expect(house.sonos.made(CALLS).map(({ body }) => body)).toEqual([{ volume: 60 }]);
  });

  it('that is not there, or not known, is bound by the lowest', async () => {
    const house = await openHouse(under(always(40)));
    const household = house.household();
    const seat = seatOf(household, playerOf('kitchen'));
    if (seat === null) throw new Error('no seat');
    const groupless = { ...seat, group: null };
    expect(limited([always(40)], 'group_volume', { to: 90 }, groupless, 0)).toMatchObject({
      value: { to: null },
    });
    const away = {
      ...seat,
      household: { ...household, rooms: new Map(), groups: household.groups.with(seat.group?.id ?? '', {}) },
    };
    expect(limited([always(40)], 'group_volume', { to: 90 }, away, 0)).toMatchObject({ value: { to: null } });
    const unheard = {
      ...seat,
      household: { ...household, groups: household.groups.with(seat.group?.id ?? '', {}) },
    };
    expect(limited([always(40)], 'group_volume', { to: 90 }, unheard, 0)).toMatchObject({
      value: { to: 40 },
    });
  });
});

describe('a knob', () => {
  it('of fifty steps becomes few calls with the right sum', async () => {
    const house = await openHouse();
    house.sonos.on(/playerVolume\/relative$/, ({ body }) => {
      const { volumeDelta } = body as { volumeDelta: number };
      house.clock.after(30, () =>
        tellVolume(house, 'kitchen', house.world.speaker('kitchen').volume + volumeDelta),
      );
      return { ok: true, value: {} };
    });
    for (let turn = 0; turn < 50; turn += 1) {
      house.command('kitchen', 'volume', { value: '+1', id: `k${turn}` });
      await house.clock.advance(10);
    }
    await house.clock.advance(1_000);
    expect(house.world.speaker('kitchen').volume).toBe(70);
    expect(house.sonos.made(CALLS).length).toBeLessThan(8);
    expect(house.last('k49').status).toBe('confirmed');
  });
});

describe('a step up where nobody knows how loud it is', () => {
  it('is refused under a ceiling, when its turn has come', async () => {
    const house = createTestBridge({ settings: { ceilings: [always(15)] } });
    house.sonos.on(/^GET .*playerVolume/, () => refused());
    await house.start();
    house.command('office', 'volume', { value: '+5', id: 'a' });
    await house.clock.advance(1_000);
    expect(house.statuses('a')).toEqual(['accepted', 'failed']);
    expect(house.last('a').error?.code).toBe('not_capable');
    expect(house.sonos.made(/POST .*playerVolume(\/relative)?$/)).toEqual([]);
  });
});
