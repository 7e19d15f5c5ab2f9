import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { roomCommands } from '../../../src/bridge/namespaces/index.ts';
import { readable, wanted } from '../../../src/bridge/wanted.ts';
import { command, evidenceOf, house, idOf, picture, planOf, readBy, withEvent } from '../../support/house.ts';

const home = house(['Kitchen'], ['Amp']);
const path = `/players/${idOf('Amp')}/settings/player`;
const tells = (body: object, before = home) => withEvent(before, 'Amp', 'settings', 'playerSettings', body);
const limitOf = (body: object, before = home) => picture(tells(body, before), 'Amp')?.volume_limit;
const calls = (payload: string, before = home) => planOf(before, 'Amp', 'volume_limit', payload);

const sent = z.object({ value: z.object({ body: z.object({ volumeScalingFactor: z.number() }) }) });

describe('the volume limit', () => {
  it.each([
    [1, 100],
    [0.01, 1],
    [0.6, 60],
    ['0.6', 60],
    // A player that counts in binary fractions of its own.
    [0.289_999_991_655_349_73, 29],
    [0.567, 57],
    // What Sonos does not promise is shown as the nearest that it does.
    [0, 1],
    [0.001, 1],
    [-3, 1],
    [1.2, 100],
    [1e308, 100],
    ['loud', null],
    [null, null],
    [undefined, null],
  ])('of a player that scales by %j is %j', (volumeScalingFactor, limit) => {
    expect(limitOf({ volumeMode: 'VARIABLE', volumeScalingFactor })).toBe(limit);
  });

  it('is shown as it was set, whichever it is', () => {
    for (let limit = 1; limit <= 100; limit += 1) {
      const factor = sent.parse(calls(String(limit))).value.body.volumeScalingFactor;
      expect(factor).toBeGreaterThanOrEqual(0.01);
      expect(factor).toBeLessThanOrEqual(1);
      expect(limitOf({ volumeScalingFactor: factor })).toBe(limit);
      expect(limitOf({ volumeScalingFactor: Math.fround(factor) })).toBe(limit);
      expect(limitOf({ volumeScalingFactor: String(factor) })).toBe(limit);
      expect(
        evidenceOf(home, tells({ volumeScalingFactor: factor }), 'Amp', 'volume_limit', `${limit}`),
      ).toBe('seen');
    }
  });

  it('is always a whole number from 1 to 100, whatever a player says', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (volumeScalingFactor) => {
        const limit = z.int().min(1).max(100).parse(limitOf({ volumeScalingFactor }));
        expect(Object.is(limit, -0)).toBe(false);
      }),
    );
  });

  it('stays as it was where an answer leaves it out', () => {
    const before = tells({ volumeMode: 'VARIABLE', volumeScalingFactor: 0.4 });
    expect(limitOf({ monoMode: true }, before)).toBe(40);
    expect(limitOf({ volumeMode: 'FIXED' }, before)).toBeNull();
    expect(limitOf({ volumeMode: 'VARIABLE' }, tells({ volumeMode: 'FIXED' }, before))).toBe(40);
    expect(limitOf({ volumeScalingFactor: 0.5 }, tells({ volumeMode: 'FIXED' }, before))).toBeNull();
  });

  it('is read of every player, and never subscribed', () => {
    const paths = (list: readonly { readonly path: string }[]) =>
      list.map((each) => each.path).filter((each) => each.includes('settings'));
    expect(paths(readable(home))).toHaveLength(2);
    expect(paths(wanted(home).snapshots)).toContain(path);
    expect(paths(wanted(tells({})).snapshots)).not.toContain(path);
    expect(paths(wanted(home).subscriptions)).toEqual([]);
  });
});

