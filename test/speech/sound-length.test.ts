import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { soundLengthMs } from '../../src/speech/sound-length.ts';
import { decodeWav, encodeWav } from '../../src/speech/wav.ts';
import { findProgram } from '../support/programs.ts';
import { chunk, fixture, formatChunk, riff, tone } from './tones.ts';

const SIXTEEN = { tag: 1, channels: 1, rate: 8_000, bits: 16 };
const HALF_A_SECOND = new Uint8Array(8_000);
/** As programs write it that do not know the length yet. */
const BOGUS = [0, 0x7ffff000, 0xffffffff, 0x7fffffff];

describe('the length of a WAV file', () => {
  it('is that of its samples', () => {
    expect(soundLengthMs(encodeWav(tone(22_050, 440, 1.5)))).toBe(1500);
    expect(soundLengthMs(riff(formatChunk(SIXTEEN), chunk('data', HALF_A_SECOND)))).toBe(500);
    const stereo = { tag: 3, channels: 2, rate: 8_000, bits: 32 };
    expect(soundLengthMs(riff(formatChunk(stereo), chunk('data', HALF_A_SECOND)))).toBe(125);
  });

  it.each(BOGUS)('is that of the bytes when the file says %i', (size) => {
    expect(soundLengthMs(riff(formatChunk(SIXTEEN), chunk('data', HALF_A_SECOND, size)))).toBe(500);
  });

  it('does not count chunks before and behind the samples, of odd lengths too', () => {
    const notes = chunk('LIST', new Uint8Array(33));
    const file = riff(notes, formatChunk(SIXTEEN), notes, chunk('data', HALF_A_SECOND), notes);
    expect(soundLengthMs(file)).toBe(500);
  });

  it('is found when the padding of an odd chunk was forgotten', () => {
    const notes = chunk('LIST', new Uint8Array(33)).subarray(0, -1);
    expect(soundLengthMs(riff(notes, formatChunk(SIXTEEN), chunk('data', HALF_A_SECOND)))).toBe(500);
  });

  it('is zero when there are no samples but another chunk', () => {
    const file = riff(formatChunk(SIXTEEN), chunk('data', new Uint8Array(0)), chunk('LIST', HALF_A_SECOND));
    expect(soundLengthMs(file)).toBe(0);
    expect(soundLengthMs(riff(formatChunk(SIXTEEN), chunk('data', new Uint8Array(0))))).toBe(0);
  });

  it.each([
    ['no format', riff(chunk('data', HALF_A_SECOND))],
    ['no samples', riff(formatChunk(SIXTEEN))],
    ['a format that is cut off', riff(formatChunk(SIXTEEN)).subarray(0, 30)],
    ['a short format', riff(chunk('fmt ', new Uint8Array(14)), chunk('data', HALF_A_SECOND))],
    ['ADPCM', riff(formatChunk({ ...SIXTEEN, tag: 2 }), chunk('data', HALF_A_SECOND))],
    ['12 bits', riff(formatChunk({ ...SIXTEEN, bits: 12 }), chunk('data', HALF_A_SECOND))],
    ['floats of 16 bits', riff(formatChunk({ ...SIXTEEN, tag: 3 }), chunk('data', HALF_A_SECOND))],
    ['no channel', riff(formatChunk({ ...SIXTEEN, channels: 0 }), chunk('data', HALF_A_SECOND))],
    ['nine channels', riff(formatChunk({ ...SIXTEEN, channels: 9 }), chunk('data', HALF_A_SECOND))],
    ['too low a rate', riff(formatChunk({ ...SIXTEEN, rate: 3_999 }), chunk('data', HALF_A_SECOND))],
    ['too high a rate', riff(formatChunk({ ...SIXTEEN, rate: 192_001 }), chunk('data', HALF_A_SECOND))],
  ])('is not known with %s', (_, file) => {
    expect(soundLengthMs(file)).toBeNull();
  });

  const espeak = findProgram('espeak-ng');
  it.skipIf(espeak === null)('is right for what espeak-ng writes to a pipe, which lies about it', () => {
    const bytes = new Uint8Array(execFileSync(espeak ?? '', ['--stdout', 'The washing machine is done.']));
    const claimed = new DataView(bytes.buffer, bytes.byteOffset).getUint32(40, true);
    expect(claimed).toBeGreaterThan(bytes.length);
    expect(soundLengthMs(bytes)).toBeCloseTo((bytes.length - 44) / 2 / 22.05, 6);
    expect(soundLengthMs(bytes)).toBeGreaterThan(1000);
    const sound = decodeWav(bytes);
    expect(sound?.rate).toBe(22_050);
    // It is a voice: it swings, and it is neither silence nor noise at full scale.
    expect(Math.max(...(sound?.samples ?? []))).toBeGreaterThan(0.1);
  });
});

describe('the length of an MP3 file', () => {
  it.each([
    ['tone-mpeg1-44100.mp3', (40 * 1152) / 44.1],
    ['tone-mpeg1-44100-stereo-vbr.mp3', (40 * 1152) / 44.1],
    ['tone-mpeg2-22050.mp3', (41 * 576) / 22.05],
    ['tone-mpeg25-11025.mp3', (22 * 576) / 11.025],
  ])('is that of its frames: %s', (name, milliseconds) => {
    expect(soundLengthMs(fixture(name))).toBeCloseTo(milliseconds, 6);
  });

  it('does not count tags at either end', () => {
    const plain = fixture('tone-mpeg2-22050.mp3');
    const behind = Buffer.concat([Buffer.from('TAG'), Buffer.alloc(125, 0xff)]);
    const ahead = Buffer.concat([
      Buffer.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 2, 0]),
      Buffer.alloc(256, 0xff),
    ]);
    expect(soundLengthMs(new Uint8Array(Buffer.concat([ahead, plain, behind])))).toBe(soundLengthMs(plain));
  });

  it.each(['Xing', 'Info', 'VBRI'])(
    'does not count a first frame that only tells of the others (%s)',
    (word) => {
      const plain = fixture('tone-mpeg1-44100.mp3');
      const about = Buffer.alloc(208);
      about.set(plain.subarray(0, 4));
      about.write(word, 36, 'latin1');
      expect(soundLengthMs(new Uint8Array(Buffer.concat([about, plain])))).toBe(soundLengthMs(plain));
    },
  );

  it('is not known when a tag is all there is', () => {
    expect(soundLengthMs(Uint8Array.from([0x49, 0x44, 0x33, 3, 0, 0, 0, 0, 0, 4, 1, 2, 3, 4]))).toBeNull();
  });
});

describe('the length of anything else', () => {
  it('is not known', () => {
    expect(soundLengthMs(new Uint8Array(0))).toBeNull();
    expect(soundLengthMs(Uint8Array.from(Buffer.from('OggS and more')))).toBeNull();
  });

  it('never throws, and is a number that time can have or none', () => {
    const beginnings = fc.constantFrom(
      riff(formatChunk(SIXTEEN)),
      riff(),
      fixture('tone-mpeg25-11025.mp3').subarray(0, 300),
      Uint8Array.from(Buffer.from('ID3')),
    );
    fc.assert(
      fc.property(beginnings, fc.uint8Array({ maxLength: 400 }), (start, rest) => {
        const length = soundLengthMs(new Uint8Array(Buffer.concat([start, rest])));
        if (length !== null) expect(length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 500 },
    );
  });
});
