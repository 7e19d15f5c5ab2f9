import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { decodeMp3 } from '../../src/speech/mp3.ts';
import { mp3Frames } from '../../src/speech/mp3-frames.ts';
import { soundLengthMs } from '../../src/speech/sound-length.ts';
import { figure, sized } from '../support/figures.ts';
import { decibels, fixture, strength, strengthAt } from './tones.ts';

const FILES = [
  ['tone-mpeg1-44100.mp3', 44_100],
  ['tone-mpeg1-44100-stereo-vbr.mp3', 44_100],
  ['tone-mpeg2-22050.mp3', 22_050],
  ['tone-mpeg25-11025.mp3', 11_025],
] as const;

/** A first frame that tells how many samples of silence the encoder added at either end. */
function withDelay(mp3: Uint8Array, delay: number, padding: number): Uint8Array {
  const about = Buffer.alloc(208);
  about.set(mp3.subarray(0, 4));
  // Behind header and side information; bit 0 says that the number of frames follows.
  const at = 4 + 17;
  about.write('Info', at, 'latin1');
  about.writeUInt32BE(1, at + 4);
  about.writeUInt32BE([...mp3Frames(mp3)].length, at + 8);
  about.write('LAME3.100', at + 12, 'latin1');
  about.writeUIntBE(delay * 4096 + padding, at + 12 + 21, 3);
  return new Uint8Array(Buffer.concat([about, mp3]));
}

describe('an MP3 file that is decoded', () => {
  // The decoder writes to standard error when it does not like what it gets.
  const spoken = vi.spyOn(console, 'error');
  afterEach(() => {
    expect(spoken).not.toHaveBeenCalled();
    spoken.mockClear();
  });

  it.each(FILES)('gives the tone that is in it: %s', async (name, rate) => {
    const bytes = fixture(name);
    const sound = await decodeMp3(bytes);
    if (sound === null) return expect.unreachable();
    expect(sound.rate).toBe(rate);
    expect((sound.samples.length / rate) * 1000).toBeCloseTo(soundLengthMs(bytes) ?? 0, 6);
    // At half of full scale, of which the encoder leaves at least 95 %, and nothing else that can be heard.
    const level = decibels(strengthAt(sound, 440));
    expect(level).toBeGreaterThan(-6.6);
    expect(level).toBeLessThan(-5.9);
    expect(Math.abs(decibels(strength(sound)) - level)).toBeLessThan(0.05);
    expect(decibels(strengthAt(sound, 880))).toBeLessThan(-50);
  });

  it('begins and ends where the encoder says that the sound does', async () => {
    const plain = fixture('tone-mpeg1-44100.mp3');
    const sound = await decodeMp3(withDelay(plain, 576, 1404));
    expect(sound?.samples).toHaveLength(40 * 1152 - 576 - 1404);
  });

  it('is decoded in spite of tags and of what does not belong there', async () => {
    const plain = fixture('tone-mpeg2-22050.mp3');
    // Of the kind that the decoder complains of, over and over, when it gets it.
    let state = 1;
    const junk = Uint8Array.from({ length: 200_000 }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    });
    const tag = Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 2, 9, 9]);
    const bytes = new Uint8Array(Buffer.concat([tag, junk, plain, Buffer.alloc(128, 'TAG')]));
    expect(await decodeMp3(bytes)).toEqual(await decodeMp3(plain));
  });

  it('is none when there is no frame in it', async () => {
    expect(await decodeMp3(new Uint8Array(0))).toBeNull();
    expect(await decodeMp3(Uint8Array.from([0xff, 0xfb, 0x90, 0x64, 1, 2, 3]))).toBeNull();
    expect(await decodeMp3(new Uint8Array(Buffer.alloc(300_000, 'not a sound')))).toBeNull();
  });

  it('is none when its only frame tells of others that are not there', async () => {
    const plain = fixture('tone-mpeg1-44100.mp3');
    const first = [...mp3Frames(withDelay(plain, 576, 576))][0];
    expect(await decodeMp3(withDelay(plain, 576, 576).subarray(0, first?.bytes))).toBeNull();
  });

  it('of which anything is broken gives samples within full scale, or none, and an end', async () => {
    const runs = sized(40, 5_000);
    figure('MP3 files broken by chance and decoded', runs);
    const broken = fc.tuple(
      fc.constantFrom(...FILES.map(([name]) => name)),
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }), fc.nat(255)), {
        minLength: 1,
        maxLength: 200,
      }),
      fc.boolean(),
    );
    await fc.assert(
      fc.asyncProperty(broken, async ([name, changes, isTold]) => {
        const bytes = isTold ? withDelay(fixture(name), 576, 9999) : fixture(name);
        for (const [place, byte] of changes) bytes[Math.floor(place * bytes.length)] = byte;
        const sound = await decodeMp3(bytes);
        expect(sound?.samples.every((sample) => Math.abs(sample) <= 1) ?? true).toBe(true);
      }),
      { numRuns: runs },
    );
  });
});
