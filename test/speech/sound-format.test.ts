import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type SoundFormat, soundFormat } from '../../src/speech/sound-format.ts';
import { encodeWav } from '../../src/speech/wav.ts';
import { fixture, tone } from './tones.ts';

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  new Uint8Array(
    Buffer.concat(
      parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
    ),
  );

/** An ID3v2 tag with a body of so many bytes. */
const id3 = (size: number): number[] => [
  ...Buffer.from('ID3'),
  ...[4, 0, 0],
  ...[(size >> 21) & 127, (size >> 14) & 127, (size >> 7) & 127, size & 127],
  ...new Array<number>(size).fill(0),
];

const FLAC = 'fLaC\0\0\0\u0022';
const ADTS = [0xff, 0xf1, 0x50, 0x80, 0x01, 0x1f, 0xfc];

const SEEN: readonly (readonly [string, Uint8Array, SoundFormat])[] = [
  ['a WAV file', encodeWav(tone(22_050, 440, 0.01)), 'wav'],
  ['the beginning of a WAV file', bytes('RIFF', [0, 0, 0, 0], 'WAVE'), 'wav'],
  ['a video in RIFF', bytes('RIFF', [0, 0, 0, 0], 'AVI LIST'), 'unknown'],
  ['RF64, which speakers do not play', bytes('RF64', [255, 255, 255, 255], 'WAVEds64'), 'unknown'],
  ['an MP3 file', fixture('tone-mpeg1-44100.mp3'), 'mp3'],
  ['an MP3 file of MPEG-2', fixture('tone-mpeg2-22050.mp3'), 'mp3'],
  ['an MP3 file of MPEG-2.5', fixture('tone-mpeg25-11025.mp3'), 'mp3'],
  ['a single header of an MP3 frame', bytes([0xff, 0xfb, 0x90, 0x64]), 'mp3'],
  ['an MP3 file with a tag', bytes(id3(20), [0xff, 0xfb, 0x90, 0x64]), 'mp3'],
  ['a tag that is longer than what is at hand', bytes(id3(5000).slice(0, 100)), 'mp3'],
  [
    'a frame whose end is followed by something else',
    bytes([0xff, 0xfb, 0x90, 0x64], new Array(2000).fill(7)),
    'unknown',
  ],
  ['an MPEG frame of layer II', bytes([0xff, 0xfd, 0x90, 0x64]), 'unknown'],
  ['a frame of an invalid rate', bytes([0xff, 0xfb, 0x9c, 0x64]), 'unknown'],
  ['a frame of an invalid number of bits', bytes([0xff, 0xfb, 0xf0, 0x64]), 'unknown'],
  ['a frame of a free number of bits', bytes([0xff, 0xfb, 0x00, 0x64]), 'unknown'],
  ['a frame of a reserved version', bytes([0xff, 0xeb, 0x90, 0x64]), 'unknown'],
  ['a frame of a reserved emphasis', bytes([0xff, 0xfb, 0x90, 0x66]), 'unknown'],
  ['a text in UTF-16', bytes([0xff, 0xfe, 0x3c, 0x00, 0x68, 0x00]), 'unknown'],
  ['AAC', bytes(ADTS), 'aac'],
  ['AAC without checksums turned off', bytes([0xff, 0xf8, 0x50, 0x80]), 'aac'],
  ['AAC behind a tag', bytes(id3(30), ADTS), 'aac'],
  ['AAC of an invalid rate', bytes([0xff, 0xf1, 0x7c, 0x80]), 'unknown'],
  ['FLAC', bytes(FLAC), 'flac'],
  ['FLAC behind a tag', bytes(id3(200), FLAC), 'flac'],
  ['Ogg', bytes('OggS\0\u0002'), 'ogg'],
  ['M4A', bytes([0, 0, 0, 32], 'ftypM4A '), 'm4a'],
  ['a web page', bytes('<!DOCTYPE html><html>'), 'html'],
  ['a web page without a doctype', bytes('\n  <HTML lang="en">'), 'html'],
  ['a web page behind a byte order mark', bytes([0xef, 0xbb, 0xbf], '<!doctype  HTML>'), 'html'],
  ['some other markup', bytes('<htmlx>'), 'unknown'],
  ['JSON', bytes(' {\n "error": 1}'), 'json'],
  ['a JSON list', bytes('[ {"a":1}]'), 'json'],
  ['an empty JSON object', bytes('{}'), 'json'],
  ['braces that are not JSON', bytes('{a}'), 'unknown'],
  ['a playlist', bytes('#EXTM3U\nhttp://x/'), 'playlist'],
  ['a playlist as Winamp writes it', bytes('[playlist]\nFile1=http://x/'), 'playlist'],
  ['a settings file', bytes('[general]\nx=1'), 'unknown'],
  ['nothing', bytes(), 'empty'],
  ['one byte', bytes([0xff]), 'unknown'],
];

describe('what a sound is', () => {
  it.each(SEEN)('is seen in %s', (_, content, format) => {
    expect(soundFormat(content)).toBe(format);
  });

  it('is not believed of the type or the name, but seen in any bytes at all without an error', () => {
    const beginnings = fc.constantFrom<Uint8Array>(...SEEN.map(([, content]) => content.subarray(0, 40)));
    const anything = fc.tuple(beginnings, fc.uint8Array({ maxLength: 200 }));
    fc.assert(
      fc.property(anything, ([start, rest]) => {
        const format = soundFormat(new Uint8Array(Buffer.concat([start, rest])));
        expect(SEEN.map(([, , known]) => known)).toContain(format);
      }),
      { numRuns: 500 },
    );
  });

  it('is seen in a view that begins in the middle of a buffer', () => {
    const wav = encodeWav(tone(22_050, 440, 0.01));
    const larger = new Uint8Array(wav.length + 7);
    larger.set(wav, 7);
    expect(soundFormat(larger.subarray(7))).toBe('wav');
  });
});
