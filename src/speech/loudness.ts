import type { Pcm } from './pcm.ts';
import { inSlices } from './slices.ts';

/** A filter of second order; `a0` is 1. */
interface Filter {
  readonly b: readonly [number, number, number];
  readonly a: readonly [number, number];
}

/** What the head does to a sound: high tones are louder. ITU-R BS.1770-4 gives it for 48 kHz; this is its analogue. */
function headFilter(rate: number): Filter {
  const k = Math.tan((Math.PI * 1681.974450955533) / rate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return {
    b: [
      (high + (band * k) / q + k * k) / a0,
      (2 * (k * k - high)) / a0,
      (high - (band * k) / q + k * k) / a0,
    ],
    a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0],
  };
}

/** What the ear does to a sound: very low tones are hardly heard. */
function earFilter(rate: number): Filter {
  const k = Math.tan((Math.PI * 38.13547087602444) / rate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return { b: [1, -2, 1], a: [(2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0] };
}

/** A filter at work: it remembers what came before. */
function running({ b: [b0, b1, b2], a: [a1, a2] }: Filter): (sample: number) => number {
  let first = 0;
  let second = 0;
  return (sample) => {
    const out = b0 * sample + first;
    first = b1 * sample - a1 * out + second;
    second = b2 * sample - a2 * out;
    return out;
  };
}

const SLICE = 32_768;
/** −360 dB. In true silence a filter's memory shrinks to numbers that the processor reckons with seven times slower. */
const HUSH = 1e-18;

/** The energy of every tenth of a second, as the ear hears it; the last one may be of a shorter piece. */
async function energies({ rate, samples }: Pcm, hop: number): Promise<Float64Array> {
  const sums = new Float64Array(Math.ceil(samples.length / hop));
  const head = running(headFilter(rate));
  const ear = running(earFilter(rate));
  await inSlices(samples.length, SLICE, (from, to) => {
    for (let index = from; index < to; index += 1) {
      const heard = ear(head((samples[index] ?? 0) + (index % 2 === 0 ? HUSH : -HUSH)));
      const at = Math.floor(index / hop);
      sums[at] = (sums[at] ?? 0) + heard * heard;
    }
  });
  return sums;
}

/** Tenths of a second in a block; the next block begins one later. */
const BLOCK = 4;

function blocks(sums: Float64Array, hop: number, length: number): number[] {
  const whole = Math.floor(length / hop);
  if (whole < BLOCK) return length === 0 ? [] : [sums.reduce((sum, part) => sum + part, 0) / length];
  return Array.from({ length: whole - BLOCK + 1 }, (_, first) => {
    const parts = sums.subarray(first, first + BLOCK);
    return parts.reduce((sum, part) => sum + part, 0) / (BLOCK * hop);
  });
}

const lufs = (energy: number): number => -0.691 + 10 * Math.log10(energy);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * How loud a sound is, in LUFS (ITU-R BS.1770-4): pauses do not count, and what is shorter than a block is one.
 * −Infinity when there is nothing to hear.
 */
export async function loudness(pcm: Pcm): Promise<number> {
  const hop = Math.round(pcm.rate / 10);
  const all = blocks(await energies(pcm, hop), hop, pcm.samples.length);
  const audible = all.filter((energy) => lufs(energy) > -70);
  if (audible.length === 0) return Number.NEGATIVE_INFINITY;
  const gate = lufs(mean(audible)) - 10;
  return lufs(mean(audible.filter((energy) => lufs(energy) > gate)));
}
