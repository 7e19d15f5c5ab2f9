import { z } from 'zod';

/** The body of a `versionChanged` event: only that the list must be read again (docs.sonos.com, "favorites"). */
export const versionChangedBody = z.object({ version: z.string() });

/** A remembered list. */
export interface ContentList<Item> {
  readonly version: string;
  readonly items: readonly Item[];
  /** True when Sonos told of another version since the list was read. */
  readonly overtaken: boolean;
}

/** The list after a `versionChanged`: what it was, and whether it must be read again. */
export const afterVersion = <Item>(
  version: string,
  earlier: ContentList<Item> | null,
): ContentList<Item> | null =>
  // Without a list there is nothing to doubt: it is read anyway.
  earlier && { ...earlier, overtaken: earlier.overtaken || earlier.version !== version };

/** A list that was read: of the same version it is the same list, even where pictures' addresses differ from read to read. */
export const asRead = <Item>(
  read: ContentList<Item>,
  earlier: ContentList<Item> | null,
): ContentList<Item> =>
  earlier !== null && read.version !== '' && earlier.version === read.version
    ? { ...earlier, overtaken: false }
    : read;
