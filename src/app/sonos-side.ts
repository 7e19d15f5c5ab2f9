import { type CommandError, commandError } from '../bridge/command-error.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import type { SendCall } from '../bridge/sonos.ts';
import type { Config } from '../config/schema.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { accountsSchema, emptyAccounts } from '../sonos/account-record.ts';
import { type Accounts, createAccounts } from '../sonos/accounts.ts';
import { type Budget, createBudget } from '../sonos/budget.ts';
import { createClient } from '../sonos/client.ts';
import { createListHouseholds } from '../sonos/households.ts';
import { createRequest } from '../sonos/request.ts';
import type { Store } from '../store/store.ts';
import { type Doors, systemDoors } from './doors.ts';
import { version } from './version.ts';

/** The integration's key, without which nothing can be asked of Sonos. */
export interface Key {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUri: string;
}

/** The key from the settings; null while a part of it is missing. */
export function keyOf({ sonos }: Config): Key | null {
  const { client_id: clientId, client_secret: clientSecret, redirect_uri: redirectUri } = sonos;
  if (clientId === undefined || clientSecret === undefined || redirectUri === undefined) return null;
  return { clientId, clientSecret, redirectUri };
}

/** Everything with which the house calls Sonos. */
export interface SonosSide {
  readonly accounts: Accounts;
  readonly budget: Budget;
  readonly send: SendCall;
  stop(): Promise<void>;
}

interface Options {
  readonly config: Config;
  readonly key: Key;
  readonly store: Store;
  readonly secrets: Secrets;
  readonly log: LogOutput;
  readonly clock: Clock;
  readonly random: Random;
  readonly doors?: Pick<Doors, 'createHttp' | 'createOAuth'>;
}

/** Opens accounts, budget and client; throws `StoreError` when the tokens cannot be read. */
export async function openSonosSide({
  config,
  key,
  store,
  secrets,
  log: output,
  clock,
  random,
  doors = systemDoors,
}: Options): Promise<SonosSide> {
  const log = output.child('sonos');
  const { api_url: apiUrl, login_url: loginUrl, requests_per_minute, requests_per_second } = config.sonos;
  const document = await store.document('accounts', accountsSchema, emptyAccounts);
  const budget = createBudget({ clock, perMinute: requests_per_minute, perSecond: requests_per_second });
  const userAgent = `sonos-mqtt-bridge/${version}`;
  const request = createRequest({ apiUrl, http: doors.createHttp(clock), budget, random, log, userAgent });
  const oauth = doors.createOAuth({ loginUrl, ...key });
  const listHouseholds = createListHouseholds(request);
  const accounts = createAccounts({
    oauth,
    redirectUri: key.redirectUri,
    document,
    listHouseholds,
    secrets,
    clock,
    random,
    log,
  });
  const client = createClient({ request, tokens: accounts, clock, random });
  return {
    accounts,
    budget,
    send: client.send,
    async stop() {
      accounts.stop();
      client.close();
      budget.close();
      await accounts.close();
    },
  };
}

/** Why nothing can be asked of Sonos for a household, or for any; null when it can. */
export function obstacleOf(
  accounts: Pick<Accounts, 'accountOf' | 'list' | 'status'>,
  household: string | null,
  loginUrl: string | null,
): CommandError | null {
  const account = household === null ? null : accounts.accountOf(household);
  const status = accounts.list().find((each) => each.id === account)?.status ?? accounts.status().status;
  if (status === 'linked' || status === 'unreachable') return null;
  const message = status === 'unlinked' ? 'No Sonos account is linked.' : 'Sonos asks for a new login.';
  return commandError('not_linked', message, `Open ${loginUrl ?? 'the login page of the bridge'}.`);
}
