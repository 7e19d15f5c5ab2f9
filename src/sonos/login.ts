import { createHash, timingSafeEqual } from 'node:crypto';
import type { Clock, Random } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { OAuthError } from './oauth-answer.ts';

/** Why a login did not come to its end; `message` is for the person who tries to log in and holds no secret. */
export interface LoginError {
  readonly reason:
    | 'unreadable' // the pasted text is no address
    | 'wrong_address' // it is not the redirect address
    | 'missing_state'
    | 'unknown_state' // not ours, or already used
    | 'expired_state'
    | 'denied' // the person, or Sonos, said no
    | 'missing_code'
    | 'no_households'
    | 'not_saved'
    | OAuthError['kind'];
  readonly message: string;
}

/** What Sonos' redirect brings back: the query as an object, or the whole address as a person pasted it. */
export type LoginAnswer =
  | string
  | {
      readonly code?: string | undefined;
      readonly state?: string | undefined;
      readonly error?: string | undefined;
    };

/** One-time proofs that a redirect belongs to a login which was started here. */
export interface LoginStates {
  issue(): string;
  /** Uses a state up. */
  redeem(state: string): 'good' | 'unknown' | 'expired';
}

const LIFETIME_MS = 600_000;
const MOST_PENDING = 8;
const AGAIN = 'Start the login again.';

/** Keeps the last few states in memory: a restart in the middle of a login only means to start it again. */
export function createLoginStates(clock: Clock, random: Random): LoginStates {
  let pending: { readonly digest: Buffer; readonly until: number }[] = [];
  return {
    issue() {
      const state = random.id();
      pending = [...pending, { digest: digest(state), until: clock.elapsed() + LIFETIME_MS }].slice(
        -MOST_PENDING,
      );
      return state;
    },
    redeem(state) {
      const given = digest(state);
      // Equal lengths and no early end, so that the time taken says nothing about the states.
      const found = pending.filter((one) => timingSafeEqual(one.digest, given))[0];
      if (found === undefined) return 'unknown';
      pending = pending.filter((one) => one !== found);
      return found.until > clock.elapsed() ? 'good' : 'expired';
    },
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** Reads the redirect of a login and uses its state up; the code is what remains. */
export function readLogin(
  answer: LoginAnswer,
  states: LoginStates,
  redirectUri: string,
): Result<string, LoginError> {
  const query = typeof answer === 'string' ? readAddress(answer, redirectUri) : ok(answer);
  if (!query.ok) return query;
  const { code = '', state = '', error = '' } = query.value;
  if (state === '') {
    return fail(
      'missing_state',
      'The address of the redirect has no "state", so it cannot be told who started this login.',
    );
  }
  const proof = states.redeem(state);
  if (proof === 'unknown') {
    return fail('unknown_state', 'This login was not started here, or its address was already used once.');
  }
  if (proof === 'expired') {
    return fail('expired_state', 'This login was started more than ten minutes ago.');
  }
  if (error === 'access_denied') {
    return fail(
      'denied',
      'The access was refused on the page of Sonos; accept it there to link the account.',
    );
  }
  if (error !== '') {
    return fail('denied', `The page of Sonos ended the login with ${errorWord(error)}.`);
  }
  if (!/^[\x21-\x7e]{1,4096}$/u.test(code)) {
    return fail('missing_code', 'The address of the redirect has no usable "code".');
  }
  return ok(code);
}

/** The standard's error codes have nothing but letters and underscores; anything else may be a code or a token. */
const errorWord = (error: string): string => (/^[a-z_]{1,40}$/u.test(error) ? `"${error}"` : 'an error');

function fail(reason: LoginError['reason'], seen: string): Result<never, LoginError> {
  return err({ reason, message: `${seen} ${AGAIN}` });
}

type Query = Exclude<LoginAnswer, string>;

function readAddress(pasted: string, redirectUri: string): Result<Query, LoginError> {
  const address = URL.canParse(pasted.trim()) ? new URL(pasted.trim()) : null;
  if (address === null) {
    return err({
      reason: 'unreadable',
      message: `The pasted text is not an address. Paste the whole address that the browser shows after the login; it begins with ${redirectUri}.`,
    });
  }
  const expected = new URL(redirectUri);
  if (address.origin !== expected.origin || address.pathname !== expected.pathname) {
    // Not its path, which may be the code.
    const what = address.origin === expected.origin ? 'has another path' : `is one of ${address.host}`;
    return err({
      reason: 'wrong_address',
      message: `The pasted address ${what}, but a finished login comes back to ${redirectUri}. Paste the address that the browser shows after the login; if it really came back elsewhere, set sonos.redirect_uri to what is registered on the Sonos developer portal.`,
    });
  }
  const one = (name: string) => address.searchParams.get(name) ?? undefined;
  return ok({ code: one('code'), state: one('state'), error: one('error') });
}

/** What the token endpoint's refusal of a code means to the person. */
export function exchangeFailed({ kind, reason }: OAuthError, redirectUri: string): LoginError {
  switch (kind) {
    case 'rejected':
      return {
        reason: kind,
        message: `Sonos did not accept the code of this login: it is used up or too old, or sonos.redirect_uri (${redirectUri}) differs from the one registered on the Sonos developer portal. ${AGAIN}`,
      };
    case 'wrong_credentials':
      return { reason: kind, message: reason };
    case 'unavailable':
    case 'invalid_answer':
      return { reason: kind, message: `${reason} ${AGAIN}` };
  }
}
