import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limited } from '../../src/speech/limit.ts';
import { behindEachOther, decibels, highest, strength, strengthAt, tone } from './tones.ts';

describe('a sound whose peaks are pressed down', () => {
  it('has no sample above the highest, whatever it is', async () => {
    const samples = fc
      .array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 600 })
      .map((values) => Float32Array.from(values));
    await fc.assert(
      fc.asyncProperty(samples, fc.double({ min: 1, max: 30, noNaN: true }), async (values, gain) => {
        const sound = await limited({ rate: 22_050, samples: values }, gain, 0.9);
        expect(sound.samples).toHaveLength(values.length);
        expect(highest(sound)).toBeLessThanOrEqual(Math.fround(0.9));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps to it by its gain alone, and so is not clipped: a tone that is too loud stays a tone', async () => {
    const pushed = await limited(tone(22_050, 200, 1), 2, 0.9);
    expect(strengthAt(pushed, 200)).toBeCloseTo(0.9, 2);
    for (const harmonic of [400, 600, 1_000]) {
      expect(decibels(strengthAt(pushed, harmonic))).toBeLessThan(-50);
    }
  });

  it('has a gain that glides, however suddenly a peak comes, and is never cut', async () => {
    const gain = 6;
    const quiet = tone(22_050, 500, 0.1, 0.1);
    const before = behindEachOther(
      quiet,
      tone(22_050, 500, 0.002, 0.9),
      quiet,
      tone(22_050, 500, 0.1, 0.5),
      quiet,
    );
    const after = await limited(before, gain, 0.9);
    const gains = [...before.samples].flatMap((sample, index) =>
      Math.abs(sample) < 0.01 ? [] : [{ index, gain: (after.samples[index] ?? 0) / sample }],
    );
    let steepest = 0;
    for (const [at, { index, gain: here }] of gains.entries()) {
      const last = gains[at - 1];
      if (last !== undefined)
        steepest = Math.max(steepest, Math.abs(here - last.gain) / (index - last.index));
    }
    expect(Math.min(...gains.map(({ gain: here }) => here))).toBeLessThan(1.1);
    expect(Math.max(...gains.map(({ gain: here }) => here))).toBeCloseTo(gain, 3);
    // Over 17 steps of 22 samples, of which the middle one has a ninth of the weight.
    expect(steepest).toBeLessThan((gain / 9 / 22) * 1.05);
  });

  it('is only louder where there is room, and that near a peak, too', async () => {
    const quiet = tone(22_050, 500, 1, 0.1);
    const loud = tone(22_050, 500, 0.02, 0.9);
    const sound = await limited(behindEachOther(quiet, loud, quiet), 3, 0.9);
    // All but 20 ms on either side of the peak.
    const before = { rate: 22_050, samples: sound.samples.subarray(0, Math.round(0.98 * 22_050)) };
    expect(strength(before)).toBeCloseTo(0.3, 3);
    expect(highest(before)).toBeCloseTo(0.3, 2);
    const after = { rate: 22_050, samples: sound.samples.subarray(Math.round(1.04 * 22_050)) };
    expect(strength(after)).toBeCloseTo(0.3, 3);
  });
});
