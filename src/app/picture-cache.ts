import type { Clock } from '../bridge/ports.ts';
import type { FetchGuarded } from '../speech/fetch-guarded.ts';
import type { Picture } from '../web/api/art.ts';
import { createTurns } from '../web/turns.ts';

/** Somebody else's pictures, by their URLs. */
export interface PictureCache {
  /** Null when there is none to be had, which is remembered for a minute. */
  get(url: string): Promise<Picture | null>;
}

/** The longest picture that is taken, in bytes. */
export const MAX_PICTURE_BYTES = 5_000_000;

const MOST_BYTES = 16_000_000;
const MOST_AT_ONCE = 6;
const MOST_WAITING = 200;
const FAILED_FOR_MS = 60_000;
const MOST_FAILED = 1_000;

const begins = (bytes: Uint8Array, start: string, at = 0): boolean =>
  Buffer.from(bytes.buffer, bytes.byteOffset + at, Math.min(start.length, bytes.length)).toString(
    'latin1',
  ) === start;

/** The type of a picture by its first bytes; null for everything that a browser could take for more than one. */
function typeOf(bytes: Uint8Array): string | null {
  if (bytes.length < 12) return null;
  if (begins(bytes, '\xff\xd8\xff')) return 'image/jpeg';
  if (begins(bytes, '\x89PNG\r\n\x1a\n')) return 'image/png';
  if (begins(bytes, 'GIF87a') || begins(bytes, 'GIF89a')) return 'image/gif';
  return begins(bytes, 'RIFF') && begins(bytes, 'WEBP', 8) ? 'image/webp' : null;
}

/** Keeps the pictures that were asked for last, 16 MB of them; the same one is fetched once however many ask. */
export function createPictureCache(clock: Clock, fetchPicture: FetchGuarded): PictureCache {
  const kept = new Map<string, Picture>();
  const failed = new Map<string, number>();
  const underWay = new Map<string, Promise<Picture | null>>();
  const turns = createTurns(MOST_AT_ONCE, MOST_WAITING);
  let size = 0;

  function keep(url: string, picture: Picture): void {
    kept.set(url, picture);
    size += picture.bytes.length;
    for (const [oldest, { bytes }] of kept) {
      if (size <= MOST_BYTES) break;
      kept.delete(oldest);
      size -= bytes.length;
    }
  }

  function fail(url: string): void {
    failed.delete(url);
    failed.set(url, clock.elapsed());
    const [oldest] = failed.keys();
    if (failed.size > MOST_FAILED && oldest !== undefined) failed.delete(oldest);
  }

  async function load(url: string): Promise<Picture | null> {
    const fetched = await turns.take(() => fetchPicture(url));
    if (fetched === null) return null;
    const type = fetched.kind === 'fetched' ? typeOf(fetched.bytes) : null;
    if (fetched.kind !== 'fetched' || type === null) {
      fail(url);
      return null;
    }
    const picture = { type, bytes: fetched.bytes };
    keep(url, picture);
    return picture;
  }

  return {
    async get(url) {
      const known = kept.get(url);
      if (known !== undefined) {
        kept.delete(url);
        kept.set(url, known);
        return known;
      }
      if (clock.elapsed() - (failed.get(url) ?? Number.NEGATIVE_INFINITY) < FAILED_FOR_MS) return null;
      const pending = underWay.get(url) ?? load(url).finally(() => underWay.delete(url));
      underWay.set(url, pending);
      return pending;
    },
  };
}
