import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChance } from '../../src/sim/random.ts';
import { builtProgram } from '../support/built-program.ts';
import { figure } from '../support/figures.ts';
import { mosquittoIsInstalled } from '../support/mosquitto.ts';
import { soak } from './soak.ts';
import { type Point, slopeText, trendOf } from './trend.ts';

describe.skipIf(!mosquittoIsInstalled)('a soak', () => {
  let out = '';
  beforeAll(async () => {
    out = await mkdtemp(join(tmpdir(), 'soak-test-'));
  });
  afterAll(() => rm(out, { recursive: true, force: true }));

  it('measures the daemon under life and trouble, keeps every number, and finds it right again in the end', async () => {
    const files = { program: await builtProgram(), probe: join(import.meta.dirname, 'probe.mjs') };
    const lines: string[] = [];
    const argv = ['--minutes', '0.2', '--every', '0.5', '--players', '6', '--out', out];
    const { rows, lies, endedInOrder } = await soak(argv, files, (line) => lines.push(line));
    expect([lies, endedInOrder]).toEqual([[], true]);
    expect(rows).toBeGreaterThan(10);
    const [columns, ...measured] = (await readFile(join(out, 'soak.csv'), 'utf8')).trimEnd().split('\n');
    expect(columns).toBe('seconds,heap,held,external,rss,handles,sockets,events,sent,answered');
    expect(measured).toHaveLength(rows);
    const last = (measured.at(-1) ?? '').split(',').map(Number);
    // In so short a time nothing may have come through: trouble comes by chance.
    const [, heap = 0, held = 0, , rss = 0, handles = 0, sockets = 0, ...counts] = last;
    expect([rss > heap, heap > held, held > 5, handles > 0, sockets > 0]).toEqual(Array(5).fill(true));
    expect(counts.every((count) => count >= 0)).toBe(true);
    expect(counts).toHaveLength(3);
    expect(await readFile(join(out, 'soak.svg'), 'utf8')).toMatch(/^<svg .*<polyline [^>]*>.*<\/svg>\n$/s);
    expect(lines.filter((line) => /^\d\d:.* heap /.test(line))).toHaveLength(rows);
    figure('measurements of a soak of seconds', rows);
  }, 300_000);
});

describe('a trend', () => {
  /** Measurements ten seconds apart, with noise that drifts as that of heaps does. */
  function heap(slope: number, hours: number, seed: number): Point[] {
    const chance = createChance(seed);
    let drift = 0;
    return Array.from({ length: hours * 360 }, (_, index) => {
      drift = drift * 0.8 + (chance.fraction() - 0.5) * 0.4;
      return [index / 360, 30 + (slope * index) / 360 + drift];
    });
  }

  it('is a straight line where there is one', () => {
    const trend = trendOf([0, 1, 2, 3, 4].map((hour) => [hour, 10 + 2 * hour]));
    expect(trend.slope).toBeCloseTo(2);
    expect(trend.start).toBeCloseTo(10);
    expect(trend.isFlat).toBe(false);
    expect(slopeText(trend)).toBe('2.00 MB/h (95 %: 2.00 to 2.00)');
  });

  it('is flat for a heap that only breathes, and grows for one that gains two megabytes an hour', () => {
    const seeds = Array.from({ length: 40 }, (_, seed) => seed);
    expect(seeds.filter((seed) => !trendOf(heap(0, 1, seed)).isFlat)).toEqual([]);
    expect(seeds.filter((seed) => trendOf(heap(2, 1, seed)).isFlat)).toEqual([]);
  });

  it('has the true slope in its interval as often as it says', () => {
    const seeds = Array.from({ length: 400 }, (_, seed) => seed);
    const right = seeds.filter((seed) => {
      const { low, high } = trendOf(heap(0.5, 1, seed));
      return low <= 0.5 && 0.5 <= high;
    });
    expect(right.length).toBeGreaterThan(400 * 0.92);
  });

  it('is not told from three measurements', () => {
    expect(() => trendOf(heap(0, 1, 1).slice(0, 3))).toThrow('4 measurements');
  });
});
