import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loudness } from '../../src/speech/loudness.ts';
import { normalised } from '../../src/speech/normalise.ts';
import { decodeWav } from '../../src/speech/wav.ts';
import { findProgram } from '../support/programs.ts';
import { decibels, highest, silence, tone } from './tones.ts';

const MOST = 10 ** (-1 / 20);

describe('a sound that is made as loud as it should be', () => {
  it.each([0.02, 0.1, 0.9])('is so, whether it was soft or loud (%d)', async (level) => {
    expect(await loudness(await normalised(tone(22_050, 997, 1, level), -16))).toBeCloseTo(-16, 1);
  });

  it('has its form: every sample with the same gain, where there is room', async () => {
    const before = tone(22_050, 440, 0.5, 0.05);
    const after = await normalised(before, -20);
    const gain = highest(after) / highest(before);
    for (const [index, sample] of after.samples.entries()) {
      expect(sample).toBeCloseTo((before.samples[index] ?? 9) * gain, 5);
    }
  });

  it('gets 30 dB more at most, so that hiss stays hiss', async () => {
    const whisper = tone(22_050, 997, 1, 10 ** (-60 / 20));
    expect(decibels(highest(await normalised(whisper, -16)))).toBeCloseTo(-30, 1);
  });

  it('is not made of silence', async () => {
    const nothing = silence(22_050, 1);
    expect(await normalised(nothing, -16)).toBe(nothing);
  });

  it('never has a sample above −1 dBFS, and is not louder than asked for', async () => {
    const samples = fc
      .tuple(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 800 }),
        fc.constantFrom(1, 0.3, 0.01),
      )
      .map(([values, level]) => Float32Array.from(values, (value) => value * level));
    await fc.assert(
      fc.asyncProperty(samples, fc.double({ min: -30, max: -3, noNaN: true }), async (values, target) => {
        const sound = await normalised({ rate: 8_000, samples: values }, target);
        expect(highest(sound)).toBeLessThanOrEqual(MOST + 1e-6);
        expect(await loudness(sound)).toBeLessThan(target + 0.5);
      }),
      { numRuns: 80 },
    );
  });

  it('is pressed by 6 dB at most: a single click in a murmur does not become a wall of sound', async () => {
    const murmur = tone(22_050, 997, 1, 0.02);
    const samples = murmur.samples.slice();
    samples[11_000] = 0.9;
    const sound = await normalised({ rate: 22_050, samples }, -10);
    const gain = decibels(highest({ rate: 22_050, samples: sound.samples.subarray(0, 5_000) }) / 0.02);
    expect(gain).toBeLessThan(decibels(MOST / 0.9) + 6.01);
    expect(gain).toBeGreaterThan(decibels(MOST / 0.9) + 5.9);
  });

  const espeak = findProgram('espeak-ng');
  it.skipIf(espeak === null)('is so for a real voice, whose peaks are 20 dB above its loudness', async () => {
    const texts = ['Good morning. The washing machine is done, and somebody is at the door.', 'Hello!'];
    for (const text of texts) {
      const voice = decodeWav(new Uint8Array(execFileSync(espeak ?? '', ['--stdout', text])));
      if (voice === null) return expect.unreachable();
      const sound = await normalised(voice, -16);
      expect(Math.abs((await loudness(sound)) + 16)).toBeLessThan(0.5);
      expect(highest(sound)).toBeLessThanOrEqual(MOST + 1e-6);
    }
  });
});
