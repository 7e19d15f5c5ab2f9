import { expect, test } from 'vitest';
import { z } from 'zod';
import { livingHousehold } from '../../src/sim/index.ts';
import { createHouse, type House, recorded } from './house.ts';

test('the households of the account are listed, and no others', () => {
  const [one, two] = [livingHousehold('Sonos_One.a'), livingHousehold('Sonos_Two.b')];
  const accounts = [
    { id: 'ada', name: 'Ada', households: ['Sonos_One.a'] },
    { id: 'ben', name: 'Ben', households: ['Sonos_Two.b', 'Sonos_One.a'] },
  ];
  const house = createHouse({ households: [one, two], accounts });
  const as = (id: string) => ({ token: house.cloud.grantTokens(id).accessToken });
  const ids = (id: string) =>
    z
      .object({ households: z.array(z.object({ id: z.string(), name: z.null() })) })
      .parse(house.call('GET', '/households', undefined, as(id)).body)
      .households.map((home) => home.id);
  expect(ids('ada')).toEqual(['Sonos_One.a']);
  expect(ids('ben')).toEqual(['Sonos_One.a', 'Sonos_Two.b']);
  const [, other] = house.cloud.world.households();
  const player = other?.players()[0];
  const group = other?.topology.all()[0];
  for (const path of [
    '/households/Sonos_Two.b/groups',
    `/players/${player?.id}/playerVolume`,
    `/groups/${group?.id}/playback`,
  ]) {
    expect(house.call('GET', path, undefined, as('ada'))).toMatchObject({
      status: 403,
      body: { errorCode: 'ERROR_NO_PERMISSION' },
    });
    expect(house.call('GET', path, undefined, as('ben')).status).toBe(200);
  }
  expect(house.cloud.requests.map(({ account }) => account)).toContain('ben');
});

test('an invalid token is answered in each of the three ways', () => {
  const house = createHouse();
  const ask = () => house.call('GET', '/households', undefined, { token: 'nonsense' });
  expect(ask()).toMatchObject({ status: 401, body: recorded('cloud.error.401.access-denied-2026') });
  house.cloud.knobs.unauthorizedShape = 'token_expired';
  expect(ask()).toMatchObject({ status: 401, body: recorded('cloud.error.401.access-token-expired') });
  house.cloud.knobs.unauthorizedShape = 'invalid_token';
  expect(ask()).toMatchObject({
    status: 401,
    body: { fault: { detail: { errorcode: 'keymanagement.service.invalid_access_token' } } },
  });
  expect(house.call('GET', '/households', undefined, { headers: { authorization: '' } }).status).toBe(401);
});

test('ids may come percent-encoded, in the long form, and with a version on the namespace', () => {
  const house = createHouse();
  const id = house.cloud.world.room('Kitchen').groupId ?? '';
  expect(house.call('GET', `/groups/${encodeURIComponent(id)}/playback`).status).toBe(200);
  expect(house.call('GET', `${house.household()}/groups/${id}/playback`).status).toBe(200);
  expect(house.call('GET', `/groups/${id}/playback:1`).status).toBe(200);
});

test('what does not exist is said not to', () => {
  const house = createHouse();
  const ask = (method: string, path: string) => {
    const { status, body } = house.call(method, path);
    return [status, body.errorCode];
  };
  expect(ask('GET', `${house.group('Kitchen')}/bogus`)).toEqual([404, 'ERROR_UNSUPPORTED_NAMESPACE']);
  expect(ask('GET', `${house.group('Kitchen')}/Playback`)).toEqual([404, 'ERROR_UNSUPPORTED_NAMESPACE']);
  expect(ask('POST', `${house.group('Kitchen')}/playback/dance`)).toEqual([404, 'ERROR_UNSUPPORTED_COMMAND']);
  expect(ask('GET', '/rooms/1/playback')).toEqual([404, 'ERROR_UNSUPPORTED_COMMAND']);
  expect(ask('GET', '/households/Sonos_nobody/groups')).toEqual([400, 'ERROR_INVALID_OBJECT_ID']);
  expect(ask('GET', '/players/RINCON_NOBODY/playerVolume')).toEqual([400, 'ERROR_INVALID_OBJECT_ID']);
  expect(ask('GET', '/groups/nonsense/playback')).toEqual([400, 'ERROR_INVALID_OBJECT_ID']);
  expect(ask('GET', '/groups/RINCON_A0B0C000222201400:1/playback')).toEqual([410, 'ERROR_RESOURCE_GONE']);
  expect(ask('GET', '/playbackSessions/x/playbackSession')).toEqual([410, 'ERROR_RESOURCE_GONE']);
  expect(ask('GET', '/households/%zz/groups')).toEqual([400, 'ERROR_INVALID_SYNTAX']);
  expect(house.cloud.handle({ method: 'GET', path: '/elsewhere', headers: {}, body: '' }).status).toBe(404);
});

