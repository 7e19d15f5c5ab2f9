import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { behindTags, frameAt, mp3Frames } from '../../src/speech/mp3-frames.ts';
import { fixture } from './tones.ts';

/** ISO 11172-3 and 13818-3: kilobits a second by index, for MPEG-1 and for the other two. */
const KILOBITS = {
  1: [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  2: [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
};
const KINDS = [
  { name: 'MPEG-1', byte: 0xfb, rates: [44_100, 48_000, 32_000], kilobits: KILOBITS[1], samples: 1152 },
  { name: 'MPEG-2', byte: 0xf3, rates: [22_050, 24_000, 16_000], kilobits: KILOBITS[2], samples: 576 },
  { name: 'MPEG-2.5', byte: 0xe3, rates: [11_025, 12_000, 8_000], kilobits: KILOBITS[2], samples: 576 },
];

const ALL = KINDS.flatMap((kind) =>
  kind.rates.flatMap((rate, rateIndex) =>
    kind.kilobits.flatMap((kilobits, index) =>
      [0, 1].map((padding) => ({
        ...kind,
        rate,
        kilobits,
        padding,
        header: [0xff, kind.byte, ((index + 1) << 4) | (rateIndex << 2) | (padding << 1), 0xc4],
      })),
    ),
  ),
);

describe('the frames of an MP3 file', () => {
  it('have the length and the rate that their header tells, in every version, rate and number of bits', () => {
    expect(ALL).toHaveLength(3 * 3 * 14 * 2);
    for (const { header, rate, kilobits, padding, samples } of ALL) {
      const seconds = samples / rate;
      expect(frameAt(Uint8Array.from(header), 0)).toEqual({
        at: 0,
        // The bits of so much time, in whole bytes, and one byte of padding.
        bytes: Math.floor((kilobits * 1000 * seconds) / 8 + 1e-9) + padding,
        samples,
        rate,
      });
    }
  });

  it.each([
    ['tone-mpeg1-44100.mp3', 40],
    ['tone-mpeg1-44100-stereo-vbr.mp3', 40],
    ['tone-mpeg2-22050.mp3', 41],
    ['tone-mpeg25-11025.mp3', 22],
  ])('of %s are all found, one behind the other, to the last byte', (name, count) => {
    const bytes = fixture(name);
    const frames = [...mp3Frames(bytes)];
    expect(frames).toHaveLength(count);
    const ends = frames.map(({ at, bytes: length }) => at + length);
    expect(frames.map(({ at }) => at)).toEqual([0, ...ends.slice(0, -1)]);
    expect(ends.at(-1)).toBe(bytes.length);
  });

  it('are found again behind what does not belong there, and a frame that is cut off is none', () => {
    const bytes = fixture('tone-mpeg2-22050.mp3');
    const half = [...mp3Frames(bytes)][20]?.at ?? 0;
    const junk = Uint8Array.from({ length: 3000 }, (_, index) => (index % 7 === 0 ? 0xff : index));
    const mended = Buffer.concat([junk, bytes.subarray(0, half), junk, bytes.subarray(half, -1)]);
    expect([...mp3Frames(mended)]).toHaveLength(40);
    expect([...mp3Frames(junk)]).toEqual([]);
  });

  it('of another rate than the first are left out', () => {
    const both = Buffer.concat([fixture('tone-mpeg2-22050.mp3'), fixture('tone-mpeg1-44100.mp3')]);
    expect(new Set([...mp3Frames(both)].map(({ rate }) => rate))).toEqual(new Set([22_050]));
  });

  it('lie inside the bytes and never over each other, whatever the bytes are', () => {
    const header = fc.constantFrom(...ALL.map((kind) => Uint8Array.from(kind.header)));
    const pieces = fc.array(fc.oneof(header, fc.uint8Array({ maxLength: 300 })), { maxLength: 30 });
    fc.assert(
      fc.property(pieces, (parts) => {
        const bytes = new Uint8Array(Buffer.concat(parts));
        let end = 0;
        for (const frame of mp3Frames(bytes)) {
          expect(frame.at).toBeGreaterThanOrEqual(end);
          end = frame.at + frame.bytes;
        }
        expect(end).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the tags ahead of an MP3 file', () => {
  const tag = (flags: number, ...size: number[]) => [...Buffer.from('ID3'), 4, 0, flags, ...size];

  it('have seven bits a byte in their length', () => {
    expect(behindTags(Uint8Array.from(tag(0, 0, 0, 2, 1)))).toBe(10 + 2 * 128 + 1);
    expect(behindTags(Uint8Array.from(tag(0, 127, 127, 127, 127)))).toBe(10 + 2 ** 28 - 1);
  });

  it('may have a footer, and be several', () => {
    const bytes = Uint8Array.from([
      ...tag(0x10, 0, 0, 0, 2),
      0,
      0,
      ...new Array(10).fill(0),
      ...tag(0, 0, 0, 0, 0),
    ]);
    expect(behindTags(bytes)).toBe(10 + 2 + 10 + 10);
  });

  it('are none when they are cut off or absent', () => {
    expect(behindTags(Uint8Array.from(tag(0, 0, 0, 2)))).toBe(0);
    expect(behindTags(Uint8Array.from(Buffer.from('ID')))).toBe(0);
  });
});
