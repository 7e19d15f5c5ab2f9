import { isAboutTheRest, mp3Frames } from './mp3-frames.ts';
import { readWav } from './riff.ts';
import { soundFormat } from './sound-format.ts';

function wavLengthMs(bytes: Uint8Array): number | null {
  const wav = readWav(bytes);
  if (wav === null) return null;
  const { channels, width, rate } = wav.format;
  return ((wav.end - wav.start) / (channels * width) / rate) * 1000;
}

function mp3LengthMs(bytes: Uint8Array): number | null {
  let samples = 0;
  let rate: number | null = null;
  for (const frame of mp3Frames(bytes)) {
    if (rate === null && isAboutTheRest(bytes, frame)) continue;
    samples += frame.samples;
    rate = frame.rate;
  }
  return rate === null ? null : (samples / rate) * 1000;
}

/** How long a WAV or MP3 file plays, in milliseconds, without decoding it; null when it is neither. */
export function soundLengthMs(bytes: Uint8Array): number | null {
  const format = soundFormat(bytes);
  if (format === 'wav') return wavLengthMs(bytes);
  return format === 'mp3' ? mp3LengthMs(bytes) : null;
}
