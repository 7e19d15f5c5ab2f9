import { expect, test } from 'vitest';
import { z } from 'zod';
import { createHouse, type House, recorded, shape } from './house.ts';

const info = z.object({
  group: z.object({
    id: z.string(),
    coordinatorId: z.string(),
    playerIds: z.array(z.string()),
    name: z.string(),
  }),
});

const metadataOf = (house: House, room: string) =>
  house.call('GET', `${house.group(room)}/playbackMetadata`).body;

const ids = (house: House, ...rooms: string[]) => rooms.map((room) => house.cloud.world.room(room).id);

test('the groups answer and the groups event have the fields of recorded ones', async () => {
  const house = createHouse();
  house.call('POST', `${house.household()}/groups/subscription`);
  await house.clock.advance(10);
  const answer = house.call('GET', `${house.household()}/groups?includeDeviceInfo=true`);
  expect(answer.type).toBe('groups');
  const known = (body: unknown) => shape(body).filter((path) => !path.includes('zoneId'));
  expect(known(answer.body)).toEqual(
    expect.arrayContaining(known(recorded('response.groups.s2-four-rooms'))),
  );
  const event = house.of('groups')[0]?.body;
  expect(known(event)).toEqual(expect.arrayContaining(known(recorded('event.groups.s2-four-rooms'))));
  expect(JSON.stringify(event)).not.toContain('playbackState');
  expect(JSON.stringify(answer.body)).toContain('playbackState');
  expect(JSON.stringify(house.call('GET', `${house.household()}/groups`).body)).not.toContain('"devices"');
});

test('answer and event order groups, players and members differently', async () => {
  const house = createHouse();
  house.call('POST', `${house.household()}/groups/subscription`);
  await house.clock.advance(10);
  const lists = z.object({
    groups: z.array(z.object({ id: z.string(), playerIds: z.array(z.string()) })),
    players: z.array(z.object({ id: z.string() })),
  });
  const answer = lists.parse(house.call('GET', `${house.household()}/groups`).body);
  const event = lists.parse(house.of('groups')[0]?.body);
  expect(event.players).toEqual([...answer.players].reverse());
  expect(event.groups.map(({ id }) => id)).toEqual(answer.groups.map(({ id }) => id).reverse());
  const kitchen = house.cloud.world.room('Kitchen').groupId;
  const members = (from: typeof answer) => from.groups.find(({ id }) => id === kitchen)?.playerIds;
  expect(members(answer)).toEqual(ids(house, 'Bathroom', 'Kitchen'));
  expect(members(event)).toEqual(ids(house, 'Kitchen', 'Bathroom'));
});

test('a coordinator keeps its group id, who joins gives its group up, who leaves gets a new one', () => {
  const house = createHouse();
  const { world } = house.cloud;
  const [kitchen, office, bathroom] = ['Kitchen', 'Office', 'Bathroom'].map(
    (room) => world.room(room).groupId,
  );
  expect(bathroom).toBe(kitchen);
  const answer = house.call('POST', `${house.group('Kitchen')}/groups/modifyGroupMembers`, {
    playerIdsToAdd: ids(house, 'Office'),
    playerIdsToRemove: [...ids(house, 'Bathroom'), 'RINCON_NOBODY'],
  });
  expect(answer).toMatchObject({ status: 200, type: 'groupInfo' });
  expect(info.parse(answer.body).group).toMatchObject({
    id: kitchen,
    name: 'Kitchen + 1',
    playerIds: ids(house, 'Kitchen', 'Office'),
  });
  expect(shape(answer.body).sort()).toEqual(
    expect.arrayContaining(
      shape(recorded('doc.response.groupInfo.createGroup')).filter((path) => !path.includes('[]')),
    ),
  );
  expect(house.call('GET', `/groups/${office}/playback`).status).toBe(410);
  expect(world.room('Bathroom').groupId).not.toBe(kitchen);
  expect(world.room('Bathroom').groupId).toMatch(new RegExp(`^${world.room('Bathroom').id}:\\d+$`));
});

test('an empty modify changes nothing and says nothing', async () => {
  const house = createHouse();
  house.call('POST', `${house.household()}/groups/subscription`);
  await house.clock.advance(10);
  const body = { playerIdsToAdd: [], playerIdsToRemove: [] };
  expect(house.call('POST', `${house.group('Kitchen')}/groups/modifyGroupMembers`, body).status).toBe(200);
  await house.clock.advance(10);
  expect(house.of('groups')).toHaveLength(1);
});

