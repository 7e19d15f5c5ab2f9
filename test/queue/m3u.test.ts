import { describe, expect, it } from 'vitest';
import { playlistText, readPlaylist } from '../../src/queue/m3u.ts';

const entry = (location: string, more = {}) => ({
  ...{ location, title: null, artist: null, duration: null },
  ...more,
});

describe('a playlist', () => {
  it('has a line for each thing, with what is said of it before', () => {
    const text = [
      '\uFEFF#EXTM3U',
      '#EXTINF:183,Miles Davis - So What',
      'http://192.168.1.20/so-what.mp3',
      '',
      '# a remark',
      'two.mp3',
      '#EXTINF:-1 tvg-id="a,b" group="x",Radio',
      'radio.mp3\r',
      '#EXTINF:12.5,',
      'short.mp3',
    ].join('\n');
    expect(readPlaylist(text)).toEqual([
      entry('http://192.168.1.20/so-what.mp3', { title: 'So What', artist: 'Miles Davis', duration: 183 }),
      entry('two.mp3'),
      entry('radio.mp3', { title: 'Radio' }),
      entry('short.mp3', { duration: 12.5 }),
    ]);
  });

  it('may have the line ends of any system, and no line at all', () => {
    expect(readPlaylist('a.mp3\rb.mp3\r\nc.mp3')).toEqual([entry('a.mp3'), entry('b.mp3'), entry('c.mp3')]);
    expect(readPlaylist('')).toEqual([]);
    expect(readPlaylist(`${'x'.repeat(5_000)}\na.mp3`)).toEqual([entry('a.mp3')]);
  });

  it('is none when it is that of a stream in pieces', () => {
    expect(readPlaylist('#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\na.ts')).toBeNull();
  });

  it('is read in UTF-8, or else in Latin-1', () => {
    expect(playlistText(Buffer.from('für.mp3', 'utf8'))).toBe('für.mp3');
    expect(playlistText(Buffer.from('für.mp3', 'latin1'))).toBe('für.mp3');
  });

  it('is read in no time, whatever stands in it', () => {
    const started = performance.now();
    readPlaylist(
      `#EXTINF:1${'"'.repeat(4_000)}\n#EXTINF:${'1'.repeat(4_000)}"\n${'#EXTINF:1,a"'.repeat(300)}`,
    );
    expect(performance.now() - started).toBeLessThan(500);
  });
});
