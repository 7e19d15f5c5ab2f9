import { z } from 'zod';
import { bridgeState } from '../../src/app/bridge-state.ts';
import { openGenerated } from '../../src/app/generated.ts';
import { type AddressBook, addressBookSchema, emptyAddressBook } from '../../src/bridge/address-book.ts';
import { err, ok } from '../../src/bridge/result.ts';
import { type MarksRecord, marksSchema } from '../../src/bridge/sequence-marks.ts';
import { createRenderer } from '../../src/mqtt/render.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { type AccountsRecord, accountsSchema, emptyAccounts } from '../../src/sonos/account-record.ts';
import { createAccounts } from '../../src/sonos/accounts.ts';
import { createBudget } from '../../src/sonos/budget.ts';
import { createClient } from '../../src/sonos/client.ts';
import type { Http } from '../../src/sonos/http.ts';
import { createRequest } from '../../src/sonos/request.ts';
import type { Store } from '../../src/store/store.ts';
import { fakeLogin } from '../sonos/fake-login.ts';
import { fakeClock, fakeDocument, fakeLog, fakeRandom, fakeSecrets } from '../sonos/fakes.ts';
import { createTestBridge, HOME, type TestBridge } from '../support/bridge-house.ts';

/** One of the product's documents, with two values that it had one after the other. */
export interface ProductDocument {
  readonly name: string;
  readonly schema: z.ZodType<object>;
  readonly empty: object;
  readonly older: object;
  readonly newer: object;
  /** Has the product live with a value that it would have read; throws what the product throws. */
  readonly liveWith: (value: object) => Promise<void>;
}

/** Builds the description of a document whose values all have one type. */
function describe<T extends object>(
  given: Omit<ProductDocument, 'schema' | 'liveWith'> & {
    readonly schema: z.ZodType<T>;
    readonly liveWith: (value: T) => Promise<void>;
  },
): ProductDocument {
  const { schema, liveWith } = given;
  return { ...given, schema, liveWith: (value) => liveWith(schema.parse(JSON.parse(JSON.stringify(value)))) };
}

const account = {
  id: 'dQw4w9WgXcQ-0123456789',
  refresh_token: 'refresh-1',
  access_token: 'access-1',
  expires_at: Date.UTC(2026, 10, 22, 20),
  households: [HOME],
  status: 'linked',
  linked_at: Date.UTC(2026, 9, 1),
} as const;

/** Two accounts, one of which has a token in reserve. */
export const accounts: AccountsRecord = {
  accounts: [
    { ...account, previous_refresh_token: 'refresh-0' },
    { ...account, id: 'cabin', households: ['Sonos_cabin', 'Sonos_boat'], refresh_token: 'refresh-9' },
  ],
};

/**
 * A day of the accounts with calls of every household: Sonos cannot be reached, the login server can, and takes the token
 * `refresh-1`. Answers how the accounts stand then.
 */
export async function liveWithAccounts(value: AccountsRecord): Promise<AccountsRecord> {
  const [clock, random, log, login] = [fakeClock(), fakeRandom(), fakeLog(), fakeLogin()];
  await login.oauth.exchange('code');
  const document = fakeDocument(value);
  const budget = createBudget({ clock, perMinute: 600, perSecond: 20 });
  const http: Http = async () => err({ kind: 'network', effect: 'unknown', reason: 'Sonos is away.' });
  const apiUrl = 'https://sonos.example';
  const request = createRequest({ apiUrl, http, budget, random, log, userAgent: 'test' });
  const all = createAccounts({
    oauth: login.oauth,
    redirectUri: 'https://house.example/redirect',
    document,
    listHouseholds: async () => ok([HOME]),
    secrets: fakeSecrets(),
    clock,
    random,
    log,
  });
  const client = createClient({ request, tokens: all, clock, random });
  const state = () =>
    bridgeState({
      ...{ startedAt: 0, mqttProtocol: 5, loginUrl: null, counters: null, upkeep: [] },
      ...{ account: all.status(), budgetPerMinute: 600, usedLastMinute: 0 },
    });
  all.onChange(() => void JSON.stringify([all.list(), state()]));
  state();
  for (const household of all.households().slice(0, 3)) {
    await client.send({ method: 'GET', path: '/x', household, priority: 'command', repeatable: false });
  }
  all.start();
  await clock.advance(25 * 3_600_000);
  state();
  all.stop();
  client.close();
  return document.value;
}

const topics = topicsOf('sonos');

function draw({ bridge }: TestBridge): void {
  for (const household of bridge.households) createRenderer(topics).all(household);
}

/** An hour of a bridge with these memories, in which a room is renamed and another one leaves. */
export async function liveWithMemory(book: AddressBook, marks: MarksRecord): Promise<TestBridge> {
  const house = createTestBridge({ book, marks });
  await house.start();
  for (const room of ['kitchen', 'office']) house.tell('playerVolume', playerIn(house, room));
  house.world.speaker('bath').name = 'Spa';
  house.world.regroup([['kitchen', 'bath']]);
  house.tell('groups', HOME);
  await house.clock.advance(3_600_000);
  draw(house);
  await house.bridge.stop();
  return house;
}

function playerIn({ bridge }: TestBridge, name: string): string {
  const players = [...(bridge.household(HOME)?.topology?.players.values() ?? [])];
  return players.find((player) => player.name.toLowerCase() === name)?.id ?? 'none';
}

/** The memories that a bridge has after its first hour. */
async function memories(): Promise<{ readonly books: readonly AddressBook[]; readonly marks: MarksRecord }> {
  const house = await liveWithMemory(emptyAddressBook, {});
  const books = house.diary.flatMap((each) => (each.kind === 'save' ? [each.book] : []));
  return { books, marks: house.marks() };
}

/** The schema of what is made up once, which only its own file knows, and what is made up by some chance. */
async function made(): Promise<{ readonly schema: z.ZodType<object>; readonly value: object }> {
  let seen: z.ZodType<object> = z.never();
  const document: Store['document'] = async (_, schema, empty) => {
    seen = schema;
    return { value: empty, save: async () => {} };
  };
  const value = await openGenerated({ document, trouble: null, close: async () => {} }, fakeRandom());
  return { schema: seen, value };
}

/** Every document that the bridge keeps. */
export async function productDocuments(): Promise<readonly ProductDocument[]> {
  const [{ books, marks }, generated] = await Promise.all([memories(), made()]);
  return [
    describe({
      ...{ name: 'accounts', schema: accountsSchema, empty: emptyAccounts },
      ...{ older: { accounts: accounts.accounts.slice(0, 1) }, newer: accounts },
      liveWith: async (value) => void (await liveWithAccounts(value)),
    }),
    describe({
      ...{ name: 'addresses', schema: addressBookSchema, empty: emptyAddressBook },
      ...{ older: books.at(0) ?? {}, newer: books.at(-1) ?? {} },
      liveWith: async (book) => void (await liveWithMemory(book, {})),
    }),
    describe({
      ...{ name: 'sequence-marks', schema: marksSchema, empty: {} },
      ...{ older: {}, newer: marks },
      liveWith: async (record) => void (await liveWithMemory(emptyAddressBook, record)),
    }),
    describe({
      ...{ name: 'generated', schema: generated.schema, empty: generated.value },
      ...{ older: generated.value, newer: generated.value },
      liveWith: async () => {},
    }),
  ];
}
