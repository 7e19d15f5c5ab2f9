import type { Cancel, Clock, Log, Random } from '../bridge/ports.ts';
import { err, type Result } from '../bridge/result.ts';
import { within } from '../bridge/within.ts';
import type { AccountsRecord } from './account-record.ts';
import type { Tokens } from './client.ts';
import type { ListHouseholds } from './households.ts';
import { createLedger, type Document, type Secrets } from './ledger.ts';
import { type AccountView, Linked, type LinkStatus } from './linked.ts';
import { Linking, type LoginDone } from './linking.ts';
import { createLoginStates, exchangeFailed, type LoginAnswer, type LoginError, readLogin } from './login.ts';
import type { OAuth } from './oauth.ts';

export type { Document, Secrets } from './ledger.ts';
export type { AccountView, LinkStatus } from './linked.ts';
export type { LoginDone } from './linking.ts';
export type { LoginAnswer, LoginError } from './login.ts';

/** The linked Sonos accounts and the only way to their tokens. */
export interface Accounts extends Tokens {
  /** Keeps the tokens fresh from now on, and learns the households that are not known yet. */
  start(): void;
  /** Ends what goes on by itself; who asks for a token still gets one. */
  stop(): void;
  /**
   * No token is refreshed any more. Waits a second and a half at most for a refresh that is under way: tokens that come
   * after the end are lost, and the old ones may be dead.
   */
  close(): Promise<void>;
  /** A new login: where to send the person, and the one-time state to bind to their browser. */
  startLogin(): { readonly url: string; readonly state: string };
  /** What came back from it. */
  finishLogin(answer: LoginAnswer): Promise<Result<LoginDone, LoginError>>;
  /** The account that a household belongs to. */
  accountOf(household: string): string | null;
  /** The households of all accounts. */
  households(): readonly string[];
  /** All accounts in one word. */
  status(): LinkStatus;
  list(): readonly AccountView[];
  /** Tells when anything that `status` or `list` show has changed. */
  onChange(listener: () => void): Cancel;
  /** Forgets an account and its tokens; false when there is none with this id. */
  unlink(accountId: string): Promise<boolean>;
}

/** What the accounts are made of. */
export interface AccountsOptions {
  readonly oauth: OAuth;
  /** As given to `oauth`; a pasted address is held against it. */
  readonly redirectUri: string;
  readonly document: Document<AccountsRecord>;
  readonly listHouseholds: ListHouseholds;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const CLOSED_WITHIN_MS = 1_500;

/** As many logins as nobody begins within the minutes that a code lives. */
const REMEMBERED_CODES = 32;

/** Opens the accounts on their durable record. Nothing is asked of Sonos before `start` or the first call. */
export function createAccounts(options: AccountsOptions): Accounts {
  const { oauth, redirectUri, secrets, clock, random } = options;
  const ledger = createLedger(options.document, secrets);
  const linked = new Linked({ ...options, ledger, refreshed: (id) => linking.relearn(id) });
  const linking = new Linking({ ...options, ledger, linked });
  const states = createLoginStates(clock, random);
  const codes: string[] = [];

  const accountOf = (household: string) =>
    ledger.all().find((one) => one.households.includes(household))?.id ?? null;
  const grantOf = (household: string) => linked.grant(accountOf(household));
  const unlinked = () => Promise.resolve(err('unlinked' as const));

  return {
    token: (household) => grantOf(household)?.token() ?? unlinked(),
    forceRefresh: (household, failedToken) => grantOf(household)?.replace(failedToken) ?? unlinked(),
    worked: (household, token) => grantOf(household)?.worked(token),
    failed: (household) => grantOf(household)?.failed(),
    start() {
      linked.start();
      linking.start();
    },
    stop() {
      linking.stop();
      linked.stop();
    },
    async close() {
      await within(clock, CLOSED_WITHIN_MS, linked.close());
    },
    startLogin() {
      const state = states.issue();
      return { url: oauth.authorizeUrl(state), state };
    },
    async finishLogin(answer) {
      const code = readLogin(answer, states, redirectUri);
      if (!code.ok) return code;
      // One that was not taken may still be good for minutes.
      secrets.add(code.value);
      codes.push(code.value);
      for (const old of codes.splice(0, codes.length - REMEMBERED_CODES)) secrets.forget(old);
      const pair = await oauth.exchange(code.value);
      return pair.ok ? linking.link(pair.value) : err(exchangeFailed(pair.error, redirectUri));
    },
    accountOf,
    households: () => ledger.all().flatMap((one) => one.households),
    status: () => linked.status(),
    list: () => linked.list(),
    onChange: (listener) => linked.onChange(listener),
    async unlink(accountId) {
      if (ledger.get(accountId) === undefined) return false;
      await linking.remove(accountId);
      return true;
    },
  };
}
