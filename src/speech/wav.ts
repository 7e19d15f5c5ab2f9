import type { Pcm } from './pcm.ts';
import { readWav, type WavSample } from './riff.ts';

const inBounds = (value: number): number => (Number.isNaN(value) ? 0 : Math.max(-1, Math.min(1, value)));

const READERS: Readonly<Record<WavSample, (view: DataView, at: number) => number>> = {
  u8: (view, at) => (view.getUint8(at) - 128) / 128,
  s16: (view, at) => view.getInt16(at, true) / 32_768,
  s24: (view, at) => (view.getInt8(at + 2) * 65_536 + view.getUint16(at, true)) / 8_388_608,
  s32: (view, at) => view.getInt32(at, true) / 2_147_483_648,
  f32: (view, at) => inBounds(view.getFloat32(at, true)),
  f64: (view, at) => inBounds(view.getFloat64(at, true)),
};

/** The sound of a WAV file, all channels mixed into one; null when it is none, or in a form that is not read here. */
export function decodeWav(bytes: Uint8Array): Pcm | null {
  const wav = readWav(bytes);
  if (wav === null) return null;
  const { channels, width, rate } = wav.format;
  const read = READERS[wav.format.sample];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const samples = new Float32Array((wav.end - wav.start) / (channels * width));
  let at = wav.start;
  for (let index = 0; index < samples.length; index += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1, at += width) sum += read(view, at);
    samples[index] = sum / channels;
  }
  return { rate, samples };
}

const HEADER = 44;

const name = (view: DataView, at: number, letters: string): void => {
  for (const [index, letter] of [...letters].entries()) view.setUint8(at + index, letter.charCodeAt(0));
};

/** A WAV file of 16 bits and one channel. What is louder than ±1 is clipped; what is no number is silence. */
export function encodeWav({ rate, samples }: Pcm): Uint8Array {
  const bytes = new Uint8Array(HEADER + samples.length * 2);
  const view = new DataView(bytes.buffer);
  name(view, 0, 'RIFF');
  view.setUint32(4, bytes.length - 8, true);
  name(view, 8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  name(view, 36, 'data');
  view.setUint32(40, samples.length * 2, true);
  samples.forEach((sample, index) => {
    const value = Math.round(inBounds(sample) * 32_768);
    view.setInt16(HEADER + index * 2, Math.min(32_767, value), true);
  });
  return bytes;
}
