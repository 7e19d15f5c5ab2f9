import type { Chance } from '../random.ts';
import { type Area, band, box, type Canvas, type Colour, disc, hill, ring } from './canvas.ts';

/** A ground and four colours that stand on it together. */
export interface Palette {
  readonly ground: readonly [Colour, Colour];
  readonly inks: readonly [Colour, Colour, Colour, Colour];
}

/** Paints an invented cover. */
export type Style = (canvas: Canvas, palette: Palette, chance: Chance) => void;

const colour = (hex: string): Colour => [
  Number.parseInt(hex.slice(0, 2), 16),
  Number.parseInt(hex.slice(2, 4), 16),
  Number.parseInt(hex.slice(4, 6), 16),
];

const palette = (
  top: string,
  bottom: string,
  ...inks: readonly [string, string, string, string]
): Palette => ({
  ground: [colour(top), colour(bottom)],
  inks: [colour(inks[0]), colour(inks[1]), colour(inks[2]), colour(inks[3])],
});

/** From light to dark, warm and cool. */
export const PALETTES: readonly Palette[] = [
  palette('f6e7cf', 'f0c9a0', 'd9653b', '274156', '8fb8a8', 'f3a65a'),
  palette('10253f', '1f5673', 'f2c14e', 'f78154', '5fad9c', 'e8ece4'),
  palette('f3ede4', 'd9e2dc', '30475e', 'c94c4c', 'e0a458', '6b8f71'),
  palette('2d1e2f', '6d2e46', 'f4a259', 'e76f51', 'f6e0b5', 'a26769'),
  palette('dfe9f3', 'b5cbe0', '1d3557', 'e63946', '457b9d', 'fdf6ec'),
  palette('0f2b26', '1f5046', 'd8e2a0', '8cb369', 'f4e285', 'e07a5f'),
  palette('fbe3e0', 'f3b6b0', '7a306c', 'ee6c4d', '3d5a80', 'ffd6a5'),
  palette('171a21', '2e3440', '88c0d0', 'ebcb8b', 'bf616a', 'a3be8c'),
];

const spread = (chance: Chance, from: number, to: number): number => from + chance.fraction() * (to - from);

/** A sun between hills. */
const hills: Style = (canvas, { inks }, chance) => {
  const [far, sun, middle, near] = inks;
  canvas.paint(disc(spread(chance, 0.3, 0.7), spread(chance, 0.28, 0.42), spread(chance, 0.13, 0.2)), sun);
  const waves = spread(chance, 0.6, 1.2);
  canvas.paint(hill(0.56, 0.06, waves, spread(chance, 0, 6)), middle, 0.75);
  canvas.paint(hill(0.7, 0.07, waves * 1.2, spread(chance, 0, 6)), far, 0.9);
  canvas.paint(hill(0.86, 0.05, waves * 1.6, spread(chance, 0, 6)), near);
};

/** Discs of glass, one over another. */
const discs: Style = (canvas, { inks }, chance) => {
  const turn = spread(chance, 0, 6);
  for (const [at, ink] of inks.entries()) {
    const angle = turn + at * 1.7;
    const away = spread(chance, 0.1, 0.22);
    const radius = spread(chance, 0.17, 0.3);
    canvas.paint(disc(0.5 + away * Math.cos(angle), 0.5 + away * Math.sin(angle), radius), ink, 0.82);
  }
};

/** Broad bands from corner to corner. */
const stripes: Style = (canvas, { inks }, chance) => {
  const angle = chance.pick([Math.PI / 4, -Math.PI / 4, Math.PI / 2.6, 0.3]);
  const width = spread(chance, 0.09, 0.13);
  for (const [at, ink] of inks.entries())
    canvas.paint(band(angle, (at - 1.5) * width * 1.35 + 0.05, width), ink);
  canvas.paint(disc(0.5 + 0.28 * Math.sin(angle), 0.5 - 0.28 * Math.cos(angle), 0.11), inks[3]);
};

/** Rings like those of a record, or of rain on a pond. */
const rings: Style = (canvas, { inks }, chance) => {
  const x = spread(chance, 0.3, 0.7);
  const y = spread(chance, 0.35, 0.75);
  const step = spread(chance, 0.075, 0.1);
  for (let at = 9; at > 0; at -= 1)
    canvas.paint(ring(x, y, at * step, step * 0.42), inks[at % 3 === 0 ? 1 : 0], 1 - at * 0.06);
  canvas.paint(disc(x, y, step * 0.55), inks[3]);
};

const CELLS = 4;

/** Squares, quarters of discs and dots on a grid. */
const tiles: Style = (canvas, { inks }, chance) => {
  const size = 1 / CELLS;
  for (let cell = 0; cell < CELLS * CELLS; cell += 1) {
    const left = (cell % CELLS) * size;
    const top = Math.floor(cell / CELLS) * size;
    const area: Area = [left, top, left + size, top + size];
    const dot = disc(left + size / 2, top + size / 2, size * 0.3);
    const corner = disc(left + size * chance.integer(0, 1), top + size * chance.integer(0, 1), size);
    canvas.paint(chance.pick([box(area), dot, corner, corner]), chance.pick(inks), 1, area);
  }
};

/** A low moon and its light on water. */
const water: Style = (canvas, { inks }, chance) => {
  const [, light, , sea] = inks;
  const x = spread(chance, 0.35, 0.65);
  const radius = spread(chance, 0.16, 0.22);
  canvas.paint(disc(x, 0.4, radius), light);
  canvas.paint(box([0, 0.55, 1, 1]), sea, 0.55);
  for (let at = 0; at < 7; at += 1) {
    const half = radius * (1.15 - at * 0.13) * spread(chance, 0.75, 1.1);
    const top = 0.58 + at * 0.055;
    const gleam: Area = [x - half, top, x + half, top + 0.014 + at * 0.0015];
    canvas.paint(box(gleam), light, 0.9 - at * 0.08, gleam);
  }
};

/** All that there are. */
export const STYLES: readonly Style[] = [hills, discs, stripes, rings, tiles, water];
