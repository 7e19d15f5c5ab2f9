import type {
  Account,
  FavoriteSpec,
  HouseholdSpec,
  LiveSource,
  MusicService,
  PlaylistSpec,
  QueueSource,
  Track,
} from './model.ts';
import { SURROUNDS_AND_SUB } from './player-models.ts';

/** Invented music for invented houses: no such artist, title, station or service exists. */

const RIVER: MusicService = { name: 'Riverbank Music', id: '901' };
const LARK: MusicService = { name: 'Lark Radio', id: '902' };
const SECOND = 1000;

const LONGEST_NAME = 60;

/** A simulated Sonos that has an address says its own instead (`pictures/picture.ts`). */
const art = (name: string): string => `https://images.example.com/${name}.jpg`;
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z]+/g, '-')
    .slice(0, LONGEST_NAME) || 'untitled';

/** A track of the invented service. */
export function track(name: string, artist: string, album: string, seconds: number): Track {
  return {
    name,
    artist,
    album,
    imageUrl: art(slug(album)),
    durationMillis: seconds * SECOND,
    id: { objectId: `river:track:${slug(name)}`, serviceId: '901', accountId: 'sn_4' },
    service: RIVER,
  };
}

const MORNING = [
  track('Kettle Song', 'The Paper Lanterns', 'Small Hours', 187),
  track('Window Seat', 'Ines Valdaro', 'Slow Trains', 214),
  track('Two Spoons of Sugar', 'The Paper Lanterns', 'Small Hours', 169),
  track('Northbound Platform', 'Ines Valdaro', 'Slow Trains', 241),
  track('Bread and Rain', 'Orla Finch Trio', 'Kitchen Sessions', 203),
];

const HARBOUR = [
  track('Harbour Lights Out', 'Mattis Ekholm', 'Salt and Rope', 256),
  track('Tide Table', 'Mattis Ekholm', 'Salt and Rope', 198),
  track('The Ferryman Counts', 'Mattis Ekholm', 'Salt and Rope', 232),
  track('Low Water', 'Mattis Ekholm', 'Salt and Rope', 305),
];

const DINNER = [
  track('Candle Arithmetic', 'Orla Finch Trio', 'Kitchen Sessions', 221),
  track('Copper Pans', 'Quartet Linde', 'After Eight', 264),
  track('A Table for Five', 'Quartet Linde', 'After Eight', 243),
];

/** A list of the invented service as a source. */
export const list = (name: string, type: 'playlist' | 'album', tracks: readonly Track[]): QueueSource => ({
  kind: 'queue',
  container: {
    name,
    type,
    id: {
      objectId: `river:${type}:${slug(name)}`,
      serviceId: '901',
      accountId: 'sn_4',
    },
    service: RIVER,
    imageUrl: art(slug(name)),
  },
  tracks,
});

/** A radio station that tells what it plays as free text. */
export const station = (
  name: string,
  texts: readonly string[],
  service: MusicService | null = LARK,
): LiveSource => ({
  kind: 'station',
  container: {
    name,
    type: 'station',
    id: {
      objectId: `station:${name.length * 37}`,
      ...(service === null ? {} : { serviceId: '902', accountId: 'sn_7' }),
    },
    ...(service === null ? {} : { service }),
    imageUrl: art(slug(name)),
  },
  programme: texts.map((streamInfo) => ({ streamInfo })),
});

/** Spotify Connect opened from a phone. */
export const spotifyConnect = (name: string, tracks: readonly Track[]): QueueSource => ({
  kind: 'queue',
  container: {
    name,
    type: 'playlist.spotify.connect',
    id: { serviceId: '9', objectId: 'spotify:playlist:simulated0000000000001', accountId: 'sn_5' },
    service: { name: 'Spotify', id: '9' },
  },
  tracks,
  session: { clientId: 'spotify.connect.adapter', isSuspended: false, accountId: '' },
  connect: true,
});

