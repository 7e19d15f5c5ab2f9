import type { Clock, Log, Random } from '../../src/bridge/ports.ts';
import type { SendCall } from '../../src/bridge/sonos.ts';
import { type AccountsRecord, accountsSchema, emptyAccounts } from '../../src/sonos/account-record.ts';
import { type Accounts, createAccounts, type Document, type Secrets } from '../../src/sonos/accounts.ts';
import { createBudget } from '../../src/sonos/budget.ts';
import { createClient } from '../../src/sonos/client.ts';
import { createListHouseholds } from '../../src/sonos/households.ts';
import { createHttp } from '../../src/sonos/http.ts';
import { createOAuth } from '../../src/sonos/oauth.ts';
import { createRequest } from '../../src/sonos/request.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { systemClock, systemRandom } from '../../src/system.ts';

const DAY_MS = 86_400_000;
const REDIRECT = 'https://house.example/redirect';

/** What of the house takes part in a token save. */
export interface TokenHouse {
  readonly store: Store;
  readonly accounts: Accounts;
  /** A call to Sonos with the household's token; how it ended. */
  call(): Promise<'ok' | string>;
  /** A login by the browser; how it ended. */
  login(): Promise<'ok' | string>;
  close(): Promise<void>;
}

/** What a house is opened with. */
export interface TokenHouseOptions {
  readonly folder: string;
  /** Of the login server, and of Sonos. */
  readonly url: string;
  readonly household: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly random?: Random;
  readonly secrets?: Secrets;
  /** Comes between the accounts and their document. */
  readonly watch?: (document: Document<AccountsRecord>) => Document<AccountsRecord>;
}

/** The machine's clock, on a later day. */
export function laterClock(days = 0): Clock & { sleep(days: number): void } {
  let ahead = days * DAY_MS;
  return {
    now: () => systemClock.now() + ahead,
    elapsed: () => systemClock.elapsed() + ahead,
    after: systemClock.after,
    sleep: (more) => {
      ahead += more * DAY_MS;
    },
  };
}

/** Opens the real store, the real accounts and the real way to Sonos; throws when the store does not open. */
export async function openTokenHouse(options: TokenHouseOptions): Promise<TokenHouse> {
  const { folder, url, household, log, clock, random = systemRandom, watch = (same) => same } = options;
  const opened = await openStore({ folder, clock, random, log });
  if (!opened.ok) throw new Error(opened.error.message);
  const store = opened.value;
  const document = watch(await store.document('accounts', accountsSchema, emptyAccounts));
  const budget = createBudget({ clock, perMinute: 1000, perSecond: 100 });
  const http = createHttp(clock);
  const request = createRequest({ apiUrl: `${url}/api`, http, budget, random, log, userAgent: 'test' });
  const key = { clientId: 'client', clientSecret: 'secret', redirectUri: REDIRECT };
  const accounts = createAccounts({
    oauth: createOAuth({ loginUrl: url, ...key }),
    redirectUri: REDIRECT,
    document,
    listHouseholds: createListHouseholds(request),
    secrets: options.secrets ?? { add: () => {}, forget: () => {} },
    clock,
    random,
    log,
  });
  const client = createClient({ request, tokens: accounts, clock, random });
  const send = (): ReturnType<SendCall> =>
    client.send({ method: 'GET', path: '/households', household, priority: 'command', repeatable: false });
  return {
    store,
    accounts,
    call: async () => {
      const answer = await send();
      return answer.ok ? 'ok' : answer.error.kind;
    },
    login: async () => {
      const { state } = accounts.startLogin();
      const done = await accounts.finishLogin({ code: household, state });
      return done.ok ? 'ok' : done.error.reason;
    },
    close: async () => {
      accounts.stop();
      await accounts.close();
      client.close();
      budget.close();
      await store.close();
    },
  };
}
