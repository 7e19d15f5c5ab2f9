import type { Pixels } from './png.ts';

/** Red, green and blue, 0–255. */
export type Colour = readonly [number, number, number];

/** Signed distance of a point to a shape's edge, negative inside; everything in parts of the picture's width. */
export type Shape = (x: number, y: number) => number;

/** Left, top, right and bottom, in parts of the picture's width. */
export type Area = readonly [number, number, number, number];

const EVERYWHERE: Area = [0, 0, 1, 1];

const between = (from: number, to: number, share: number): number => from + (to - from) * share;

/** A square picture that is painted layer by layer; (0, 0) is at the top left, (1, 1) at the bottom right. */
export class Canvas implements Pixels {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;

  constructor(size: number) {
    this.width = size;
    this.height = size;
    this.rgb = new Uint8Array(size * size * 3);
  }

  /** Fills everything, from one colour at the top to another at the bottom. */
  ground(top: Colour, bottom: Colour): void {
    for (let y = 0; y < this.height; y += 1) {
      const share = y / (this.height - 1);
      const line = top.map((value, channel) => Math.round(between(value, bottom[channel] ?? 0, share)));
      for (let at = y * this.width * 3; at < (y + 1) * this.width * 3; at += 3) this.rgb.set(line, at);
    }
  }

  /** Paints a shape with smooth edges over what is there; 0 is invisible, 1 covers. Looks for it in `area` alone. */
  paint(shape: Shape, [red, green, blue]: Colour, opacity = 1, area: Area = EVERYWHERE): void {
    const { width, rgb } = this;
    const point = (edge: number): number => Math.min(width, Math.max(0, Math.round(edge * width)));
    const [left, top, right, bottom] = [point(area[0]), point(area[1]), point(area[2]), point(area[3])];
    // Column by column: the line of a hill is reckoned once for each.
    for (let x = left; x < right; x += 1) {
      for (let y = top, at = (top * width + x) * 3; y < bottom; y += 1, at += width * 3) {
        const inside = 0.5 - shape((x + 0.5) / width, (y + 0.5) / width) * width;
        if (inside <= 0) continue;
        const share = Math.min(1, inside) * opacity;
        rgb[at] = between(rgb[at] ?? 0, red, share) + 0.5;
        rgb[at + 1] = between(rgb[at + 1] ?? 0, green, share) + 0.5;
        rgb[at + 2] = between(rgb[at + 2] ?? 0, blue, share) + 0.5;
      }
    }
  }
}

/** A disc. */
export const disc =
  (centreX: number, centreY: number, radius: number): Shape =>
  (x, y) =>
    Math.sqrt((x - centreX) ** 2 + (y - centreY) ** 2) - radius;

/** A circle's line. */
export const ring = (centreX: number, centreY: number, radius: number, thickness: number): Shape => {
  const whole = disc(centreX, centreY, radius);
  return (x, y) => Math.abs(whole(x, y)) - thickness / 2;
};

/** A straight band; `angle` in radians is where it is crossed, `offset` how far its middle is from the picture's. */
export const band = (angle: number, offset: number, thickness: number): Shape => {
  const [alongX, alongY] = [Math.cos(angle), Math.sin(angle)];
  return (x, y) => Math.abs((x - 0.5) * alongX + (y - 0.5) * alongY - offset) - thickness / 2;
};

/** Everything below a wavy line. */
export const hill = (level: number, height: number, waves: number, phase: number): Shape => {
  const turns = waves * 2 * Math.PI;
  // On a slope the edge is nearer than straight up or down.
  const steepness = Math.hypot(1, height * turns);
  let column = Number.NaN;
  let line = 0;
  return (x, y) => {
    if (x !== column) {
      const angle = x * turns + phase;
      column = x;
      line = level + height * (Math.sin(angle) + 0.35 * Math.sin(angle * 1.7 + 1));
    }
    return (line - y) / steepness;
  };
};

/** A rectangle. */
export const box =
  ([left, top, right, bottom]: Area): Shape =>
  (x, y) =>
    Math.max(left - x, x - right, top - y, y - bottom);
