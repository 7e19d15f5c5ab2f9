import type { Sample } from './daemon.ts';
import { LEAST_POINTS, type Point, slopeText, type Trend, trendOf } from './trend.ts';

/** One row of the table. */
export interface Row extends Sample {
  readonly seconds: number;
  readonly sent: number;
  readonly answered: number;
}

/** A house that has just been moved into fills its caches: the first fifth is measured, and does not count. */
const WARM_UP = 0.2;

/** The rows that count. */
export const counting = (rows: readonly Row[]): readonly Row[] =>
  rows.slice(Math.floor(rows.length * WARM_UP));

/** The trend of a column, without the warm-up; null while there are too few rows. */
export function trendIn(rows: readonly Row[], column: 'heap' | 'held'): Trend | null {
  const points = counting(rows).map((row): Point => [row.seconds / 3600, row[column]]);
  return points.length < LEAST_POINTS ? null : trendOf(points);
}

const COLUMNS = [
  'seconds',
  'heap',
  'held',
  'external',
  'rss',
  'handles',
  'sockets',
  'events',
  'sent',
  'answered',
] as const;

/** Everything that was measured. */
export const csvOf = (rows: readonly Row[]): string =>
  [
    COLUMNS.join(','),
    ...rows.map((row) => COLUMNS.map((column) => Number(row[column].toFixed(3))).join(',')),
    '',
  ].join('\n');

/** The last row as a line of progress. */
export function lineOf(row: Row, rows: readonly Row[], trouble: string): string {
  const time = new Date(row.seconds * 1000).toISOString().slice(11, 19);
  const trend = trendIn(rows, 'held');
  const slope = trend === null ? '' : `, slope ${slopeText(trend)}`;
  const { heap, held, rss, handles, sockets, events, sent, answered } = row;
  return `${time} heap ${heap.toFixed(1)} MB, ${held.toFixed(1)} MB without code, rss ${rss.toFixed(0)} MB, ${handles} handles, ${sockets} sockets, ${events} events, ${answered} of ${sent} commands answered${slope} · ${trouble}`;
}
