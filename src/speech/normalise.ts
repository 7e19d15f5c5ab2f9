import { limited } from './limit.ts';
import { loudness } from './loudness.ts';
import type { Pcm } from './pcm.ts';

const decibels = (value: number): number => 10 ** (value / 20);

/** No sample of what goes to a speaker is louder: −1 dBFS. */
const HIGHEST = decibels(-1);
/** More would make a hiss of a whisper's background. */
const MOST_GAIN_DB = 30;
/** How far single peaks may be pressed down so that the rest can be as loud as it should; more would be heard. */
const MOST_LIMITING_DB = 6;
/** Pressing the peaks down takes some of the loudness; what is missing is added, so many times at most. */
const TRIES = 3;
const NEAR_ENOUGH_LU = 0.2;

/** The highest of a sound's samples, whatever their sign. */
export function loudest({ samples }: Pcm): number {
  let peak = 0;
  for (const sample of samples) peak = Math.max(peak, Math.abs(sample));
  return peak;
}

/** The sound with so much gain, without a sample above the highest. */
function amplified(pcm: Pcm, gain: number, peak: number): Promise<Pcm> {
  if (peak * gain > HIGHEST) return limited(pcm, gain, HIGHEST);
  return Promise.resolve({ rate: pcm.rate, samples: pcm.samples.map((sample) => sample * gain) });
}

/**
 * The same sound, as loud as is asked for, or as near as it can come without harm; silence is left as it is. A voice
 * has peaks 20 dB above its loudness, others only 12: without a limiter, each provider would be as loud as its peaks let it.
 */
export async function normalised(pcm: Pcm, targetLufs: number): Promise<Pcm> {
  const seen = await loudness(pcm);
  if (seen === Number.NEGATIVE_INFINITY) return pcm;
  const peak = loudest(pcm);
  const most = Math.min(decibels(MOST_GAIN_DB), (HIGHEST / peak) * decibels(MOST_LIMITING_DB));
  let gain = Math.min(most, decibels(targetLufs - seen));
  let sound = await amplified(pcm, gain, peak);
  for (let tries = 1; tries < TRIES && peak * gain > HIGHEST && gain < most; tries += 1) {
    const missing = targetLufs - (await loudness(sound));
    if (missing < NEAR_ENOUGH_LU) break;
    gain = Math.min(most, gain * decibels(missing));
    sound = await amplified(pcm, gain, peak);
  }
  return sound;
}
