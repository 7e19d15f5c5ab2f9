import { describe, expect, it } from 'vitest';
import { nearest, suggestion } from '../../src/bridge/nearest.ts';

describe('the word that was probably meant', () => {
  it.each([
    ['Jaz', ['Rock', 'Jazz'], 'Jazz'],
    ['jazz', ['Jazz'], 'Jazz'],
    ['kitchne', ['bath', 'kitchen'], 'kitchen'],
    ['ktichen', ['kitchen', 'kitten'], 'kitchen'],
    ['x', ['y'], 'y'],
    ['', ['a'], 'a'],
    ['🎷 Jaz', ['🎷 Jazz'], '🎷 Jazz'],
    ['🎷🎺🎸', ['🎷🎺🥁'], '🎷🎺🥁'],
    ['bathroom', ['kitchen', 'den'], null],
    ['', ['kitchen'], null],
    ['jazz', [], null],
    ['kitchen', ['Kitchen', 'KITCHEN'], 'Kitchen'],
  ])('for %j of %j is %j', (word, known, meant) => {
    expect(nearest(word, known)).toBe(meant);
  });

  it('is found in words of any length without much ado', () => {
    expect(nearest('x'.repeat(60_000), ['y'.repeat(60_000)])).toBeNull();
  });
});

describe('the advice', () => {
  it('is the nearest word, or what there is', () => {
    expect(suggestion('Jaz', ['Jazz'])).toBe('Did you mean "Jazz"?');
    expect(suggestion('Polka', ['Jazz', 'Rock'])).toBe('There is "Jazz", "Rock".');
    expect(suggestion('Polka', [])).toBe('There is none.');
  });

  it('names at most twelve', () => {
    const known = Array.from({ length: 13 }, (_, index) => `favorite ${index}`);
    expect(suggestion('Polka', known.slice(0, 12))).toMatch(/"favorite 11"\.$/);
    expect(suggestion('Polka', known)).toMatch(/"favorite 11" …\.$/);
  });
});
