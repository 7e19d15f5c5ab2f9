import { describe, expect, it } from 'vitest';
import { newHousehold, sliceKey } from '../../src/bridge/state.ts';
import { lacks, readable, readsOfRoom, wanted } from '../../src/bridge/wanted.ts';
import { groupIdOf, HOUSEHOLD, house, idOf, recorded, regrouped, withEvent } from '../support/house.ts';

const home = house(['Kitchen', 'Bath'], [{ name: 'Amp', capabilities: ['PLAYBACK'] }]);
const paths = (list: readonly { readonly path: string }[]): string[] => list.map(({ path }) => path).sort();
const groupPath = (name: string): string => `/groups/${encodeURIComponent(groupIdOf([name]))}`;

describe('what Sonos should hold for a house', () => {
  it('is three lists of the household, three namespaces of each group, and what each player can', () => {
    const expected = [
      ...['favorites', 'groups', 'playlists'].map((name) => `/households/${HOUSEHOLD}/${name}`),
      ...['Kitchen', 'Amp'].flatMap((name) =>
        ['groupVolume', 'playback', 'playbackMetadata'].map((each) => `${groupPath(name)}/${each}`),
      ),
      ...['Kitchen', 'Bath', 'Amp'].map((name) => `/players/${idOf(name)}/playerVolume`),
      ...['Kitchen', 'Bath'].map((name) => `/players/${idOf(name)}/audioClip`),
    ];
    expect(paths(wanted(home).subscriptions)).toEqual(expected.map((path) => `${path}/subscription`).sort());
  });

  it('has one key for each namespace and target', () => {
    const { subscriptions } = wanted(home);
    expect(subscriptions.every(({ key, namespace, target }) => key === sliceKey(namespace, target))).toBe(
      true,
    );
    expect(new Set(subscriptions.map(({ key }) => key)).size).toBe(subscriptions.length);
  });

  it('is only what the household itself has while its groups are unknown', () => {
    const { subscriptions, snapshots } = wanted(newHousehold(HOUSEHOLD, 'home'));
    expect(subscriptions.map(({ namespace }) => namespace)).toEqual(['groups', 'favorites', 'playlists']);
    expect(paths(snapshots)).toEqual(
      ['favorites', 'groups', 'playlists'].map((name) => `/households/${HOUSEHOLD}/${name}`),
    );
  });
});

describe('what is still to be read', () => {
  it('shrinks with everything that is heard', () => {
    const before = wanted(home).snapshots.length;
    const heard = withEvent(home, 'Kitchen', 'playback', 'playbackStatus', {
      playbackState: 'PLAYBACK_STATE_IDLE',
    });
    const missing = wanted(heard).snapshots.map(({ key }) => key);
    expect(missing).toHaveLength(before - 1);
    expect(missing).not.toContain(sliceKey('playback', groupIdOf(['Kitchen'])));
  });

  it('is read from the path of the namespace, as an event of its type', () => {
    expect(wanted(home).snapshots).toContainEqual({
      key: sliceKey('playbackMetadata', groupIdOf(['Kitchen'])),
      namespace: 'playbackMetadata',
      target: groupIdOf(['Kitchen']),
      path: `${groupPath('Kitchen')}/playbackMetadata`,
      type: 'metadataStatus',
      isTold: true,
    });
  });

  it('includes what a regrouping only let presume', () => {
    const heard = withEvent(home, 'Kitchen', 'playback', 'playbackStatus', {
      playbackState: 'PLAYBACK_STATE_PLAYING',
    });
    const again = regrouped(heard, [['Kitchen'], ['Bath']], { generation: 2 });
    const missing = wanted(again).snapshots.map(({ key }) => key);
    expect(missing).toContain(sliceKey('playback', groupIdOf(['Kitchen'], 2)));
  });

  it('includes a list of which Sonos told another version', () => {
    const listed = withEvent(
      home,
      'Kitchen',
      'favorites',
      'favoritesList',
      recorded('response.favoritesList.one-radio.json'),
    );
    const same = withEvent(
      listed,
      'Kitchen',
      'favorites',
      'versionChanged',
      recorded('event.versionChanged.favorites.json'),
    );
    const other = withEvent(listed, 'Kitchen', 'favorites', 'versionChanged', {
      version: 'RINCON_A0B0C000555501400:8',
    });
    expect([home, listed, same, other].map((each) => lacks(each, 'favorites'))).toEqual([
      true,
      false,
      false,
      true,
    ]);
    expect(lacks(home, 'constructor')).toBe(false);
  });
});

describe('reading everything', () => {
  it('reads what is known as well, and nothing that cannot be read', () => {
    const heard = withEvent(home, 'Kitchen', 'playback', 'playbackStatus', {
      playbackState: 'PLAYBACK_STATE_IDLE',
    });
    expect(readable(heard)).toEqual(readable(home));
    expect(readable(home).some(({ namespace }) => namespace === 'audioClip' || namespace === 'global')).toBe(
      false,
    );
    expect(readable(home)).toHaveLength(3 + 2 * 3 + 2 * 3);
  });

  it('of one room reads the groups, its own group and itself', () => {
    expect(paths(readsOfRoom(home, idOf('Bath')))).toEqual(
      [
        `/households/${HOUSEHOLD}/groups`,
        `/players/${idOf('Bath')}/playerVolume`,
        `/players/${idOf('Bath')}/settings/player`,
        ...['groupVolume', 'playback', 'playbackMetadata'].map((each) => `${groupPath('Kitchen')}/${each}`),
      ].sort(),
    );
    expect(
      readsOfRoom(newHousehold(HOUSEHOLD, 'home'), idOf('Bath')).map(({ namespace }) => namespace),
    ).toEqual(['groups']);
  });
});
