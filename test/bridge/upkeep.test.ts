import { describe, expect, it } from 'vitest';
import { createTestBridge, DAY_MS, HOME, playerOf, type TestBridge } from '../support/bridge-house.ts';
import { down, gone, later, refused, sonosError } from '../support/fake-sonos.ts';

const SUBSCRIBE = /^POST .*subscription$/;
const GROUPS = /^GET .*groups$/;

/** A house where events arrive. */
async function openHouse(options: Parameters<typeof createTestBridge>[0] = {}): Promise<TestBridge> {
  const house = createTestBridge(options);
  await house.start();
  house.tell('groups', HOME);
  await house.clock.advance(5_000);
  house.sonos.calls.length = 0;
  return house;
}

const targets = (house: TestBridge, pattern: RegExp): string[] =>
  house.sonos
    .made(pattern)
    .map(({ path }) => decodeURIComponent(path).split('/').slice(2, 4).join(' '))
    .sort();

const status = (house: TestBridge) => {
  const first = house.bridge.status()[0];
  if (first === undefined) throw new Error('there is no household');
  return first;
};

describe('at the start', () => {
  it('the topology is read first, then the state of everything, and everything is subscribed once', async () => {
    const house = createTestBridge();
    await house.start();
    expect(house.sonos.calls[0]?.path).toBe(`/households/${HOME}/groups`);
    const [kitchen, office] = house.world.parties.map(({ id }) => id);
    const rooms = ['bath', 'kitchen', 'office'].map(playerOf);
    expect(targets(house, SUBSCRIBE)).toEqual(
      [
        ...['favorites', 'groups', 'playlists'].map((name) => `${HOME} ${name}`),
        ...['groupVolume', 'playback', 'playbackMetadata'].flatMap((name) => [
          `${kitchen} ${name}`,
          `${office} ${name}`,
        ]),
        ...['audioClip', 'playerVolume'].flatMap((name) => rooms.map((id) => `${id} ${name}`)),
      ].sort(),
    );
    expect(house.sonos.made(/^GET/)).toHaveLength(1 + 2 + 2 * 3 + 3);
    expect(house.picture('kitchen')).toMatchObject({ volume: 20, state: 'paused', stale: false });
    expect(status(house)).toMatchObject({ wanted: 15, held: 15, corrections: 0, isSilent: true });
    expect(house.sonos.calls.every(({ priority }) => priority === 'housekeeping')).toBe(true);
  });

  it('nothing spins while Sonos cannot be reached, and all is made good when it can', async () => {
    const house = createTestBridge();
    const undo = house.sonos.on(/./, down);
    await house.start();
    let rounds = 0;
    const after = house.clock.after;
    house.clock.after = (...given) => {
      rounds += 1;
      return after(...given);
    };
    await house.clock.advance(3_600_000);
    expect(house.sonos.calls.length).toBeLessThan(400);
    expect(rounds).toBeLessThan(800);
    expect(status(house)).toMatchObject({ wanted: 0, held: 0, oldestAgeMs: null });
    undo();
    await house.clock.advance(11_000);
    expect(status(house)).toMatchObject({ wanted: 15, held: 15 });
  });

  it('reads that fail are tried again, less and less often', async () => {
    const house = await openHouse({ settings: { pollMs: 0, reconcileMs: 10 * DAY_MS } });
    const undo = house.sonos.on(/GET .*favorites$/, down);
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    house.world.version = 'v2';
    await house.clock.advance(3_600_000);
    const tries = house.sonos.made(/GET .*favorites$/).length;
    expect(tries).toBeGreaterThan(10);
    expect(tries).toBeLessThan(20);
    undo();
    await house.clock.advance(300_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(tries + 1);
    await house.clock.advance(3_600_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(tries + 1);
  });

  it('a list that changes while it is read is read once more', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*favorites$/, () =>
      later(house.clock, 500, () => ({
        ok: true as const,
        value: { version: house.world.version, items: house.world.favorites },
      })),
    );
    house.world.version = 'v2';
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v2' } });
    await house.clock.advance(300);
    house.world.version = 'v3';
    house.tell('favorites', HOME, { type: 'versionChanged', body: { version: 'v3' } });
    await house.clock.advance(5_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(2);
    expect(house.household().own.favorites).toMatchObject({ version: 'v3', overtaken: false });
  });
});

describe('an event', () => {
  it('never causes a call from inside accept', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    house.tell('groups', HOME, { sequence: '1' });
    house.tell('playback', house.world.party('bath').id);
    house.tell('global', house.world.party('bath').id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_GONE' },
    });
    expect(house.sonos.calls).toEqual([]);
  });

  it('about groups leads to no subscription of groups, and to few requests', async () => {
    const house = await openHouse();
    house.sonos.on(SUBSCRIBE, ({ path }) => {
      const [, , target = '', namespace = ''] = path.split('/').map(decodeURIComponent);
      void later(house.clock, 200, () => {
        if (namespace !== 'audioClip') house.tell(namespace, target);
      });
      return null;
    });
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(60_000);
    const fresh = ['kitchen', 'bath'].map((room) => house.world.party(room).id);
    expect(targets(house, SUBSCRIBE)).toEqual(
      fresh
        .flatMap((id) => ['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`))
        .sort(),
    );
    expect(house.sonos.calls.length).toBeLessThanOrEqual(2 + 3 * fresh.length);
    house.sonos.calls.length = 0;
    for (let n = 0; n < 50; n += 1) house.tell('groups', HOME);
    await house.clock.advance(60_000);
    expect(house.sonos.calls).toEqual([]);
  });

  it('that does not come after subscribing is made up for by a read', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(2_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    await house.clock.advance(1_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(6);
  });

  it('that a group is gone or has moved has the topology read, at least 5 s apart, and the group subscribed again', async () => {
    const house = await openHouse();
    const id = house.world.party('kitchen').id;
    for (let n = 0; n < 20; n += 1) {
      house.tell('global', id, {
        type: 'groupCoordinatorChanged',
        body: { groupStatus: 'GROUP_STATUS_MOVED' },
      });
      await house.clock.advance(1_000);
    }
    const reads = house.sonos.made(GROUPS).map(({ at }) => at);
    expect(reads.length).toBeGreaterThanOrEqual(3);
    expect(Math.min(...reads.slice(1).map((at, index) => at - (reads[index] ?? 0)))).toBeGreaterThanOrEqual(
      5_000,
    );
    expect(new Set(targets(house, SUBSCRIBE))).toEqual(
      new Set(['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`)),
    );
    await house.clock.advance(10_000);
    house.sonos.calls.length = 0;
    house.tell('global', id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_UPDATED' },
    });
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(1);
    expect(house.sonos.made(SUBSCRIBE)).toEqual([]);
  });

  it('that a group has moved counts also when a command reads the topology in the same moment', async () => {
    const house = await openHouse();
    const id = house.world.party('kitchen').id;
    const group = house.world.body('groups', HOME);
    house.sonos.on(GROUPS, () => later(house.clock, 2_500, () => ({ ok: true as const, value: group })));
    house.tell('global', id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_MOVED' },
    });
    house.command('kitchen', 'refresh');
    await house.clock.advance(10_000);
    expect(targets(house, SUBSCRIBE)).toEqual(
      ['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`),
    );
  });

  it('that a group is gone leads to the group that its rooms are in now', async () => {
    const house = await openHouse();
    const old = house.world.party('kitchen').id;
    house.world.regroup([['kitchen'], ['bath'], ['office']]);
    house.tell('global', old, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_GONE' },
    });
    await house.clock.advance(10_000);
    expect(house.bridge.knows(HOME, 'group', old)).toBe(false);
    expect(house.bridge.knows(HOME, 'group', house.world.party('bath').id)).toBe(true);
    expect(targets(house, SUBSCRIBE)).toContain(`${house.world.party('bath').id} playback`);
    expect(status(house)).toMatchObject({ wanted: 18, held: 18 });
  });

  it('that comes while a read is under way is not overwritten by the older answer', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*playerVolume$/, () =>
      later(house.clock, 2_000, () => ({
        ok: true as const,
        value: { volume: 5, muted: false, fixed: false },
      })),
    );
    house.bridge.lostEvents();
    await house.clock.advance(1_000);
    house.world.speaker('kitchen').volume = 60;
    house.tell('playerVolume', playerOf('kitchen'));
    await house.clock.advance(10_000);
    expect(house.picture('kitchen').volume).toBe(60);
    expect(house.picture('bath').volume).toBe(5);
  });

  it('that is late or came twice has no effect, and its target is read soon, at most once a minute', async () => {
    const house = await openHouse();
    const kitchen = playerOf('kitchen');
    house.tell('playerVolume', kitchen, { sequence: '50' });
    await house.clock.advance(5_000);
    for (const sequence of ['50', '49', '3', '50']) {
      house.tell('playerVolume', kitchen, { sequence, body: { volume: 99 } });
      await house.clock.advance(5_000);
    }
    expect(house.picture('kitchen').volume).toBe(20);
    expect(house.sonos.made(/GET .*playerVolume$/)).toHaveLength(1);
    expect(house.marks()[HOME]?.[`playerVolume ${kitchen}`]?.sequence).toBe('50');
    await house.clock.advance(40_000);
    house.tell('playerVolume', kitchen, { sequence: '50' });
    house.tell('playerVolume', playerOf('bath'), { sequence: '50' });
    house.tell('playerVolume', playerOf('bath'), { sequence: '50' });
    await house.clock.advance(1_000);
    expect(house.sonos.made(/GET .*playerVolume$/)).toHaveLength(3);
  });

  it('that a group has moved, and that is late, has the topology read and the group subscribed again', async () => {
    const house = await openHouse();
    const id = house.world.party('kitchen').id;
    const moved = { type: 'groupCoordinatorChanged', body: { groupStatus: 'GROUP_STATUS_MOVED' } };
    house.tell('global', id, { ...moved, body: { groupStatus: 'GROUP_STATUS_UPDATED' }, sequence: '9' });
    await house.clock.advance(10_000);
    house.sonos.calls.length = 0;
    house.tell('global', id, { ...moved, sequence: '8' });
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(1);
    expect(targets(house, SUBSCRIBE)).toEqual(
      ['groupVolume', 'playback', 'playbackMetadata'].map((name) => `${id} ${name}`),
    );
  });

  it('with a lower number after a minute of silence counts anew, and a read sets right what a replay would break', async () => {
    const house = await openHouse();
    const kitchen = playerOf('kitchen');
    house.tell('playerVolume', kitchen, { sequence: '50' });
    await house.clock.advance(61_000);
    house.tell('playerVolume', kitchen, { sequence: '7', body: { volume: 99 } });
    expect(house.picture('kitchen').volume).toBe(99);
    expect(house.marks()[HOME]?.[`playerVolume ${kitchen}`]?.sequence).toBe('7');
    await house.clock.advance(1_000);
    expect(house.picture('kitchen').volume).toBe(20);
    expect(house.sonos.made(/GET .*playerVolume$/)).toHaveLength(1);
  });
});

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
});

