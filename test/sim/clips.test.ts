import { expect, test } from 'vitest';
import { z } from 'zod';
import { type HeardClip, livingHousehold } from '../../src/sim/index.ts';
import { createHouse, type House } from './house.ts';

const clips = z.object({
  audioClips: z.array(
    z.object({ id: z.string(), name: z.string(), status: z.string(), errorCode: z.string().optional() }),
  ),
});

async function listening(options: Parameters<typeof createHouse>[0] = {}): Promise<House> {
  const house = createHouse(options);
  house.call('POST', `${house.player('Kitchen')}/audioClip/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
  return house;
}

const load = (house: House, name: string, more: object = {}) =>
  house.call('POST', `${house.player('Kitchen')}/audioClip`, { name, appId: 'com.example.app', ...more });
const statuses = (house: House) =>
  Object.fromEntries(house.cloud.world.room('Kitchen').clips.map(({ name, status }) => [name, status]));

test('a clip plays, and its end is told', async () => {
  const house = await listening();
  const answer = load(house, 'Hello');
  expect(answer).toMatchObject({
    status: 200,
    type: 'audioClip',
    body: { name: 'Hello', appId: 'com.example.app', priority: 'LOW', clipType: 'CHIME', status: 'ACTIVE' },
  });
  await house.clock.advance(1999);
  expect(statuses(house)).toEqual({ Hello: 'ACTIVE' });
  await house.clock.advance(1);
  const told = house.of('audioClipStatus').map(({ body }) => clips.parse(body).audioClips);
  expect(told.map((list) => list.map(({ status }) => status))).toEqual([['ACTIVE'], ['DONE']]);
  expect(told[1]?.[0]?.id).toBe(answer.body.id);
});

test('LOW interrupts LOW, HIGH interrupts LOW, LOW waits for HIGH', async () => {
  const house = await listening();
  load(house, 'first');
  load(house, 'second');
  expect(statuses(house)).toEqual({ first: 'INTERRUPTED', second: 'ACTIVE' });
  load(house, 'high', { priority: 'HIGH' });
  expect(statuses(house)).toMatchObject({ second: 'INTERRUPTED', high: 'ACTIVE' });
  expect(load(house, 'low').body.status).toBe('INACTIVE');
  await house.clock.advance(2000);
  expect(statuses(house)).toMatchObject({ high: 'DONE', low: 'ACTIVE' });
  await house.clock.advance(2000);
  expect(statuses(house)).toMatchObject({ low: 'DONE' });
  expect(house.of('audioClipStatus').every(({ body }) => clips.parse(body).audioClips.length <= 3)).toBe(
    true,
  );
});

test('LOW may also be refused while HIGH plays', async () => {
  const house = await listening({ knobs: { lowDuringHigh: 'refuse' } });
  load(house, 'high', { priority: 'HIGH' });
  expect(load(house, 'low')).toMatchObject({ status: 499, body: { errorCode: 'ERROR_COMMAND_FAILED' } });
  expect(() => house.cloud.world.clip('Kitchen', { priority: 'LOW' })).toThrow('refuses');
});

test('HIGH interrupts HIGH only when that has run for more than ten seconds', async () => {
  const house = await listening({ knobs: { clipMs: 60_000 } });
  const high = { priority: 'HIGH', streamUrl: 'http://192.0.2.9/a.mp3' };
  load(house, 'one', high);
  await house.clock.advance(10_000);
  expect(load(house, 'two', high).body.status).toBe('INACTIVE');
  await house.clock.advance(1);
  expect(load(house, 'three', high).body.status).toBe('ACTIVE');
  expect(statuses(house)).toEqual({ one: 'INTERRUPTED', two: 'INACTIVE', three: 'ACTIVE' });
});

test('a clip can be cancelled while it plays or waits, and not after', async () => {
  const house = await listening();
  const first = load(house, 'first', { priority: 'HIGH' }).body.id;
  const second = load(house, 'second').body.id;
  const cancel = (id: unknown) => house.call('DELETE', `${house.player('Kitchen')}/audioClip/${id}`);
  expect(cancel(second)).toMatchObject({ status: 200, body: {} });
  expect(cancel(first)).toMatchObject({ status: 200, body: {} });
  expect(statuses(house)).toEqual({ first: 'DISMISSED', second: 'DISMISSED' });
  expect(cancel(first)).toMatchObject({ status: 499, body: { errorCode: 'ERROR_AUDIO_CLIP_ID_NOT_FOUND' } });
});

test('clips of other apps, buttons and trouble are told too', async () => {
  const house = await listening();
  const { world } = house.cloud;
  world.clip('Kitchen');
  await house.clock.advance(10);
  expect(house.of('audioClipStatus').at(-1)?.body).toMatchObject({
    audioClips: [{ appId: 'com.example.doorbell' }],
  });
  world.dismissClip('Kitchen');
  world.dismissClip('Kitchen');
  world.failClip('Kitchen');
  world.clip('Kitchen', { name: 'Bad' });
  world.failClip('Kitchen');
  await house.clock.advance(10);
  expect(world.room('Kitchen').clips).toMatchObject([
    { status: 'DISMISSED' },
    { status: 'ERROR', errorCode: 'ERROR_AUDIO_CLIP_MEDIA_ERROR' },
  ]);
});

test('wrong clips are refused', () => {
  const house = createHouse();
  const path = `${house.player('Kitchen')}/audioClip`;
  const post = (body: unknown) => house.call('POST', path, body).body;
  expect(post({ appId: 'a' })).toMatchObject({
    errorCode: 'ERROR_MISSING_PARAMETERS',
    reason: 'Missing required value:[1].name',
  });
  expect(post({ name: 'a' })).toMatchObject({ errorCode: 'ERROR_MISSING_PARAMETERS' });
  const right = { name: 'a', appId: 'b' };
  for (const wrong of [
    { name: 'x'.repeat(65) },
    { priority: 'LOUD' },
    { volume: 101 },
    { streamUrl: 'x'.repeat(1025) },
  ]) {
    expect(post({ ...right, ...wrong })).toMatchObject({ errorCode: 'ERROR_INVALID_PARAMETER' });
  }
  expect(post({ ...right, clipType: 'CUSTOM' })).toMatchObject({ errorCode: 'ERROR_MISSING_PARAMETERS' });
});

test('old players cannot play clips', () => {
  const spec = livingHousehold();
  const house = createHouse({
    households: [{ ...spec, players: [...spec.players, { name: 'Attic', model: 'play-1-s1' }] }],
  });
  expect(house.call('POST', `${house.player('Attic')}/audioClip`, { name: 'a', appId: 'b' })).toMatchObject({
    status: 404,
    body: { errorCode: 'ERROR_UNSUPPORTED_NAMESPACE' },
  });
});

test('clips play over the music and leave it as it is: what plays goes on, what is paused stays paused', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  world.playFavorite('Kitchen', 'Salt and Rope');
  world.playFavorite('Office', 'Morning Coffee');
  await house.clock.advance(5000);
  world.pause('Office');
  house.call('POST', `${house.group('Kitchen')}/playback/subscription`);
  house.call('POST', `${house.group('Office')}/playback/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
  const before = ['Kitchen', 'Office', 'Bedroom'].map((room) => world.room(room));
  for (const { name } of before) {
    world.clip(name, { volume: 70 });
    world.clip(name);
    world.dismissClip(name);
    world.clip(name);
  }
  await house.clock.advance(4000);
  for (const { name, state, volume, track, positionMillis } of before) {
    const now = world.room(name);
    expect(now).toMatchObject({ state, volume, track });
    const moved = state === 'PLAYBACK_STATE_PLAYING' ? 4000 : 0;
    expect((now.positionMillis ?? 0) - (positionMillis ?? 0)).toBe(moved);
  }
  expect(before.map(({ state }) => state)).toEqual([
    'PLAYBACK_STATE_PLAYING',
    'PLAYBACK_STATE_PAUSED',
    'PLAYBACK_STATE_IDLE',
  ]);
  expect(house.of('playbackStatus')).toEqual([]);
});

