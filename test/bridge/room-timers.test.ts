import { describe, expect, it } from 'vitest';
import { commandError } from '../../src/bridge/command-error.ts';
import { ok } from '../../src/bridge/result.ts';
import type { TestBridge } from '../support/bridge-house.ts';
import { createTestBridge, HOME, playerOf } from '../support/bridge-house.ts';
import { later, refused } from '../support/fake-sonos.ts';
import { tellVolume } from './commands-house.ts';
import { called, liven, openLivelyHouse, play, timersTold } from './timers-house.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const timersOf = (house: TestBridge, room = 'kitchen') => house.picture(room).timers;
const none = { sleep_at: null, wake_at: null };

/** The next run of the bridge, on what the one before had kept; Sonos is as it was, so long later. */
async function next(before: TestBridge, later = 0, alter: (house: TestBridge) => void = () => {}) {
  const house = createTestBridge({ timers: before.timers(), book: { households: {}, retired: [] } });
  for (const [room, speaker] of before.world.speakers) Object.assign(house.world.speaker(room), speaker);
  for (const room of ['kitchen', 'office']) house.world.party(room).state = before.world.party(room).state;
  liven(house);
  alter(house);
  house.clock.jumpNow(before.clock.now() - house.clock.now() + later);
  await house.start();
  return house;
}

