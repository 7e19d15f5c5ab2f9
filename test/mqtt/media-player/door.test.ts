import { describe, expect, it } from 'vitest';
import { replySchema } from '../../../src/bridge/contract/reply.ts';
import { covers } from '../../../src/mqtt/broker-access.ts';
import { createMediaPlayerDoor } from '../../../src/mqtt/media-player/door.ts';
import { topicsOf } from '../../../src/mqtt/topics.ts';
import { house, readBy, recorded, withEvent } from '../../support/house.ts';

const topics = topicsOf('sonos/main');
const door = createMediaPlayerDoor(topics);
const lists = {
  favorites: 'response.favoritesList.one-radio.json',
  playlists: 'response.playlistsList.json',
};

const home = [
  ['favorites', 'favoritesList', recorded(lists.favorites)] as const,
  ['playlists', 'playlistsList', recorded(lists.playlists)] as const,
].reduce((known, [name, type, body]) => withEvent(known, 'Kitchen', name, type, body), house(['Kitchen']));

const nameIn = (namespace: 'favorites' | 'playlists'): string => {
  const slice = home.own[namespace] as { readonly items: readonly { readonly name: string }[] };
  return slice.items[0]?.name ?? '';
};

const read = (what: string, payload: string | Uint8Array, room = 'kitchen') =>
  door.read(
    {
      topic: `sonos/main/home/${room}/media_player/set/${what}`,
      payload: typeof payload === 'string' ? new TextEncoder().encode(payload) : payload,
    },
    [home],
  );

/** The only command that a message became. */
const meant = (what: string, payload: string) => {
  const { commands = [], answers = [] } = read(what, payload) ?? {};
  expect(answers).toEqual([]);
  expect(commands).toHaveLength(1);
  return commands.map(({ household, room, command, payload: bytes }) => {
    expect([household, room]).toEqual(['home', 'kitchen']);
    return { command, payload: new TextDecoder().decode(bytes) };
  })[0];
};

const play = (type: string | undefined, id: string) =>
  meant('play_media', JSON.stringify({ media_type: type, media_id: id }));

describe('the door for media players', () => {
  it('takes levels from 0 to 1 as volumes', () => {
    const volumes = [
      ...(['0', '0.0', '0.295', '0.57', '1.0', '1', ' 0.2\n', '1e-2'] as const).map((text) => [
        text,
        JSON.parse(meant('volume', text)?.payload ?? '{}').value,
      ]),
    ];
    expect(volumes).toEqual([
      ...[
        ['0', 0],
        ['0.0', 0],
        ['0.295', 30],
        ['0.57', 57],
        ['1.0', 100],
        ['1', 100],
        [' 0.2\n', 20],
        ['1e-2', 1],
      ],
    ]);
    expect(meant('volume', '0.5')?.command).toBe('volume');
  });

  it('takes mute and unmute', () => {
    expect(meant('mute', 'mute')).toEqual({ command: 'mute', payload: '{"value":true}' });
    expect(meant('mute', 'Unmute')).toEqual({ command: 'mute', payload: '{"value":false}' });
  });

  it('announces what has an address, of whatever type, since nothing tells speech from music', () => {
    const url = 'http://ha.local:8123/api/tts_proxy/abc.mp3';
    for (const type of ['music', 'audio/mpeg', 'playlist', undefined])
      expect(play(type, url)).toEqual({ command: 'announce', payload: JSON.stringify({ url }) });
  });

  it('plays a channel that has an address as a live stream', () => {
    const url = 'http://radio.example.com/live.mp3';
    for (const type of ['channel', 'Channel'])
      expect(play(type, url)).toEqual({ command: 'stream', payload: JSON.stringify({ url }) });
    expect(play('channel', 'Lark One')?.command).toBe('favorite');
    const meantIt = play('channel', url);
    expect(readBy(meantIt?.command ?? '', meantIt?.payload ?? '').ok).toBe(true);
  });

  it('takes anything else for the name of a favorite or playlist, in the list that has it', () => {
    const [favorite, playlist] = [nameIn('favorites'), nameIn('playlists')];
    expect(play('music', favorite)?.command).toBe('favorite');
    expect(play('playlist', favorite)?.command).toBe('favorite');
    expect(play('playlist', playlist)?.command).toBe('playlist');
    expect(play('music', playlist.toUpperCase())?.command).toBe('playlist');
    expect(play('music', 'Nothing of this name')?.command).toBe('favorite');
    expect(play('playlist', 'Nothing of this name')?.command).toBe('playlist');
  });

  it('gives the contract payloads that it reads', () => {
    for (const [what, payload] of [
      ['volume', '0.31'],
      ['mute', 'mute'],
      ['play_media', '{"media_id":"  Jazz: \\"late\\" "}'],
    ] as const) {
      const command = meant(what, payload);
      expect(readBy(command?.command ?? '', command?.payload ?? '').ok, what).toBe(true);
    }
  });

  it.each([
    ['volume', '25', '0.0 to 1.0'],
    ['volume', '-0.1', '0.0 to 1.0'],
    ['volume', '', '0.0 to 1.0'],
    ['volume', 'NaN', '0.0 to 1.0'],
    ['volume', '0x1', '0.0 to 1.0'],
    ['mute', 'true', 'mute or unmute'],
    ['mute', 'constructor', 'mute or unmute'],
    ['play_media', 'Jazz', 'media_id'],
    ['play_media', '{"media_type":"music"}', 'media_id'],
    ['play_media', '{"media_id":" "}', 'media_id'],
    ['play_media', '{"media_id":"media-source://tts/x?message=hi"}', 'media_id'],
    ['play_media', '{"media_id":"file:///etc/passwd"}', 'media_id'],
    ['turn_off', 'off', 'volume, mute, play_media'],
    ['constructor', '', 'volume, mute, play_media'],
  ])('answers %s %j with what would be right, and does nothing', (what, payload, advice) => {
    const reading = read(what, payload);
    expect(reading?.commands).toEqual([]);
    expect(reading?.answers.map(({ topic }) => topic)).toEqual(['sonos/main/home/kitchen/reply']);
    const reply = replySchema.parse(JSON.parse(reading?.answers[0]?.payload ?? '{}'));
    expect(reply.status).toBe('failed');
    expect(reply.error?.advice).toContain(advice);
  });

  it('answers what is no text, or far too much of it', () => {
    for (const payload of [Uint8Array.of(0xff, 0xfe), new Uint8Array(20_000).fill(0x30)])
      expect(read('volume', payload)?.answers).toHaveLength(1);
  });

  it('leaves other topics alone, and overlaps with no topic of the contract', () => {
    const topic = (rest: string) => ({ topic: `sonos/main/${rest}`, payload: new Uint8Array() });
    for (const rest of [
      'home/kitchen/set/volume',
      'home/kitchen/media_player/volume',
      'home/kitchen/media_player/set/volume/more',
      'bridge/kitchen/media_player/set/volume',
      'home/kitchen/other/set/volume',
    ])
      expect(door.read(topic(rest), [home]), rest).toBeNull();
    expect(
      door.read({ topic: 'sonos/home/kitchen/media_player/set/volume', payload: new Uint8Array() }, []),
    ).toBeNull();
    const own = 'sonos/main/home/kitchen/media_player/set/volume';
    expect(door.filters.some((filter) => covers(filter, own))).toBe(true);
    expect(topics.commandFilters.some((filter) => covers(filter, own))).toBe(false);
    expect(topics.read(own)).toBeNull();
  });
});
