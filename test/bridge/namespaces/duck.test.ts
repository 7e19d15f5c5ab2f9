import { describe, expect, it } from 'vitest';
import { command, evidenceOf, house, idOf, planOf, readBy } from '../../support/house.ts';

const home = house(['Kitchen'], ['Den']);
const path = (tail: string): string => `/players/${idOf('Kitchen')}/playerVolume/${tail}`;

describe('duck', () => {
  it.each<[string, object | undefined]>([
    ['true', undefined],
    ['"on"', undefined],
    ['{"value": true}', undefined],
    ['10', { durationMillis: 10_000 }],
    ['"10"', { durationMillis: 10_000 }],
    ['0.5', { durationMillis: 500 }],
    ['1', { durationMillis: 1000 }],
    ['60', { durationMillis: 60_000 }],
    ['{"value": 7}', { durationMillis: 7000 }],
    ['{"value": "7"}', { durationMillis: 7000 }],
    ['{"seconds": 2.25}', { durationMillis: 2250 }],
  ])('%s lowers the sound by one call to the player', (payload, body) => {
    expect(planOf(home, 'Kitchen', 'duck', payload)).toEqual({
      ok: true,
      value: { method: 'POST', path: path('duck'), ...(body === undefined ? {} : { body }) },
    });
  });

  it.each(['false', 'off', '0', '{"value": false}', '{"value": 0}', '{"seconds": 0}'])(
    '%s ends it',
    (payload) => {
      expect(planOf(home, 'Kitchen', 'duck', payload)).toEqual({
        ok: true,
        value: { method: 'POST', path: path('unduck') },
      });
    },
  );

  it.each([
    '',
    '-1',
    '61',
    '60.5',
    'soon',
    '[5]',
    '{}',
    '{"seconds": 90}',
    '{"seconds": "soon"}',
    '{"value": null}',
  ])('is not %s', (payload) => {
    expect(readBy('duck', payload)).toEqual({
      ok: false,
      error: {
        message: 'That does not say how long to lower the sound.',
        advice: 'Send true, false, seconds from 0 to 60, or {"seconds": 5}.',
      },
    });
  });

  it('takes what its schema names, and nothing else', () => {
    const { schema } = command('duck').value;
    for (const value of [true, 'off', 10, '10', '60', { seconds: 5 }])
      expect([value, schema.safeParse(value).success]).toEqual([value, true]);
    for (const value of ['61', 61, -1, 'soon', { seconds: 61 }])
      expect([value, schema.safeParse(value).success]).toEqual([value, false]);
  });

  it('is confirmed when Sonos took it, and only then, since nothing shows it', () => {
    expect(evidenceOf(home, home, 'Kitchen', 'duck', '5', {})).toBe('seen');
    expect(evidenceOf(home, home, 'Kitchen', 'duck', '5', null)).toBe('not_yet');
    expect(command('duck').reads).toEqual([]);
    expect(command('duck').repeatable({ seconds: 5 })).toBe(true);
  });
});
