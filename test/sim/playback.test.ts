import { expect, test } from 'vitest';
import {
  airplay,
  alarm,
  list,
  livingHousehold,
  type Source,
  spotifyConnect,
  station,
  track,
} from '../../src/sim/index.ts';
import { createHouse, type House, recorded, shape } from './house.ts';

const THREE = [track('One', 'A', 'X', 100), track('Two', 'A', 'X', 200), track('Three', 'B', 'Y', 300)];

async function playing(
  source: Source = list('Three Songs', 'playlist', THREE),
  room = 'Office',
): Promise<House> {
  const house = createHouse();
  for (const namespace of ['playback', 'playbackMetadata'])
    house.call('POST', `${house.group(room)}/${namespace}/subscription`);
  await house.clock.advance(10);
  house.cloud.world.load(room, source);
  await house.clock.advance(1000);
  house.arrived.length = 0;
  return house;
}

const status = (house: House, room = 'Office') => house.call('GET', `${house.group(room)}/playback`).body;
const metadata = (house: House, room = 'Office') =>
  house.call('GET', `${house.group(room)}/playbackMetadata`).body;
const command = (house: House, name: string, body?: unknown) =>
  house.call('POST', `${house.group('Office')}/playback/${name}`, body);
const heard = (house: House) =>
  house.of('playbackStatus').map(({ body }) => String(body.playbackState).slice(15));

test('playback status has the fields of recorded ones', async () => {
  const house = await playing();
  const answer = house.call('GET', `${house.group('Office')}/playback`);
  expect(answer.type).toBe('playbackStatus');
  expect(shape(answer.body).sort()).toEqual(
    shape(recorded('event.playbackStatus.spotify-connect-playing')).sort(),
  );
});

test('play buffers, then plays; pause keeps the place', async () => {
  const house = await playing();
  expect(command(house, 'pause')).toMatchObject({ status: 200, type: 'none', body: {} });
  const { positionMillis } = status(house);
  await house.clock.advance(60_000);
  expect(status(house)).toMatchObject({ playbackState: 'PLAYBACK_STATE_PAUSED', positionMillis });
  expect(command(house, 'pause').status).toBe(200);
  expect(command(house, 'play').status).toBe(200);
  expect(command(house, 'play').status).toBe(200);
  await house.clock.advance(1300);
  expect(heard(house)).toEqual(['PAUSED', 'BUFFERING', 'PLAYING']);
  expect(status(house).positionMillis).toBe(Number(positionMillis) + 1000);
  command(house, 'togglePlayPause');
  command(house, 'togglePlayPause');
  await house.clock.advance(1000);
  expect(heard(house).slice(3)).toEqual(['PAUSED', 'BUFFERING', 'PLAYING']);
});

test('nothing is told while a track merely plays, and the next one follows without a gap', async () => {
  const house = await playing();
  await house.clock.advance(99_000);
  expect(house.arrived).toEqual([]);
  await house.clock.advance(1000);
  expect(heard(house)).toEqual(['PLAYING']);
  expect(house.of('metadataStatus').at(-1)?.body).toMatchObject({
    currentItem: { track: { name: 'Two' } },
    nextItem: { track: { name: 'Three' } },
  });
  expect(status(house)).toMatchObject({ previousPositionMillis: 100_000 });
  await house.clock.advance(500_000);
  expect(heard(house)).toEqual(['PLAYING', 'PLAYING', 'IDLE']);
  expect(metadata(house)).not.toHaveProperty('currentItem');
  expect(metadata(house)).toMatchObject({ container: { name: 'Three Songs' } });
  command(house, 'play');
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'One' } } });
});

test('skips move through the queue and end where it ends', async () => {
  const house = await playing();
  command(house, 'skipToNextTrack');
  await house.clock.advance(10_300);
  expect(heard(house)).toEqual(['BUFFERING', 'PLAYING']);
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'Two' } } });
  command(house, 'skipBack');
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'Two' } } });
  expect(status(house).positionMillis).toBe(0);
  command(house, 'skipBack');
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'One' } } });
  command(house, 'skipToNextTrack');
  command(house, 'skipToPreviousTrack');
  command(house, 'skipToPreviousTrack');
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'One' } } });
  command(house, 'skipToNextTrack');
  command(house, 'skipToNextTrack');
  expect(status(house)).toMatchObject({ availablePlaybackActions: { canSkip: false } });
  expect(command(house, 'skipToNextTrack')).toMatchObject({
    status: 499,
    type: 'playbackError',
    body: { errorCode: 'ERROR_PLAYBACK_FAILED' },
  });
});

