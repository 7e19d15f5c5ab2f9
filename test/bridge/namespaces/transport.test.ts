import { describe, expect, it } from 'vitest';
import { roomCommands } from '../../../src/bridge/namespaces/index.ts';
import { transport } from '../../../src/bridge/namespaces/transport.ts';
import type { Household } from '../../../src/bridge/state.ts';
import {
  command,
  evidenceOf,
  groupIdOf,
  house,
  NOON,
  planOf,
  readBy,
  seat,
  withEvent,
} from '../../support/house.ts';

const home = house(['Kitchen', 'Bath']);
const path = `/groups/${encodeURIComponent(groupIdOf(['Kitchen']))}/playback`;

const is = (state: string, body: object = {}, before = home, seconds = 0): Household =>
  withEvent(
    before,
    'Kitchen',
    'playback',
    'playbackStatus',
    { playbackState: `PLAYBACK_STATE_${state}`, ...body },
    NOON + seconds * 1000,
  );
const plays = (name: string | null, before = home): Household =>
  withEvent(
    before,
    'Kitchen',
    'playbackMetadata',
    'metadataStatus',
    name === null ? {} : { currentItem: { track: { name } } },
  );

describe('a transport command', () => {
  it.each([
    ['play', 'PRESS', 'play', undefined],
    ['pause', '', 'pause', undefined],
    ['toggle', '', 'togglePlayPause', undefined],
    ['next', '', 'skipToNextTrack', undefined],
    ['previous', '', 'skipToPreviousTrack', undefined],
    ['seek', '90.5', 'seek', { positionMillis: 90_500 }],
    ['seek', '{"value": 0.30000000000000004}', 'seek', { positionMillis: 300 }],
    ['seek', '-10', 'seekRelative', { deltaMillis: -10_000 }],
    ['shuffle', 'on', 'playMode', { playModes: { shuffle: true } }],
    ['crossfade', '0', 'playMode', { playModes: { crossfade: false } }],
    ['repeat', 'off', 'playMode', { playModes: { repeat: false, repeatOne: false } }],
    ['repeat', 'all', 'playMode', { playModes: { repeat: true, repeatOne: false } }],
    ['repeat', 'one', 'playMode', { playModes: { repeat: false, repeatOne: true } }],
  ])("%s %s is one call to the room's group", (name, payload, tail, body) => {
    expect(planOf(home, 'Bath', name, payload)).toEqual({
      ok: true,
      value: { method: 'POST', path: `${path}/${tail}`, ...(body === undefined ? {} : { body }) },
    });
  });

  it('cannot go to a group that Sonos does not list', () => {
    const groupless = { ...seat(home, 'Kitchen'), group: null };
    for (const spec of Object.values(transport)) {
      expect(spec.plan({ to: 1 }, groupless)).toMatchObject({ ok: false, error: { code: 'not_capable' } });
    }
  });

  it('is repeated only when twice is the same as once', () => {
    const once = ['toggle', 'next', 'previous'];
    expect(
      Object.keys(transport).filter((name) => name !== 'seek' && !command(name).repeatable(null)),
    ).toEqual(once);
    expect([{ to: 5 }, { by: 5 }].map((value) => command('seek').repeatable(value))).toEqual([true, false]);
    expect([...roomCommands.keys()]).toEqual(expect.arrayContaining(Object.keys(transport)));
  });

  it.each(['seek', 'repeat', 'shuffle'])('%s without a value is refused', (name) => {
    expect(readBy(name, '')).toMatchObject({ ok: false });
  });
});