test('a status lists the three clips that changed last, whatever waits', async () => {
  const house = await listening();
  for (const name of ['high', 'a', 'b', 'c', 'd'])
    load(house, name, { priority: name === 'high' ? 'HIGH' : 'LOW' });
  await house.clock.advance(10);
  house.arrived.length = 0;
  await house.clock.advance(2000);
  const [told] = house.of('audioClipStatus').map(({ body }) => clips.parse(body).audioClips);
  expect(told?.map(({ name, status }) => `${name} ${status}`)).toEqual([
    'high DONE',
    'a ACTIVE',
    'd INACTIVE',
  ]);
});

test('what sounded is written down, with its begin and its end', async () => {
  const noted: HeardClip[] = [];
  const house = await listening({ onClip: (clip) => noted.push(clip) });
  await house.clock.advance(90);
  const from = house.clock.elapsed();
  const first = load(house, 'first', { volume: 40, streamUrl: 'http://192.0.2.9/a.mp3' }).body.id;
  await house.clock.advance(500);
  load(house, 'second', { priority: 'HIGH' });
  load(house, 'waits');
  expect(house.cloud.heard).toEqual([
    {
      ...{ room: 'Kitchen', deviceId: house.cloud.world.room('Kitchen').id, clipId: first },
      ...{
        name: 'first',
        appId: 'com.example.app',
        url: 'http://192.0.2.9/a.mp3',
        priority: 'LOW',
        volume: 40,
      },
      ...{ startedAt: from, endedAt: from + 500, outcome: 'INTERRUPTED' },
    },
    expect.objectContaining({ name: 'second', url: null, volume: 22, endedAt: null, outcome: null }),
  ]);
  await house.clock.advance(2500);
  house.cloud.world.unplug('Kitchen');
  expect(noted.map(({ name, startedAt, endedAt, outcome }) => [name, startedAt, endedAt, outcome])).toEqual([
    ['first', from, null, null],
    ['first', from, from + 500, 'INTERRUPTED'],
    ['second', from + 500, null, null],
    ['second', from + 500, from + 2500, 'DONE'],
    ['waits', from + 2500, null, null],
    ['waits', from + 2500, from + 3000, 'UNPLUGGED'],
  ]);
  expect(house.cloud.heard.map(({ outcome }) => outcome)).toEqual(['INTERRUPTED', 'DONE', 'UNPLUGGED']);
});

test('of what was heard the latest thousand are kept', async () => {
  const house = createHouse();
  for (let turn = 0; turn < 1003; turn += 1)
    house.cloud.world.clip('Office', { name: `${turn}`, priority: 'LOW' });
  expect(house.cloud.heard).toHaveLength(1000);
  expect(house.cloud.heard[0]?.name).toBe('3');
  expect(house.cloud.heard.at(-1)?.name).toBe('1002');
});
