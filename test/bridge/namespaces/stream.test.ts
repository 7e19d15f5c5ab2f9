import { describe, expect, it } from 'vitest';
import {
  evidenceOf,
  house,
  planOf,
  readBy,
  sessionIdOf,
  withEvent,
  withSession,
} from '../../support/house.ts';

const URL = 'http://radio.example/live.mp3';
const home = house(['Kitchen'], ['Den']);

const itemIdOf = (payload: string): string => {
  const read = readBy('stream', payload);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return (read.value as { itemId: string }).itemId;
};

describe('what `stream` takes', () => {
  it.each<[string, object]>([
    [URL, { url: URL, name: 'radio.example', image: null }],
    [`"${URL}"`, { url: URL, name: 'radio.example', image: null }],
    [`  ${URL}  `, { url: URL }],
    [JSON.stringify({ value: URL, name: '  Live ' }), { url: URL, name: 'Live' }],
    [
      JSON.stringify({ url: URL, name: 'Live', image: 'https://a.example/b.png' }),
      { image: 'https://a.example/b.png' },
    ],
    ['http:/\\radio.example/x y', { url: 'http://radio.example/x%20y' }],
  ])('is an address, or an object: %s', (payload, expected) => {
    expect(readBy('stream', payload)).toMatchObject({ ok: true, value: expected });
  });

  it.each([
    '',
    '7',
    'radio.example/live',
    'ftp://radio.example/live',
    'http://user:secret@radio.example/live',
    '{"name": "Live"}',
    JSON.stringify({ url: URL, name: ' ' }),
    JSON.stringify({ url: URL, name: 'x'.repeat(101) }),
    JSON.stringify({ url: URL, image: 'data:image/png;base64,AAAA' }),
    JSON.stringify({ url: `${URL}?${'x'.repeat(1024)}` }),
    // Fits as it is written, and not as Sonos gets it.
    JSON.stringify({ url: `${URL}?${' '.repeat(900)}x` }),
  ])('is nothing else: %s', (payload) => {
    const read = readBy('stream', payload);
    expect(read).toMatchObject({ ok: false, error: { advice: expect.stringContaining('live stream') } });
    expect(JSON.stringify(read)).not.toContain('secret');
  });

  it('has an item id that tells one address from another, and stays the same', () => {
    expect(itemIdOf(URL)).toMatch(/^stream-[0-9a-f]{8}$/);
    expect(itemIdOf(URL)).toBe(itemIdOf(JSON.stringify({ url: URL, name: 'other' })));
    const many = Array.from({ length: 500 }, (_, index) => itemIdOf(`${URL}?${index}`));
    expect(new Set(many).size).toBe(500);
  });
});

describe('the call of `stream`', () => {
  it('goes to our session on the group, to a new one where there is none', () => {
    const held = withSession(home, 'Kitchen', 'queue');
    const session = encodeURIComponent(sessionIdOf(home, 'Kitchen'));
    expect(planOf(held, 'Kitchen', 'stream', URL)).toMatchObject({
      value: { path: `/playbackSessions/${session}/playbackSession/loadStreamUrl` },
    });
    expect(planOf(held, 'Den', 'stream', URL)).toMatchObject({
      value: { path: expect.stringMatching(/^\/groups\/[^/]+\/playbackSession$/) },
    });
  });
});

describe('a stream is seen', () => {
  const status = (of: typeof home, playbackState: string, itemId?: string) =>
    withEvent(of, 'Kitchen', 'playback', 'playbackStatus', {
      playbackState: `PLAYBACK_STATE_${playbackState}`,
      ...(itemId === undefined ? {} : { itemId }),
    });
  const source = (of: typeof home, name: string, type = 'station') =>
    withEvent(of, 'Kitchen', 'playbackMetadata', 'metadataStatus', {
      container: { name, type, id: { objectId: '-1' } },
    });
  const trouble = (of: typeof home, errorCode: string, reason?: string) =>
    withEvent(of, 'Kitchen', 'playback', 'playbackError', {
      errorCode,
      ...(reason === undefined ? {} : { reason }),
    });
  const seen = (before: typeof home, now: typeof home, payload = URL) =>
    evidenceOf(before, now, 'Kitchen', 'stream', payload);
  const id = itemIdOf(URL);
  const before = status(home, 'PLAYING', 'other');

  it('by its item, once it plays', () => {
    expect(seen(home, status(home, 'BUFFERING', id))).toBe('not_yet');
    expect(seen(home, status(home, 'PLAYING', id))).toBe('seen');
    expect(seen(before, before)).toBe('not_yet');
    expect(seen(home, home)).toBe('not_yet');
  });

  it('by its name where players tell no item, or another one', () => {
    expect(seen(before, source(status(before, 'PLAYING'), 'radio.example'))).toBe('seen');
    expect(seen(home, source(status(home, 'PLAYING', 'x'), 'radio.example'))).toBe('seen');
    expect(seen(before, source(status(before, 'PLAYING', 'x'), 'radio.example'))).toBe('seen');
    // The same name as the stream before.
    expect(seen(before, source(before, 'radio.example'))).toBe('not_yet');
    expect(seen(before, source(status(before, 'PLAYING'), 'elsewhere.example'))).toBe('not_yet');
    expect(seen(before, source(status(before, 'PLAYING'), 'radio.example', 'playlist'))).toBe('not_yet');
    expect(seen(before, status(before, 'PLAYING'))).toBe('not_yet');
  });

  it('to have failed by an error that came since, and not by an older one', () => {
    const failing = trouble(status(before, 'IDLE'), 'ERROR_PLAYBACK_FAILED');
    expect(seen(before, failing)).toMatchObject({
      message: 'The room cannot play it: ERROR_PLAYBACK_FAILED.',
      sonos: { error_code: 'ERROR_PLAYBACK_FAILED', reason: null },
    });
    expect(seen(failing, failing)).toBe('not_yet');
    expect(seen(failing, status(failing, 'PLAYING', id))).toBe('seen');
    expect(seen(failing, trouble(status(failing, 'BUFFERING', id), 'ERROR_PLAYBACK_FAILED'))).toMatchObject({
      code: 'sonos_error',
    });
    // Of a group of which nothing else is known, nothing can be told.
    expect(seen(home, trouble(home, 'ERROR_PLAYBACK_FAILED'))).toBe('not_yet');
  });
});
