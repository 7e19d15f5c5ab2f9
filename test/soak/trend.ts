/** A measurement: hours since the start, and megabytes. */
export type Point = readonly [hours: number, megabytes: number];

/** A straight line through measurements. */
export interface Trend {
  /** Megabytes an hour. */
  readonly slope: number;
  /** The 95 % confidence interval of the slope. */
  readonly low: number;
  readonly high: number;
  /** Where the line begins, at hour 0. */
  readonly start: number;
  /** False when the slope is surely not 0, and matters. */
  readonly isFlat: boolean;
}

/** A trend takes so many measurements at least. */
export const LEAST_POINTS = 4;
/** A slope below it is flat, whatever the interval. */
const MATTERS_FROM = 1;
const LARGEST_CORRELATION = 0.95;

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;

/** The 97.5 % quantile of Student's t (Abramowitz and Stegun, 26.7.5). */
function studentT(freedom: number): number {
  const z = 1.959964;
  return (
    z +
    (z ** 3 + z) / (4 * freedom) +
    (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2) +
    (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
  );
}

/** How much neighbouring residuals have in common, 0 for nothing. */
function correlation(residuals: readonly number[]): number {
  const squares = sum(residuals.map((each) => each ** 2));
  if (squares === 0) return 0;
  const neighbours = sum(residuals.slice(1).map((each, index) => each * (residuals[index] ?? 0)));
  return Math.min(Math.max(neighbours / squares, 0), LARGEST_CORRELATION);
}

/**
 * The line by least squares. What a heap holds now is much like what it held ten seconds ago, so measurements count for
 * fewer than they are, by the correlation of neighbours; without that the interval would claim far too much.
 */
export function trendOf(points: readonly Point[]): Trend {
  if (points.length < LEAST_POINTS)
    throw new Error(`A trend takes ${LEAST_POINTS} measurements at least, not ${points.length}.`);
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  const [x0, y0] = [mean(xs), mean(ys)];
  const spread = sum(xs.map((x) => (x - x0) ** 2));
  const slope = sum(points.map(([x, y]) => (x - x0) * (y - y0))) / spread;
  const start = y0 - slope * x0;
  const residuals = points.map(([x, y]) => y - start - slope * x);
  const alike = correlation(residuals);
  const counting = Math.max(points.length * ((1 - alike) / (1 + alike)), 3);
  const variance = sum(residuals.map((each) => each ** 2)) / (counting - 2);
  const half = studentT(counting - 2) * Math.sqrt((variance * points.length) / counting / spread);
  const [low, high] = [slope - half, slope + half];
  return { slope, low, high, start, isFlat: low <= 0 || slope < MATTERS_FROM };
}

/** The slope in words. */
export function slopeText({ slope, low, high }: Trend): string {
  const [a, b, c] = [slope, low, high].map((each) => each.toFixed(2));
  return `${a} MB/h (95 %: ${b} to ${c})`;
}
