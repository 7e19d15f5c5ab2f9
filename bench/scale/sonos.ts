import type { SendCall, SonosCall } from '../../src/bridge/sonos.ts';
import { BODIES } from '../events/bodies.ts';
import { householdOf, type Place, placeOf } from './place.ts';

/** Something of Sonos that has as many households as one likes, and answers at once. */
export interface InstantSonos {
  readonly send: (call: Pick<SonosCall, 'method' | 'path'>) => ReturnType<SendCall>;
  /** Subscriptions that were asked for so far, again or for the first time. */
  readonly subscribed: number;
}

const items = (count: number, what: string): object[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ id: String(index + 1), name: `${what} number ${index + 1}`, trackCount: 12 },
    service: { name: 'Riverbank Music', id: '901' },
    imageUrl: `https://images.riverbank.example/640/${what}-${index + 1}`,
  }));

const FAVORITES = { version: '1', items: items(5, 'Favorite') };
const PLAYLISTS = { version: '1', playlists: items(3, 'Playlist') };
const SETTINGS = { volumeMode: 'VARIABLE', volumeScalingFactor: 1 };
const CAPABILITIES = ['PLAYBACK', 'CLOUD', 'AUDIO_CLIP', 'LINE_IN'];

const roomName = (place: number): string =>
  place === 0 ? 'Living Room' : `Room ${String(place + 1).padStart(2, '0')}`;

const groupsOf = (places: readonly Place[]): object => ({
  partial: false,
  groups: places.map(({ player, group: id }, place) => ({
    ...{ id, name: roomName(place), coordinatorId: player, playerIds: [player] },
  })),
  players: places.map(({ player: id }, place) => ({
    ...{ id, name: roomName(place), capabilities: CAPABILITIES, deviceIds: [id] },
  })),
});

/** What a household, group or player is, by the last part of a read's path; every household plays the same song. */
const STATES: Readonly<Record<string, () => unknown>> = {
  favorites: () => FAVORITES,
  playlists: () => PLAYLISTS,
  playback: () => JSON.parse(BODIES.playback(0)),
  playbackMetadata: () => JSON.parse(BODIES.metadata(0)),
  groupVolume: () => JSON.parse(BODIES.groupVolume(0)),
  playerVolume: () => JSON.parse(BODIES.playerVolume(0)),
  settings: () => SETTINGS,
};

/** Makes such a Sonos, with so many rooms in each household. */
export function createInstantSonos(households: number, roomsEach = 1): InstantSonos {
  const ids = Array.from({ length: households }, (_, index) => householdOf(index));
  const indices = new Map(ids.map((id, index) => [id, index]));
  const roomsOf = (household: number): Place[] =>
    Array.from({ length: roomsEach }, (_, room) => placeOf(household * roomsEach + room, roomsEach));
  let subscribed = 0;
  return {
    get subscribed() {
      return subscribed;
    },
    send: async ({ method, path }) => {
      if (method !== 'GET') {
        subscribed += 1;
        return { ok: true, value: {} };
      }
      if (path === '/households')
        return { ok: true, value: { households: ids.map((id) => ({ id, name: null })) } };
      const [, , target = '', last = ''] = path.replace(/\?.*/, '').split('/');
      const household = indices.get(target);
      const value =
        last === 'groups' && household !== undefined ? groupsOf(roomsOf(household)) : STATES[last]?.();
      if (value === undefined) throw new Error(`the bench's Sonos has nothing at ${path}`);
      return { ok: true, value };
    },
  };
}
