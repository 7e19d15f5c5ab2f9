/** A text as YAML takes it everywhere: JSON's strings are YAML's. */
export const quote = (text: string): string => JSON.stringify(text);

/** A list of texts on one line. */
export const inline = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`;

/** Lines, each so many spaces further to the right; empty lines stay empty. */
export const indented = (text: string, spaces: number): string =>
  text.replace(/^(?=.)/gm, ' '.repeat(spaces));
