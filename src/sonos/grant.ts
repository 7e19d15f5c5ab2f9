import type { Cancel, Clock, Log, Random } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { AccountRecord } from './account-record.ts';
import type { TokenProblem } from './client.ts';
import type { Ledger } from './ledger.ts';
import type { OAuth } from './oauth.ts';
import type { OAuthError, TokenPair } from './oauth-answer.ts';
import { createRefreshPauses, type RefreshPauses } from './refresh-pauses.ts';
import { createTokenLife, type TokenLife } from './token-life.ts';

/** With less than this left, a caller waits for the new token instead of taking the old one. */
const TOO_SHORT_MS = 120_000;
/** Looks at the wall clock at least so often, since it may jump and the machine may sleep. */
const LONGEST_SLEEP_MS = 10 * 60_000;
const SHORTEST_SLEEP_MS = 1000;
/** So many calls in a row without a way to Sonos mean that it cannot be reached. */
const UNREACHABLE_AFTER = 3;

/** What the life of one account's tokens needs. */
export interface GrantOptions {
  readonly id: string;
  readonly ledger: Ledger;
  readonly oauth: OAuth;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** Something that `status` shows may have changed. */
  readonly changed: () => void;
  /** A new token is in force. */
  readonly refreshed: () => void;
}

/** The life of one account's tokens: refreshed early, by one request at a time, and durable before they are used. */
export class Grant {
  readonly #options: GrantOptions;
  readonly #life: TokenLife;
  readonly #pauses: RefreshPauses;
  #inFlight: Promise<Result<string, TokenProblem>> | null = null;
  /** New tokens on their way to the disk; nobody gets them before they are there. */
  #saving: Promise<boolean> | null = null;
  /** The token that Sonos refused with 401. */
  #refused: string | null = null;
  #unanswered = 0;
  #cancel: Cancel = () => {};
  #stopped = false;
  #closed = false;

  constructor(options: GrantOptions) {
    this.#options = options;
    this.#life = createTokenLife(options.clock);
    this.#pauses = createRefreshPauses(options.clock, options.random);
  }

  /** Keeps the tokens fresh from now on, whether somebody asks for them or not. */
  start(): void {
    this.#schedule();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancel();
  }

  /** The access token; refreshed first when it has ended, in the background when it is about to. */
  async token(): Promise<Result<string, TokenProblem>> {
    await this.#saving;
    const account = this.#account();
    if (account === undefined) return err('unlinked');
    const usable = this.#life.leftMs(account) > 0 && account.access_token !== this.#refused;
    // A login that is refused leaves the rest of the last token's day, time enough for a person to log in again.
    if (account.status === 'needs_login') return usable ? ok(account.access_token) : err('needs_login');
    if (!this.#isDue(account)) return ok(account.access_token);
    const refreshing = this.#refresh(account);
    if (usable && this.#life.leftMs(account) > TOO_SHORT_MS) return ok(account.access_token);
    const refreshed = await refreshing;
    if (refreshed.ok || !usable || this.#life.leftMs(account) <= 0) return refreshed;
    return ok(account.access_token);
  }

  /** Another token than the one that Sonos refused. */
  async replace(failedToken: string): Promise<Result<string, TokenProblem>> {
    await this.#saving;
    const account = this.#account();
    if (account === undefined) return err('unlinked');
    if (account.access_token !== failedToken) return this.token();
    this.#refused = failedToken;
    const refreshed =
      account.status === 'needs_login' ? err('needs_login' as const) : await this.#refresh(account);
    this.#options.changed();
    return refreshed;
  }

  /** Sonos accepted the token: the pair is proven, and the one before is no longer needed. */
  worked(token: string): void {
    const account = this.#account();
    if (account === undefined || account.access_token !== token) return;
    const wasUnreachable = this.unreachable;
    this.#unanswered = 0;
    this.#refused = null;
    this.#pauses.proven();
    // A refresh that failed while the calendar was wrong is not needed any more.
    if (!this.#isDue(account)) this.#pauses.clear();
    if (account.previous_refresh_token !== undefined) {
      // Nobody needs to wait for this: an old token too many does no harm.
      void this.#options.ledger.change(account.id, withoutPrevious);
    }
    if (wasUnreachable) this.#options.changed();
  }

  /** A call found no way to Sonos. */
  failed(): void {
    this.#unanswered += 1;
    if (this.#unanswered === UNREACHABLE_AFTER) this.#options.changed();
  }

  /** Whether Sonos, or its login server, cannot be used at the moment. */
  get unreachable(): boolean {
    const token = this.#account()?.access_token;
    return this.#pauses.failures() > 0 || this.#unanswered >= UNREACHABLE_AFTER || this.#refused === token;
  }

  /** A login has put new tokens into the ledger: nothing that was held against the old ones counts any more. */
  relinked(lifetimeMs: number): void {
    this.#unanswered = 0;
    this.#pauses.clear();
    this.#renewed(lifetimeMs);
  }

  /** No refresh is begun any more; resolves when none is in flight. */
  close(): Promise<void> {
    this.#closed = true;
    return this.idle();
  }

  /** Resolves when no refresh is in flight. */
  async idle(): Promise<void> {
    await this.#inFlight;
  }

  #renewed(lifetimeMs: number): void {
    const account = this.#account();
    if (account !== undefined) this.#life.note(account.access_token, lifetimeMs);
    this.#refused = null;
    this.#schedule();
    this.#options.changed();
  }

  #account(): AccountRecord | undefined {
    return this.#options.ledger.get(this.#options.id);
  }

  #isDue(account: AccountRecord): boolean {
    return account.access_token === this.#refused || this.#life.untilDueMs(account) <= 0;
  }

  #schedule(): void {
    this.#cancel();
    const account = this.#account();
    if (this.#stopped || account === undefined) return;
    const wanted = account.status === 'needs_login' || this.#isDue(account);
    const wait = wanted ? this.#pauses.leftMs() : this.#life.untilDueMs(account);
    const sleep = Math.min(Math.max(wait, SHORTEST_SLEEP_MS), LONGEST_SLEEP_MS);
    this.#cancel = this.#options.clock.after(sleep, () => {
      const now = this.#account();
      if (wanted && now !== undefined) void this.#refresh(now);
      this.#schedule();
    });
  }

