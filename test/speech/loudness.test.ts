import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loudness } from '../../src/speech/loudness.ts';
import { behindEachOther, silence, tone } from './tones.ts';

describe('how loud a sound is', () => {
  it.each([22_050, 44_100, 48_000])(
    'is −3.01 LUFS for a full tone of 997 Hz at %i samples a second',
    async (rate) => {
      expect(Math.abs((await loudness(tone(rate, 997, 2))) + 3.01)).toBeLessThan(0.1);
      expect(Math.abs((await loudness(tone(rate, 997, 2, 0.1))) + 23.01)).toBeLessThan(0.1);
    },
  );

  it('follows the ear: deep tones count little, high ones more', async () => {
    const at = (hertz: number) => loudness(tone(48_000, hertz, 1));
    // The curve of ITU-R BS.1770-4, read at 48 kHz, by its own coefficients.
    expect((await at(25)) - (await at(997))).toBeCloseTo(-11.4, 0);
    expect((await at(100)) - (await at(997))).toBeCloseTo(-1.8, 0);
    expect((await at(10_000)) - (await at(997))).toBeCloseTo(3.3, 0);
  });

  it('does not count pauses', async () => {
    const whole = tone(22_050, 997, 3, 0.25);
    const alone = await loudness(whole);
    const withPause = await loudness(behindEachOther(whole, silence(22_050, 3)));
    expect(Math.abs(withPause - alone)).toBeLessThan(0.5);
    // Nor what is more than 10 LU below the rest.
    const withMurmur = await loudness(behindEachOther(whole, tone(22_050, 997, 9, 0.02)));
    expect(Math.abs(withMurmur - alone)).toBeLessThan(0.5);
    const withMore = await loudness(behindEachOther(whole, tone(22_050, 997, 9, 0.125)));
    expect(alone - withMore).toBeGreaterThan(2);
  });

  it('is that of the whole when it is shorter than a block of 400 ms', async () => {
    expect(Math.abs((await loudness(tone(44_100, 997, 0.399))) + 3.01)).toBeLessThan(0.15);
    expect(Math.abs((await loudness(tone(44_100, 997, 0.02))) + 3.01)).toBeLessThan(1);
  });

  it('is none at all for silence, for nothing, and below −70 LUFS', async () => {
    const none = Number.NEGATIVE_INFINITY;
    expect(await loudness(silence(22_050, 2))).toBe(none);
    expect(await loudness(silence(22_050, 0))).toBe(none);
    expect(await loudness(tone(22_050, 997, 1, 10 ** (-69 / 20)))).toBe(none);
    expect(await loudness(tone(22_050, 997, 1, 10 ** (-65 / 20)))).toBeCloseTo(-68, 0);
  });

  it('rises by as many LU as the sound does by decibels', async () => {
    const noise = fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 400, maxLength: 4_000 });
    await fc.assert(
      fc.asyncProperty(noise, fc.double({ min: -20, max: 0, noNaN: true }), async (values, gain) => {
        const samples = Float32Array.from(values);
        const loud = await loudness({ rate: 8_000, samples });
        const soft = await loudness({
          rate: 8_000,
          samples: samples.map((sample) => sample * 10 ** (gain / 20)),
        });
        if (loud > -45) expect(soft - loud).toBeCloseTo(gain, 2);
      }),
      { numRuns: 60 },
    );
  });
});
