import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RESERVED_ROOMS, withPlayers } from '../../src/bridge/rooms.ts';
import type { Household, Room } from '../../src/bridge/state.ts';
import type { Player } from '../../src/bridge/topology.ts';
import { house, idOf, NOON, picture, playerIdOf, type RoomWords, regrouped, room } from '../support/house.ts';

const named = (digits: string, name: string): RoomWords => ({ id: playerIdOf(digits), name });

const addressesOf = (home: Household): Record<string, string> =>
  Object.fromEntries([...home.rooms.values()].map((each) => [each.playerId, each.address]));

const A = playerIdOf('0A');
const B = playerIdOf('0B');
const C = playerIdOf('0C');

describe('the addresses of rooms', () => {
  it('come from their names', () => {
    const home = house(['Kitchen', 'Living Room'], ['Küche']);
    expect(Object.values(addressesOf(home)).sort()).toEqual(['kitchen', 'kuche', 'living-room']);
  });

  it('are the hardware digits where nothing of the name can be kept', () => {
    expect(addressesOf(house([named('DDEEFF', '客厅')]))).toEqual({ [playerIdOf('DDEEFF')]: 'ddeeff' });
  });

  it('get numbers in order of player id when names collide, whatever order Sonos lists them in', () => {
    const expected = { [A]: 'den', [B]: 'den-2', [C]: 'den-3' };
    expect(addressesOf(house([named('0C', 'Den')], [named('0A', 'DEN!')], [named('0B', 'dén')]))).toEqual(
      expected,
    );
    expect(addressesOf(house([named('0B', 'dén'), named('0C', 'Den'), named('0A', 'DEN!')]))).toEqual(
      expected,
    );
  });

  it('never are a word under which topics of the household stand', () => {
    for (const word of RESERVED_ROOMS) {
      const home = house([word.toUpperCase()]);
      expect(room(home, word.toUpperCase()).address).toBe(`${word}-2`);
      expect(regrouped(home, [[word.toUpperCase()]], { generation: 2 }).rooms).toBe(home.rooms);
    }
  });

  it('stay when another room of the same name comes, even one with a lower player id', () => {
    const home = regrouped(house([named('0B', 'Den')]), [[named('0A', 'Den')], [named('0B', 'Den')]]);
    expect(addressesOf(home)).toEqual({ [B]: 'den', [A]: 'den-2' });
  });

  it('stay when the first of two rooms of the same name is renamed', () => {
    const both = house([named('0A', 'Den')], [named('0B', 'Den')]);
    const home = regrouped(both, [[named('0A', 'Bath')], [named('0B', 'Den')]]);
    expect(addressesOf(home)).toEqual({ [A]: 'bath', [B]: 'den-2' });
  });

  it('move at once when a room is renamed', () => {
    const home = regrouped(house([named('0A', 'Den')]), [[named('0A', 'Study')]]);
    expect(room(home, 'Study').address).toBe('study');
    expect(home.rooms.size).toBe(1);
  });

  it('are swapped when two rooms swap their names', () => {
    const before = house([named('0A', 'Den')], [named('0B', 'Bath')]);
    const home = regrouped(before, [[named('0A', 'Bath')], [named('0B', 'Den')]]);
    expect(addressesOf(home)).toEqual({ [A]: 'bath', [B]: 'den' });
  });

  it('stay when only the spelling of the name changes', () => {
    const home = regrouped(house([named('0A', 'Den')]), [[named('0A', 'DEN')]]);
    expect(room(home, 'DEN').address).toBe('den');
  });

  it('of rooms that are away are not given to others, and wait for them', () => {
    const before = house([named('0A', 'Den')], [named('0B', 'Bath')]);
    const away = regrouped(before, [[named('0B', 'Bath')], [named('0C', 'Den')]], {}, NOON + 1000);
    expect(addressesOf(away)).toEqual({ [A]: 'den', [B]: 'bath', [C]: 'den-2' });
    const back = regrouped(away, [[named('0A', 'Den')], [named('0B', 'Bath')], [named('0C', 'Den')]]);
    expect(addressesOf(back)).toEqual({ [A]: 'den', [B]: 'bath', [C]: 'den-2' });
  });

  it('are given anew when what was remembered cannot be: a reserved word, or one address for two', () => {
    const remembered = (playerId: string, address: string): [string, Room] => [
      playerId,
      { playerId, address, name: 'x', goneSince: null, lastPicture: null },
    ];
    const rooms = new Map([remembered(A, 'all'), remembered(B, 'den'), remembered(C, 'den')]);
    const players = new Map(
      [['All', A] as const, ['Den', B] as const, ['Den', C] as const].map(([name, id]): [string, Player] => [
        id,
        { id, name, capabilities: [], deviceIds: [] },
      ]),
    );
    expect([...withPlayers(rooms, players).values()].map((each) => each.address)).toEqual([
      'all-2',
      'den',
      'den-2',
    ]);
  });

  it('are valid and distinct for every household, whatever its rooms are called and however they are renamed', () => {
    const hostile = fc.oneof(
      fc.constantFrom(
        '',
        'Den',
        'den-2',
        'DEN',
        'all',
        'set',
        '客厅',
        '🎷',
        '\ud800',
        '\u0000',
        'x'.repeat(70_000),
        `${'a'.repeat(48)}b`,
        'a'.repeat(48),
      ),
      fc.string({ unit: 'binary', maxLength: 20 }),
    );
    const names = fc.array(hostile, { minLength: 1, maxLength: 12 });
    const groupsOf = (list: readonly string[]) =>
      list.map((name, index) => [
        { id: playerIdOf(index.toString(16).toUpperCase().padStart(2, '0')), name },
      ]);
    fc.assert(
      fc.property(names, names, (first, second) => {
        let home = house(...groupsOf(first));
        for (const list of [second, first]) {
          home = regrouped(home, groupsOf(list));
          const addresses = [...home.rooms.values()].map((each) => each.address);
          expect(new Set(addresses).size).toBe(addresses.length);
          for (const address of addresses) {
            expect(address).toMatch(/^[a-z0-9-]{1,48}$/);
            expect(RESERVED_ROOMS.has(address)).toBe(false);
          }
          expect(regrouped(home, groupsOf(list)).rooms).toBe(home.rooms);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('rooms that leave', () => {
  it('are offline from then on, as they were last seen', () => {
    const before = house(['Den', 'Bath']);
    const home = regrouped(before, [['Bath']], {}, NOON + 5000);
    expect(room(home, 'Den').goneSince).toBe(NOON + 5000);
    expect(picture(home, 'Den')).toEqual({ ...picture(before, 'Den'), online: false });
    expect(picture(home, 'Bath')).toMatchObject({ online: true, group: { members: ['bath'] } });
  });

  it('keep the time at which they left while others come and go', () => {
    const away = regrouped(house(['Den'], ['Bath'], ['Study']), [['Bath'], ['Study']], {}, NOON + 1000);
    const later = regrouped(away, [['Bath']], {}, NOON + 2000);
    expect([room(later, 'Den').goneSince, room(later, 'Study').goneSince]).toEqual([
      NOON + 1000,
      NOON + 2000,
    ]);
  });

  it('are online again when they come back', () => {
    const home = regrouped(regrouped(house(['Den'], ['Bath']), [['Bath']]), [['Den'], ['Bath']]);
    expect(room(home, 'Den')).toMatchObject({ goneSince: null, lastPicture: null, address: 'den' });
    expect(picture(home, 'Den')).toMatchObject({ online: true });
  });

  it('are not missed by a list that says it is incomplete', () => {
    const before = house(['Den'], ['Bath']);
    const home = regrouped(before, [['Bath']], { partial: true }, NOON + 5000);
    expect(home.rooms).toBe(before.rooms);
    expect(picture(home, 'Den')).toMatchObject({ online: true });
  });

  it('are not missed by an incomplete list that is the first after a restart', () => {
    const known = house(['Den'], ['Bath']);
    const restarted: Household = { ...known, topology: null, own: {} };
    const partly = regrouped(restarted, [['Bath']], { partial: true }, NOON + 5000);
    expect(room(partly, 'Den').goneSince).toBeNull();
    expect(picture(partly, 'Den')).toBeNull();
    const whole = regrouped(partly, [['Bath']], {}, NOON + 6000);
    expect(room(whole, 'Den')).toMatchObject({ goneSince: NOON + 6000, lastPicture: null });
  });

  it('keep their player ids, by which commands may name them', () => {
    const home = regrouped(house(['Den'], ['Bath']), [['Bath']]);
    expect(home.rooms.get(idOf('Den'))?.address).toBe('den');
  });
});
