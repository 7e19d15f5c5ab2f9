import { createHash } from 'node:crypto';

/** What the checksum is called in a file; no field of a document, and no id in one, begins with `$`. */
export const CHECKSUM = '$sha256';

const sumOf = (content: object): string => createHash('sha256').update(JSON.stringify(content)).digest('hex');

/** A document with its checksum in front, so that a letter that the disk has changed in a token is noticed. */
export const withChecksum = (content: object): object => ({ [CHECKSUM]: sumOf(content), ...content });

/**
 * The content of a file without its checksum; null when that is of other content. It is of the values, so indenting
 * changes nothing. A file without one is taken as it is: an older bridge wrote it, or a person, who stops the bridge,
 * edits the file and removes the line of the checksum.
 */
export function withoutChecksum(json: unknown): { readonly content: unknown } | null {
  if (typeof json !== 'object' || json === null || !(CHECKSUM in json)) return { content: json };
  const { [CHECKSUM]: sum, ...content } = json;
  return sum === sumOf(content) ? { content } : null;
}
