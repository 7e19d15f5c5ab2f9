import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Amount } from '../../src/bridge/readers.ts';
import { combinedVolume } from '../../src/bridge/volume-command.ts';
import { command, evidenceOf, groupIdOf, house, idOf, planOf, seat, withEvent } from '../support/house.ts';

const home = house(['Kitchen', 'Bath']);
const kitchen = (body: object) => withEvent(home, 'Kitchen', 'playerVolume', 'playerVolume', body);
const group = (body: object) => withEvent(home, 'Kitchen', 'groupVolume', 'groupVolume', body);
const groupPath = `/groups/${encodeURIComponent(groupIdOf(['Kitchen']))}/groupVolume`;
const playerPath = `/players/${idOf('Bath')}/playerVolume`;

describe('a volume command', () => {
  it.each([
    ['volume', '25', playerPath, { volume: 25 }],
    ['volume', '-5', `${playerPath}/relative`, { volumeDelta: -5 }],
    ['mute', 'on', `${playerPath}/mute`, { muted: true }],
    ['mute', 'off', `${playerPath}/mute`, { muted: false }],
    ['mute', 'toggle', `${playerPath}/mute`, { muted: true }],
    ['group_volume', '25', groupPath, { volume: 25 }],
    ['group_volume', '+5', `${groupPath}/relative`, { volumeDelta: 5 }],
    ['group_mute', 'toggle', `${groupPath}/mute`, { muted: true }],
  ])('%s %s is one call', (name, payload, path, body) => {
    expect(planOf(home, 'Bath', name, payload)).toEqual({ ok: true, value: { method: 'POST', path, body } });
  });

  it('toggles what is muted', () => {
    expect(planOf(kitchen({ muted: true }), 'Kitchen', 'mute', 'toggle')).toMatchObject({
      value: { body: { muted: false } },
    });
    expect(planOf(group({ muted: true }), 'Kitchen', 'group_mute', 'toggle')).toMatchObject({
      value: { body: { muted: false } },
    });
  });

  it('to a room whose volume is fixed is refused', () => {
    const fixed = kitchen({ volume: 100, muted: false, fixed: true });
    for (const name of ['volume', 'mute']) {
      expect(planOf(fixed, 'Kitchen', name, '1')).toMatchObject({
        ok: false,
        error: { code: 'not_capable' },
      });
    }
    expect(planOf(fixed, 'Bath', 'volume', '1').ok).toBe(true);
  });

  it('to a group that Sonos does not list is refused', () => {
    const groupless = { ...seat(home, 'Kitchen'), group: null };
    for (const name of ['group_volume', 'group_mute']) {
      expect(command(name).plan({ to: 5 }, groupless)).toMatchObject({
        ok: false,
        error: { code: 'not_capable' },
      });
    }
    const witness = { value: { to: 5 }, before: groupless, now: groupless, answer: {}, at: 0 };
    expect(command('group_volume').seen(witness)).toBe('not_yet');
  });

  it.each([
    ['volume', '25', {}, { volume: 25 }, 'seen'],
    ['volume', '25', { volume: 25 }, { volume: 25 }, 'seen'],
    ['volume', '25', { volume: 20 }, { volume: 24 }, 'not_yet'],
    ['volume', '25', {}, {}, 'not_yet'],
    ['volume', '+5', { volume: 20 }, { volume: 25 }, 'seen'],
    ['volume', '+5', { volume: 20 }, { volume: 21 }, 'seen'],
    ['volume', '+5', { volume: 20 }, { volume: 20 }, 'not_yet'],
    ['volume', '+5', { volume: 20 }, { volume: 15 }, 'not_yet'],
    ['volume', '+5', {}, { volume: 25 }, 'not_yet'],
    ['volume', '+5', { volume: 100 }, { volume: 100 }, 'seen'],
    ['volume', '-5', { volume: 0 }, { volume: 0 }, 'seen'],
    ['volume', '-5', { volume: 20 }, { volume: 100 }, 'not_yet'],
    ['volume', '+0', { volume: 20 }, { volume: 20 }, 'seen'],
    ['mute', 'on', {}, { muted: true }, 'seen'],
    ['mute', 'on', { muted: false }, { muted: false }, 'not_yet'],
    ['mute', 'on', {}, {}, 'not_yet'],
    ['mute', 'toggle', { muted: true }, { muted: false }, 'seen'],
    ['mute', 'toggle', { muted: true }, { muted: true }, 'not_yet'],
  ])('%s %s between %j and %j is %s', (name, payload, before, now, evidence) => {
    expect(evidenceOf(kitchen(before), kitchen(now), 'Kitchen', name, payload)).toBe(evidence);
    expect(evidenceOf(group(before), group(now), 'Bath', `group_${name}`, payload)).toBe(evidence);
  });

  it('may be sent again only when twice is the same as once', () => {
    const { repeatable } = command('volume');
    expect([repeatable({ to: 5 }), repeatable({ by: 5 })]).toEqual([true, false]);
    expect([true, false, 'toggle'].map((value) => command('mute').repeatable(value))).toEqual([
      true,
      true,
      false,
    ]);
  });
});

describe('two volume commands in a row', () => {
  it.each([
    [{ to: 20 }, { to: 30 }, { to: 30 }],
    [{ by: 5 }, { to: 30 }, { to: 30 }],
    [{ to: 20 }, { by: 5 }, { to: 25 }],
    [{ to: 98 }, { by: 5 }, { to: 100 }],
    [{ to: 2 }, { by: -5 }, { to: 0 }],
    [{ by: 5 }, { by: -2 }, { by: 3 }],
    [{ by: 80 }, { by: 80 }, { by: 100 }],
    [{ by: -80 }, { by: -80 }, { by: -100 }],
  ])('%j and %j are %j', (earlier, later, both) => {
    expect(combinedVolume(earlier, later)).toEqual(both);
    expect(command('volume').combined?.(earlier, later)).toEqual(both);
  });

  it('always are something that Sonos takes', () => {
    const amount: fc.Arbitrary<Amount> = fc.oneof(
      fc.integer({ min: 0, max: 100 }).map((to) => ({ to })),
      fc.integer({ min: -100, max: 100 }).map((by) => ({ by })),
    );
    fc.assert(
      fc.property(fc.array(amount, { minLength: 2, maxLength: 20 }), (amounts) => {
        const all = amounts.reduce(combinedVolume);
        if ('to' in all) expect(all.to >= 0 && all.to <= 100).toBe(true);
        else expect(Math.abs(all.by)).toBeLessThanOrEqual(100);
      }),
    );
  });
});
