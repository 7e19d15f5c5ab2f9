import type { Pcm } from './pcm.ts';
import { inSlices } from './slices.ts';

/** Taps on either side, at the lower of the two rates. */
const SIDE = 32;
/** Of the Kaiser window: 70 dB of what does not belong there are taken away. */
const BETA = 6.76;
/** Of the lower of the two Nyquist frequencies, so that the slope ends there. */
const CUTOFF = 0.932;
/** Points of the kernel between two taps; with a straight line between them, it is right to 110 dB. */
const POINTS = 512;

/** The modified Bessel function of order zero, of which the window is made. */
function bessel(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

let kernelMade: Float64Array | null = null;

/** One half of the windowed sinc, from its middle to its end, and one point beyond for the last line. */
function kernel(): Float64Array {
  kernelMade ??= Float64Array.from({ length: SIDE * POINTS + 2 }, (_, index) => {
    const at = index / POINTS;
    if (at >= SIDE) return 0;
    const angle = Math.PI * CUTOFF * at;
    const sinc = angle === 0 ? 1 : Math.sin(angle) / angle;
    return (CUTOFF * sinc * bessel(BETA * Math.sqrt(1 - (at / SIDE) ** 2))) / bessel(BETA);
  });
  return kernelMade;
}

/** The sound at one moment, told in samples of the original. `scale` is below 1 on the way to a lower rate. */
function soundAt(samples: Float32Array, moment: number, scale: number, half: Float64Array): number {
  const first = Math.max(0, Math.ceil(moment - SIDE / scale));
  const last = Math.min(samples.length - 1, Math.floor(moment + SIDE / scale));
  let sum = 0;
  for (let index = first; index <= last; index += 1) {
    const place = Math.abs(moment - index) * scale * POINTS;
    const point = Math.floor(place);
    const low = half[point] ?? 0;
    const weight = low + ((half[point + 1] ?? 0) - low) * (place - point);
    sum += weight * (samples[index] ?? 0);
  }
  return sum * scale;
}

/** Multiplications in one go: about two milliseconds. */
const WORK_AT_ONCE = 512 * 1024;

/** The same sound with another number of samples a second; the same reference when it has that already. */
export async function resampled(pcm: Pcm, rate: number): Promise<Pcm> {
  if (pcm.rate === rate) return pcm;
  const half = kernel();
  const step = pcm.rate / rate;
  const scale = Math.min(1, rate / pcm.rate);
  const samples = new Float32Array(Math.round(pcm.samples.length / step));
  const slice = Math.max(1, Math.floor((WORK_AT_ONCE * scale) / (2 * SIDE)));
  await inSlices(samples.length, slice, (from, to) => {
    for (let index = from; index < to; index += 1) {
      samples[index] = soundAt(pcm.samples, index * step, scale, half);
    }
  });
  return { rate, samples };
}

const RATES = [22_050, 44_100] as const;

/** The rate that speakers get: the lower one when it holds all of the sound, else the higher one. */
export function speakerRate(rate: number): number {
  return rate <= RATES[0] ? RATES[0] : RATES[1];
}
