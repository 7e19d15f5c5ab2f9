import { describe, expect, it } from 'vitest';
import { nextRun } from '../../src/bridge/cron-runs.ts';
import { readCron } from '../../src/config/cron.ts';

function runs(cron: string, zone: string, from: string, to: string): string[] {
  const pattern = readCron(cron);
  if (!pattern.ok) throw new Error(pattern.error);
  const found: string[] = [];
  const end = new Date(to).getTime();
  let at = nextRun(pattern.value, zone, new Date(from).getTime());
  while (at !== null && at <= end) {
    found.push(new Date(at).toISOString().replace(':00.000Z', 'Z'));
    at = nextRun(pattern.value, zone, at);
  }
  return found;
}

const AMSTERDAM = 'Europe/Amsterdam';
const SPRING = ['2026-03-28T12:00:00Z', '2026-03-30T12:00:00Z'] as const;
const AUTUMN = ['2026-10-24T12:00:00Z', '2026-10-26T12:00:00Z'] as const;

describe('when a cron expression is due', () => {
  it.each([
    ['30 6 * * mon-fri', ['2026-07-03T04:30Z', '2026-07-06T04:30Z', '2026-07-07T04:30Z']],
    ['0 7 L * *', ['2026-07-31T05:00Z']],
    ['0 7 * * mon#2', ['2026-07-13T05:00Z']],
    // Both days have to fit.
    ['0 7 13 * fri', []],
    ['@monthly', ['2026-07-31T22:00Z']],
  ])('by the calendar: %s', (cron, expected) => {
    const until = cron.startsWith('30') ? '2026-07-07T12:00:00Z' : '2026-08-01T00:00:00Z';
    expect(runs(cron, AMSTERDAM, '2026-07-03T00:00:00Z', until)).toEqual(expected);
  });

  it.each([
    ['30 2 * * *', AMSTERDAM, SPRING, ['2026-03-29T01:00Z', '2026-03-30T00:30Z']],
    [
      '0,30 2,3 * * *',
      AMSTERDAM,
      ['2026-03-29T00:00:00Z', '2026-03-29T12:00:00Z'],
      ['2026-03-29T01:00Z', '2026-03-29T01:30Z'],
    ],
    [
      '15 2 * * *',
      'America/New_York',
      ['2026-03-07T12:00:00Z', '2026-03-09T12:00:00Z'],
      ['2026-03-08T07:00Z', '2026-03-09T06:15Z'],
    ],
    [
      '15 2 * * *',
      'Australia/Lord_Howe',
      ['2026-10-03T00:00:00Z', '2026-10-04T20:00:00Z'],
      ['2026-10-03T15:30Z', '2026-10-04T15:15Z'],
    ],
    [
      '0 0 * * *',
      'America/Santiago',
      ['2026-09-05T12:00:00Z', '2026-09-07T12:00:00Z'],
      ['2026-09-06T04:00Z', '2026-09-07T03:00Z'],
    ],
  ] as const)(
    'a time that spring leaves out is had when the clocks have gone forward: %s in %s',
    (cron, zone, [from, to], expected) => {
      expect(runs(cron, zone, from, to)).toEqual(expected);
    },
  );

  it.each([
    ['30 2 * * *', AMSTERDAM, AUTUMN, ['2026-10-25T00:30Z', '2026-10-26T01:30Z']],
    [
      '30 1 * * *',
      'America/New_York',
      ['2026-10-31T12:00:00Z', '2026-11-02T12:00:00Z'],
      ['2026-11-01T05:30Z', '2026-11-02T06:30Z'],
    ],
    [
      '45 1 * * *',
      'Australia/Lord_Howe',
      ['2026-04-04T00:00:00Z', '2026-04-06T00:00:00Z'],
      ['2026-04-04T14:45Z', '2026-04-05T15:15Z'],
    ],
    // Where clocks go back over midnight.
    [
      '30 23 * * *',
      'America/Santiago',
      ['2026-04-04T12:00:00Z', '2026-04-06T12:00:00Z'],
      ['2026-04-05T02:30Z', '2026-04-06T03:30Z'],
    ],
  ] as const)(
    'a time that autumn shows twice is had the first time: %s in %s',
    (cron, zone, [from, to], expected) => {
      expect(runs(cron, zone, from, to)).toEqual(expected);
    },
  );

  it.each([
    ['spring', '2026-03-29T00:00:00Z', '2026-03-29T03:00:00Z'],
    ['autumn', '2026-10-24T23:00:00Z', '2026-10-25T03:00:00Z'],
  ])('a rhythm goes on evenly through %s', (_when, from, to) => {
    const hours = (new Date(to).getTime() - new Date(from).getTime()) / 3_600_000;
    for (const zone of [AMSTERDAM, 'Australia/Lord_Howe', 'UTC']) {
      expect(runs('*/15 * * * *', zone, from, to)).toHaveLength(hours * 4);
    }
  });

  it.each([AMSTERDAM, 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Africa/Casablanca'])(
    'every time of the day is had once a day of the year in %s',
    (zone) => {
      for (const cron of ['30 2 * * *', '0 0 * * *', '45 1 * * *', '59 23 * * *']) {
        expect(runs(cron, zone, '2026-01-01T12:00:00Z', '2027-01-01T12:00:00Z')).toHaveLength(365);
      }
    },
  );

  it('the 29th of February may be eight years away, and what never comes is never', () => {
    expect(runs('0 0 29 2 *', 'UTC', '2096-03-01T00:00:00Z', '2104-12-31T00:00:00Z')).toEqual([
      '2104-02-29T00:00Z',
    ]);
    expect(runs('0 0 29 2 mon#1', 'UTC', '2026-01-01T00:00:00Z', '2126-01-01T00:00:00Z')).toEqual([]);
  });
});

describe('a cron expression that is wrong', () => {
  it.each([
    ['61 * * * *', /61/],
    ['0 0 31 2 *', /31/],
    ['* * * *', /4 fields/],
    ['* * * * * *', /6 fields/],
    ['at seven', /2 fields/],
    ['@now', /illegal/],
  ])('is refused: %s', (cron, words) => {
    const read = readCron(cron);
    expect(read.ok ? '' : read.error).toMatch(words);
  });
});
