import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressOf } from '../../src/app/address-of.ts';
import { createPaint, paintFor } from '../../src/cli/paint.ts';
import { fitted, printable, shortened, wrapped } from '../../src/cli/text.ts';

describe('text on a terminal', () => {
  it('cannot move the cursor, ring the bell or turn the line around', () => {
    expect(printable('a\u001b[2Jb\u0007c\u202ed\r\ne')).toBe('a [2Jb c d e');
    expect(printable('Ça va – 音楽 🎵')).toBe('Ça va – 音楽 🎵');
  });

  it('is shortened with an ellipsis, by letters and not by their halves', () => {
    expect(shortened('Kettle Song', 11)).toBe('Kettle Song');
    expect(shortened('Kettle Song', 8)).toBe('Kettle…');
    expect(shortened('🎵🎵🎵🎵', 3)).toBe('🎵🎵…');
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 40 }), (text, width) => {
        expect([...shortened(text, width)].length).toBeLessThanOrEqual(width);
        expect([...fitted(text, width)].length).toBe(width);
      }),
    );
  });

  it('is wrapped between words, and no word is lost', () => {
    expect(wrapped('one two three', 7)).toEqual(['one two', 'three']);
    expect(wrapped('', 7)).toEqual([]);
    expect(wrapped('incomprehensibilities to me', 7)).toEqual(['incomprehensibilities', 'to me']);
    const words = fc.array(fc.stringMatching(/^[a-z]{1,12}$/));
    fc.assert(
      fc.property(words, fc.integer({ min: 1, max: 30 }), (text, width) => {
        const lines = wrapped(text.join(' '), width);
        expect(lines.join(' ')).toBe(text.join(' '));
        for (const line of lines) expect(line.length <= width || !line.includes(' ')).toBe(true);
      }),
    );
  });
});

describe('addresses', () => {
  it('are shown so that one can go there', () => {
    expect(addressOf('http', '127.0.0.1', 8788)).toBe('http://127.0.0.1:8788');
    expect(addressOf('http', '0.0.0.0', 8788)).toBe('http://127.0.0.1:8788');
    expect(addressOf('mqtt', '::', 1883)).toBe('mqtt://[::1]:1883');
    expect(addressOf('mqtt', 'fd00::7', 1883)).toBe('mqtt://[fd00::7]:1883');
  });
});

describe('colours', () => {
  it('are for people who look on and do not forbid them', () => {
    const coloured = '\u001b[32m✓\u001b[39m';
    expect(paintFor({ isTerminal: true, env: {} }).good('✓')).toBe(coloured);
    expect(paintFor({ isTerminal: true, env: { NO_COLOR: '' } }).good('✓')).toBe(coloured);
    expect(paintFor({ isTerminal: true, env: { NO_COLOR: '1' } }).good('✓')).toBe('✓');
    expect(paintFor({ isTerminal: false, env: {} }).good('✓')).toBe('✓');
    expect(createPaint(true).dim('')).toBe('');
  });
});
