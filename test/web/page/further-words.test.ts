import { afterEach, describe, expect, it } from 'vitest';
import '../../../src/web/page/words/further.ts';
import { furtherDe } from '../../../src/web/page/words/further-de.ts';
import { furtherEn } from '../../../src/web/page/words/further-en.ts';
import { language, t } from '../../../src/web/page/words.ts';

const blanks = (text: string): readonly string[] =>
  [...text.matchAll(/\{\w+\}/g)].map(([each]) => each).sort();

describe('the texts that are fetched later', () => {
  afterEach(() => {
    language.value = 'en';
  });

  it('are found like all others, in the language of the page', () => {
    expect(t('say.title')).toBe('Say something');
    language.value = 'de';
    expect(t('say.title')).toBe('Etwas sagen');
    expect(t('say.text.count', { count: 3, most: 500 })).toBe('3 von 500 Zeichen');
  });

  it('keep what a text of somebody else holds', () => {
    expect(t('say.quoted', { text: '{text} <b>' })).toBe('“{text} <b>”');
  });

  it('have the same things filled in, in both languages', () => {
    for (const [word, text] of Object.entries(furtherEn)) {
      const german: string = furtherDe[word as keyof typeof furtherEn];
      expect(blanks(german), word).toEqual(blanks(text));
      expect(german.trim(), word).not.toBe('');
    }
  });
});