describe('sleep', () => {
  it('fades the group, pauses it and puts the volumes back', async () => {
    const house = await openLivelyHouse();
    play(house, 'kitchen');
    house.world.speaker('bath').volume = 9;
    house.tell('playerVolume', playerOf('bath'));
    house.command('kitchen', 'sleep', { value: 30, id: 's' });
    await house.clock.advance(10);
    expect(house.statuses('s')).toEqual(['accepted', 'confirmed']);
    expect(house.last('s').result).toEqual({ sleep_at: '2026-11-21T20:30:02.000Z' });
    expect(timersOf(house)).toEqual({ sleep_at: '2026-11-21T20:30:02.000Z', wake_at: null });
    expect(timersOf(house, 'bath')).toEqual(none);
    await house.clock.advance(30 * MINUTE_MS);
    await house.clock.advance(MINUTE_MS);
    const calls = called(house);
    const ofKitchen = calls.filter((call) => call.startsWith('kitchen Volume'));
    // Twenty steps to 1, none twice, and back.
    expect(ofKitchen.slice(0, 3)).toEqual(['kitchen Volume 19', 'kitchen Volume 18', 'kitchen Volume 17']);
    expect(ofKitchen.slice(-2)).toEqual(['kitchen Volume 1', 'kitchen Volume 20']);
    expect(ofKitchen).toHaveLength(20);
    expect(calls.filter((call) => call.startsWith('bath Volume')).slice(-2)).toEqual([
      'bath Volume 1',
      'bath Volume 9',
    ]);
    expect(calls.filter((call) => call.endsWith('pause'))).toEqual(['kitchen pause']);
    expect(calls.indexOf('kitchen pause')).toBeGreaterThan(calls.indexOf('kitchen Volume 1'));
    expect(timersTold(house)).toEqual(['kitchen sleep started', 'kitchen sleep done']);
    expect(timersOf(house)).toEqual(none);
    expect(house.timers()).toEqual({ timers: [] });
  });

  it('takes its steps about a second apart', async () => {
    const house = await openLivelyHouse();
    play(house, 'office');
    house.command('office', 'sleep', { minutes: 1, fade: 10, id: 's' });
    await house.clock.advance(2 * MINUTE_MS);
    const times = house.sonos.made(/^POST .*playerVolume$/).map(({ at }) => at);
    for (const [index, at] of times.slice(1, -1).entries())
      expect(at - (times[index] ?? 0)).toBeGreaterThanOrEqual(SECOND_MS / 2);
  });

  it.each([0, 'off', false, { value: 'off' }, { minutes: 0 }])('is ended by %j', async (payload) => {
    const house = await openLivelyHouse();
    play(house, 'kitchen');
    house.command('kitchen', 'sleep', { value: 1, id: 's' });
    house.command(
      'kitchen',
      'sleep',
      typeof payload === 'object' ? { ...payload, id: 'e' } : { value: payload, id: 'e' },
    );
    await house.clock.advance(10);
    expect(house.last('e').result).toEqual({ sleep_at: null });
    await house.clock.advance(HOUR_MS);
    expect(called(house)).toEqual([]);
  });

  it('is one a room: the later takes the place of the earlier', async () => {
    const house = await openLivelyHouse();
    play(house, 'office');
    house.command('office', 'sleep', { minutes: 1, fade: false });
    house.command('office', 'sleep', { minutes: 10, fade: false });
    await house.clock.advance(9 * MINUTE_MS);
    expect(called(house)).toEqual([]);
    await house.clock.advance(2 * MINUTE_MS);
    expect(called(house)).toEqual(['office pause']);
  });

  it('of two rooms of a group happens one after the other, and the volumes are what they were', async () => {
    const house = await openLivelyHouse();
    play(house, 'kitchen');
    house.command('all', 'sleep', { value: 1, id: 's' });
    await house.clock.advance(5 * MINUTE_MS);
    expect(timersTold(house).sort()).toEqual([
      'bath sleep done',
      'bath sleep started',
      'kitchen sleep done',
      'kitchen sleep started',
      'office sleep done',
      'office sleep started',
    ]);
    for (const room of ['kitchen', 'bath', 'office']) expect(house.world.speaker(room).volume).toBe(20);
  });

  it('is ended by whoever moves the volume: the music goes on, and the other rooms are as they were', async () => {
    const house = await openLivelyHouse();
    play(house, 'kitchen');
    house.command('kitchen', 'sleep', { value: 1 });
    await house.clock.advance(MINUTE_MS + 10 * SECOND_MS);
    tellVolume(house, 'bath', 33);
    await house.clock.advance(MINUTE_MS);
    expect(called(house).filter((call) => call.endsWith('pause'))).toEqual([]);
    expect(timersTold(house)).toEqual(['kitchen sleep started', 'kitchen sleep interrupted']);
    expect([house.world.speaker('kitchen').volume, house.world.speaker('bath').volume]).toEqual([20, 33]);
  });

  it('that could not pause leaves the music low', async () => {
    const house = await openLivelyHouse();
    play(house, 'office');
    house.sonos.on(/playback\/pause/, () => refused());
    house.command('office', 'sleep', { minutes: 1, fade: 5 });
    await house.clock.advance(3 * MINUTE_MS);
    expect(timersTold(house)).toEqual(['office sleep started', 'office sleep failed']);
    expect(house.world.speaker('office').volume).toBe(1);
  });

  it('leaves alone what cannot be moved, is low already or not known', async () => {
    const house = await openLivelyHouse();
    play(house, 'kitchen');
    tellVolume(house, 'kitchen', 1);
    house.world.speaker('bath').fixed = true;
    house.tell('playerVolume', playerOf('bath'));
    house.command('kitchen', 'sleep', { value: 1 });
    await house.clock.advance(3 * MINUTE_MS);
    expect(called(house)).toEqual(['kitchen pause']);
    expect(timersTold(house).at(-1)).toBe('kitchen sleep done');
  });

  it('is nothing to a room that is away, neither when it is set nor when it comes', async () => {
    const house = await openLivelyHouse();
    play(house, 'office');
    house.command('office', 'sleep', { value: 1 });
    await house.clock.advance(10);
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    house.command('office', 'sleep', { value: 5, id: 'away' });
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.last('away').error?.code).toBe('not_capable');
    expect(timersTold(house)).toEqual(['office sleep started', 'office sleep failed']);
  });
});

