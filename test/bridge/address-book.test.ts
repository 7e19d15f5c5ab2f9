import { describe, expect, it } from 'vitest';
import { abandoned, addressBookSchema, aliasFor, householdFrom } from '../../src/bridge/address-book.ts';
import { RESERVED_HOUSEHOLDS } from '../../src/bridge/rooms.ts';
import type { Household } from '../../src/bridge/state.ts';
import { bookWith, HOUSEHOLD, house, NOON, picture, playerIdOf, regrouped, room } from '../support/house.ts';

/** The house after the bridge was stopped and started again. */
function restarted(home: Household): Household {
  const file = JSON.stringify(bookWith([home], ['home/old', 'home/attic', 'home/old']));
  const record = addressBookSchema.parse(JSON.parse(file)).households[home.id];
  if (record === undefined) throw new Error('The book has lost the household.');
  return householdFrom(home.id, record);
}

const den = (digits: string) => ({ id: playerIdOf(digits), name: 'Den' });

describe('what is remembered over restarts', () => {
  it('keeps every room at its address, though Sonos would list them in another order', () => {
    const grown = regrouped(house([den('0B')]), [[den('0B')], [den('0A')]]);
    const again = regrouped(restarted(grown), [[den('0A')], [den('0B')]]);
    expect(again.rooms).toEqual(grown.rooms);
    expect(again.rooms.get(playerIdOf('0B'))?.address).toBe('den');
  });

  it('has how a room looked when it left, and since when it is gone', () => {
    const home = regrouped(house(['Kitchen'], ['Bath']), [['Bath']], {}, NOON + 1000);
    const again = restarted(home);
    expect(room(again, 'Kitchen')).toEqual(room(home, 'Kitchen'));
    expect(picture(again, 'Kitchen')).toEqual(picture(home, 'Kitchen'));
    expect(again).toMatchObject({ id: HOUSEHOLD, alias: 'home', name: 'Home', topology: null, own: {} });
  });

  it('has addresses that are still to be cleared, each once and in order', () => {
    expect(bookWith([], ['b', 'a', 'b'])).toEqual({ households: {}, retired: ['a', 'b'] });
  });

  it.each([
    { households: {} },
    { households: { a: { alias: 'A/b', name: null, rooms: {} } }, retired: [] },
    {
      households: {
        a: {
          alias: 'a',
          name: null,
          rooms: { b: { address: '+', name: '', gone_since: null, last_picture: null } },
        },
      },
      retired: [],
    },
    { households: {}, retired: [5] },
  ])('is not read when it cannot be true: %j', (file) => {
    expect(addressBookSchema.safeParse(file).success).toBe(false);
  });
});

describe('the alias of a household', () => {
  it.each([
    ['the first is home', undefined, undefined, [], 'home'],
    ['the next ones are numbered', undefined, undefined, ['home', 'home-2'], 'home-3'],
    ['one that was seen keeps its alias', undefined, 'home-2', ['home-3'], 'home-2'],
    [
      'one that was seen gets another when a configured one took its alias',
      undefined,
      'home',
      ['home'],
      'home-2',
    ],
    ['a configured one goes first', 'Lake House', 'home', [], 'lake-house'],
    ['a configured one that is taken is numbered', 'lake', 'home', ['lake'], 'lake-2'],
    ['a configured one of which nothing can be kept is none', '客厅', undefined, [], 'home'],
    ['a remembered one that is reserved is given up', undefined, 'bridge', [], 'home'],
  ])('%s', (_what, configured, earlier, taken, alias) => {
    expect(aliasFor(configured, earlier, (word) => new Set<string>(taken).has(word))).toBe(alias);
  });

  it('never is a word that stands beside the households', () => {
    for (const word of RESERVED_HOUSEHOLDS) expect(aliasFor(word, undefined, () => false)).toBe(`${word}-2`);
  });
});

describe('the addresses that a household had before', () => {
  const before = house([{ name: 'Den', id: playerIdOf('0A') }], ['Bath']);

  it('are given up by a room that is renamed', () => {
    const now = regrouped(before, [[{ name: 'Study', id: playerIdOf('0A') }], ['Bath']]);
    expect(abandoned(before, now)).toEqual(['home/den']);
  });

  it('are all given up when the household gets another alias', () => {
    expect(abandoned(before, { ...before, alias: 'lake' })).toEqual(['home/den', 'home/bath']);
  });

  it('are kept by rooms that go away, and by an address that went to another room', () => {
    expect(abandoned(before, regrouped(before, [['Bath']]))).toEqual([]);
    const moved = regrouped(before, [
      [{ name: 'Bath', id: playerIdOf('0A') }],
      [{ name: 'Den', id: room(before, 'Bath').playerId }],
    ]);
    expect(abandoned(before, moved)).toEqual([]);
  });
});
