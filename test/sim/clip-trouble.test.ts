import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Download, FetchClip } from '../../src/sim/clip.ts';
import { createHouse, type House } from './house.ts';
import { wav } from './sounds.ts';

const bodySchema = z.object({ audioClips: z.array(z.object({ name: z.string(), status: z.string() })) });

async function listening(options: Parameters<typeof createHouse>[0] = {}): Promise<House> {
  const house = createHouse(options);
  house.call('POST', `${house.player('Kitchen')}/audioClip/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
  return house;
}

const load = (house: House, name: string, more: object = {}) =>
  house.call('POST', `${house.player('Kitchen')}/audioClip`, { name, appId: 'com.example.app', ...more });
const cancel = (house: House, id: unknown) =>
  house.call('DELETE', `${house.player('Kitchen')}/audioClip/${String(id)}`);
const told = (house: House) =>
  house
    .of('audioClipStatus')
    .map(({ body }) => bodySchema.parse(body).audioClips.map(({ name, status }) => `${name} ${status}`));

test('a jammed player takes clips, and nothing more is heard of them, even when it is free again', async () => {
  let fetched = 0;
  const fetchClip: FetchClip = (_url, _headers, download) => {
    fetched += 1;
    download.came(wav(1));
    download.ended(true);
    return () => undefined;
  };
  const house = await listening({ fetchClip, knobs: { fetchClips: true } });
  const { world } = house.cloud;
  load(house, 'before', { streamUrl: 'http://192.0.2.9/a.wav' });
  world.jamClips('Kitchen');
  const jammed = load(house, 'jammed', { streamUrl: 'http://192.0.2.9/a.wav', priority: 'HIGH' });
  expect(jammed).toMatchObject({ status: 200, body: { status: 'INACTIVE' } });
  await house.clock.advance(60_000);
  expect(told(house)).toEqual([
    ['before INACTIVE'],
    ['before ACTIVE'],
    ['before ACTIVE', 'jammed INACTIVE'],
    ['before DONE', 'jammed INACTIVE'],
  ]);
  world.jamClips('Kitchen', false);
  load(house, 'after', { streamUrl: 'http://192.0.2.9/a.wav' });
  await house.clock.advance(60_000);
  expect(told(house).at(-1)).toEqual(['before DONE', 'jammed INACTIVE', 'after DONE']);
  expect(fetched).toBe(2);
  // It can be taken back, and even of that no status tells.
  const events = told(house).length;
  expect(cancel(house, jammed.body.id)).toMatchObject({ status: 200, body: {} });
  await house.clock.advance(60_000);
  expect(told(house)).toHaveLength(events);
  expect(cancel(house, jammed.body.id).status).toBe(499);
  expect(house.cloud.heard.map(({ name }) => name)).toEqual(['before', 'after']);
});

test('a player refuses clips with the code it was told, in its room only', async () => {
  const house = await listening();
  const { world } = house.cloud;
  world.refuseClips('Kitchen');
  expect(load(house, 'a')).toMatchObject({ status: 499, body: { errorCode: 'ERROR_COMMAND_FAILED' } });
  world.refuseClips('Kitchen', 'ERROR_AUDIO_CLIP_VOICE_ASSISTANT_PLAYING');
  expect(load(house, 'b').body.errorCode).toBe('ERROR_AUDIO_CLIP_VOICE_ASSISTANT_PLAYING');
  expect(() => world.clip('Kitchen')).toThrow('refuses');
  world.clip('Office');
  world.refuseClips('Kitchen', null);
  expect(load(house, 'c').status).toBe(200);
  await house.clock.advance(10);
  expect(told(house)).toEqual([['c ACTIVE']]);
});

test('a clip fails while it plays or is fetched, and the next one comes', async () => {
  const house = await listening({ fetchClip: () => () => undefined, knobs: { fetchClips: true } });
  const { world } = house.cloud;
  load(house, 'fetched', { streamUrl: 'http://192.0.2.9/a.wav' });
  world.failClip('Kitchen');
  load(house, 'playing', { priority: 'HIGH' });
  load(house, 'next');
  world.failClip('Kitchen', 'ERROR_AUDIO_CLIP_PAUSE_CONTENT_FAILED');
  expect(world.room('Kitchen').clips).toMatchObject([
    { name: 'fetched', status: 'ERROR', errorCode: 'ERROR_AUDIO_CLIP_MEDIA_ERROR' },
    { name: 'playing', status: 'ERROR', errorCode: 'ERROR_AUDIO_CLIP_PAUSE_CONTENT_FAILED' },
    { name: 'next', status: 'ACTIVE' },
  ]);
  await house.clock.advance(5000);
  world.failClip('Kitchen');
  expect(house.cloud.heard.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'playing ERROR',
    'next DONE',
  ]);
});

test('a player that loses DONE drops the clip without a word, and plays on', async () => {
  const house = await listening();
  const { world } = house.cloud;
  world.loseDone('Kitchen');
  const id = load(house, 'lost', { priority: 'HIGH' }).body.id;
  await house.clock.advance(5000);
  expect(told(house)).toEqual([['lost ACTIVE']]);
  expect(cancel(house, id).status).toBe(499);
  load(house, 'one', { priority: 'HIGH' });
  load(house, 'two');
  await house.clock.advance(2000);
  // The one that follows is told as ever.
  expect(told(house).slice(1)).toEqual([['one ACTIVE'], ['one ACTIVE', 'two INACTIVE'], ['two ACTIVE']]);
  world.dismissClip('Kitchen');
  await house.clock.advance(10);
  expect(told(house).at(-1)).toEqual(['two DISMISSED']);
  world.loseDone('Kitchen', false);
  load(house, 'three');
  await house.clock.advance(2010);
  expect(told(house).at(-1)).toEqual(['two DISMISSED', 'three DONE']);
  expect(house.cloud.heard.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'lost DONE',
    'one DONE',
    'two DISMISSED',
    'three DONE',
  ]);
});

test('a doorbell may ring as long as it likes', async () => {
  const house = await listening();
  house.cloud.world.clip('Kitchen', { milliseconds: 9000 });
  await house.clock.advance(8999);
  expect(house.cloud.world.room('Kitchen').clips).toMatchObject([{ status: 'ACTIVE' }]);
  await house.clock.advance(1);
  expect(house.cloud.world.room('Kitchen').clips).toMatchObject([{ status: 'DONE' }]);
});

test('the button ends what sounds, not what is still fetched; and a download that goes on unasked changes nothing', async () => {
  const downloads: Download[] = [];
  const fetchClip: FetchClip = (_url, _headers, download) => {
    downloads.push(download);
    return () => undefined;
  };
  const house = await listening({ fetchClip, knobs: { fetchClips: true } });
  load(house, 'first', { streamUrl: 'http://192.0.2.9/a.wav' });
  house.cloud.world.dismissClip('Kitchen');
  expect(house.cloud.world.room('Kitchen').clips).toMatchObject([{ status: 'INACTIVE' }]);
  load(house, 'second', { streamUrl: 'http://192.0.2.9/b.wav' });
  downloads[1]?.came(wav(60));
  downloads[1]?.ended(true);
  downloads[0]?.came(wav(1));
  downloads[0]?.ended(true);
  await house.clock.advance(30_000);
  expect(house.cloud.world.room('Kitchen').clips.map(({ status }) => status)).toEqual([
    'INTERRUPTED',
    'ACTIVE',
  ]);
  house.cloud.world.dismissClip('Kitchen');
  expect(house.cloud.heard).toMatchObject([{ name: 'second', outcome: 'DISMISSED' }]);
});
