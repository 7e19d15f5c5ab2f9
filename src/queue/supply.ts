import { basename, join } from 'node:path';
import { plainUrl } from '../bridge/clip.ts';
import { type CommandError, commandError } from '../bridge/command-error.ts';
import type { Random } from '../bridge/ports.ts';
import type { QueueTrack } from '../bridge/queue/queue.ts';
import type { Gathered, LeftOut, QueueSupply } from '../bridge/queue/queue-ports.ts';
import type { QueueWish, WishedTrack } from '../bridge/queue/queue-wish.ts';
import { quoted } from '../bridge/quoted.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { UrlPolicy } from '../bridge/url-policy.ts';
import type { Library } from './library.ts';
import { type PlaylistEntry, playlistText, readPlaylist } from './m3u.ts';
import type { Media } from './media.ts';
import { endingOf, mediaTypeOf, titleOf } from './media-types.ts';
import { QUEUE_PATH } from './queue-server.ts';

/** A playlist from elsewhere, or why there is none. */
export type FetchPlaylist = (url: string) => Promise<Result<Uint8Array, string>>;

/** What queues are made with. */
export interface SupplyOptions {
  /** Null when the settings name no folder. */
  readonly library: Library | null;
  readonly media: Media;
  readonly fetchPlaylist: FetchPlaylist;
  readonly policy: UrlPolicy;
  /** The part of every path that nobody can guess. */
  readonly secret: string;
  /** The address of the listener, without a slash at its end; null when none is known that players could reach. */
  readonly address: () => Promise<string | null>;
  readonly mostItems: number;
  readonly random: Random;
}

const NO_FOLDER = commandError(
  'not_capable',
  'No folder of the disk may be played: queue.folder is not set.',
  'Set queue.folder to the folder with the music.',
);

const NO_ADDRESS = commandError(
  'internal',
  'The bridge knows no address of its own that speakers could reach.',
  'Set speech.clip_url to one, such as http://192.168.1.10:8789; with queue.listener public, set callback.public_url.',
);

/** The longest playlist that is read, in bytes. */
export const LARGEST_PLAYLIST = 1_000_000;
const ANYTHING = 'audio/mpeg';

const isUrl = (text: string): boolean => /^https?:\/\//i.test(text);

const noSuch = (what: string, path: string): CommandError =>
  commandError(
    'invalid_payload',
    `There is no ${what} ${quoted(path)} below queue.folder.`,
    'Give its path from there, with / between folders.',
  );

