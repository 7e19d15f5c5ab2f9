import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { announce, announcementSchema, cancelled } from '../../src/bridge/announcement.ts';
import { readPayload } from '../../src/bridge/payload.ts';
import { bytes } from '../support/bridge-house.ts';

function raw(payload: unknown) {
  const read = readPayload(bytes(payload));
  if (!read.ok) throw new Error(read.error);
  return read.value.raw;
}

const read = (payload: unknown) => announce.read(raw(payload));

/** What a payload becomes; throws when it is refused. */
function value(payload: unknown) {
  const result = read(payload);
  if (!result.ok) throw new Error(result.error.message);
  return result.value;
}

function refusal(payload: unknown): string {
  const result = read(payload);
  if (result.ok) throw new Error('it was taken');
  expect(result.error.advice).toContain('"text"');
  return result.error.message;
}

const PLAIN = {
  ...{ text: null, url: null, chime: null, before: null, volume: null, language: null, voice: null },
  ...{ speed: null, provider: null, priority: 'normal', devices: null },
};

describe('what is announced', () => {
  it.each([
    ['Dinner is ready', 'Dinner is ready'],
    ['"Dinner is ready"', 'Dinner is ready'],
    ['25', '25'],
    ['+5', '+5'],
    ['{"value": "Dinner"}', 'Dinner'],
    ['{"text": "Dinner"}', 'Dinner'],
    ['{not JSON', '{not JSON'],
  ])('is a text: %s', (payload, text) => {
    expect(value(payload)).toEqual({ rooms: [], announcement: { ...PLAIN, text } });
  });

  it('is a sound from elsewhere, by the address that the player will see', () => {
    expect(value({ url: 'http://NAS.local:8080/a\\b.mp3' }).announcement).toEqual({
      ...PLAIN,
      url: 'http://nas.local:8080/a/b.mp3',
    });
  });

  it.each([
    [true, 'chime'],
    ['doorbell', 'doorbell'],
  ])('is a chime alone: %s', (chime, name) => {
    expect(value({ chime }).announcement).toEqual({ ...PLAIN, chime: name });
  });

  it.each([
    [true, 'chime'],
    ['gong', 'gong'],
    [false, ''],
    ['none', ''],
    ['None', ''],
    [undefined, null],
  ])('has a chime ahead of it: %s', (before, name) => {
    expect(value({ text: 'x', before }).announcement.before).toBe(name);
  });

  it('carries everything that is said with it', () => {
    const all = {
      ...{ text: 'x', volume: 30, language: 'de-DE', voice: 'anna', speed: 1.5, provider: 'openai' },
      ...{ priority: 'high', devices: 'all', before: 'soft' },
    };
    const { announcement, rooms } = value({ ...all, rooms: ['bath', 'Office'], id: 'a' });
    expect(announcement).toEqual({ ...PLAIN, ...all });
    expect(rooms).toEqual(['bath', 'Office']);
    // As it is kept over a restart.
    expect(announcementSchema.parse(JSON.parse(JSON.stringify(announcement)))).toEqual(announcement);
  });
});

describe('an announcement that is refused', () => {
  it.each([
    ['', 'text is empty'],
    ['   ', 'text is empty'],
    [{}, 'None of text, url and chime'],
    [{ chime: false }, 'None of text, url and chime'],
    [{ text: 'a', url: 'http://a.example/b.mp3' }, 'More than one'],
    [{ text: 'a', chime: true }, 'More than one'],
    [{ text: 'a', volum: 30 }, '"volum"'],
    [{ text: 'a', volume: 101 }, 'volume: '],
    [{ text: 'a', volume: -1 }, 'volume: '],
    [{ text: 'a', volume: 12.5 }, 'volume: '],
    [{ text: 'a', volume: 'loud' }, 'volume: '],
    [{ text: 'a', speed: 3 }, 'speed: '],
    [{ text: 'a', language: '../etc' }, 'language: '],
    [{ text: 'a', priority: 'urgent' }, 'priority: '],
    [{ text: 'a', rooms: 'bath' }, 'rooms: '],
    [{ text: 'a', rooms: Array(65).fill('bath') }, 'rooms: '],
    [{ text: 'a', voice: '' }, 'voice: '],
    [{ text: 7 }, 'text: '],
    [{ value: ['a'] }, 'text: '],
    [{ url: 'ftp://a.example/b.mp3' }, 'not a plain http or https address'],
    [{ url: 'http://user:pass@a.example/b.mp3' }, 'not a plain http or https address'],
    [{ url: `http://a.example/${'b'.repeat(1100)}` }, 'url: '],
  ])('%j: says what is wrong', (payload, words) => {
    expect(refusal(payload)).toContain(words);
  });

  it('is told of, and never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const result = announce.read(raw(text));
        if (result.ok) announcementSchema.parse(result.value.announcement);
        else expect(result.error.message).not.toBe('');
      }),
    );
  });
});

describe('what is cancelled', () => {
  it.each([
    ['', null],
    ['PRESS', null],
    ['null', 'null'],
    [' a-1 ', 'a-1'],
    ['{"value": "a-1"}', 'a-1'],
    ['{"value": 7}', '7'],
    ['{"value": true}', null],
    ['{}', null],
  ])('%j is %j', (payload, id) => {
    expect(cancelled.read(raw(payload))).toEqual({ ok: true, value: id });
  });

  it('is an id and nothing else', () => {
    expect(cancelled.read(raw({ value: ['a'] })).ok).toBe(false);
  });
});
