import { figure, type Plot } from './report.ts';

// Small drawings for the page. Text stays text; colours follow what the reader's screen prefers.

const WIDTH = 720;
const MARGIN = { left: 130, right: 40, top: 44, bottom: 52 };
/** Of light and dark screens, in the order of the series; each is told apart without colour vision, too. */
const COLOURS: readonly (readonly [string, string])[] = [
  ['#0b62c4', '#6cb2ff'],
  ['#6b7280', '#a3acb8'],
  ['#b5480b', '#ff9d5c'],
  ['#7a3fb0', '#c79bf2'],
];

const colours = (scheme: 0 | 1): string =>
  COLOURS.map((each, index) => `.c${index}{--c:${each[scheme]}}`).join('');

const STYLE = `<style>
svg{--text:#1f2328;--faint:#6b7280;--grid:#d8dee4;font:13px system-ui,sans-serif}
${colours(0)}
@media (prefers-color-scheme:dark){svg{--text:#e6edf3;--faint:#9aa4af;--grid:#3a424c}${colours(1)}}
text{fill:var(--text)}.t{font-weight:600;font-size:15px}.f{fill:var(--faint);font-size:12px}
.g{stroke:var(--grid)}.b{fill:var(--c)}.l{stroke:var(--c);fill:none;stroke-width:2}.d{stroke-dasharray:5 4}.p{fill:var(--c)}
</style>`;

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const rounded = (value: number): string => value.toFixed(1).replace(/\.0$/, '');

const textAt = (x: number, y: number, text: string, more = ''): string =>
  `<text x="${rounded(x)}" y="${rounded(y)}"${more}>${escaped(text)}</text>`;

const lineAt = (x1: number, y1: number, x2: number, y2: number): string =>
  `<line class="g" x1="${rounded(x1)}" y1="${rounded(y1)}" x2="${rounded(x2)}" y2="${rounded(y2)}"/>`;

const drawing = (about: string, title: string, height: number, parts: readonly string[]): string =>
  [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(about)}">`,
    STYLE,
    textAt(16, 24, title, ' class="t"'),
    ...parts,
    '</svg>\n',
  ].join('\n');

/** What every plot has. */
interface Frame {
  readonly name: string;
  readonly about: string;
  readonly title: string;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
}

const BAR = { height: 22, step: 32 };

/** One bar for each value, from zero. */
export function barPlot({
  name,
  about,
  title,
  bars,
  unit = '',
}: Frame & { readonly bars: readonly Bar[]; readonly unit?: string }): Plot {
  const most = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  // The value stands behind its bar.
  const room = WIDTH - MARGIN.left - 110;
  const parts = bars.flatMap(({ label, value }, index) => {
    const y = MARGIN.top + index * BAR.step;
    const width = Number.isFinite(value) ? (value / most) * room : 0;
    return [
      textAt(MARGIN.left - 10, y + 16, label, ' text-anchor="end"'),
      `<rect class="b c${index % COLOURS.length}" x="${MARGIN.left}" y="${y}" width="${rounded(width)}" height="${BAR.height}" rx="3"/>`,
      textAt(MARGIN.left + width + 8, y + 16, figure(value, unit)),
    ];
  });
  const svg = drawing(about, title, MARGIN.top + bars.length * BAR.step + 8, parts);
  return { name, about, svg };
}

export interface Line {
  readonly label: string;
  /** Which of the colours; its place among the lines when absent. */
  readonly colour?: number;
  readonly isDashed?: boolean;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** A logarithmic axis: whole powers of ten at both ends. */
function axis(values: readonly number[], from: number, to: number) {
  const good = values.filter((value) => value > 0 && Number.isFinite(value));
  const first = Math.floor(Math.log10(Math.min(...good)) + 1e-9);
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...good)) - 1e-9));
  return {
    at: (value: number): number => from + ((Math.log10(value) - first) / (last - first)) * (to - from),
    ticks: Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index)),
  };
}

const tick = (value: number): string =>
  value >= 1
    ? String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ' ')
    : String(Number(value.toPrecision(1)));

const HEIGHT = 360;
const LEGEND = 150;

function linesIn(
  lines: readonly Line[],
  x: (value: number) => number,
  y: (value: number) => number,
  right: number,
): string[] {
  return lines.flatMap(({ label, colour, isDashed = false, points }, index) => {
    const hue = `c${(colour ?? index) % COLOURS.length}`;
    const places = points.map((point) => [rounded(x(point.x)), rounded(y(point.y))] as const);
    const path = places.map(([px, py], place) => `${place === 0 ? 'M' : 'L'}${px} ${py}`).join('');
    const key = MARGIN.top + 12 + index * 22;
    const dashes = isDashed ? ' d' : '';
    return [
      `<path class="l ${hue}${dashes}" d="${path}"/>`,
      ...places.map(([px, py]) => `<circle class="p ${hue}" cx="${px}" cy="${py}" r="3"/>`),
      `<path class="l ${hue}${dashes}" d="M${right + 20} ${key}h24"/>`,
      textAt(right + 50, key + 4, label),
    ];
  });
}

/** Lines over two logarithmic axes. */
export function linePlot({
  name,
  about,
  title,
  x: label,
  lines,
}: Frame & { readonly x: string; readonly lines: readonly Line[] }): Plot {
  const drawn = lines.filter(({ points }) => points.length > 0);
  const points = drawn.flatMap((line) => line.points);
  const [left, right] = [64, WIDTH - LEGEND - MARGIN.right];
  const [top, bottom] = [MARGIN.top, HEIGHT - MARGIN.bottom];
  if (points.length === 0) return { name, about, svg: drawing(about, title, HEIGHT, []) };
  const xs = axis(
    points.map(({ x }) => x),
    left,
    right,
  );
  const ys = axis(
    points.map(({ y }) => y),
    bottom,
    top,
  );
  const parts = [
    ...ys.ticks.flatMap((value) => [
      lineAt(left, ys.at(value), right, ys.at(value)),
      textAt(left - 8, ys.at(value) + 4, tick(value), ' class="f" text-anchor="end"'),
    ]),
    ...xs.ticks.flatMap((value) => [
      lineAt(xs.at(value), top, xs.at(value), bottom),
      textAt(xs.at(value), bottom + 18, tick(value), ' class="f" text-anchor="middle"'),
    ]),
    textAt((left + right) / 2, HEIGHT - 12, label, ' class="f" text-anchor="middle"'),
    ...linesIn(drawn, xs.at, ys.at, right),
  ];
  return { name, about, svg: drawing(about, title, HEIGHT, parts) };
}
