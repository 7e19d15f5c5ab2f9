import { describe, expect, it } from 'vitest';
import { evenOffset, isBetween, showings, timeOfDay, wallTime } from '../../src/bridge/zoned-time.ts';

const at = (iso: string): number => new Date(iso).getTime();
const shown = (iso: string, zone: string) => {
  const found = showings(at(`${iso}Z`), zone);
  return found.kind === 'gap'
    ? ['gap', new Date(found.end).toISOString()]
    : found.at.map((moment) => new Date(moment).toISOString());
};

describe('a clock on the wall', () => {
  it.each([
    ['2026-07-01T10:00:00Z', 'Europe/Amsterdam', '12:00'],
    ['2026-01-01T23:30:00Z', 'Europe/Amsterdam', '00:30'],
    ['2026-01-01T00:00:00Z', 'UTC', '00:00'],
    ['2026-07-01T00:00:00Z', 'Australia/Lord_Howe', '10:30'],
    ['2026-07-01T00:00:00Z', 'Asia/Kathmandu', '05:45'],
  ])('shows at %s in %s %s', (moment, zone, time) => {
    expect(timeOfDay(at(moment), zone)).toBe(time);
  });

  it('shows the time of the system where no zone is named', () => {
    const { timeZone } = new Intl.DateTimeFormat().resolvedOptions();
    const noon = at('2026-07-01T12:00:00Z');
    expect(wallTime(noon, null)).toBe(wallTime(noon, timeZone));
  });

  it('shows most times once', () => {
    expect(shown('2026-07-01T07:00', 'Europe/Amsterdam')).toEqual(['2026-07-01T05:00:00.000Z']);
  });

  it.each([
    ['2026-03-29T02:30', 'Europe/Amsterdam', '2026-03-29T01:00:00.000Z'],
    ['2026-03-08T02:00', 'America/New_York', '2026-03-08T07:00:00.000Z'],
    // Half an hour, from 02:00 to 02:30.
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
    // Over midnight.
    ['2026-09-06T00:20', 'America/Santiago', '2026-09-06T04:00:00.000Z'],
    // A day that a whole country left out.
    ['2011-12-30T07:00', 'Pacific/Apia', '2011-12-30T10:00:00.000Z'],
  ])('never shows %s in %s, and goes on at %s', (wall, zone, end) => {
    expect(shown(wall, zone)).toEqual(['gap', end]);
  });

  it.each([
    ['2026-10-25T02:30', 'Europe/Amsterdam', ['2026-10-25T00:30:00.000Z', '2026-10-25T01:30:00.000Z']],
    ['2026-11-01T01:00', 'America/New_York', ['2026-11-01T05:00:00.000Z', '2026-11-01T06:00:00.000Z']],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', ['2026-04-04T14:45:00.000Z', '2026-04-04T15:15:00.000Z']],
  ])('shows %s in %s twice', (wall, zone, both) => {
    expect(shown(wall, zone)).toEqual(both);
  });

  it('goes evenly but on the days around a change', () => {
    expect(evenOffset(at('2026-07-01T00:00Z'), 'Europe/Amsterdam')).toBe(2 * 3_600_000);
    expect(evenOffset(at('2026-03-29T00:00Z'), 'Europe/Amsterdam')).toBeNull();
  });
});

describe('hours of the day', () => {
  const zone = { timezone: 'UTC' };
  it.each([
    ['22:00', '06:30', '2026-07-01T21:59:59Z', false],
    ['22:00', '06:30', '2026-07-01T22:00:00Z', true],
    ['22:00', '06:30', '2026-07-01T06:29:59Z', true],
    ['22:00', '06:30', '2026-07-01T06:30:00Z', false],
    ['13:00', '15:00', '2026-07-01T14:00:00Z', true],
    ['13:00', '15:00', '2026-07-01T15:00:00Z', false],
    ['08:00', '08:00', '2026-07-01T03:00:00Z', true],
  ])('from %s to %s at %s: %s', (from, to, moment, expected) => {
    expect(isBetween({ from, to, ...zone }, at(moment))).toBe(expected);
  });
});
