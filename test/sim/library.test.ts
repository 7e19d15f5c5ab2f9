import { expect, test } from 'vitest';
import { list, livingHousehold, spotifyConnect, station, track } from '../../src/sim/index.ts';
import { createHouse, type House, recorded, shape } from './house.ts';

const TRACKS = [track('One', 'A', 'X', 100), track('Two', 'A', 'X', 200)];

const load = (house: House, body: unknown, namespace = 'favorites') =>
  house.call('POST', `${house.group('Office')}/${namespace}`, body);
const current = (house: House) => house.cloud.world.room('Office');

test('the lists have the fields of recorded ones', () => {
  const house = createHouse();
  const favorites = house.call('GET', `${house.household()}/favorites`);
  expect(favorites.type).toBe('favoritesList');
  expect(shape(favorites.body)).toEqual(
    expect.arrayContaining(shape(recorded('response.favoritesList.one-radio'))),
  );
  const playlists = house.call('GET', `${house.household()}/playlists`);
  expect(playlists.type).toBe('playlistsList');
  expect(shape(playlists.body).sort()).toEqual(shape(recorded('response.playlistsList')).sort());
  const one = house.call('GET', `${house.household()}/playlists/1`);
  expect(one).toMatchObject({ type: 'playlistSummary', body: { name: 'Dinner for Five', type: 'playlist' } });
  expect(one.body).toMatchObject({
    tracks: [{ name: 'Candle Arithmetic', artist: 'Orla Finch Trio', album: 'Kitchen Sessions' }, {}, {}],
  });
  expect(house.call('GET', `${house.household()}/playlists/99`)).toMatchObject({
    status: 400,
    body: { errorCode: 'ERROR_INVALID_OBJECT_ID' },
  });
});

test('a list changes its version when it changes, and says only that', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  for (const name of ['favorites', 'playlists'])
    house.call('POST', `${house.household()}/${name}/subscription`);
  await house.clock.advance(10);
  const version = () => house.call('GET', `${house.household()}/favorites`).body.version;
  expect(house.of('versionChanged')[0]?.body).toEqual({ _objectType: 'versionChanged', version: version() });
  expect(version()).toMatch(/^RINCON_[0-9A-F]{12}01400:\d+$/);
  const before = version();
  const id = world.addFavorite({ name: 'New', source: station('New', ['x']) });
  world.renameFavorite('New', 'Newer');
  world.removeFavorite(id);
  const playlist = world.addPlaylist({ name: 'Mine', tracks: TRACKS });
  world.removePlaylist(playlist);
  await house.clock.advance(10);
  expect(version()).not.toBe(before);
  const told = house.of('versionChanged').map(({ namespace }) => namespace);
  expect(told.filter((namespace) => namespace === 'favorites')).toHaveLength(4);
  expect(told.filter((namespace) => namespace === 'playlists')).toHaveLength(3);
  expect(Object.keys(house.of('versionChanged').at(-1)?.body ?? {})).toEqual(
    Object.keys(recorded('event.versionChanged.favorites')),
  );
});

test('no more than 70 favorites and 100 playlists are shown', () => {
  const house = createHouse();
  for (let number = 0; number < 110; number += 1) {
    house.cloud.world.addFavorite({ name: `F${number}`, source: list('L', 'album', TRACKS) });
    house.cloud.world.addPlaylist({ name: `P${number}`, tracks: TRACKS });
  }
  expect(house.call('GET', `${house.household()}/favorites`).body.items).toHaveLength(70);
  expect(house.call('GET', `${house.household()}/playlists`).body.playlists).toHaveLength(100);
});

test('a favorite replaces what plays only when asked to, and plays only when asked to', async () => {
  const house = createHouse();
  expect(load(house, { favoriteId: '1', action: 'REPLACE' })).toMatchObject({
    status: 200,
    type: 'none',
    body: {},
  });
  await house.clock.advance(1000);
  expect(current(house)).toMatchObject({
    state: 'PLAYBACK_STATE_IDLE',
    source: { container: { name: 'Morning Coffee' } },
  });
  load(house, { favoriteId: '2', action: 'REPLACE', playOnCompletion: true, playModes: { repeat: true } });
  await house.clock.advance(1000);
  expect(current(house)).toMatchObject({
    state: 'PLAYBACK_STATE_PLAYING',
    track: { name: 'Harbour Lights Out' },
    modes: { repeat: true },
  });
  load(house, { favoriteId: '1', playOnCompletion: true });
  expect(current(house)).toMatchObject({
    track: { name: 'Harbour Lights Out' },
    source: { tracks: { length: 9 } },
  });
});

