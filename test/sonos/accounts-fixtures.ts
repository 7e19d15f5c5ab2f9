import { ok, type Result } from '../../src/bridge/result.ts';
import type { SonosError } from '../../src/bridge/sonos.ts';
import { type AccountsRecord, emptyAccounts } from '../../src/sonos/account-record.ts';
import { type Accounts, createAccounts } from '../../src/sonos/accounts.ts';
import { fakeLogin, type Policy } from './fake-login.ts';
import { fakeClock, fakeDocument, fakeLog, fakeRandom, fakeSecrets, settle } from './fakes.ts';

export const HOUR = 3_600_000;
const REDIRECT = 'https://house.example/redirect';
export const HOME = 'Sonos_home';

type Households = Result<readonly string[], SonosError>;

/** The accounts of a house with a login server, a disk and a Sonos of its own, already started. */
export function house(
  options: {
    policy?: Policy;
    document?: ReturnType<typeof fakeDocument<AccountsRecord>>;
    login?: ReturnType<typeof fakeLogin>;
  } = {},
) {
  const clock = fakeClock();
  const log = fakeLog();
  const secrets = fakeSecrets();
  const login = options.login ?? fakeLogin(options.policy);
  const document = options.document ?? fakeDocument<AccountsRecord>(emptyAccounts);
  const sonos = { households: ok([HOME]) as Households, asked: [] as string[], gate: Promise.resolve() };
  const accounts = createAccounts({
    oauth: login.oauth,
    redirectUri: REDIRECT,
    document,
    listHouseholds: async (token) => {
      sonos.asked.push(token);
      await sonos.gate;
      return sonos.households;
    },
    secrets,
    clock,
    random: fakeRandom(),
    log,
  });
  accounts.start();
  return { accounts, clock, log, secrets, login, document, sonos };
}

/** A whole login, as a person does it. */
export async function link(accounts: Accounts) {
  const { state } = accounts.startLogin();
  const done = await accounts.finishLogin({ code: 'canary-code', state });
  if (!done.ok) throw new Error(done.error.message);
  await settle();
  return done.value;
}

/** The value of a result; fails when it has none. */
export const value = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(`expected a value, got ${JSON.stringify(result)}`);
  return result.value;
};
