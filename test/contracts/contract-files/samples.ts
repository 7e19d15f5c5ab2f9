import { type BridgeState, bridgeState } from '../../../src/app/bridge-state.ts';
import { createRenderer, type Rendering } from '../../../src/mqtt/render.ts';
import { topicsOf } from '../../../src/mqtt/topics.ts';
import { house, NOON, withEvent } from '../../support/house.ts';

const track = (name: string, seconds: number) => ({
  track: {
    name,
    artist: { name: 'The Paper Lanterns' },
    album: { name: 'Small Hours' },
    imageUrl: 'https://img.example.org/small-hours.jpg',
    durationMillis: seconds * 1000,
  },
});

/** What Sonos tells of the kitchen in the examples: namespace, type and body. */
const TOLD = [
  [
    'playback',
    'playbackStatus',
    {
      playbackState: 'PLAYBACK_STATE_PLAYING',
      positionMillis: 12_300,
      playModes: { repeat: false, repeatOne: false, shuffle: true, crossfade: false },
      availablePlaybackActions: { canPause: true, canSkip: true, canSkipBack: true, canSeek: true },
    },
  ],
  [
    'playbackMetadata',
    'metadataStatus',
    {
      container: { name: 'Morning', type: 'playlist', service: { name: 'Spotify' } },
      currentItem: track('Kettle Song', 215.4),
      nextItem: track('Stairs', 180),
    },
  ],
  ['playerVolume', 'playerVolume', { volume: 23, muted: false, fixed: false }],
  ['groupVolume', 'groupVolume', { volume: 20, muted: false }],
  [
    'favorites',
    'favoritesList',
    {
      version: 'RINCON_A0B0C059E6AD01400:7',
      items: [{ id: '3', name: 'Jazz', service: { name: 'TuneIn' }, resource: { type: 'STREAM' } }],
    },
  ],
  [
    'playlists',
    'playlistsList',
    { version: 'RINCON_A0B0C059E6AD01400:13', playlists: [{ id: '0', name: 'Dinner', trackCount: 17 }] },
  ],
] as const;

const home = TOLD.reduce(
  (household, [namespace, type, body]) => withEvent(household, 'Kitchen', namespace, type, body),
  house(['Kitchen', 'Bathroom'], ['Office']),
);

/** The topics of a household as the bridge really draws them, for the examples of the pages. */
export const drawn: Rendering = createRenderer(topicsOf('sonos')).all(home);

const HOUR_MS = 3_600_000;

/** A state of the bridge as the bridge makes it, of one that has run for a while. */
export const sampleBridgeState: BridgeState = {
  ...bridgeState({
    startedAt: NOON - 20 * HOUR_MS,
    mqttProtocol: 5,
    account: { status: 'linked', tokenExpiresAt: NOON + 12 * HOUR_MS },
    loginUrl: null,
    counters: null,
    upkeep: [
      {
        ...{ wanted: 17, held: 17, oldestAgeMs: 11.5 * HOUR_MS },
        ...{ corrections: 0, lastReadBackAt: NOON - 7 * 60_000, isSilent: false },
      },
    ],
    budgetPerMinute: 600,
    usedLastMinute: 4,
  }),
  callback: { last_event_at: new Date(NOON).toISOString(), accepted: 1200, rejected: 3 },
};

/** The presets as the bridge lists them. */
export const samplePresets = {
  items: [
    { name: 'dinner', household: null, from: 'settings' },
    { name: 'party', household: 'home', from: 'saved' },
  ],
};