test('a paused queue skips and stays paused', async () => {
  const house = await playing();
  command(house, 'pause');
  command(house, 'skipToNextTrack');
  await house.clock.advance(1000);
  expect(status(house).playbackState).toBe('PLAYBACK_STATE_PAUSED');
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'Two' } } });
});

test('seeking jumps, tells the new place, and beyond the end goes on with the next track', async () => {
  const house = await playing();
  expect(command(house, 'seek', { positionMillis: 50_000 }).status).toBe(200);
  expect(status(house).positionMillis).toBe(50_000);
  await house.clock.advance(0);
  expect(house.of('playbackStatus').at(-1)?.body.positionMillis).toBe(50_000);
  command(house, 'seekRelative', { deltaMillis: -10_000 });
  expect(status(house).positionMillis).toBe(40_000);
  command(house, 'seekRelative', { deltaMillis: '-90000' });
  expect(status(house).positionMillis).toBe(0);
  await house.clock.advance(99_999);
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'One' } } });
  command(house, 'seek', { positionMillis: 100_000 });
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'Two' } } });
  expect(command(house, 'seek', { positionMillis: 1, itemId: 'other' })).toMatchObject({
    status: 400,
    body: { errorCode: 'ERROR_INVALID_OBJECT_ID' },
  });
  expect(command(house, 'seek', {}).body.errorCode).toBe('ERROR_MISSING_PARAMETERS');
  expect(command(house, 'seek', { positionMillis: -1 }).body.errorCode).toBe('ERROR_INVALID_PARAMETER');
  house.cloud.world.seek('Office', 9000);
  expect(status(house).positionMillis).toBe(9000);
  house.cloud.world.next('Office');
  house.cloud.world.previous('Office');
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'Two' } } });
});

test('play modes change what comes next', async () => {
  const house = await playing();
  const modes = (playModes: unknown) => command(house, 'playMode', { playModes });
  expect(modes({ repeat: true }).status).toBe(200);
  expect(status(house).playModes).toMatchObject({
    repeat: true,
    repeatOne: false,
    shuffle: false,
    crossfade: false,
  });
  command(house, 'skipToPreviousTrack');
  expect(metadata(house)).toMatchObject({
    currentItem: { track: { name: 'Three' } },
    nextItem: { track: { name: 'One' } },
  });
  modes({ repeatOne: true, repeat: false });
  await house.clock.advance(400_000);
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'Three' } } });
  modes({ repeatOne: false, shuffle: true });
  expect(metadata(house)).toMatchObject({ currentItem: { track: { name: 'Three' } } });
  expect(metadata(house)).toHaveProperty('nextItem');
  modes({ shuffle: false });
  expect(metadata(house)).not.toHaveProperty('nextItem');
  expect(command(house, 'playMode', {}).body.errorCode).toBe('ERROR_MISSING_PARAMETERS');
  expect(house.call('POST', `${house.group('Office')}/playback/playModes`, {}).status).toBe(404);
});

test('an empty group has nothing to play', () => {
  const house = createHouse();
  const empty = { status: 499, type: 'playbackError', body: recorded('cloud.error.499.playback-no-content') };
  for (const name of ['play', 'pause', 'skipToNextTrack', 'skipBack'])
    expect(command(house, name)).toMatchObject(empty);
  expect(command(house, 'seek', { positionMillis: 0 })).toMatchObject(empty);
  expect(command(house, 'togglePlayPause').body.errorCode).toBe('ERROR_NO_CONTENT');
  expect(metadata(house)).toMatchObject({ container: { name: 'Office', type: 'item' } });
});