describe('a sleep over a restart', () => {
  it('comes when it was to come', async () => {
    const first = await openLivelyHouse();
    play(first, 'office');
    first.command('office', 'sleep', { value: 30 });
    await first.clock.advance(MINUTE_MS);
    const second = await next(first, 5 * MINUTE_MS);
    expect(timersOf(second, 'office')).toEqual({ sleep_at: '2026-11-21T20:30:02.000Z', wake_at: null });
    await second.clock.advance(23 * MINUTE_MS);
    expect(called(second)).toEqual([]);
    await second.clock.advance(3 * MINUTE_MS);
    expect(called(second)).toContain('office pause');
    expect(second.world.speaker('office').volume).toBe(20);
  });

  it('that ended it in the middle of fading pauses at once, and puts the volume back', async () => {
    const first = await openLivelyHouse();
    play(first, 'office');
    first.command('office', 'sleep', { value: 1 });
    await first.clock.advance(MINUTE_MS + 15 * SECOND_MS);
    expect(first.world.speaker('office').volume).toBeLessThan(15);
    void first.bridge.stop();
    await first.clock.advance(10);
    const second = await next(first, 5 * SECOND_MS);
    await second.clock.advance(5 * SECOND_MS);
    expect(called(second)).toEqual(['office pause', 'office Volume 20']);
    expect(timersTold(second)).toEqual(['office sleep started', 'office sleep done']);
    expect(second.timers()).toEqual({ timers: [] });
  });

  it('of less than an hour is made up for, and of more is missed', async () => {
    for (const [later, outcome] of [
      [59 * MINUTE_MS, 'done'],
      [62 * MINUTE_MS, 'missed'],
    ] as const) {
      const first = await openLivelyHouse();
      play(first, 'office');
      first.command('office', 'sleep', { value: 1 });
      await first.clock.advance(10);
      const second = await next(first, later);
      await second.clock.advance(MINUTE_MS);
      expect(timersTold(second).at(-1) ?? 'office sleep missed').toBe(`office sleep ${outcome}`);
      expect(second.lines.filter(({ message }) => message.includes('was missed'))).toHaveLength(
        outcome === 'missed' ? 1 : 0,
      );
      expect(called(second)).toEqual(outcome === 'done' ? ['office pause'] : []);
      expect(second.timers()).toEqual({ timers: [] });
    }
  });
});

