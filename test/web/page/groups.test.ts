import { describe, expect, it } from 'vitest';
import { awayIn, type Group, groupsOf, isLoaded, lotsOf } from '../../../src/web/page/house/groups.ts';
import { together, track, view } from './rooms.ts';

const names = (groups: readonly Group[]): string[][] =>
  groups.map(({ members }) => members.map(({ address }) => address));

describe('the groups of a house', () => {
  it('have their leading room first, then the others by name, and stand by name themselves', () => {
    const rooms = {
      zoo: view('Zoo', { group: together('kitchen', 'zoo', 'attic') }),
      attic: view('Attic', { group: together('kitchen', 'zoo', 'attic') }),
      kitchen: view('Kitchen', { group: together('kitchen', 'zoo', 'attic') }),
      bath: view('Bath', { group: together('bath') }),
    };
    expect(names(groupsOf(rooms))).toEqual([['bath'], ['kitchen', 'attic', 'zoo']]);
  });

  it('count numbers in names, and tell equal names apart by address', () => {
    const rooms = { c: view('Room 10'), b: view('Room 9'), 'd-2': view('Same'), d: view('Same') };
    expect(names(groupsOf(rooms))).toEqual([['b'], ['c'], ['d'], ['d-2']]);
  });

  it('hold rooms whose leading room is unknown or away, without what is away', () => {
    const rooms = {
      a: view('A', { group: together('gone', 'a', 'b') }),
      b: view('B', { group: together('gone', 'a', 'b') }),
      c: view('C', {
        group: { ...view('').group, name: 'C', coordinator: null, members: ['c'], volume: 1, muted: null },
      }),
      d: view('D', { online: false }),
    };
    expect(names(groupsOf(rooms))).toEqual([['a', 'b'], ['c']]);
    expect(awayIn(rooms).map(({ address }) => address)).toEqual(['d']);
  });
});

describe('what is large on the page', () => {
  const paused = { state: 'paused', track: track('Song') } as const;
  const at = (state: Parameters<typeof view>[1], earlier: ReadonlyMap<string, number>, now: number) =>
    lotsOf(groupsOf({ bath: view('Bath', state) }), earlier, now);

  it('is what plays or loads, and the rest is small', () => {
    const rooms = {
      a: view('A', { state: 'playing' }),
      b: view('B', { state: 'buffering' }),
      c: view('C', paused),
      d: view('D'),
    };
    const { large, small } = lotsOf(groupsOf(rooms), new Map(), 0);
    expect([names(large), names(small)]).toEqual([
      [['a'], ['b']],
      [['c'], ['d']],
    ]);
  });

  it('stays in its place when it is paused, for ten minutes', () => {
    const { heard } = at({ state: 'playing', track: track('Song') }, new Map(), 1_000);
    const soon = at(paused, heard, 2_000);
    expect(soon.large).toHaveLength(1);
    expect(at(paused, soon.heard, 600_999).large).toHaveLength(1);
    expect(at(paused, soon.heard, 601_000).large).toHaveLength(0);
  });

  it('becomes small at once when nothing is loaded any more', () => {
    const { heard } = at({ state: 'playing', track: track('Song') }, new Map(), 1_000);
    expect(at({}, heard, 2_000).small).toHaveLength(1);
  });

  it('forgets groups that are no more', () => {
    expect(lotsOf([], new Map([['bath', 5]]), 10).heard.size).toBe(0);
  });
});

it('something is loaded when there is a track or a source that is one', () => {
  expect(isLoaded(view('A'))).toBe(false);
  expect(isLoaded(view('A', { source: null }))).toBe(false);
  expect(isLoaded(view('A', { track: track('Song') }))).toBe(true);
  expect(isLoaded(view('A', { source: { kind: 'tv', name: null, service: null, image: null } }))).toBe(true);
});
