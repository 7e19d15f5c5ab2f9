import { computed } from '@preact/signals';
import { language } from '../words.ts';

/** The page's language as it is written where the browser is: `en-GB` has another clock than `en-US`. */
export function localeFor(tag: string, wished: readonly string[]): string {
  return wished.find((each) => each.split('-')[0]?.toLowerCase() === tag) ?? tag;
}

export const locale = computed(() => localeFor(language.value, navigator.languages));