test('a body must be a JSON object and say so', () => {
  const house = createHouse();
  const path = `${house.player('Office')}/playerVolume`;
  const syntax = { status: 400, body: { errorCode: 'ERROR_INVALID_SYNTAX' } };
  expect(house.call('POST', path, undefined, { text: '{"volume":' })).toMatchObject(syntax);
  expect(house.call('POST', path, undefined, { text: '[1]' })).toMatchObject(syntax);
  expect(
    house.call('POST', path, { volume: 1 }, { headers: { 'content-type': 'text/plain' } }),
  ).toMatchObject(syntax);
  expect(
    house.call('POST', path, { volume: 1 }, { headers: { 'content-type': 'application/json;charset=utf-8' } })
      .status,
  ).toBe(200);
});

test('a listed room may be out of reach', () => {
  const house = createHouse();
  const { world } = house.cloud;
  world.setReachable('Kitchen', false);
  expect(house.call('GET', `${house.player('Kitchen')}/playerVolume`).status).toBe(503);
  expect(house.call('GET', `${house.group('Bathroom')}/playback`).status).toBe(503);
  expect(house.call('GET', `${house.player('Bathroom')}/playerVolume`).status).toBe(200);
  world.setReachable('Kitchen', true);
  expect(house.call('GET', `${house.player('Kitchen')}/playerVolume`).status).toBe(200);
});

test('more than the quota in a minute is refused until the minute is over', async () => {
  const house = createHouse({ knobs: { quotaPerMinute: 5 } });
  const ask = () => house.call('GET', '/households');
  for (let count = 0; count < 5; count += 1) expect(ask().status).toBe(200);
  await house.clock.advance(20_000);
  expect(ask()).toMatchObject({
    status: 429,
    headers: {
      'Retry-After': '40',
      'RateLimit-Limit': '5',
      'RateLimit-Remaining': '0',
      'RateLimit-Reset': '40',
    },
  });
  await house.clock.advance(40_000);
  expect(ask().status).toBe(200);
});

test('more than a hundred requests within a second are a spike', async () => {
  const house = createHouse();
  const ask = () => house.call('GET', '/households');
  for (let count = 0; count < 100; count += 1) expect(ask().status).toBe(200);
  const refused = ask();
  expect(refused).toMatchObject({ status: 429, headers: { 'Retry-After': '1' } });
  expect(refused.headers).not.toHaveProperty('RateLimit-Limit');
  await house.clock.advance(1000);
  expect(ask().status).toBe(200);
});

