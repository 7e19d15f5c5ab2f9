import { err, ok, type Result } from '../../src/bridge/result.ts';
import type { OAuth } from '../../src/sonos/oauth.ts';
import type { OAuthError, TokenPair } from '../../src/sonos/oauth-answer.ts';

type Kind = OAuthError['kind'];

/** Which of the two things that are said of Sonos' refresh tokens is true here. */
export type Policy = 'stable' | 'rotating';

/**
 * A login server of its own making. `rotating` gives a new refresh token every time, and takes the one before only until
 * the new one has been used; the use of any older one revokes the whole grant.
 */
export function fakeLogin(policy: Policy = 'rotating', hold: () => Promise<void> = async () => {}) {
  const day = 86_400_000;
  let number = 0;
  const grants: { tokens: string[]; access: string; revoked: boolean }[] = [];
  const state = {
    down: null as Kind | null,
    lifetimeMs: day,
    omitRefresh: false,
    refreshes: [] as string[],
    codes: [] as string[],
    inFlight: 0,
    mostInFlight: 0,
  };

  function give(grant: (typeof grants)[number], refreshToken: string): Result<TokenPair, OAuthError> {
    number += 1;
    grant.access = `access-${number}`;
    return ok({
      accessToken: grant.access,
      refreshToken: state.omitRefresh ? null : refreshToken,
      lifetimeMs: state.lifetimeMs,
    });
  }

  function fail(kind: Kind): Result<TokenPair, OAuthError> {
    return err({ kind, reason: `told by the fake login: ${kind}` });
  }

  async function refresh(refreshToken: string): Promise<Result<TokenPair, OAuthError>> {
    state.refreshes.push(refreshToken);
    state.inFlight += 1;
    state.mostInFlight = Math.max(state.mostInFlight, state.inFlight);
    await hold();
    state.inFlight -= 1;
    if (state.down !== null) return fail(state.down);
    const grant = grants.find((one) => one.tokens.includes(refreshToken));
    if (grant === undefined || grant.revoked) return fail('rejected');
    if (policy === 'stable') return give(grant, refreshToken);
    const place = grant.tokens.indexOf(refreshToken);
    if (place < grant.tokens.length - 2) {
      grant.revoked = true;
      return fail('rejected');
    }
    // Using the newest ends the one before; using the one before gives it another successor.
    grant.tokens.length = place + 1;
    if (place > 0) grant.tokens.splice(0, place, `used-up-${number}`);
    const next = `refresh-${number + 1}`;
    grant.tokens.push(next);
    return give(grant, next);
  }

  const oauth: OAuth = {
    authorizeUrl: (value) => `https://login.example/?state=${value}`,
    async exchange(code) {
      state.codes.push(code);
      if (state.down !== null) return fail(state.down);
      const grant = { tokens: [`refresh-${number + 1}`], access: '', revoked: false };
      grants.push(grant);
      return give(grant, grant.tokens[0] ?? '');
    },
    refresh,
  };

  return {
    oauth,
    state,
    /** Whether the Control API would take this token. */
    isGood: (access: string) => grants.some((one) => one.access === access && !one.revoked),
    revokeAll() {
      for (const grant of grants) grant.revoked = true;
    },
  };
}

/** A login server that holds its next answer until it is released. */
export function heldLogin() {
  let release = () => {};
  const login = fakeLogin(
    'rotating',
    () =>
      new Promise((resolve) => {
        release = resolve;
      }),
  );
  return { login, release: () => release() };
}
