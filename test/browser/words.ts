import { de } from '../../src/web/page/words/de.ts';
import { en, type Word } from '../../src/web/page/words/en.ts';

const LANGUAGES = { en, de };

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
