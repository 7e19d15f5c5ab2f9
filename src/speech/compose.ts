import { loudest, normalised } from './normalise.ts';
import type { Pcm } from './pcm.ts';
import { resampled, speakerRate } from './resample.ts';
import { encodeWav } from './wav.ts';

/** What an announcement is made of; at least one of the two is there. */
export interface Parts {
  readonly chime: Pcm | null;
  readonly speech: Pcm | null;
}

/** A file that every speaker plays. */
export interface Composed {
  readonly wav: Uint8Array;
  readonly lengthMs: number;
}

const SPEECH_LUFS = -16;
const CHIME_LUFS = -20;
/** Between the chime and the speech. */
const PAUSE_MS = 250;
/** At both ends: speakers cut off the first moment while they lower the music. */
const MARGIN_MS = 300;
/** What is left of the silence around the speech, so that no consonant is cut. */
const KEPT_MS = 30;
/** −50 dBFS, below which it is silence; a very quiet voice is measured by its own loudest sample. */
const SILENCE = 10 ** (-50 / 20);
const SILENCE_BY_PEAK = 10 ** (-30 / 20);

function trimmed(pcm: Pcm): Pcm {
  const { rate, samples } = pcm;
  const threshold = Math.min(SILENCE, loudest(pcm) * SILENCE_BY_PEAK);
  const isHeard = (sample: number): boolean => Math.abs(sample) > threshold;
  const first = samples.findIndex(isHeard);
  const kept = Math.round((KEPT_MS / 1000) * rate);
  const last = samples.findLastIndex(isHeard);
  if (first === -1) return { rate, samples: new Float32Array(0) };
  return { rate, samples: samples.subarray(Math.max(0, first - kept), last + 1 + kept) };
}

function joined(rate: number, pieces: readonly (Float32Array | number)[]): Pcm {
  const all = pieces.map((piece) =>
    typeof piece === 'number' ? new Float32Array(Math.round((piece / 1000) * rate)) : piece,
  );
  const samples = new Float32Array(all.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of all) {
    samples.set(piece, at);
    at += piece.length;
  }
  return { rate, samples };
}

/** Makes one file of a chime and a speech: both as loud as they should be, whoever made them, and nothing cut off. */
export async function composed({ chime, speech }: Parts): Promise<Composed> {
  const first = speech ?? chime;
  if (first === null) throw new TypeError('An announcement needs a chime, a speech or both.');
  const rate = speakerRate(first.rate);
  const pieces: (Float32Array | number)[] = [MARGIN_MS];
  if (chime !== null) pieces.push((await normalised(await resampled(chime, rate), CHIME_LUFS)).samples);
  if (chime !== null && speech !== null) pieces.push(PAUSE_MS);
  if (speech !== null) {
    pieces.push((await normalised(trimmed(await resampled(speech, rate)), SPEECH_LUFS)).samples);
  }
  const whole = joined(rate, [...pieces, MARGIN_MS]);
  return { wav: encodeWav(whole), lengthMs: (whole.samples.length / rate) * 1000 };
}
