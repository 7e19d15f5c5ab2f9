import { createServer, request as httpRequest, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyQueue, type QueueTrack, replaced } from '../../src/bridge/queue/queue.ts';
import type { PlayReport, QueueBook, ServedQueue } from '../../src/bridge/queue/queue-ports.ts';
import { readBody } from '../../src/events/body.ts';
import { createQueueServer, type PlayerRequest } from '../../src/queue/queue-server.ts';
import { answerSound } from '../../src/speech/clip-answer.ts';
import { systemClock } from '../../src/system.ts';

const SECRET = 's'.repeat(43);
const KEY = 'key-of-22-characters-x';
const MEDIA = `${'m'.repeat(43)}.mp3`;

const track = (index: number): QueueTrack => ({
  ...{ url: `http://192.168.1.20/${index}.mp3`, title: 'T'.repeat(index === 0 ? 300 : 3), artist: 'Artist' },
  ...{ album: 'Album', image: 'http://192.168.1.20/a.jpg', duration: 61.5, contentType: 'audio/mpeg' },
});

const plain: QueueTrack = {
  ...{ url: `http://192.168.1.5/queue/${SECRET}/media/${MEDIA}`, title: null, artist: null, album: null },
  ...{ image: null, duration: null, contentType: 'audio/flac' },
};

let server: Server;
let base = '';
let served: ServedQueue;
let requests: PlayerRequest[] = [];
let reports: PlayReport[] = [];
let told: number[] = [];
let book: QueueBook | null;
let lines: string[] = [];