describe('wake', () => {
  const soft = { favorite: 'Jazz', volume: 12, fade_minutes: 1 };
  const morning = { ...soft, at: '07:00', timezone: 'UTC' };

  it('begins a favorite softly at its time, and raises it', async () => {
    const house = await openLivelyHouse();
    house.world.speaker('kitchen').muted = true;
    house.tell('playerVolume', playerOf('kitchen'));
    house.command('kitchen', 'wake', { ...morning, id: 'w' });
    await house.clock.advance(10);
    expect(house.last('w')).toMatchObject({
      status: 'confirmed',
      result: { wake_at: '2026-11-22T07:00:00.000Z' },
    });
    expect(timersOf(house)).toEqual({ sleep_at: null, wake_at: '2026-11-22T07:00:00.000Z' });
    await house.clock.advance(11 * HOUR_MS - 10 * SECOND_MS);
    expect(called(house)).toEqual([]);
    await house.clock.advance(2 * MINUTE_MS);
    const calls = called(house);
    expect(calls.slice(0, 3)).toEqual(['kitchen Volume 1', 'kitchen Volume mute', 'kitchen favorites']);
    expect(calls.slice(3)).toHaveLength(11);
    expect(calls.at(-1)).toBe('kitchen Volume 12');
    expect(timersTold(house)).toEqual(['kitchen wake started', 'kitchen wake done']);
    expect(timersOf(house)).toEqual(none);
  });

  it('on some days comes again on those', async () => {
    const house = await openLivelyHouse();
    // The 21st of November 2026 is a Saturday.
    house.command('kitchen', 'wake', { ...morning, days: ['mon', 2], fade_minutes: 0 });
    await house.clock.advance(10);
    expect(timersOf(house)).toMatchObject({ wake_at: '2026-11-23T07:00:00.000Z' });
    await house.clock.advance(2 * DAY_MS);
    expect(timersTold(house)).toEqual(['kitchen wake started', 'kitchen wake done']);
    expect(timersOf(house)).toMatchObject({ wake_at: '2026-11-24T07:00:00.000Z' });
    house.command('kitchen', 'wake', { value: 'off', id: 'off' });
    await house.clock.advance(DAY_MS);
    expect(house.last('off').result).toEqual({ wake_at: null });
    expect(timersTold(house)).toHaveLength(2);
  }, 60_000);

  it('that was set anew or ended while it was under way does not come again', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'wake', { ...morning, days: [0, 1, 2, 3, 4, 5, 6] });
    await house.clock.advance(11 * HOUR_MS + 20 * SECOND_MS);
    house.command('kitchen', 'wake', { at: '09:00', timezone: 'UTC' });
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.timers().timers.map(({ at }) => new Date(at).toISOString())).toEqual([
      '2026-11-22T09:00:00.000Z',
    ]);
  });

  it('without a favorite plays what was there, after some minutes or at a moment', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'wake', { at: 5, volume: 0, fade_minutes: 0 });
    house.command('office', 'wake', { at: '2026-11-21T21:10:00+01:00', playlist: 'Party', id: 'p' });
    await house.clock.advance(6 * MINUTE_MS);
    expect(called(house)).toEqual(['kitchen play', 'kitchen Volume 0']);
    expect(timersOf(house, 'office')).toMatchObject({ wake_at: '2026-11-21T20:10:00.000Z' });
  });

  it('is ended by whoever moves the volume', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'wake', { ...soft, at: 1 });
    await house.clock.advance(MINUTE_MS + 20 * SECOND_MS);
    tellVolume(house, 'kitchen', 2);
    await house.clock.advance(2 * MINUTE_MS);
    expect(timersTold(house).at(-1)).toBe('kitchen wake interrupted');
    expect(house.world.speaker('kitchen').volume).toBe(2);
  });

  it('whose favorite cannot be had leaves the volume as it was, and says so', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'wake', { ...soft, at: 1, favorite: 'Polka' });
    await house.clock.advance(2 * MINUTE_MS);
    expect(house.happenings.at(-1)?.happening).toMatchObject({
      ...{ kind: 'wake', outcome: 'failed' },
      error: { code: 'unknown_favorite' },
    });
    expect(house.world.speaker('kitchen').volume).toBe(20);
  });

  it('of a line-out that is fixed only begins the music', async () => {
    const house = await openLivelyHouse();
    house.world.speaker('kitchen').fixed = true;
    house.tell('playerVolume', playerOf('kitchen'));
    house.command('kitchen', 'wake', { ...soft, at: 1 });
    await house.clock.advance(2 * MINUTE_MS);
    expect(called(house)).toEqual(['kitchen favorites']);
    expect(timersTold(house).at(-1)).toBe('kitchen wake done');
  });

  it('over a restart comes up to ten minutes late, and only its volume is raised when it had begun', async () => {
    const first = await openLivelyHouse();
    first.command('kitchen', 'wake', { ...soft, at: 1 });
    await first.clock.advance(10);
    const late = await next(first, 11 * MINUTE_MS - 10 * SECOND_MS);
    await late.clock.advance(2 * MINUTE_MS);
    expect(timersTold(late)).toEqual(['kitchen wake started', 'kitchen wake done']);
    const tooLate = await next(first, 12 * MINUTE_MS);
    await tooLate.clock.advance(MINUTE_MS);
    expect(called(tooLate)).toEqual([]);
    await first.clock.advance(MINUTE_MS + 20 * SECOND_MS);
    void first.bridge.stop();
    const begun = await next(first, SECOND_MS);
    await begun.clock.advance(2 * MINUTE_MS);
    expect(called(begun).filter((call) => !call.includes('Volume'))).toEqual([]);
    expect(begun.world.speaker('kitchen').volume).toBe(12);
  });

  it('of some days that was missed comes the next time', async () => {
    const first = await openLivelyHouse();
    first.command('kitchen', 'wake', { ...morning, days: ['sun', 'mon'] });
    await first.clock.advance(10);
    const second = await next(first, 13 * HOUR_MS);
    expect(timersOf(second)).toMatchObject({ wake_at: '2026-11-23T07:00:00.000Z' });
  });

  it.each([
    [{ at: '2026-11-21T10:00:00Z' }, /passed/],
    [{ at: 'seven' }, /at/],
    [{ at: '07:00', timezone: 'Mars' }, /timezone/],
    [{ at: '07:00', favorite: 'a', playlist: 'b' }, /too many/],
    [{ at: 10, days: ['mon'] }, /time of the day/],
    [{ at: '07:00', volum: 3 }, /volum/],
    [{ value: {} }, /at/],
  ])('refuses %j', async (payload, words) => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'wake', { ...payload, id: 'w' });
    await house.clock.advance(10);
    expect(house.last('w').error).toMatchObject({ code: 'invalid_payload' });
    expect(house.last('w').error?.message).toMatch(words);
  });
});

