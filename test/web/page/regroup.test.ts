import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { moveFor, movesTo } from '../../../src/web/page/house/regroup.ts';
import { group } from './rooms.ts';

describe('choosing the rooms of a group', () => {
  it('does nothing when they are the same in another order, or none', () => {
    expect(movesTo(group('kitchen', 'bath'), ['bath', 'kitchen'])).toEqual([]);
    expect(movesTo(group('kitchen', 'bath'), [])).toEqual([]);
  });

  it('names all of them in one command of the leading room', () => {
    expect(movesTo(group('kitchen', 'bath'), ['office', 'kitchen'])).toEqual([
      { room: 'kitchen', name: 'group', value: ['office'] },
    ]);
  });

  it('lets the leading room go, and the others keep the music', () => {
    expect(movesTo(group('kitchen', 'bath'), ['office', 'bath'])).toEqual([
      { room: 'kitchen', name: 'leave', value: null },
      { room: 'bath', name: 'group', value: ['office'] },
    ]);
  });

  it('hands the music over when all rooms are others', () => {
    expect(movesTo(group('kitchen'), ['office', 'hall'])).toEqual([
      { room: 'office', name: 'join', value: 'kitchen' },
      { room: 'kitchen', name: 'leave', value: null },
      { room: 'office', name: 'group', value: ['hall'] },
    ]);
  });

  it('ends with exactly the wished rooms, whatever they are', () => {
    const rooms = ['a', 'b', 'c', 'd', 'e'];
    const some = fc.shuffledSubarray(rooms, { minLength: 1 });
    fc.assert(
      fc.property(some, some, (now, wished) => {
        let here = new Set(now);
        for (const { room, name, value } of movesTo(group(...now), wished)) {
          if (name === 'join') {
            expect(here.has(String(value))).toBe(true);
            here.add(room);
          }
          if (name === 'leave') here.delete(room);
          if (name === 'group') {
            expect(here.has(room)).toBe(true);
            here = new Set([room, ...(Array.isArray(value) ? value : [])]);
          }
          expect(here.size).toBeGreaterThan(0);
        }
        expect([...here].sort()).toEqual([...wished].sort());
      }),
    );
  });
});

describe('dropping a room', () => {
  const groups = [group('kitchen', 'bath'), group('office')];

  it('on another group lets it join there', () => {
    expect(moveFor(groups, 'bath', { onto: 'office' })).toEqual({
      room: 'bath',
      name: 'join',
      value: 'office',
    });
    expect(moveFor(groups, 'office', { onto: 'bath' })).toEqual({
      room: 'office',
      name: 'join',
      value: 'kitchen',
    });
  });

  it('on its own group, or where nobody is, does nothing', () => {
    expect(moveFor(groups, 'bath', { onto: 'kitchen' })).toBeNull();
    expect(moveFor(groups, 'bath', { onto: 'attic' })).toBeNull();
  });

  it('where it is to be alone lets it leave, if it is not alone already', () => {
    expect(moveFor(groups, 'bath', 'alone')).toEqual({ room: 'bath', name: 'leave', value: null });
    expect(moveFor(groups, 'office', 'alone')).toBeNull();
    expect(moveFor(groups, 'attic', 'alone')).toBeNull();
  });
});
