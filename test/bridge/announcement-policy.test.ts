import { describe, expect, it } from 'vitest';
import type { Announcement } from '../../src/bridge/announcement.ts';
import { blockedBy, type QuietHours, volumeFor } from '../../src/bridge/announcement-policy.ts';
import { type Household, seatOf } from '../../src/bridge/state.ts';
import { OPEN, said } from '../support/announcement.ts';
import { house, idOf, recorded, withEvent } from '../support/house.ts';

const home = house(['Kitchen', 'Bath'], ['Den']);
const at = (household: Household, room = 'Kitchen') => {
  const seat = seatOf(household, idOf(room));
  if (seat === null) throw new Error('no such room');
  return seat;
};

const utc = (time: string): number => Date.parse(`2026-11-21T${time}:00.000Z`);

const night: QuietHours = {
  ...{ from: '22:00', to: '06:30', timezone: 'UTC', rooms: null },
  minPriority: 'high',
};

const inHours = (
  hours: Partial<QuietHours>,
  time: number,
  more: Partial<Announcement> = {},
  room = 'Kitchen',
) => blockedBy({ ...OPEN, quietHours: [{ ...night, ...hours }] }, at(home, room), said(more), time);

describe('quiet hours', () => {
  it.each([
    ['21:59', false],
    ['22:00', true],
    ['00:00', true],
    ['06:29', true],
    ['06:30', false],
  ])('pass midnight: at %s it is quiet: %s', (time, isQuiet) => {
    expect(inHours({}, utc(time)) !== null).toBe(isQuiet);
  });

  it.each([
    ['12:59', false],
    ['13:00', true],
    ['14:59', true],
    ['15:00', false],
  ])('lie within a day: at %s it is quiet: %s', (time, isQuiet) => {
    expect(inHours({ from: '13:00', to: '15:00' }, utc(time)) !== null).toBe(isQuiet);
  });

  it('last the whole day when they begin as they end', () => {
    for (const time of ['00:00', '12:00', '23:59'])
      expect(inHours({ from: '12:00', to: '12:00' }, utc(time))).not.toBeNull();
  });

  it('are those of their time zone, also when its clocks change', () => {
    const berlin = { timezone: 'Europe/Berlin' };
    expect(inHours(berlin, utc('21:00'))).not.toBeNull();
    expect(inHours(berlin, utc('20:59'))).toBeNull();
    expect(inHours(berlin, Date.parse('2026-07-01T20:00:00Z'))).not.toBeNull();
    expect(inHours(berlin, Date.parse('2026-07-01T19:59:00Z'))).toBeNull();
  });

  it("are the system's when they have no time zone", () => {
    const zone = new Intl.DateTimeFormat().resolvedOptions().timeZone;
    for (const time of ['03:00', '11:00', '19:00'])
      expect(inHours({ timezone: null }, utc(time))).toEqual(inHours({ timezone: zone }, utc(time)));
  });

  it('are those of some rooms, by address or player id', () => {
    for (const rooms of [['kitchen'], [idOf('Kitchen')]]) {
      expect(inHours({ rooms }, utc('23:00'))).not.toBeNull();
      expect(inHours({ rooms }, utc('23:00'), {}, 'Den')).toBeNull();
    }
  });

  it('let through what is important enough, and name themselves to the rest', () => {
    expect(inHours({}, utc('23:00'), { priority: 'high' })).toBeNull();
    expect(inHours({ minPriority: 'normal' }, utc('23:00'))).toBeNull();
    const error = inHours({}, utc('23:00'));
    expect(error).toMatchObject({ code: 'blocked', rule: 'quiet_hours' });
    expect(error?.message).toBe('It is quiet in "kitchen" from 22:00 to 06:30.');
    expect(error?.advice).toContain('"high"');
  });
});

describe('a room that plays the TV', () => {
  const tv = withEvent(
    withEvent(
      home,
      'Kitchen',
      'playbackMetadata',
      'metadataStatus',
      recorded('event.metadataStatus.tv-hdmi-dolby51.json'),
    ),
    'Kitchen',
    'playback',
    'playbackStatus',
    { playbackState: 'PLAYBACK_STATE_PLAYING' },
  );
  const settings = { ...OPEN, notWhileTv: true };

  it('is left alone when that is wished, except by what is important', () => {
    expect(blockedBy(settings, at(tv), said(), 0)).toMatchObject({ code: 'blocked', rule: 'tv' });
    expect(blockedBy(settings, at(tv), said({ priority: 'high' }), 0)).toBeNull();
    expect(blockedBy(OPEN, at(tv), said(), 0)).toBeNull();
  });

  it('is one whose TV sounds', () => {
    const off = withEvent(tv, 'Kitchen', 'playback', 'playbackStatus', {
      playbackState: 'PLAYBACK_STATE_IDLE',
    });
    for (const seat of [at(off), at(tv, 'Den'), at(home)])
      expect(blockedBy(settings, seat, said(), 0)).toBeNull();
  });
});

describe('the volume of an announcement', () => {
  const loud = withEvent(home, 'Kitchen', 'playerVolume', 'playerVolume', { volume: 70, muted: false });
  const rooms = new Map([['kitchen', 15]]);

  it.each([
    ["the sender's", { volume: 40, volumes: rooms }, 30, 30],
    ["the room's", { volume: 40, volumes: rooms }, null, 15],
    ["the house's", { volume: 40 }, null, 40],
    ["the player's own", {}, null, null],
    ["never above the ceiling: the sender's", { maxVolume: 50 }, 80, 50],
    ["never above the ceiling: the house's", { maxVolume: 50, volume: 60 }, null, 50],
    ["never above the ceiling: the player's own", { maxVolume: 50 }, null, 50],
    ["below the ceiling: the player's own", { maxVolume: 70 }, null, null],
  ])('is %s', (_whose, settings, volume, expected) => {
    expect(volumeFor({ ...OPEN, ...settings }, at(loud), said({ volume }))).toBe(expected);
  });

  it('is left to a player whose own is not known', () => {
    expect(volumeFor({ ...OPEN, maxVolume: 50 }, at(home), said())).toBeNull();
  });
});