test('radio says what it plays, cannot be skipped or sought, and pausing it ends in IDLE', async () => {
  const house = await playing({
    ...station('Radio', ['A - One', 'B - Two']),
    itemId: 'gPU5TUkyPTgN2hdfboiZSws9FjY=',
  });
  expect(metadata(house)).toMatchObject({
    container: { name: 'Radio', type: 'station' },
    streamInfo: 'A - One',
  });
  expect(metadata(house)).not.toHaveProperty('currentItem');
  const sample = recorded('event.playbackStatus.radio-stream-url');
  expect(status(house).availablePlaybackActions).toEqual(sample.availablePlaybackActions);
  await house.clock.advance(180_000);
  expect(house.of('metadataStatus').map(({ body }) => body.streamInfo)).toEqual(['B - Two']);
  house.cloud.world.stationSays('Office', { streamInfo: 'C - Three' });
  expect(metadata(house).streamInfo).toBe('C - Three');
  expect(command(house, 'skipToNextTrack')).toMatchObject({
    status: 499,
    body: { errorCode: 'ERROR_PLAYBACK_FAILED' },
  });
  expect(status(house).playbackState).toBe('PLAYBACK_STATE_PLAYING');
  expect(command(house, 'seek', { positionMillis: 0 }).body.errorCode).toBe('ERROR_DISALLOWED_BY_POLICY');
  expect(command(house, 'playMode', { playModes: { shuffle: true } }).body.errorCode).toBe(
    'ERROR_COMMAND_FAILED',
  );
  command(house, 'pause');
  expect(status(house).playbackState).toBe('PLAYBACK_STATE_IDLE');
  expect(metadata(house)).not.toHaveProperty('streamInfo');
  command(house, 'play');
  await house.clock.advance(300);
  expect(status(house)).toMatchObject({
    playbackState: 'PLAYBACK_STATE_PLAYING',
    previousItemId: 'gPU5TUkyPTgN2hdfboiZSws9FjY=',
  });
});

test('policies and skip limits of a service are kept', async () => {
  const three = list('Three Songs', 'playlist', THREE);
  const forbidding = await playing({ ...three, forbids: ['skip', 'seek'] });
  expect(command(forbidding, 'skipToNextTrack').body.errorCode).toBe('ERROR_DISALLOWED_BY_POLICY');
  expect(command(forbidding, 'seek', { positionMillis: 1 }).body.errorCode).toBe(
    'ERROR_DISALLOWED_BY_POLICY',
  );
  expect(status(forbidding)).toMatchObject({ availablePlaybackActions: { canSkip: false, canSeek: false } });
  const limited = await playing({ ...three, skipsLeft: 1 });
  expect(command(limited, 'skipToNextTrack').status).toBe(200);
  expect(command(limited, 'skipToNextTrack')).toMatchObject({
    status: 499,
    body: { errorCode: 'ERROR_SKIP_LIMIT_REACHED' },
  });
});

