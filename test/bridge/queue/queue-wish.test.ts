import { describe, expect, it } from 'vitest';
import { readPayload } from '../../../src/bridge/payload.ts';
import { queueWish } from '../../../src/bridge/queue/queue-wish.ts';
import { bytes } from '../../support/bridge-house.ts';

function read(payload: unknown) {
  const opened = readPayload(bytes(payload));
  if (!opened.ok) throw new Error(opened.error);
  return queueWish.read(opened.value.raw);
}

function wish(payload: unknown) {
  const result = read(payload);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function refusal(payload: unknown): string {
  const result = read(payload);
  if (result.ok) throw new Error('it was taken');
  expect(result.error.advice).toContain('list of URLs');
  return result.error.message;
}

const ONE = 'http://192.168.1.20/one.mp3';
const PLAIN = {
  ...{ url: ONE, title: null, artist: null, album: null, image: null, duration: null, contentType: null },
};
const PLAY = { action: 'play', items: [PLAIN], folder: null, m3u: null, shuffle: false, name: null };

describe('what queue takes', () => {
  it.each([
    [ONE],
    [` ${ONE} `],
    [JSON.stringify(ONE)],
    [[ONE]],
    [{ value: ONE }],
    [{ value: [ONE] }],
    [{ items: [ONE], id: 'x' }],
    [{ items: [{ url: ONE }] }],
  ])('is a URL, a list, or an object: %j', (payload) => {
    expect(wish(payload)).toEqual(PLAY);
  });

  it('knows what there is to know of a track', () => {
    const item = {
      ...{
        url: ONE,
        title: 'One',
        artist: 'A',
        album: 'B',
        image: 'http://192.168.1.20/b.jpg',
        duration: 61.5,
      },
      content_type: 'audio/flac',
    };
    const { content_type: contentType, ...rest } = item;
    expect(wish({ action: 'next', items: [item], name: 'Mine', shuffle: true })).toEqual({
      ...{ action: 'next', items: [{ ...rest, contentType }], folder: null, m3u: null },
      ...{ shuffle: true, name: 'Mine' },
    });
  });

  it('is a folder or a playlist', () => {
    expect(wish({ folder: 'Jazz/Miles' })).toMatchObject({ folder: 'Jazz/Miles', items: [] });
    expect(wish({ folder: '' })).toMatchObject({ folder: '' });
    expect(wish({ m3u: 'all.m3u' })).toMatchObject({ m3u: 'all.m3u' });
    expect(wish({ action: 'clear' })).toMatchObject({ action: 'clear', items: [] });
  });

  it.each([
    ['', /items.0/],
    ['[not json', /plain/],
    ['[1]', /items.0/],
    [{ items: ['ftp://x/a.mp3'] }, /plain/],
    [{ items: ['http://user:word@x/a.mp3'] }, /plain/],
    [{ items: [{ url: ONE, image: 'data:x' }] }, /plain/],
    [{ items: [{ url: ONE, duration: 0 }] }, /duration/],
    [{ items: [{ url: ONE, content_type: 'x\ny' }] }, /content_type/],
    [{ items: [{ url: ONE, volume: 3 }] }, /items.0/],
    [{ action: 'stop' }, /action/],
    [{ action: 'play' }, /needs/],
    [{ action: 'append', items: [] }, /needs/],
    [{ action: 'shuffle', folder: 'x' }, /takes no/],
    [{ items: Array.from({ length: 1_001 }, () => ONE) }, /items/],
    [{ itmes: [ONE] }, /itmes/],
  ])('is refused with what is wrong: %j', (payload, words) => {
    expect(refusal(payload)).toMatch(words);
  });
});