  /** The one refresh in flight, shared by all who ask; none is begun while a pause lasts. */
  #refresh(account: AccountRecord): Promise<Result<string, TokenProblem>> {
    if (this.#inFlight !== null) return this.#inFlight;
    if (this.#closed || this.#pauses.leftMs() > 0) return Promise.resolve(err('unavailable'));
    this.#inFlight = this.#ask(account).finally(() => {
      this.#inFlight = null;
      this.#schedule();
    });
    return this.#inFlight;
  }

  async #ask(before: AccountRecord): Promise<Result<string, TokenProblem>> {
    const { oauth } = this.#options;
    let sent = before.refresh_token;
    let answer = await oauth.refresh(sent);
    const again = this.#account();
    if (!answer.ok && answer.error.kind === 'rejected' && again?.refresh_token === sent) {
      // The last stop may have come between Sonos' answer and the disk, so the one before may be the good one.
      sent = again.previous_refresh_token ?? sent;
      answer = await oauth.refresh(sent);
    }
    const account = this.#account();
    if (account === undefined) return err('unlinked');
    // A login in the meantime has replaced the tokens; what this answer says concerns the old ones.
    if (account.refresh_token !== before.refresh_token) return ok(account.access_token);
    return answer.ok ? this.#adopt(sent, answer.value) : this.#giveUp(account, answer.error);
  }

  async #adopt(sent: string, pair: TokenPair): Promise<Result<string, TokenProblem>> {
    const { id, ledger, clock, log } = this.#options;
    const refreshToken = pair.refreshToken ?? sent;
    this.#saving = ledger.change(id, (account) => ({
      ...withoutPrevious(account),
      ...(refreshToken === sent ? {} : { previous_refresh_token: sent }),
      refresh_token: refreshToken,
      access_token: pair.accessToken,
      expires_at: clock.now() + pair.lifetimeMs,
      status: 'linked',
    }));
    const durable = await this.#saving;
    this.#saving = null;
    if (!durable) {
      // The old refresh token may be dead already, so holding the new one back would only stop the house now as well.
      log.error(
        'The new login tokens of Sonos are in use, but could not be written to disk. Free the disk before the bridge is stopped, or a new login may be needed.',
        { account: id },
      );
    }
    if (this.#pauses.failures() > 0) log.info('The Sonos login works again', { account: id });
    this.#pauses.succeeded(this.#refused !== null);
    this.#renewed(pair.lifetimeMs);
    this.#options.refreshed();
    return ok(pair.accessToken);
  }

  async #giveUp(account: AccountRecord, { kind, reason }: OAuthError): Promise<Result<string, TokenProblem>> {
    const { id, ledger, log, changed } = this.#options;
    const latched = account.status === 'linked' && kind === 'rejected';
    const lost = latched || account.status === 'needs_login';
    if (latched) this.#pauses.clear();
    const failures = this.#pauses.failed(lost);
    const fields = { account: id, reason };
    if (latched) {
      log.error('Sonos no longer accepts the login of this account: log in again.', fields);
    } else if (failures > 1 || lost) {
      log.debug('The access token of Sonos could still not be refreshed', fields);
    } else if (kind === 'wrong_credentials') {
      log.error('Sonos does not accept the key or the secret of the integration', fields);
    } else {
      log.warn('The access token of Sonos could not be refreshed; the bridge keeps trying', fields);
    }
    if (latched) await ledger.change(id, (one) => ({ ...one, status: 'needs_login' }));
    changed();
    return err(lost ? 'needs_login' : 'unavailable');
  }
}

function withoutPrevious({ previous_refresh_token: _, ...account }: AccountRecord): AccountRecord {
  return account;
}
