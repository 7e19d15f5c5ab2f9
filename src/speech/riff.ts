/** One sample of one channel: whole numbers without and with a sign, and floats, by their bits. */
export type WavSample = 'u8' | 's16' | 's24' | 's32' | 'f32' | 'f64';

/** How the samples of a WAV file are written. */
export interface WavFormat {
  readonly sample: WavSample;
  readonly channels: number;
  /** Samples a second. */
  readonly rate: number;
  /** Bytes of one sample of one channel. */
  readonly width: number;
}

/** The samples of a WAV file: how they are written, and where they lie. */
export interface WavSamples {
  readonly format: WavFormat;
  readonly start: number;
  /** Behind the last whole sample. */
  readonly end: number;
}

const EXTENSIBLE = 0xfffe;

/** By the format's tag and the bits of a sample. */
const SAMPLES: ReadonlyMap<string, WavSample> = new Map([
  ['1 8', 'u8'],
  ['1 16', 's16'],
  ['1 24', 's24'],
  ['1 32', 's32'],
  ['3 32', 'f32'],
  ['3 64', 'f64'],
]);

// Names of chunks, as numbers.
const RIFF = 0x52494646;
const WAVE = 0x57415645;
const FMT = 0x666d7420;
const DATA = 0x64617461;

/** Whether a chunk with a name of letters, whose end is not beyond the file's, begins here. */
function isChunk(view: DataView, at: number): boolean {
  if (at + 8 > view.byteLength) return false;
  const name = String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
  return /^[A-Za-z0-9_ ]{4}$/.test(name) && at + 8 + view.getUint32(at + 4, true) <= view.byteLength;
}

function readFormat(view: DataView, at: number, size: number): WavFormat | null {
  if (size < 16 || at + size > view.byteLength) return null;
  const outer = view.getUint16(at, true);
  const tag = outer === EXTENSIBLE && size >= 26 ? view.getUint16(at + 24, true) : outer;
  const channels = view.getUint16(at + 2, true);
  const rate = view.getUint32(at + 4, true);
  const bits = view.getUint16(at + 14, true);
  const width = bits / 8;
  const sample = SAMPLES.get(`${tag} ${bits}`);
  if (sample === undefined || view.getUint16(at + 12, true) !== channels * width) return null;
  if (channels < 1 || channels > 8 || rate < 4_000 || rate > 192_000) return null;
  return { sample, channels, rate, width };
}

/**
 * Where the samples end. A length beyond the file's end is what a program writes that did not know it yet, such as one
 * that writes to a pipe; so is a length of 0, unless another chunk follows. Then the end is the file's.
 */
function dataEnd(view: DataView, start: number, size: number): number {
  const claimed = start + size;
  const unknown = claimed > view.byteLength || (size === 0 && !isChunk(view, start));
  return unknown ? view.byteLength : claimed;
}

/** Where the next chunk begins: at an even distance, as it should be, or right behind when the padding was forgotten. */
function nextChunk(view: DataView, start: number, size: number): number {
  const end = start + size;
  if (size % 2 === 0) return end;
  return !isChunk(view, end + 1) && isChunk(view, end) ? end : end + 1;
}

/** Finds the samples of a WAV file; null when it is none, or one whose samples are written in another way. */
export function readWav(bytes: Uint8Array): WavSamples | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0) !== RIFF || view.getUint32(8) !== WAVE) return null;
  let format: WavFormat | null = null;
  let at = 12;
  while (at + 8 <= view.byteLength) {
    const name = view.getUint32(at);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === DATA) {
      if (format === null) return null;
      const whole = format.channels * format.width;
      const length = dataEnd(view, start, size) - start;
      return { format, start, end: start + length - (length % whole) };
    }
    if (name === FMT) format = readFormat(view, start, size);
    at = nextChunk(view, start, size);
  }
  return null;
}
