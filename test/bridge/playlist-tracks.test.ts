import { describe, expect, it } from 'vitest';
import { commandError } from '../../src/bridge/command-error.ts';
import { readPayload } from '../../src/bridge/payload.ts';
import { playlistNames } from '../../src/bridge/playlist-tracks.ts';
import { ok } from '../../src/bridge/result.ts';
import { bytes, HOME } from '../support/bridge-house.ts';
import { down, refused } from '../support/fake-sonos.ts';
import { openHouse } from './commands-house.ts';

const DETAILS = /^GET \/households\/[^/]+\/playlists\/7$/;
const tracks = [
  { name: 'Candle Arithmetic', artist: 'Orla Finch Trio', album: 'Kitchen Sessions' },
  { name: 'Copper Pans' },
];

async function openParty(summary: unknown = { id: '7', name: 'Party', type: 'playlist', tracks }) {
  const house = await openHouse();
  house.sonos.on(DETAILS, () => ok(summary));
  return house;
}

describe('playlist_tracks', () => {
  it.each(['Party', 'party', 'Par', '7', { value: 7 }, { value: 'PARTY' }, '"Party"'])(
    'tells the tracks of a playlist that is called %j',
    async (payload) => {
      const house = await openParty();
      house.command('kitchen', 'playlist_tracks', payload);
      await house.clock.advance(100);
      expect(house.answers.map(({ reply }) => reply.status)).toEqual(['accepted', 'confirmed']);
      expect(house.answers.at(-1)?.reply.result).toEqual({
        id: '7',
        name: 'Party',
        tracks: [
          { title: 'Candle Arithmetic', artist: 'Orla Finch Trio', album: 'Kitchen Sessions' },
          { title: 'Copper Pans', artist: null, album: null },
        ],
      });
      expect(house.sonos.made(DETAILS)).toMatchObject([{ priority: 'command', repeatable: true }]);
    },
  );

  it('is read once, however many rooms are addressed, and every room is answered', async () => {
    const house = await openParty();
    house.command('all', 'playlist_tracks', { value: 'Party', id: 'a' });
    await house.clock.advance(100);
    expect(house.sonos.made(DETAILS)).toHaveLength(1);
    const told = house.answers.filter(({ reply }) => reply.status === 'confirmed');
    expect(told.map(({ ask }) => ask.room).sort()).toEqual(['bath', 'kitchen', 'office']);
  });

  it.each([
    ['nothing', {}, { id: '7', name: 'Party', tracks: [] }],
    ['nonsense', { name: 5, tracks: 'many' }, { id: '7', name: 'Party', tracks: [] }],
    [
      'half of it',
      { name: 'Party!', tracks: [null, 'x', { name: 3 }, { name: 'A', artist: { name: 'B' } }] },
      {
        id: '7',
        name: 'Party!',
        tracks: [
          { title: null, artist: null, album: null },
          { title: 'A', artist: null, album: null },
        ],
      },
    ],
  ])('takes from Sonos what there is, here %s', async (_what, summary, result) => {
    const house = await openParty(summary);
    house.command('kitchen', 'playlist_tracks', { value: 'Party', id: 'a' });
    await house.clock.advance(100);
    expect(house.last('a')).toMatchObject({ status: 'confirmed', result });
  });

  it('tells no more than 100 tracks, and no longer names than a message can bear', async () => {
    const many = Array.from({ length: 150 }, () => ({ name: 'x'.repeat(5000), artist: 'y', album: 'z' }));
    const house = await openParty({ name: 'n'.repeat(5000), tracks: many });
    house.command('kitchen', 'playlist_tracks', { value: 'Party', id: 'a' });
    await house.clock.advance(100);
    const { result } = house.last('a');
    expect(result).toMatchObject({ name: 'n'.repeat(200) });
    expect(result?.tracks).toHaveLength(100);
    expect(JSON.stringify(result).length).toBeLessThan(30_000);
  });

  it('has the list read first when there is none, or another version of it', async () => {
    const house = await openParty();
    house.sonos.on(/GET .*playlists\/9$/, () => ok({ name: 'New one', tracks }));
    house.world.playlists.push({ id: '9', name: 'New one' });
    house.world.version = 'v2';
    house.tell('playlists', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    house.command('kitchen', 'playlist_tracks', { value: 'New one', id: 'a' });
    await house.clock.advance(1_000);
    expect(house.last('a')).toMatchObject({ status: 'confirmed', result: { id: '9', name: 'New one' } });
  });

  it('says what it knows no playlist by, at once when the list is known', async () => {
    const house = await openParty();
    house.command('kitchen', 'playlist_tracks', { value: 'Partx', id: 'a' });
    expect(house.statuses('a')).toEqual(['failed']);
    expect(house.last('a').error).toMatchObject({
      code: 'unknown_playlist',
      advice: 'Did you mean "Party"?',
    });
    house.tell('playlists', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    house.command('kitchen', 'playlist_tracks', { value: 'Partx', id: 'b' });
    await house.clock.advance(1_000);
    expect(house.statuses('b')).toEqual(['accepted', 'failed']);
    expect(house.last('b').error?.code).toBe('unknown_playlist');
    expect(house.sonos.made(DETAILS)).toEqual([]);
  });

  it('fails with what Sonos said', async () => {
    const house = await openParty();
    house.sonos.on(DETAILS, () => refused('ERROR_INVALID_OBJECT_ID', 'No such playlist.'));
    house.command('kitchen', 'playlist_tracks', { value: 'Party', id: 'a' });
    house.sonos.on(DETAILS, down);
    await house.clock.advance(100);
    expect(house.last('a')).toMatchObject({ status: 'failed', error: { code: 'sonos_error' } });
    expect(house.last('a').result).toBeUndefined();
  });

  it('is told what stands in the way of every call', async () => {
    const house = await openParty();
    house.obstacle = commandError('not_linked', 'No account.', 'Log in.');
    house.command('kitchen', 'playlist_tracks', { value: 'Party', id: 'a' });
    expect(house.last('a').error?.code).toBe('not_linked');
  });

  it('ends without a word to nobody when the household goes away meanwhile', async () => {
    const house = await openParty();
    house.tell('playlists', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    house.command('kitchen', 'playlist_tracks', { value: 'Party', id: 'a' });
    house.bridge.setHouseholds([]);
    await house.clock.advance(1_000);
    expect(house.statuses('a')).toEqual(['accepted', 'confirmed']);
  });

  it.each(['', '  ', '{"value": ["Party"]}', '{"value": ""}', '{}', '{"value": true}'])(
    'names no playlist by %o',
    (payload) => {
      const read = readPayload(bytes(payload));
      expect(read.ok && playlistNames.read(read.value.raw)).toMatchObject({
        ok: false,
        error: { message: 'That names no playlist.', advice: expect.stringContaining('name or the id') },
      });
    },
  );
});
