import { afterEach, describe, expect, it } from 'vitest';
import { readableLine } from '../../src/log-lines.ts';
import { type HouseholdSpec, list, track } from '../../src/sim/index.ts';
import { House } from '../simulation/house.ts';
import { Trace } from '../simulation/trace.ts';
import { figure, isLong } from '../support/figures.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Zones that change their clocks twice in the year: by an hour, half an hour or two, at night, at midnight, in the north and in the south. */
const ZONES = [
  'Europe/Amsterdam',
  'Europe/London',
  'America/New_York',
  'America/St_Johns',
  'America/Havana',
  'America/Santiago',
  'Australia/Lord_Howe',
  'Australia/Sydney',
  'Pacific/Chatham',
  'Africa/Cairo',
  'Asia/Beirut',
  'Antarctica/Troll',
] as const;

const YEARS = isLong ? [2024, 2025, 2026, 2027, 2028, 2029, 2030, 2031] : [2027];
const zone = process.env.TZ;

afterEach(() => {
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

/** The moments of a year at which the clocks of the zone that is set are changed, by how many minutes. */
function changes(year: number): { readonly at: number; readonly by: number }[] {
  const found: { at: number; by: number }[] = [];
  const offset = (at: number): number => -new Date(at).getTimezoneOffset();
  for (let at = Date.UTC(year, 0, 1); at < Date.UTC(year + 1, 0, 1); at += 30 * MINUTE) {
    const by = offset(at) - offset(at - 30 * MINUTE);
    if (by !== 0) found.push({ at, by });
  }
  return found;
}

const HOME: HouseholdSpec = {
  id: 'Sonos_TimeZones.Home00',
  players: ['Kitchen', 'Bedroom', 'Attic'].map((name) => ({ name, model: 'one', volume: 20 })),
  groups: [['Kitchen', 'Bedroom']],
  favorites: [
    {
      name: 'Morning',
      resourceType: 'ALBUM',
      source: list('Morning', 'album', [track('One', 'The Lanterns', 'Morning', 200)]),
    },
  ],
  playlists: [],
};

/** By a calendar of its own: whatever zone the bridge runs in, these are the same moments. */
const SCHEDULES = [
  { cron: '*/30 * * * *', timezone: 'UTC', household: 'home', room: 'all', command: 'sleep', value: 'off' },
];

function open(): { readonly house: House; readonly diary: string[] } {
  const diary: string[] = [];
  const spec = {
    ...{ seed: 7, households: [HOME], brokerSpeaks: 5 as const, reconcileMinutes: 360, pollSeconds: 300 },
    schedules: SCHEDULES,
    knobs: { refreshTokens: 'rotating' as const, stationMomentMs: 6 * HOUR },
  };
  return { house: new House(spec, new Trace((line) => diary.push(line))), diary };
}

/** Sets the calendar of the machine that the bridge runs on. */
function setCalendar({ machine }: House, to: number): void {
  machine.calendarOff += to - machine.calendar;
}

async function moveIn(house: House): Promise<void> {
  expect(await house.start()).toBe(true);
  expect(await house.login()).toBe(true);
  await house.time.advance(MINUTE);
}

const ISO = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?/g;

/** Two days and more with a change of the clocks in the middle: everything that happened, times counted from its start. */
async function lived(change: number) {
  const { house, diary } = open();
  const start = change - 26 * HOUR - 17 * MINUTE;
  setCalendar(house, start);
  const [before, after] = [new Date(start), new Date(start + 52 * HOUR)].map((at) => -at.getTimezoneOffset());
  await moveIn(house);
  for (let hour = 0; hour < 52; hour += 1) {
    // Every few hours somebody does something, also in the hour that is there twice or not at all.
    if (hour % 5 === 1) house.cloud.world.setVolume('Attic', hour);
    if (hour % 7 === 3)
      house.broker.publish('sonos/home/kitchen/set/volume', `{"value": ${hour}, "id": "c${hour}"}`, () => {});
    await house.time.advance(HOUR);
  }
  const times = new Set<string>();
  const told = house.broker.taken.map(({ at, topic, payload }) => {
    const counted = payload.replaceAll(ISO, (time) => {
      times.add(time);
      return `+${Date.parse(time) - start}`;
    });
    return `${at} ${topic} ${counted}`;
  });
  await house.stop();
  const calls = house.network.calls.map(({ at, method, path }) => `${at} ${method} ${path}`);
  return { diary, told, calls, times, start, moved: (after ?? 0) - (before ?? 0), house };
}

type Lived = Awaited<ReturnType<typeof lived>>;

/** The moments of calls to a path, by path. */
function momentsOf({ calls }: Lived, what: RegExp): Map<string, number[]> {
  const moments = new Map<string, number[]>();
  for (const call of calls) {
    const [at = '', ...rest] = call.split(' ');
    const name = rest.join(' ');
    if (what.test(name)) moments.set(name, [...(moments.get(name) ?? []), Number(at)]);
  }
  return moments;
}

const gaps = (moments: readonly number[]): number[] =>
  moments.slice(1).map((moment, index) => moment - (moments[index] ?? 0));

describe('a change of the clocks', () => {
  let still: Lived | null = null;

  /** The same two days where no clock is ever changed. */
  async function inUtc(): Promise<Lived> {
    process.env.TZ = 'UTC';
    still ??= await lived(Date.UTC(2027, 5, 1));
    return still;
  }

  it('is nothing that the house would need: subscriptions are renewed and tokens refreshed by elapsed time', async () => {
    const days = await inUtc();
    const renewals = momentsOf(days, /^POST .*\/subscription$/);
    expect(renewals.size).toBeGreaterThan(8);
    for (const moments of renewals.values()) {
      // A regrouping or a doubt may ask sooner; nothing is ever left for longer than a day.
      expect(Math.max(...gaps([...moments, 52 * HOUR]))).toBeLessThanOrEqual(24 * HOUR + MINUTE);
      expect(moments.length).toBeLessThanOrEqual(4);
    }
    expect(days.house.cloud.requests.filter(({ status }) => status === 401)).toEqual([]);
    const asked = days.house.cloud.requests.filter(({ path }) => path.endsWith('/oauth/access'));
    // The login, and a refresh each day.
    expect(asked).toHaveLength(3);
    for (const gap of gaps(asked.map(({ at }) => at))) {
      expect(gap).toBeGreaterThan(22 * HOUR);
      expect(gap).toBeLessThan(24 * HOUR);
    }
    expect(days.told.length).toBeGreaterThan(100);
    expect(new Set(days.told.join(' ').match(/schedule-1-\+\d+/g)).size).toBe(104);
    figure('calls in two days without a change', days.calls.length);
  });

  it('is nothing that topics tell: their times are ISO 8601 in UTC', async () => {
    const { times } = await inUtc();
    expect(times.size).toBeGreaterThan(20);
    for (const time of times) expect(time).toBe(new Date(time).toISOString());
  });

  it.each(ZONES)('makes no difference in %s, in spring and in autumn', async (name) => {
    const expected = await inUtc();
    process.env.TZ = name;
    for (const year of YEARS) {
      const both = changes(year);
      expect(both.map(({ by }) => Math.sign(by)).sort()).toEqual([-1, 1]);
      for (const { at, by } of both) {
        const days = await lived(at);
        // The zone is in force: the clocks on the wall did change meanwhile.
        expect(days.moved).toBe(by);
        expect(days.told).toEqual(expected.told);
        expect(days.calls).toEqual(expected.calls);
        expect(days.diary).toEqual(expected.diary);
        const same = days.told.length + days.calls.length + days.diary.length;
        figure(`${name} ${new Date(at).toISOString()}, by ${by} minutes: lines that were the same`, same);
      }
    }
  });

  it('shows on the clock of a person at a terminal, and nowhere else', () => {
    process.env.TZ = 'Europe/Amsterdam';
    const [spring] = changes(2027);
    const line = (at: number): string =>
      readableLine({ level: 'info', time: new Date(at).toISOString(), room: null, message: 'm', fields: {} });
    expect(line((spring?.at ?? 0) - 1)).toMatch(/^01:59:59\.999 /);
    expect(line(spring?.at ?? 0)).toMatch(/^03:00:00\.000 /);
  });
});

describe('a jump of the calendar', () => {
  const gone = (house: House): unknown => {
    const room = JSON.parse(house.broker.retained.get('sonos/home/attic') ?? 'null');
    return room?.online;
  };

  const isWell = (house: House): void => {
    expect(house.app.state().account.status).toBe('linked');
    expect(house.app.bridge.status()).toMatchObject([{ isSilent: false }]);
    const { wanted, held } = house.app.state().subscriptions;
    expect([wanted > 8, held]).toEqual([true, wanted]);
    expect(house.said.filter(({ level }) => level === 'error')).toEqual([]);
  };

  async function obeys(house: House, id: string, expires: number | null): Promise<unknown> {
    const expiry =
      expires === null ? {} : { expires_at: new Date(house.machine.calendar + expires).toISOString() };
    const payload = JSON.stringify({ value: 30 + (Number(id) % 20), id, ...expiry });
    house.broker.publish('sonos/home/kitchen/set/volume', payload, () => {});
    await house.time.advance(20_000);
    const answers = house.broker.taken
      .filter(({ topic }) => topic === 'sonos/home/kitchen/reply')
      .map((each): { id: string; status: string; error?: { code: string } } => JSON.parse(each.payload))
      .filter((answer) => answer.id === id);
    return answers.map(({ status, error }) => error?.code ?? status);
  }

  it.each([
    ['an hour ahead', HOUR],
    ['an hour back', -HOUR],
    ['a day ahead', DAY],
    ['a day back', -DAY],
    ['ten years ahead', 3_653 * DAY],
    ['ten years back', -3_653 * DAY],
  ])('by %s forgets nothing, loses no login and carries no command out too late', async (_, jump) => {
    const { house } = open();
    await moveIn(house);
    house.cloud.world.unplug('Attic');
    await house.time.advance(6 * HOUR);
    expect(gone(house)).toBe(false);

    house.machine.calendarOff += jump;
    await house.time.advance(3 * HOUR);
    expect(gone(house)).toBe(false);
    isWell(house);
    expect(await obeys(house, '1', null)).toEqual(['accepted', 'confirmed']);
    expect(await obeys(house, '2', MINUTE)).toEqual(['accepted', 'confirmed']);
    expect(await obeys(house, '3', -MINUTE)).toEqual(['expired']);

    // What is asked for now goes by the calendar as it is, and is still good when the calendar is set right again.
    house.machine.calendarOff -= jump;
    await house.time.advance(26 * HOUR);
    expect(gone(house)).toBe(false);
    isWell(house);
    expect(await obeys(house, '4', MINUTE)).toEqual(['accepted', 'confirmed']);
    const asked = house.cloud.requests.filter(({ path }) => path.endsWith('/oauth/access'));
    expect(asked.length).toBeLessThanOrEqual(6);
    expect(house.cloud.requests.filter(({ status }) => status === 401)).toEqual([]);

    house.cloud.world.plugIn('Attic');
    await house.time.advance(10 * MINUTE);
    expect(gone(house)).toBe(true);
    await house.stop();
  });

  it('does not keep a room for ever either: it is forgotten when the stopwatch says so', async () => {
    const { house } = open();
    await moveIn(house);
    house.cloud.world.unplug('Attic');
    await house.time.advance(DAY);
    house.machine.calendarOff -= 3_653 * DAY;
    await house.time.advance(house.config.forget_days * DAY - 2 * DAY);
    expect(gone(house)).toBe(false);
    await house.time.advance(2 * DAY);
    expect(gone(house)).toBeUndefined();
    await house.stop();
  }, 60_000);
});
