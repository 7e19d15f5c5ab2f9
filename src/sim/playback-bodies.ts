import type { Container, JsonObject, MusicService, ObjectId, Track } from './model.ts';
import type { Transport } from './transport.ts';

const pictures = (url: string | undefined): JsonObject =>
  url === undefined ? { images: [] } : { imageUrl: url, images: [{ _objectType: 'image', url }] };

/** Sonos' universalMusicObjectId. */
export const objectIdBody = (id: ObjectId): JsonObject => ({ _objectType: 'universalMusicObjectId', ...id });

/** Sonos' service object. */
export const serviceBody = (service: MusicService): JsonObject => ({
  _objectType: 'service',
  ...service,
  images: [],
});

function containerBody(container: Container): JsonObject {
  const { id, service, imageUrl, htInputFormat, ...plain } = container;
  return {
    _objectType: 'container',
    ...plain,
    ...(id === undefined ? {} : { id: objectIdBody(id) }),
    ...(service === undefined ? {} : { service: serviceBody(service) }),
    ...pictures(imageUrl),
    ...(htInputFormat === undefined
      ? {}
      : { htInputFormat: { _objectType: 'homeTheaterInputFormat', ...htInputFormat } }),
  };
}

/** A queueItem with its track. */
function itemBody(track: Track): JsonObject {
  const { artist, album, id, service, imageUrl, durationMillis, name, itemId, mediaUrl, contentType } = track;
  return {
    _objectType: 'queueItem',
    ...(itemId === undefined ? {} : { id: itemId }),
    track: {
      _objectType: 'track',
      type: 'track',
      name,
      ...(mediaUrl === undefined ? {} : { mediaUrl, contentType }),
      ...pictures(imageUrl),
      ...(album === undefined ? {} : { album: { _objectType: 'album', name: album } }),
      ...(artist === undefined ? {} : { artist: { _objectType: 'artist', name: artist } }),
      ...(id === undefined ? {} : { id: objectIdBody(id) }),
      ...(service === undefined ? {} : { service: serviceBody(service) }),
      ...(durationMillis === undefined ? {} : { durationMillis }),
      quality: {
        _objectType: 'trackQuality',
        bitDepth: 16,
        sampleRate: 44_100,
        lossless: false,
        immersive: false,
      },
    },
    policies: { _objectType: 'playbackPolicy' },
  };
}

function actions(transport: Transport): JsonObject {
  const { source } = transport;
  const queue = source?.kind === 'queue' ? source : null;
  const back = transport.canGoBack();
  return {
    _objectType: 'playbackAction',
    canPlay: source !== null,
    canSkip: transport.canSkip(),
    canSkipBack: back,
    canSkipToPrevious: back,
    canSeek: queue !== null && !queue.forbids?.includes('seek'),
    canPause: queue !== null,
    canStop: source !== null,
    canRepeat: queue !== null,
    canRepeatOne: queue !== null,
    canCrossfade: queue !== null && !queue.connect,
    canShuffle: queue !== null,
  };
}

/** Sonos' playbackStatus: a snapshot; the position is the one of this moment. */
export function playbackStatusBody(transport: Transport, isDucking: boolean): JsonObject {
  const itemId = transport.itemId();
  const { previous, source } = transport;
  const version = source?.kind === 'queue' ? source.queueVersion : undefined;
  return {
    _objectType: 'playbackStatus',
    playbackState: transport.state,
    isDucking,
    ...(itemId === undefined ? {} : { itemId }),
    ...(version === undefined ? {} : { queueVersion: version }),
    positionMillis: transport.position(),
    ...(previous.itemId === undefined ? {} : { previousItemId: previous.itemId }),
    previousPositionMillis: previous.positionMillis,
    playModes: { _objectType: 'playMode', ...transport.modes },
    availablePlaybackActions: actions(transport),
  };
}

/** Spotify Connect's first event: no names at all, service id "0". */
function openingBody(transport: Transport): JsonObject {
  return {
    _objectType: 'metadataStatus',
    container: {
      _objectType: 'container',
      type: 'spotify.connect',
      service: { _objectType: 'service', id: '0', images: [] },
      images: [],
    },
    currentItem: { _objectType: 'queueItem', track: { _objectType: 'track', type: 'track', images: [] } },
    playbackSession: { _objectType: 'directControl', ...transport.source?.session },
  };
}

/** Spotify Connect's next item has neither an id nor a duration. */
function nextBody(track: Track, connect: boolean): JsonObject {
  if (!connect) return itemBody(track);
  const { name, artist, album } = track;
  return itemBody({
    name,
    ...(artist === undefined ? {} : { artist }),
    ...(album === undefined ? {} : { album }),
  });
}

/** Sonos' metadataStatus. `currentItem` is missing for URL radio, TV, line-in and idle rooms. */
export function metadataBody(transport: Transport): JsonObject {
  const { source } = transport;
  if (transport.opening) return openingBody(transport);
  const idle = transport.state === 'PLAYBACK_STATE_IDLE';
  const track = idle ? null : (transport.track() ?? transport.moment()?.track ?? null);
  const next = idle ? null : transport.nextTrack();
  const text = idle ? undefined : transport.moment()?.streamInfo;
  const connect = source?.kind === 'queue' && source.connect === true;
  return {
    _objectType: 'metadataStatus',
    container: containerBody(source?.container ?? transport.leftover),
    ...(track === null ? {} : { currentItem: itemBody(track) }),
    ...(next === null ? {} : { nextItem: nextBody(next, connect) }),
    ...(text === undefined ? {} : { streamInfo: text }),
    ...(source?.session === undefined
      ? {}
      : { playbackSession: { _objectType: 'directControl', ...source.session } }),
  };
}
