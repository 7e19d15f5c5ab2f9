import { describe, expect, it } from 'vitest';
import { ok } from '../../src/bridge/result.ts';
import { playerOf } from '../support/bridge-house.ts';
import { later } from '../support/fake-sonos.ts';
import { openHouse, tellVolume } from './commands-house.ts';

describe('volumes in a flood', () => {
  it('become a few calls at least 100 ms apart, the last one wins, and everyone is answered once', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playerVolume$/, ({ body }) =>
      later(house.clock, 30, () => {
        tellVolume(house, 'kitchen', Number(body?.volume));
        return ok({});
      }),
    );
    for (let n = 0; n < 100; n += 1) {
      house.command('kitchen', 'volume', { value: n % 2 === 0 ? n : 100 - n, id: `v${n}` });
      await house.clock.advance(10);
    }
    house.command('kitchen', 'volume', { value: 55, id: 'last' });
    await house.clock.advance(10_000);
    const calls = house.sonos.made(/POST .*playerVolume$/);
    expect(calls.length).toBeLessThanOrEqual(12);
    expect(calls.at(-1)?.body).toEqual({ volume: 55 });
    const gaps = calls.slice(1).map((call, index) => call.at - (calls[index]?.at ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(100);
    for (let n = 0; n < 100; n += 1) expect(house.statuses(`v${n}`)).toHaveLength(2);
    expect(house.statuses('last')).toEqual(['accepted', 'confirmed']);
    const overruled = house.answers.filter(({ reply }) => reply.superseded_by !== undefined);
    expect(overruled.length).toBeGreaterThan(80);
    const numbers = overruled.map(({ reply }) =>
      [reply.id, reply.superseded_by].map((id) => Number(id?.slice(1))),
    );
    expect(numbers.every(([own = 0, by = 0]) => by > own)).toBe(true);
    expect(house.last('v0').superseded_by).toBeUndefined();
  });

  it('add up when they are steps, of which none is overruled', async () => {
    const house = await openHouse();
    house.sonos.on(/relative$/, () => later(house.clock, 50, () => ok({})));
    for (const id of ['a', 'b', 'c', 'd']) house.command('kitchen', 'volume', { value: '+3', id });
    await house.clock.advance(200);
    expect(house.sonos.made(/relative$/).map((call) => call.body)).toEqual([
      { volumeDelta: 3 },
      { volumeDelta: 9 },
    ]);
    tellVolume(house, 'kitchen', 32);
    await house.clock.advance(0);
    expect(['a', 'b', 'c', 'd'].map((id) => house.last(id))).toEqual(
      Array(4).fill(expect.objectContaining({ status: 'confirmed' })),
    );
    expect(house.answers.every(({ reply }) => reply.superseded_by === undefined)).toBe(true);
  });

  it('count for each room by itself when all rooms are meant, and name the id that the room was answered with', async () => {
    const house = await openHouse();
    house.sonos.on(/POST .*playerVolume$/, () => later(house.clock, 50, () => ok({})));
    for (const value of [1, 2, 3]) house.command('all', 'volume', value);
    await house.clock.advance(9_000);
    expect(house.sonos.made(/POST .*playerVolume$/)).toHaveLength(6);
    for (const room of ['kitchen', 'bath', 'office']) {
      const mine = house.answers.filter(({ ask }) => ask.room === room);
      const ends = mine.filter(({ reply }) => reply.status !== 'accepted');
      expect(ends).toHaveLength(3);
      const third = mine.findLast(({ reply }) => reply.status === 'accepted');
      expect(ends.map(({ reply }) => reply.superseded_by).filter(Boolean)).toEqual([third?.reply.id]);
    }
  });

  it('keep their pace per player, also when once one room and once all rooms are meant', async () => {
    const house = await openHouse();
    house.command('kitchen', 'volume', 1);
    house.command('all', 'volume', 2);
    house.command('kitchen', 'volume', 3);
    await house.clock.advance(1_000);
    const mine = house.sonos
      .made(/POST .*playerVolume$/)
      .filter((call) => call.path.includes(playerOf('kitchen')));
    expect(mine.map((call) => call.body)).toEqual([{ volume: 1 }, { volume: 2 }, { volume: 3 }]);
    expect(mine.slice(1).every((call, index) => call.at - (mine[index]?.at ?? 0) >= 100)).toBe(true);
  });

  it('keep their pace per group, whichever of its rooms is named', async () => {
    const house = await openHouse();
    house.command('kitchen', 'group_volume', 1);
    house.command('bath', 'group_volume', 2);
    house.command('office', 'group_volume', 3);
    await house.clock.advance(1_000);
    const calls = house.sonos.made(/POST .*groupVolume$/);
    const start = calls[0]?.at ?? 0;
    expect(calls.map((call) => [call.at - start, call.body])).toEqual([
      [0, { volume: 1 }],
      [0, { volume: 3 }],
      [100, { volume: 2 }],
    ]);
  });

  it('are not joined when the expiry of one could spoil the other', async () => {
    const house = await openHouse();
    const soon = new Date(house.clock.now() + 500).toISOString();
    house.sonos.on(/POST .*playerVolume/, () => later(house.clock, 600, () => ok({})));
    house.command('kitchen', 'volume', { value: 50, id: 'first' });
    house.command('kitchen', 'volume', { value: 30, id: 'lasting' });
    house.command('kitchen', 'volume', { value: 90, id: 'brief', expires_at: soon });
    house.command('kitchen', 'volume', { value: '+5', id: 'step' });
    await house.clock.advance(20_000);
    expect(house.last('brief').error?.code).toBe('expired');
    expect(house.sonos.made(/POST .*playerVolume/).map((call) => call.body)).toEqual([
      { volume: 50 },
      { volume: 30 },
      { volumeDelta: 5 },
    ]);
    expect(house.last('lasting').superseded_by).toBeUndefined();
  });
});
