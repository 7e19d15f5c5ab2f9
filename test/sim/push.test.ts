import { expect, test } from 'vitest';
import { z } from 'zod';
import { sign } from '../../src/sim/index.ts';
import { createHouse, type House, recorded } from './house.ts';

const KEY = '00000000-aaaa-bbbb-cccc-000000000000';
const SECRET = '11111111-dddd-eeee-ffff-111111111111';

test.each([
  [
    'event-seq-id',
    'namespace',
    'type',
    'target-type',
    'target-value',
    'sonos',
    'secret',
    'n9V0MCdGYaOPy_dJb_nUPqw5dHiBSd_g0NOQTe4IaVI',
  ],
  [
    '1234',
    'groupVolume',
    'groupVolume',
    'groupId',
    'RINCON_00012345678001400:0',
    KEY,
    SECRET,
    '3ZIhybrLRS4toiKOuhrcbMwRSqA0v_nt7QDtJ-AFrSw',
  ],
  [
    '98',
    'playbackMetadata',
    'metadataStatus',
    'groupId',
    'RINCON_A0B0C000222201400:620674909',
    KEY,
    SECRET,
    'ibkHpXQPu4_C3oUpcHraMqv3f53U-3u10DViO8wsjlQ',
  ],
  [
    '7',
    'groups',
    'groups',
    'householdId',
    'Sonos_Example01Household.Example01Location',
    KEY,
    SECRET,
    'YP3aDnX5ZzMKcQucSsFqlzVzNG2F27Nw9Y9bxgfNUAc',
  ],
])(
  'signs event %s of %s as the documented vectors say',
  (sequence, namespace, type, targetType, target, key, secret, signature) => {
    expect(sign({ sequence, namespace, type, targetType, target }, key, secret)).toBe(signature);
  },
);

/** The Kitchen's own volume, subscribed, its snapshot out of the way. */
async function listening(options: Parameters<typeof createHouse>[0] = {}): Promise<House> {
  const house = createHouse(options);
  house.call('POST', `${house.player('Kitchen')}/playerVolume/subscription`);
  await house.clock.advance(10_000);
  house.arrived.length = 0;
  return house;
}

test('an event carries the headers of the documented envelope and the signature over them', async () => {
  const house = await listening();
  house.cloud.world.setVolume('Kitchen', 33);
  await house.clock.advance(0);
  const [event] = house.arrived;
  const sample = z
    .object({ headers: z.record(z.string(), z.string()) })
    .parse(recorded('doc.event-envelope.groupVolume'));
  expect(Object.keys(event?.headers ?? {}).sort()).toEqual(Object.keys(sample.headers).sort());
  expect(event?.headers).toMatchObject({
    'X-Sonos-Household-Id': house.cloud.world.household().id,
    'X-Sonos-Namespace': 'playerVolume',
    'X-Sonos-Type': 'playerVolume',
    'X-Sonos-Target-Type': 'playerId',
    'X-Sonos-Target-Value': house.cloud.world.room('Kitchen').id,
    'X-Sonos-Event-Seq-Id': '2',
  });
  const { sequence, target } = { sequence: '2', target: house.cloud.world.room('Kitchen').id };
  const parts = { sequence, namespace: 'playerVolume', type: 'playerVolume', targetType: 'playerId', target };
  expect(event?.headers['X-Sonos-Event-Signature']).toBe(sign(parts, KEY, SECRET));
  expect(event?.body).toEqual({ _objectType: 'playerVolume', volume: 33, muted: false, fixed: false });
});

test('sequence numbers grow for each target, and go on over a new subscription', async () => {
  const house = await listening();
  house.cloud.world.setVolume('Kitchen', 1);
  house.call('DELETE', `${house.player('Kitchen')}/playerVolume/subscription`);
  house.call('POST', `${house.player('Kitchen')}/playerVolume/subscription`);
  house.call('POST', `${house.player('Office')}/playerVolume/subscription`);
  await house.clock.advance(0);
  const of = (room: string) =>
    house.arrived.filter(({ target }) => target === house.cloud.world.room(room).id);
  expect(of('Kitchen').map(({ sequence }) => sequence)).toEqual([2, 3]);
  expect(of('Office').map(({ sequence }) => sequence)).toEqual([1]);
  house.cloud.resetSequences();
  house.cloud.world.setVolume('Kitchen', 2);
  await house.clock.advance(0);
  expect(of('Kitchen').at(-1)?.sequence).toBe(1);
});

