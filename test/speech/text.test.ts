import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../src/speech/text.ts';
import { figure, sized } from '../support/figures.ts';

const clean = (text: string, most = 500): string => {
  const cleaned = cleanText(text, most);
  if (!cleaned.ok) throw new Error(cleaned.error);
  return cleaned.value;
};

describe('a text on its way to a voice', () => {
  it.each([
    ['is put into one line', ' Dinner\r\n\tis\u0085ready\u2028now\u00a0! ', 'Dinner is ready now !'],
    [
      'loses control characters, which espeak-ng takes as orders',
      'a\x00b\x01+10P\x1b[2Jc\x7f\x9b',
      'ab+10P[2Jc',
    ],
    ['has no gap where a control character stood', 'a \x00 b', 'a b'],
    ['loses signs of direction and joiners', '\u202eabc\u202c \u200bd\u200de\ufeff f\u00adg', 'abc de fg'],
    ['loses letters of tags and fillers', 'x\u{e0041}\u{e0042}y\u3164z', 'xyz'],
    ['loses half characters and keeps whole ones', 'a\ud800b\udc00c \ud83d\ude00', 'abc \u{1f600}'],
    ['is composed, also where a joiner stood between', 'Ku\u0308che, Ku\u200c\u0308che', 'Küche, Küche'],
    ['has its double brackets broken up', '[[h@l@U]] [[[x]]]', '[ [h@l@U] ] [ [ [x] ] ]'],
    ['has brackets broken up that a joiner held apart', '[\u200d[x]\u200d]', '[ [x] ]'],
    ['keeps single brackets', 'a[0] = [x]', 'a[0] = [x]'],
    [
      'keeps markup, since nobody reads it as such',
      '<b>R&amp;D</b> $(reboot) `id`',
      '<b>R&amp;D</b> $(reboot) `id`',
    ],
    ['keeps leading dashes and quotes', '--help "x" \'y\'', '--help "x" \'y\''],
    ['keeps other scripts', 'Ужин готов 晚饭好了 عشاء', 'Ужин готов 晚饭好了 عشاء'],
  ])('%s', (_, text, expected) => {
    expect(clean(text)).toBe(expected);
  });

  it.each(['', ' \n\t ', '\x00\x1b', '\u200b\u202e\ufeff', '\ud800'])('of %j has nothing to say', (text) => {
    expect(cleanText(text, 500)).toEqual({ ok: false, error: 'The text is empty: there is nothing to say.' });
  });

  it('may be as long as allowed, counted in characters and not in halves of them', () => {
    expect(clean('\u{1f600}'.repeat(500))).toHaveLength(1000);
    expect(clean(`${' \n'.repeat(5000)}${'ä'.repeat(500)}`)).toHaveLength(500);
    expect(cleanText('\u{1f600}'.repeat(501), 500)).toEqual({
      ok: false,
      error: 'The text has 501 characters, and at most 500 are spoken (speech.max_characters).',
    });
  });

  const pieces = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: fc.constantFrom('[', ']', ' ', '\n', '\u200d', '\u0308', 'u', '\x00'), maxLength: 40 }),
    fc.string({
      unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
      maxLength: 40,
    }),
  );

  it('is one line without anything invisible, never longer than allowed, and stays as it is when cleaned again', () => {
    const numRuns = sized(2000, 200_000);
    let cleaned = 0;
    const holds = fc.property(pieces, fc.integer({ min: 1, max: 40 }), (text, most) => {
      const outcome = cleanText(text, most);
      if (!outcome.ok) return;
      cleaned += 1;
      const { value } = outcome;
      expect([...value].length).toBeLessThanOrEqual(most);
      expect(value).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]|\s\s|^\s|\s$|\[\[|\]\]|[^\S ]/u);
      expect(value).toBe(value.normalize('NFC'));
      expect(value).not.toBe('');
      expect(cleanText(value, most)).toEqual(outcome);
    });
    fc.assert(holds, { numRuns });
    expect(cleaned).toBeGreaterThan(numRuns / 4);
    figure('random texts cleaned', cleaned);
  });
});
