import { describe, expect, it } from 'vitest';
import { isSound, soundLength } from '../../src/sim/sound.ts';
import { FLAC, mp3, wav } from './sounds.ts';

const frame = (second: number, third: number, bytes: number): Buffer =>
  Buffer.concat([Buffer.from([0xff, second, third, 0]), Buffer.alloc(bytes - 4)]);

const tagged = (size: number): Buffer =>
  Buffer.concat([
    Buffer.from('ID3'),
    Buffer.from([4, 0, 0, 0, 0, size >> 7, size & 0x7f]),
    Buffer.alloc(size),
  ]);

function withInfo(frames: number): Buffer {
  const table = mp3(1);
  table.write('Xing', 36, 'latin1');
  return Buffer.concat([table, mp3(frames)]);
}

function padded(): Buffer {
  const sound = wav(1);
  const list = Buffer.concat([Buffer.from('LIST'), Buffer.from([3, 0, 0, 0, 65, 66, 67, 0])]);
  return Buffer.concat([sound.subarray(0, 36), list, sound.subarray(36)]);
}

function endless(): Buffer {
  const sound = wav(1.5);
  sound.writeUInt32LE(0xff_ff_ff_ff, 40);
  return sound;
}

describe('a player knows how long a sound is', () => {
  it.each([
    ['a WAV', wav(2.5), 2500],
    ['a WAV with other chunks before its samples', padded(), 1000],
    ['a WAV that was streamed and claims to be endless', endless(), 1500],
    ['a WAV with notes behind its samples', Buffer.concat([wav(1), Buffer.from('LIST\x04\0\0\0text')]), 1000],
    ['an MP3 of 128 kbit/s', mp3(100), 2612],
    ['an MP3 behind a tag', Buffer.concat([tagged(300), mp3(100)]), 2612],
    ['an MP3 whose first frame is a table', withInfo(100), 2612],
    ['an MP3 with a note behind it', Buffer.concat([mp3(100), Buffer.from('TAG'.padEnd(128))]), 2612],
    // 64 kbit/s at 24 kHz: MPEG 2, 24 ms and 192 bytes a frame; 32 kbit/s at 8 kHz: MPEG 2.5, 72 ms and 288 bytes.
    ['an MP3 of MPEG 2', Buffer.concat(Array.from({ length: 50 }, () => frame(0xf3, 0x84, 192))), 1200],
    ['an MP3 of MPEG 2.5', Buffer.concat(Array.from({ length: 50 }, () => frame(0xe3, 0x48, 288))), 3600],
    ['an MP3 of many rates', Buffer.concat([mp3(1), frame(0xfb, 0xa0, 522), frame(0xfb, 0x50, 208)]), 78],
    ['an MP3 whose last frame is cut', mp3(3).subarray(0, -1), 52],
  ])('of %s', (_, sound, milliseconds) => {
    expect(isSound(sound)).toBe(true);
    expect(soundLength(sound)).toBe(milliseconds);
  });

  it.each([
    ['FLAC', FLAC, false],
    ['AAC', Buffer.from([0xff, 0xf1, 0x50, 0x80, 0, 0]), false],
    ['a page', Buffer.from('<html>no</html>'), false],
    ['nothing', Buffer.alloc(0), false],
    ['a WAV of floats', wav(1, 3), true],
    ['a RIFF that is no WAV', Buffer.concat([Buffer.from('RIFF    AVI '), Buffer.alloc(40)]), true],
    ['a WAV without samples', wav(1).subarray(0, 36), true],
    ['a WAV cut within its format', wav(1).subarray(0, 30), true],
    ['a WAV that has no rate', Buffer.concat([wav(1).subarray(0, 12), wav(1).subarray(36)]), true],
    ['a tag alone', tagged(100), true],
    ['an MP3 of a rate that does not exist', frame(0xfb, 0x9c, 417), true],
  ])('and that %s is none', (_, sound, mayBe) => {
    expect(isSound(sound)).toBe(mayBe);
    expect(soundLength(sound)).toBeNull();
  });
});
