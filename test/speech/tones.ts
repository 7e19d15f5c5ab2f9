import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pcm } from '../../src/speech/pcm.ts';

/** A pure tone. */
export const tone = (rate: number, hertz: number, seconds: number, level = 1): Pcm => ({
  rate,
  samples: Float32Array.from(
    { length: Math.round(rate * seconds) },
    (_, index) => level * Math.sin((2 * Math.PI * hertz * index) / rate),
  ),
});

export const silence = (rate: number, seconds: number): Pcm => ({
  rate,
  samples: new Float32Array(Math.round(rate * seconds)),
});

/** Sounds of the same rate, one behind the other. */
export const behindEachOther = (...sounds: readonly Pcm[]): Pcm => ({
  rate: sounds[0]?.rate ?? 0,
  samples: Float32Array.from(sounds.flatMap(({ samples }) => [...samples])),
});

export const decibels = (value: number): number => 20 * Math.log10(value);

/** The middle of a sound, where nothing begins or ends. */
const middle = ({ samples }: Pcm): Float32Array =>
  samples.subarray(Math.floor(samples.length / 10), Math.ceil(samples.length * 0.9));

/** How strong a frequency is in the middle of a sound (Goertzel): 1 is a pure tone of full scale. */
export function strengthAt(pcm: Pcm, hertz: number): number {
  const samples = middle(pcm);
  const window = hann(samples.length);
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / pcm.rate);
  let [last, beforeLast] = [0, 0];
  for (let index = 0; index < samples.length; index += 1) {
    const next = (window[index] ?? 0) * (samples[index] ?? 0) + turn * last - beforeLast;
    beforeLast = last;
    last = next;
  }
  const power = last * last + beforeLast * beforeLast - turn * last * beforeLast;
  return (4 * Math.sqrt(Math.max(0, power))) / samples.length;
}

let windowMade = new Float64Array(0);

/** A Hann window, so that a strong tone does not spill over weak ones; its mean is a half. */
function hann(length: number): Float64Array {
  if (windowMade.length !== length) {
    windowMade = Float64Array.from(
      { length },
      (_, index) => 0.5 - 0.5 * Math.cos((2 * Math.PI * index) / length),
    );
  }
  return windowMade;
}

/** How strong the middle of a sound is as a whole, in the same measure. */
export function strength(pcm: Pcm): number {
  const samples = middle(pcm);
  return Math.SQRT2 * Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

export const highest = ({ samples }: Pcm): number =>
  samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0);

/** One of test/fixtures/sounds. */
export const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(join(import.meta.dirname, '../fixtures/sounds', name)));

const chunkOf = (name: string, content: Uint8Array, size = content.length): Buffer => {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
};

/** A chunk of a WAV file, padded to an even length. */
export const chunk = (name: string, content: Uint8Array, size?: number): Uint8Array =>
  chunkOf(name, content, size);

export interface WavText {
  readonly tag: number;
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

/** The `fmt ` chunk; with `extensible`, the tag stands in the longer form. */
export function formatChunk({ tag, channels, rate, bits }: WavText, extensible = false): Uint8Array {
  const content = Buffer.alloc(extensible ? 40 : 16);
  content.writeUInt16LE(extensible ? 0xfffe : tag, 0);
  content.writeUInt16LE(channels, 2);
  content.writeUInt32LE(rate, 4);
  content.writeUInt32LE((rate * channels * bits) / 8, 8);
  content.writeUInt16LE((channels * bits) / 8, 12);
  content.writeUInt16LE(bits, 14);
  if (extensible) {
    content.writeUInt16LE(22, 16);
    content.writeUInt16LE(bits, 18);
    content.writeUInt16LE(tag, 24);
    Buffer.from('000000001000800000aa00389b71', 'hex').copy(content, 26);
  }
  return chunkOf('fmt ', content);
}

/** A WAV file of these chunks. */
export function riff(...chunks: readonly Uint8Array[]): Uint8Array {
  const content = Buffer.concat([Buffer.from('WAVE'), ...chunks]);
  return new Uint8Array(chunkOf('RIFF', content));
}
