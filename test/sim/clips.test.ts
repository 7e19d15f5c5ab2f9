import { expect, test } from 'vitest';
import { z } from 'zod';
import { livingHousehold } from '../../src/sim/index.ts';
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

test('old players cannot play clips, single boxes of a pair can', () => {
  const spec = livingHousehold();
  const house = createHouse({
    households: [{ ...spec, players: [...spec.players, { name: 'Attic', model: 'play-1-s1' }] }],
  });
  const order = { name: 'a', appId: 'b' };
  expect(house.call('POST', `${house.player('Attic')}/audioClip`, order)).toMatchObject({
    status: 404,
    body: { errorCode: 'ERROR_UNSUPPORTED_NAMESPACE' },
  });
  const box = house.cloud.world.find('Bedroom').player.deviceIds[1];
  expect(house.call('POST', `/players/${box}/audioClip`, order).status).toBe(200);
  expect(house.call('GET', `/players/${box}/playerVolume`).status).toBe(400);
});

test('players fetch the sound themselves when they are told to, and only HTTPS gets the credential', async () => {
  const fetched: [string, string | undefined][] = [];
  const house = await listening({
    knobs: { fetchClips: true },
    fetchClip: async (url, authorization) => {
      fetched.push([url, authorization]);
      if (url.includes('broken')) throw new Error('no route');
      return url.includes('missing') ? null : 7000;
    },
  });
  load(house, 'good', { streamUrl: 'https://a.example.com/a.mp3', httpAuthorization: 'Bearer x' });
  await house.clock.advance(6999);
  expect(statuses(house)).toEqual({ good: 'ACTIVE' });
  await house.clock.advance(1);
  expect(statuses(house)).toEqual({ good: 'DONE' });
  load(house, 'missing', { streamUrl: 'http://a.example.com/missing.mp3', httpAuthorization: 'Bearer x' });
  await house.clock.advance(1);
  load(house, 'broken', { streamUrl: 'http://a.example.com/broken.mp3' });
  await house.clock.advance(1);
  load(house, 'late', { streamUrl: 'http://a.example.com/late.mp3' });
  load(house, 'chime');
  await house.clock.advance(1);
  expect(statuses(house)).toMatchObject({
    missing: 'ERROR',
    broken: 'ERROR',
    late: 'INTERRUPTED',
    chime: 'ACTIVE',
  });
  expect(fetched.slice(0, 2)).toEqual([
    ['https://a.example.com/a.mp3', 'Bearer x'],
    ['http://a.example.com/missing.mp3', undefined],
  ]);
});
