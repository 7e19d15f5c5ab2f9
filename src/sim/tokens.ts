import type { Clock } from '../bridge/ports.ts';
import type { Knobs } from './knobs.ts';
import type { Account } from './model.ts';
import type { Chance } from './random.ts';

/** What the token endpoint hands out. */
export interface Grant {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

/** A one-time code that the login page handed out. */
interface Code {
  readonly account: Account;
  readonly redirectUri: string;
  readonly expires: number;
}

const CODE_MS = 10 * 60_000;
const TOKEN_LENGTH = 28;

/** The login service's memory: codes, access tokens, refresh tokens. All times are elapsed milliseconds. */
export class Tokens {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #knobs: Knobs;
  readonly #codes = new Map<string, Code>();
  readonly #access = new Map<string, { account: Account; expires: number }>();
  readonly #refresh = new Map<string, { account: Account; expires: number }>();

  constructor(clock: Clock, chance: Chance, knobs: Knobs) {
    this.#clock = clock;
    this.#chance = chance;
    this.#knobs = knobs;
  }

  createCode(account: Account, redirectUri: string): string {
    const code = this.#chance.text(TOKEN_LENGTH);
    this.#codes.set(code, { account, redirectUri, expires: this.#clock.elapsed() + CODE_MS });
    return code;
  }

  /** Uses the code up; null when it is unknown, used, old or meant for another redirect URI. */
  exchange(code: string, redirectUri: string): Grant | null {
    const found = this.#codes.get(code);
    this.#codes.delete(code);
    if (found === undefined || found.expires < this.#clock.elapsed() || found.redirectUri !== redirectUri)
      return null;
    return this.grant(found.account);
  }

  /** A new access token; with rotation a new refresh token too, and the old one ends. */
  refresh(refreshToken: string): Grant | null {
    const found = this.#refresh.get(refreshToken);
    const now = this.#clock.elapsed();
    if (found === undefined || found.expires < now) return null;
    if (this.#knobs.refreshTokens === 'stable') return this.#issue(found.account, refreshToken);
    const grace = this.#knobs.rotationGraceSeconds * 1000;
    if (grace === 0) this.#refresh.delete(refreshToken);
    else found.expires = Math.min(found.expires, now + grace);
    return this.grant(found.account);
  }

  /** Tokens without the browser, for tests that begin linked. */
  grant(account: Account): Grant {
    const refreshToken = this.#chance.text(TOKEN_LENGTH);
    this.#refresh.set(refreshToken, { account, expires: Number.POSITIVE_INFINITY });
    return this.#issue(account, refreshToken);
  }

  /** Whose access token it is; null when unknown or expired. */
  accountOf(accessToken: string): Account | null {
    const found = this.#access.get(accessToken);
    return found === undefined || found.expires <= this.#clock.elapsed() ? null : found.account;
  }

  /** All access tokens end now; refresh tokens go on. */
  expireAccessTokens(): void {
    this.#access.clear();
  }

  /** The person removes the integration: every token of the account ends. */
  revoke(accountId: string): void {
    for (const tokens of [this.#access, this.#refresh]) {
      for (const [token, { account }] of tokens) if (account.id === accountId) tokens.delete(token);
    }
    for (const [code, { account }] of this.#codes) if (account.id === accountId) this.#codes.delete(code);
  }

  #issue(account: Account, refreshToken: string): Grant {
    const now = this.#clock.elapsed();
    for (const [token, { expires }] of this.#access) if (expires <= now) this.#access.delete(token);
    const accessToken = this.#chance.text(TOKEN_LENGTH);
    const expiresIn = this.#knobs.accessTokenSeconds;
    this.#access.set(accessToken, { account, expires: now + expiresIn * 1000 });
    return { accessToken, refreshToken, expiresIn };
  }
}
