import { describe, expect, it } from 'vitest';
import type { Household } from '../../src/bridge/state.ts';
import { command, evidenceOf, groupIdOf, house, planOf, readBy, seat, withEvent } from '../support/house.ts';

const favorite = (id: string, name: string, objectId?: string) => ({
  id,
  name,
  ...(objectId === undefined ? {} : { resource: { type: 'PLAYLIST', id: { serviceId: '9', objectId } } }),
});

const withFavorites = (home: Household, ...items: readonly object[]): Household =>
  withEvent(home, 'Kitchen', 'favorites', 'favoritesList', { version: String(items.length), items });

const home = withFavorites(
  house(['Bath', 'Kitchen']),
  favorite('1', 'Jazz'),
  favorite('2', 'Jazz Morning'),
  favorite('3', 'Rock', 'rock'),
  favorite('4', '25'),
  favorite('25', 'Polka'),
  favorite('5', 'true'),
  favorite('6', '"Heroes"'),
  favorite('7', '{x}'),
  favorite('8', '[Live]'),
  favorite('9', '+1'),
  favorite('10', '"half'),
  favorite('11', 'ROCK'),
  favorite('12', 'Übermut'),
);

const path = `/groups/${encodeURIComponent(groupIdOf(['Bath']))}/favorites`;
const idFor = (payload: string): unknown => {
  const plan = planOf(home, 'Kitchen', 'favorite', payload);
  return plan.ok ? plan.value?.body?.favoriteId : plan.error.code;
};

describe('a favorite', () => {
  it.each([
    ['Jazz', '1'],
    [' jazz\n', '1'],
    ['"Jazz"', '1'],
    ['{"value": "Jazz"}', '1'],
    ['{"value": " jazz "}', '1'],
    ['Jazz M', '2'],
    ['3', '3'],
    ['{"value": 3}', '3'],
    ['Rock', '3'],
    ['ROCK', '11'],
    ['rock', '3'],
    ['25', '4'],
    ['{"value": 25}', '4'],
    ['POL', '25'],
    ['true', '5'],
    ['"Heroes"', '6'],
    ['"\\"Heroes\\""', '6'],
    ['{x}', '7'],
    ['{', '7'],
    ['[Live]', '8'],
    ['+1', '9'],
    ['"half', '10'],
    ['übermut', '12'],
    ['\u0022\\u00dcbermut"', '12'],
    ['J', 'ambiguous_name'],
    ['Jaz', 'ambiguous_name'],
    ['"Jaz"', 'ambiguous_name'],
    ['Jazzz', 'unknown_favorite'],
    ['constructor', 'unknown_favorite'],
    ['""', 'unknown_favorite'],
  ])('named by %s is %s', (payload, id) => {
    expect(idFor(payload)).toBe(id);
  });

  it.each([
    '',
    '  ',
    '{}',
    '{"value": ""}',
    '{"value": "  "}',
    '{"value": true}',
    '{"value": ["Jazz"]}',
    '{"value": "Jazz", "action": "play"}',
    '{"value": "Jazz", "play": "yes"}',
    '{"value": "Jazz", "repeat": true}',
  ])('is not named by %s', (payload) => {
    expect(readBy('favorite', payload)).toMatchObject({
      ok: false,
      error: { message: 'That names nothing to load.' },
    });
  });

  it('is not the only one there is when nothing was named', () => {
    const one = withFavorites(house(['Kitchen']), favorite('1', 'Jazz'));
    expect(planOf(one, 'Kitchen', 'favorite', '""')).toMatchObject({
      ok: false,
      error: { code: 'unknown_favorite' },
    });
    expect(planOf(one, 'Kitchen', 'favorite', '" "')).toMatchObject({
      ok: false,
      error: { code: 'unknown_favorite' },
    });
  });

  it("is loaded on the room's group, and played", () => {
    expect(planOf(home, 'Kitchen', 'favorite', 'Jazz')).toEqual({
      ok: true,
      value: { method: 'POST', path, body: { favoriteId: '1', action: 'REPLACE', playOnCompletion: true } },
    });
  });

  it.each([
    ['replace', 'REPLACE'],
    ['append', 'APPEND'],
    ['insert', 'INSERT'],
    ['next', 'INSERT_NEXT'],
  ])('can be loaded with the action %s', (action, word) => {
    const payload = JSON.stringify({ value: 'Jazz', action, play: false });
    expect(planOf(home, 'Kitchen', 'favorite', payload)).toMatchObject({
      value: { body: { action: word, playOnCompletion: false } },
    });
  });

  it.each([
    [{ shuffle: true }, { shuffle: true }],
    [
      { shuffle: false, crossfade: true },
      { shuffle: false, crossfade: true },
    ],
    [{ repeat: 'off' }, { repeat: false, repeatOne: false }],
    [{ repeat: 'all' }, { repeat: true, repeatOne: false }],
    [{ repeat: 'one' }, { repeat: false, repeatOne: true }],
  ])('can be loaded with the modes %j', (modes, playModes) => {
    expect(planOf(home, 'Kitchen', 'favorite', JSON.stringify({ value: 'Jazz', ...modes }))).toMatchObject({
      value: { body: { playModes } },
    });
  });

  it('that is unknown or meant by a beginning of several is answered with what there is', () => {
    expect(planOf(home, 'Kitchen', 'favorite', 'Jazzy')).toEqual({
      ok: false,
      error: {
        code: 'unknown_favorite',
        message: 'No favorite is called "Jazzy".',
        advice: 'Did you mean "Jazz"?',
      },
    });
    expect(planOf(home, 'Kitchen', 'favorite', 'Ja')).toEqual({
      ok: false,
      error: {
        code: 'ambiguous_name',
        message: '"Ja" is the beginning of more than one favorite.',
        advice: 'There is "Jazz", "Jazz Morning".',
      },
    });
  });

  it('cannot be looked up before the list was read', () => {
    expect(planOf(house(['Kitchen']), 'Kitchen', 'favorite', 'Jazz')).toMatchObject({
      error: { code: 'sonos_error', message: 'The favorites could not be read from Sonos yet.' },
    });
    expect(command('favorite').needs).toEqual(['favorites']);
  });

  it('cannot be loaded on a group that Sonos does not list', () => {
    const value = { names: ['Jazz'], action: 'replace', play: true, modes: {} };
    expect(command('favorite').plan(value, { ...seat(home, 'Kitchen'), group: null })).toMatchObject({
      error: { code: 'not_capable' },
    });
  });

  it('may be loaded again only when it replaces what is there', () => {
    const repeatable = ['replace', 'append'].map((action) => {
      const read = readBy('favorite', JSON.stringify({ value: 'Jazz', action }));
      return read.ok && command('favorite').repeatable(read.value);
    });
    expect(repeatable).toEqual([true, false]);
  });
});

