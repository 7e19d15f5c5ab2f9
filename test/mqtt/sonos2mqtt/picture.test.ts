import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Household } from '../../../src/bridge/state.ts';
import { createSonos2mqttPicture } from '../../../src/mqtt/sonos2mqtt/picture.ts';
import { readTopic } from '../../../src/mqtt/valid-topic.ts';
import { house, idOf, NOON, recorded, regrouped, room, withEvent } from '../../support/house.ts';

const picture = createSonos2mqttPicture('sonos');
const roomOf = (household: Household, name: string) =>
  JSON.parse(picture.draw(household).get(`sonos/${idOf(name)}`) ?? 'null');

/** Two rooms together, the living room playing a queue, everything known of it. */
function evening(state = 'PLAYBACK_STATE_PLAYING'): Household {
  const name = 'Living Room';
  const status = {
    playbackState: state,
    positionMillis: 72_000,
    itemId: '1',
    playModes: { repeat: true, repeatOne: false, shuffle: true, crossfade: false },
  };
  let home = house([name, 'Bath'], ['Den']);
  home = withEvent(home, name, 'playback', 'playbackStatus', status);
  home = withEvent(home, name, 'playerVolume', 'playerVolume', { volume: 23, muted: false, fixed: false });
  return withEvent(home, name, 'playbackMetadata', 'metadataStatus', {
    container: { name: 'Morning', type: 'playlist', service: { name: 'Spotify' } },
    currentItem: {
      track: {
        type: 'track',
        name: 'Go',
        artist: { name: 'Pavo' },
        album: { name: 'Hard' },
        imageUrl: 'https://img.example/a.jpg',
        durationMillis: 246_000,
      },
    },
    nextItem: { track: { type: 'track', name: 'Renegades', durationMillis: 3_725_000 } },
  });
}

describe('a room in the shape of sonos2mqtt', () => {
  it('says everything that the cloud knows, in its keys and words', () => {
    expect(roomOf(evening(), 'Living Room')).toEqual({
      uuid: idOf('Living Room'),
      name: 'Living Room',
      groupName: 'Living Room + 1',
      coordinatorUuid: idOf('Living Room'),
      members: [
        { Uuid: idOf('Living Room'), Name: 'Living Room' },
        { Uuid: idOf('Bath'), Name: 'Bath' },
      ],
      currentTrack: {
        Album: 'Hard',
        Artist: 'Pavo',
        AlbumArtUri: 'https://img.example/a.jpg',
        Title: 'Go',
        Duration: '0:04:06',
      },
      enqueuedMetadata: { Title: 'Morning' },
      nextTrack: { Title: 'Renegades', Duration: '1:02:05' },
      transportState: 'PLAYING',
      playmode: 'SHUFFLE',
      repeat: true,
      shuffle: true,
      crossfade: 'Off',
      alarmRunning: false,
      volume: { Master: 23 },
      mute: { Master: false },
      position: { Position: '0:01:12', LastUpdate: NOON },
    });
  });

  it.each([
    ['PLAYBACK_STATE_PLAYING', 'PLAYING'],
    ['PLAYBACK_STATE_PAUSED', 'PAUSED_PLAYBACK'],
    ['PLAYBACK_STATE_IDLE', 'STOPPED'],
    ['PLAYBACK_STATE_BUFFERING', 'TRANSITIONING'],
  ])('calls %s %s', (state, word) => {
    const { transportState, position } = roomOf(evening(state), 'Living Room');
    expect(transportState).toBe(word);
    expect(position !== undefined).toBe(['PLAYING', 'TRANSITIONING'].includes(word));
  });

  it('leaves out what is not known, and the members of a room alone', () => {
    expect(roomOf(house(['Den']), 'Den')).toEqual({
      uuid: idOf('Den'),
      name: 'Den',
      groupName: 'Den',
      coordinatorUuid: idOf('Den'),
    });
  });

  it.each([
    [{ shuffle: false, repeat: false, repeatOne: false }, 'NORMAL'],
    [{ shuffle: false, repeat: true, repeatOne: false }, 'REPEAT_ALL'],
    [{ shuffle: false, repeat: false, repeatOne: true }, 'REPEAT_ONE'],
    [{ shuffle: true, repeat: false, repeatOne: false }, 'SHUFFLE_NOREPEAT'],
    [{ shuffle: true, repeat: true, repeatOne: false }, 'SHUFFLE'],
    [{ shuffle: true, repeat: false, repeatOne: true }, 'SHUFFLE_REPEAT_ONE'],
  ])('calls %j %s', (playModes, word) => {
    const body = { playbackState: 'PLAYBACK_STATE_IDLE', playModes };
    expect(roomOf(withEvent(house(['Den']), 'Den', 'playback', 'playbackStatus', body), 'Den').playmode).toBe(
      word,
    );
  });

  it('stays as it was known when the room leaves', () => {
    const gone = regrouped(evening(), [['Bath'], ['Den']]);
    expect(roomOf(gone, 'Living Room')).toMatchObject({ transportState: 'PLAYING', volume: { Master: 23 } });
  });
});