test('when the coordinator leaves, the music goes on with the others and the room that left is idle', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  world.playFavorite('Kitchen', 'Morning Coffee');
  await house.clock.advance(1000);
  world.ungroup('Kitchen');
  expect(world.room('Bathroom')).toMatchObject({
    state: 'PLAYBACK_STATE_PLAYING',
    track: { name: 'Kettle Song' },
    coordinator: 'Bathroom',
  });
  expect(world.room('Kitchen')).toMatchObject({ state: 'PLAYBACK_STATE_IDLE', source: null });
  const metadata = house.call('GET', `${house.group('Kitchen')}/playbackMetadata`).body;
  expect(metadata).toMatchObject({ container: { name: 'Kitchen', type: 'item' } });
  expect(metadata).not.toHaveProperty('currentItem');
});

test('createGroup makes a silent group with a new id; with music context it takes the music', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  const create = (body: unknown) => house.call('POST', `${house.household()}/groups/createGroup`, body);
  world.playFavorite('Office', 'Lark One');
  await house.clock.advance(1000);
  const before = world.room('Bedroom').groupId;
  const silent = info.parse(create({ playerIds: ids(house, 'Bedroom', 'Terrace') }).body).group;
  expect(silent.id).not.toBe(before);
  expect(world.room('Terrace')).toMatchObject({ groupId: silent.id, state: 'PLAYBACK_STATE_IDLE' });

  const taken = info.parse(
    create({ playerIds: ids(house, 'Bedroom'), musicContextGroupId: world.room('Office').groupId }).body,
  ).group;
  expect(world.room('Bedroom')).toMatchObject({
    groupId: taken.id,
    state: 'PLAYBACK_STATE_PLAYING',
    source: { container: { name: 'Lark One' } },
  });
  expect(world.room('Office')).toMatchObject({ state: 'PLAYBACK_STATE_IDLE', source: null });

  const extended = info.parse(
    create({ playerIds: ids(house, 'Bedroom', 'Office'), musicContextGroupId: taken.id }).body,
  ).group;
  expect(extended.id).toBe(taken.id);
  expect(world.room('Office').state).toBe('PLAYBACK_STATE_PLAYING');
});

test('createGroup may extend the group that is there', () => {
  const house = createHouse({ knobs: { createGroupExtends: true } });
  const { world } = house.cloud;
  const own = world.room('Office').groupId;
  const answer = house.call('POST', `${house.household()}/groups/createGroup`, {
    playerIds: ids(house, 'Office', 'Terrace'),
  });
  expect(info.parse(answer.body).group.id).toBe(own);
  expect(world.room('Terrace').groupId).toBe(own);
});

test('setGroupMembers makes the group exactly these rooms', () => {
  const house = createHouse();
  const { world } = house.cloud;
  house.call('POST', `${house.group('Kitchen')}/groups/setGroupMembers`, {
    playerIds: ids(house, 'Kitchen', 'Terrace'),
  });
  expect(world.room('Kitchen').members).toEqual(['Kitchen', 'Terrace']);
  expect(world.room('Bathroom').members).toEqual(['Bathroom']);
});

test('ids that name no room are refused and named', () => {
  const house = createHouse();
  const refused = {
    status: 400,
    type: 'globalError',
    body: { errorCode: 'ERROR_INVALID_PARAMETER', playerIds: ['RINCON_NOBODY'] },
  };
  const playerIds = [...ids(house, 'Office'), 'RINCON_NOBODY'];
  expect(house.call('POST', `${house.household()}/groups/createGroup`, { playerIds })).toMatchObject(refused);
  expect(house.call('POST', `${house.group('Kitchen')}/groups/setGroupMembers`, { playerIds })).toMatchObject(
    refused,
  );
  const body = { playerIdsToAdd: playerIds, playerIdsToRemove: [] };
  expect(house.call('POST', `${house.group('Kitchen')}/groups/modifyGroupMembers`, body)).toMatchObject(
    refused,
  );
  const none = { status: 400, body: { errorCode: 'ERROR_INVALID_PARAMETER' } };
  expect(house.call('POST', `${house.household()}/groups/createGroup`, { playerIds: [] })).toMatchObject(
    none,
  );
  expect(
    house.call('POST', `${house.group('Kitchen')}/groups/setGroupMembers`, { playerIds: [] }),
  ).toMatchObject(none);
  const unknown = { playerIds: ids(house, 'Office'), musicContextGroupId: 'RINCON_A:1' };
  expect(house.call('POST', `${house.household()}/groups/createGroup`, unknown)).toMatchObject(none);
  expect(house.cloud.world.room('Office').members).toEqual(['Office']);
});

