import type { FavoriteSpec, JsonObject, PlaylistSpec } from './model.ts';
import { objectIdBody, serviceBody } from './playback-bodies.ts';

/** A favorite with its id. */
export interface Favorite extends FavoriteSpec {
  readonly id: string;
}

/** A Sonos playlist with its id. */
export interface Playlist extends PlaylistSpec {
  readonly id: string;
}

const MOST_FAVORITES = 70;
const MOST_PLAYLISTS = 100;
const MOST_TRACKS = 100;

/** A list with ids and a version that grows: the favorites or the playlists of a household. */
export class Shelf<Item extends { readonly id?: string; readonly name: string }> {
  #items: (Item & { readonly id: string })[] = [];
  #count = 0;
  #lastId = 0;
  readonly #owner: string;

  /** `owner` is the player whose id the version begins with. */
  constructor(owner: string, items: readonly Item[]) {
    this.#owner = owner;
    for (const item of items) this.add(item);
  }

  get version(): string {
    return `${this.#owner}:${this.#count}`;
  }

  all(): readonly (Item & { readonly id: string })[] {
    return this.#items;
  }

  /** By id, or by name as a person says it. */
  find(idOrName: string): (Item & { readonly id: string }) | undefined {
    return (
      this.#items.find((item) => item.id === idOrName) ?? this.#items.find((item) => item.name === idOrName)
    );
  }

  byId(id: string): (Item & { readonly id: string }) | undefined {
    return this.#items.find((item) => item.id === id);
  }

  add(item: Item): Item & { readonly id: string } {
    this.#lastId += 1;
    this.#count += 1;
    const kept = { ...item, id: item.id ?? String(this.#lastId) };
    this.#items = [...this.#items, kept];
    return kept;
  }

  remove(id: string): void {
    this.#count += 1;
    this.#items = this.#items.filter((item) => item.id !== id);
  }

  rename(id: string, name: string): void {
    this.#count += 1;
    this.#items = this.#items.map((item) => (item.id === id ? { ...item, name } : item));
  }
}

/** Sonos' versionChanged event. */
export const versionChangedBody = (version: string): JsonObject => ({
  _objectType: 'versionChanged',
  version,
});

function favoriteBody(favorite: Favorite): JsonObject {
  const { id, name, description, imageUrl, service, resourceType, source } = favorite;
  const images = imageUrl === undefined ? [] : [{ _objectType: 'image', url: imageUrl }];
  const objectId = source.container.id;
  return {
    _objectType: 'favorite',
    id,
    name,
    ...(description === undefined ? {} : { description }),
    ...(imageUrl === undefined ? {} : { imageUrl }),
    images,
    ...(service === undefined ? {} : { service: serviceBody(service) }),
    resource: {
      _objectType: 'contentResource',
      ...(resourceType === undefined ? {} : { type: resourceType }),
      ...(objectId === undefined ? {} : { id: objectIdBody(objectId) }),
      name,
      explicit: false,
      playable: true,
      metadata: { _objectType: 'contentMetadataBlob' },
      images: [],
    },
  };
}

/** Sonos' favoritesList, at most 70 items. */
export const favoritesBody = (shelf: Shelf<FavoriteSpec>): JsonObject => ({
  _objectType: 'favoritesList',
  version: shelf.version,
  items: shelf.all().slice(0, MOST_FAVORITES).map(favoriteBody),
});

/** Sonos' playlistsList, at most 100 playlists. */
export const playlistsBody = (shelf: Shelf<PlaylistSpec>): JsonObject => ({
  _objectType: 'playlistsList',
  playlists: shelf
    .all()
    .slice(0, MOST_PLAYLISTS)
    .map(({ id, name, tracks }) => ({
      _objectType: 'playlist',
      id,
      name,
      trackCount: tracks.length,
      type: 'playlist',
    })),
  version: shelf.version,
});

/** Sonos' playlistSummary: at most 100 tracks, as plain text. */
export const playlistBody = ({ id, name, tracks }: Playlist): JsonObject => ({
  _objectType: 'playlistSummary',
  id,
  name,
  type: 'playlist',
  tracks: tracks
    .slice(0, MOST_TRACKS)
    .map(({ name: title, album, artist }) => ({ _objectType: 'playlistTrack', name: title, album, artist })),
});

/** What a Sonos playlist looks like while it plays. */
export const playlistSource = (playlist: Playlist) => ({
  kind: 'queue' as const,
  container: {
    name: playlist.name,
    type: 'playlist',
    id: { objectId: `SQ:${playlist.id}`, serviceId: 'local-library' },
  },
  tracks: playlist.tracks,
});
