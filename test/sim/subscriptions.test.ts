import { expect, test } from 'vitest';
import { createHouse, recorded } from './house.ts';

const DAY_MS = 86_400_000;

test('every namespace tells its state at once, and again on renewal', async () => {
  const house = createHouse();
  const { call, cloud } = house;
  const paths = [
    ...['groups', 'favorites', 'playlists'].map((name) => `${house.household()}/${name}`),
    ...['playback', 'playbackMetadata', 'groupVolume'].map((name) => `${house.group('Kitchen')}/${name}`),
    ...['playerVolume', 'audioClip'].map((name) => `${house.player('Kitchen')}/${name}`),
  ];
  for (const path of paths)
    expect(call('POST', `${path}/subscription`)).toMatchObject({ status: 200, type: 'none', body: {} });
  await house.clock.advance(10);
  expect(
    house.arrived.map(({ namespace, type, headers }) => [namespace, type, headers['X-Sonos-Target-Type']]),
  ).toEqual([
    ['groups', 'groups', 'householdId'],
    ['favorites', 'versionChanged', 'householdId'],
    ['playlists', 'versionChanged', 'householdId'],
    ['playback', 'playbackStatus', 'groupId'],
    ['playbackMetadata', 'metadataStatus', 'groupId'],
    ['groupVolume', 'groupVolume', 'groupId'],
    ['playerVolume', 'playerVolume', 'playerId'],
    ['audioClip', 'audioClipStatus', 'playerId'],
  ]);
  call('POST', `${house.household()}/groups/subscription`);
  await house.clock.advance(10);
  expect(house.of('groups')).toHaveLength(2);
  expect(cloud.subscriptions()).toHaveLength(8);
  expect(cloud.subscriptions()[0]).toMatchObject({ namespace: 'groups', renewals: 1 });
  cloud.knobs.snapshotOnSubscribe = false;
  call('POST', `${house.household()}/groups/subscription`);
  await house.clock.advance(10);
  expect(house.of('groups')).toHaveLength(2);
});

test('a subscription lapses after three days, and a renewal gives it three more', async () => {
  const house = createHouse();
  const path = `${house.player('Kitchen')}/playerVolume/subscription`;
  house.cloud.knobs.accessTokenSeconds = 30 * 86_400;
  const token = house.cloud.grantTokens().accessToken;
  house.call('POST', path, undefined, { token });
  await house.clock.advance(2 * DAY_MS);
  house.call('POST', path, undefined, { token });
  await house.clock.advance(3 * DAY_MS - 1);
  expect(house.cloud.subscriptions()).toHaveLength(1);
  house.arrived.length = 0;
  await house.clock.advance(1);
  house.cloud.world.setVolume('Kitchen', 5);
  await house.clock.advance(10);
  expect(house.arrived).toEqual([]);
  expect(house.cloud.subscriptions()).toEqual([]);
});

test('DELETE ends it, a power cut ends all, and nobody is told', async () => {
  const house = createHouse();
  const path = `${house.player('Kitchen')}/playerVolume/subscription`;
  house.call('POST', path);
  house.call('POST', `${house.household()}/groups/subscription`);
  expect(house.call('DELETE', path)).toMatchObject({ status: 200, body: {} });
  expect(house.cloud.subscriptions()).toMatchObject([{ namespace: 'groups' }]);
  house.cloud.wipeSubscriptions();
  await house.clock.advance(10);
  house.cloud.world.setVolume('Kitchen', 5);
  house.cloud.world.rename('Kitchen', 'Galley');
  await house.clock.advance(10);
  expect(house.arrived).toEqual([]);
});

test('without a registered callback nobody can subscribe', () => {
  const house = createHouse();
  house.cloud.registerCallback(null);
  const answer = house.call('POST', `${house.household()}/groups/subscription`);
  expect(answer).toMatchObject({
    status: 403,
    type: 'globalError',
    body: { errorCode: 'ERROR_NO_PERMISSION' },
  });
});

test('only the namespaces that can be subscribed are', () => {
  const house = createHouse();
  expect(house.call('POST', `${house.player('Living Room')}/settings/subscription`)).toMatchObject({
    status: 404,
    body: { errorCode: 'ERROR_UNSUPPORTED_COMMAND' },
  });
  expect(house.call('POST', `${house.household()}/bogus/subscription`)).toMatchObject({
    status: 404,
    body: { errorCode: 'ERROR_UNSUPPORTED_NAMESPACE', reason: 'v1:bogus:1 namespace is not supported.' },
  });
});

test('a group that ends tells its subscribers and takes their subscriptions with it', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  const gone = world.room('Office').groupId;
  house.call('POST', `${house.group('Office')}/playback/subscription`);
  house.call('POST', `${house.group('Kitchen')}/groupVolume/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
  world.group('Kitchen', 'Office');
  await house.clock.advance(10);
  const fates = house
    .of('groupCoordinatorChanged')
    .map(({ namespace, target, body }) => [namespace, target, body.groupStatus]);
  expect(fates).toContainEqual(['global', gone, 'GROUP_STATUS_GONE']);
  expect(fates).toContainEqual(['global', world.room('Kitchen').groupId, 'GROUP_STATUS_UPDATED']);
  expect(house.cloud.subscriptions()).toMatchObject([
    { namespace: 'groupVolume', target: world.room('Kitchen').groupId },
  ]);
});

test('a group that gets another coordinator keeps its id and loses its subscriptions', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  const before = world.room('Kitchen').groupId;
  house.call('POST', `${house.group('Kitchen')}/playback/subscription`);
  await house.clock.advance(10);
  world.ungroup('Kitchen');
  await house.clock.advance(10);
  expect(world.room('Bathroom').groupId).toBe(before);
  expect(house.of('groupCoordinatorChanged').at(-1)).toMatchObject({
    target: before,
    body: { groupStatus: 'GROUP_STATUS_MOVED', groupName: 'Bathroom', playerId: world.room('Bathroom').id },
  });
  expect(Object.keys(house.of('groupCoordinatorChanged').at(-1)?.body ?? {}).sort()).toEqual(
    Object.keys(recorded('error.groupCoordinatorChanged.moved')).sort(),
  );
  expect(house.cloud.subscriptions()).toEqual([]);
});

test('a player that shuts down loses its subscriptions unless it is back within half a minute', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  house.call('POST', `${house.player('Office')}/playerVolume/subscription`);
  world.unplug('Office');
  await house.clock.advance(20_000);
  world.plugIn('Office');
  await house.clock.advance(60_000);
  expect(house.cloud.subscriptions()).toHaveLength(1);
  world.unplug('Office');
  await house.clock.advance(29_999);
  expect(house.cloud.subscriptions()).toHaveLength(1);
  await house.clock.advance(1);
  expect(house.cloud.subscriptions()).toEqual([]);
});