describe('the evidence for', () => {
  it.each([
    ['play', 'IDLE', 'PLAYING', 'seen'],
    ['play', 'IDLE', 'BUFFERING', 'not_yet'],
    ['play', 'PLAYING', 'PLAYING', 'seen'],
    ['pause', 'PLAYING', 'PAUSED', 'seen'],
    ['pause', 'PLAYING', 'IDLE', 'seen'],
    ['pause', 'PLAYING', 'PLAYING', 'not_yet'],
    ['pause', 'PLAYING', 'DREAMING', 'not_yet'],
    ['toggle', 'PLAYING', 'PAUSED', 'seen'],
    ['toggle', 'BUFFERING', 'IDLE', 'seen'],
    ['toggle', 'PLAYING', 'PLAYING', 'not_yet'],
    ['toggle', 'PAUSED', 'PLAYING', 'seen'],
    ['toggle', 'IDLE', 'PAUSED', 'not_yet'],
  ])('%s from %s to %s is %s', (name, before, now, evidence) => {
    expect(evidenceOf(is(before), is(now), 'Bath', name)).toBe(evidence);
  });

  it('anything is not there while nothing is known', () => {
    for (const [name, payload] of [
      ['play', ''],
      ['pause', ''],
      ['toggle', ''],
      ['next', ''],
      ['previous', ''],
      ['seek', '10'],
      ['shuffle', '0'],
      ['repeat', 'off'],
      ['crossfade', '0'],
    ] as const) {
      expect([name, evidenceOf(home, home, 'Kitchen', name, payload)]).toEqual([name, 'not_yet']);
    }
  });

  it.each([
    ['another item of the queue', is('PLAYING', { itemId: 'a' }), is('PLAYING', { itemId: 'b' }), 'seen'],
    ['the same item', is('PLAYING', { itemId: 'a' }), is('PLAYING', { itemId: 'a' }), 'not_yet'],
    ['an item that goes away', is('PLAYING', { itemId: 'a' }), is('PLAYING'), 'not_yet'],
    ['an item of which nothing was known before', home, is('PLAYING', { itemId: 'a' }), 'not_yet'],
    ['another track', plays('A'), plays('B'), 'seen'],
    ['the same track', plays('A'), plays('A'), 'not_yet'],
    ['no track any more', plays('A'), plays(null), 'seen'],
    ['a track of which nothing was known before', home, plays('A'), 'not_yet'],
    ['nothing known any more', plays('A'), home, 'not_yet'],
    [
      'the start of the same track',
      is('PLAYING', { positionMillis: 60_000 }),
      is('PLAYING', { positionMillis: 0 }, is('PLAYING', { positionMillis: 60_000 }), 1),
      'seen',
    ],
  ])('next and previous: %s is %s', (_what, before, now, evidence) => {
    for (const name of ['next', 'previous']) {
      expect(evidenceOf(before, now, 'Kitchen', name, '', {}, NOON + 5000)).toBe(evidence);
    }
  });

  const playing = is('PLAYING', { positionMillis: 10_000 });
  const paused = is('PAUSED', { positionMillis: 10_000 });

  it.each([
    ['90', 'the place', playing, is('PLAYING', { positionMillis: 91_000 }, playing, 1), 'seen'],
    ['90', 'another place far away', playing, is('PLAYING', { positionMillis: 50_000 }, playing, 1), 'seen'],
    ['90', 'another track', plays('A'), plays('B'), 'seen'],
    ['10', 'the place where it was', playing, playing, 'not_yet'],
    [
      '12',
      'the place, so near that no event is news',
      playing,
      is('PAUSED', { positionMillis: 12_000 }, playing, 1),
      'seen',
    ],
    ['+30', 'a jump', playing, is('PLAYING', { positionMillis: 41_000 }, playing, 1), 'seen'],
    ['+30', 'a jump while paused', paused, is('PAUSED', { positionMillis: 40_000 }, paused, 100), 'seen'],
    [
      '+30',
      'what the clock brings',
      playing,
      is('PAUSED', { positionMillis: 40_000 }, playing, 30),
      'not_yet',
    ],
    ['+30', 'an unknown position', playing, is('PLAYING', {}, playing, 1), 'not_yet'],
  ])('seek %s: %s is %s', (payload, _what, before, now, evidence) => {
    expect(evidenceOf(before, now, 'Kitchen', 'seek', payload, {}, NOON + 200_000)).toBe(evidence);
  });

  it('a position is there as soon as it is told, also when none was known before', () => {
    const now = is('PLAYING', { positionMillis: 90_000 });
    expect(evidenceOf(home, now, 'Kitchen', 'seek', '90')).toBe('seen');
    expect(evidenceOf(home, now, 'Kitchen', 'seek', '80')).toBe('not_yet');
  });

  it('anything is not there for a room that is in no group', () => {
    const groupless = { ...seat(playing, 'Kitchen'), group: null };
    for (const spec of Object.values(transport)) {
      const witness = { value: { to: 10 }, before: groupless, now: groupless, answer: {}, at: NOON };
      expect(spec.seen(witness)).toBe('not_yet');
    }
  });

  it('a jump is not there when the wall clock went back since', () => {
    const now = is('PLAYING', { positionMillis: 90_000 }, playing, 10);
    expect(evidenceOf(playing, now, 'Kitchen', 'next', '', {}, NOON + 5000)).toBe('not_yet');
  });

  it.each([
    ['shuffle', 'on', { shuffle: true }, 'seen'],
    ['shuffle', 'on', { shuffle: false }, 'not_yet'],
    ['crossfade', 'off', { crossfade: false }, 'seen'],
    ['repeat', 'one', { repeatOne: true }, 'seen'],
    ['repeat', 'all', { repeat: true, repeatOne: true }, 'not_yet'],
    ['repeat', 'off', {}, 'not_yet'],
  ])('%s %s in %j is %s', (name, payload, playModes, evidence) => {
    const now = is('PLAYING', { playModes });
    expect(evidenceOf(home, now, 'Bath', name, payload)).toBe(evidence);
    expect(evidenceOf(now, now, 'Bath', name, payload)).toBe(evidence);
  });
});
