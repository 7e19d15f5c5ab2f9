import { describe, expect, it } from 'vitest';
import { attributes } from '../../src/bridge/namespaces/index.ts';
import { attributeText, roomPicture } from '../../src/bridge/room-picture.ts';
import { house, NOON, picture, recorded, regrouped, room, withEvent } from '../support/house.ts';

const busy = [
  ['playback', 'playbackStatus', recorded('event.playbackStatus.spotify-connect-playing.json')],
  ['playbackMetadata', 'metadataStatus', recorded('event.metadataStatus.spotify-connect-playlist.json')],
  ['groupVolume', 'groupVolume', recorded('event.groupVolume.json')],
  ['playerVolume', 'playerVolume', recorded('event.playerVolume.json')],
  ['settings', 'playerSettings', { volumeMode: 'VARIABLE', volumeScalingFactor: 0.8, monoMode: true }],
] as const;

const playing = busy.reduce(
  (home, [namespace, type, body]) => withEvent(home, 'Kitchen', namespace, type, body),
  house(['Kitchen', 'Dining Room'], ['Bath']),
);

describe("a room's state", () => {
  it('is all that is known of it, as the contract shows it', () => {
    expect(picture(playing, 'Kitchen')).toEqual({
      id: room(playing, 'Kitchen').playerId,
      name: 'Kitchen',
      online: true,
      stale: false,
      state: 'playing',
      volume: 2,
      muted: false,
      fixed: false,
      group: {
        name: 'Kitchen + 1',
        coordinator: 'kitchen',
        members: ['dining-room', 'kitchen'],
        volume: 5,
        muted: false,
        fixed: false,
      },
      source: { kind: 'spotify_connect', name: 'R&B-mix', service: 'Spotify', image: null },
      track: {
        title: 'Off the Wall',
        artist: 'Michael Jackson',
        album: 'Off the Wall',
        image: 'https://i.scdn.co/image/ab67616d0000b2732b74bf21c7e4f56758610949',
        duration: 246,
      },
      next: { title: 'End of Time', artist: 'Olive Jones', album: 'For Mary', image: null, duration: null },
      position: { seconds: 133, at: new Date(NOON).toISOString() },
      play_modes: { shuffle: false, repeat: 'off', crossfade: false },
      actions: ['play', 'pause', 'next', 'previous', 'seek', 'shuffle', 'repeat', 'repeat_one'],
      capabilities: ['audio_clip'],
      announcing: null,
      timers: { sleep_at: null, wake_at: null },
      home_theater: null,
      volume_limit: 80,
      volume_mode: 'variable',
      mono: true,
      device: {
        model: 'One',
        model_number: 'S13',
        software_version: '96.1-79270',
        hardware_version: '1.21.1.8-2.1',
        generation: 2,
      },
    });
  });

  it("tells of its group's playback in every room of the group, and of its own volume in each", () => {
    const [kitchen, dining] = [picture(playing, 'Kitchen'), picture(playing, 'Dining Room')];
    expect(dining).toEqual({
      ...kitchen,
      id: dining?.id,
      name: 'Dining Room',
      volume: null,
      muted: null,
      fixed: null,
      volume_limit: null,
      volume_mode: null,
      mono: null,
    });
  });

  it('is null where nothing is known', () => {
    expect(picture(house(['Kitchen']), 'Kitchen')).toMatchObject({
      state: null,
      volume: null,
      muted: null,
      fixed: null,
      group: { volume: null, muted: null },
      source: null,
      track: null,
      next: null,
      position: null,
      play_modes: null,
      actions: null,
      announcing: null,
    });
  });

  it('has no group while Sonos lists none for the player', () => {
    const home = house(['Kitchen'], ['Bath']);
    const { topology } = home;
    if (topology === null) throw new Error('The house has no topology.');
    const groupless = { ...home, topology: { ...topology, groups: new Map(), groupByPlayer: new Map() } };
    expect(picture(groupless, 'Kitchen')).toMatchObject({ online: true, group: null, state: null });
  });

  it('is what it last was, and offline, when the room is away', () => {
    const away = regrouped(playing, [['Dining Room'], ['Bath']]);
    expect(picture(away, 'Kitchen')).toEqual({ ...picture(playing, 'Kitchen'), online: false });
    expect(picture({ ...away, stale: true }, 'Kitchen')).toMatchObject({ online: false, stale: true });
  });

  it('is not known before Sonos has told whether the room is there', () => {
    const home = house(['Kitchen']);
    const stranger = { ...room(home, 'Kitchen'), playerId: 'RINCON_000000000000001400' };
    expect(roomPicture(home, stranger)).toBeNull();
    expect(roomPicture({ ...home, topology: null }, room(home, 'Kitchen'))).toBeNull();
  });

  it('is hardly more than its name, and offline, when nobody saw the room leave', () => {
    const home = house(['Kitchen']);
    const playerId = 'RINCON_000000000000001400';
    const seen = roomPicture(home, { ...room(home, 'Kitchen'), playerId, goneSince: 1, lastPicture: null });
    expect(seen).toMatchObject({
      id: playerId,
      name: 'Kitchen',
      online: false,
      volume: null,
      group: null,
      track: null,
    });
  });

  it('is in doubt when the household is', () => {
    expect(picture({ ...playing, stale: true }, 'Kitchen')).toMatchObject({ online: true, stale: true });
  });
});

describe('the attributes of a room', () => {
  const texts = (home: typeof playing, name: string): Record<string, string> => {
    const state = picture(home, name);
    if (state === null) throw new Error('The room is not known.');
    return Object.fromEntries([...attributes.keys()].map((each) => [each, attributeText(state, each)]));
  };

  it('are plain text', () => {
    expect(texts(playing, 'Kitchen')).toEqual({
      state: 'playing',
      volume: '2',
      muted: 'false',
      group: 'kitchen',
      members: 'dining-room,kitchen',
      group_volume: '5',
      group_muted: 'false',
      title: 'Off the Wall',
      artist: 'Michael Jackson',
      album: 'Off the Wall',
      image: 'https://i.scdn.co/image/ab67616d0000b2732b74bf21c7e4f56758610949',
      duration: '246',
      source: 'R&B-mix',
      source_kind: 'spotify_connect',
      shuffle: 'false',
      repeat: 'off',
      crossfade: 'false',
      night_mode: '',
      dialog: '',
      volume_limit: '80',
      volume_mode: 'variable',
      mono: 'true',
    });
  });

  it('are empty where nothing is known', () => {
    const { group, members, ...unknown } = texts(house(['Kitchen']), 'Kitchen');
    expect([group, members]).toEqual(['kitchen', 'kitchen']);
    expect(new Set(Object.values(unknown))).toEqual(new Set(['']));
  });

  it('may also be read by the name of a key of the state', () => {
    expect(attributeText({ online: true }, 'online')).toBe('true');
    expect(attributeText({ online: true }, 'constructor')).toBe('');
  });
});
