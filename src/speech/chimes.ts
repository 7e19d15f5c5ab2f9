import type { Pcm } from './pcm.ts';

/** One tone among those of which a note is made. */
interface Partial {
  /** Its frequency, by the note's. */
  readonly ratio: number;
  readonly level: number;
  /** Seconds until it has fallen to a third. */
  readonly decay: number;
}

interface Note {
  /** When it is struck, in seconds. */
  readonly at: number;
  readonly hertz: number;
  readonly level: number;
}

interface Chime {
  readonly seconds: number;
  /** How long a note takes to be there, in seconds. A sudden one would begin with a click. */
  readonly attack: number;
  readonly partials: readonly Partial[];
  readonly notes: readonly Note[];
}

const D3 = 146.83;
const A4 = 440;
const C5 = 523.25;
const E5 = 659.26;
const G5 = 783.99;
const A5 = 880;
const D6 = 1174.66;

const WARM: readonly Partial[] = [
  { ratio: 1, level: 1, decay: 0.24 },
  { ratio: 2, level: 0.28, decay: 0.16 },
  { ratio: 3, level: 0.1, decay: 0.1 },
  { ratio: 4, level: 0.04, decay: 0.06 },
];

/** As a struck bar of metal has them. */
const BAR: readonly Partial[] = [
  { ratio: 1, level: 1, decay: 0.36 },
  { ratio: 2, level: 0.2, decay: 0.25 },
  { ratio: 2.756, level: 0.16, decay: 0.12 },
  { ratio: 5.404, level: 0.05, decay: 0.05 },
];

/** As a plate has them: no whole numbers, and close pairs that beat. */
const PLATE: readonly Partial[] = [
  { ratio: 1, level: 1, decay: 0.75 },
  { ratio: 1.005, level: 0.35, decay: 0.75 },
  { ratio: 1.483, level: 0.45, decay: 0.55 },
  { ratio: 1.932, level: 0.4, decay: 0.5 },
  { ratio: 2.546, level: 0.35, decay: 0.4 },
  { ratio: 2.63, level: 0.25, decay: 0.38 },
  { ratio: 3.391, level: 0.2, decay: 0.28 },
  { ratio: 4.122, level: 0.14, decay: 0.2 },
  { ratio: 5.687, level: 0.08, decay: 0.12 },
];

const MELLOW: readonly Partial[] = [
  { ratio: 1, level: 1, decay: 0.2 },
  { ratio: 2, level: 0.12, decay: 0.12 },
  { ratio: 3, level: 0.03, decay: 0.07 },
];

const BRIGHT: readonly Partial[] = [
  { ratio: 1, level: 1, decay: 0.13 },
  { ratio: 2, level: 0.4, decay: 0.1 },
  { ratio: 3, level: 0.25, decay: 0.08 },
  { ratio: 5, level: 0.06, decay: 0.05 },
];

const SCORES: Readonly<Record<string, Chime>> = {
  chime: {
    seconds: 1,
    attack: 0.008,
    partials: WARM,
    notes: [
      { at: 0, hertz: C5, level: 0.85 },
      { at: 0.2, hertz: G5, level: 1 },
    ],
  },
  doorbell: {
    seconds: 1.6,
    attack: 0.005,
    partials: BAR,
    notes: [
      { at: 0, hertz: E5, level: 1 },
      { at: 0.5, hertz: C5, level: 1 },
    ],
  },
  gong: { seconds: 2.5, attack: 0.03, partials: PLATE, notes: [{ at: 0, hertz: D3, level: 1 }] },
  soft: { seconds: 0.8, attack: 0.025, partials: MELLOW, notes: [{ at: 0, hertz: A4, level: 1 }] },
  alert: {
    seconds: 1.2,
    attack: 0.005,
    partials: BRIGHT,
    notes: [
      { at: 0, hertz: A5, level: 1 },
      { at: 0.28, hertz: A5, level: 1 },
      { at: 0.56, hertz: D6, level: 1 },
    ],
  },
};

/** The loudest sample of each: room for the resampling that may follow. */
const PEAK = 0.8;
/** The last part of a second, in which what still sounds is led to silence. */
const FADE = 0.12;

const smooth = (part: number): number => (1 - Math.cos(Math.PI * Math.max(0, Math.min(1, part)))) / 2;

function addNote(samples: Float64Array, rate: number, note: Note, { partials, attack }: Chime): void {
  const first = Math.round(note.at * rate);
  const rise = Float64Array.from({ length: Math.ceil(attack * rate) }, (_, index) =>
    smooth(index / rate / attack),
  );
  for (const { ratio, level, decay } of partials) {
    const turn = (2 * Math.PI * note.hertz * ratio) / rate;
    // What the rate cannot hold would come back as another tone.
    if (turn > 0.9 * Math.PI) continue;
    // A hand that turns, and shrinks while it does: much cheaper than a sine for every sample.
    const shrinking = Math.exp(-1 / (decay * rate));
    const across = shrinking * Math.cos(turn);
    const up = shrinking * Math.sin(turn);
    let x = note.level * level;
    let y = 0;
    for (let index = first; index < samples.length; index += 1) {
      samples[index] = (samples[index] ?? 0) + y * (rise[index - first] ?? 1);
      const turned = x * across - y * up;
      y = x * up + y * across;
      x = turned;
    }
  }
}

function rendered(chime: Chime, rate: number): Pcm {
  const tones = new Float64Array(Math.round(chime.seconds * rate));
  for (const note of chime.notes) addNote(tones, rate, note, chime);
  const peak = tones.reduce((highest, sample) => Math.max(highest, Math.abs(sample)), 0);
  const samples = Float32Array.from(tones, (sample) => (sample * PEAK) / peak);
  const fading = Math.round(FADE * rate);
  const start = samples.length - fading;
  for (let index = 0; index < fading; index += 1) {
    samples[start + index] = (samples[start + index] ?? 0) * smooth((fading - 1 - index) / fading);
  }
  return { rate, samples };
}

/** The chimes that the bridge brings along, by name; each is made for the number of samples a second that is asked for. */
export const CHIMES: ReadonlyMap<string, (rate: number) => Pcm> = new Map(
  Object.entries(SCORES).map(([name, chime]) => [name, (rate: number) => rendered(chime, rate)]),
);
