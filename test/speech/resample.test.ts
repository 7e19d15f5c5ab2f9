import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resampled, speakerRate } from '../../src/speech/resample.ts';
import { decibels, strength, strengthAt, tone } from './tones.ts';

const RATES = [8_000, 11_025, 16_000, 22_050, 24_000, 44_100, 48_000] as const;
const rates = fc
  .tuple(fc.constantFrom(...RATES), fc.constantFrom(22_050, 44_100, 16_000))
  .filter(([a, b]) => a !== b);

describe('a sound with another number of samples a second', () => {
  it('has the same tone, as strong as before, and nothing besides that could be heard', async () => {
    const part = fc.double({ min: 0.01, max: 0.85, noNaN: true });
    await fc.assert(
      fc.asyncProperty(rates, part, async ([from, to], height) => {
        const hertz = (Math.min(from, to) / 2) * height;
        const sound = await resampled(tone(from, hertz, 0.25, 0.5), to);
        expect(sound.rate).toBe(to);
        expect(Math.abs(sound.samples.length - to / 4)).toBeLessThanOrEqual(1);
        const level = strengthAt(sound, hertz);
        expect(Math.abs(decibels(level / 0.5))).toBeLessThan(0.05);
        // What a rate above would show: the tone mirrored at the old rate.
        if (from - hertz < to / 2) expect(decibels(strengthAt(sound, from - hertz))).toBeLessThan(-60);
      }),
      { numRuns: 40 },
    );
  });

  it('has nothing of what lies above the half of its rate, at least 50 dB down', async () => {
    const down = rates.filter(([from, to]) => from > to * 1.02);
    const part = fc.double({ min: 0, max: 1, noNaN: true });
    await fc.assert(
      fc.asyncProperty(down, part, async ([from, to], height) => {
        const lowest = (to / 2) * 1.001;
        const hertz = lowest + (from * 0.499 - lowest) * height;
        const sound = await resampled(tone(from, hertz, 0.25), to);
        expect(decibels(strength(sound))).toBeLessThan(-50);
      }),
      { numRuns: 30 },
    );
  });

  it('stays in its place: a click in the middle is in the middle', async () => {
    for (const [from, to] of [
      [44_100, 22_050],
      [22_050, 44_100],
      [48_000, 22_050],
    ] as const) {
      const samples = new Float32Array(from);
      samples[from / 2] = 1;
      const { samples: out } = await resampled({ rate: from, samples }, to);
      expect(out.indexOf(Math.max(...out))).toBe(to / 2);
    }
  });

  it('keeps a steady level, so that no grid of its own is heard', async () => {
    const steady = { rate: 48_000, samples: new Float32Array(9_600).fill(0.5) };
    const { samples } = await resampled(steady, 22_050);
    for (const sample of samples.subarray(500, -500)) expect(Math.abs(sample - 0.5)).toBeLessThan(0.0005);
  });

  it('is the very same when it has that number already', async () => {
    const sound = tone(22_050, 440, 0.1);
    expect(await resampled(sound, 22_050)).toBe(sound);
  });

  it('may be empty', async () => {
    expect((await resampled({ rate: 8_000, samples: new Float32Array(0) }, 22_050)).samples).toHaveLength(0);
  });

  it('does not keep the house waiting: others have their turns meanwhile', async () => {
    let turns = 0;
    let isOver = false;
    const count = () => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    await resampled(tone(48_000, 440, 5), 22_050);
    isOver = true;
    // 110,250 samples of about 140 multiplications each, half a million in one go.
    expect(turns).toBeGreaterThan(25);
  });
});

describe('the rate that speakers get', () => {
  it.each([
    [4_000, 22_050],
    [16_000, 22_050],
    [22_050, 22_050],
    [22_051, 44_100],
    [24_000, 44_100],
    [44_100, 44_100],
    [48_000, 44_100],
  ])('of %i is %i', (rate, expected) => {
    expect(speakerRate(rate)).toBe(expected);
  });
});
