import { z } from 'zod';
import { favoritesBody, playlistBody, playlistSource, playlistsBody } from '../library.ts';
import { oneOf, optionalFlag, optionalObject, playModes, text } from '../parameters.ts';
import { invalidObjectId } from '../refusal.ts';
import { loadFavorite, loadSource } from '../source-commands.ts';
import {
  acknowledge,
  answer,
  type GroupRoutes,
  type HouseholdRoutes,
  present,
  withParameters,
} from './route.ts';

const LOADING = {
  action: oneOf(['APPEND', 'INSERT', 'INSERT_NEXT', 'REPLACE']),
  playModes: optionalObject(playModes),
  playOnCompletion: optionalFlag,
};
const loadingSchema = z.object(LOADING);

function loading({
  action = 'APPEND',
  playModes: modes,
  playOnCompletion = false,
}: z.output<typeof loadingSchema>) {
  return { action, play: playOnCompletion, ...(modes === undefined ? {} : { playModes: present(modes) }) };
}

/** Documentation namespaces "favorites" and "playlists": the lists of a household. */
export const libraryRoutes: HouseholdRoutes = {
  'GET favorites': ({ home }) => answer('favoritesList', favoritesBody(home.favorites)),
  'GET playlists': ({ home }) => answer('playlistsList', playlistsBody(home.playlists)),
  'GET playlists/{}': ({ home, item }) => {
    const playlist = home.playlists.byId(item);
    return playlist === undefined
      ? invalidObjectId('No such playlist.')
      : answer('playlistSummary', playlistBody(playlist));
  },
};

/** Documentation namespaces "favorites" and "playlists": loading one on a group. */
export const loadingRoutes: GroupRoutes = {
  'POST favorites': withParameters(
    z.object({ ...LOADING, favoriteId: text(36) }),
    ({ home, target }, { favoriteId, ...how }) => {
      const favorite = home.favorites.byId(favoriteId);
      if (favorite === undefined) return invalidObjectId('No such favorite.');
      return acknowledge(loadFavorite(target, favorite, loading(how)));
    },
  ),
  'POST playlists': withParameters(
    z.object({ ...LOADING, playlistId: text(36) }),
    ({ home, target }, { playlistId, ...how }) => {
      const playlist = home.playlists.byId(playlistId);
      if (playlist === undefined) return invalidObjectId('No such playlist.');
      return acknowledge(loadSource(target, playlistSource(playlist), loading(how)));
    },
  ),
};
