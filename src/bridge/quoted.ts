const LONGEST = 64;

/**
 * A sender's word, to be repeated in an answer: whole or not at all. It may be a secret that was put in the wrong place,
 * and the filter of secrets would not know one that was cut.
 */
export const quoted = (word: string): string =>
  word.length <= LONGEST ? `"${word}"` : `"…" (${word.length} characters)`;
