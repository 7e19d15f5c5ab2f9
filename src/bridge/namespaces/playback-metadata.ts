import { z } from 'zod';
import { inputChoices } from '../input-choices.ts';
import { itemsOf, maybe, sonosId, sonosNumber } from '../lenient.ts';
import { groupPath } from '../paths.ts';
import { defineNamespace, on, roomPart } from './define.ts';
import type { Metadata, Track } from './playback-slice.ts';
import { SOURCE_KINDS, sourceKind } from './source-kind.ts';

const text = maybe(z.string());
const named = maybe(z.object({ name: text }));
const images = itemsOf(z.object({ url: z.string() }));
const universalId = maybe(z.object({ objectId: maybe(sonosId), serviceId: maybe(sonosId) }));

const trackBody = z.object({
  name: text,
  imageUrl: text,
  images,
  album: named,
  artist: named,
  author: named,
  podcast: named,
  id: universalId,
  durationMillis: maybe(sonosNumber),
});

const itemBody = z.object({ id: maybe(sonosId), track: maybe(trackBody) });

const containerBody = z.object({
  name: text,
  type: text,
  id: universalId,
  service: maybe(z.object({ name: text, id: maybe(sonosId) })),
  imageUrl: text,
  images,
});

/** The body of a `metadataStatus` event or read (docs.sonos.com, "playbackMetadata"). */
export const metadataStatusBody = z.object({
  container: maybe(containerBody),
  currentItem: maybe(itemBody),
  nextItem: maybe(itemBody),
  streamInfo: text,
  playbackSession: maybe(z.object({ clientId: text })),
});

type Images = { readonly imageUrl: string | null; readonly images: readonly { readonly url: string }[] };

// `images` replaced `imageUrl`, but either can be empty while the other is set.
const imageOf = (thing: Images | null | undefined): string | null =>
  [...(thing?.images ?? []).map((image) => image.url), thing?.imageUrl ?? ''].find((url) =>
    /^https?:\/\//i.test(url),
  ) ?? null;

function trackOf(item: z.output<typeof itemBody> | null, fallbackImage: string | null): Track | null {
  const track = item?.track ?? null;
  if (track === null) return null;
  return {
    title: track.name,
    artist: (track.artist ?? track.author)?.name ?? null,
    album: (track.album ?? track.podcast)?.name ?? null,
    image: imageOf(track) ?? fallbackImage,
    duration: track.durationMillis === null ? null : track.durationMillis / 1000,
  };
}

/** A station without a track tells in free text what it plays, often `Artist - Title`. */
const fromStream = (streamInfo: string | null, image: string | null): Track | null =>
  streamInfo === null || streamInfo.trim() === ''
    ? null
    : { title: streamInfo.trim(), artist: null, album: null, image, duration: null };

const idOf = (id: z.output<typeof universalId>): string | null =>
  id?.objectId == null ? null : `${id.serviceId ?? ''}:${id.objectId}`;

function remember(body: z.output<typeof metadataStatusBody>): Metadata {
  const { container, currentItem } = body;
  const kind = sourceKind(body);
  const image = imageOf(container);
  const none = kind === 'none';
  const track = none ? null : (trackOf(currentItem, image) ?? fromStream(body.streamInfo, image));
  return {
    source: {
      kind,
      name: none ? null : (container?.name ?? null),
      service: none ? null : (container?.service?.name ?? null),
      image: none ? null : image,
    },
    track,
    next: trackOf(body.nextItem, null),
    containerId: idOf(container?.id ?? null) ?? container?.name ?? null,
    itemId:
      currentItem?.id ??
      idOf(currentItem?.track?.id ?? null) ??
      (track && `${track.artist ?? ''}\u0000${track.title ?? ''}`),
  };
}

const trackSchema = z
  .object({
    title: z.string().nullable(),
    artist: z.string().nullable(),
    album: z.string().nullable(),
    image: z.string().nullable(),
    duration: z.number().nullable().describe('Seconds.'),
  })
  .nullable();

const roomSchema = z.object({
  source: z
    .object({
      kind: z.enum(SOURCE_KINDS).describe('`none` when nothing is loaded.'),
      name: z.string().nullable(),
      service: z.string().nullable(),
      image: z.string().nullable(),
    })
    .nullable(),
  track: trackSchema,
  next: trackSchema,
});

/** What a group plays, from where, and what comes next (docs.sonos.com, "playbackMetadata"). */
export const playbackMetadata = defineNamespace<Metadata>({
  name: 'playbackMetadata',
  target: 'group',
  events: { metadataStatus: on<Metadata, typeof metadataStatusBody>(metadataStatusBody, remember) },
  snapshot: { path: (id) => `${groupPath(id)}/playbackMetadata`, type: 'metadataStatus' },
  room: roomPart(roomSchema, (slice) => ({
    source: slice && { ...slice.source },
    track: slice?.track ? { ...slice.track } : null,
    next: slice?.next ? { ...slice.next } : null,
  })),
  attributes: {
    title: 'track.title',
    artist: 'track.artist',
    album: 'track.album',
    image: 'track.image',
    duration: 'track.duration',
    source: 'source.name',
    source_kind: 'source.kind',
  },
  entities: {
    title: { platform: 'sensor', name: 'Title', icon: 'mdi:music-note', state: 'track.title' },
    artist: { platform: 'sensor', name: 'Artist', icon: 'mdi:account-music', state: 'track.artist' },
    album: { platform: 'sensor', name: 'Album', icon: 'mdi:album', state: 'track.album' },
    duration: {
      platform: 'sensor',
      name: 'Duration',
      deviceClass: 'duration',
      unit: 's',
      isExtra: true,
      state: 'track.duration',
    },
    playing_from: { platform: 'sensor', name: 'Source', icon: 'mdi:playlist-music', state: 'source.name' },
    cover: { platform: 'image', name: 'Cover', attribute: 'image' },
    source: {
      platform: 'choice',
      name: 'Input',
      icon: 'mdi:import',
      state: 'source.kind',
      choices: inputChoices,
    },
  },
});
