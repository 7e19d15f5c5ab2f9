import { type AddressInfo, createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import type { FetchClip } from '../../src/sim/clip.ts';
import { fetchClip } from '../../src/sim/clip-fetch.ts';
import { createHouse, type House } from './house.ts';
import { FLAC, mp3, type SoundServer, serveSounds, until, wav } from './sounds.ts';

let server: SoundServer;
let house: House;
/** How many downloads have ended. */
let ended: number;

afterEach(async () => {
  house.cloud.stop();
  await server.close();
});

type Answers = Parameters<typeof serveSounds>[0];

async function open(answers: Answers, options: Parameters<typeof createHouse>[0] = {}): Promise<void> {
  server = await serveSounds(answers);
  ended = 0;
  const counted: FetchClip = (url, headers, download) =>
    fetchClip(url, headers, {
      came: download.came,
      ended: (whole) => {
        ended += 1;
        download.ended(whole);
      },
    });
  house = createHouse({ ...options, fetchClip: counted, knobs: { fetchClips: true, ...options.knobs } });
  for (const room of ['Kitchen', 'Office'])
    house.call('POST', `${house.player(room)}/audioClip/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
}

const load = (room: string, path: string, more: object = {}) =>
  house.call('POST', `${house.player(room)}/audioClip`, {
    name: path,
    appId: 'com.example.app',
    streamUrl: path.includes(':') ? path : `${server.url}${path}`,
    ...more,
  });
const cancel = (room: string, id: unknown) =>
  house.call('DELETE', `${house.player(room)}/audioClip/${String(id)}`);
const clip = (room: string, name: string) =>
  house.cloud.world.room(room).clips.find((each) => each.name === name);
const becomes = (room: string, name: string, status: string) =>
  until(
    () => clip(room, name)?.status === status,
    `${name} in ${room}: ${status}, is ${clip(room, name)?.status}`,
  );

/** Waits until every request was answered to its end. */
const allCame = () =>
  until(() => server.asked.length > 0 && ended === server.asked.length, 'all of what was asked for');

const bodySchema = z.object({ audioClips: z.array(z.object({ name: z.string(), status: z.string() })) });

/** The statuses of a clip as they were told, one after the other. */
const told = (room: string, name: string): string[] =>
  house
    .of('audioClipStatus')
    .filter(({ target }) => target === house.cloud.world.room(room).id)
    .flatMap(({ body }) => bodySchema.parse(body).audioClips.filter((each) => each.name === name))
    .map(({ status }) => status)
    .filter((status, place, all) => status !== all[place - 1]);

test('a player fetches the sound as players do, plays it from its first bytes on, and is done after its length', async () => {
  let give: () => void = () => undefined;
  await open({
    '/hello.wav': (response) => {
      const sound = wav(3);
      give = () => {
        response.writeHead(200, { 'Content-Type': 'audio/wav' });
        response.write(sound.subarray(0, 1000));
        setTimeout(() => response.end(sound.subarray(1000)), 20);
      };
    },
  });
  const answer = load('Kitchen', '/hello.wav', { httpAuthorization: 'Bearer secret' });
  expect(answer).toMatchObject({ status: 200, body: { status: 'INACTIVE' } });
  await until(() => server.asked.length === 1, 'a request');
  expect(server.asked[0]).toMatchObject({
    method: 'GET',
    headers: { 'user-agent': 'Linux UPnP/1.0 Sonos/96.1-79270 (ZPS13)' },
  });
  // The credential goes over HTTPS only.
  expect(server.asked[0]?.headers).not.toHaveProperty('authorization');
  await house.clock.advance(1500);
  expect(told('Kitchen', '/hello.wav')).toEqual(['INACTIVE']);
  expect(house.cloud.heard).toEqual([]);
  const begun = house.clock.elapsed();
  give();
  await becomes('Kitchen', '/hello.wav', 'ACTIVE');
  await allCame();
  await house.clock.advance(2999);
  expect(clip('Kitchen', '/hello.wav')?.status).toBe('ACTIVE');
  await house.clock.advance(1);
  expect(told('Kitchen', '/hello.wav')).toEqual(['INACTIVE', 'ACTIVE', 'DONE']);
  expect(house.cloud.heard).toMatchObject([
    { room: 'Kitchen', startedAt: begun, endedAt: begun + 3000, outcome: 'DONE', clipId: answer.body.id },
  ]);
});

test('several speakers fetch and play at once, each as the kind of speaker it is', async () => {
  await open({
    '/a.mp3': (response) => response.end(mp3(100)),
  });
  const rooms = ['Kitchen', 'Office', 'Bathroom'];
  for (const room of rooms) load(room, '/a.mp3');
  for (const room of rooms) await becomes(room, '/a.mp3', 'ACTIVE');
  await allCame();
  await house.clock.advance(2612);
  expect(rooms.map((room) => clip(room, '/a.mp3')?.status)).toEqual(['DONE', 'DONE', 'DONE']);
  expect(server.asked.map(({ headers }) => /ZP\w+/.exec(headers['user-agent'] ?? '')?.[0]).sort()).toEqual([
    'ZPS13',
    'ZPS17',
    'ZPS24',
  ]);
  expect(house.cloud.heard.map(({ room, outcome }) => `${room} ${outcome}`).sort()).toEqual([
    'Bathroom DONE',
    'Kitchen DONE',
    'Office DONE',
  ]);
});

test('what cannot be had or played ends as an error and is not heard', async () => {
  await open({
    '/flac': (response) => response.end(FLAC),
    '/page': (response) => response.end('<html>'),
    '/short': (response) => response.end('ab'),
    '/refused': (response) => response.writeHead(401).end(),
    '/moved': (response) => response.writeHead(302).end(),
    '/circle': (response) => response.writeHead(302, { Location: '/circle' }).end(),
  });
  const names = [
    ...['/flac', '/page', '/short', '/missing', '/refused', '/moved', '/circle'],
    ...['http://127.0.0.1:1/a.mp3', 'ftp://127.0.0.1/a.mp3', 'no: address'],
  ];
  for (const name of names) {
    load('Kitchen', name);
    await becomes('Kitchen', name, 'ERROR');
    expect(clip('Kitchen', name)?.errorCode, name).toBe('ERROR_AUDIO_CLIP_MEDIA_ERROR');
  }
  // A header that cannot be sent.
  load('Kitchen', 'https://127.0.0.1:1/b.mp3', { httpAuthorization: 'a\nb' });
  await becomes('Kitchen', 'https://127.0.0.1:1/b.mp3', 'ERROR');
  await house.clock.advance(10);
  expect(told('Kitchen', '/flac')).toEqual(['INACTIVE', 'ERROR']);
  expect(house.cloud.heard).toEqual([]);
  expect(server.asked.filter(({ url }) => url === '/circle')).toHaveLength(4);
});

test('a player that is known for it is done with FLAC in silence, but not with what is not there', async () => {
  await open({ '/flac': (response) => response.end(FLAC) }, { knobs: { unsupportedMedia: 'silence' } });
  load('Kitchen', '/flac');
  await becomes('Kitchen', '/flac', 'DONE');
  load('Kitchen', '/missing');
  await becomes('Kitchen', '/missing', 'ERROR');
  await house.clock.advance(10);
  expect(told('Kitchen', '/flac')).toEqual(['INACTIVE', 'DONE']);
  expect(house.cloud.heard).toEqual([]);
});

test('a player follows a redirect, but not to another scheme', async () => {
  let knocks = 0;
  const secure = createServer(() => {
    knocks += 1;
  });
  await new Promise<void>((resolve) => secure.listen(0, '127.0.0.1', resolve));
  const { port } = secure.address() as AddressInfo;
  await open({
    '/secure': (response) => response.writeHead(302, { Location: `https://127.0.0.1:${port}/` }).end(),
    '/old': (response) => response.writeHead(302, { Location: '/new' }).end('moved'),
    '/new': (response) => response.end(wav(1)),
  });
  load('Kitchen', '/old');
  await becomes('Kitchen', '/old', 'ACTIVE');
  expect(server.asked.map(({ url, headers }) => [url, headers['user-agent']?.slice(0, 10)])).toEqual([
    ['/old', 'Linux UPnP'],
    ['/new', 'Linux UPnP'],
  ]);
  load('Kitchen', '/secure');
  await becomes('Kitchen', '/secure', 'ERROR');
  expect(knocks).toBe(0);
  secure.close();
});