describe('that a favorite was loaded', () => {
  const plays = (objectId: string | null, track: string | null, name = 'a list'): Household =>
    withEvent(home, 'Kitchen', 'playbackMetadata', 'metadataStatus', {
      container: {
        type: 'playlist',
        ...(name === '' ? {} : { name }),
        ...(objectId === null ? {} : { id: { serviceId: '9', objectId } }),
      },
      ...(track === null ? {} : { currentItem: { track: { name: track } } }),
    });
  const idle = withEvent(home, 'Kitchen', 'playbackMetadata', 'metadataStatus', {
    container: { name: 'Bath', type: 'item' },
  });

  it.each([
    ['the container is another', plays('old', 'A'), plays('new', 'A'), 'Jazz', 'seen'],
    ['the item is another', plays('old', 'A'), plays('old', 'B'), 'Jazz', 'seen'],
    ['the item is another, of no container', plays(null, 'A', ''), plays(null, 'B', ''), 'Jazz', 'seen'],
    ['nothing changed', plays('old', 'A'), plays('old', 'A'), 'Jazz', 'not_yet'],
    ['its container was there already', plays('rock', 'A'), plays('rock', 'A'), 'Rock', 'seen'],
    [
      'a container of its name was there already',
      plays('x', 'A', 'Jazz'),
      plays('x', 'A', 'Jazz'),
      'Jazz',
      'seen',
    ],
    ['nothing was known before, and it is there', home, plays('rock', 'A'), 'Rock', 'seen'],
    ['nothing was known before, and another is there', home, plays('old', 'A'), 'Rock', 'not_yet'],
    [
      'it was there already, but has no container',
      plays(null, 'A', ''),
      plays(null, 'A', ''),
      'Jazz',
      'not_yet',
    ],
    ['the group went silent', plays('old', 'A'), idle, 'Jazz', 'not_yet'],
    ['nothing is known', home, home, 'Jazz', 'not_yet'],
    ['the favorite is gone since', plays('old', 'A'), withFavorites(plays('old', 'A')), 'Jazz', 'not_yet'],
  ])('when %s', (_what, before, now, payload, evidence) => {
    expect(evidenceOf(before, now, 'Kitchen', 'favorite', payload)).toBe(evidence);
  });

  it('cannot be seen when it was added to the queue: what Sonos accepted counts', () => {
    for (const action of ['append', 'insert', 'next']) {
      const payload = JSON.stringify({ value: 'Jazz', action });
      expect(evidenceOf(home, home, 'Kitchen', 'favorite', payload)).toBe('seen');
    }
  });
});

describe('a playlist', () => {
  const lists = withEvent(home, 'Kitchen', 'playlists', 'playlistsList', {
    version: '1',
    playlists: [{ id: '6', name: 'Party', trackCount: 3 }],
  });

  it('is loaded by its name', () => {
    expect(planOf(lists, 'Kitchen', 'playlist', 'party')).toEqual({
      ok: true,
      value: {
        method: 'POST',
        path: path.replace('favorites', 'playlists'),
        body: { playlistId: '6', action: 'REPLACE', playOnCompletion: true },
      },
    });
    expect(planOf(lists, 'Kitchen', 'playlist', 'Jazz')).toMatchObject({
      error: { code: 'unknown_playlist' },
    });
    expect(planOf(home, 'Kitchen', 'playlist', 'party')).toMatchObject({ error: { code: 'sonos_error' } });
  });

  it('is seen by its name alone, for Sonos tells no container of it', () => {
    const plays = (name: string) =>
      withEvent(lists, 'Kitchen', 'playbackMetadata', 'metadataStatus', {
        container: { name, type: 'playlist' },
        currentItem: { track: { name: 'A' } },
      });
    expect(evidenceOf(plays('Party'), plays('Party'), 'Kitchen', 'playlist', 'party')).toBe('seen');
    expect(evidenceOf(plays('Other'), plays('Other'), 'Kitchen', 'playlist', 'party')).toBe('not_yet');
  });
});