test('a failed delivery is repeated once a second, three times, and then lost for good', async () => {
  const house = await listening();
  house.answers = () => 500;
  house.cloud.world.setVolume('Kitchen', 33);
  const start = house.clock.elapsed();
  await house.clock.advance(60_000);
  expect(house.arrived.map(({ at }) => at - start)).toEqual([0, 1000, 2000, 3000]);
  expect(new Set(house.arrived.map(({ headers }) => headers['X-Sonos-Event-Seq-Id'])).size).toBe(1);
  expect(house.cloud.pushCounts()).toMatchObject({ lost: 1, retried: 3 });
  house.answers = () => 200;
  await house.clock.advance(60_000);
  expect(house.arrived).toHaveLength(4);
});

test('an answer that does not come within a second counts as none', async () => {
  const house = await listening();
  house.answers = (attempt) => (attempt === 2 ? null : 200);
  house.cloud.world.setVolume('Kitchen', 33);
  const start = house.clock.elapsed();
  await house.clock.advance(10_000);
  expect(house.arrived.map(({ at }) => at - start)).toEqual([0, 2000]);
  expect(house.cloud.pushCounts()).toMatchObject({ delivered: 2, lost: 0 });
});

test('a callback that says 403 is posted to no more for that target', async () => {
  const house = await listening();
  house.answers = () => 403;
  house.cloud.world.setVolume('Kitchen', 33);
  await house.clock.advance(10_000);
  house.cloud.world.setVolume('Kitchen', 34);
  await house.clock.advance(10_000);
  expect(house.arrived).toHaveLength(1);
  expect(house.cloud.subscriptions()).toEqual([]);
});

test('events of one target wait for each other, those of another do not', async () => {
  const house = await listening();
  house.call('POST', `${house.player('Office')}/playerVolume/subscription`);
  await house.clock.advance(0);
  house.arrived.length = 0;
  house.answers = (attempt) => (attempt === 3 ? 500 : 200);
  house.cloud.world.setVolume('Kitchen', 1);
  house.cloud.world.setVolume('Kitchen', 2);
  house.cloud.world.setVolume('Office', 3);
  await house.clock.advance(10_000);
  expect(house.arrived.map(({ body }) => body.volume)).toEqual([1, 3, 1, 2]);
});

test('delivery can be late, doubled, overtaken, altered, dropped or off', async () => {
  const house = await listening();
  const { knobs, world } = house.cloud;
  const volumes = async (change: () => void): Promise<unknown[]> => {
    house.arrived.length = 0;
    change();
    await house.clock.advance(20_000);
    return house.arrived.map(({ body }) => body.volume);
  };
  const start = house.clock.elapsed();
  knobs.deliveryDelayMs = [700, 700];
  expect(await volumes(() => world.setVolume('Kitchen', 1))).toEqual([1]);
  expect(house.arrived[0]?.at).toBe(start + 700);
  knobs.deliveryDelayMs = [0, 0];
  knobs.duplicateRate = 1;
  expect(await volumes(() => world.setVolume('Kitchen', 2))).toEqual([2, 2]);
  expect(house.arrived[0]?.sequence).toBe(house.arrived[1]?.sequence);
  knobs.duplicateRate = 0;
  knobs.reorderRate = 1;
  const overtaken = await volumes(() => {
    world.setVolume('Kitchen', 3);
    knobs.reorderRate = 0;
    world.setVolume('Kitchen', 4);
  });
  expect(overtaken).toEqual([4, 3]);
  knobs.corruptRate = 1;
  await volumes(() => world.setVolume('Kitchen', 5));
  expect(() => JSON.parse(house.arrived[0]?.text ?? '{}')).toThrow(SyntaxError);
  knobs.corruptRate = 0;
  knobs.dropRate = 1;
  expect(await volumes(() => world.setVolume('Kitchen', 6))).toEqual([]);
  knobs.dropRate = 0;
  knobs.deliver = false;
  expect(await volumes(() => world.setVolume('Kitchen', 7))).toEqual([]);
  knobs.deliver = true;
  expect(await volumes(() => world.setVolume('Kitchen', 8))).toEqual([8]);
});

test('one can wait until nothing is on its way', async () => {
  const house = await listening();
  house.cloud.knobs.deliveryDelayMs = [500, 500];
  house.cloud.world.setVolume('Kitchen', 1);
  let quiet = false;
  const waiting = house.cloud.delivered().then(() => {
    quiet = true;
  });
  await house.clock.advance(400);
  expect(quiet).toBe(false);
  await house.clock.advance(200);
  await waiting;
  expect(house.arrived).toHaveLength(1);
});

test('older bodies carry no object types', async () => {
  const house = await listening();
  house.cloud.knobs.objectTypes = false;
  house.cloud.world.setVolume('Kitchen', 33);
  await house.clock.advance(0);
  expect(house.arrived[0]?.body).toEqual({ volume: 33, muted: false, fixed: false });
  const { body } = house.call('GET', `${house.household()}/groups`);
  expect(JSON.stringify(body)).not.toContain('_objectType');
});