test('a player gives up when no byte comes for five seconds', async () => {
  await open({
    '/silent': () => undefined,
    '/headers': (response) => response.flushHeaders(),
    '/stalls': (response) => void response.write(wav(60).subarray(0, 5000)),
  });
  for (const path of ['/silent', '/headers']) {
    load('Kitchen', path);
    await until(() => server.asked.some(({ url }) => url === path), 'a request');
    await house.clock.advance(4999);
    expect(clip('Kitchen', path)?.status).toBe('INACTIVE');
    await house.clock.advance(1);
    expect(clip('Kitchen', path)?.status).toBe('ERROR');
    await until(() => server.brokenOff.includes(path), 'the end of the connection');
  }
  load('Kitchen', '/stalls');
  await becomes('Kitchen', '/stalls', 'ACTIVE');
  await house.clock.advance(5000);
  expect(clip('Kitchen', '/stalls')?.status).toBe('ERROR');
  await until(() => server.brokenOff.includes('/stalls'), 'the end of the connection');
  expect(house.cloud.heard).toMatchObject([{ name: '/stalls', outcome: 'ERROR' }]);
});

test('a sound that breaks off on its way ends as an error, a slow one when it is all there', async () => {
  let finish: () => void = () => undefined;
  await open({
    '/cut': (response) => {
      response.writeHead(200, { 'Content-Length': '100000' });
      response.write(wav(3).subarray(0, 9000), () => response.destroy());
    },
    '/slow': (response) => {
      response.write(wav(1).subarray(0, 9000));
      finish = () => response.end(wav(1).subarray(9000));
    },
  });
  load('Kitchen', '/cut');
  await becomes('Kitchen', '/cut', 'ERROR');
  load('Kitchen', '/slow');
  await becomes('Kitchen', '/slow', 'ACTIVE');
  await house.clock.advance(3000);
  expect(clip('Kitchen', '/slow')?.status).toBe('ACTIVE');
  finish();
  await allCame();
  await house.clock.advance(0);
  expect(clip('Kitchen', '/slow')?.status).toBe('DONE');
});

