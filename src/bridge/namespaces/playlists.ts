import { z } from 'zod';
import { contentCommand, type Library } from '../content-command.ts';
import { listOf, maybe, sonosId, sonosNumber } from '../lenient.ts';
import { householdPath } from '../paths.ts';
import { afterVersion, asRead, type ContentList, versionChangedBody } from './content-list.ts';
import { defineNamespace, householdTopic, type Namespace, on } from './define.ts';

/** What `GET …/playlists` answers (docs.sonos.com, "playlists"). */
const playlistsBody = z.object({
  version: z.string().catch(''),
  playlists: listOf(z.object({ id: sonosId, name: z.string(), trackCount: maybe(sonosNumber) })),
});

const item = z.object({ id: z.string(), name: z.string(), track_count: z.number().nullable() });
type Playlist = z.output<typeof item>;

const remember = (body: z.output<typeof playlistsBody>): ContentList<Playlist> => ({
  version: body.version,
  overtaken: false,
  items: body.playlists.items.map(({ id, name, trackCount }) => ({ id, name, track_count: trackCount })),
});

const schema = z.object({ version: z.string(), items: z.array(item) });

/** Sonos playlists by name or id. */
export const playlistLibrary: Library = {
  thing: 'playlist',
  namespace: 'playlists',
  unknown: 'unknown_playlist',
  items: (household) =>
    playlists.slice(household.own)?.items.map((list) => ({ ...list, containerId: null })) ?? null,
};

/** The Sonos playlists of a household, at most 100; not those of music services (docs.sonos.com, "playlists"). */
export const playlists: Namespace<ContentList<Playlist>> = defineNamespace<ContentList<Playlist>>({
  name: 'playlists',
  target: 'household',
  events: {
    versionChanged: on<ContentList<Playlist>, typeof versionChangedBody>(
      versionChangedBody,
      (body, earlier) => afterVersion(body.version, earlier),
    ),
    playlistsList: on<ContentList<Playlist>, typeof playlistsBody>(playlistsBody, (body, earlier) =>
      asRead(remember(body), earlier),
    ),
  },
  snapshot: { path: (id) => `${householdPath(id)}/playlists`, type: 'playlistsList' },
  overtaken: (list) => list.overtaken,
  topics: {
    playlists: householdTopic(schema, (list) => list && { version: list.version, items: [...list.items] }),
  },
  commands: {
    playlist: contentCommand(playlistLibrary),
  },
  entities: {
    playlist: {
      platform: 'select',
      name: 'Playlist',
      icon: 'mdi:playlist-play',
      state: 'source.name',
      command: 'playlist',
      options: (household) => playlists.slice(household.own)?.items.map(({ name }) => name) ?? [],
    },
  },
});