describe('what is set', () => {
  it('is kept before it is accepted, and a disk that does not answer is waited for two seconds', async () => {
    const house = await openLivelyHouse();
    house.keep = () => new Promise<void>(() => {});
    house.command('kitchen', 'sleep', { value: 30, id: 's' });
    house.command('kitchen', 'wake', { at: '07:00', id: 'w' });
    await house.clock.advance(1_000);
    expect([house.statuses('s'), house.statuses('w')]).toEqual([[], []]);
    await house.clock.advance(1_500);
    expect(house.statuses('s')).toEqual(['accepted', 'confirmed']);
  });

  it('leaves no timer behind when the bridge stops', async () => {
    const house = await openLivelyHouse();
    play(house, 'kitchen');
    house.command('kitchen', 'sleep', { value: 1 });
    house.command('office', 'fade', { volume: 90, seconds: 600, id: 'f' });
    await house.clock.advance(MINUTE_MS + 5 * SECOND_MS);
    await house.bridge.stop();
    const calls = called(house).length;
    await house.clock.advance(HOUR_MS);
    expect(called(house)).toHaveLength(calls);
    expect(house.last('f').status).not.toBe('accepted');
  });
});

describe('fade', () => {
  it('moves the volume in steps, and ends exactly there', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'fade', { value: 35, seconds: 10, id: 'f' });
    await house.clock.advance(12 * SECOND_MS);
    expect(house.statuses('f')).toEqual(['accepted', 'confirmed']);
    expect(house.last('f').result).toEqual({ volume: 35 });
    const volumes = called(house).map((call) => Number(call.split(' ').at(-1)));
    expect(volumes).toEqual([...volumes].sort((a, b) => a - b));
    expect(volumes.length).toBeGreaterThan(7);
    expect(volumes.length).toBeLessThan(13);
    expect(volumes.at(-1)).toBe(35);
  });

  it.each(['30', 30, '"30"'])('takes %j, and five seconds', async (payload) => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'fade', String(payload));
    await house.clock.advance(4 * SECOND_MS);
    expect(house.world.speaker('kitchen').volume).toBeLessThan(30);
    await house.clock.advance(2 * SECOND_MS);
    expect(house.world.speaker('kitchen').volume).toBe(30);
  });

  it('ends where somebody else moves the volume, and says so', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'fade', { volume: 80, seconds: 60, id: 'f' });
    await house.clock.advance(10 * SECOND_MS);
    tellVolume(house, 'kitchen', 15);
    await house.clock.advance(10 * SECOND_MS);
    expect(house.last('f')).toMatchObject({
      status: 'unconfirmed',
      result: { ended: 'touched', volume: 15 },
    });
    expect(house.world.speaker('kitchen').volume).toBe(15);
  });

  it('gives way to the next one, and to a volume command', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'fade', { volume: 80, seconds: 60, id: 'a' });
    await house.clock.advance(10 * SECOND_MS);
    house.command('kitchen', 'fade', { volume: 10, seconds: 10, id: 'b' });
    await house.clock.advance(5 * SECOND_MS);
    expect(house.last('a').result).toMatchObject({ ended: 'replaced' });
    house.command('kitchen', 'volume', { value: 50, id: 'v' });
    await house.clock.advance(5 * SECOND_MS);
    expect(house.last('b').result).toMatchObject({ ended: 'touched' });
    expect(house.world.speaker('kitchen').volume).toBe(50);
  });

  it('to where the volume is already is nothing to do', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'fade', { volume: 20, seconds: 0, id: 'f' });
    await house.clock.advance(10);
    expect(house.last('f').result).toEqual({ volume: 20 });
    expect(called(house)).toEqual([]);
  });

  it('fails where a step fails, and when the room leaves', async () => {
    const house = await openLivelyHouse();
    house.command('office', 'fade', { volume: 80, seconds: 60, id: 'gone' });
    house.command('kitchen', 'fade', { volume: 80, seconds: 60, id: 'no' });
    await house.clock.advance(3 * SECOND_MS);
    house.sonos.on(/POST .*playerVolume/, () => refused());
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    await house.clock.advance(10 * SECOND_MS);
    expect(house.last('gone').error?.code).toBe('not_capable');
    expect(house.last('no').error?.code).toBe('sonos_error');
  });

  it('of a step that nobody can see is unconfirmed', async () => {
    const house = await openLivelyHouse();
    house.sonos.on(/playerVolume$/, () => ({ ok: true, value: {} }));
    house.command('kitchen', 'fade', { volume: 80, seconds: 3, id: 'f' });
    await house.clock.advance(20 * SECOND_MS);
    expect(house.last('f')).toMatchObject({ status: 'unconfirmed', result: { ended: 'unconfirmed' } });
  });

  it('refuses what is fixed, away, or no fade', async () => {
    const house = await openLivelyHouse();
    house.world.speaker('bath').fixed = true;
    house.tell('playerVolume', playerOf('bath'));
    house.command('bath', 'fade', { value: 30, id: 'fixed' });
    house.command('kitchen', 'fade', { value: 101, id: 'loud' });
    house.command('kitchen', 'fade', { id: 'empty' });
    house.command('kitchen', 'fade', { value: 20, seconds: 4000, id: 'long' });
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    house.command('office', 'fade', { value: 30, id: 'away' });
    house.obstacle = commandError('not_linked', 'No login.', 'Log in.');
    house.command('kitchen', 'fade', { value: 30, id: 'unlinked' });
    await house.clock.advance(10);
    const codes = ['fixed', 'loud', 'empty', 'long', 'away', 'unlinked'].map(
      (id) => house.last(id).error?.code,
    );
    expect(codes).toEqual([
      'not_capable',
      ...['invalid_payload', 'invalid_payload', 'invalid_payload'],
      ...['not_capable', 'not_linked'],
    ]);
  });

  it('of a room whose volume is not known fails', async () => {
    const house = createTestBridge();
    house.sonos.on(/GET .*playerVolume/, () => refused());
    await house.start();
    house.command('kitchen', 'fade', { value: 30, id: 'f' });
    await house.clock.advance(100);
    expect(house.last('f').error?.code).toBe('not_capable');
  });
});

