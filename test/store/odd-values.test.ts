import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type AddressBook, addressBookSchema } from '../../src/bridge/address-book.ts';
import { RESERVED_HOUSEHOLDS, RESERVED_ROOMS } from '../../src/bridge/rooms.ts';
import { marksSchema } from '../../src/bridge/sequence-marks.ts';
import { type AccountsRecord, accountsSchema, emptyAccounts } from '../../src/sonos/account-record.ts';
import { HOME, playerOf } from '../support/bridge-house.ts';
import { accounts, liveWithAccounts, liveWithMemory } from './documents.ts';
import { open, temporaryFolder } from './support.ts';

const [home, cabin] = accounts.accounts;
if (home === undefined || cabin === undefined) throw new Error('there are two accounts');
type Account = typeof home;

/** What the store makes of accounts that somebody else wrote, over a good copy that the bridge wrote. */
async function loaded(
  content: unknown,
): Promise<{ readonly value: AccountsRecord; readonly errors: string[] }> {
  const folder = join(temporaryFolder(), 'data');
  mkdirSync(folder, { mode: 0o700 });
  const write = (name: string, json: unknown) =>
    writeFileSync(join(folder, name), JSON.stringify(json), { mode: 0o600 });
  write('accounts.json', content);
  write('accounts.json.good', accounts);
  const { store, log } = await open(folder);
  const { value } = await store.document('accounts', accountsSchema, emptyAccounts);
  await store.close();
  return { value, errors: log.at('error') };
}

