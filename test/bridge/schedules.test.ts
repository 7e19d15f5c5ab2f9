import { describe, expect, it } from 'vitest';
import type { CronPattern } from '../../src/bridge/cron-runs.ts';
import type { Schedule, SchedulesRecord } from '../../src/bridge/schedules.ts';
import { createTestBridge, HOME, type TestOptions } from '../support/bridge-house.ts';
import { CALLS } from './commands-house.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Houses begin at 20:00 UTC. */
const EIGHT = Date.UTC(2026, 10, 21, 20);

const daily = (minute: number): CronPattern => ({ minutes: [minute], isEveryHour: false, isOn: () => true });

const at = (minute: number, more: Partial<Schedule> = {}): Schedule => ({
  ...{ cron: `at ${minute}`, pattern: daily(minute), timezone: 'UTC', household: null },
  ...{ room: 'kitchen', command: 'volume', value: 20, ...more },
});

/** Ten past eight in the evening. */
const TEN_PAST = 20 * 60 + 10;
const KEY = JSON.stringify(['at 1210', 'UTC', null, 'kitchen', 'volume', 20]);

const houseWith = (schedules: readonly Schedule[], options: TestOptions = {}) =>
  createTestBridge({ settings: { schedules }, ...options });

const seenTo = (key: string, until: number): SchedulesRecord => ({ [key]: until });

const volumes = (house: ReturnType<typeof houseWith>) => house.sonos.made(CALLS).map(({ body }) => body);
const missed = (house: ReturnType<typeof houseWith>) =>
  house.lines
    .filter(({ message }) => message.startsWith('A schedule was missed'))
    .map(({ fields }) => fields);

describe('a schedule', () => {
  it('is a command of its time, which is answered as others are, and comes again the next day', async () => {
    const house = houseWith([at(TEN_PAST)]);
    await house.start();
    await house.clock.advance(9 * MINUTE_MS - 1);
    expect(volumes(house)).toEqual([]);
    await house.clock.advance(2 * MINUTE_MS);
    expect(volumes(house)).toEqual([{ volume: 20 }]);
    const id = 'schedule-1-2026-11-21T20:10:00.000Z';
    expect(house.statuses(id)[0]).toBe('accepted');
    expect(house.last(id)).toMatchObject({ command: 'volume', room: 'kitchen' });
    await house.clock.advance(24 * HOUR_MS);
    expect(house.statuses('schedule-1-2026-11-22T20:10:00.000Z')[0]).toBe('accepted');
    expect(missed(house)).toEqual([]);
    await house.bridge.stop();
  });

  it('sends a map as the whole payload, a list as the value, and nothing where nothing is given', async () => {
    const house = houseWith([
      at(TEN_PAST, { room: 'office', command: 'favorite', value: { value: 'Jazz', play: false } }),
      at(TEN_PAST, { command: 'group', value: ['office'] }),
      at(TEN_PAST, { room: 'all', command: 'pause', value: undefined }),
    ]);
    await house.start();
    await house.clock.advance(11 * MINUTE_MS);
    const answered = house.answers.map(({ reply }) => [reply.id.slice(0, 10), reply.room, reply.command]);
    expect(answered).toContainEqual(['schedule-1', 'office', 'favorite']);
    expect(answered).toContainEqual(['schedule-2', 'kitchen', 'group']);
    expect(answered).toContainEqual(['schedule-3', 'bath', 'pause']);
    expect(house.answers.map(({ reply }) => reply.error?.code)).not.toContain('invalid_payload');
  });

  it('without a room is a command to the bridge itself', async () => {
    const house = houseWith([at(TEN_PAST, { room: null, command: 'refresh', value: undefined })]);
    await house.start();
    await house.clock.advance(11 * MINUTE_MS);
    expect(house.statuses('schedule-1-2026-11-21T20:10:00.000Z')).toEqual(['accepted', 'confirmed']);
  });

  it('says when it runs what is wrong with it', async () => {
    const house = houseWith([at(TEN_PAST, { room: 'nowhere' }), at(TEN_PAST, { command: 'volum' })]);
    await house.start();
    await house.clock.advance(11 * MINUTE_MS);
    expect(house.last('schedule-1-2026-11-21T20:10:00.000Z').error?.code).toBe('unknown_room');
    expect(house.last('schedule-2-2026-11-21T20:10:00.000Z').error?.code).toBe('unknown_command');
  });

  it('that is for a household by name finds it, and one that nobody knows is missed', async () => {
    const house = houseWith([at(TEN_PAST, { household: 'home' }), at(TEN_PAST, { household: 'cottage' })]);
    await house.start();
    await house.clock.advance(20 * MINUTE_MS);
    expect(volumes(house)).toEqual([{ volume: 20 }]);
    expect(missed(house)).toMatchObject([{ due: '2026-11-21T20:10:00.000Z', room: 'kitchen' }]);
  });

  it('of which there are two households has to name one', async () => {
    const house = houseWith([at(TEN_PAST)]);
    house.bridge.start();
    house.bridge.setHouseholds([
      { id: 'Sonos_1', name: null },
      { id: 'Sonos_2', name: null },
    ]);
    await house.clock.advance(20 * MINUTE_MS);
    expect(volumes(house)).toEqual([]);
    expect(missed(house)).toHaveLength(1);
  });
});

