import { type Kind, marks } from './markers.ts';

interface Song {
  readonly id: string;
  readonly artist: string;
  readonly album: string;
  readonly durationMillis: number;
}

/** Two invented songs that take turns, so that a change of track changes all that it does in a house. */
const SONGS: readonly Song[] = [
  { id: '3zYpRGnnoegSpt3SguSo3W', artist: 'Juno Abernathy', album: 'Blue Umbrella', durationMillis: 246_000 },
  { id: '5kQmTHppqfhTqu4ThuTq4X', artist: 'Salt and Rope', album: 'Harbour Songs', durationMillis: 198_000 },
];

const service = { _objectType: 'service', name: 'Riverbank Music', id: '901', images: [] };

const idOf = (objectId: string) => ({
  _objectType: 'universalMusicObjectId',
  serviceId: '901',
  objectId,
  accountId: 'sn_5',
});

const imagesOf = (name: string) =>
  ['640'].map((size) => ({
    _objectType: 'image',
    url: `https://images.riverbank.example/${size}/ab67616d0000b2732b74bf21c7e4f56758610949-${name}`,
    height: Number(size),
    width: Number(size),
  }));

function itemOf(title: string, { id, artist, album, durationMillis }: Song) {
  return {
    _objectType: 'queueItem',
    id: `gPU5TUkyPTgN2hdfboiZSws9FjY-${id}`,
    track: {
      _objectType: 'track',
      type: 'track',
      name: title,
      imageUrl: imagesOf(id)[0]?.url,
      images: imagesOf(id),
      album: { _objectType: 'album', name: album, id: idOf(`riverbank:album:${id}`) },
      artist: { _objectType: 'artist', name: artist, id: idOf(`riverbank:artist:${id}`) },
      id: idOf(`riverbank:track:${id}`),
      service,
      durationMillis,
      quality: {
        _objectType: 'trackQuality',
        codec: 'audio/flac',
        bitDepth: 16,
        sampleRate: 44_100,
        lossless: true,
        immersive: false,
      },
    },
    policies: { _objectType: 'playbackPolicy', canSkip: true, canCrossfade: true, isVisible: true },
  };
}

const songs = (count: number): readonly [Song | undefined, Song | undefined] => [
  SONGS[count % 2],
  SONGS[(count + 1) % 2],
];

function metadata(count: number): string {
  const [song, next] = songs(count);
  if (song === undefined || next === undefined) throw new Error('there are two songs');
  return JSON.stringify({
    _objectType: 'metadataStatus',
    container: {
      _objectType: 'container',
      name: 'Evening by the Water',
      type: 'playlist',
      id: idOf('riverbank:playlist:37i9dQZF1EQoqCH7BwIYb7'),
      service,
      imageUrl: imagesOf('playlist')[0]?.url,
      images: imagesOf('playlist'),
    },
    currentItem: itemOf(marks.title(count), song),
    nextItem: itemOf('A Song That Comes Next', next),
    playbackSession: {
      _objectType: 'directControl',
      clientId: 'riverbank.connect.adapter',
      isSuspended: false,
      accountId: '',
    },
  });
}

function playback(count: number): string {
  const position = marks.positionMillis(count);
  return JSON.stringify({
    _objectType: 'playbackStatus',
    playbackState: count % 2 === 0 ? 'PLAYBACK_STATE_PLAYING' : 'PLAYBACK_STATE_PAUSED',
    isDucking: false,
    itemId: 'gPU5TUkyPTgN2hdfboiZSws9FjY=',
    positionMillis: position,
    previousItemId: 'gPU5TUkyPTgN2hdfboiZSws9FjY=',
    previousPositionMillis: position - 10_000,
    playModes: {
      _objectType: 'playMode',
      repeat: false,
      repeatOne: false,
      shuffle: false,
      crossfade: false,
    },
    availablePlaybackActions: {
      _objectType: 'playbackAction',
      canPlay: true,
      canSkip: true,
      canSkipBack: true,
      canSkipToPrevious: true,
      canSeek: true,
      canPause: true,
      canStop: true,
      canRepeat: true,
      canRepeatOne: true,
      canCrossfade: true,
      canShuffle: true,
    },
  });
}

const volume = (type: string, count: number): string =>
  `{"_objectType":"${type}","volume":${marks.volume(count)},"muted":false,"fixed":false}`;

/** The body of the nth event of a kind: of the shape and size of a recorded one, and different from the one before. */
export const BODIES: Readonly<Record<Kind, (count: number) => string>> = {
  metadata,
  playback,
  playerVolume: (count) => volume('playerVolume', count),
  groupVolume: (count) => volume('groupVolume', count),
};
