import { describe, expect, it } from 'vitest';
import { skewFrom } from '../../../src/web/page/clock.ts';
import { clockText, positionAt } from '../../../src/web/page/house/progress.ts';
import { track } from './rooms.ts';

const NOON = Date.parse('2026-11-21T12:00:00.000Z');
const position = { seconds: 60, at: '2026-11-21T12:00:00.000Z' };

describe('the position in a track', () => {
  const playing = { state: 'playing', position, track: track('Song', 200) } as const;

  it('goes on while it plays, and stands while it does not', () => {
    expect(positionAt(playing, NOON + 5_000)).toBe(65);
    expect(positionAt({ ...playing, state: 'paused' }, NOON + 5_000)).toBe(60);
    expect(positionAt({ ...playing, state: 'buffering' }, NOON + 5_000)).toBe(60);
  });

  it('is never before the beginning or behind the end', () => {
    expect(positionAt(playing, NOON - 90_000)).toBe(60);
    expect(positionAt({ ...playing, position: { ...position, seconds: -3 } }, NOON)).toBe(0);
    expect(positionAt(playing, NOON + 1_000_000)).toBe(200);
  });

  it('has no end without a duration, and is unknown when nobody said', () => {
    expect(positionAt({ ...playing, track: track('Song', null) }, NOON + 1_000_000)).toBe(1_060);
    expect(positionAt({ ...playing, track: null }, NOON + 1_000)).toBe(61);
    expect(positionAt({ ...playing, track: track('Song', 0) }, NOON + 1_000)).toBe(61);
    expect(positionAt({ ...playing, position: null }, NOON)).toBeNull();
  });

  it('stands when the time of it cannot be read', () => {
    expect(positionAt({ ...playing, position: { seconds: 60, at: 'soon' } }, NOON)).toBe(60);
  });
});

it('times are written as people do', () => {
  expect([0, 7.9, 67, 3_600, 3_765, -1].map(clockText)).toEqual([
    '0:00',
    '0:07',
    '1:07',
    '1:00:00',
    '1:02:45',
    '0:00',
  ]);
});

describe('the difference of the clocks', () => {
  const date = new Date(NOON).toUTCString();

  it('is none when it is within what a header in whole seconds can tell', () => {
    expect(skewFrom(date, NOON + 900, NOON + 1_000)).toBe(0);
    expect(skewFrom(date, NOON - 500, NOON)).toBe(0);
  });

  it('is how far the browser is ahead or behind, from the midst of question and answer', () => {
    expect(skewFrom(date, NOON + 60_000, NOON + 61_000)).toBe(60_000);
    expect(skewFrom(date, NOON - 60_000, NOON - 59_000)).toBe(-60_000);
  });

  it('is not told by an answer without a date', () => {
    expect(skewFrom(null, 0, 0)).toBeNull();
    expect(skewFrom('yesterday', 0, 0)).toBeNull();
  });
});