beforeEach(async () => {
  [requests, reports, told, lines] = [[], [], [], []];
  const tracks = [...Array.from({ length: 30 }, (_, index) => track(index)), plain];
  served = {
    ...{ queue: replaced(emptyQueue('q'), tracks), name: 'Mine', authorization: null },
    ...{ household: 'home', group: 'group' },
  };
  book = {
    find: (key) => (key === KEY ? served : null),
    endingIn: (path) => (plain.url.endsWith(path) ? { served, itemId: 'q-31' } : null),
    told: (_key, version) => told.push(version),
    reported: (_key, all) => reports.push(...all),
  };
  const say = (message: string, fields?: unknown) => void lines.push(JSON.stringify([message, fields]));
  const sound = Buffer.from('0123456789');
  const queues = createQueueServer({
    ...{ secret: SECRET, book: () => book, clock: systemClock, readBody },
    media: {
      nameOf: () => '',
      find: async (name) => {
        if (name === `${'e'.repeat(43)}.mp3`) throw new Error('a bug');
        if (name !== MEDIA) return null;
        return {
          ...{ bytes: sound.length, contentType: 'audio/mpeg' },
          read: async (first, last) => Readable.from([sound.subarray(first, last + 1)]),
        };
      },
    },
    answerSound: (request, response, each) => answerSound(request, response, each),
    requested: (request) => requests.push(request),
    log: { debug: say, info: say, warn: say, error: say },
  });
  server = createServer((request, response) => {
    if (!queues.handle(request, response)) response.writeHead(418).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/queue/${SECRET}/${KEY}/v2.3/`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

async function json(path: string, init?: RequestInit): Promise<Record<string, unknown>> {
  const answer = await fetch(`${base}${path}`, init);
  expect(answer.headers.get('content-type')).toContain('application/json');
  return { status: answer.status, ...((await answer.json()) as object) };
}

/** A path as it stands, which `fetch` would tidy up. */
const raw = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(base);
    const request = httpRequest({ hostname, port, path, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    request.on('error', reject);
    request.end();
  });

describe('the server of queues', () => {
  it('tells context and version', async () => {
    expect(await json('context')).toMatchObject({
      ...{ status: 200, contextVersion: '1', queueVersion: '2' },
      container: { type: 'trackList', name: 'Mine' },
      playbackPolicies: { canSkip: true, canSeek: true, canShuffle: false },
      reports: { sendUpdateAfterMillis: 1_000, periodicIntervalMillis: 30_000 },
    });
    expect(await json('version?updateToken=x')).toEqual({
      ...{ status: 200, contextVersion: '1', queueVersion: '2' },
    });
    expect(told).toEqual([]);
  });

  it('gives a window, with what is known of each track, within the lengths that Sonos takes', async () => {
    const window = await json('itemWindow?itemId=&previousWindowSize=2&upcomingWindowSize=1&reason=load');
    expect(window).toEqual({
      ...{ status: 200, contextVersion: '1', queueVersion: '2' },
      ...{ includesBeginningOfQueue: true, includesEndOfQueue: false },
      items: [0, 1].map((index) => ({
        id: `q-${index + 1}`,
        track: {
          ...{ type: 'track', mediaUrl: `http://192.168.1.20/${index}.mp3`, contentType: 'audio/mpeg' },
          name: 'T'.repeat(index === 0 ? 100 : 3),
          artist: { name: 'Artist' },
          album: { name: 'Album', artist: { name: 'Artist' } },
          imageUrl: 'http://192.168.1.20/a.jpg',
          images: [{ url: 'http://192.168.1.20/a.jpg', height: 0, width: 0 }],
          durationMillis: 61_500,
        },
        policies: {},
      })),
    });
    expect(told).toEqual([2]);
    const last = await json('itemWindow?itemId=q-31&upcomingWindowSize=9');
    expect(last).toMatchObject({
      includesEndOfQueue: true,
      items: [{ id: 'q-31', track: { mediaUrl: plain.url, contentType: 'audio/flac', type: 'track' } }],
    });
    expect(requests.map(({ what, status, items }) => [what, status, items])).toEqual([
      ['GET itemWindow', 200, ['q-1', 'q-2']],
      ['GET itemWindow', 200, ['q-31']],
    ]);
    const many = await json('itemWindow?itemId=q-5&previousWindowSize=9999&upcomingWindowSize=9999');
    expect(many.items).toHaveLength(20);
  });

  it.each([
    ['itemWindow?upcomingWindowSize=-1', 400, 'invalidParameter'],
    ['itemWindow?previousWindowSize=99999', 400, 'invalidParameter'],
    [`itemWindow?itemId=${'x'.repeat(129)}`, 400, 'invalidParameter'],
    ['itemWindow?itemId=q-99', 404, 'itemNotFound'],
  ])('says what is wrong in the documented form: %s', async (path, status, reason) => {
    expect(await json(path)).toMatchObject({
      ...{ status, error: { code: status, errors: [{ domain: 'cloudQueue', reason }] } },
    });
    expect(requests.at(-1)).toMatchObject({ status, note: expect.any(String) });
  });

  it('takes reports of what was played, at either address', async () => {
    const items = [
      { id: 'q-1', type: 'update', positionMillis: 1_000, durationPlayedMillis: 1_000, mediaUrl: 'x' },
      { id: 'q-2', type: 'final', durationPlayedMillis: 'x', error: { type: 'http', status: 404 } },
      { id: 'q-3', type: 'final', error: {} },
    ];
    for (const path of ['timePlayed', 'report/timePlayed']) {
      const answer = await fetch(`${base}${path}`, { method: 'POST', body: JSON.stringify({ items }) });
      expect(answer.status).toBe(204);
    }
    expect(reports).toHaveLength(6);
    expect(reports.slice(0, 3)).toEqual([
      { itemId: 'q-1', isFinal: false, positionMs: 1_000, playedMs: 1_000, error: null },
      {
        itemId: 'q-2',
        isFinal: true,
        positionMs: null,
        playedMs: null,
        error: { type: 'http', status: 404 },
      },
      { itemId: 'q-3', isFinal: true, positionMs: null, playedMs: null, error: { type: null, status: null } },
    ]);
    expect(requests[0]).toMatchObject({
      ...{ what: 'POST timePlayed', status: 204, items: ['q-1', 'q-2', 'q-3'] },
      note: 'update, 1000 ms played; final, error http 404; final, error',
    });
  });

  it.each([
    ['no JSON', 400],
    ['{}', 400],
    [JSON.stringify({ items: [{ id: '', type: 'final' }] }), 400],
    [JSON.stringify({ items: Array.from({ length: 101 }, () => ({ id: 'x', type: 'final' })) }), 400],
    ['x'.repeat(70_000), 413],
  ])('takes nothing else for a report', async (body, status) => {
    const answer = await fetch(`${base}timePlayed`, { method: 'POST', body });
    expect(answer.status).toBe(status);
    expect(reports).toEqual([]);
  });

  it('asks for the authorization that the queue was loaded with', async () => {
    served = { ...served, authorization: 'Bearer right' };
    for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: 'Bearer right2' }]) {
      for (const path of ['context', 'itemWindow', 'version']) {
        const answer = await fetch(`${base}${path}`, { headers });
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toBe('Bearer');
      }
    }
    const body = JSON.stringify({ items: [] });
    expect((await fetch(`${base}timePlayed`, { method: 'POST', body })).status).toBe(401);
    expect((await fetch(`${base}context`, { headers: { Authorization: 'Bearer right' } })).status).toBe(200);
    expect(told).toEqual([]);
  });

  it('serves files by their names, whole and in part', async () => {
    const url = new URL(`../../media/${MEDIA}`, base);
    const whole = await fetch(url);
    expect([whole.status, await whole.text()]).toEqual([200, '0123456789']);
    const part = await fetch(url, { headers: { Range: 'bytes=2-4' } });
    expect([part.status, await part.text(), part.headers.get('content-range')]).toEqual([
      ...[206, '234', 'bytes 2-4/10'],
    ]);
    expect((await fetch(url, { method: 'HEAD' })).headers.get('content-length')).toBe('10');
    expect((await fetch(url, { headers: { Range: 'bytes=90-' } })).status).toBe(416);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    expect((await fetch(new URL(`../../media/${'n'.repeat(43)}.mp3`, base))).status).toBe(404);
    expect(requests.map(({ what, status, items, note }) => [what, status, items.join(), note])).toEqual([
      ['GET media', 200, 'q-31', null],
      ['GET media', 206, 'q-31', 'bytes=2-4'],
      ['HEAD media', 200, 'q-31', null],
      ['GET media', 416, 'q-31', 'bytes=90-'],
      ['POST media', 405, 'q-31', 'Not with this method.'],
      ['GET media', 404, '', 'There is no such file.'],
    ]);
  });

  it.each([
    ['/', 418],
    ['/queue', 418],
    ['/queue/', 404],
    [`/queue/${'x'.repeat(43)}/${KEY}/v2.3/context`, 404],
    [`/queue/${SECRET}/${'y'.repeat(22)}/v2.3/context`, 404],
    [`/queue/${SECRET}/${KEY}/v2.2/context`, 404],
    [`/queue/${SECRET}/${KEY}/v2.3/other`, 404],
    [`/queue/${SECRET}/media/../../../etc/passwd`, 404],
    [`/queue/${SECRET}/media/..%2f..%2fetc%2fpasswd`, 404],
    [`/queue/${SECRET}/media/%2e%2e/${MEDIA}`, 404],
    [`/queue/${SECRET}/media/${MEDIA}%00.mp3`, 404],
    [`/queue/${SECRET}/media/..%5c${MEDIA}`, 404],
    [`/queue/${SECRET}/media//etc/passwd`, 404],
  ])('answers %s with %i', async (path, status) => {
    expect(await raw(path)).toBe(status);
  });

  it('takes other methods for nothing, and answers a HEAD without a body', async () => {
    expect((await fetch(`${base}context`, { method: 'DELETE' })).status).toBe(405);
    expect((await fetch(`${base}timePlayed`)).status).toBe(405);
    const head = await fetch(`${base}version`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
  });

  it('answers 404 before there are queues, and outlives a mistake of its own', async () => {
    await expect(fetch(new URL(`../../media/${'e'.repeat(43)}.mp3`, base))).rejects.toThrow();
    book = null;
    expect((await json('context')).status).toBe(404);
    expect(lines.join()).toContain('please report it');
    // Nor does anything secret stand in the log.
    expect(lines.join()).not.toMatch(new RegExp(`${SECRET}|${KEY}`));
  });
});
