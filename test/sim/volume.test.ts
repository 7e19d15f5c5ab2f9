import fc from 'fast-check';
import { expect, test } from 'vitest';
import { livingHousehold } from '../../src/sim/index.ts';
import { average, spread } from '../../src/sim/volumes.ts';
import { createHouse, recorded } from './house.ts';

const volume = fc.integer({ min: 0, max: 100 });

test('setting a group volume reaches it, keeps the order of the rooms, and stays in range', () => {
  fc.assert(
    fc.property(volume, fc.array(volume, { minLength: 1, maxLength: 8 }), (target, volumes) => {
      const moved = spread(target, volumes);
      expect(average(moved)).toBe(target);
      expect(moved.every((each) => Number.isInteger(each) && each >= 0 && each <= 100)).toBe(true);
    }),
  );
  expect(spread(40, [10, 30])).toEqual([20, 60]);
  expect(spread(20, [0, 0])).toEqual([20, 20]);
  expect(spread(0, [7, 70])).toEqual([0, 0]);
  expect(spread(5, [])).toEqual([]);
  expect(average([])).toBe(0);
});

test('the group volume is the average, and moving it moves each room with its own event', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  for (const room of ['Kitchen', 'Bathroom'])
    house.call('POST', `${house.player(room)}/playerVolume/subscription`);
  house.call('POST', `${house.group('Kitchen')}/groupVolume/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
  expect(world.room('Kitchen').groupVolume).toBe(20);
  expect(house.call('POST', `${house.group('Kitchen')}/groupVolume`, { volume: 40 })).toMatchObject({
    status: 200,
    type: 'none',
    body: {},
  });
  await house.clock.advance(10);
  expect([world.room('Kitchen').volume, world.room('Bathroom').volume]).toEqual([44, 36]);
  expect(house.of('playerVolume').map(({ body }) => body.volume)).toEqual([44, 36]);
  expect(house.of('groupVolume').map(({ body }) => body.volume)).toEqual([31, 40]);
});

test('the rooms of a group may take their time', async () => {
  const house = createHouse({ knobs: { volumeSettleMs: 100 } });
  house.call('POST', `${house.group('Kitchen')}/groupVolume`, { volume: 40 });
  expect(house.call('GET', `${house.group('Kitchen')}/groupVolume`).body.volume).toBe(31);
  let settled = false;
  const waiting = house.cloud.delivered().then(() => {
    settled = true;
  });
  await house.clock.advance(90);
  expect(settled).toBe(false);
  await house.clock.advance(50);
  await waiting;
  expect(house.call('GET', `${house.group('Kitchen')}/groupVolume`).body.volume).toBe(40);
});

test('answers have the shape of recorded ones', () => {
  const house = createHouse();
  const player = house.call('GET', `${house.player('Kitchen')}/playerVolume`);
  expect(player.type).toBe('playerVolume');
  expect(Object.keys(player.body)).toEqual(Object.keys(recorded('response.playerVolume')));
  const group = house.call('GET', `${house.group('Kitchen')}/groupVolume`);
  expect(group.type).toBe('groupVolume');
  expect(Object.keys(group.body)).toEqual(Object.keys(recorded('event.groupVolume')));
});

test('setting a volume unmutes, and a group is muted when all its rooms are', () => {
  const house = createHouse();
  const { world } = house.cloud;
  const group = `${house.group('Kitchen')}/groupVolume`;
  expect(house.call('POST', `${group}/mute`, { muted: true }).status).toBe(200);
  expect(world.room('Bathroom').muted).toBe(true);
  expect(house.call('GET', group).body.muted).toBe(true);
  house.call('POST', `${house.player('Kitchen')}/playerVolume`, { volume: 10 });
  expect(world.room('Kitchen')).toMatchObject({ volume: 10, muted: false });
  expect(house.call('GET', group).body.muted).toBe(false);
  house.call('POST', `${group}/mute`, { muted: true });
  house.call('POST', `${group}/relative`, { volumeDelta: 5 });
  expect(house.call('GET', group).body).toMatchObject({ muted: false, volume: 19 });
  house.call('POST', `${group}/mute`, { muted: true });
  house.call('POST', `${group}/mute`, { muted: false });
  expect(world.room('Bathroom').muted).toBe(false);
});

test('a room takes volume, relative volume and mute, and clamps what is relative', () => {
  const house = createHouse();
  const { world } = house.cloud;
  const path = `${house.player('Office')}/playerVolume`;
  house.call('POST', path, { volume: 30, muted: true });
  expect(world.room('Office')).toMatchObject({ volume: 30, muted: true });
  house.call('POST', path, { muted: false });
  expect(world.room('Office')).toMatchObject({ volume: 30, muted: false });
  house.call('POST', `${path}/relative`, { volumeDelta: -100 });
  expect(world.room('Office').volume).toBe(0);
  house.call('POST', `${path}/relative`, { volumeDelta: '100' });
  expect(world.room('Office').volume).toBe(100);
  house.call('POST', `${path}/mute`, { muted: true });
  house.call('POST', `${path}/relative`, {});
  expect(world.room('Office')).toMatchObject({ volume: 100, muted: true });
  expect(house.call('POST', path, {}).status).toBe(200);
});

test('wrong volumes are refused as the documentation shows', () => {
  const house = createHouse();
  const path = `${house.group('Kitchen')}/groupVolume`;
  expect(house.call('POST', path, {})).toMatchObject({
    status: 400,
    type: 'globalError',
    body: recorded('doc.error.400.missing-parameters'),
  });
  for (const wrong of [null, true, 'loud']) {
    expect(house.call('POST', path, { volume: wrong }).body.errorCode).toBe('ERROR_MISSING_PARAMETERS');
  }
  for (const wrong of [101, -1, 5.5, '101']) {
    expect(house.call('POST', path, { volume: wrong })).toMatchObject({
      status: 400,
      body: { errorCode: 'ERROR_INVALID_PARAMETER' },
    });
  }
  expect(house.call('POST', `${path}/relative`, { volumeDelta: 101 }).status).toBe(400);
  expect(house.call('POST', `${path}/mute`, { muted: 'true' }).body.errorCode).toBe(
    'ERROR_MISSING_PARAMETERS',
  );
  expect(house.call('POST', `${house.player('Office')}/playerVolume`, { volume: 101 }).status).toBe(400);
});

test('a player with a fixed volume refuses, and does not count in its group', () => {
  const spec = livingHousehold();
  const players = spec.players.map((player) =>
    player.name === 'Terrace' ? { ...player, fixed: true } : player,
  );
  const house = createHouse({ households: [{ ...spec, players }] });
  const refused = { status: 499, body: { errorCode: 'ERROR_COMMAND_FAILED' } };
  const path = `${house.player('Terrace')}/playerVolume`;
  expect(house.call('GET', path).body).toMatchObject({ volume: 100, fixed: true });
  expect(house.call('POST', path, { volume: 5 })).toMatchObject(refused);
  expect(house.call('POST', `${path}/mute`, { muted: true })).toMatchObject(refused);
  expect(house.call('POST', `${house.group('Terrace')}/groupVolume`, { volume: 5 })).toMatchObject(refused);
  expect(house.call('POST', `${house.group('Terrace')}/groupVolume/mute`, { muted: true })).toMatchObject(
    refused,
  );
  expect(() => house.cloud.world.setVolume('Terrace', 5)).toThrow('refuses');
  house.cloud.world.group('Office', 'Terrace');
  expect(house.call('GET', `${house.group('Office')}/groupVolume`).body).toMatchObject({
    volume: 25,
    fixed: false,
  });
});

test('ducking lowers for a while, tells nobody, and can be ended', async () => {
  const house = createHouse();
  const ducking = () => house.call('GET', `${house.group('Office')}/playback`).body.isDucking;
  const path = `${house.player('Office')}/playerVolume`;
  house.call('POST', `${path}/subscription`);
  await house.clock.advance(10);
  expect(house.call('POST', `${path}/duck`).status).toBe(200);
  await house.clock.advance(2000);
  house.call('POST', `${path}/duck`);
  await house.clock.advance(2000);
  expect(ducking()).toBe(true);
  await house.clock.advance(1000);
  expect(ducking()).toBe(false);
  house.call('POST', `${path}/duck`, { durationMillis: 900_000 });
  await house.clock.advance(59_999);
  expect(ducking()).toBe(true);
  house.call('POST', `${path}/unduck`);
  expect(ducking()).toBe(false);
  house.call('POST', `${path}/unduck`);
  expect(house.of('playerVolume')).toHaveLength(1);
});
