import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHIMES } from '../../src/speech/chimes.ts';
import { type Composed, composed, type Parts } from '../../src/speech/compose.ts';
import { loudness } from '../../src/speech/loudness.ts';
import { decodeMp3 } from '../../src/speech/mp3.ts';
import type { Pcm } from '../../src/speech/pcm.ts';
import { soundFormat } from '../../src/speech/sound-format.ts';
import { soundLengthMs } from '../../src/speech/sound-length.ts';
import { decodeWav } from '../../src/speech/wav.ts';
import { findProgram } from '../support/programs.ts';
import { behindEachOther, fixture, highest, silence, strengthAt, tone } from './tones.ts';

/** The sound of a composed file, after a look at the file itself. */
function soundOf({ wav, lengthMs }: Composed): Pcm {
  expect(soundFormat(wav)).toBe('wav');
  expect(soundLengthMs(wav)).toBeCloseTo(lengthMs, 6);
  const view = Buffer.from(wav.buffer, wav.byteOffset, wav.length);
  expect(view.readUInt32LE(4)).toBe(wav.length - 8);
  expect(view.readUInt32LE(40)).toBe(wav.length - 44);
  const sound = decodeWav(wav);
  if (sound === null) throw new Error('What was composed is no WAV file.');
  return sound;
}

/** From one moment to another, in milliseconds; from the end when negative. */
const part = ({ rate, samples }: Pcm, from: number, to?: number): Pcm => {
  const at = (ms: number) => Math.round((ms / 1000) * rate);
  return { rate, samples: samples.subarray(at(from), to === undefined ? undefined : at(to)) };
};

const voice = tone(22_050, 300, 1.5, 0.2);
const chimeOf = (name: string, rate: number): Pcm => CHIMES.get(name)?.(rate) ?? silence(rate, 0);

describe('an announcement that is put together', () => {
  it('is silence, chime, pause, speech, silence, each as long and as loud as it should be', async () => {
    const file = await composed({ chime: tone(22_050, 1_000, 1, 0.9), speech: voice });
    const sound = soundOf(file);
    expect(sound.rate).toBe(22_050);
    expect(file.lengthMs).toBeCloseTo(300 + 1_000 + 250 + 1_500 + 300, 0);
    expect(highest(part(sound, 0, 300))).toBe(0);
    expect(await loudness(part(sound, 300, 1_300))).toBeCloseTo(-20, 1);
    expect(highest(part(sound, 1_300, 1_550))).toBe(0);
    expect(await loudness(part(sound, 1_550, 3_050))).toBeCloseTo(-16, 1);
    expect(highest(part(sound, -300))).toBe(0);
    expect(strengthAt(part(sound, 300, 1_300), 1_000)).toBeGreaterThan(0.05);
    expect(strengthAt(part(sound, 1_550, 3_050), 300)).toBeGreaterThan(0.1);
  });

  it('may be speech alone, or a chime alone', async () => {
    expect((await composed({ chime: null, speech: voice })).lengthMs).toBeCloseTo(300 + 1_500 + 300, 0);
    const alone = await composed({ chime: chimeOf('gong', 44_100), speech: null });
    expect(alone.lengthMs).toBeCloseTo(300 + 2_500 + 300, 0);
    expect(soundOf(alone).rate).toBe(44_100);
    await expect(composed({ chime: null, speech: null })).rejects.toThrow(TypeError);
  });

  it('has the rate that the speech needs, and the chime keeps its tone', async () => {
    const speech = await decodeMp3(fixture('tone-mpeg1-44100-stereo-vbr.mp3'));
    const sound = soundOf(await composed({ chime: tone(22_050, 700, 1, 0.3), speech }));
    expect(sound.rate).toBe(44_100);
    expect(strengthAt(part(sound, 300, 1_300), 700)).toBeGreaterThan(0.05);
    const lower = soundOf(await composed({ chime: tone(48_000, 700, 1, 0.3), speech: tone(16_000, 300, 1) }));
    expect(lower.rate).toBe(22_050);
    expect(strengthAt(part(lower, 300, 1_300), 700)).toBeGreaterThan(0.05);
  });

  it('loses the silence around the speech, but for 30 ms, and none within it', async () => {
    const murmur = tone(22_050, 100, 0.7, 0.002);
    const within = behindEachOther(voice, silence(22_050, 0.5), voice);
    const speech = behindEachOther(murmur, within, silence(22_050, 1.2));
    const { lengthMs } = await composed({ chime: null, speech });
    expect(lengthMs).toBeGreaterThan(300 + 3_500 + 2 * 30 + 300 - 5);
    expect(lengthMs).toBeLessThanOrEqual(300 + 3_500 + 2 * 30 + 300 + 1);
  });

  it('keeps a voice that is hardly there, and makes it heard', async () => {
    const whisper = tone(22_050, 300, 1, 0.002);
    const file = await composed({ chime: null, speech: behindEachOther(silence(22_050, 1), whisper) });
    expect(file.lengthMs).toBeCloseTo(300 + 30 + 1_000 + 300, 0);
    expect(await loudness(part(soundOf(file), 330, 1_330))).toBeGreaterThan(-28);
  });

  it('is only silence when the speech is', async () => {
    const file = await composed({ chime: null, speech: silence(22_050, 2) });
    expect(file.lengthMs).toBe(600);
    expect(highest(soundOf(file))).toBe(0);
  });

  it('is a WAV file that begins and ends with 300 ms of silence, whatever it is made of', async () => {
    const sound = fc
      .tuple(
        fc.constantFrom(8_000, 16_000, 22_050, 24_000, 44_100, 48_000),
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { maxLength: 500 }),
      )
      .map(([rate, values]): Pcm => ({ rate, samples: Float32Array.from(values) }));
    const parts: fc.Arbitrary<Parts> = fc.oneof(
      fc.record({ chime: sound, speech: fc.option(sound) }),
      fc.record({ chime: fc.option(sound), speech: sound }),
    );
    await fc.assert(
      fc.asyncProperty(parts, async (made) => {
        const out = soundOf(await composed(made));
        expect([22_050, 44_100]).toContain(out.rate);
        expect(highest(part(out, 0, 300))).toBe(0);
        expect(highest(part(out, -300))).toBe(0);
        expect(highest(out)).toBeLessThanOrEqual(10 ** (-1 / 20) + 2 / 32_768);
      }),
      { numRuns: 60 },
    );
  });

  const espeak = findProgram('espeak-ng');
  it.skipIf(espeak === null)('is right with a real voice behind every built-in chime', async () => {
    const bytes = execFileSync(espeak ?? '', ['--stdout', 'The washing machine is done. Dinner is ready.']);
    const speech = decodeWav(new Uint8Array(bytes));
    if (speech === null) return expect.unreachable();
    for (const [, make] of CHIMES) {
      const chime = make(22_050);
      const sound = soundOf(await composed({ chime, speech }));
      const speechAt = 300 + (chime.samples.length / 22_050) * 1000 + 250;
      expect(Math.abs((await loudness(part(sound, 300, speechAt - 250))) + 20)).toBeLessThan(0.5);
      expect(Math.abs((await loudness(part(sound, speechAt, -300))) + 16)).toBeLessThan(0.5);
    }
  });
});
