import { describe, expect, it } from 'vitest';
import type { Household } from '../../../src/bridge/state.ts';
import { house, NOON, picture, recorded, withEvent } from '../../support/house.ts';

const home = house(['Kitchen']);
const at = (before: Household, body: object, seconds = 0): Household =>
  withEvent(
    before,
    'Kitchen',
    'playback',
    'playbackStatus',
    { playbackState: 'PLAYBACK_STATE_PLAYING', ...body },
    NOON + seconds * 1000,
  );
const stateOf = (body: object, before = home) => picture(at(before, body), 'Kitchen');
const iso = (seconds: number): string => new Date(NOON + seconds * 1000).toISOString();

describe('the play state', () => {
  it.each([
    ['PLAYBACK_STATE_PLAYING', 'playing'],
    ['PLAYBACK_STATE_PAUSED', 'paused'],
    ['PLAYBACK_STATE_IDLE', 'idle'],
    ['PLAYBACK_STATE_BUFFERING', 'buffering'],
    ['PLAYBACK_STATE_DREAMING', null],
    ['constructor', null],
  ])('%s is %s', (playbackState, state) => {
    expect(stateOf({ playbackState })?.state).toBe(state);
  });
});

describe('the position', () => {
  const start = at(home, { positionMillis: 10_000, itemId: 'a' });
  const positionAfter = (body: object, seconds: number) =>
    picture(at(start, { itemId: 'a', ...body }, seconds), 'Kitchen')?.position;

  it('is what the event said, and when', () => {
    expect(picture(start, 'Kitchen')?.position).toEqual({ seconds: 10, at: iso(0) });
  });

  it.each([
    ['where the clock has brought it', 40_000, 30],
    ['2 s behind it', 38_000, 30],
    ['2 s before it', 42_000, 30],
    ['a text of the same number', '40000', 30],
  ])('is no news when it is %s', (_what, positionMillis, seconds) => {
    expect(at(start, { itemId: 'a', positionMillis }, seconds)).toBe(start);
  });

  it.each([
    ['more than 2 s ahead', { positionMillis: 42_001 }, 30, 42.001],
    ['more than 2 s behind', { positionMillis: 37_999 }, 30, 37.999],
    ['that of another item', { positionMillis: 40_000, itemId: 'b' }, 30, 40],
    ['that of another state', { positionMillis: 40_000, playbackState: 'PLAYBACK_STATE_PAUSED' }, 30, 40],
  ])('is news when it is %s', (_what, body, seconds, position) => {
    expect(positionAfter(body, seconds)).toEqual({ seconds: position, at: iso(seconds) });
  });

  it('does not move while the music is paused', () => {
    const paused = at(home, { positionMillis: 10_000, playbackState: 'PLAYBACK_STATE_PAUSED' });
    expect(at(paused, { positionMillis: 10_500, playbackState: 'PLAYBACK_STATE_PAUSED' }, 3600)).toBe(paused);
  });

  it('does not run backwards when the wall clock does', () => {
    expect(at(start, { itemId: 'a', positionMillis: 11_000 }, -3600)).toBe(start);
  });

  it('is unknown when the event has none', () => {
    expect(positionAfter({}, 30)).toBeNull();
    expect(positionAfter({ positionMillis: 'soon' }, 30)).toBeNull();
    const back = at(at(start, { itemId: 'a' }, 30), { itemId: 'a', positionMillis: 50_000 }, 40);
    expect(picture(back, 'Kitchen')?.position).toEqual({ seconds: 50, at: iso(40) });
  });
});

describe('the play modes', () => {
  it.each([
    [
      { repeat: false, repeatOne: false, shuffle: true, crossfade: false },
      { shuffle: true, repeat: 'off', crossfade: false },
    ],
    [
      { repeat: true, repeatOne: false },
      { shuffle: null, repeat: 'all', crossfade: null },
    ],
    [
      { repeat: true, repeatOne: true },
      { shuffle: null, repeat: 'one', crossfade: null },
    ],
    [{ repeatOne: true }, { shuffle: null, repeat: 'one', crossfade: null }],
    [{ repeat: true }, { shuffle: null, repeat: 'all', crossfade: null }],
    [{ repeat: false }, { shuffle: null, repeat: 'off', crossfade: null }],
    [{ repeatOne: false }, { shuffle: null, repeat: 'off', crossfade: null }],
    [{ shuffle: 'yes' }, { shuffle: null, repeat: null, crossfade: null }],
    [undefined, { shuffle: null, repeat: null, crossfade: null }],
  ])('%j are %j', (playModes, modes) => {
    expect(stateOf({ playModes })?.play_modes).toEqual(modes);
  });

  it('stay as they were when an event leaves them out', () => {
    const before = at(home, { playModes: { repeat: true, shuffle: true, crossfade: true } });
    const modes = { shuffle: true, repeat: 'all', crossfade: true };
    expect(stateOf({}, before)?.play_modes).toEqual(modes);
    expect(stateOf({ playModes: {} }, before)?.play_modes).toEqual(modes);
    expect(stateOf({ playModes: { shuffle: false } }, before)?.play_modes).toEqual({
      ...modes,
      shuffle: false,
    });
  });
});

describe('the actions', () => {
  it.each([
    [{ canPlay: true, canPause: true }, ['play', 'pause']],
    [{ canStop: true }, ['pause']],
    [{ canSkipBack: true }, ['previous']],
    [{ canSkipToPrevious: true, canSkip: true }, ['next', 'previous']],
    [{ canSeek: 'true', canShuffle: 1 }, []],
    [
      {
        canRepeat: true,
        canRepeatOne: true,
        canCrossfade: true,
        canShuffle: true,
        canSeek: true,
        canDance: true,
      },
      ['seek', 'shuffle', 'repeat', 'repeat_one', 'crossfade'],
    ],
    [undefined, null],
  ])('of %j are %j', (availablePlaybackActions, actions) => {
    expect(stateOf({ availablePlaybackActions })?.actions).toEqual(actions);
  });

  it('stay as they were when an event leaves them out', () => {
    const before = at(home, { availablePlaybackActions: { canPlay: true } });
    expect(stateOf({}, before)?.actions).toEqual(['play']);
  });

  it('of live radio let it be paused, though that stops it', () => {
    const radio = recorded('event.playbackStatus.radio-stream-url.json');
    expect(
      picture(withEvent(home, 'Kitchen', 'playback', 'playbackStatus', radio), 'Kitchen')?.actions,
    ).toEqual(['play', 'pause']);
  });
});
