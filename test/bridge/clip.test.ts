import { describe, expect, it } from 'vitest';
import { APP_ID } from '../../src/bridge/clip.ts';
import { readBy } from '../support/house.ts';

describe('what clip takes', () => {
  it.each([
    'http://nas/a.mp3',
    ' http://nas/a.mp3\n',
    '"http://nas/a.mp3"',
    '{"url": "http://nas/a.mp3"}',
    '{"value": "http://nas/a.mp3"}',
  ])('%s is a clip of its own', (payload) => {
    expect(readBy('clip', payload)).toEqual({
      ok: true,
      value: {
        url: 'http://nas/a.mp3',
        body: {
          name: 'Clip',
          appId: APP_ID,
          priority: 'LOW',
          clipType: 'CUSTOM',
          streamUrl: 'http://nas/a.mp3',
        },
      },
    });
  });

  it('has a name, a volume and a priority as one likes', () => {
    const payload =
      '{"url": "https://nas/a.wav", "name": "Bell", "volume": 0, "priority": "high", "type": "custom"}';
    expect(readBy('clip', payload)).toMatchObject({
      value: { body: { name: 'Bell', priority: 'HIGH', volume: 0, streamUrl: 'https://nas/a.wav' } },
    });
  });

  it('is the built-in chime when that is asked for', () => {
    expect(readBy('clip', '{"type": "chime", "volume": 30}')).toEqual({
      ok: true,
      value: {
        url: null,
        body: { name: 'Clip', appId: APP_ID, priority: 'LOW', clipType: 'CHIME', volume: 30 },
      },
    });
  });

  it('goes to the player in the spelling that a policy looked at', () => {
    const spellings = {
      'http://good\\@evil/a.mp3': 'http://good/@evil/a.mp3',
      'http://0x7f.1/a.mp3': 'http://127.0.0.1/a.mp3',
      'HTTP://NAS:80/a b.mp3': 'http://nas/a%20b.mp3',
      'http:nas': 'http://nas/',
    };
    for (const [url, streamUrl] of Object.entries(spellings)) {
      expect(readBy('clip', JSON.stringify({ url }))).toMatchObject({
        value: { url: streamUrl, body: { streamUrl } },
      });
    }
  });

  it.each([
    ['', 'The URL is not a plain http or https address.'],
    ['{}', 'The clip has no URL.'],
    ['{"type": "custom"}', 'The clip has no URL.'],
    ['doorbell.mp3', 'The URL is not a plain http or https address.'],
    ['ftp://nas/a.mp3', 'The URL is not a plain http or https address.'],
    ['x-file-cifs://nas/a.mp3', 'The URL is not a plain http or https address.'],
    ['http://me:secret@nas/a.mp3', 'The URL is not a plain http or https address.'],
    ['http://me@nas/a.mp3', 'The URL is not a plain http or https address.'],
    [`http://nas/${' '.repeat(900)}x`, 'The URL is not a plain http or https address.'],
    [`http://nas/${'x'.repeat(1014)}`, /^url: /],
    ['{"url": 5}', /^url: /],
    ['{"url": "http://nas/", "volume": 101}', /^volume: /],
    ['{"url": "http://nas/", "volume": 1.5}', /^volume: /],
    ['{"url": "http://nas/", "volume": "5"}', /^volume: /],
    ['{"url": "http://nas/", "name": ""}', /^name: /],
    [`{"url": "http://nas/", "name": "${'x'.repeat(65)}"}`, /^name: /],
    ['{"url": "http://nas/", "priority": "normal"}', /^priority: /],
    ['{"url": "http://nas/", "type": "voice"}', /^type: /],
    ['{"url": [], "volume": -1}', /^url: .* volume: /],
  ])('%.60s is refused', (payload, message) => {
    expect(readBy('clip', payload)).toMatchObject({
      ok: false,
      error: { message: typeof message === 'string' ? message : expect.stringMatching(message) },
    });
  });

  it('never shows the password that a URL had', () => {
    expect(JSON.stringify(readBy('clip', 'http://me:secret@nas/a.mp3'))).not.toContain('secret');
  });
});
