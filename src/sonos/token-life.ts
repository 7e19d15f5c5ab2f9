import type { Clock } from '../bridge/ports.ts';
import type { AccountRecord } from './account-record.ts';

const HOUR_MS = 3_600_000;
const EARLY_MS = HOUR_MS;
/** No token lives that long, so the clock was wrong when its end was written down. */
const UNBELIEVABLE_MS = 8 * 24 * HOUR_MS;

/** How long access tokens are still good, by the more pessimistic of both clocks. */
export interface TokenLife {
  /** A token was obtained just now. */
  note(token: string, lifetimeMs: number): void;
  /** What is left of an account's access token, milliseconds; 0 or less when it has ended. */
  leftMs(account: AccountRecord): number;
  /** How long until it should be refreshed: an hour before its end, sooner for one that lives only hours. */
  untilDueMs(account: AccountRecord): number;
}

/** Wall time decides for a token from disk; for one obtained since the start, elapsed time as well, which cannot jump. */
export function createTokenLife(clock: Clock): TokenLife {
  let noted: { readonly token: string; readonly end: number; readonly early: number } | null = null;

  function leftMs(account: AccountRecord): number {
    const byWall = account.expires_at - clock.now();
    return noted?.token === account.access_token ? Math.min(byWall, noted.end - clock.elapsed()) : byWall;
  }

  return {
    note(token, lifetimeMs) {
      noted = { token, end: clock.elapsed() + lifetimeMs, early: Math.min(EARLY_MS, lifetimeMs / 4) };
    },
    leftMs,
    untilDueMs(account) {
      if (account.expires_at - clock.now() > UNBELIEVABLE_MS) return 0;
      return leftMs(account) - (noted?.token === account.access_token ? noted.early : EARLY_MS);
    },
  };
}
