import { err, ok, type Result } from '../bridge/result.ts';
import { decodeMp3 } from './mp3.ts';
import type { Pcm } from './pcm.ts';
import { type SoundFormat, soundFormat } from './sound-format.ts';
import { soundLengthMs } from './sound-length.ts';
import { decodeWav } from './wav.ts';

const ONLY = 'speakers play MP3 and WAV only';

const SEEN: Readonly<Record<Exclude<SoundFormat, 'wav' | 'mp3'>, string>> = {
  flac: `It is FLAC; ${ONLY}.`,
  ogg: `It is Ogg (Vorbis or Opus); ${ONLY}.`,
  m4a: `It is MP4 (M4A, AAC); ${ONLY}.`,
  aac: `It is AAC; ${ONLY}.`,
  html: 'It is a web page, not a sound.',
  json: 'It is JSON, not a sound.',
  playlist: 'It is a playlist, not a sound: take the address that stands in it.',
  empty: 'It is empty.',
  unknown: `It is not a sound that is known here; ${ONLY}.`,
};

/** Why speakers do not play it, in one sentence that says what was seen; null when they do. */
export function notPlayable(format: SoundFormat): string | null {
  return format === 'wav' || format === 'mp3' ? null : SEEN[format];
}

/** A small file of few bits a second can hold hours, which would fill the memory. */
const LONGEST_MINUTES = 10;

/** A WAV or MP3 file as numbers, or one sentence that says what was seen instead. */
export async function decodeSound(bytes: Uint8Array): Promise<Result<Pcm, string>> {
  const format = soundFormat(bytes);
  const refused = notPlayable(format);
  if (refused !== null) return err(refused);
  const minutes = (soundLengthMs(bytes) ?? 0) / 60_000;
  if (minutes > LONGEST_MINUTES) {
    return err(`It is ${Math.ceil(minutes)} minutes long; at most ${LONGEST_MINUTES} are decoded.`);
  }
  const pcm = format === 'wav' ? decodeWav(bytes) : await decodeMp3(bytes);
  if (pcm !== null && pcm.samples.length > 0) return ok(pcm);
  return err(
    format === 'wav'
      ? 'It is a WAV file without sound, or in a form that cannot be read; plain PCM of 8 to 32 bits can.'
      : 'It is an MP3 file without sound, or broken.',
  );
}
