import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { artGuard, createArt } from '../../src/app/art.ts';
import { createPictureCache } from '../../src/app/picture-cache.ts';
import type { Household } from '../../src/bridge/state.ts';
import { createFetchGuarded, type Fetched } from '../../src/speech/fetch-guarded.ts';
import { systemClock } from '../../src/system.ts';
import { artPart } from '../../src/web/api/art.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { house, withEvent } from '../support/house.ts';
import { openHouse } from '../web/house.ts';

const picture = (start: string, length = 100): Buffer =>
  Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(length)]);
const JPEG = picture('\xff\xd8\xff\xe0');
const PICTURES: readonly (readonly [type: string, bytes: Buffer])[] = [
  ['image/jpeg', JPEG],
  ['image/png', picture('\x89PNG\r\n\x1a\n')],
  ['image/gif', picture('GIF89a')],
  ['image/gif', picture('GIF87a')],
  ['image/webp', picture('RIFF\0\0\0\0WEBP')],
];

/** A web server that remembers what was asked of it. */
async function startWeb(answer: RequestListener, host = '127.0.0.1') {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    answer(request, response);
  });
  server.listen(0, host);
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { asked, url: `http://${host}:${port}` };
}

const showing = (household: Household, name: string, imageUrl: string): Household =>
  withEvent(household, name, 'playbackMetadata', 'metadataStatus', {
    container: { name: 'Radio' },
    currentItem: { track: { name: 'Song', imageUrl } },
  });

/** The pictures of a house over real HTTP; the web server at `apiUrl` is where the Control API would be. */
async function open(apiUrl: string, first: Household = house(['Den'])) {
  const state = { all: [first] };
  const art = createArt({ secret: 'x'.repeat(32), households: () => state.all, apiUrl, clock: systemClock });
  const { visit, port } = await openHouse({ api: [artPart((id) => art.find(id))] });
  /** Where the page finds this picture. */
  const addressOf = (url: string): string | null => art.localised({ image: url }).image;
  const shown = (url: string): string => {
    state.all = [showing(first, 'Den', url)];
    return `/${addressOf(url)}`;
  };
  return { art, visit, port, shown, addressOf, state };
}

describe('a picture of what plays', () => {
  it.each(PICTURES)('is served as %s by what is in it, for a day, and fetched once', async (type, bytes) => {
    const web = await startWeb((_request, response) =>
      response.setHeader('Content-Type', 'text/html').end(bytes),
    );
    const { visit, shown, port } = await open(web.url);
    const address = shown(`${web.url}/getaa?s=1&u=x`);
    expect(address).toMatch(/^\/api\/art\/[\w-]{22}$/);
    const answer = await visit(address);
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': type,
      'content-length': String(bytes.length),
      'cache-control': 'private, max-age=86400',
      'x-content-type-options': 'nosniff',
      'cross-origin-resource-policy': 'same-origin',
    });
    await Promise.all([visit(address), visit(address), visit(address, { method: 'HEAD' })]);
    expect(web.asked).toEqual(['/getaa?s=1&u=x']);
    expect((await visit(address, { method: 'POST' })).status).toBe(405);
    expect(port).toBeGreaterThan(0);
  });

  it('of a favorite is served, too, and its address says nothing of its URL', async () => {
    const web = await startWeb((_request, response) => response.end(JPEG));
    const { visit, addressOf, state } = await open(web.url);
    const items = [{ id: '1', name: 'Jazz', imageUrl: `${web.url}/jazz` }];
    state.all = [withEvent(house(['Den']), 'Den', 'favorites', 'favoritesList', { version: '1', items })];
    expect((await visit(`/${addressOf(`${web.url}/jazz`)}`)).status).toBe(200);
    const other = createArt({ secret: 'y', households: () => [], apiUrl: web.url, clock: systemClock });
    expect(other.localised({ image: `${web.url}/jazz` }).image).not.toBe(addressOf(`${web.url}/jazz`));
  });

  it('gets an address wherever one stands, and nothing else is changed', () => {
    const art = createArt({
      secret: 'x',
      households: () => [],
      apiUrl: 'http://a.example',
      clock: systemClock,
    });
    const view = {
      name: 'https://a.example/image',
      image: 'x-rincon-art:1',
      track: { image: 'https://a.example/1.jpg', title: 'image' },
      list: [{ image: null }, { image: 'javascript:alert(1)' }, { image: 'data:image/png;base64,AA' }],
    };
    expect(art.localised(view)).toEqual({
      ...view,
      image: null,
      track: { title: 'image', image: expect.stringMatching(/^api\/art\/[\w-]{22}$/) },
      list: [{ image: null }, { image: null }, { image: null }],
    });
  });
});

