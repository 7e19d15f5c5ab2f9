import type { FavoriteView, HouseView, PlaylistView } from '../../api/messages.ts';

/** Something that can be chosen to be heard. */
export interface Choice {
  /** The command that loads it. */
  readonly command: 'favorite' | 'playlist';
  readonly id: string;
  readonly name: string;
  readonly image: string | null;
  readonly service: string | null;
  /** What it is, such as `album`; null when nobody said. */
  readonly kind: string | null;
  readonly trackCount: number | null;
}

const ofFavorite = ({ id, name, image, service, kind }: FavoriteView): Choice => ({
  ...{ command: 'favorite', id, name, image, service, kind },
  trackCount: null,
});

const ofPlaylist = ({ id, name, track_count }: PlaylistView): Choice => ({
  ...{ command: 'playlist', id, name, image: null, service: null, kind: 'playlist' },
  trackCount: track_count,
});

const plain = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** What a household offers and the search finds: every word of it, in the name, the service or the kind. */
export function choicesOf(house: HouseView, search: string): readonly Choice[] {
  const words = plain(search).split(/\s+/).filter(Boolean);
  const all = [...(house.favorites ?? []).map(ofFavorite), ...(house.playlists ?? []).map(ofPlaylist)];
  return all.filter(({ name, service, kind }) => {
    const text = plain([name, service, kind].filter(Boolean).join(' '));
    return words.every((word) => text.includes(word));
  });
}
