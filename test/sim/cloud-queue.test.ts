import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { PlayerAnswer, PlayerFetch, PlayerRequest } from '../../src/sim/player-fetch.ts';
import { createHouse } from './house.ts';
import { wav } from './sounds.ts';

const BASE = 'https://a.example.com/q/v2.3/';

const item = (id: number, more: object = {}) => ({
  id: `i-${id}`,
  track: {
    mediaUrl: `https://m.example.com/${id}.wav`,
    contentType: 'audio/wav',
    name: `Song ${id}`,
    ...more,
  },
});

const json = (body: unknown): PlayerAnswer => ({ status: 200, body: Buffer.from(JSON.stringify(body)) });
const status = (code: number): PlayerAnswer => ({ status: code, body: new Uint8Array() });

/** A queue server and a media server, as a player meets them. */
function open() {
  const asked: PlayerRequest[] = [];
  const world = {
    version: '1',
    ids: [1, 2, 3],
    /** Statuses by the end of a URL, instead of an answer. */
    wrong: new Map<string, number>(),
  };
  const window = (from: string) => {
    const at = Math.max(0, world.ids.indexOf(Number(from.slice(2))));
    const ids = world.ids.slice(Math.max(0, at - 3), at + 11);
    return {
      ...{ includesBeginningOfQueue: at <= 3, includesEndOfQueue: at + 11 >= world.ids.length },
      ...{ contextVersion: 'c', queueVersion: world.version, items: ids.map((id) => item(id)) },
    };
  };
  const answer = ({ url }: PlayerRequest): PlayerAnswer => {
    const { pathname, searchParams } = new URL(url);
    for (const [end, code] of world.wrong) if (pathname.endsWith(end)) return status(code);
    if (pathname.endsWith('.wav')) return { status: 206, body: wav(5) };
    if (pathname.endsWith('itemWindow')) return json(window(searchParams.get('itemId') ?? ''));
    if (pathname.endsWith('version')) return json({ contextVersion: 'c', queueVersion: world.version });
    if (pathname.endsWith('timePlayed')) return status(204);
    return json({
      ...{ contextVersion: 'c', queueVersion: world.version, container: { name: 'Mine', type: 'trackList' } },
      reports: { sendUpdateAfterMillis: 2_000, periodicIntervalMillis: 10_000 },
    });
  };
  const playerFetch: PlayerFetch = (request, done) => {
    asked.push(request);
    let isOver = false;
    void Promise.resolve().then(() => {
      if (!isOver) done(answer(request));
    });
    return () => {
      isOver = true;
    };
  };
  const house = createHouse({ playerFetch });
  const began = house.call('POST', `${house.group('Office')}/playbackSession`, {
    appId: 'a',
    appContext: 'b',
  });
  const id = encodeURIComponent(z.string().parse(began.body.sessionId));
  const session = (command: string, body: object = {}) =>
    house.call('POST', `/playbackSessions/${id}/playbackSession/${command}`, body);
  const load = (more: object = {}) =>
    session('loadCloudQueue', { queueBaseUrl: BASE, playOnCompletion: true, ...more });
  for (const each of ['playback', 'playbackMetadata'])
    house.call('POST', `${house.group('Office')}/${each}/subscription`);
  const status_ = () => house.call('GET', `${house.group('Office')}/playback`).body;
  const what = () =>
    asked.map(({ method, url }) => `${method} ${new URL(url).pathname.split('/').at(-1)}`).join(', ');
  const reports = () =>
    asked
      .filter(({ method }) => method === 'POST')
      .flatMap(
        ({ body }) =>
          z.object({ items: z.array(z.looseObject({ id: z.string() })) }).parse(JSON.parse(body)).items,
      );
  return { house, asked, world, session, load, status: status_, what, reports };
}

