import { expect, test } from 'vitest';
import { z } from 'zod';
import type { FetchClip } from '../../src/sim/clip.ts';
import { livingHousehold } from '../../src/sim/index.ts';
import { createHouse, type House } from './house.ts';
import { wav } from './sounds.ts';

const groupsSchema = z.object({
  players: z.array(
    z.object({
      name: z.string(),
      deviceIds: z.array(z.string()),
      zoneInfo: z.object({
        members: z.array(z.object({ id: z.string(), channelMap: z.array(z.string()) })),
      }),
      devices: z.array(
        z.object({ id: z.string(), model: z.string(), primaryDeviceId: z.string().optional() }),
      ),
    }),
  ),
});

const boxes = (house: House, room: string) => house.cloud.world.find(room).player.deviceIds;
const load = (house: House, id: string | undefined, more: object = {}) =>
  house.call('POST', `/players/${id}/audioClip`, { name: 'a', appId: 'b', ...more });
const heard = (house: House) => house.cloud.heard.map(({ deviceId, outcome }) => [deviceId, outcome]);

test('the household has a stereo pair and a home theatre, told box by box', () => {
  const house = createHouse();
  const body = house.call('GET', `${house.household()}/groups?includeDeviceInfo=true`).body;
  const { players } = groupsSchema.parse(body);
  const channels = Object.fromEntries(
    players.map(({ name, zoneInfo }) => [name, zoneInfo.members.map(({ channelMap }) => channelMap)]),
  );
  expect(channels).toEqual({
    Kitchen: [[]],
    'Living Room': [['LF', 'RF'], ['LR'], ['RR'], ['SW']],
    Bedroom: [['LF'], ['RF']],
    Bathroom: [[]],
    Office: [[]],
    Terrace: [[]],
  });
  const theatre = players.find(({ name }) => name === 'Living Room');
  const [primary] = theatre?.deviceIds ?? [];
  expect(theatre?.zoneInfo.members.map(({ id }) => id)).toEqual(theatre?.deviceIds);
  expect(theatre?.devices.map(({ id }) => id)).toEqual(theatre?.deviceIds);
  expect(theatre?.devices.map(({ model, primaryDeviceId }) => [model, primaryDeviceId])).toEqual([
    ['S19', undefined],
    ['S22', primary],
    ['S22', primary],
    ['S36', primary],
  ]);
  expect(new Set(players.flatMap(({ deviceIds }) => deviceIds)).size).toBe(10);
});

test('a clip for a single box plays on that box alone, beside what the others play', async () => {
  const house = createHouse();
  const [left, right] = boxes(house, 'Bedroom');
  const said: string[] = [];
  house.cloud.world.listen({ says: ({ target }) => said.push(target), lost: () => undefined });
  house.call('POST', `${house.player('Bedroom')}/audioClip/subscription`);
  await house.clock.advance(10);
  house.arrived.length = 0;
  const onRight = load(house, right, { priority: 'HIGH' }).body.id;
  const onLeft = load(house, left).body.id;
  expect(heard(house)).toEqual([
    [right, null],
    [left, null],
  ]);
  // Each box knows its own clips only.
  expect(house.call('DELETE', `/players/${left}/audioClip/${onRight}`).status).toBe(499);
  expect(house.call('DELETE', `/players/${right}/audioClip/${onRight}`)).toMatchObject({
    status: 200,
    body: {},
  });
  await house.clock.advance(2000);
  expect(heard(house)).toEqual([
    [right, 'DISMISSED'],
    [left, 'DONE'],
  ]);
  // Events tell of the primary box.
  expect(new Set(said)).toEqual(new Set([left]));
  const told = house.of('audioClipStatus');
  expect(told.map(({ target, body }) => [target, JSON.stringify(body).includes(String(onRight))])).toEqual([
    [left, false],
    [left, false],
  ]);
  expect(told.at(-1)?.body).toMatchObject({ audioClips: [{ id: onLeft, status: 'DONE' }] });
  expect(house.cloud.world.room('Bedroom').clips.map(({ id }) => id)).toEqual([onLeft]);
});

test('all boxes of a home theatre fetch for themselves, as what they are', () => {
  const agents: (string | undefined)[] = [];
  const fetchClip: FetchClip = (_url, headers, download) => {
    agents.push(headers['User-Agent']?.replace(/.*\(/, ''));
    download.came(wav(1));
    download.ended(true);
    return () => undefined;
  };
  const house = createHouse({ fetchClip, knobs: { fetchClips: true } });
  for (const box of boxes(house, 'Living Room')) load(house, box, { streamUrl: 'http://192.0.2.9/a.wav' });
  expect(agents).toEqual(['ZPS19)', 'ZPS22)', 'ZPS22)', 'ZPS36)']);
  expect(heard(house)).toEqual(boxes(house, 'Living Room').map((id) => [id, null]));
  // Button, failure and plug mean them all.
  house.cloud.world.dismissClip('Living Room');
  expect(heard(house).map(([, outcome]) => outcome)).toEqual(Array(4).fill('DISMISSED'));
  for (const box of boxes(house, 'Living Room')) load(house, box);
  house.cloud.world.unplug('Living Room');
  expect(heard(house).slice(4)).toEqual(boxes(house, 'Living Room').map((id) => [id, 'UNPLUGGED']));
  expect(load(house, boxes(house, 'Living Room')[1]).status).toBe(410);
});

test('a single box has nothing but clips: no subscription, no volume', () => {
  const house = createHouse();
  const box = boxes(house, 'Bedroom')[1];
  const before = house.cloud.subscriptions().length;
  const refused = { status: 400, body: { errorCode: 'ERROR_INVALID_OBJECT_ID' } };
  expect(house.call('POST', `/players/${box}/audioClip/subscription`)).toMatchObject(refused);
  expect(house.call('GET', `/players/${box}/playerVolume`)).toMatchObject(refused);
  expect(house.cloud.subscriptions()).toHaveLength(before);
});

test('what ails the clips of a room ails all its boxes', () => {
  const house = createHouse();
  house.cloud.world.refuseClips('Bedroom');
  for (const box of boxes(house, 'Bedroom')) expect(load(house, box).status).toBe(499);
});

test('a household that cannot be built is refused', () => {
  const build = (player: object) => () =>
    createHouse({
      households: [{ ...livingHousehold(), groups: [], players: [{ name: 'Den', ...player }] }],
    });
  expect(build({ bonded: [{ model: 'gramophone', channels: ['RF'] }] })).toThrow(
    'No such speaker: gramophone',
  );
  expect(build({ model: 'one', fixed: true })).toThrow('cannot have a fixed volume');
});
