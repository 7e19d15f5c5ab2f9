import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { kept, same, valueAt } from '../../src/bridge/same.ts';

describe('same', () => {
  it('finds that a value says the same as its copy, whatever it holds', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(same(value, structuredClone(value))).toBe(true);
      }),
    );
  });

  it.each([
    ['another number', 1, 2],
    ['a number and its text', 1, '1'],
    ['nothing and an empty object', null, {}],
    ['a list and an object with the same keys', ['a'], { 0: 'a' }],
    ['a shorter list', [1, 2], [1]],
    ['another order of a list', [1, 2], [2, 1]],
    ['a key more', { a: 1 }, { a: 1, b: 2 }],
    ['a key that is undefined, and another one', { a: undefined }, { b: undefined }],
    ['another value deep inside', { a: [{ b: 1 }] }, { a: [{ b: 2 }] }],
    [
      'a map with a key more',
      new Map([['a', 1]]),
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ],
    ['a map with another key', new Map([['a', undefined]]), new Map([['b', undefined]])],
    ['a map with another value', new Map([['a', 1]]), new Map([['a', 2]])],
    ['a map and an object', new Map(), {}],
  ])('tells apart: %s', (_what, a, b) => {
    expect(same(a, b)).toBe(false);
    expect(same(b, a)).toBe(false);
  });

  it('does not care in which order an object or a map has its keys', () => {
    expect(same({ a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 })).toBe(true);
    expect(
      same(
        new Map([
          ['a', { x: 1 }],
          ['b', { x: 2 }],
        ]),
        new Map([
          ['b', { x: 2 }],
          ['a', { x: 1 }],
        ]),
      ),
    ).toBe(true);
  });
});

describe('kept', () => {
  it('keeps the earlier value when the later one says the same', () => {
    const earlier = { volume: 10 };
    expect(kept(earlier, { volume: 10 })).toBe(earlier);
  });

  it('takes the later value when it says something else, or when there was none', () => {
    const later = { volume: 11 };
    expect(kept({ volume: 10 }, later)).toBe(later);
    expect(kept(null, later)).toBe(later);
    expect(kept(undefined, later)).toBe(later);
  });
});

describe('valueAt', () => {
  const state = { volume: 3, group: { volume: 5, members: ['a'], name: null } };

  it.each([
    ['volume', 3],
    ['group.volume', 5],
    ['group.members', ['a']],
    ['group.name', null],
    ['group.name.deeper', null],
    ['group.members.0', null],
    ['volume.deeper', null],
    ['missing', null],
    ['missing.deeper', null],
    ['constructor', null],
    ['group.toString', null],
  ])('finds at %s what stands there', (path, value) => {
    expect(valueAt(state, path)).toEqual(value);
  });
});
