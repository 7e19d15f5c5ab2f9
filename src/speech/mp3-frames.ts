/** One frame of MPEG audio, layer III, as its four header bytes tell it. */
export interface Mp3Frame {
  /** Where it begins. */
  readonly at: number;
  /** How many bytes it has, header included. */
  readonly bytes: number;
  /** How many samples it gives, per channel. */
  readonly samples: number;
  /** Samples a second. */
  readonly rate: number;
}

// Kilobits a second by the header's index; 0 ("free") and 15 are left out: nobody makes the one, the other is invalid.
const RATES_1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const RATES_2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];

interface Version {
  readonly samplesPerSecond: readonly number[];
  readonly kilobits: readonly number[];
  readonly samples: number;
}

/** By the version bits of the header: MPEG-2.5, nothing, MPEG-2, MPEG-1. */
const VERSIONS: readonly (Version | null)[] = [
  { samplesPerSecond: [11_025, 12_000, 8_000], kilobits: RATES_2, samples: 576 },
  null,
  { samplesPerSecond: [22_050, 24_000, 16_000], kilobits: RATES_2, samples: 576 },
  { samplesPerSecond: [44_100, 48_000, 32_000], kilobits: RATES_1, samples: 1152 },
];

const LAYER_3 = 1;
const RESERVED_EMPHASIS = 2;

/** The frame that begins here; null when no valid header of layer III does. */
export function frameAt(bytes: Uint8Array, at: number): Mp3Frame | null {
  const kind = bytes[at + 1] ?? 0;
  if (bytes[at] !== 0xff || (kind & 0xe0) !== 0xe0 || ((kind >> 1) & 3) !== LAYER_3) return null;
  const rates = bytes[at + 2] ?? 0;
  const rest = bytes[at + 3] ?? RESERVED_EMPHASIS;
  const version = VERSIONS[(kind >> 3) & 3];
  const kilobits = version?.kilobits[rates >> 4];
  const rate = version?.samplesPerSecond[(rates >> 2) & 3];
  if (!version || !kilobits || !rate || (rest & 3) === RESERVED_EMPHASIS) return null;
  const padding = (rates >> 1) & 1;
  const length = Math.floor((version.samples * kilobits * 125) / rate) + padding;
  return { at, bytes: length, samples: version.samples, rate };
}

const ID3_HEADER = 10;

/** Where the sound begins: behind as many ID3v2 tags as there are, which may be beyond the end. */
export function behindTags(bytes: Uint8Array): number {
  let at = 0;
  for (;;) {
    const [i, d, three, , , flags = 0, ...size] = bytes.subarray(at, at + ID3_HEADER);
    if (i !== 0x49 || d !== 0x44 || three !== 0x33 || size.length < 4) return at;
    const footer = flags & 0x10 ? ID3_HEADER : 0;
    // Seven bits a byte, so that no size looks like the beginning of a frame.
    at += ID3_HEADER + footer + size.reduce((sum, byte) => sum * 128 + (byte & 0x7f), 0);
  }
}

/** Whether another frame of the same stream follows, or the end: two headers in a row are no coincidence. */
function isFollowed(bytes: Uint8Array, frame: Mp3Frame): boolean {
  const end = frame.at + frame.bytes;
  if (end === bytes.length || isTag(bytes, end)) return true;
  return frameAt(bytes, end)?.rate === frame.rate;
}

/** `TAG` (ID3v1) and `APETAGEX` stand behind the last frame. */
function isTag(bytes: Uint8Array, at: number): boolean {
  const word = String.fromCharCode(...bytes.subarray(at, at + 3));
  return word === 'TAG' || word === 'APE';
}

/** Whether a stream of frames begins at the first byte, as far as the bytes at hand can tell. */
export function beginsWithFrame(bytes: Uint8Array): boolean {
  const frame = frameAt(bytes, 0);
  return frame !== null && (frame.at + frame.bytes + 4 > bytes.length || isFollowed(bytes, frame));
}

/**
 * Every whole frame, in order; what lies between them is passed over, and so are frames of another rate than the
 * first, which belong to something else.
 */
export function* mp3Frames(bytes: Uint8Array): Generator<Mp3Frame> {
  let at = behindTags(bytes);
  let rate: number | null = null;
  let inStep = false;
  while (at + 4 <= bytes.length) {
    const frame = frameAt(bytes, at);
    const fits = frame !== null && at + frame.bytes <= bytes.length && (rate ?? frame.rate) === frame.rate;
    if (fits && (inStep || isFollowed(bytes, frame))) {
      yield frame;
      rate = frame.rate;
      inStep = true;
      at += frame.bytes;
    } else {
      inStep = false;
      const next = bytes.indexOf(0xff, at + 1);
      if (next === -1) return;
      at = next;
    }
  }
}

/** The sound's first frame may hold only facts about the rest (Xing, Info, VBRI); it gives no samples. */
export function isAboutTheRest(bytes: Uint8Array, frame: Mp3Frame): boolean {
  const inside = bytes.subarray(frame.at, frame.at + Math.min(frame.bytes, 64));
  return /Xing|Info|VBRI/.test(String.fromCharCode(...inside.subarray(4)));
}
