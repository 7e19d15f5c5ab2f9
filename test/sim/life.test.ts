import { expect, test } from 'vitest';
import { createChance } from '../../src/sim/random.ts';
import { createHouse } from './house.ts';

async function anHour(seed: number): Promise<string[]> {
  const house = createHouse({ seed });
  const { cloud } = house;
  const told: string[] = [];
  cloud.world.listen({
    says: ({ type, target }) => told.push(`${house.clock.elapsed()} ${type} ${target}`),
    lost: () => undefined,
  });
  cloud.life.start();
  cloud.life.start();
  await house.clock.advance(3_600_000);
  cloud.life.stop();
  const rooms = cloud.world.rooms();
  expect(rooms).toHaveLength(6);
  for (const { groupId, members, name } of rooms) {
    expect(groupId).not.toBeNull();
    expect(members).toContain(name);
  }
  expect(rooms.every(({ volume }) => volume >= 0 && volume <= 100)).toBe(true);
  cloud.stop();
  const quiet = told.length;
  await house.clock.advance(3_600_000);
  expect(told).toHaveLength(quiet);
  return told;
}

test('an hour of life is lively, sound, and follows from its seed', async () => {
  const [one, again, other] = [await anHour(11), await anHour(11), await anHour(12)];
  expect(one).toEqual(again);
  expect(one).not.toEqual(other);
  const kinds = new Set(one.map((line) => line.split(' ')[1]));
  expect([...kinds]).toEqual(
    expect.arrayContaining(['groups', 'playerVolume', 'groupVolume', 'playbackStatus', 'metadataStatus']),
  );
});

test('chance comes from the seed alone, and stays within its bounds', () => {
  const [one, two] = [createChance(5), createChance(5)];
  for (let turn = 0; turn < 1000; turn += 1) {
    const number = one.integer(3, 7);
    expect(number).toBe(two.integer(3, 7));
    expect(number).toBeGreaterThanOrEqual(3);
    expect(number).toBeLessThanOrEqual(7);
  }
  expect(one.shuffled([1, 2, 3, 4]).sort()).toEqual([1, 2, 3, 4]);
  expect(one.text(9)).toMatch(/^\w{9}$/);
  expect(() => one.pick([])).toThrow('nothing to pick');
});
