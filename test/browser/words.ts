import { de } from '../../src/web/page/words/de.ts';
import { en } from '../../src/web/page/words/en.ts';
import { furtherDe } from '../../src/web/page/words/further-de.ts';
import { furtherEn } from '../../src/web/page/words/further-en.ts';

/** Every text of the page in every language, by its key. */
export const LANGUAGES = { en: { ...en, ...furtherEn }, de: { ...de, ...furtherDe } } as const;

/** The name of a text. */
type Word = keyof typeof LANGUAGES.en;

/** A text of the page as a person reads it, in English unless said otherwise. */
export function words(
  word: Word,
  fill: Readonly<Record<string, string | number>> = {},
  language: keyof typeof LANGUAGES = 'en',
): string {
  return LANGUAGES[language][word].replace(/\{(\w+)\}/g, (whole, name: string) =>
    String(fill[name] ?? whole),
  );
}

/** What such a text looks like whatever is filled in. */
export const likeWords = (word: Word): RegExp =>
  new RegExp(`^${LANGUAGES.en[word].replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '.*')}$`, 'u');
