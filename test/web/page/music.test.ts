import { describe, expect, it } from 'vitest';
import type { FavoriteView, HouseView } from '../../../src/web/api/messages.ts';
import { choicesOf } from '../../../src/web/page/house/music.ts';
import { hueOf, originOf, whatPlays } from '../../../src/web/page/house/what-plays.ts';
import { track, view } from './rooms.ts';

const favorite = (id: string, name: string, service: string | null, kind: string | null): FavoriteView => ({
  ...{ id, name, service, kind, description: null, image: null },
});

const house: HouseView = {
  alias: 'home',
  name: 'Home',
  favorites: [
    favorite('1', 'Café del Mar', 'Spotify', 'playlist'),
    favorite('2', 'Morning', 'TuneIn', 'station'),
    favorite('3', 'Nothing said', null, null),
  ],
  playlists: [{ id: '1', name: 'Party', track_count: 4 }],
};
const found = (search: string): string[] => choicesOf(house, search).map(({ name }) => name);

describe('choosing music', () => {
  it('offers favorites, then playlists, each with the command that loads it', () => {
    expect(choicesOf(house, '').map(({ command, id }) => [command, id])).toEqual([
      ['favorite', '1'],
      ['favorite', '2'],
      ['favorite', '3'],
      ['playlist', '1'],
    ]);
  });

  it('finds every word in name, service or kind, whatever its case and accents', () => {
    expect(found('cafe')).toEqual(['Café del Mar']);
    expect(found(' MAR  spot')).toEqual(['Café del Mar']);
    expect(found('playlist')).toEqual(['Café del Mar', 'Party']);
    expect(found('station party')).toEqual([]);
  });

  it('offers nothing of what was not read yet', () => {
    expect(choicesOf({ ...house, favorites: null, playlists: null }, '')).toEqual([]);
  });
});

describe('what a card says', () => {
  const source = { kind: 'queue', name: 'Morning', service: 'Spotify', image: 'art/source' };

  it('is the track with its picture, then where it is from', () => {
    const room = view('A', {
      source,
      track: { ...track('Song'), image: 'art/track' } as never,
      next: track('More'),
    });
    expect(whatPlays(room)).toEqual({
      title: 'Song',
      lines: ['Anna', 'Blue'],
      image: 'art/track',
      next: 'More',
    });
    expect(originOf(room)).toEqual(['Morning', 'Spotify']);
  });

  it('is the source when there is no title, and nothing is said twice', () => {
    const room = view('A', {
      source,
      track: { title: ' ', artist: 'Morning', album: 'X', image: null, duration: 1 },
    });
    expect(whatPlays(room)).toMatchObject({
      title: 'Morning',
      lines: ['X'],
      image: 'art/source',
      next: null,
    });
    expect(originOf(room)).toEqual(['Spotify']);
    const same = view('A', { source, track: { ...track('Song'), artist: 'Y', album: 'Y' } as never });
    expect(whatPlays(same).lines).toEqual(['Y']);
  });

  it('is no technical title of a TV, and nothing for a room of which nothing is known', () => {
    const tv = view('A', { source: { ...source, kind: 'tv', name: 'TV' }, track: track('HDMI 5.1') });
    expect(whatPlays(tv).title).toBe('TV');
    expect(whatPlays(view('A', { source: null }))).toEqual({
      title: null,
      lines: [],
      image: null,
      next: null,
    });
    expect(originOf(view('A', { source: null }))).toEqual([]);
  });

  it('gives every name a hue of its own', () => {
    expect(hueOf('Kitchen')).toBe(hueOf('Kitchen'));
    const hues = ['', 'Kitchen', 'Bath', '🎉', 'x'.repeat(300)].map(hueOf);
    expect(new Set(hues).size).toBe(5);
    expect(hues.every((hue) => Number.isInteger(hue) && hue >= 0 && hue < 360)).toBe(true);
  });
});