test('INSERT_NEXT plays after the current track, APPEND after the last', () => {
  const house = createHouse();
  house.cloud.world.load('Office', list('Two', 'album', TRACKS));
  load(house, { playlistId: '1', action: 'INSERT_NEXT' }, 'playlists');
  load(house, { playlistId: '1', action: 'APPEND' }, 'playlists');
  const names: (string | undefined)[] = [];
  for (let step = 0; step < 8; step += 1) {
    names.push(current(house).track?.name);
    if (step < 7) house.cloud.world.next('Office');
  }
  const dinner = ['Candle Arithmetic', 'Copper Pans', 'A Table for Five'];
  expect(names).toEqual(['One', ...dinner, 'Two', ...dinner]);
});

test('tracks put into the queue while the radio plays wait there', async () => {
  const house = createHouse();
  load(house, { favoriteId: '3', action: 'APPEND', playModes: { shuffle: true }, playOnCompletion: true });
  await house.clock.advance(1000);
  expect(current(house)).toMatchObject({
    state: 'PLAYBACK_STATE_PLAYING',
    source: { kind: 'station' },
    modes: { shuffle: false },
  });
  load(house, { favoriteId: '1' });
  load(house, { favoriteId: '2' });
  expect(current(house).source?.kind).toBe('station');
  load(house, { favoriteId: '2', playOnCompletion: true });
  await house.clock.advance(1000);
  expect(current(house)).toMatchObject({ state: 'PLAYBACK_STATE_PLAYING', track: { name: 'Kettle Song' } });
});

test('Spotify Connect has its own queue; lists go into the one of the group', async () => {
  const house = createHouse();
  house.cloud.world.load('Office', spotifyConnect('Mix', TRACKS));
  load(house, { favoriteId: '1' });
  load(house, { favoriteId: '2' });
  expect(current(house)).toMatchObject({ source: { container: { name: 'Mix' }, tracks: { length: 2 } } });
  load(house, { favoriteId: '2', playOnCompletion: true });
  expect(current(house)).toMatchObject({
    track: { name: 'Kettle Song' },
    source: { tracks: { length: 13 } },
  });
});

test('an empty group takes an appended list as its queue', () => {
  const house = createHouse();
  load(house, { favoriteId: '1' });
  expect(current(house)).toMatchObject({
    state: 'PLAYBACK_STATE_IDLE',
    source: { container: { name: 'Morning Coffee' } },
  });
  load(house, { favoriteId: '2', playOnCompletion: true });
  expect(current(house)).toMatchObject({ state: 'PLAYBACK_STATE_BUFFERING', track: { name: 'Kettle Song' } });
});

test('wrong loads are refused', () => {
  const house = createHouse();
  expect(load(house, {})).toMatchObject({
    status: 400,
    body: { errorCode: 'ERROR_MISSING_PARAMETERS', reason: 'Missing required value:[1].favoriteId' },
  });
  expect(load(house, { favoriteId: '77' })).toMatchObject({
    status: 400,
    body: { errorCode: 'ERROR_INVALID_OBJECT_ID' },
  });
  expect(load(house, { playlistId: '77' }, 'playlists')).toMatchObject({
    status: 400,
    body: { errorCode: 'ERROR_INVALID_OBJECT_ID' },
  });
  expect(load(house, { favoriteId: '1', action: 'SHOUT' })).toMatchObject({
    status: 400,
    body: { errorCode: 'ERROR_INVALID_PARAMETER' },
  });
});

test('some favorites never play, and some only after another play', async () => {
  const favorites = [
    { name: 'Stale', source: { ...list('Stale', 'album', TRACKS), broken: true } },
    { name: 'Shy', source: list('Shy', 'album', TRACKS), ignoresPlayOnCompletion: true },
  ];
  const house = createHouse({ households: [{ ...livingHousehold(), favorites }] });
  house.call('POST', `${house.group('Office')}/playback/subscription`);
  load(house, { favoriteId: '1', action: 'REPLACE', playOnCompletion: true });
  await house.clock.advance(1000);
  expect(house.of('playbackError')).toHaveLength(1);
  expect(current(house).state).toBe('PLAYBACK_STATE_IDLE');
  load(house, { favoriteId: '2', action: 'REPLACE', playOnCompletion: true });
  await house.clock.advance(1000);
  expect(current(house)).toMatchObject({
    state: 'PLAYBACK_STATE_IDLE',
    source: { container: { name: 'Shy' } },
  });
});

test('people name favorites and playlists that there are', () => {
  const { world } = createHouse().cloud;
  world.playPlaylist('Office', 'Everything Slow');
  expect(world.room('Office').track?.name).toBe('Harbour Lights Out');
  expect(() => world.playFavorite('Office', 'Nothing')).toThrow('no favorite');
  expect(() => world.playPlaylist('Office', 'Nothing')).toThrow('no playlist');
  expect(() => world.play('Cellar')).toThrow('no room');
  expect(() => world.household('Sonos_other')).toThrow('no household');
});
