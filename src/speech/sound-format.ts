import { beginsWithFrame, behindTags } from './mp3-frames.ts';

/** What bytes are, judged by how they begin. */
export type SoundFormat =
  | 'wav'
  | 'mp3'
  | 'flac'
  | 'ogg'
  | 'm4a'
  | 'aac'
  | 'html'
  | 'json'
  | 'playlist'
  | 'empty'
  | 'unknown';

/** What a text begins with, behind a byte order mark and white space; the first that fits is it. */
const TEXTS: readonly (readonly [RegExp, SoundFormat])[] = [
  [/^<(!doctype\s+html|html)\b/i, 'html'],
  [/^(#EXTM3U\b|\[playlist\])/i, 'playlist'],
  [/^\{\s*["}]/, 'json'],
  [/^\[\s*(["{[\]\d-]|true\b|false\b|null\b)/, 'json'],
];

const LOOKED_AT = 512;

function text(bytes: Uint8Array, from: number, to: number): string {
  return String.fromCharCode(...bytes.subarray(from, to));
}

/** The header of a frame of AAC (ADTS), which begins almost as one of MP3. */
function isAdts(bytes: Uint8Array): boolean {
  const [sync = 0, kind = 0, rate = 0] = bytes;
  return sync === 0xff && (kind & 0xf6) === 0xf0 && ((rate >> 2) & 15) < 13;
}

function plain(bytes: Uint8Array): SoundFormat {
  if (text(bytes, 0, 4) === 'RIFF') return text(bytes, 8, 12) === 'WAVE' ? 'wav' : 'unknown';
  if (text(bytes, 0, 4) === 'fLaC') return 'flac';
  if (text(bytes, 0, 4) === 'OggS') return 'ogg';
  if (text(bytes, 4, 8) === 'ftyp') return 'm4a';
  if (beginsWithFrame(bytes)) return 'mp3';
  if (isAdts(bytes)) return 'aac';
  const words = text(bytes, 0, LOOKED_AT)
    .replace(/^\u00ef\u00bb\u00bf/, '')
    .trimStart();
  return TEXTS.find(([beginning]) => beginning.test(words))?.[1] ?? 'unknown';
}

/** What the bytes are, whatever their name or type may say. The first few thousand are enough. */
export function soundFormat(bytes: Uint8Array): SoundFormat {
  if (bytes.length === 0) return 'empty';
  const start = behindTags(bytes);
  if (start === 0) return plain(bytes);
  // FLAC and AAC may have such a tag, too; nearly always it is MP3, also when the tag is longer than what is at hand.
  const tagged = plain(bytes.subarray(start));
  return tagged === 'flac' || tagged === 'aac' ? tagged : 'mp3';
}
