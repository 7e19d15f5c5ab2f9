import type { MPEGDecodedAudio, MPEGDecoder } from 'mpg123-decoder';
import { mp3Frames } from './mp3-frames.ts';
import type { Pcm } from './pcm.ts';
import { inSlices } from './slices.ts';

/** About a second of sound. */
const FRAMES_AT_ONCE = 32;

/**
 * The frames alone, a few at a time. The decoder gets nothing else: at anything between frames it writes to standard
 * error, and tries again without an end in sight.
 */
function framesOf(bytes: Uint8Array): Uint8Array[] {
  return [...mp3Frames(bytes)].map(({ at, bytes: length }) => bytes.subarray(at, at + length));
}

function mixed({ channelData: [left, right] }: MPEGDecodedAudio): Float32Array {
  if (left === undefined || right === undefined) return new Float32Array(0);
  return left.map((sample, index) => Math.max(-1, Math.min(1, (sample + (right[index] ?? 0)) / 2)));
}

function joined(pieces: readonly Float32Array[]): Float32Array {
  const samples = new Float32Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return samples;
}

async function decodeFrames(decoder: MPEGDecoder, frames: readonly Uint8Array[]): Promise<Pcm | null> {
  let rate = 0;
  const pieces: Float32Array[] = [];
  await inSlices(frames.length, FRAMES_AT_ONCE, (from, to) => {
    const decoded = decoder.decode(Buffer.concat(frames.slice(from, to)));
    if (decoded.samplesDecoded === 0) return;
    rate = decoded.sampleRate;
    pieces.push(mixed(decoded));
  });
  return rate > 0 ? { rate, samples: joined(pieces) } : null;
}

/**
 * The sound of an MP3 file, all channels mixed into one and without the silence that the encoder says it added; null
 * when nothing could be decoded.
 */
export async function decodeMp3(bytes: Uint8Array): Promise<Pcm | null> {
  const frames = framesOf(bytes);
  if (frames.length === 0) return null;
  // Only now: most houses never have an MP3 decoded.
  const library = await import('mpg123-decoder');
  const decoder = new library.MPEGDecoder();
  await decoder.ready;
  try {
    return await decodeFrames(decoder, frames);
  } finally {
    decoder.free();
  }
}
