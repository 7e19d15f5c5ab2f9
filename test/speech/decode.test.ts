import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeSound, notPlayable } from '../../src/speech/decode.ts';
import type { SoundFormat } from '../../src/speech/sound-format.ts';
import { encodeWav } from '../../src/speech/wav.ts';
import { chunk, fixture, formatChunk, riff, tone } from './tones.ts';

const text = (words: string): Uint8Array => Uint8Array.from(Buffer.from(words, 'latin1'));

describe('a sound that is taken as numbers', () => {
  it('may be WAV', async () => {
    const sound = await decodeSound(encodeWav(tone(44_100, 440, 0.1)));
    expect(sound.ok && [sound.value.rate, sound.value.samples.length]).toEqual([44_100, 4_410]);
  });

  it('may be MP3', async () => {
    const sound = await decodeSound(fixture('tone-mpeg2-22050.mp3'));
    expect(sound.ok && [sound.value.rate, sound.value.samples.length]).toEqual([22_050, 41 * 576]);
  });

  it.each([
    ['fLaC and more', 'It is FLAC; speakers play MP3 and WAV only.'],
    ['OggS and more', 'It is Ogg (Vorbis or Opus); speakers play MP3 and WAV only.'],
    ['\0\0\0\x20ftypM4A ', 'It is MP4 (M4A, AAC); speakers play MP3 and WAV only.'],
    ['\xff\xf1\x50\x80\x01\x1f\xfc', 'It is AAC; speakers play MP3 and WAV only.'],
    ['<!doctype html>', 'It is a web page, not a sound.'],
    ['{"error": "no such voice"}', 'It is JSON, not a sound.'],
    ['#EXTM3U\n', 'It is a playlist, not a sound: take the address that stands in it.'],
    ['', 'It is empty.'],
    ['Internal Server Error', 'It is not a sound that is known here; speakers play MP3 and WAV only.'],
  ])('is refused in a sentence that says what was seen: %j', async (content, error) => {
    expect(await decodeSound(text(content))).toEqual({ ok: false, error });
  });

  it('is refused when there is nothing to hear in it, or no way to read it', async () => {
    const wav =
      'It is a WAV file without sound, or in a form that cannot be read; plain PCM of 8 to 32 bits can.';
    const noSamples = encodeWav({ rate: 22_050, samples: new Float32Array(0) });
    expect(await decodeSound(noSamples)).toEqual({ ok: false, error: wav });
    const adpcm = formatChunk({ tag: 2, channels: 1, rate: 8_000, bits: 8 });
    expect(await decodeSound(riff(adpcm, chunk('data', new Uint8Array(99))))).toEqual({
      ok: false,
      error: wav,
    });
    expect(await decodeSound(text('ID3\x03\0\0\0\0\0\x02ab'))).toEqual({
      ok: false,
      error: 'It is an MP3 file without sound, or broken.',
    });
  });

  it('is refused when it is long enough to fill the memory', async () => {
    const format = formatChunk({ tag: 1, channels: 1, rate: 4_000, bits: 8 });
    const ofSeconds = (seconds: number) => riff(format, chunk('data', new Uint8Array(4_000 * seconds)));
    expect(await decodeSound(ofSeconds(601))).toEqual({
      ok: false,
      error: 'It is 11 minutes long; at most 10 are decoded.',
    });
    expect(await decodeSound(ofSeconds(600))).toMatchObject({ ok: true });
  });

  it('is a sound or a sentence, whatever the bytes are', async () => {
    const beginnings = fc.constantFrom(
      riff(formatChunk({ tag: 1, channels: 1, rate: 8_000, bits: 16 })),
      fixture('tone-mpeg25-11025.mp3').subarray(0, 500),
      text('ID3\x03\0\0\0\0\0\x02ab'),
      new Uint8Array(0),
    );
    await fc.assert(
      fc.asyncProperty(beginnings, fc.uint8Array({ maxLength: 300 }), async (start, rest) => {
        const sound = await decodeSound(new Uint8Array(Buffer.concat([start, rest])));
        if (sound.ok) expect(sound.value.samples.length).toBeGreaterThan(0);
        else expect(sound.error).toMatch(/^It is .*\.$/);
      }),
      { numRuns: 150 },
    );
  });
});

describe('what speakers do not play', () => {
  it('is everything but WAV and MP3, each with a sentence of its own', () => {
    const formats: SoundFormat[] = [
      'flac',
      'ogg',
      'm4a',
      'aac',
      'html',
      'json',
      'playlist',
      'empty',
      'unknown',
    ];
    expect(new Set(formats.map(notPlayable)).size).toBe(formats.length);
    expect(formats.map(notPlayable)).not.toContain(null);
    expect([notPlayable('wav'), notPlayable('mp3')]).toEqual([null, null]);
  });
});