test('too much of a sound is refused', async () => {
  await open({
    '/huge': (response) => response.end(Buffer.concat([wav(1), Buffer.alloc(21 * 1024 * 1024)])),
  });
  load('Kitchen', '/huge');
  await becomes('Kitchen', '/huge', 'ERROR');
});

test('who is interrupted or cancelled while fetching fetches no further, and was never heard', async () => {
  await open({
    '/one': () => undefined,
    '/two': () => undefined,
    '/three': (response) => response.end(wav(2)),
  });
  load('Kitchen', '/one');
  await until(() => server.asked.length === 1, 'a request');
  const second = load('Kitchen', '/two').body.id;
  expect(clip('Kitchen', '/one')?.status).toBe('INTERRUPTED');
  await until(() => server.brokenOff.includes('/one'), 'the end of the first');
  await until(() => server.asked.length === 2, 'a second request');
  expect(cancel('Kitchen', second)).toMatchObject({ status: 200, body: {} });
  await until(() => server.brokenOff.includes('/two'), 'the end of the second');
  expect(clip('Kitchen', '/two')?.status).toBe('DISMISSED');
  const third = load('Kitchen', '/three').body.id;
  await becomes('Kitchen', '/three', 'ACTIVE');
  expect(cancel('Kitchen', third)).toMatchObject({ status: 200 });
  expect(cancel('Kitchen', third)).toMatchObject({
    status: 499,
    body: { errorCode: 'ERROR_AUDIO_CLIP_ID_NOT_FOUND' },
  });
  await house.clock.advance(10_000);
  expect(told('Kitchen', '/one')).toEqual(['INACTIVE', 'INTERRUPTED']);
  expect(told('Kitchen', '/two')).toEqual(['INACTIVE', 'DISMISSED']);
  expect(house.cloud.heard.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['/three DISMISSED']);
});

test('the ten seconds that HIGH is safe from HIGH count from its first byte', async () => {
  let give: () => void = () => undefined;
  await open({
    '/long': (response) => {
      give = () => response.end(wav(60));
    },
    '/next': (response) => response.end(wav(1)),
    '/last': (response) => response.end(wav(1)),
  });
  const high = { priority: 'HIGH' };
  load('Kitchen', '/long', high);
  await until(() => server.asked.length === 1, 'a request');
  await house.clock.advance(4000);
  load('Kitchen', '/next', high);
  give();
  await becomes('Kitchen', '/long', 'ACTIVE');
  await allCame();
  await house.clock.advance(10_000);
  expect(clip('Kitchen', '/next')?.status).toBe('INACTIVE');
  expect(server.asked).toHaveLength(1);
  await house.clock.advance(1);
  load('Kitchen', '/last', high);
  expect(clip('Kitchen', '/long')?.status).toBe('INTERRUPTED');
  await becomes('Kitchen', '/last', 'ACTIVE');
  await allCame();
  await house.clock.advance(1000);
  // Who waited comes when it is quiet.
  await becomes('Kitchen', '/next', 'ACTIVE');
});

test('pulling the plug ends a download', async () => {
  await open({ '/one': () => undefined });
  load('Kitchen', '/one');
  await until(() => server.asked.length === 1, 'a request');
  house.cloud.world.unplug('Kitchen');
  await until(() => server.brokenOff.length === 1, 'the end of the connection');
});
