import { describe, expect, it } from 'vitest';
import { createTestBridge, DAY_MS, HOME, playerOf } from '../support/bridge-house.ts';
import { down, gone, sonosError } from '../support/fake-sonos.ts';
import { GROUPS, openHouse, SUBSCRIBE, status, targets } from './upkeep-house.ts';

describe('subscriptions', () => {
  it('are renewed within a day, spread out, and are given back on request', async () => {
    const house = await openHouse();
    await house.clock.advance(DAY_MS);
    const times = house.sonos.made(SUBSCRIBE).map(({ at }) => at);
    expect(new Set(targets(house, SUBSCRIBE)).size).toBe(15);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(DAY_MS / 24);
    expect(status(house).oldestAgeMs).toBeLessThan(DAY_MS);
    house.sonos.calls.length = 0;
    await house.bridge.unsubscribe(HOME);
    expect(house.sonos.made(/^DELETE .*subscription$/)).toHaveLength(15);
    await house.bridge.unsubscribe('unknown');
    await house.clock.advance(DAY_MS);
    expect(house.sonos.calls).toHaveLength(15);
  });

  it('are never older than three days, in a month in which every third request fails', async () => {
    const house = await openHouse({
      groups: [['kitchen']],
      settings: { pollMs: 0, reconcileMs: 6 * 3_600_000 },
    });
    let count = 0;
    house.sonos.on(/^POST/, () => {
      count += 1;
      return count % 3 === 0 ? down() : null;
    });
    let oldest = 0;
    for (let hour = 0; hour < 30 * 24; hour += 1) {
      await house.clock.advance(3_600_000);
      oldest = Math.max(oldest, status(house).oldestAgeMs ?? Number.POSITIVE_INFINITY);
    }
    expect(status(house)).toMatchObject({ wanted: 8, held: 8 });
    expect(oldest).toBeLessThan(2 * DAY_MS);
    expect(count).toBeGreaterThan(30 * 8);
    expect(count).toBeLessThan(30 * 8 * 3);
  });

  it('that are refused are tried again with growing pauses, and starve no other', async () => {
    const house = createTestBridge({ settings: { pollMs: 0 } });
    const dead = playerOf('bath');
    let isRefusing = true;
    house.sonos.on(new RegExp(`^POST .*${dead}/playerVolume/subscription`), () =>
      isRefusing ? { ok: false, error: sonosError({ kind: 'forbidden', status: 403 }) } : null,
    );
    await house.start();
    await house.clock.advance(DAY_MS);
    const mine = new RegExp(`^POST .*${dead}/playerVolume`);
    const tries = house.sonos.made(mine).map(({ at }) => at);
    const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
    expect(gaps[0]).toBeLessThan(10_000);
    expect(gaps.slice(0, 8).every((gap, index) => index === 0 || gap > (gaps[index - 1] ?? 0))).toBe(true);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1.25 * 3_600_000 + 60_000);
    expect(tries.length).toBeLessThan(50);
    expect(status(house)).toMatchObject({ wanted: 15, held: 14 });
    expect(house.lines.find(({ level }) => level === 'warn')?.fields).toMatchObject({
      namespace: 'playerVolume',
      target: dead,
      kind: 'forbidden',
      advice: expect.stringContaining('Callback'),
    });
    isRefusing = false;
    house.bridge.takeForBridge({
      command: 'refresh',
      payload: new Uint8Array(),
      retained: false,
      responseTo: null,
      expirySeconds: null,
    });
    await house.clock.advance(1_000);
    expect(status(house).held).toBe(15);
  });

  it('wait as long as Sonos asks', async () => {
    const house = createTestBridge();
    house.sonos.on(/playlists.subscription/, () => ({
      ok: false,
      error: sonosError({ kind: 'rate_limited', status: 429, retryAfterMs: 90_000 }),
    }));
    await house.start();
    await house.clock.advance(80_000);
    expect(house.sonos.made(/playlists.subscription/)).toHaveLength(1);
    await house.clock.advance(60_000);
    expect(house.sonos.made(/playlists.subscription/)).toHaveLength(2);
    expect(house.lines.some(({ fields }) => Object.hasOwn(Object(fields), 'advice'))).toBe(false);
  });

  it('of a group that died have the topology read', async () => {
    const house = await openHouse();
    const undo = house.sonos.on(/kitchen|playback.subscription$/, gone);
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.tell('groups', HOME);
    await house.clock.advance(3_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(1);
    undo();
    await house.clock.advance(60_000);
    expect(status(house)).toMatchObject({ wanted: 15, held: 15 });
  });

  it('are all asked for again on request', async () => {
    const house = await openHouse();
    house.bridge.takeForBridge({
      command: 'resubscribe',
      payload: new Uint8Array(),
      retained: false,
      responseTo: null,
      expirySeconds: null,
    });
    await house.clock.advance(1_000);
    expect(house.sonos.made(SUBSCRIBE)).toHaveLength(15);
  });

  it('can be listed, each with its age and its silence', async () => {
    const house = createTestBridge();
    const bath = playerOf('bath');
    house.sonos.on(new RegExp(`^POST .*${bath}/playerVolume/subscription`), () => ({
      ok: false,
      error: sonosError({ kind: 'forbidden', status: 403 }),
    }));
    await house.start();
    expect(house.tell('playerVolume', bath)).toBe('unchanged');
    await house.clock.advance(60_000);
    const all = house.bridge.subscriptions(HOME);
    expect(all).toHaveLength(15);
    const about = (target: string) =>
      all.find((each) => each.namespace === 'playerVolume' && each.target === target);
    expect(about(bath)).toMatchObject({ ageMs: null, silentMs: 60_000 });
    const kitchen = about(playerOf('kitchen'));
    expect(kitchen?.silentMs).toBeNull();
    expect(kitchen?.ageMs).toBeGreaterThanOrEqual(60_000);
    expect(house.bridge.subscriptions('nobody')).toEqual([]);
  });

  it('tell what came of an event', async () => {
    const house = createTestBridge();
    await house.start();
    const bath = playerOf('bath');
    const told = (sequence: string, volume: number, household = HOME) =>
      house.tell('playerVolume', bath, {
        ...{ sequence, household },
        body: { volume, muted: false, fixed: false },
      });
    expect([
      ...[told('10', 41), told('11', 41), told('11', 41), told('9', 40)],
      told('1', 1, 'Sonos_others'),
    ]).toEqual(['applied', 'unchanged', 'duplicate', 'late', 'unknown_household']);
  });
});
