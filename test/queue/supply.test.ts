import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QueueWish, WishedTrack } from '../../src/bridge/queue/queue-wish.ts';
import { err, ok } from '../../src/bridge/result.ts';
import { urlPolicy } from '../../src/bridge/url-policy.ts';
import { Library } from '../../src/queue/library.ts';
import { createMedia } from '../../src/queue/media.ts';
import { createSupply, type SupplyOptions } from '../../src/queue/supply.ts';
import { createFakeRandom } from '../support/bridge-house.ts';

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'supply-'));
  await mkdir(join(folder, 'lists'));
  await writeFile(join(folder, '1 One.mp3'), 'sound');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

function open(more: Partial<SupplyOptions> = {}) {
  const library = new Library(folder);
  return createSupply({
    ...{ library, media: createMedia(library, 'secret'), secret: 'S', mostItems: 3 },
    ...{ policy: urlPolicy(null), random: createFakeRandom() },
    fetchPlaylist: async () =>
      ok(Buffer.from('one.mp3\nhttp://127.0.0.1/no.mp3\nhttp://192.168.1.9/two.flac?t=x\n')),
    address: async () => 'http://192.168.1.5:8789',
    ...more,
  });
}

const track = (url: string): WishedTrack => ({
  ...{ url, title: null, artist: null, album: null, image: null, duration: null, contentType: null },
});
const wish = (more: Partial<QueueWish>): QueueWish => ({
  ...{ action: 'play', items: [], folder: null, m3u: null, shuffle: false, name: null },
  ...more,
});

describe('what a queue is made of', () => {
  it('are URLs, whose names say what they are', async () => {
    const items = ['http://h/a/My%20Song.flac?x=1', 'http://h/%ff.mp3', 'http://h/', 'http://h/x'].map(track);
    const made = await open().gather(wish({ items }));
    const tracks = made.ok ? made.value.tracks : [];
    expect(tracks.map(({ title, contentType }) => [title, contentType])).toEqual([
      ['My Song', 'audio/flac'],
      ['%ff', 'audio/mpeg'],
      [null, 'audio/mpeg'],
      ['x', 'audio/mpeg'],
    ]);
  });

  it('are files under names that nobody can guess', async () => {
    const made = await open().gather(wish({ folder: '' }));
    expect(made).toMatchObject({ value: { tracks: [{ title: '1 One', contentType: 'audio/mpeg' }] } });
    const url = made.ok ? made.value.tracks[0]?.url : '';
    expect(url).toMatch(/^http:\/\/192\.168\.1\.5:8789\/queue\/S\/media\/[\w-]{43}\.mp3$/);
  });

  it('are the lines of a playlist elsewhere, each looked at', async () => {
    const made = await open().gather(wish({ m3u: 'http://192.168.1.9/lists/all.m3u' }));
    expect(made).toMatchObject({
      value: {
        tracks: [{ url: 'http://192.168.1.9/lists/one.mp3' }, { url: 'http://192.168.1.9/two.flac?t=x' }],
        leftOut: [{ entry: '"http://127.0.0.1/no.mp3"' }],
      },
    });
  });

  it('are the lines of a playlist of the folder', async () => {
    const lines = ['../1 One.mp3', 'nothing.mp3', 'mine.m3u', 'http://h/x.mp3', '../1 One.mp3', 'many.mp3'];
    await writeFile(join(folder, 'lists/mine.m3u'), lines.join('\n'));
    const made = await open().gather(wish({ m3u: 'lists/mine.m3u' }));
    if (!made.ok) throw new Error(made.error.message);
    expect(made.value.tracks.map(({ title }) => title)).toEqual(['1 One', 'x', '1 One']);
    expect(made.value.leftOut).toEqual([
      { entry: '"nothing.mp3"', reason: 'There is no such file below queue.folder.' },
      { entry: '"mine.m3u"', reason: 'It is not an audio file that Sonos plays.' },
      { entry: '"many.mp3"', reason: 'A queue has 3 items at most.' },
    ]);
  });

  it.each([
    ['a stream in pieces', { fetchPlaylist: async () => ok(Buffer.from('#EXT-X-VERSION:3')) }, /HLS/],
    ['one that cannot be had', { fetchPlaylist: async () => err('It answered 404.') }, /404/],
  ] as const)('is not %s', async (_what, more, words) => {
    const made = await open(more).gather(wish({ m3u: 'http://h/x.m3u' }));
    expect(made).toMatchObject({ ok: false, error: { message: expect.stringMatching(words) } });
  });

  it.each([
    ['lists/none.m3u', /no file/],
    ['1 One.mp3', /neither/],
    ['lists/big.m3u', /1 MB/],
    ['../x.m3u', /no file/],
  ])('is not the playlist %s', async (m3u, words) => {
    await writeFile(join(folder, 'lists/big.m3u'), 'x'.repeat(1_000_001));
    const made = await open().gather(wish({ m3u }));
    expect(made).toMatchObject({ ok: false, error: { message: expect.stringMatching(words) } });
  });

  it('needs an address of ours', async () => {
    const supply = open({ address: async () => null });
    expect(await supply.gather(wish({ folder: '' }))).toMatchObject({ error: { code: 'internal' } });
    expect(await supply.address()).toMatchObject({ error: { code: 'internal' } });
    await writeFile(join(folder, 'a.m3u'), '1 One.mp3');
    expect(await supply.gather(wish({ m3u: 'a.m3u' }))).toMatchObject({
      value: { tracks: [], leftOut: [{ reason: expect.stringContaining('no address') }] },
    });
  });

  it('has an address with an authorization where nobody else can read it', async () => {
    expect(await open().address()).toMatchObject({
      value: {
        baseUrl: expect.stringMatching(/^http:\/\/192\.168\.1\.5:8789\/queue\/S\/[\w-]+\/v2\.3\/$/),
        authorization: null,
      },
    });
    const public_ = open({ address: async () => 'https://bridge.example.org' });
    expect(await public_.address()).toMatchObject({
      value: { authorization: expect.stringMatching(/^Bearer ./) },
    });
  });

  it('is objected to when there is no folder, and when the address of a playlist is not allowed', () => {
    const supply = open({ library: null });
    expect(supply.objection(wish({ folder: 'x' }))).toMatchObject({ code: 'not_capable' });
    expect(supply.objection(wish({ m3u: 'x.m3u' }))).toMatchObject({ code: 'not_capable' });
    expect(supply.objection(wish({ m3u: 'http://127.0.0.1/x.m3u' }))).toMatchObject({ code: 'blocked' });
    expect(supply.objection(wish({ m3u: 'http://u:p@h/x.m3u' }))).toMatchObject({ code: 'invalid_payload' });
    expect(supply.objection(wish({ m3u: 'http://h/x.m3u' }))).toBeNull();
    expect(supply.objection(wish({ items: [track('http://h/x')] }))).toBeNull();
  });
});