/** The last part of a URL's path, as people read it. */
function nameIn(url: string): string {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

function tracked(track: WishedTrack): QueueTrack {
  const name = nameIn(track.url);
  return {
    ...track,
    title: track.title ?? titleOf(name),
    contentType: track.contentType ?? mediaTypeOf(endingOf(name)) ?? ANYTHING,
  };
}

/** Makes what was asked for into tracks. */
class Supply implements QueueSupply {
  readonly mostItems: number;
  readonly #options: SupplyOptions;

  constructor(options: SupplyOptions) {
    this.#options = options;
    this.mostItems = options.mostItems;
  }

  objection({ folder, m3u }: QueueWish): CommandError | null {
    const isLocal = folder !== null || (m3u !== null && !isUrl(m3u));
    if (isLocal && this.#options.library === null) return NO_FOLDER;
    if (m3u === null || !isUrl(m3u)) return null;
    const url = plainUrl(m3u);
    if (url === null)
      return commandError('invalid_payload', 'The m3u is not a plain http or https address.', 'Give one.');
    const allowed = this.#options.policy(url);
    return allowed.ok ? null : allowed.error;
  }

  async address(): ReturnType<QueueSupply['address']> {
    const { address, random, secret } = this.#options;
    const base = await address();
    if (base === null) return err(NO_ADDRESS);
    const key = random.id();
    return ok({
      key,
      baseUrl: `${base}${QUEUE_PATH}${secret}/${key}/v2.3/`,
      // In the clear it would add nothing to the path.
      authorization: base.startsWith('https:') ? `Bearer ${random.id()}` : null,
    });
  }

  async gather({ items, folder, m3u }: QueueWish): Promise<Result<Gathered, CommandError>> {
    const tracks: QueueTrack[] = items.map(tracked);
    const leftOut: LeftOut[] = [];
    for (const part of [
      folder === null ? null : await this.#folder(folder),
      m3u === null ? null : await this.#playlist(m3u),
    ]) {
      if (part === null) continue;
      if (!part.ok) return part;
      tracks.push(...part.value.tracks);
      leftOut.push(...part.value.leftOut);
    }
    return ok({ tracks, leftOut });
  }

  async #folder(path: string): Promise<Result<Gathered, CommandError>> {
    const listing = (await this.#options.library?.list(path)) ?? null;
    if (listing === null) return err(noSuch('folder', path));
    const tracks: QueueTrack[] = [];
    for (const { path: real, name } of listing.files) {
      const track = await this.#file(real, { location: name, title: null, artist: null, duration: null });
      if (track === null) return err(NO_ADDRESS);
      tracks.push(track);
    }
    return ok({ tracks, leftOut: listing.leftOut });
  }

  /** A file as players are told of it; null when we know no address of ours. */
  async #file(
    path: string,
    { location, title, artist, duration }: PlaylistEntry,
  ): Promise<QueueTrack | null> {
    const { address, media, secret } = this.#options;
    const base = await address();
    if (base === null) return null;
    const name = media.nameOf({ path, name: location });
    return {
      url: `${base}${QUEUE_PATH}${secret}/media/${name}`,
      title: title ?? titleOf(basename(location)),
      contentType: mediaTypeOf(endingOf(path)) ?? ANYTHING,
      ...{ artist, duration, album: null, image: null },
    };
  }

  async #playlist(where: string): Promise<Result<Gathered, CommandError>> {
    const read = isUrl(where) ? await this.#options.fetchPlaylist(where) : await this.#localPlaylist(where);
    if (!read.ok) {
      const advice = 'Is it an M3U file of at most 1 MB, and may the bridge read it?';
      return err(commandError('invalid_payload', `The playlist could not be read. ${read.error}`, advice));
    }
    const entries = readPlaylist(playlistText(read.value));
    if (entries === null) {
      const message = 'The playlist is that of a stream in pieces (HLS), which no queue can hold.';
      return err(commandError('invalid_payload', message, 'Play it with "stream".'));
    }
    const tracks: QueueTrack[] = [];
    const leftOut: LeftOut[] = [];
    for (const entry of entries) {
      if (tracks.length >= this.mostItems) {
        const reason = `A queue has ${this.mostItems} items at most.`;
        leftOut.push({ entry: entry.title ?? shown(entry.location), reason });
        continue;
      }
      const found = isUrl(where) ? this.#remote(entry, where) : await this.#local(entry, where);
      if (found.ok) tracks.push(found.value);
      else leftOut.push({ entry: entry.title ?? shown(entry.location), reason: found.error });
    }
    return ok({ tracks, leftOut });
  }

  async #localPlaylist(path: string): Promise<Result<Uint8Array, string>> {
    const { library } = this.#options;
    const real = (await library?.find(path)) ?? null;
    if (library === null || real === null) return err(noSuch('file', path).message);
    if (!/^m3u8?$/.test(endingOf(real))) return err('Its name ends in neither .m3u nor .m3u8.');
    const bytes = await library.size(real);
    if (bytes === null || bytes > LARGEST_PLAYLIST) return err('It is no file of at most 1 MB.');
    const pieces: Uint8Array[] = [];
    try {
      for await (const piece of (await library.read(real, 0, bytes - 1)) ?? []) pieces.push(piece);
    } catch {
      return err('The disk refused.');
    }
    return ok(Buffer.concat(pieces));
  }

  /** Relative to the playlist's own address. */
  #remote(entry: PlaylistEntry, base: string): Result<QueueTrack, string> {
    const url = URL.canParse(entry.location, base) ? plainUrl(new URL(entry.location, base).href) : null;
    if (url === null) return err('It is not a plain http or https address.');
    const allowed = this.#options.policy(url);
    if (!allowed.ok) return err(allowed.error.message);
    return ok(tracked({ ...entryTrack(entry), url }));
  }

  /** Relative to the folder in which the playlist is. */
  async #local(entry: PlaylistEntry, playlist: string): Promise<Result<QueueTrack, string>> {
    if (isUrl(entry.location)) return this.#remote(entry, entry.location);
    const { library } = this.#options;
    const path = entry.location.replaceAll('\\', '/');
    const real = (await library?.find(join(join(playlist.replaceAll('\\', '/'), '..'), path))) ?? null;
    if (real === null) return err('There is no such file below queue.folder.');
    if (mediaTypeOf(endingOf(real)) === null) return err('It is not an audio file that Sonos plays.');
    const track = await this.#file(real, { ...entry, location: path });
    return track === null ? err(NO_ADDRESS.message) : ok(track);
  }
}

const entryTrack = ({ title, artist, duration }: PlaylistEntry) => ({
  ...{ title, artist, duration },
  ...{ album: null, image: null, contentType: null },
});

/** Without what may be a secret in a query. */
const shown = (location: string): string => quoted(location.replace(/\?.*$/s, ''));

/** Creates it. */
export const createSupply = (options: SupplyOptions): QueueSupply => new Supply(options);