describe('what is no picture of what plays', () => {
  const isNotServed = async (answer: RequestListener) => {
    const web = await startWeb(answer);
    const { visit, shown } = await open(web.url);
    const served = await visit(shown(`${web.url}/x`));
    expect([served.status, served.headers['content-type']]).toEqual([404, 'application/json; charset=utf-8']);
    return web;
  };

  it.each([
    ['svg', '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
    ['html', '<!doctype html><script>alert(1)</script>'],
    ['nothing', ''],
    ['the beginning of a picture', '\x89PNG'],
    ['RIFF that is a sound', 'RIFF\0\0\0\0WAVEfmt '],
  ])('%s is not served, whatever type it claims', async (_what, body) => {
    await isNotServed((_request, response) =>
      response.setHeader('Content-Type', 'image/png').end(Buffer.from(body, 'latin1')),
    );
  });

  it('one that is too large is not served, announced or not', async () => {
    await isNotServed((_request, response) =>
      response.writeHead(200, { 'Content-Length': '5000001' }).end(JPEG),
    );
    await isNotServed((_request, response) => {
      response.write(JPEG);
      response.end(Buffer.alloc(5_000_001));
    });
  });

  it('is found by no id: unknown, of a URL that was never shown or is not shown any more', async () => {
    const web = await startWeb((_request, response) => response.end(JPEG));
    const { visit, shown, addressOf } = await open(web.url);
    const before = shown(`${web.url}/before`);
    expect((await visit(before)).status).toBe(200);
    const after = shown(`${web.url}/after`);
    expect((await visit(before)).status).toBe(404);
    expect((await visit(after)).status).toBe(200);
    const never = [
      `/${addressOf(`${web.url}/never`)}`,
      '/api/art/',
      '/api/art',
      '/api/art/%zz',
      `/api/art/${encodeURIComponent(`${web.url}/after`)}`,
      `/api/art/?url=${web.url}/after`,
    ];
    for (const address of never) expect([address, (await visit(address)).status]).toEqual([address, 404]);
    expect(web.asked).toEqual(['/before', '/after']);
  });

  it.each([
    '127.0.0.2',
    '[::1]',
    'localhost',
    '169.254.169.254',
    '0.0.0.0',
    '2130706434',
    '[::ffff:127.0.0.2]',
  ])('is not fetched from %s', async (host) => {
    const web = await startWeb((_request, response) => response.end(JPEG), '127.0.0.2');
    const { visit, shown } = await open('http://127.0.0.1:1');
    const port = new URL(web.url).port;
    expect((await visit(shown(`http://${host}:${port}/x`))).status).toBe(404);
    expect(web.asked).toEqual([]);
  });

  it('is not fetched from a name that leads to this machine, nor where a redirect leads there', async () => {
    const inside = await startWeb((_request, response) => response.end(JPEG), '127.0.0.2');
    const web = await startWeb((request, response) => {
      const to =
        request.url === '/in' ? `${inside.url}/secret` : request.url === '/loop' ? '/loop' : '/picture';
      if (request.url === '/picture') response.end(JPEG);
      else response.writeHead(302, { Location: request.url === '/file' ? 'file:///etc/passwd' : to }).end();
    });
    const { visit, shown } = await open(web.url);
    const status = async (url: string) => (await visit(shown(url))).status;
    expect(await status(`${web.url}/in`)).toBe(404);
    expect(await status(`${web.url}/file`)).toBe(404);
    expect(await status(`${web.url}/loop`)).toBe(404);
    expect(web.asked.filter((path) => path === '/loop')).toHaveLength(4);
    expect(await status(`${web.url}/out`)).toBe(200);
    expect(inside.asked).toEqual([]);
    const named = createFetchGuarded({
      ...{ ...artGuard('http://api.example'), clock: systemClock },
      resolve: async () => [{ address: '127.0.0.2', family: 4 }],
    });
    const at = `http://pictures.example:${new URL(inside.url).port}/x`;
    expect(await named(at)).toMatchObject({ kind: 'forbidden' });
    expect(inside.asked).toEqual([]);
  });

  it('one that comes too slowly is given up', async () => {
    const web = await startWeb((_request, response) => response.write('\xff\xd8\xff'));
    const fetch = createFetchGuarded({ ...artGuard(web.url), clock: systemClock, timeoutMs: 50 });
    expect(await createPictureCache(systemClock, fetch).get(`${web.url}/slow`)).toBeNull();
  });
});

describe('the cache of pictures', () => {
  const fetched = (bytes: Uint8Array): Fetched => ({ kind: 'fetched', bytes });

  it('remembers for a minute that there is none, and then looks again', async () => {
    const clock = createFakeClock();
    let asked = 0;
    const cache = createPictureCache(clock, async () => {
      asked += 1;
      return asked === 1 ? { kind: 'unreachable', reason: 'x' } : fetched(JPEG);
    });
    expect(await cache.get('a')).toBeNull();
    await clock.advance(59_000);
    expect(await cache.get('a')).toBeNull();
    expect(asked).toBe(1);
    await clock.advance(1_000);
    expect(await cache.get('a')).toMatchObject({ type: 'image/jpeg' });
    expect(asked).toBe(2);
  });

  it('forgets failures of long ago when there are very many', async () => {
    const clock = createFakeClock();
    let asked = 0;
    const cache = createPictureCache(clock, async () => {
      asked += 1;
      return { kind: 'refused', reason: 'x' };
    });
    for (let at = 0; at <= 1_000; at += 1) await cache.get(String(at));
    await cache.get('0');
    await cache.get('1000');
    expect(asked).toBe(1_002);
  });

  it('keeps 16 MB, and lets go what was not asked for the longest', async () => {
    const asked: string[] = [];
    const cache = createPictureCache(createFakeClock(), async (url) => {
      asked.push(url);
      return fetched(picture('GIF89a', 4_000_000));
    });
    for (const url of ['a', 'b', 'c', 'a', 'd', 'a', 'b']) await cache.get(url);
    expect(asked).toEqual(['a', 'b', 'c', 'd', 'b']);
  });

  it('fetches six at once and no more, the others in turn, and what is too much not at all', async () => {
    const settle: ((fetched: Fetched) => void)[] = [];
    const cache = createPictureCache(createFakeClock(), () => new Promise((resolve) => settle.push(resolve)));
    const all = Array.from({ length: 300 }, (_, at) => cache.get(String(at)));
    const same = cache.get('0');
    expect(settle).toHaveLength(6);
    for (let at = 0; at < 206; at += 1) {
      settle[at]?.(fetched(JPEG));
      await new Promise(setImmediate);
    }
    const found = (await Promise.all(all)).filter((each) => each !== null);
    expect([found.length, settle.length]).toEqual([206, 206]);
    expect(await same).not.toBeNull();
    // It was not the server that failed, so it is asked again.
    const again = cache.get('299');
    settle.at(-1)?.(fetched(JPEG));
    expect(await again).not.toBeNull();
  });

  it('goes on after a fetch that threw', async () => {
    let asked = 0;
    const cache = createPictureCache(createFakeClock(), async () => {
      asked += 1;
      if (asked < 8) throw new Error('a bug');
      return fetched(JPEG);
    });
    for (let at = 0; at < 7; at += 1) await expect(cache.get('a')).rejects.toThrow('a bug');
    expect(await cache.get('a')).not.toBeNull();
  });
});
