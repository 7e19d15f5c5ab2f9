import { createHash } from 'node:crypto';
import { createChance } from '../random.ts';
import { Canvas } from './canvas.ts';
import { encodePng } from './png.ts';
import { PALETTES, STYLES } from './styles.ts';

/** Of a side, points. */
const SIZE = 480;
const MOST_KEPT = 64;
const ADDRESS = /^\/art\/([a-z0-9-]{1,80})\.png$/;
/** Where the invented music has its pictures as long as nothing serves them. */
const INVENTED = /https:\/\/images\.example\.com\/([a-z0-9-]{1,80})\.jpg/g;

/** Draws the cover of that name, a PNG of 480 × 480; the same name always gives the same one. */
export function drawPicture(name: string): Buffer {
  const chance = createChance(createHash('sha256').update(`cover ${name}`).digest().readUInt32BE());
  const palette = chance.pick(PALETTES);
  const style = chance.pick(STYLES);
  const canvas = new Canvas(SIZE);
  canvas.ground(...palette.ground);
  style(canvas, palette, chance);
  return encodePng(canvas);
}

/** The pictures of a simulated Sonos that has an address. */
export interface Pictures {
  /** The picture at a path, null when none is there. */
  at(path: string): Buffer | null;
}

/** Draws pictures when they are first asked for, and keeps the last `most`. */
export function createPictures(most: number = MOST_KEPT): Pictures {
  const kept = new Map<string, Buffer>();
  return {
    at: (path) => {
      const name = ADDRESS.exec(path)?.[1];
      if (name === undefined) return null;
      const picture = kept.get(name) ?? drawPicture(name);
      kept.delete(name);
      kept.set(name, picture);
      const [oldest] = kept.keys();
      if (kept.size > most && oldest !== undefined) kept.delete(oldest);
      return picture;
    },
  };
}

/** What Sonos says, with the pictures of the invented music at an address of the simulated Sonos. */
export const picturesFrom = (url: string, text: string): string =>
  text.replace(INVENTED, (_whole, name: string) => `${url}/art/${name}.png`);