describe('volume_limit', () => {
  it.each([
    ['60', 0.6],
    ['"60"', 0.6],
    ['{"value": 7}', 0.07],
    ['{"value": "100"}', 1],
    ['1.0', 0.01],
  ])('%s is one call to the player', (payload, volumeScalingFactor) => {
    expect(calls(payload)).toEqual({
      ok: true,
      value: { method: 'POST', path, body: { volumeScalingFactor } },
    });
  });

  it.each([
    '0',
    '101',
    '-5',
    '+5',
    '{"value": "+5"}',
    '{"value": -5}',
    '12.5',
    '',
    'loud',
    'true',
    '{}',
    '[5]',
  ])('is not %s', (payload) => {
    expect(readBy('volume_limit', payload)).toMatchObject({
      ok: false,
      error: {
        message: expect.stringMatching(/.+\./),
        advice: 'A volume limit is a whole number from 1 to 100, without steps.',
      },
    });
  });

  it.each([
    ['a line-out at a fixed level', tells({ volumeMode: 'FIXED', volumeScalingFactor: 1 })],
    ['a line-out that passes through', tells({ volumeMode: 'PASS_THROUGH', volumeScalingFactor: 1 })],
    [
      'a line-out that became fixed since its settings were read',
      withEvent(
        tells({ volumeMode: 'VARIABLE', volumeScalingFactor: 1 }),
        'Amp',
        'playerVolume',
        'playerVolume',
        {
          volume: 100,
          fixed: true,
        },
      ),
    ],
  ])('%s has none', (_what, fixed) => {
    expect(picture(fixed, 'Amp')?.volume_limit).toBeNull();
    expect(calls('50', fixed)).toMatchObject({
      ok: false,
      error: {
        code: 'not_capable',
        message: expect.stringContaining('"amp"'),
        advice: expect.stringContaining('refresh'),
      },
    });
    expect(evidenceOf(fixed, fixed, 'Amp', 'volume_limit', '50')).toBe('not_yet');
  });

  it('replaces one that waits, and may be sent twice', () => {
    const { combined, repeatable } = command('volume_limit');
    expect(combined?.({ to: 4 }, { to: 9 })).toEqual({ to: 9 });
    expect(repeatable({ to: 4 })).toBe(true);
  });

  it.each([
    ['50', { volumeScalingFactor: 0.5 }, 'seen'],
    ['50', { volumeScalingFactor: 0.51 }, 'not_yet'],
    ['100', {}, 'not_yet'],
  ])('%s in %j is %s', (payload, body, evidence) => {
    expect(evidenceOf(home, tells(body), 'Amp', 'volume_limit', payload)).toBe(evidence);
  });
});

describe('the volume mode', () => {
  it.each([
    ['VARIABLE', 'variable'],
    ['FIXED', 'fixed'],
    ['PASS_THROUGH', 'pass_through'],
    ['SHOUTING', null],
    [5, null],
    [null, null],
    [undefined, null],
  ])('%j is shown as %j', (volumeMode, mode) => {
    expect(picture(tells({ volumeMode }), 'Amp')?.volume_mode).toBe(mode);
  });

  it('stays as it was where an answer leaves it out, and is unknown until it was read', () => {
    expect(picture(home, 'Amp')?.volume_mode).toBeNull();
    expect(picture(tells({}, tells({ volumeMode: 'FIXED' })), 'Amp')?.volume_mode).toBe('fixed');
  });

  it('is no command, nor is anything that could cut a player off', () => {
    const bodies = ['volume_limit', 'mono'].map((name) => planOf(home, 'Amp', name, '1'));
    expect(JSON.stringify(bodies)).not.toMatch(/volumeMode|wifi/i);
    expect([...roomCommands.keys()].filter((name) => /mode$/.test(name))).toEqual(['night_mode']);
  });

  it('tells why a line-out that passes through has no limit', () => {
    expect(calls('50', tells({ volumeMode: 'PASS_THROUGH' }))).toMatchObject({
      error: { message: '"amp" passes its volume through to an amplifier, so it has no limit.' },
    });
  });
});

describe('mono', () => {
  const monoOf = (body: object, before = home) => picture(tells(body, before), 'Amp')?.mono;

  it.each([
    [true, true],
    [false, false],
    ['true', null],
    [undefined, null],
  ])('of a player that says %j is %j', (monoMode, mono) => {
    expect(monoOf({ monoMode })).toBe(mono);
  });

  it('stays as it was where an answer leaves it out', () => {
    expect(monoOf({ volumeScalingFactor: 1 }, tells({ monoMode: true }))).toBe(true);
  });

  it.each([
    ['on', true],
    ['{"value": false}', false],
  ])('%s is one call to the player', (payload, monoMode) => {
    const call = { ok: true, value: { method: 'POST', path, body: { monoMode } } };
    // As long as nobody knows whether there is such a setting, Sonos is asked.
    expect(planOf(home, 'Amp', 'mono', payload)).toEqual(call);
    expect(planOf(tells({ monoMode: true }), 'Amp', 'mono', payload)).toEqual(call);
  });

  it('is not for a player whose settings tell of none', () => {
    expect(planOf(tells({ volumeMode: 'VARIABLE' }), 'Amp', 'mono', 'on')).toEqual({
      ok: false,
      error: {
        code: 'not_capable',
        message: '"amp" tells of no mono mode.',
        advice: 'Some players have none, and some need newer software.',
      },
    });
  });

  it.each([
    ['on', { monoMode: true }, 'seen'],
    ['on', { monoMode: false }, 'not_yet'],
    ['off', {}, 'not_yet'],
  ])('%s in %j is %s', (payload, body, evidence) => {
    expect(evidenceOf(home, tells(body), 'Amp', 'mono', payload)).toBe(evidence);
  });
});