/** AirPlay from a phone. */
export const airplay = (now: Track): LiveSource => ({
  kind: 'airplay',
  container: { type: 'linein.airplay', service: { name: 'Airplay' } },
  programme: [{ track: now }],
  session: { clientId: 'com.sonos.airplay', isSuspended: false, accountId: '' },
});

/** What another app plays in a session of its own. */
export const otherApp = (): LiveSource => ({
  kind: 'stream',
  container: { name: 'Another App', type: 'station', id: { objectId: '-1' } },
  programme: [{ streamInfo: 'What another app plays' }],
  session: { clientId: 'com.example.other', isSuspended: false, accountId: '' },
});

/** The alarm's built-in chime. */
export const alarm = (): LiveSource => ({
  kind: 'alarm',
  container: { name: 'Sonos Chime', type: 'other', id: { objectId: '0', serviceId: 'buzzer' } },
  programme: [],
});

const FAVORITES: readonly FavoriteSpec[] = [
  {
    name: 'Morning Coffee',
    description: 'Playlist',
    service: RIVER,
    resourceType: 'PLAYLIST',
    imageUrl: art('morning-coffee'),
    source: list('Morning Coffee', 'playlist', MORNING),
  },
  {
    name: 'Salt and Rope',
    description: 'Mattis Ekholm',
    service: RIVER,
    resourceType: 'ALBUM',
    imageUrl: art('salt-and-rope'),
    source: list('Salt and Rope', 'album', HARBOUR),
  },
  {
    name: 'Lark One',
    description: 'Lark Radio',
    service: LARK,
    resourceType: 'STREAM',
    imageUrl: art('lark-one'),
    source: station('Lark One', [
      'Orla Finch Trio - Bread and Rain',
      'Quartet Linde - Copper Pans',
      'News at the hour',
    ]),
  },
  {
    name: 'Lark Jazz',
    description: 'Lark Radio',
    service: LARK,
    resourceType: 'STREAM',
    imageUrl: art('lark-jazz'),
    source: station('Lark Jazz', ['Quartet Linde - A Table for Five', 'Juno Abernathy - Blue Umbrella']),
  },
  // Some favorites of real households have neither a service nor a resource type.
  { name: 'Village Stream', source: station('Village Stream', ['Choir of Saint Ottla - Evening'], null) },
];

const PLAYLISTS: readonly PlaylistSpec[] = [
  { name: 'Dinner for Five', tracks: DINNER },
  { name: 'Everything Slow', tracks: [...HARBOUR, ...DINNER, ...MORNING] },
];

/** The id of the demo's household. */
export const LIVING_HOUSEHOLD_ID = 'Sonos_SimulatedHome0000000000.SimulatedPlace00';

/** Six rooms with everything a house has: home theatre, stereo pair, line-in, groups, favorites, playlists. */
export function livingHousehold(id: string = LIVING_HOUSEHOLD_ID): HouseholdSpec {
  return {
    id,
    name: null,
    players: [
      { name: 'Kitchen', model: 'one', volume: 22 },
      { name: 'Living Room', model: 'arc', volume: 30, bonded: SURROUNDS_AND_SUB },
      { name: 'Bedroom', model: 'one-sl', volume: 14, bonded: 1 },
      { name: 'Bathroom', model: 'move', volume: 18 },
      { name: 'Office', model: 'five', volume: 25 },
      { name: 'Terrace', model: 'amp', volume: 35 },
    ],
    groups: [['Kitchen', 'Bathroom']],
    favorites: FAVORITES,
    playlists: PLAYLISTS,
  };
}

/** One person who owns all these households. */
export const oneAccount = (households: readonly HouseholdSpec[]): Account => ({
  id: 'account-1',
  name: 'Home',
  households: households.map(({ id }) => id),
});

/** Further invented music, for Spotify Connect and AirPlay in the demo. */
export const PHONE_MUSIC: readonly Track[] = [
  track('Elevator to the Moon', 'Juno Abernathy', 'Blue Umbrella', 178),
  track('Blue Umbrella', 'Juno Abernathy', 'Blue Umbrella', 226),
  track('Postcard Weather', 'Juno Abernathy', 'Blue Umbrella', 192),
];
