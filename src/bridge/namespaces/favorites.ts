import { z } from 'zod';
import { contentCommand } from '../content-command.ts';
import { itemsOf, listOf, maybe, sonosId } from '../lenient.ts';
import { householdPath } from '../paths.ts';
import { afterVersion, asRead, type ContentList, versionChangedBody } from './content-list.ts';
import { defineNamespace, householdTopic, type Namespace, on } from './define.ts';

const text = maybe(z.string());
const images = itemsOf(z.object({ url: z.string() }));

const favoriteBody = z.object({
  id: sonosId,
  name: z.string(),
  description: text,
  imageUrl: text,
  images,
  service: maybe(z.object({ name: text })),
  resource: maybe(
    z.object({ type: text, id: maybe(z.object({ objectId: maybe(sonosId), serviceId: maybe(sonosId) })) }),
  ),
});

/** What `GET …/favorites` answers (docs.sonos.com, "favorites"). */
const favoritesBody = z.object({ version: z.string().catch(''), items: listOf(favoriteBody) });

/** Sonos' resource types and the contract's kinds; Sonos may have more. */
const KINDS: ReadonlyMap<string, string> = new Map([
  ['PLAYLIST', 'playlist'],
  ['ALBUM', 'album'],
  ['TRACK', 'track'],
  ['ARTIST', 'artist'],
  ['STREAM', 'station'],
  ['STATION', 'station'],
  ['PROGRAM', 'program'],
  ['SHOW', 'show'],
  ['PODCAST', 'show'],
]);

const kindOf = (type: string | null): string | null =>
  type === null ? null : (KINDS.get(type.toUpperCase()) ?? 'other');

const item = z.object({
  id: z.string(),
  name: z.string(),
  description: z.string().nullable(),
  image: z.string().nullable(),
  service: z.string().nullable(),
  kind: z.string().nullable(),
});

type Favorite = z.output<typeof item> & { readonly containerId: string | null };

const remember = (body: z.output<typeof favoritesBody>): ContentList<Favorite> => ({
  version: body.version,
  overtaken: false,
  items: body.items.items.map(({ id, name, description, service, resource, ...pictures }) => ({
    id,
    name,
    description,
    image: pictures.images[0]?.url ?? pictures.imageUrl,
    service: service?.name ?? null,
    kind: kindOf(resource?.type ?? null),
    containerId:
      resource?.id?.objectId == null ? null : `${resource.id.serviceId ?? ''}:${resource.id.objectId}`,
  })),
});

const schema = z.object({ version: z.string(), items: z.array(item) });

/** The Sonos favorites of a household, at most 70 (docs.sonos.com, "favorites"). */
export const favorites: Namespace<ContentList<Favorite>> = defineNamespace<ContentList<Favorite>>({
  name: 'favorites',
  target: 'household',
  events: {
    versionChanged: on<ContentList<Favorite>, typeof versionChangedBody>(
      versionChangedBody,
      (body, earlier) => afterVersion(body.version, earlier),
    ),
    favoritesList: on<ContentList<Favorite>, typeof favoritesBody>(favoritesBody, (body, earlier) =>
      asRead(remember(body), earlier),
    ),
  },
  snapshot: { path: (id) => `${householdPath(id)}/favorites`, type: 'favoritesList' },
  overtaken: (list) => list.overtaken,
  topics: {
    favorites: householdTopic(
      schema,
      (list) =>
        list && { version: list.version, items: list.items.map(({ containerId: _, ...shown }) => shown) },
    ),
  },
  commands: {
    favorite: contentCommand({
      thing: 'favorite',
      namespace: 'favorites',
      unknown: 'unknown_favorite',
      items: (household) => favorites.slice(household.own)?.items ?? null,
    }),
  },
  entities: {
    favorite: {
      platform: 'select',
      name: 'Favorite',
      icon: 'mdi:star',
      state: 'source.name',
      command: 'favorite',
      options: (household) => favorites.slice(household.own)?.items.map(({ name }) => name) ?? [],
    },
  },
});