test('removing everyone leaves the last one its group', () => {
  const house = createHouse();
  const { world } = house.cloud;
  const { groupId } = world.room('Kitchen');
  const body = { playerIdsToAdd: [], playerIdsToRemove: ids(house, 'Kitchen', 'Bathroom') };
  house.call('POST', `${house.group('Kitchen')}/groups/modifyGroupMembers`, body);
  expect(world.room('Bathroom').groupId).toBe(groupId);
  expect(world.room('Kitchen').members).toEqual(['Kitchen']);
});

test('an unplugged room leaves the lists, and its group goes on in silence when it led', async () => {
  const house = createHouse();
  const { world } = house.cloud;
  const { groupId } = world.room('Kitchen');
  world.playFavorite('Kitchen', 'Morning Coffee');
  await house.clock.advance(1000);
  world.unplug('Kitchen');
  world.unplug('Kitchen');
  expect(world.room('Kitchen')).toMatchObject({ online: false, groupId: null, state: null });
  expect(world.room('Bathroom')).toMatchObject({ groupId, state: 'PLAYBACK_STATE_IDLE', source: null });
  const listed = JSON.stringify(house.call('GET', `${house.household()}/groups`).body.players);
  expect(listed).toContain(world.room('Bathroom').id);
  expect(listed).not.toContain(world.room('Kitchen').id);
  expect(house.call('GET', `${house.player('Kitchen')}/playerVolume`)).toMatchObject({
    status: 410,
    body: { errorCode: 'ERROR_RESOURCE_GONE' },
  });
  expect(() => world.play('Kitchen')).toThrow('unplugged');
  expect(metadataOf(house, 'Bathroom')).toMatchObject({ container: { name: 'Bathroom', type: 'item' } });
  world.plugIn('Kitchen');
  world.plugIn('Kitchen');
  expect(world.room('Kitchen')).toMatchObject({ online: true, members: ['Kitchen'] });
});

test('a partial list says so and leaves rooms out', () => {
  const house = createHouse({ knobs: { partialGroups: true } });
  const { body } = house.call('GET', `${house.household()}/groups`);
  expect(body.partial).toBe(true);
  expect(JSON.stringify(body)).not.toContain('Terrace');
});

test('a dead group is answered in each of the three ways', () => {
  const house = createHouse();
  const { world } = house.cloud;
  const path = `${house.group('Office')}/playback/play`;
  world.group('Kitchen', 'Office');
  expect(house.call('POST', path)).toMatchObject({
    status: 410,
    body: recorded('cloud.error.410.resource-gone'),
  });
  house.cloud.knobs.deadGroupStatus = 404;
  expect(house.call('POST', path)).toMatchObject({
    status: 404,
    type: 'groupCoordinatorChanged',
    body: recorded('error.groupCoordinatorChanged.gone'),
  });
  house.cloud.knobs.deadGroupStatus = 499;
  expect(house.call('POST', path)).toMatchObject({
    status: 499,
    body: { groupStatus: 'GROUP_STATUS_MOVED', playerId: world.room('Kitchen').id },
  });
});

test('new software is told with the groups, and is asked for with the devices', async () => {
  const house = createHouse();
  house.call('POST', `${house.household()}/groups/subscription`);
  await house.clock.advance(10);
  house.cloud.world.update('Kitchen', '97.0-1');
  await house.clock.advance(10);
  const versions = (body: unknown) => JSON.stringify(body).match(/"softwareVersion":"97.0-1"/g)?.length;
  expect(versions(house.of('groups').at(-1)?.body)).toBe(2);
  expect(versions(house.call('GET', `${house.household()}/groups`).body)).toBe(1);
  expect(versions(house.call('GET', `${house.household()}/groups?includeDeviceInfo=true`).body)).toBe(2);
});

test('a renamed room is told, and its group with it', async () => {
  const house = createHouse();
  house.call('POST', `${house.household()}/groups/subscription`);
  house.call('POST', `${house.group('Kitchen')}/playback/subscription`);
  await house.clock.advance(10);
  house.cloud.world.rename('Kitchen', 'Galley');
  house.cloud.world.rename('Bathroom', 'Bath');
  await house.clock.advance(10);
  expect(house.of('groupCoordinatorChanged').map(({ body }) => body.groupName)).toEqual(['Galley + 1']);
  expect(JSON.stringify(house.of('groups').at(-1)?.body)).toContain('"Bath"');
});
