import { describe, expect, it } from 'vitest';
import { extremes, median, quantile } from '../../bench/harness/stats.ts';
import { hotSpots } from '../../bench/profile/hot-spots.ts';
import { chapterOf, figure, tableText } from '../../bench/report.ts';

describe('the figures of the bench', () => {
  it('are percentiles by nearest rank, in whatever order the values came', () => {
    const values = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect([quantile(values, 0.5), quantile(values, 0.99), quantile(values, 1)]).toEqual([50, 99, 100]);
    expect(quantile([7], 0.99)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });

  it('are medians and extremes', () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(median([])).toBeNaN();
    expect(extremes([2, 9, 4])).toEqual([2, 9]);
  });

  it('are written with no more digits than they have', () => {
    expect([31_234.5, 6_123.4, 12.34, 0.128, Number.NaN].map((value) => figure(value))).toEqual([
      '31 235',
      '6123',
      '12.3',
      '0.13',
      '–',
    ]);
  });
});

describe('a report', () => {
  const table = { heading: 'Speed', columns: ['', 'bridge'], rows: [['events/s', '123']] };

  it('is a table in the terminal', () => {
    expect(tableText(table)).toBe('\nSpeed\n          bridge\nevents/s     123');
  });

  it('is a chapter of the page, with day and machine', () => {
    const report = { part: 'events', title: 'Events', at: '2026-11-22T01:00:00.000Z', machine: 'a machine' };
    const chapter = chapterOf({ ...report, method: ['How.'], tables: [table], notes: ['What.'], data: {} });
    expect(chapter).toContain('Measured on 2026-11-22: a machine.');
    expect(chapter).toContain('|  | bridge |\n| --- | ---: |\n| events/s | 123 |');
  });
});

describe('a CPU profile', () => {
  const frame = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4 });
  const nodes = [
    { id: 1, callFrame: frame('(root)'), children: [2, 4] },
    { id: 2, callFrame: frame('show', 'file:///somewhere/dist/mqtt/publisher.js'), children: [3] },
    { id: 3, callFrame: frame('draw', 'file:///somewhere/dist/mqtt/render.js') },
    { id: 4, callFrame: frame('(idle)') },
  ];

  it('says which functions took the time, alone and with what they call, idle time left out', () => {
    const json = JSON.stringify({ nodes, samples: [2, 3, 3, 4], timeDeltas: [10, 20, 10, 1000] });
    expect(hotSpots(json).slice(0, 2)).toEqual([
      { name: 'draw', where: 'mqtt/render.js:5', self: 0.75, total: 0.75 },
      { name: 'show', where: 'mqtt/publisher.js:5', self: 0.25, total: 1 },
    ]);
  });
});
