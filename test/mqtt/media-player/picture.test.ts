import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { identityOf } from '../../../src/mqtt/discovery/identity.ts';
import { createMediaPlayerPicture } from '../../../src/mqtt/media-player/picture.ts';
import { topicsOf } from '../../../src/mqtt/topics.ts';
import { house, NOON, recorded, regrouped, room, withEvent } from '../../support/house.ts';

const topics = topicsOf('sonos');
const identity = identityOf('sonos');
const open = () => createMediaPlayerPicture({ topics, identity, prefix: 'homeassistant' });

const STATUS = 'event.playbackStatus.spotify-connect-playing.json';
const playing = z.looseObject({ positionMillis: z.number() }).parse(recorded(STATUS));

const busy = (
  [
    ['playback', 'playbackStatus', playing],
    ['playbackMetadata', 'metadataStatus', recorded('event.metadataStatus.spotify-connect-playlist.json')],
    ['playerVolume', 'playerVolume', recorded('event.playerVolume.json')],
  ] as const
).reduce(
  (home, [namespace, type, body]) => withEvent(home, 'Kitchen', namespace, type, body),
  house(['Kitchen'], ['Bath']),
);

const at = (what: string): string => `sonos/home/kitchen/media_player/${what}`;

describe('the media players for the custom integration', () => {
  it('show a room in its words: a level from 0 to 1, whole seconds, mute or unmute', () => {
    const drawn = open().draw(busy);
    const shown = ['state', 'volume', 'mute', 'duration', 'position', 'mediatype'];
    expect(shown.map((what) => drawn.get(at(what)))).toEqual([
      ...['playing', '0.02', 'unmute', '246', '133', 'music'],
    ]);
    expect([...drawn.keys()].filter((topic) => topic.startsWith(at(''))).sort()).toEqual(
      shown.map(at).sort(),
    );
  });

  it('are one device with what discovery made, under an id that no renaming changes', () => {
    const { playerId } = room(busy, 'Kitchen');
    const topic = `homeassistant/media_player/sonos_${playerId}/config`;
    const config = JSON.parse(open().draw(busy).get(topic) ?? '{}');
    expect(config.name).toBe('Kitchen');
    expect(config.device.identifiers).toEqual([identity.room({ playerId })]);
    expect(config.availability).toEqual({
      topic: 'sonos/bridge/availability',
      payload_available: 'online',
      payload_not_available: 'offline',
    });
  });

  it('name topics that the bridge publishes and reads, and nothing shortened', () => {
    const drawn = open().draw(busy);
    const config: Record<string, unknown> = JSON.parse(
      [...drawn].find(([topic]) => topic.endsWith('/config'))?.[1] ?? '{}',
    );
    const own = ['state', 'volume', 'mute', 'duration', 'position', 'mediatype'];
    const contract = ['title', 'artist', 'album', 'source'];
    for (const what of own) expect(config[`state_${what}_topic`]).toBe(at(what));
    for (const what of contract) expect(config[`state_${what}_topic`]).toBe(`sonos/home/kitchen/${what}`);
    const commands = Object.entries(config).filter(([key]) => /^command_.*_topic$/.test(key));
    expect(Object.fromEntries(commands)).toEqual({
      command_play_topic: 'sonos/home/kitchen/set/play',
      command_pause_topic: 'sonos/home/kitchen/set/pause',
      command_playpause_topic: 'sonos/home/kitchen/set/toggle',
      command_next_topic: 'sonos/home/kitchen/set/next',
      command_previous_topic: 'sonos/home/kitchen/set/previous',
      command_seek_topic: 'sonos/home/kitchen/set/seek',
      command_volume_topic: at('set/volume'),
      command_mute_topic: at('set/mute'),
      command_playmedia_topic: at('set/play_media'),
    });
  });

  it('tell a new position also when it is the same second as the last one', () => {
    const picture = open();
    const atZero = { ...playing, positionMillis: 0 };
    const begun = (home: typeof busy, seconds: number) =>
      withEvent(home, 'Kitchen', 'playback', 'playbackStatus', atZero, NOON + seconds * 1000);
    const first = begun(busy, 60);
    const second = begun(first, 300);
    const third = begun(second, 600);
    const said = [first, first, second, third].map((home) => picture.draw(home).get(at('position')));
    expect(said[0]).toBe(said[1]);
    expect(said[2]).not.toBe(said[1]);
    expect(said[3]).not.toBe(said[2]);
    for (const text of said) expect(Number(text)).toBe(0);
  });

  it('leave out what is not known where empty text would be an error, and a track of unknown length has none', () => {
    const drawn = open().draw(house(['Kitchen']));
    expect([at('volume'), at('mute')].filter((topic) => drawn.has(topic))).toEqual([]);
    expect(drawn.get(at('duration'))).toBe('0');
    expect(drawn.get(at('position'))).toBe('');
  });

  it('are off while the room is away', () => {
    const alone = regrouped(busy, [['Bath']], { generation: 2 });
    expect(open().draw(alone).get(at('state'))).toBe('off');
    expect(open().draw(busy).get(at('state'))).toBe('playing');
  });

  it('wait with a picture that is buffering, and show a television as video', () => {
    const buffering = { ...playing, playbackState: 'PLAYBACK_STATE_BUFFERING' };
    const waiting = withEvent(busy, 'Kitchen', 'playback', 'playbackStatus', buffering);
    expect(open().draw(waiting).get(at('state'))).toBe('playing');
    const tv = recorded('event.metadataStatus.tv-hdmi-dolby51.json');
    const watching = withEvent(busy, 'Kitchen', 'playbackMetadata', 'metadataStatus', tv);
    expect(open().draw(watching).get(at('mediatype'))).toBe('video');
  });
});
