import { createHmac } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Library, LibraryFile } from './library.ts';
import { endingOf, mediaTypeOf } from './media-types.ts';

/** A sound as it is served. */
export interface ServedSound {
  readonly bytes: number;
  readonly contentType: string;
  /** Its bytes from `first` to `last`, both included; null when they are gone. */
  read(first: number, last: number): Promise<Readable | null>;
}

/** The files that players may fetch: those that stand, or lately stood, in a queue. */
export interface Media {
  /** The name under which a file is served from now on: unguessable, and the same each time. */
  nameOf(file: LibraryFile): string;
  /** Null for a name that nobody was given, and for a file that is gone. */
  find(name: string): Promise<ServedSound | null>;
}

const MOST_NAMES = 50_000;

/** Opens it; without a library there is nothing to serve. */
export function createMedia(library: Library | null, secret: string): Media {
  /** Least recently named first. */
  const files = new Map<string, string>();
  return {
    nameOf({ path }) {
      const name = `${createHmac('sha256', secret).update(`file ${path}`).digest('base64url')}.${endingOf(path)}`;
      files.delete(name);
      files.set(name, path);
      for (const oldest of files.keys()) {
        if (files.size <= MOST_NAMES) break;
        files.delete(oldest);
      }
      return name;
    },
    async find(name) {
      const path = files.get(name);
      const bytes = path === undefined ? null : ((await library?.size(path)) ?? null);
      if (path === undefined || library === null || bytes === null) return null;
      const contentType = mediaTypeOf(endingOf(path)) ?? 'application/octet-stream';
      return { bytes, contentType, read: (first, last) => library.read(path, first, last) };
    },
  };
}
