import { findLoadable, type Loadable } from '../content-command.ts';
import { favorites } from '../namespaces/favorites.ts';
import { metadataAt } from '../namespaces/playback-slice.ts';
import { playlists } from '../namespaces/playlists.ts';
import { findRoom } from '../room-name.ts';
import { same } from '../same.ts';
import type { Household, Seat } from '../state.ts';
import type { Loaded } from './loads.ts';
import { contentWordOf, type Music } from './preset.ts';

/** What the bridge knows that it loaded on the group of a room. */
export type LoadedAt = (seat: Seat) => Loaded | null;

type Listed = 'favorite' | 'playlist';

const listOf = (household: Household, word: Listed): readonly Loadable[] =>
  word === 'favorite'
    ? (favorites.slice(household.own)?.items ?? [])
    : (playlists.slice(household.own)?.items ?? []).map((item) => ({ ...item, containerId: null }));

/** The one favorite or playlist that a name means; null when none does, or several do. */
function listed(household: Household, word: Listed, name: string): Loadable | null {
  const found = findLoadable(listOf(household, word), name);
  return 'id' in found ? found : null;
}

function playsListed(seat: Seat, word: Listed, name: string, loaded: Loaded | null): boolean {
  const item = listed(seat.household, word, name);
  const metadata = metadataAt(seat);
  if (item === null || metadata === null || metadata.source.kind === 'none') return false;
  if (loaded !== null)
    return loaded.command === word && listed(seat.household, word, String(loaded.value))?.id === item.id;
  if (item.containerId !== null && metadata.containerId !== null)
    return item.containerId === metadata.containerId;
  return metadata.source.name === item.name;
}

/** Which socket it is, Sonos does not say; the bridge knows when it switched to it, or when there is only one. */
function playsLineIn(seat: Seat, name: string, loaded: Loaded | null): boolean {
  if (metadataAt(seat)?.source.kind !== 'line_in') return false;
  const { household } = seat;
  const wanted = findRoom(household, name);
  if (loaded !== null)
    return wanted !== null && findRoom(household, String(loaded.value))?.playerId === wanted.playerId;
  const sockets = [...(household.topology?.players.values() ?? [])].filter(({ capabilities }) =>
    capabilities.includes('LINE_IN'),
  );
  return sockets.length === 1 && sockets[0]?.id === wanted?.playerId;
}

/** Whether the group of a room plays what is wanted already. */
export function plays(seat: Seat, wanted: Music, loadedAt: LoadedAt): boolean {
  const loaded = loadedAt(seat);
  const word = contentWordOf(wanted);
  switch (word) {
    case null:
      return true;
    case 'tv':
      return metadataAt(seat)?.source.kind === 'tv';
    case 'line_in':
      return playsLineIn(seat, String(wanted.line_in), loaded);
    case 'stream':
      return loaded?.command === 'stream' && same(loaded.value, wanted.stream);
    default:
      return playsListed(seat, word, String(wanted[word]), loaded);
  }
}

/** What would make the group of a room play again what it plays now; null when the bridge cannot bring it back. */
export function contentAt(seat: Seat, loadedAt: LoadedAt): Music | null {
  const metadata = metadataAt(seat);
  if (metadata?.source.kind === 'tv') return { tv: seat.player.id };
  const loaded = loadedAt(seat);
  if (loaded !== null) return { [loaded.command]: loaded.value };
  const { containerId } = metadata ?? { containerId: null };
  const favorite = listOf(seat.household, 'favorite').find(
    (item) => item.containerId !== null && item.containerId === containerId,
  );
  return favorite === undefined ? null : { favorite: favorite.id };
}