describe('single values', () => {
  it('stand below the room’s name, empty where nothing is known', () => {
    const drawn = picture.draw(evening());
    const at = (end: string) => drawn.get(`sonos/status/living-room/${end}`);
    expect(at('state')).toBe('PLAYING');
    expect(at('volume')).toBe('23');
    expect(at('muted')).toBe('false');
    expect(at('group')).toBe('Living Room + 1');
    expect(at('coordinator')).toBe(idOf('Living Room'));
    expect(JSON.parse(at('track') ?? '')).toMatchObject({ Title: 'Go' });
    expect(drawn.get('sonos/status/den/volume')).toBe('');
  });

  it('stand below its id where the name cannot be a topic of its own', () => {
    const odd = ['A/B', 'A+B', '#1', 'Tab\u0007', ''];
    const rooms = [...odd, 'Twin Room', 'twin room'].map((name, at) => [{ name, id: `RINCON_${at}` }]);
    const topics = [...picture.draw(house(...rooms)).keys()];
    const below = new Set(
      topics.filter((each) => each.startsWith('sonos/status/')).map((each) => each.split('/')[2]),
    );
    expect([...below].sort()).toEqual(rooms.map(([each]) => each?.id).sort());
  });
});

describe('the picture', () => {
  it('says that the bridge is there, whichever household', () => {
    expect([...(picture.fixed?.() ?? [])]).toEqual([['sonos/connected', '2']]);
  });

  it('shows nothing of a room before Sonos has told whether it is there', () => {
    expect([...picture.draw({ ...house(['Den']), topology: null })]).toEqual([]);
  });

  it('has only topics that every broker takes, and none of the contract, whatever rooms and players are called', () => {
    const rooms = fc.uniqueArray(
      fc.record({
        name: fc.oneof(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'binary' }), fc.constant('home')),
        id: fc.oneof(
          fc.constantFrom('home', 'RINCON_A', 'RINCON_B/C', 'bridge', 'RINCON_#'),
          fc.string({ minLength: 1 }),
        ),
      }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(rooms, (list) => {
        for (const topic of picture.draw(house(...list.map((each) => [each]))).keys()) {
          expect([topic, readTopic(topic).ok]).toEqual([topic, true]);
          expect(topic).toMatch(/^sonos\/(RINCON_[^/]*$|status\/[^/]+\/[a-z]+$)/s);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('changes only when its grounds do, and never by itself', () => {
    const home = evening();
    const before = new Map(picture.draw(home));
    const metadata = recorded('event.metadataStatus.radio-stream-url.json');
    const changes: readonly Household[] = [
      withEvent(home, 'Living Room', 'playerVolume', 'playerVolume', {
        volume: 24,
        muted: false,
        fixed: false,
      }),
      withEvent(home, 'Bath', 'playbackMetadata', 'metadataStatus', metadata),
      regrouped(home, [['Living Room'], ['Bath'], ['Den']], { generation: 2 }),
      { ...home, rooms: new Map([...home.rooms, [idOf('Den'), { ...room(home, 'Den'), name: 'Cave' }]]) },
    ];
    for (const after of changes) {
      expect(new Map(picture.draw(after))).not.toEqual(before);
      const grounds = picture.grounds(after);
      expect(picture.grounds(home).some((each, at) => each !== grounds[at])).toBe(true);
    }
    expect(new Map(picture.draw({ ...home, stale: true }))).toEqual(before);
  });
});