test('planned trouble comes once, or as often as planned, and only where it was planned', () => {
  const house = createHouse();
  const path = `${house.player('Office')}/playerVolume`;
  const send = (volume: number) =>
    house.cloud.handle({
      method: 'POST',
      path: `/control/api/v1${path}`,
      headers: {
        authorization: `Bearer ${house.cloud.grantTokens().accessToken}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ volume }),
    });
  const volume = () => house.cloud.world.room('Office').volume;
  house.cloud.failNext({
    match: 'playerVolume',
    method: 'POST',
    times: 2,
    answer: { status: 500, body: { errorCode: 'ERROR_INTERNAL' } },
  });
  expect(house.call('GET', path).status).toBe(200);
  expect([send(1).status, send(2).status, send(3).status]).toEqual([500, 500, 200]);
  expect(volume()).toBe(3);
  house.cloud.failNext({ match: /playerVolume$/, answer: 'lose-reply' });
  expect(send(4)).toMatchObject({ fate: 'lost' });
  expect(volume()).toBe(4);
  house.cloud.failNext({ match: /playerVolume$/, answer: 'refuse' });
  expect(send(5)).toMatchObject({ fate: 'lost' });
  expect(volume()).toBe(4);
  house.cloud.failNext({ match: 'playerVolume', answer: 'hang' });
  expect(send(6)).toMatchObject({ fate: 'hanging' });
  expect(volume()).toBe(4);
  house.cloud.failNext({ match: 'playerVolume', answer: { status: 502, body: 'Bad Gateway' } });
  expect(send(7)).toMatchObject({
    status: 502,
    body: 'Bad Gateway',
    headers: { 'Content-Type': 'text/plain' },
  });
  house.cloud.failNext({ match: 'playerVolume', answer: { status: 503 } });
  expect(send(7)).toMatchObject({ status: 503, body: '{}' });
  house.cloud.failNext({ match: 'playerVolume', answer: 'hang' });
  house.cloud.clearFaults();
  expect(send(8).status).toBe(200);
  house.cloud.failNext({ match: '%zz', answer: 'hang' });
  expect(house.call('GET', '/households/%zz/groups').status).toBe(0);
  expect(house.cloud.requests.at(-1)).toMatchObject({ method: 'GET', fate: 'hanging', account: 'account-1' });
});

const APP = { appId: 'com.example.app', appContext: 'one' };

function begin(house: House, app: object = APP, room = 'Office'): string {
  const answer = house.call('POST', `${house.group(room)}/playbackSession`, app);
  expect(answer).toMatchObject({ status: 200, type: 'sessionStatus' });
  expect(Object.keys(answer.body)).toEqual(
    expect.arrayContaining(Object.keys(recorded('response.sessionStatus.created'))),
  );
  return z.object({ sessionId: z.string() }).parse(answer.body).sessionId;
}

const session = (id: string) => `/playbackSessions/${encodeURIComponent(id)}/playbackSession`;

test('a session plays a live stream, named after its host when it has no name', async () => {
  const house = createHouse();
  const id = begin(house);
  expect(id).toMatch(/^RINCON_[0-9A-F]{12}01400:\d+@\d+$/);
  house.call('POST', `${session(id)}/subscription`);
  house.call('POST', `${house.group('Office')}/playback/subscription`);
  const streamUrl = 'http://radio.example.com/live.mp3';
  expect(
    house.call('POST', `${session(id)}/loadStreamUrl`, { streamUrl, playOnCompletion: true }),
  ).toMatchObject({ status: 200, type: 'none', body: {} });
  await house.clock.advance(1000);
  expect(house.of('sessionInfo')[0]).toMatchObject({
    target: id,
    headers: { 'X-Sonos-Target-Type': 'sessionId' },
    body: { suspended: false },
  });
  const metadata = () => house.call('GET', `${house.group('Office')}/playbackMetadata`).body;
  expect(metadata()).toMatchObject({
    container: { name: 'radio.example.com', type: 'station', id: { objectId: '-1' } },
    playbackSession: { clientId: APP.appId, isSuspended: false, accountId: '' },
  });
  expect(metadata()).not.toHaveProperty('currentItem');
  expect(house.of('playbackStatus').at(-1)?.body).toMatchObject({
    playbackState: 'PLAYBACK_STATE_PLAYING',
    itemId: expect.any(String),
  });
  house.call('POST', `${session(id)}/loadStreamUrl`, {
    streamUrl,
    itemId: 'i',
    stationMetadata: { name: 'Live', imageUrl: 'http://a.example.com/b.jpg' },
  });
  expect(metadata()).toMatchObject({
    container: { name: 'Live', images: [{ url: 'http://a.example.com/b.jpg' }] },
  });
});

test('a dead stream is taken and fails afterwards', async () => {
  const house = createHouse();
  const id = begin(house);
  house.call('POST', `${house.group('Office')}/playback/subscription`);
  expect(
    house.call('POST', `${session(id)}/loadStreamUrl`, {
      streamUrl: 'http://radio.invalid/x',
      playOnCompletion: true,
    }).status,
  ).toBe(200);
  await house.clock.advance(1000);
  expect(house.of('playbackError')).toHaveLength(1);
  expect(house.call('POST', `${session(id)}/loadStreamUrl`, { streamUrl: 'nonsense' }).body.errorCode).toBe(
    'ERROR_INVALID_PARAMETER',
  );
});

test('a new session, another source, or a person evicts the session', async () => {
  const house = createHouse();
  const first = begin(house);
  house.call('POST', `${session(first)}/subscription`);
  const second = begin(house, {
    appId: 'com.example.other',
    appContext: 'two',
    customData: 'x'.repeat(2000),
  });
  await house.clock.advance(10);
  expect(house.of('sessionError')[0]).toMatchObject({
    target: first,
    body: recorded('doc.event.sessionError.evicted'),
  });
  expect(house.call('POST', `${session(first)}/suspend`).status).toBe(410);
  house.call('POST', `${session(second)}/subscription`);
  house.cloud.world.playFavorite('Office', 'Lark One');
  await house.clock.advance(10);
  expect(house.of('sessionError')[1]).toMatchObject({
    target: second,
    body: { errorCode: 'ERROR_SESSION_EVICTED' },
  });
  const third = begin(house);
  house.call('POST', `${session(third)}/subscription`);
  house.cloud.world.evictSession('Office');
  await house.clock.advance(10);
  expect(house.of('sessionError')[2]).toMatchObject({ target: third });
});

test('sessions are joined by their own app, suspended, left, and go with their group', async () => {
  const house = createHouse();
  const join = (kind: string, app: object = APP) =>
    house.call('POST', `${house.group('Office')}/playbackSession/${kind}`, app);
  expect(join('join')).toMatchObject({ status: 499, body: { errorCode: 'ERROR_SESSION_JOIN_FAILED' } });
  expect(join('joinOrCreate').body).toMatchObject({ sessionCreated: true });
  expect(join('joinOrCreate').body).toMatchObject({ sessionCreated: false });
  expect(join('join', { ...APP, appContext: 'other' })).toMatchObject({
    status: 499,
    body: { errorCode: 'ERROR_SESSION_IN_PROGRESS' },
  });
  const id = z.string().parse(join('join').body.sessionId);
  house.call('POST', `${session(id)}/subscription`);
  await house.clock.advance(10);
  expect(house.call('POST', `${session(id)}/suspend`).status).toBe(200);
  house.call('POST', `${session(id)}/suspend`);
  await house.clock.advance(10);
  expect(house.of('sessionInfo').map(({ body }) => body.suspended)).toEqual([false, true]);
  house.call('POST', `${session(id)}/loadStreamUrl`, { streamUrl: 'http://radio.example.com/live.mp3' });
  house.call('POST', `${session(id)}/suspend`);
  house.cloud.world.play('Office');
  await house.clock.advance(1_000);
  expect(house.of('sessionInfo').map(({ body }) => body.suspended)).toEqual([
    false,
    true,
    false,
    true,
    false,
  ]);
  for (const [command, body] of [
    ['loadCloudQueue', { queueBaseUrl: 'https://a.example.com/v2.3/' }],
    ['refreshCloudQueue', {}],
    ['skipToItem', { itemId: '' }],
  ] as const) {
    expect(house.call('POST', `${session(id)}/${command}`, body)).toMatchObject({
      status: 499,
      body: { errorCode: 'ERROR_CLOUD_QUEUE_SERVER' },
    });
  }
  expect(house.call('POST', `${session(id)}/seek`, { itemId: 'x', positionMillis: 1 }).status).toBe(499);
  expect(
    house.call('POST', `${house.group('Office')}/playbackSession`, {
      appId: 'x'.repeat(127),
      appContext: 'é'.repeat(127),
    }).status,
  ).toBe(400);
  expect(house.call('DELETE', session(id)).status).toBe(200);
  const next = begin(house);
  house.call('POST', `${session(next)}/subscription`);
  house.cloud.world.group('Kitchen', 'Office');
  expect(house.call('POST', `${session(next)}/suspend`).status).toBe(410);
  expect(house.cloud.subscriptions().filter(({ target }) => target === next)).toEqual([]);
});

test('the home theatre switches to TV and keeps its options', () => {
  const house = createHouse();
  const path = `${house.player('Living Room')}/homeTheater`;
  expect(house.call('POST', `${path}/options`, { nightMode: true })).toMatchObject({
    status: 200,
    type: 'homeTheaterOptions',
    body: { nightMode: true, enhanceDialog: false },
  });
  house.call('POST', `${path}/options`, { enhanceDialog: true });
  expect(house.call('GET', `${path}/options`).body).toMatchObject(
    recorded('doc.response.homeTheaterOptions'),
  );
  expect(house.call('POST', path).body).toEqual({});
  expect(house.cloud.world.room('Living Room').source).toMatchObject({
    kind: 'tv',
    container: { htInputFormat: { streamDescription: 'Silence' } },
  });
  expect(house.call('POST', `${path}/tvPowerState`, { tvPowerState: 'ON' }).status).toBe(200);
  expect(house.cloud.world.room('Living Room').source).toMatchObject({
    container: { htInputFormat: { numGroundChannels: 5 } },
  });
  expect(house.call('POST', `${path}/tvPowerState`, {}).body.errorCode).toBe('ERROR_MISSING_PARAMETERS');
  expect(house.call('POST', `${house.player('Office')}/homeTheater`)).toMatchObject({
    status: 404,
    body: { errorCode: 'ERROR_UNSUPPORTED_NAMESPACE' },
  });
});

test('settings are read and set, and only some players have a fixed volume', () => {
  const house = createHouse();
  const path = (room: string) => `${house.player(room)}/settings/player`;
  expect(
    house.call('POST', path('Office'), { volumeScalingFactor: 0.6, monoMode: true, wifiDisable: false }),
  ).toMatchObject({ status: 200, body: {} });
  expect(house.call('GET', path('Office'))).toMatchObject({
    type: 'playerSettings',
    body: { volumeScalingFactor: 0.6, monoMode: true, volumeMode: 'VARIABLE', wifiDisable: false },
  });
  expect(house.call('POST', path('Office'), { volumeScalingFactor: 0 }).body.errorCode).toBe(
    'ERROR_INVALID_PARAMETER',
  );
  expect(house.call('POST', path('Office'), { volumeMode: 'FIXED' }).body.errorCode).toBe(
    'ERROR_INVALID_PARAMETER',
  );
  house.call('POST', path('Terrace'), { volumeMode: 'FIXED' });
  expect(house.cloud.world.room('Terrace')).toMatchObject({ fixed: true, volume: 100 });
  house.call('POST', path('Terrace'), { volumeMode: 'VARIABLE' });
  expect(house.cloud.world.room('Terrace').fixed).toBe(false);
});

test('what a person changes of them in the Sonos app is told to nobody, but that the volume is fixed', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  for (const room of ['Living Room', 'Terrace'])
    house.call('POST', `${house.player(room)}/playerVolume/subscription`);
  await house.clock.advance(10);
  const before = house.arrived.length;
  world.setTheaterOptions('Living Room', { nightMode: true });
  world.setUp('Living Room', { volumeScalingFactor: 0.4 });
  world.setUp('Terrace', { volumeScalingFactor: 0.5 });
  await house.clock.advance(10);
  expect(house.arrived).toHaveLength(before);
  expect(house.call('GET', `${house.player('Living Room')}/homeTheater/options`).body).toMatchObject({
    nightMode: true,
    enhanceDialog: false,
  });
  expect(house.call('GET', `${house.player('Living Room')}/settings/player`).body).toMatchObject({
    volumeScalingFactor: 0.4,
  });
  world.setUp('Terrace', { volumeMode: 'FIXED' });
  await house.clock.advance(10);
  expect(house.of('playerVolume').at(-1)?.body).toMatchObject({ fixed: true, volume: 100 });
  expect(house.call('POST', `${house.player('Terrace')}/playerVolume`, { volume: 5 })).toMatchObject({
    status: 499,
    body: { errorCode: 'ERROR_COMMAND_FAILED' },
  });
  // What passes through takes volumes and tells of them.
  world.setUp('Terrace', { volumeMode: 'PASS_THROUGH' });
  expect(house.call('POST', `${house.player('Terrace')}/playerVolume`, { volume: 5 }).status).toBe(200);
  await house.clock.advance(10);
  expect(house.of('playerVolume').at(-1)?.body).toMatchObject({ fixed: false, volume: 5 });
  expect(world.room('Terrace').settings).toMatchObject({
    volumeMode: 'PASS_THROUGH',
    volumeScalingFactor: 0.5,
  });
  expect(() => world.setTheaterOptions('Office', { nightMode: true })).toThrow('no TV');
  expect(() => world.setUp('Office', { volumeMode: 'FIXED' })).toThrow('volumeMode');
});

test('a speaker of the first generation does not know settings, home theatres and clips', () => {
  const spec = livingHousehold();
  const house = createHouse({
    households: [{ ...spec, players: [...spec.players, { name: 'Attic', model: 'play-1-s1' }] }],
  });
  for (const [method, path] of [
    ['GET', 'settings/player'],
    ['POST', 'settings/player'],
    ['GET', 'homeTheater/options'],
    ['POST', 'homeTheater'],
    ['POST', 'audioClip'],
  ] as const) {
    expect(house.call(method, `${house.player('Attic')}/${path}`, {})).toMatchObject({
      status: 404,
      body: { errorCode: 'ERROR_UNSUPPORTED_NAMESPACE' },
    });
  }
  expect(house.call('GET', `${house.player('Attic')}/playerVolume`).status).toBe(200);
});

test('a house that cannot be is not built', () => {
  const one = livingHousehold();
  const build = (change: object) => () => createHouse({ households: [{ ...one, ...change }] });
  expect(build({ players: [{ name: 'A', model: 'gramophone' }], groups: [] })).toThrow(
    'No such speaker: gramophone',
  );
  expect(build({ players: [{ name: 'A', fixed: true }], groups: [] })).toThrow('cannot have a fixed volume');
  expect(build({ groups: [['Cellar']] })).toThrow('no room called Cellar');
  expect(build({ groups: [[]] })).not.toThrow();
});