describe('what comes between', () => {
  const slow = async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'fade', { volume: 80, seconds: 60, id: 'f' });
    await house.clock.advance(10);
    return house;
  };

  it('a household that leaves ends its fades, and its timers are forgotten when they come', async () => {
    const house = await slow();
    house.command('kitchen', 'sleep', { value: 30 });
    await house.clock.advance(10);
    house.bridge.setHouseholds([]);
    await house.clock.advance(5 * SECOND_MS);
    expect(house.last('f').error?.code).toBe('not_capable');
    await house.clock.advance(2 * HOUR_MS);
    expect(house.timers()).toEqual({ timers: [] });
    expect(timersTold(house)).toEqual([]);
  });

  it('a fade that comes while a step is under way has the volume', async () => {
    const house = await slow();
    await house.clock.advance(SECOND_MS);
    house.command('kitchen', 'fade', { volume: 90, seconds: 2, id: 'never' });
    house.command('kitchen', 'fade', { volume: 10, seconds: 2, id: 'next' });
    await house.clock.advance(5 * SECOND_MS);
    expect(house.last('never').result).toMatchObject({ ended: 'replaced' });
    expect(house.last('f').result).toMatchObject({ ended: 'replaced' });
    expect(house.world.speaker('kitchen').volume).toBe(10);
  });

  it('a volume that overtakes a waiting step has it, too', async () => {
    const house = await slow();
    house.sonos.on(/playerVolume$/, () => later(house.clock, 400, () => null).then(() => ok({})));
    await house.clock.advance(900);
    house.command('kitchen', 'volume', { value: 50, id: 'a' });
    await house.clock.advance(200);
    house.command('kitchen', 'volume', { value: 51, id: 'b' });
    await house.clock.advance(20 * SECOND_MS);
    expect(house.last('f')).toMatchObject({ status: 'unconfirmed', result: { ended: 'touched' } });
  });

  it('a fade ends a sleep and a wake', async () => {
    const house = await openLivelyHouse();
    play(house, 'office');
    house.command('office', 'sleep', { minutes: 1, fade: 30 });
    house.command('kitchen', 'wake', { at: 1, volume: 60, fade_minutes: 1 });
    await house.clock.advance(MINUTE_MS + 10 * SECOND_MS);
    house.command('all', 'fade', { value: 30, seconds: 1 });
    await house.clock.advance(MINUTE_MS);
    expect(timersTold(house).slice(-2).sort()).toEqual([
      'kitchen wake interrupted',
      'office sleep interrupted',
    ]);
    expect(house.world.speaker('office').volume).toBe(30);
  });

  it('a room that leaves the house while its group falls asleep is left as it is', async () => {
    const house = await openLivelyHouse();
    play(house, 'kitchen');
    house.command('kitchen', 'sleep', { value: 1 });
    await house.clock.advance(MINUTE_MS + 10 * SECOND_MS);
    house.world.regroup([['kitchen'], ['office']]);
    house.tell('groups', HOME);
    await house.clock.advance(MINUTE_MS);
    expect(timersTold(house).at(-1)).toBe('kitchen sleep done');
    expect(house.world.speaker('kitchen').volume).toBe(20);
  });

  it('a wake whose steps are refused failed, and one without music leaves the volume alone', async () => {
    const house = await openLivelyHouse();
    house.command('kitchen', 'wake', { at: 1, volume: 60, fade_minutes: 1 });
    house.command('office', 'wake', { at: 1, favorite: 'Polka', fade_minutes: 0 });
    await house.clock.advance(MINUTE_MS + 10 * SECOND_MS);
    house.sonos.on(/POST .*playerVolume$/, () => refused());
    await house.clock.advance(MINUTE_MS);
    expect(timersTold(house).slice(-2).sort()).toEqual(['kitchen wake failed', 'office wake failed']);
    expect(house.world.speaker('office').volume).toBe(20);
  });

  it('a wake of a room that is away fails, and a disk that refuses holds nothing up', async () => {
    const house = await openLivelyHouse();
    house.keep = () => Promise.reject(new Error('full'));
    house.command('office', 'wake', { at: 1, id: 'w' });
    await house.clock.advance(10);
    expect(house.statuses('w')).toEqual(['accepted', 'confirmed']);
    house.world.regroup([['kitchen', 'bath']]);
    house.tell('groups', HOME);
    await house.clock.advance(2 * MINUTE_MS);
    expect(timersTold(house)).toEqual(['office wake started', 'office wake failed']);
  });

  it('nobody is faded before it is known who is there', async () => {
    const first = await openLivelyHouse();
    const saved = first.diary.findLast((entry) => entry.kind === 'save');
    if (saved?.kind !== 'save') throw new Error('no book was saved');
    const house = createTestBridge({ book: saved.book });
    house.sonos.on(/GET .*groups/, () => 'hang');
    await house.start();
    house.command('kitchen', 'fade', { value: 30, id: 'f' });
    house.command('kitchen', 'sleep', { value: 30, id: 's' });
    house.command('kitchen', 'fade', '', {});
    await house.clock.advance(100);
    expect(house.last('f').error?.code).toBe('not_capable');
    expect(house.last('s').status).toBe('confirmed');
  });

  it('a wake of no day that a file has does not come again, and what is no sleep is refused', async () => {
    const place = { household: HOME, playerId: playerOf('kitchen'), id: 'w' };
    const house = createTestBridge({
      timers: {
        timers: [
          {
            ...{ kind: 'wake', ...place, at: 0, time: '07:00', timezone: null, days: [], isBegun: false },
            ...{ source: { command: 'play', value: null }, volume: 20, fadeSeconds: 0 },
          },
        ],
      },
    });
    await house.start();
    house.command('kitchen', 'sleep', { value: 'soon', id: 's' });
    await house.clock.advance(100);
    expect(house.timers()).toEqual({ timers: [] });
    expect(house.last('s').error?.code).toBe('invalid_payload');
  });
});