describe('a player with a cloud queue', () => {
  it('gets context, window and media, and plays item by item to the end, with reports', async () => {
    const { house, load, status: now, what, reports, asked } = open();
    expect(load({ httpAuthorization: 'Bearer x' }).status).toBe(200);
    await house.clock.advance(1_000);
    expect(what()).toMatch(/^GET context, GET itemWindow, GET 1\.wav/);
    expect(now()).toMatchObject({
      playbackState: 'PLAYBACK_STATE_PLAYING',
      itemId: 'i-1',
      queueVersion: '1',
    });
    expect(asked[0]?.headers).toMatchObject({
      ...{ Authorization: 'Bearer x', 'User-Agent': expect.stringMatching(/^Linux UPnP\/1\.0 Sonos\//) },
      'X-Sonos-Playback-Id': expect.stringContaining('RINCON_'),
    });
    expect(asked.find(({ url }) => url.endsWith('1.wav'))?.headers).not.toHaveProperty('Authorization');
    await house.clock.advance(5_000);
    expect(now()).toMatchObject({ itemId: 'i-2', previousItemId: 'i-1' });
    await house.clock.advance(15_000);
    expect(now()).toMatchObject({ playbackState: 'PLAYBACK_STATE_IDLE' });
    expect(reports().map(({ id, type, durationPlayedMillis }) => [id, type, durationPlayedMillis])).toEqual([
      ['i-1', 'update', expect.any(Number)],
      ['i-1', 'final', 5_000],
      ['i-2', 'update', expect.any(Number)],
      ['i-2', 'final', 5_000],
      ['i-3', 'update', expect.any(Number)],
      ['i-3', 'final', 5_000],
    ]);
    expect(reports()[1]).toMatchObject({ queueVersion: '1', contextVersion: 'c', positionMillis: 5_000 });
  });

  it('asks for more before it runs out', async () => {
    const { house, load, world, status: now } = open();
    world.ids = Array.from({ length: 40 }, (_, index) => index + 1);
    load();
    await house.clock.advance(5_000 * 30 + 2_000);
    expect(now()).toMatchObject({ playbackState: 'PLAYBACK_STATE_PLAYING', itemId: 'i-31' });
  });

  it('takes changes over when it is told, and when it sees another version', async () => {
    const { house, load, world, session } = open();
    const next = () =>
      z
        .object({ nextItem: z.object({ id: z.string() }) })
        .parse(house.call('GET', `${house.group('Office')}/playbackMetadata`).body).nextItem.id;
    world.ids = [1, 2];
    load();
    await house.clock.advance(1_000);
    Object.assign(world, { version: '2', ids: [1, 9, 2] });
    expect(session('refreshCloudQueue').status).toBe(200);
    await house.clock.advance(10);
    expect(next()).toBe('i-9');
    house.call('POST', `${house.group('Office')}/playback/pause`);
    Object.assign(world, { version: '3', ids: [1, 8, 2] });
    await house.clock.advance(30_000);
    expect(next()).toBe('i-8');
  });

  it('skips to an item, to the next and to the one before', async () => {
    const { house, load, session, status: now } = open();
    load();
    await house.clock.advance(1_000);
    session('skipToItem', { itemId: 'i-3', playOnCompletion: true, positionMillis: 1_000 });
    await house.clock.advance(1_000);
    expect(now()).toMatchObject({ itemId: 'i-3' });
    house.call('POST', `${house.group('Office')}/playback/skipToPreviousTrack`);
    await house.clock.advance(1_000);
    expect(now()).toMatchObject({ itemId: 'i-2' });
    house.call('POST', `${house.group('Office')}/playback/skipToNextTrack`);
    await house.clock.advance(1_000);
    expect(now()).toMatchObject({ itemId: 'i-3' });
  });

  it.each([
    ['context', 500],
    ['itemWindow', 404],
    ['itemWindow', 0],
  ])('does not try a first load again when %s answers %i', async (end, code) => {
    const { house, load, world, asked } = open();
    world.wrong.set(end, code);
    expect(load().status).toBe(200);
    await house.clock.advance(60_000);
    expect(house.of('playbackError')[0]?.body).toMatchObject({ errorCode: 'ERROR_CLOUD_QUEUE_SERVER' });
    expect(asked.filter(({ url }) => url.includes(end))).toHaveLength(1);
  });

  it('says what cannot be had, and goes on with what follows', async () => {
    const { house, load, world, status: now, reports } = open();
    world.wrong.set('/1.wav', 404);
    load();
    await house.clock.advance(2_000);
    expect(now()).toMatchObject({ itemId: 'i-2', playbackState: 'PLAYBACK_STATE_PLAYING' });
    expect(house.of('playbackError')[0]?.body).toMatchObject({ itemId: 'i-1', httpStatus: 404 });
    expect(reports()[0]).toMatchObject({ id: 'i-1', type: 'final', error: { type: 'http', status: 404 } });
  });

  it('falls silent when nothing can be had, when the queue is empty, and when it is suspended', async () => {
    const { house, load, world, session, status: now, asked } = open();
    world.wrong.set('.wav', 403);
    load();
    await house.clock.advance(2_000);
    expect(now()).toMatchObject({ playbackState: 'PLAYBACK_STATE_IDLE' });
    world.wrong.clear();
    world.ids = [];
    load();
    await house.clock.advance(2_000);
    expect(house.of('playbackError').at(-1)?.body).toMatchObject({ errorCode: 'ERROR_PLAYBACK_NO_CONTENT' });
    world.ids = [1, 2];
    load();
    await house.clock.advance(2_000);
    expect(session('suspend', { queueVersion: '1' }).status).toBe(200);
    expect(now()).toMatchObject({ playbackState: 'PLAYBACK_STATE_IDLE' });
    const before = asked.length;
    await house.clock.advance(60_000);
    // The last report, and nothing after it.
    expect(asked.length - before).toBeLessThan(2);
  });

  it('refuses an address that is not one of a cloud queue', () => {
    const { load, session } = open();
    expect(load({ queueBaseUrl: 'https://a.example.com/' }).status).toBe(400);
    expect(session('refreshCloudQueue').status).toBe(499);
    expect(session('skipToItem', { itemId: '' }).status).toBe(499);
  });
});
