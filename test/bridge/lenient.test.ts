import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { itemsOf, listOf, maybe, sonosId, sonosNumber, targetId } from '../../src/bridge/lenient.ts';

describe('how bodies of Sonos are read', () => {
  it.each([
    [5, 5],
    [-2.5, -2.5],
    ['5', 5],
    ['-2.5', -2.5],
    ['007', 7],
  ])('the number %j is %d', (given, number) => {
    expect(sonosNumber.parse(given)).toBe(number);
  });

  it.each([
    '',
    ' 5',
    '5%',
    '1e3',
    '0x5',
    '9'.repeat(16),
    null,
    true,
    [],
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ])('%j is no number', (given) => {
    expect(sonosNumber.safeParse(given).success).toBe(false);
  });

  it('an id may come as a number', () => {
    expect([sonosId.parse('a'), sonosId.parse(-1)]).toEqual(['a', '-1']);
    expect(sonosId.safeParse(null).success).toBe(false);
  });

  it.each(['Sonos_Ab-1.c_d', 'RINCON_A0B0C000222201400:620674909', 'RINCON_A:1@2'])(
    '%s can be a target',
    (id) => {
      expect(targetId.parse(id)).toBe(id);
    },
  );

  it.each(['', 'a b', 'a/b', '\ud800', 'ä', '\u0000', 'x'.repeat(129), 5, null])('%j can be none', (id) => {
    expect(targetId.safeParse(id).success).toBe(false);
  });

  it('a field that is missing, null or wrong is null', () => {
    const schema = z.object({ a: maybe(z.boolean()) });
    expect([{}, { a: null }, { a: 'x' }, { a: false }].map((body) => schema.parse(body).a)).toEqual([
      null,
      null,
      null,
      false,
    ]);
  });

  it('a list leaves out what cannot be read, and says how much that was', () => {
    expect(listOf(z.number()).parse([1, 'x', 2, null])).toEqual({ items: [1, 2], dropped: 2 });
    expect(listOf(z.number()).safeParse('x').success).toBe(false);
  });

  it('a list that nobody counts is empty when it is missing or wrong', () => {
    const schema = z.object({ a: itemsOf(z.number()) });
    expect([{}, { a: 5 }, { a: null }, { a: [1, 'x'] }].map((body) => schema.parse(body).a)).toEqual([
      [],
      [],
      [],
      [1],
    ]);
  });
});
