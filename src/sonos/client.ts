import type { Clock, Random } from '../bridge/ports.ts';
import { err, type Result } from '../bridge/result.ts';
import type { SendCall, SonosCall, SonosError } from '../bridge/sonos.ts';
import { withoutAnswer } from './errors.ts';
import type { SignedRequest } from './request.ts';

/** Why there is no access token. `unavailable` passes by itself; the other two need a person. */
export type TokenProblem = 'unlinked' | 'needs_login' | 'unavailable';

/** What the client needs of the accounts: tokens, and somebody to tell how they fared. */
export interface Tokens {
  /** The access token of the account that the household belongs to. */
  token(household: string): Promise<Result<string, TokenProblem>>;
  /** Another one after Sonos refused this one. */
  forceRefresh(household: string, failedToken: string): Promise<Result<string, TokenProblem>>;
  /** Sonos accepted the token. */
  worked(household: string, token: string): void;
  /** A call found no way to Sonos: no connection, no answer, or 5xx. */
  failed(household: string): void;
}

/** The way to the Control API. */
export interface SonosClient {
  readonly send: SendCall;
  /** Cuts short the pauses before a retry; nothing is tried again afterwards. */
  close(): void;
}

/** What a client is made of. */
export interface ClientOptions {
  readonly request: SignedRequest;
  readonly tokens: Tokens;
  readonly clock: Clock;
  readonly random: Random;
}

type Outcome = Result<unknown, SonosError>;

const RETRIES = 2;
const FIRST_PAUSE_MS = 500;
/** Whoever gave the command waits: a longer `Retry-After` is told instead of waited for. */
const LONGEST_PAUSE_MS = 8000;
/** Sonos looked at what was asked, so it had accepted the token. */
const VERDICTS = new Set<SonosError['kind']>(['group_gone', 'refused', 'forbidden']);
const UNREACHED = new Set<SonosError['kind']>(['timeout', 'network', 'unavailable', 'invalid_answer']);
/** A turn of the budget is for now: what is sent later counts where it is sent. */
const LONGEST_TURN_MS = 10;
const PASSING = new Set<SonosError['kind']>(['timeout', 'network', 'unavailable', 'rate_limited']);

/**
 * The client: signs calls, refreshes once after a 401, and tries again where that cannot do a thing twice: any
 * repeatable call, and one that is not only when it surely had no effect ("Quotas and spike arrests").
 */
export function createClient({ request, tokens, clock, random }: ClientOptions): SonosClient {
  const sleepers = new Set<() => void>();
  let closed = false;

  function pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        cancel();
        sleepers.delete(wake);
        resolve();
      };
      const cancel = clock.after(milliseconds, wake);
      sleepers.add(wake);
    });
  }

  async function send(call: SonosCall): Promise<Outcome> {
    for (let tries = 0; ; tries += 1) {
      const outcome = await attempt(call, { request, tokens, clock });
      if (outcome.ok) return outcome;
      const wait = pauseBefore(outcome.error, call, FIRST_PAUSE_MS * 2 ** tries * (0.5 + random.fraction()));
      if (wait === null || tries === RETRIES || closed) return outcome;
      await pause(wait);
      if (closed) return outcome;
    }
  }

  return {
    send,
    close() {
      closed = true;
      for (const wake of [...sleepers]) wake();
    },
  };
}

/** How long to wait before another try, milliseconds; null when there must not be one. */
function pauseBefore(error: SonosError, call: SonosCall, backOff: number): number | null {
  const safe = call.repeatable || error.effect === 'none';
  // Without a status it is our own budget or token that is missing, which a retry would only ask for again.
  const sent = error.status !== null || error.kind === 'network' || error.kind === 'timeout';
  if (!safe || !sent || !PASSING.has(error.kind)) return null;
  const asked = error.retryAfterMs ?? 0;
  return asked > LONGEST_PAUSE_MS ? null : Math.max(asked, backOff);
}

type Means = Pick<ClientOptions, 'request' | 'tokens' | 'clock'>;

/** One try, and after a 401 a second one with a new token. */
async function attempt(call: SonosCall, means: Means): Promise<Outcome> {
  const { household } = call;
  const { tokens } = means;
  const first = await signed(call, means, () => tokens.token(household));
  const { token, outcome } = first;
  if (token === null || outcome.ok || outcome.error.status !== 401) return outcome;
  const second = await signed(call, means, () => tokens.forceRefresh(household, token));
  return second.outcome;
}

/** One try; `token` is null when the request was not sent. */
async function signed(
  call: SonosCall,
  means: Means,
  source: () => Promise<Result<string, TokenProblem>>,
): Promise<{ outcome: Outcome; token: string | null }> {
  const { request, tokens, clock } = means;
  const used: { token: string | null } = { token: null };
  // Who waits for a new token has no turn yet: else all of them would go at once when it comes.
  const early = await source();
  if (!early.ok) return { outcome: err(tokenMissing(early.error)), token: null };
  let isPast = false;
  const outcome = await request(call, async () => {
    const turn = clock.elapsed();
    const token = await tokens.token(call.household);
    if (!token.ok) return err(tokenMissing(token.error));
    isPast = clock.elapsed() - turn > LONGEST_TURN_MS;
    if (isPast) return err(tokenMissing('unavailable'));
    used.token = token.value;
    return token;
  });
  // The token was refused while this call's turn came: the turn went by, and there is a new one to wait for.
  if (isPast) return signed(call, means, () => tokens.token(call.household));
  if (used.token !== null) {
    if (outcome.ok || VERDICTS.has(outcome.error.kind)) tokens.worked(call.household, used.token);
    else if (UNREACHED.has(outcome.error.kind)) tokens.failed(call.household);
  }
  return { outcome, token: used.token };
}

function tokenMissing(problem: TokenProblem): SonosError {
  switch (problem) {
    case 'unlinked':
      return withoutAnswer(
        'login_needed',
        'none',
        'after_login',
        'No Sonos account that holds this household is linked; log in on the page of the bridge or with "sonos-mqtt-bridge login".',
      );
    case 'needs_login':
      return withoutAnswer(
        'login_needed',
        'none',
        'after_login',
        'Sonos no longer accepts the login of this account; log in again on the page of the bridge or with "sonos-mqtt-bridge login".',
      );
    case 'unavailable':
      return withoutAnswer(
        'unavailable',
        'none',
        'later',
        'The Sonos login server cannot be used at the moment, so there is no valid access token; the bridge keeps trying.',
      );
  }
}
