import type { Clock, Log, Random } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { settleLogin, updateHouseholds } from './account-record.ts';
import type { ListHouseholds } from './households.ts';
import { createLearning, type Learning } from './learning.ts';
import type { Ledger } from './ledger.ts';
import type { Linked } from './linked.ts';
import type { LoginError } from './login.ts';
import type { TokenPair } from './oauth-answer.ts';

/** A finished login. `households` is empty when Sonos has not told them yet; they are asked for until it does. */
export interface LoginDone {
  readonly accountId: string;
  readonly households: readonly string[];
  /** True when the account was linked before. */
  readonly known: boolean;
}

/** What linking needs. */
export interface LinkingOptions {
  readonly ledger: Ledger;
  readonly linked: Linked;
  readonly listHouseholds: ListHouseholds;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** From the tokens of a login to an account with households: durable first, then used, then joined with what is known. */
export class Linking {
  readonly #options: LinkingOptions;
  readonly #learning: Learning;

  constructor(options: LinkingOptions) {
    const { clock, random, log } = options;
    this.#options = options;
    this.#learning = createLearning({ learn: (id) => this.#learn(id), clock, random, log });
  }

  /** Learns the households of the accounts that a stop left without. */
  start(): void {
    for (const { id, households } of this.#options.ledger.all()) {
      if (households.length === 0) this.relearn(id);
    }
  }

  stop(): void {
    this.#learning.stop();
  }

  /** Asks Sonos for an account's households, again and again while none are known. */
  relearn(accountId: string): void {
    this.#learning.want(accountId);
  }

  async link(pair: TokenPair): Promise<Result<LoginDone, LoginError>> {
    if (pair.refreshToken === null) return err(noRefreshToken);
    const { linked, listHouseholds } = this.#options;
    const id = await this.#store(pair, pair.refreshToken);
    if (id === null) return err(notSaved);
    const listed = await listHouseholds(pair.accessToken);
    if (listed.ok && listed.value.length === 0) {
      await this.remove(id);
      return err(noHouseholds);
    }
    if (listed.ok) {
      const joined = await this.#join(id, listed.value, pair.lifetimeMs);
      return ok({ accountId: joined.id, households: listed.value, known: joined.known });
    }
    linked.follow();
    linked.grant(id)?.relinked(pair.lifetimeMs);
    this.relearn(id);
    return ok({ accountId: id, households: [], known: false });
  }

  async remove(id: string): Promise<void> {
    const { ledger, linked } = this.#options;
    const saved = ledger.put(ledger.all().filter((one) => one.id !== id));
    linked.follow();
    await saved;
  }

  /** Writes the tokens of a login down before anything is done with them; null when the disk refused. */
  async #store(pair: TokenPair, refreshToken: string): Promise<string | null> {
    const { clock, ledger, random } = this.#options;
    const id = random.id();
    const durable = await ledger.put([
      ...ledger.all(),
      {
        id,
        refresh_token: refreshToken,
        access_token: pair.accessToken,
        expires_at: clock.now() + pair.lifetimeMs,
        households: [],
        status: 'linked',
        linked_at: clock.now(),
      },
    ]);
    // Nothing that worked before depends on these tokens, so the person rather hears of the disk now than at the next start.
    if (!durable) await this.remove(id);
    return durable ? id : null;
  }

  async #join(id: string, households: readonly string[], lifetimeMs: number) {
    const { ledger, linked } = this.#options;
    const settled = settleLogin(ledger.all(), id, households);
    const saved = ledger.put(settled.accounts);
    linked.follow();
    linked.grant(settled.id)?.relinked(lifetimeMs);
    await saved;
    return settled;
  }

  /** One try; true when nothing is left to learn. */
  async #learn(id: string): Promise<boolean> {
    const { clock, ledger, linked, listHouseholds } = this.#options;
    const grant = linked.grant(id);
    if (grant === undefined) return true;
    const token = await grant.token();
    const listed = token.ok ? await listHouseholds(token.value) : null;
    if (token.ok && listed?.ok === false && listed.error.status === 401) await grant.replace(token.value);
    // The tokens of a refresh in flight would be lost if the account were joined with another meanwhile.
    await grant.idle();
    const account = ledger.get(id);
    if (account === undefined) return true;
    const isNew = account.households.length === 0;
    if (!listed?.ok || listed.value.length === 0) return !isNew;
    if (isNew) {
      await this.#join(id, listed.value, Math.max(0, account.expires_at - clock.now()));
    } else {
      await ledger.put(updateHouseholds(ledger.all(), id, listed.value));
      linked.changed();
    }
    return true;
  }
}

const noRefreshToken: LoginError = {
  reason: 'invalid_answer',
  message:
    'Sonos granted access, but without a refresh token, so the link would end within a day. Start the login again.',
};

const notSaved: LoginError = {
  reason: 'not_saved',
  message:
    'The login went well, but its tokens could not be written to disk, so it was not taken. Check the space and the permissions of data_dir, then start the login again.',
};

const noHouseholds: LoginError = {
  reason: 'no_households',
  message:
    'This Sonos account has no household. Log in with the account that the speakers are registered to in the Sonos app.',
};
