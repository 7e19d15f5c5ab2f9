/** As much as shows what kind of sound it is. */
export const TELLING_BYTES = 4;

const PCM = 1;
const EXTENSIBLE = 0xfffe;

const MPEG_1_KBITS = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG_2_KBITS = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** By the two bits of the version: 2.5, none, 2, 1. */
const SAMPLE_RATES = [[11_025, 12_000, 8000], [], [22_050, 24_000, 16_000], [44_100, 48_000, 32_000]];
const LAYER_3 = 1;

const text = (sound: Buffer, from: number, to: number): string => sound.toString('latin1', from, to);
const isFrame = (sound: Buffer, at: number): boolean => {
  const second = sound[at + 1] ?? 0;
  return sound[at] === 0xff && (second & 0xe0) === 0xe0 && ((second >> 1) & 3) === LAYER_3;
};

/** Whether what begins so may be MP3 or WAV; players play nothing else. */
export function isSound(beginning: Buffer): boolean {
  return text(beginning, 0, 4) === 'RIFF' || text(beginning, 0, 3) === 'ID3' || isFrame(beginning, 0);
}

function wavLength(sound: Buffer): number | null {
  if (sound.length < 12 || text(sound, 8, 12) !== 'WAVE') return null;
  let bytesPerSecond = 0;
  let at = 12;
  while (at + 8 <= sound.length) {
    const [name, size, from] = [text(sound, at, at + 4), sound.readUInt32LE(at + 4), at + 8];
    if (name === 'fmt ') {
      if (size < 16 || from + 16 > sound.length) return null;
      // Float samples are known to stay silent on players.
      if (![PCM, EXTENSIBLE].includes(sound.readUInt16LE(from))) return null;
      bytesPerSecond = sound.readUInt32LE(from + 8);
    }
    if (name === 'data') {
      // A stream whose end was not known when it began claims more than there is.
      const bytes = Math.min(size, sound.length - from);
      return bytesPerSecond === 0 ? null : Math.round((bytes / bytesPerSecond) * 1000);
    }
    at = from + size + (size % 2);
  }
  return null;
}

/** One frame of MP3: how many bytes it takes, how many seconds it sounds; null when there is none. */
function frameAt(sound: Buffer, at: number): { readonly bytes: number; readonly seconds: number } | null {
  if (at + 4 > sound.length || !isFrame(sound, at)) return null;
  const version = ((sound[at + 1] ?? 0) >> 3) & 3;
  const third = sound[at + 2] ?? 0;
  const isMpeg1 = version === 3;
  const kbits = (isMpeg1 ? MPEG_1_KBITS : MPEG_2_KBITS)[(third >> 4) - 1];
  const rate = SAMPLE_RATES[version]?.[(third >> 2) & 3];
  if (kbits === undefined || rate === undefined) return null;
  const samples = isMpeg1 ? 1152 : 576;
  const bytes = Math.floor((samples / 8) * ((kbits * 1000) / rate)) + ((third >> 1) & 1);
  return at + bytes <= sound.length ? { bytes, seconds: samples / rate } : null;
}

/** Where the frames begin: behind an ID3v2 tag, when there is one. */
function behindTag(sound: Buffer): number {
  if (text(sound, 0, 3) !== 'ID3' || sound.length < 10) return 0;
  const size = [6, 7, 8, 9].reduce((sum, at) => sum * 128 + ((sound[at] ?? 0) & 0x7f), 0);
  return 10 + size;
}

function mp3Length(sound: Buffer): number | null {
  let seconds = 0;
  let frames = 0;
  let at = behindTag(sound);
  while (at < sound.length) {
    const frame = frameAt(sound, at);
    // A first frame of this kind tells of the others and does not sound.
    const isTable = frames === 0 && frame !== null && /Xing|Info|VBRI/.test(text(sound, at, at + 44));
    if (frame !== null && !isTable) seconds += frame.seconds;
    if (frame !== null) frames += 1;
    at += frame?.bytes ?? 1;
  }
  return seconds === 0 ? null : Math.round(seconds * 1000);
}

/** How long a WAV or MP3 sounds, in milliseconds; null when it is neither, or nothing that a player can play. */
export const soundLength = (sound: Buffer): number | null =>
  text(sound, 0, 4) === 'RIFF' ? wavLength(sound) : mp3Length(sound);
