import { signal } from '@preact/signals';
import { de } from './words/de.ts';
import { en, type Word as FirstWord, type Words } from './words/en.ts';
import type { FurtherWord, FurtherWords } from './words/further-en.ts';

/** The name of a text. */
export type Word = FirstWord | FurtherWord;

/** Every language, by its tag; one more is one file and its name here. */
export const LANGUAGES: Readonly<Record<string, { readonly name: string; readonly words: Words }>> = {
  en: { name: 'English', words: en },
  de: { name: 'Deutsch', words: de },
};

const KEPT = 'language';

/** The first of the wished languages that there is; English otherwise. */
function languageFor(wished: readonly string[]): string {
  const known = wished.map((tag) => tag.toLowerCase().split('-')[0] ?? '');
  return known.find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? 'en';
}

/** The tag of the language in which the page speaks. */
export const language = signal('en');

/** Speaks another language from now on, and the next time. */
function speak(tag: string): void {
  language.value = languageFor([tag]);
  document.documentElement.lang = language.value;
}

/** Begins in the language that was chosen here before, or that the browser wishes. */
export function speakAsWished(): void {
  const kept = localStorage.getItem(KEPT);
  speak(languageFor(kept === null ? navigator.languages : [kept, ...navigator.languages]));
}

/** Speaks another language, and remembers it in this browser. */
export function choose(tag: string): void {
  localStorage.setItem(KEPT, tag);
  speak(tag);
}

type Texts = Readonly<Partial<Record<Word, string>>>;

/** By language: what came with a part that was fetched later. */
let further: Readonly<Record<string, FurtherWords>> = {};

/** Adds the texts of parts that are fetched when they are first shown. */
export function addWords(texts: Readonly<Record<string, FurtherWords>>): void {
  further = texts;
}

function textOf(tag: string, word: Word): string | undefined {
  const first: Texts | undefined = LANGUAGES[tag]?.words;
  const later: Texts | undefined = further[tag];
  return first?.[word] ?? later?.[word];
}

/** A text in the language of the page, with what stands in braces filled in. Always text, never HTML. */
export function t(word: Word, fill: Readonly<Record<string, string | number>> = {}): string {
  const text = textOf(language.value, word) ?? textOf('en', word) ?? word;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(fill[name] ?? whole));
}
