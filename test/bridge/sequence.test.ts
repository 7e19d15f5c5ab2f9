import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, markOf } from '../../src/bridge/sequence.ts';
import { marksRecord, marksSchema, SequenceMarks } from '../../src/bridge/sequence-marks.ts';
import type { SonosEvent } from '../../src/bridge/sonos.ts';
import { sliceKey, targetOfKey } from '../../src/bridge/state.ts';
import { HOUSEHOLD, house, idOf, NOON, regrouped, seat } from '../support/house.ts';

describe('the number of an event', () => {
  const mark = { sequence: '100', at: NOON };

  it.each([
    ['101', 0, 'newer'],
    ['1000', 0, 'newer'],
    ['100', 0, 'duplicate'],
    ['100', 3_600_000, 'duplicate'],
    ['099', 0, 'late'],
    ['99', 60_000, 'late'],
    ['99', 60_001, 'restarted'],
    ['0', 60_001, 'restarted'],
    ['99', -60_001, 'restarted'],
    ['99', -60_000, 'late'],
  ])('%s, %d ms after 100, is %s', (sequence, later, verdict) => {
    expect(judge(mark, sequence, NOON + later)).toBe(verdict);
  });

  it('is newer when there was none before', () => {
    expect(judge(undefined, '0', NOON)).toBe('newer');
  });

  it('is compared as a number, also far beyond what a double can hold', () => {
    const number = fc.bigInt({ min: 0n, max: 10n ** 20n - 1n });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const verdict = a > b ? 'newer' : a === b ? 'duplicate' : 'late';
        expect(judge({ sequence: String(b), at: NOON }, String(a), NOON)).toBe(verdict);
      }),
    );
  });
});

describe('the marks of a house', () => {
  const event = (sequence: string | null, rest: Partial<SonosEvent> = {}): SonosEvent => ({
    household: HOUSEHOLD,
    namespace: 'playback',
    type: 'playbackStatus',
    target: 'g',
    sequence,
    body: {},
    at: NOON,
    ...rest,
  });

  it('are kept for each household, namespace and target apart', () => {
    const marks = new SequenceMarks();
    const others = [{}, { household: 'other' }, { namespace: 'groupVolume' }, { target: 'h' }];
    expect(others.map((other) => marks.judge(event('5', other)))).toEqual([
      'newer',
      'newer',
      'newer',
      'newer',
    ]);
    expect(others.map((other) => marks.judge(event('5', other)))).toEqual([
      'duplicate',
      'duplicate',
      'duplicate',
      'duplicate',
    ]);
    expect(markOf(marks.all, HOUSEHOLD, 'playback', 'g')).toEqual({ sequence: '5', at: NOON });
    expect(markOf(marks.all, 'nobody', 'playback', 'g')).toBeUndefined();
  });

  it('do not move for what is late, and begin anew after a silence', () => {
    const marks = new SequenceMarks();
    marks.judge(event('50'));
    expect(marks.judge(event('9', { at: NOON + 1000 }))).toBe('late');
    expect(markOf(marks.all, HOUSEHOLD, 'playback', 'g')).toEqual({ sequence: '50', at: NOON });
    expect(marks.judge(event('9', { at: NOON + 60_001 }))).toBe('restarted');
    expect(marks.judge(event('10', { at: NOON + 60_002 }))).toBe('newer');
  });

  it('are not touched by what was read: that is always news', () => {
    const marks = new SequenceMarks();
    expect([marks.judge(event(null)), marks.judge(event(null))]).toEqual(['newer', 'newer']);
    expect(marks.all.size).toBe(0);
  });

  it('outlive a restart', () => {
    const marks = new SequenceMarks();
    marks.judge(event('18446744073709551615'));
    const again = new SequenceMarks(marksSchema.parse(JSON.parse(JSON.stringify(marksRecord(marks.all)))));
    expect(again.judge(event('18446744073709551615'))).toBe('duplicate');
  });

  it.each(['01', '-1', '', '1.0', '9'.repeat(21)])('cannot be %j', (sequence) => {
    expect(marksSchema.safeParse({ [HOUSEHOLD]: { 'playback g': { sequence, at: 0 } } }).success).toBe(false);
  });

  it('of what is gone are forgotten, those of the household, its groups and players stay', () => {
    const before = house(['Kitchen', 'Bath']);
    const home = regrouped(before, [['Kitchen']], { generation: 2 });
    const groupId = seat(before, 'Kitchen').group?.id ?? '';
    const marks = new SequenceMarks();
    const alive = [HOUSEHOLD, idOf('Kitchen'), seat(home, 'Kitchen').group?.id ?? ''];
    for (const target of [...alive, groupId, idOf('Bath')]) marks.judge(event('1', { target }));
    marks.prune(home);
    expect(Object.keys(marksRecord(marks.all)[HOUSEHOLD] ?? {}).map(targetOfKey)).toEqual(alive);
    marks.prune({ ...home, id: 'Sonos_Other' });
    marks.forget(HOUSEHOLD);
    expect(marks.all.size).toBe(0);
  });

  it('have keys from which the target can be told', () => {
    expect(targetOfKey(sliceKey('playback', 'RINCON_1:2'))).toBe('RINCON_1:2');
  });
});