describe('accounts that are right but odd', () => {
  it.each<[string, readonly Partial<Account>[]]>([
    ['a token that ends in the year 275760', [{ expires_at: 8.64e15 }]],
    ['a token that ended long before Christ', [{ expires_at: -8.64e15 }]],
    ['a token that ended in 1970', [{ expires_at: 0 }]],
    ['a login that is to come', [{ linked_at: 8.64e15 }]],
    ['one household twice', [{ households: [HOME, HOME] }]],
    ['one household in two accounts', [{}, { id: 'two' }]],
    ['one id for two accounts', [{}, { households: ['Sonos_cabin'] }]],
    ['no household at all', [{ households: [] }]],
    ['a household like a name of JavaScript', [{ households: [HOME, '__proto__', 'constructor'] }]],
    ['a household like a path', [{ households: [HOME, '../..', 'a b', 'é'] }]],
    ['the same token before', [{ previous_refresh_token: 'refresh-1' }]],
    ['many accounts', Array.from({ length: 30 }, (_, i) => (i === 0 ? {} : { id: `id-${i}` }))],
  ])('with %s are taken, and the login goes on', async (_, changes) => {
    const { value, errors } = await loaded({ accounts: changes.map((change) => ({ ...home, ...change })) });
    expect(errors).toEqual([]);
    expect(value.accounts).toHaveLength(changes.length);
    const after = await liveWithAccounts(value);
    const linked = after.accounts.find(
      ({ status, households }) => status === 'linked' && households.includes(HOME),
    );
    expect(linked?.access_token).not.toBe(home.access_token);
    expect(linked?.expires_at).toBeLessThan(Date.UTC(2026, 10, 26));
  });

  it.each<[string, Record<string, unknown>]>([
    ['a token that ends after the end of time', { expires_at: 8.7e15 }],
    ['a login before its beginning', { linked_at: -1e308 }],
    ['a token that no header can carry', { access_token: 'é' }],
    ['a token with a line of its own', { access_token: 'a\r\nX-More: b' }],
    ['a refresh token with a NUL', { refresh_token: 'a\u0000' }],
    ['an endless token before', { previous_refresh_token: 'x'.repeat(5_000) }],
  ])('with %s are not taken for right: the last good copy is', async (_, change) => {
    const { value, errors } = await loaded({ accounts: [{ ...home, ...change }, cabin] });
    expect(value).toEqual(accounts);
    expect(errors).toEqual([
      expect.stringMatching(/has the wrong shape \(accounts\.0\.\w+: .*last good copy/),
    ]);
  });
});

const kitchen = { address: 'kitchen', name: 'Kitchen', gone_since: null, last_picture: null };
const book = (rooms: Record<string, object>, alias = 'home', retired: readonly string[] = []): unknown => ({
  households: { [HOME]: { alias, name: null, rooms } },
  retired,
});

describe('an address book that is right but odd', () => {
  const [k, b, o] = ['kitchen', 'bath', 'office'].map(playerOf);
  it.each<[string, unknown]>([
    ['two rooms at one address', book({ [`${k}`]: kitchen, [`${b}`]: kitchen, [`${o}`]: kitchen })],
    [
      'rooms at reserved addresses',
      book({ [`${k}`]: { ...kitchen, address: 'all' }, [`${b}`]: { ...kitchen, address: 'groups' } }),
    ],
    ['a reserved alias', book({}, 'bridge')],
    [
      'two households of one alias',
      {
        households: {
          [HOME]: { alias: 'home', name: null, rooms: {} },
          Sonos_2: { alias: 'home', name: null, rooms: {} },
        },
        retired: [],
      },
    ],
    [
      'topics of others to clear',
      book({}, 'home', ['', '#', '+/+', '$SYS', '../..', 'home', 'home/kitchen', 'a/b/c', '\u0000']),
    ],
    [
      'rooms that left before time, and will leave after it',
      book({ x: { ...kitchen, gone_since: -1e308 }, y: { ...kitchen, address: 'y', gone_since: 1e308 } }),
    ],
    [
      'an odd picture of a room',
      book({
        x: {
          ...kitchen,
          address: 'x',
          gone_since: 1,
          last_picture: { online: 5, group: 'x', name: null, track: [[[[1]]]], '+/#': {}, volume: 'loud' },
        },
      }),
    ],
    [
      'a long and strange name',
      book({ [`${o}`]: { ...kitchen, address: 'office', name: `${'🎵'.repeat(50_000)}\u0000\ud800` } }),
    ],
    [
      'households and rooms like names of JavaScript',
      JSON.parse(
        `{"households":{"__proto__":${JSON.stringify({ alias: 'a', name: null, rooms: {} })},"constructor":{"alias":"b","name":null,"rooms":{"toString":${JSON.stringify(kitchen)}}}},"retired":[]}`,
      ),
    ],
  ])('with %s still gives every room an address of its own', async (_, json) => {
    const read = addressBookSchema.safeParse(json);
    expect(read.success).toBe(true);
    const house = await liveWithMemory(read.data ?? { households: {}, retired: [] }, {});
    const household = house.bridge.household(HOME);
    const rooms = [...(household?.rooms.values() ?? [])].filter(({ goneSince }) => goneSince === null);
    expect(rooms.map(({ name }) => name).sort()).toEqual(['Kitchen', 'Spa']);
    const addresses = rooms.map(({ address }) => address);
    expect(new Set(addresses).size).toBe(addresses.length);
    expect(addresses.filter((address) => RESERVED_ROOMS.has(address))).toEqual([]);
    expect(RESERVED_HOUSEHOLDS).not.toContain(household?.alias);
    const saved = house.diary.flatMap((each): AddressBook[] => (each.kind === 'save' ? [each.book] : []));
    expect(addressBookSchema.safeParse(JSON.parse(JSON.stringify(saved.at(-1)))).success).toBe(true);
  });
});

describe('sequence marks that are right but odd', () => {
  it.each<[string, Record<string, unknown>]>([
    ['numbers at their end', { sequence: '99999999999999999999', at: 1 }],
    ['a mark from the end of time', { sequence: '1', at: 1e308 }],
    ['a mark from before it', { sequence: '99999999999999999999', at: -1e308 }],
  ])('with %s do not keep out what is new for ever', async (_, mark) => {
    const marks = marksSchema.parse({ [HOME]: { [`groups ${HOME}`]: mark }, Sonos_gone: { x: mark } });
    const house = await liveWithMemory({ households: {}, retired: [] }, marks);
    expect([...(house.bridge.household(HOME)?.rooms.values() ?? [])].map(({ name }) => name)).toContain(
      'Spa',
    );
  });
});