describe('what was missed', () => {
  it('by five minutes at most is done once, as soon as it is known who is there', async () => {
    const house = houseWith([at(20 * 60 - 4)], {
      schedules: seenTo(JSON.stringify(['at 1196', 'UTC', null, 'kitchen', 'volume', 20]), EIGHT - HOUR_MS),
    });
    house.bridge.start();
    await house.clock.advance(0);
    expect(house.answers).toEqual([]);
    house.bridge.setHouseholds([{ id: HOME, name: null }]);
    await house.clock.advance(1_000);
    expect(house.statuses('schedule-1-2026-11-21T19:56:00.000Z')[0]).toBe('accepted');
    await house.clock.advance(HOUR_MS);
    expect(volumes(house)).toHaveLength(1);
    expect(missed(house)).toEqual([]);
  });

  it('by more is skipped, and said', async () => {
    const key = JSON.stringify(['at 1194', 'UTC', null, 'kitchen', 'volume', 20]);
    const house = houseWith([at(20 * 60 - 6)], { schedules: seenTo(key, EIGHT - HOUR_MS) });
    await house.start();
    await house.clock.advance(HOUR_MS);
    expect(volumes(house)).toEqual([]);
    expect(missed(house)).toMatchObject([{ due: '2026-11-21T19:54:00.000Z', command: 'volume' }]);
    expect(house.schedules()[key]).toBeGreaterThanOrEqual(EIGHT);
  });

  it('several times is done once, and what is too old of it is said', async () => {
    const everyMinute: CronPattern = {
      minutes: Array.from({ length: 1440 }, (_, minute) => minute),
      ...{ isEveryHour: true, isOn: () => true },
    };
    const schedule = at(0, { pattern: everyMinute, cron: '* * * * *' });
    const key = JSON.stringify(['* * * * *', 'UTC', null, 'kitchen', 'volume', 20]);
    const house = houseWith([schedule], { schedules: seenTo(key, EIGHT - HOUR_MS) });
    await house.start();
    expect(house.answers.filter(({ reply }) => reply.status === 'accepted')).toHaveLength(1);
    expect(missed(house)).toMatchObject([{ due: '2026-11-21T19:01:00.000Z' }]);
  });

  it('before it was there was not missed', async () => {
    const house = houseWith([at(20 * 60 - 1)]);
    await house.start();
    await house.clock.advance(HOUR_MS);
    expect(volumes(house)).toEqual([]);
    expect(missed(house)).toEqual([]);
  });

  it('was not what was done: what ran before a restart does not run again', async () => {
    const first = houseWith([at(TEN_PAST)]);
    await first.start();
    await first.clock.advance(10 * MINUTE_MS);
    expect(volumes(first)).toHaveLength(1);
    await first.bridge.stop();
    const second = houseWith([at(TEN_PAST)], { schedules: first.schedules() });
    await second.start();
    second.clock.jumpNow(11 * MINUTE_MS);
    await second.clock.advance(HOUR_MS);
    expect(volumes(second)).toEqual([]);
    expect(missed(second)).toEqual([]);
  });
});

describe('a calendar that jumps', () => {
  it('ahead by a little: what lay between is done within a minute', async () => {
    const house = houseWith([at(TEN_PAST)]);
    await house.start();
    house.clock.jumpNow(12 * MINUTE_MS);
    await house.clock.advance(MINUTE_MS);
    expect(volumes(house)).toHaveLength(1);
  });

  it('ahead by hours: what lay between is skipped', async () => {
    const house = houseWith([at(TEN_PAST)]);
    await house.start();
    house.clock.jumpNow(3 * HOUR_MS);
    await house.clock.advance(MINUTE_MS);
    expect(volumes(house)).toEqual([]);
    expect(missed(house)).toHaveLength(1);
  });

  it('back by an hour: what was done is not done again', async () => {
    const house = houseWith([at(TEN_PAST)]);
    await house.start();
    await house.clock.advance(15 * MINUTE_MS);
    house.clock.jumpNow(-HOUR_MS);
    await house.clock.advance(2 * HOUR_MS);
    expect(volumes(house)).toHaveLength(1);
    expect(missed(house)).toEqual([]);
  });

  it('back by days is another calendar: it goes on by that', async () => {
    const house = houseWith([at(TEN_PAST)], { schedules: seenTo(KEY, EIGHT + 400 * 24 * HOUR_MS) });
    await house.start();
    await house.clock.advance(11 * MINUTE_MS);
    expect(volumes(house)).toHaveLength(1);
  });

  it('or a time that never comes leaves one timer a minute', async () => {
    const never = at(0, { pattern: { ...daily(0), isOn: () => false } });
    const house = houseWith([never]);
    await house.start();
    await house.clock.advance(HOUR_MS);
    expect(house.answers).toEqual([]);
  });
});

describe('a disk', () => {
  it('that refuses or does not answer holds no schedule up', async () => {
    for (const keep of [() => Promise.reject(new Error('full')), () => new Promise<void>(() => {})]) {
      const house = houseWith([at(TEN_PAST)]);
      house.keep = keep;
      await house.start();
      await house.clock.advance(10 * MINUTE_MS + 3_000);
      expect(volumes(house)).toHaveLength(1);
    }
  });

  it('that answers when the bridge stops already lets nothing begin any more', async () => {
    const house = houseWith([at(TEN_PAST)]);
    await house.start();
    house.keep = () => new Promise<void>(() => {});
    await house.clock.advance(10 * MINUTE_MS - 500);
    await house.bridge.stop();
    await house.clock.advance(MINUTE_MS);
    expect(house.answers).toEqual([]);
  });
});
