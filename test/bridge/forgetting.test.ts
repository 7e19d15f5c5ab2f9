import { describe, expect, it } from 'vitest';
import type { AddressBook } from '../../src/bridge/address-book.ts';
import { Forgetting } from '../../src/bridge/forgetting.ts';
import { Register } from '../../src/bridge/register.ts';
import type { Household, Room } from '../../src/bridge/state.ts';
import { bookWith, HOUSEHOLD, house, idOf, NOON, regrouped } from '../support/house.ts';

const DAY = 86_400_000;

const ageAt =
  (wall: number) =>
  ({ goneSince }: Room): number =>
    goneSince === null ? 0 : wall - goneSince;

/** A house from which the den, then the attic have gone, and a household that no account has any more. */
function memory(extra: readonly Household[] = []) {
  const before = house(['Kitchen'], ['Den'], ['Attic']);
  const away = regrouped(before, [['Kitchen'], ['Attic']], {}, NOON);
  const home = regrouped(away, [['Kitchen']], {}, NOON + DAY);
  const dormant: Household = { ...home, id: 'Sonos_Lake', alias: 'lake' };
  const households = new Map([home, ...extra].map((each) => [each.id, each]));
  const books: AddressBook[] = [];
  const register = new Register(
    { saveBook: async (book) => void books.push(book), clear: async () => {}, show: () => {} },
    bookWith([home, dormant]),
    households,
  );
  const forgetting = new Forgetting(register, households, (before, after) => {
    expect(before).toBe(households.get(after.id));
    households.set(after.id, after);
  });
  const rooms = (id = HOUSEHOLD): string[] =>
    [...(households.get(id)?.rooms.values() ?? [])].map((room) => room.address);
  return { forgetting, rooms, register };
}

describe('rooms that are gone', () => {
  it('are forgotten when they have been gone for long enough, and not a moment before', () => {
    const { forgetting, rooms } = memory();
    forgetting.forgetOld(DAY, ageAt(NOON + DAY));
    expect(rooms().sort()).toEqual(['attic', 'den', 'kitchen']);
    forgetting.forgetOld(DAY, ageAt(NOON + DAY + 1));
    expect(rooms().sort()).toEqual(['attic', 'kitchen']);
    forgetting.forgetOld(DAY, ageAt(NOON + 100 * DAY));
    expect(rooms()).toEqual(['kitchen']);
  });

  it.each(['den', 'home/den', idOf('Den')])('are forgotten at once as %s', (word) => {
    const { forgetting, rooms } = memory();
    expect(forgetting.forget(word)).toBeNull();
    expect(rooms().sort()).toEqual(['attic', 'kitchen']);
  });

  it('must be named in full when two households have one of the same address', () => {
    const other: Household = {
      ...regrouped(house(['Den'], ['Bath']), [['Bath']]),
      id: 'Sonos_Two',
      alias: 'home-2',
    };
    const { forgetting, rooms } = memory([other]);
    expect(forgetting.forget('den')).toEqual({
      code: 'ambiguous_name',
      message: 'More than one room is called "den".',
      advice: 'Send "home/den" or "home-2/den".',
    });
    expect(forgetting.forget('home-2/den')).toBeNull();
    expect(rooms('Sonos_Two')).toEqual(['bath']);
    expect(rooms()).toContain('den');
  });

  it('are only those: what is still there is not forgotten', () => {
    const { forgetting, rooms } = memory();
    expect(forgetting.forget('kitchen')).toMatchObject({ code: 'invalid_payload' });
    expect(rooms()).toContain('kitchen');
  });

  it('are not guessed before the groups are known, and may be missing from an incomplete list', () => {
    const known = house(['Den'], ['Bath']);
    const unread: Household = { ...known, id: 'Sonos_Two', alias: 'two', topology: null, own: {} };
    const partly = { ...regrouped(unread, [['Bath']], { partial: true }), id: 'Sonos_Three', alias: 'three' };
    const { forgetting, rooms } = memory([unread, partly]);
    expect(forgetting.forget('two/den')).toMatchObject({ code: 'invalid_payload' });
    expect(forgetting.forget('three/den')).toBeNull();
    expect([rooms('Sonos_Two').length, rooms('Sonos_Three').length]).toEqual([2, 1]);
  });

  it('are suggested when the word is not quite right', () => {
    const { forgetting } = memory();
    expect(forgetting.forget('home/dan')).toEqual({
      code: 'unknown_room',
      message: 'Nothing that is gone is called "home/dan".',
      advice: 'Did you mean "home/den"?',
    });
    expect(forgetting.forget('observatory')).toMatchObject({
      advice: 'There is "home/den", "home/attic", "lake".',
    });
  });
});

describe('a household that no account has any more', () => {
  it.each(['lake', 'Sonos_Lake'])('is forgotten as %s', async (word) => {
    const { forgetting, register } = memory();
    expect(forgetting.forget(word)).toBeNull();
    await register.settled();
    expect(register.dormant()).toEqual([]);
    expect(register.remembered('Sonos_Lake')).toBeNull();
    expect(register.remembered(HOUSEHOLD)).not.toBeNull();
  });

  it('is not one that an account has', () => {
    expect(memory().forgetting.forget('home')).toMatchObject({ code: 'unknown_room' });
  });
});
