import type { Trend } from './trend.ts';

/** One line of the plot. */
export interface Curve {
  readonly name: string;
  readonly colour: string;
  readonly points: readonly (readonly [hours: number, value: number])[];
}

const WIDTH = 960;
const HEIGHT = 420;
const EDGE = { left: 56, right: 16, top: 56, bottom: 36 };
const TICKS = 6;

const text = (x: number, y: number, anchor: string, words: string): string =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;

const upTo = (most: number): number[] =>
  Array.from({ length: TICKS + 1 }, (_, tick) => (most * tick) / TICKS);

/** Draws what was measured over time, with the line that was laid through the first of the curves. */
export function plot(title: string, curves: readonly Curve[], trend: Trend, from: number): string {
  const all = curves.flatMap(({ points }) => points);
  const hours = Math.max(...all.map(([x]) => x), Number.MIN_VALUE);
  const most = Math.max(...all.map(([, y]) => y)) * 1.1;
  const x = (at: number): number => EDGE.left + (at / hours) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value: number): number =>
    HEIGHT - EDGE.bottom - (value / most) * (HEIGHT - EDGE.top - EDGE.bottom);
  const at = (point: readonly [number, number]): string =>
    `${x(point[0]).toFixed(1)},${y(point[1]).toFixed(1)}`;
  const line = [from, hours].map((hour) => at([hour, trend.start + trend.slope * hour]));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    text(EDGE.left, 20, 'start', title),
    ...upTo(most).flatMap((value) => [
      `<path d="M${EDGE.left} ${y(value).toFixed(1)}H${WIDTH - EDGE.right}" stroke="#ddd"/>`,
      text(EDGE.left - 6, y(value) + 4, 'end', value.toFixed(0)),
    ]),
    ...upTo(hours).map((hour) => text(x(hour), HEIGHT - 12, 'middle', `${(hour * 60).toFixed(1)} min`)),
    ...curves.flatMap(({ name, colour, points }, index) => [
      `<polyline fill="none" stroke="${colour}" points="${points.map(at).join(' ')}"/>`,
      `<text x="${EDGE.left + index * 200}" y="40" fill="${colour}">${name}</text>`,
    ]),
    `<polyline fill="none" stroke="#000" stroke-dasharray="6 4" points="${line.join(' ')}"/>`,
    '</svg>',
    '',
  ].join('\n');
}
