import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeWav, encodeWav } from '../../src/speech/wav.ts';
import { chunk, formatChunk, riff, tone } from './tones.ts';

interface Form {
  readonly tag: number;
  readonly bits: number;
  /** How far apart two neighbouring values are. */
  readonly step: number;
  write(view: DataView, at: number, value: number): void;
}

const whole = (value: number, full: number) => Math.max(-full, Math.min(full - 1, Math.round(value * full)));

const FORMS: readonly Form[] = [
  { tag: 1, bits: 8, step: 1 / 128, write: (view, at, value) => view.setUint8(at, whole(value, 128) + 128) },
  {
    tag: 1,
    bits: 16,
    step: 2 ** -15,
    write: (view, at, value) => view.setInt16(at, whole(value, 2 ** 15), true),
  },
  {
    tag: 1,
    bits: 24,
    step: 2 ** -23,
    write: (view, at, value) => {
      const number = whole(value, 2 ** 23);
      view.setUint8(at, number & 255);
      view.setInt16(at + 1, number >> 8, true);
    },
  },
  {
    tag: 1,
    bits: 32,
    step: 2 ** -23,
    write: (view, at, value) => view.setInt32(at, whole(value, 2 ** 31), true),
  },
  { tag: 3, bits: 32, step: 2 ** -23, write: (view, at, value) => view.setFloat32(at, value, true) },
  { tag: 3, bits: 64, step: 2 ** -23, write: (view, at, value) => view.setFloat64(at, value, true) },
];

function file(form: Form, channels: number, rate: number, frames: readonly number[][], extensible: boolean) {
  const width = form.bits / 8;
  const data = new Uint8Array(frames.length * channels * width);
  const view = new DataView(data.buffer);
  for (const [index, value] of frames.flat().entries()) form.write(view, index * width, value);
  return riff(
    formatChunk({ tag: form.tag, channels, rate, bits: form.bits }, extensible),
    chunk('data', data),
  );
}

const level = fc.double({ min: -1, max: 1, noNaN: true });

describe('a WAV file that is read', () => {
  it('gives the mean of its channels, in every form, at every rate, with one to eight channels', () => {
    const content = fc.integer({ min: 1, max: 8 }).chain((channels) =>
      fc.record({
        channels: fc.constant(channels),
        form: fc.constantFrom(...FORMS),
        rate: fc.constantFrom(4_000, 8_000, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000),
        extensible: fc.boolean(),
        frames: fc.array(fc.array(level, { minLength: channels, maxLength: channels }), { maxLength: 20 }),
      }),
    );
    fc.assert(
      fc.property(content, ({ channels, form, rate, extensible, frames }) => {
        const sound = decodeWav(file(form, channels, rate, frames, extensible));
        expect(sound?.rate).toBe(rate);
        expect(sound?.samples).toHaveLength(frames.length);
        for (const [index, frame] of frames.entries()) {
          const mean = frame.reduce((sum, value) => sum + value, 0) / channels;
          expect(Math.abs((sound?.samples[index] ?? 9) - mean)).toBeLessThanOrEqual(form.step);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('leaves out what is left of a sample that was cut off', () => {
    const cut = file(
      FORMS[1] as Form,
      2,
      8_000,
      [
        [0.5, 0.5],
        [0.25, 0.25],
        [1, 1],
      ],
      false,
    ).subarray(0, -1);
    expect([...(decodeWav(cut)?.samples ?? [])]).toEqual([0.5, 0.25]);
  });

  it('keeps floats within full scale, and takes what is no number as silence', () => {
    const floats = [Number.NaN, 7, -7, Number.POSITIVE_INFINITY, 0.5].map((value) => [value]);
    for (const form of FORMS.filter(({ tag }) => tag === 3)) {
      expect([...(decodeWav(file(form, 1, 8_000, floats, false))?.samples ?? [])]).toEqual([
        0, 1, -1, 1, 0.5,
      ]);
    }
  });

  it('is none when it is something else', () => {
    expect(decodeWav(new Uint8Array(0))).toBeNull();
    expect(decodeWav(new Uint8Array(100))).toBeNull();
    expect(decodeWav(riff(formatChunk({ tag: 7, channels: 1, rate: 8_000, bits: 8 })))).toBeNull();
  });

  it('never throws, and gives samples within full scale, whatever the bytes are', () => {
    const format = fc
      .record({
        tag: fc.constantFrom(1, 3, 2),
        channels: fc.nat(9),
        rate: fc.nat(200_000),
        bits: fc.constantFrom(0, 8, 16, 24, 32, 64),
      })
      .map((text) => formatChunk(text));
    fc.assert(
      fc.property(format, fc.uint8Array({ maxLength: 300 }), fc.nat(), (head, content, size) => {
        const sound = decodeWav(riff(head, chunk('data', content, size % 400)));
        for (const sample of sound?.samples ?? []) expect(Math.abs(sample)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
        decodeWav(new Uint8Array(Buffer.concat([riff(), content])));
      }),
      { numRuns: 300 },
    );
  });
});

describe('a WAV file that is written', () => {
  it('has the header that every player knows', () => {
    const bytes = Buffer.from(encodeWav({ rate: 22_050, samples: new Float32Array(3) }));
    expect(bytes.toString('hex', 0, 44)).toBe(
      [
        '52494646 2a000000 57415645',
        '666d7420 10000000 0100 0100 22560000 44ac0000 0200 1000',
        '64617461 06000000',
      ]
        .join('')
        .replaceAll(' ', ''),
    );
    expect(bytes).toHaveLength(50);
  });

  it('is read back to within half a step, and within a step at full scale', () => {
    const samples = fc.array(level, { maxLength: 200 }).map((values) => Float32Array.from(values));
    fc.assert(
      fc.property(samples, fc.constantFrom(22_050, 44_100), (values, rate) => {
        const back = decodeWav(encodeWav({ rate, samples: values }));
        expect(back?.rate).toBe(rate);
        expect(back?.samples).toHaveLength(values.length);
        for (const [index, value] of values.entries()) {
          const off = Math.abs((back?.samples[index] ?? 9) - value);
          expect(off).toBeLessThanOrEqual((value > 0.9999 ? 1 : 0.5) / 32_768);
        }
      }),
      { numRuns: 200 },
    );
  });

  it('clips what is too loud, and writes silence for what is no number', () => {
    const odd = [2, -2, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1];
    const view = new DataView(encodeWav({ rate: 22_050, samples: Float32Array.from(odd) }).buffer);
    expect(odd.map((_, index) => view.getInt16(44 + index * 2, true))).toEqual([
      32_767, -32_768, 0, 32_767, -32_768, 32_767, -32_768,
    ]);
  });

  it('is read right from the middle of a larger buffer', () => {
    const wav = encodeWav(tone(22_050, 440, 0.01, 0.5));
    const larger = new Uint8Array(wav.length + 5);
    larger.set(wav, 5);
    expect(decodeWav(larger.subarray(5))).toEqual(decodeWav(wav));
  });
});
