import type { Pcm } from './pcm.ts';
import { inSlices } from './slices.ts';

/** Steps a second in which the gain is thought of. */
const STEPS = 1000;
/** Steps to either side over which the gain glides: about a period of a deep voice, so that no single wave is bent. */
const GLIDE = 8;

const SLICE = 32_768;

/** For every step, how much of the gain its highest sample leaves room for: 1 is all of it. */
async function roomIn(samples: Float32Array, step: number, highest: number): Promise<Float64Array> {
  const room = new Float64Array(Math.ceil(samples.length / step)).fill(1);
  await inSlices(samples.length, SLICE, (from, to) => {
    samples.subarray(from, to).forEach((sample, offset) => {
      const at = Math.floor((from + offset) / step);
      room[at] = Math.min(room[at] ?? 1, highest / Math.abs(sample));
    });
  });
  return room;
}

/** A bell's weights, which sum up to 1. */
const BELL = ((): readonly number[] => {
  const heights = Array.from({ length: 2 * GLIDE + 1 }, (_, index) =>
    Math.sin((Math.PI * (index + 1)) / (2 * GLIDE + 2)),
  ).map((height) => height * height);
  const sum = heights.reduce((total, height) => total + height, 0);
  return heights.map((height) => height / sum);
})();

/**
 * The gain of every step, gliding. Each is a mean of least rooms, and every one of those has looked one step further than the
 * mean reaches; so neither a step's own gain nor its neighbours' is above the room that the step has.
 */
async function glide(room: Float64Array): Promise<Float64Array> {
  const least = new Float64Array(room.length);
  const gains = new Float64Array(room.length);
  const reach = GLIDE + 1;
  await inSlices(room.length, SLICE / 16, (from, to) => {
    for (let at = from; at < to; at += 1) {
      least[at] = Math.min(...room.subarray(Math.max(0, at - reach), at + reach + 1));
    }
  });
  await inSlices(room.length, SLICE / 16, (from, to) => {
    for (let at = from; at < to; at += 1) {
      gains[at] = BELL.reduce((sum, weight, index) => sum + weight * (least[at + index - GLIDE] ?? 1), 0);
    }
  });
  return gains;
}

/** The sound with so much gain, which steps back shortly wherever a sample would be higher than the highest allowed. */
export async function limited({ rate, samples }: Pcm, gain: number, highest: number): Promise<Pcm> {
  const step = Math.round(rate / STEPS);
  const gains = await glide(await roomIn(samples, step, highest / gain));
  const out = new Float32Array(samples.length);
  await inSlices(samples.length, SLICE, (from, to) => {
    for (let index = from; index < to; index += 1) {
      const place = Math.max(0, (index + 0.5) / step - 0.5);
      const at = Math.floor(place);
      const here = gains[at] ?? 1;
      const next = gains[at + 1] ?? here;
      const value = (samples[index] ?? 0) * gain * (here + (next - here) * (place - at));
      out[index] = Math.max(-highest, Math.min(highest, value));
    }
  });
  return { rate, samples: out };
}