describe('a player', () => {
  it('that leaves goes offline as it was last known, and is subscribed and read when it comes back', async () => {
    const house = await openHouse();
    house.world.speaker('office').volume = 44;
    house.tell('playerVolume', playerOf('office'));
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    await house.clock.advance(5_000);
    expect(house.picture('office')).toMatchObject({ online: false, volume: 44, state: 'paused' });
    expect(status(house)).toMatchObject({ wanted: 10, held: 10 });
    house.sonos.calls.length = 0;
    house.world.regroup([['kitchen', 'bath'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(5_000);
    expect(house.picture('office')).toMatchObject({ online: true, volume: 44 });
    expect(house.sonos.made(SUBSCRIBE)).toHaveLength(5);
    expect(status(house)).toMatchObject({ wanted: 15, held: 15 });
  });
});

describe('time', () => {
  it('that the machine slept through has everything subscribed and read again', async () => {
    const house = await openHouse();
    house.clock.jumpNow(8 * 3_600_000);
    await house.clock.advance(61_000);
    expect(house.sonos.made(SUBSCRIBE)).toHaveLength(15);
    expect(house.sonos.made(GROUPS).length).toBeGreaterThanOrEqual(1);
    expect(house.lines).toContainEqual(expect.objectContaining({ level: 'info', fields: { minutes: 480 } }));
  });

  it('that passed on both clocks with nothing having had its turn has everything read once, not once for each time', async () => {
    const house = await openHouse();
    house.clock.jumpElapsed(8 * 3_600_000);
    house.clock.jumpNow(8 * 3_600_000);
    await house.clock.advance(61_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(12);
    expect(house.sonos.made(SUBSCRIBE)).toEqual([]);
  });

  it('that is set back, or by a little, has nothing done', async () => {
    const house = await openHouse();
    house.clock.jumpNow(-8 * 3_600_000);
    await house.clock.advance(61_000);
    house.clock.jumpNow(200_000);
    await house.clock.advance(61_000);
    expect(house.sonos.calls).toEqual([]);
  });
});

describe('while no event ever came', () => {
  it('everything is read every few seconds, and a person is told once', async () => {
    const house = createTestBridge();
    await house.start();
    house.sonos.calls.length = 0;
    house.world.speaker('kitchen').volume = 66;
    await house.clock.advance(15_000);
    expect(house.picture('kitchen').volume).toBe(66);
    await house.clock.advance(285_000);
    // Every 15 s the topology, three reads of two groups, and three volumes; the lists every ten minutes.
    expect(house.sonos.made(/^GET/)).toHaveLength(20 * 10);
    await house.clock.advance(600_000);
    expect(house.sonos.made(/GET .*favorites$/)).toHaveLength(1);
    expect(house.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
    expect(status(house)).toMatchObject({ corrections: 0, isSilent: true });
    expect(house.picture('kitchen').stale).toBe(false);
    house.sonos.calls.length = 0;
    house.tell('groups', HOME);
    expect(house.lines.at(-1)).toMatchObject({ level: 'info', message: 'Events from Sonos arrive.' });
    await house.clock.advance(590_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    await house.clock.advance(20_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(12);
  });

  it('no more requests are made than its share of the budget', async () => {
    const rooms = Array.from({ length: 30 }, (_, n) => [`r${n}`]);
    const house = createTestBridge({ groups: rooms, settings: { readsPerMinute: 60 } });
    await house.start();
    await house.clock.advance(20_000);
    house.sonos.calls.length = 0;
    await house.clock.advance(1_200_000);
    expect(house.sonos.made(/^GET/).length).toBeLessThanOrEqual(20 * 60 + 150);
    expect(house.sonos.made(/^GET/).length).toBeGreaterThan(15 * 60);
  });

  it('it is read as seldom as otherwise when polling is switched off', async () => {
    const house = createTestBridge({ settings: { pollMs: 0 } });
    await house.start();
    house.sonos.calls.length = 0;
    await house.clock.advance(590_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    await house.clock.advance(20_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(12);
    expect(status(house).lastReadBackAt).toBeGreaterThan(0);
  });
});

describe('a change that only a read shows', () => {
  it('counts as a correction, has everything subscribed again, and everything polled until events arrive', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(596_000);
    expect(house.picture('bath')).toMatchObject({ volume: 71, stale: false });
    await house.clock.advance(5_000);
    expect(status(house)).toMatchObject({ corrections: 1, isSilent: true });
    expect(house.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { fields: { household: HOME, namespaces: ['playerVolume'] } },
    ]);
    expect(house.diary.some((entry) => entry.kind === 'show' && entry.household.stale)).toBe(true);
    expect(house.sonos.made(SUBSCRIBE)).toHaveLength(15);
    house.sonos.calls.length = 0;
    await house.clock.advance(60_000);
    expect(house.sonos.made(GROUPS).length).toBeGreaterThanOrEqual(3);
    expect(house.picture('bath').stale).toBe(false);
    house.tell('playerVolume', playerOf('bath'));
    expect(house.lines.at(-1)).toMatchObject({ level: 'info', message: 'Events from Sonos arrive.' });
    await house.clock.advance(5_000);
    house.sonos.calls.length = 0;
    await house.clock.advance(500_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
  });

  it('is shown as doubtful until the next read agrees', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (status(house).corrections === 0) await house.clock.advance(500);
    expect(house.picture('bath').stale).toBe(true);
  });

  it('is told of once, however often events fail to come', async () => {
    const house = await openHouse();
    for (let n = 1; n <= 3; n += 1) {
      house.world.speaker('bath').volume = 70 + n;
      await house.clock.advance(620_000);
    }
    expect(house.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('is told of once when two reads in a row find one', async () => {
    const house = await openHouse();
    for (const volume of [71, 72]) {
      house.world.speaker('bath').volume = volume;
      house.bridge.lostEvents();
      await house.clock.advance(1_000);
    }
    await house.clock.advance(5_000);
    expect(status(house).corrections).toBe(2);
    expect(house.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  it('is none when its event is merely late', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (house.picture('bath').volume !== 71) await house.clock.advance(100);
    await house.clock.advance(1_000);
    house.tell('playerVolume', playerOf('bath'));
    await house.clock.advance(10_000);
    expect(status(house)).toMatchObject({ corrections: 0, isSilent: false });
    expect(house.picture('bath').stale).toBe(false);
    expect(house.lines).toEqual([]);
  });

  it('is none when it was known to lack', async () => {
    const house = createTestBridge();
    const undo = house.sonos.on(/GET .*playlists$/, () => refused());
    await house.start();
    house.tell('groups', HOME);
    house.bridge.lostEvents();
    undo();
    await house.clock.advance(9_000);
    expect(house.household().own.playlists).toBeDefined();
    expect(status(house).corrections).toBe(0);
  });
});

describe('reads that fail', () => {
  it('make what is shown doubtful until they work again', async () => {
    const house = await openHouse();
    const undo = house.sonos.on(/GET .*playback$/, down);
    await house.clock.advance(610_000);
    expect(house.picture('kitchen').stale).toBe(true);
    expect(status(house).lastReadBackAt).toBeNull();
    undo();
    await house.clock.advance(60_000);
    expect(house.picture('kitchen').stale).toBe(false);
    expect(status(house).lastReadBackAt).toBeGreaterThan(0);
  });

  it('stay in doubt when others of the same time found a change whose event was late', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*playback$/, down);
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (house.picture('bath').volume !== 71) await house.clock.advance(100);
    house.tell('playerVolume', playerOf('bath'));
    await house.clock.advance(4_000);
    expect(house.picture('kitchen').stale).toBe(true);
  });

  it('because their group is gone make nothing doubtful', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.bridge.lostEvents();
    await house.clock.advance(2_000);
    expect(house.bridge.knows(HOME, 'group', house.world.party('office').id)).toBe(true);
    expect(status(house).lastReadBackAt).toBeGreaterThan(0);
  });

  it('do not make a doubt of the topology forgotten', async () => {
    const house = await openHouse();
    const undo = house.sonos.on(GROUPS, down);
    house.tell('global', house.world.party('kitchen').id, {
      type: 'groupCoordinatorChanged',
      body: { groupStatus: 'GROUP_STATUS_UPDATED' },
    });
    house.command('kitchen', 'refresh', { id: 'a' });
    await house.clock.advance(2_000);
    undo();
    house.sonos.calls.length = 0;
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(1);
  });

  it('of a group that is gone have the topology read', async () => {
    const house = await openHouse();
    house.world.regroup([['kitchen', 'bath'], ['office']]);
    house.world.parties[1] = { ...house.world.party('office'), id: 'other' };
    const dead = { ...house.world.parties[1], id: 'dead' };
    const alive = house.world.parties[1];
    house.world.parties[1] = dead;
    house.tell('groups', HOME);
    house.world.parties[1] = alive;
    await house.clock.advance(10_000);
    expect(house.bridge.knows(HOME, 'group', 'other')).toBe(true);
    expect(house.bridge.knows(HOME, 'group', 'dead')).toBe(false);
  });

  it('give up on an answer that is not what was asked for', async () => {
    const house = await openHouse();
    house.sonos.on(/GET .*groupVolume$/, () => ({ ok: true, value: 'no' }));
    house.command('kitchen', 'refresh', { id: 'a' });
    await house.clock.advance(10);
    expect(house.last('a').error?.message).toContain('groupVolume is not of type groupVolume');
  });
});

describe('what is kept', () => {
  it('does not grow with the number of regroupings', async () => {
    const house = await openHouse({ settings: { pollMs: 0 }, ports: { show: () => {} } });
    const shapes = [
      [['kitchen'], ['bath', 'office']],
      [['kitchen', 'bath'], ['office']],
    ];
    for (let n = 0; n < 10_000; n += 1) {
      house.world.regroup(shapes[n % 2] ?? []);
      house.tell('groups', HOME);
      const { id } = house.world.party('bath');
      house.tell('groupVolume', id);
      house.tell('groupVolume', id, { sequence: '1' });
      if (n % 100 === 0) await house.clock.advance(1_000);
    }
    await house.clock.advance(10_000);
    expect(Object.keys(house.marks()[HOME] ?? {}).length).toBeLessThanOrEqual(15);
    expect(house.household().groups.size).toBe(2);
    expect(house.household().presumed.size).toBeLessThanOrEqual(6);
    expect(status(house).wanted).toBe(15);
    expect(house.clock.timers).toBeLessThan(5);
  });
});

describe('what is asked for while everything is read', () => {
  it('is read once more afterwards', async () => {
    const house = await openHouse();
    house.sonos.on(GROUPS, () =>
      later(house.clock, 1_000, () => ({ ok: true as const, value: house.world.groupsBody() })),
    );
    house.tell('playerVolume', playerOf('bath'));
    house.bridge.lostEvents();
    await house.clock.advance(500);
    house.bridge.lostEvents();
    house.tell('playerVolume', playerOf('bath'), { sequence: '1' });
    await house.clock.advance(1_000);
    const reads = () => house.sonos.made(/GET .*playerVolume$/).length;
    expect(reads()).toBeGreaterThanOrEqual(6);
    await house.clock.advance(10_000);
    expect(house.sonos.made(GROUPS)).toHaveLength(2);
    expect(reads()).toBe(7);
  });

  it('is not put off by the first event after a silence', async () => {
    const house = createTestBridge({ settings: { pollMs: 0 } });
    await house.start();
    house.sonos.calls.length = 0;
    house.bridge.lostEvents();
    house.tell('playerVolume', playerOf('bath'));
    await house.clock.advance(1_000);
    expect(house.sonos.made(/^GET/)).toHaveLength(12);
  });
});

describe('at the end', () => {
  it('what is about to be subscribed is not waited for', async () => {
    const house = await openHouse();
    house.sonos.on(SUBSCRIBE, () => later(house.clock, 100, () => down()));
    house.world.regroup([['kitchen'], ['bath', 'office']]);
    house.tell('groups', HOME);
    house.bridge.lostEvents();
    await house.clock.advance(100);
    await house.bridge.stop();
    await house.clock.advance(1_000);
    expect(house.sonos.made(/^GET/)).toEqual([]);
    expect(house.clock.timers).toBe(0);
  });

  it('nothing is left to be done', async () => {
    const house = await openHouse();
    house.world.speaker('bath').volume = 71;
    await house.clock.advance(590_000);
    while (house.picture('bath').volume !== 71) await house.clock.advance(100);
    await house.bridge.stop();
    expect(house.clock.timers).toBe(0);
    house.bridge.lostEvents();
    await house.clock.advance(DAY_MS);
    expect(status(house).corrections).toBe(0);
  });

  it('a round under way is cut short', async () => {
    const house = createTestBridge();
    house.sonos.on(/^GET .*(groups|playerVolume)$/, () =>
      later(house.clock, 100, () => null).then(() => refused()),
    );
    house.sonos.on(GROUPS, () =>
      later(house.clock, 100, () => ({ ok: true as const, value: house.world.groupsBody() })),
    );
    await house.start();
    house.bridge.setHouseholds([]);
    await house.clock.advance(1_000);
    const other = createTestBridge();
    other.sonos.on(GROUPS, () =>
      later(other.clock, 100, () => ({ ok: true as const, value: other.world.groupsBody() })),
    );
    other.bridge.setHouseholds([{ id: HOME, name: null }]);
    await other.clock.advance(100);
    await other.bridge.stop();
    await other.clock.advance(1_000);
    expect(other.sonos.calls).toHaveLength(1);
    expect(other.clock.timers).toBe(0);
  });
});
