import { describe, expect, it } from 'vitest';
import { CHIMES } from '../../src/speech/chimes.ts';
import type { Pcm } from '../../src/speech/pcm.ts';
import { highest, strengthAt } from './tones.ts';

/** Of each: how long it is, and which notes begin when. */
const SCORES: readonly (readonly [string, number, readonly (readonly [number, number])[]])[] = [
  [
    'chime',
    1,
    [
      [0, 523.25],
      [0.2, 783.99],
    ],
  ],
  [
    'doorbell',
    1.6,
    [
      [0, 659.26],
      [0.5, 523.25],
    ],
  ],
  ['gong', 2.5, [[0, 146.83]]],
  ['soft', 0.8, [[0, 440]]],
  [
    'alert',
    1.2,
    [
      [0, 880],
      [0.28, 880],
      [0.56, 1174.66],
    ],
  ],
];

const RATES = [22_050, 44_100];
const made = (name: string, rate: number): Pcm => {
  const chime = CHIMES.get(name)?.(rate);
  if (chime === undefined) throw new Error(`There is no chime ${name}.`);
  return chime;
};

/** The part of a sound from one moment to another, seconds. */
const part = ({ rate, samples }: Pcm, from: number, to: number): Pcm => ({
  rate,
  samples: samples.subarray(Math.round(from * rate), Math.round(to * rate)),
});

/** The strongest frequency between 100 and 3,000 Hz while a note is young, to a quarter of a semitone. */
function strongest(sound: Pcm, at: number): number {
  // Not longer: the longer one listens, the narrower a tone is, and the steps would miss it.
  const young = part(sound, at + 0.02, at + 0.14);
  const steps = Array.from({ length: 48 * 5 }, (_, step) => 100 * 2 ** (step / 48)).filter(
    (hertz) => hertz < 3_000,
  );
  const levels = steps.map((hertz) => strengthAt(young, hertz));
  return steps[levels.indexOf(Math.max(...levels))] ?? 0;
}

const semitones = (hertz: number, other: number): number => Math.abs(12 * Math.log2(hertz / other));

describe('the built-in chimes', () => {
  it('are these', () => {
    expect([...CHIMES.keys()]).toEqual(SCORES.map(([name]) => name));
  });
});

describe.each(SCORES)('the chime %s', (name, seconds, notes) => {
  it.each(RATES)('has its length at %i samples a second, and is neither too loud nor too soft', (rate) => {
    const sound = made(name, rate);
    expect(sound.rate).toBe(rate);
    expect(sound.samples).toHaveLength(Math.round(seconds * rate));
    expect(highest(sound)).toBeCloseTo(0.8, 3);
    expect(sound.samples.every(Number.isFinite)).toBe(true);
  });

  it.each(RATES)('begins and ends in silence, without a click, at %i samples a second', (rate) => {
    const { samples } = made(name, rate);
    expect(Math.abs(samples[0] ?? 9)).toBeLessThan(1e-4);
    expect(Math.abs(samples[1] ?? 9)).toBeLessThan(1e-3);
    expect(highest(part({ rate, samples }, seconds - 0.01, seconds))).toBeLessThan(0.003);
    expect(samples.at(-1)).toBeCloseTo(0, 6);
    // No jump: between two samples, no more than the tones themselves make, the highest of which has 5.9 kHz.
    const jumps = samples.map((sample, index) => Math.abs(sample - (samples[index - 1] ?? 0)));
    expect(Math.max(...jumps)).toBeLessThan(13_000 / rate);
  });

  it('has the notes that it should', () => {
    for (const [at, hertz] of notes) {
      expect(semitones(strongest(made(name, 22_050), at), hertz)).toBeLessThan(0.25);
    }
  });

  it('dies away', () => {
    const sound = made(name, 22_050);
    const last = notes.at(-1)?.[0] ?? 0;
    const early = highest(part(sound, last, last + 0.2));
    expect(highest(part(sound, seconds - 0.1, seconds))).toBeLessThan(early / 5);
  });

  it('is always the same', () => {
    const [first, second] = [made(name, 22_050), made(name, 22_050)];
    expect(second.samples.every((sample, index) => sample === first.samples[index])).toBe(true);
  });

  it('can be made for a rate that does not hold all of its tones', () => {
    const sound = made(name, 8_000);
    expect(highest(sound)).toBeCloseTo(0.8, 3);
    for (const [at, hertz] of notes) expect(semitones(strongest(sound, at), hertz)).toBeLessThan(0.25);
  });
});

describe('a tone that the rate cannot hold', () => {
  it('is left out, and does not come back as a deeper one', () => {
    const young = (rate: number) => part(made('alert', rate), 0.58, 0.7);
    const fifth = 5 * 1174.66;
    expect(strengthAt(young(22_050), fifth)).toBeGreaterThan(0.001);
    expect(strengthAt(young(8_000), 8_000 - fifth)).toBeLessThan(0.0002);
  });
});
