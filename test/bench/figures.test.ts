import { describe, expect, it } from 'vitest';
import { extremes, median, quantile } from '../../bench/harness/stats.ts';
import { barPlot, linePlot } from '../../bench/plot.ts';
import { hotSpots } from '../../bench/profile/hot-spots.ts';
import { chapterOf, figure, goalsMarkdown, goalText, isFarFrom, tableText } from '../../bench/report.ts';

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

describe('a goal', () => {
  const goal = { what: 'Speed', goal: '≥ 0.90 × the floor', floor: '100/s', reached: '0.45 ×', share: 0.5 };

  it('says in a line what was asked, what was reached, and how much of it', () => {
    expect(goalText(goal)).toBe(
      'goal Speed: ≥ 0.90 × the floor (floor 100/s), reached 0.45 ×: not met, 50.0 % of it',
    );
    expect(goalText({ ...goal, floor: '', share: 1 })).toBe(
      'goal Speed: ≥ 0.90 × the floor, reached 0.45 ×: met',
    );
  });

  it('is missed by far below half, also when nothing was measured', () => {
    expect([0.5, 0.49, Number.NaN].map((share) => isFarFrom({ ...goal, share }))).toEqual([
      false,
      true,
      true,
    ]);
  });

  it('stands in the table of the page', () => {
    expect(goalsMarkdown([goal])).toContain('| Speed | ≥ 0.90 × the floor | 100/s | 0.45 × | **not met** |');
  });
});

describe('a plot', () => {
  it('has bars as long as their values, with escaped text', () => {
    const bars = [
      { label: 'a<b', value: 200 },
      { label: 'c', value: 100 },
    ];
    const { svg } = barPlot({ name: 'x', about: 'A & B', title: 'T', bars });
    const widths = [...svg.matchAll(/<rect[^>]* width="([\d.]+)"/g)].map((match) => Number(match[1]));
    expect(widths[0]).toBe((widths[1] ?? 0) * 2);
    expect(svg).toContain('a&lt;b');
    expect(svg).toContain('aria-label="A &amp; B"');
    expect(svg).toContain('prefers-color-scheme:dark');
  });

  it('has lines on logarithmic axes: equal factors are equal ways', () => {
    const points = [1, 10, 100].map((x) => ({ x, y: x / 10 }));
    const lines = [
      { label: 'line', points },
      { label: 'nothing', points: [] },
    ];
    const { svg } = linePlot({ name: 'x', about: 'A', title: 'T', x: 'rate', lines });
    const places = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    const [a = [], b = [], c = []] = places;
    expect((c[0] ?? 0) - (b[0] ?? 0)).toBeCloseTo((b[0] ?? 0) - (a[0] ?? 0), 0);
    expect((c[1] ?? 0) - (b[1] ?? 0)).toBeCloseTo((b[1] ?? 0) - (a[1] ?? 0), 0);
    expect(svg).not.toContain('nothing');
  });
});