test('Spotify Connect opens empty, and then shows what recordings show', async () => {
  const house = createHouse();
  house.call('POST', `${house.group('Office')}/playbackMetadata/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
  house.cloud.world.load('Office', spotifyConnect('Mix', THREE));
  await house.clock.advance(1000);
  const [opening, full] = [house.arrived[0]?.body, house.arrived.at(-1)?.body];
  expect(opening).toMatchObject(recorded('cloud.event.metadataStatus.spotify-connect-opening'));
  expect(full).toMatchObject({
    container: { name: 'Mix', type: 'playlist.spotify.connect' },
    playbackSession: { clientId: 'spotify.connect.adapter' },
  });
  expect(full).not.toHaveProperty('nextItem.track.id');
  expect(full).not.toHaveProperty('nextItem.track.durationMillis');
  expect(shape(full)).toEqual(
    expect.arrayContaining(
      shape(recorded('event.metadataStatus.spotify-connect-playlist')).filter(
        (path) => !path.includes('nextItem'),
      ),
    ),
  );
  expect(command(house, 'playMode', { playModes: { crossfade: true } }).body.errorCode).toBe(
    'ERROR_COMMAND_FAILED',
  );
});

test('AirPlay, an alarm and TV look as recorded', async () => {
  const house = createHouse();
  house.cloud.world.load('Office', airplay({ name: 'Some Song', artist: 'Someone' }));
  await house.clock.advance(1000);
  expect(metadata(house)).toMatchObject(recorded('cloud.event.metadataStatus.airplay'));
  house.cloud.world.load('Office', alarm());
  expect(metadata(house)).toMatchObject({ container: { type: 'other', id: { serviceId: 'buzzer' } } });
  house.cloud.world.tvOn('Living Room');
  await house.clock.advance(1000);
  expect(metadata(house, 'Living Room')).toEqual(recorded('event.metadataStatus.tv-hdmi-dolby51'));
  house.cloud.world.tvOff('Living Room');
  expect(metadata(house, 'Living Room')).toMatchObject({
    container: { htInputFormat: { streamDescription: 'Silence' } },
  });
});

test('a grouped soundbar leaves its group when the TV goes on, unless it leads', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  world.group('Kitchen', 'Living Room');
  world.tvOn('Living Room');
  expect(world.room('Living Room').members).toEqual(['Living Room']);
  world.group('Living Room', 'Office');
  world.tvOn('Living Room');
  expect(world.room('Office')).toMatchObject({ coordinator: 'Living Room', source: { kind: 'tv' } });
  expect(() => world.tvOn('Office')).toThrow('no TV');
});

test('line-in plays from any device that has it, until the cable is pulled', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  const lineIn = (room: string, body: unknown = {}) =>
    house.call('POST', `${house.group(room)}/playback/lineIn`, body);
  expect(lineIn('Kitchen')).toMatchObject({ status: 499, body: { errorCode: 'ERROR_COMMAND_FAILED' } });
  expect(lineIn('Kitchen', { deviceId: 'RINCON_NOBODY' })).toMatchObject({
    status: 400,
    body: { errorCode: 'ERROR_INVALID_PARAMETER' },
  });
  expect(lineIn('Office').status).toBe(200);
  expect(status(house)).toMatchObject({ playbackState: 'PLAYBACK_STATE_IDLE' });
  expect(lineIn('Kitchen', { deviceId: world.room('Office').id, playOnCompletion: true }).status).toBe(200);
  await house.clock.advance(1000);
  expect(status(house, 'Kitchen').playbackState).toBe('PLAYBACK_STATE_PLAYING');
  expect(metadata(house, 'Kitchen')).toMatchObject({ container: { type: 'linein', name: 'Office Line-In' } });
  expect(metadata(house, 'Kitchen')).not.toHaveProperty('currentItem');
  world.unplugLineIn('Office');
  expect(world.room('Kitchen')).toMatchObject({ state: 'PLAYBACK_STATE_IDLE', source: null });
  world.lineIn('Office');
  expect(world.room('Office').source?.kind).toBe('line_in');
});

test('a source that fails goes idle first, and then says why', async () => {
  const house = await playing();
  house.cloud.world.failPlayback('Office');
  await house.clock.advance(10);
  expect(
    house.arrived
      .filter(({ namespace }) => namespace === 'playback')
      .map(({ type, body }) => [type, body.playbackState ?? body.errorCode]),
  ).toEqual([
    ['playbackStatus', 'PLAYBACK_STATE_IDLE'],
    ['playbackError', 'ERROR_PLAYBACK_FAILED'],
  ]);
  house.cloud.world.load('Office', { ...list('Gone', 'album', THREE), broken: true });
  await house.clock.advance(1000);
  expect(house.of('playbackError').at(-1)?.body).toMatchObject({ reason: 'ERROR_LOST_CONNECTION' });
});

test('the same seed shuffles the same way', () => {
  const order = (seed: number) => {
    const house = createHouse({ seed, households: [livingHousehold()] });
    house.cloud.world.setModes('Office', { shuffle: true });
    house.cloud.world.playPlaylist('Office', 'Everything Slow');
    return house.cloud.world
      .rooms()
      .map(({ groupId, track: now }) => [groupId, now?.name])
      .concat([[String(metadata(house).nextItem && JSON.stringify(metadata(house).nextItem))]]);
  };
  expect(order(7)).toEqual(order(7));
  expect(order(7)).not.toEqual(order(8));
});
