import { hash } from 'node:crypto';
import type { Log, Random } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { CallPriority, SonosCall, SonosError } from '../bridge/sonos.ts';
import type { Budget, BudgetRefusal } from './budget.ts';
import { plainText, readError, targetOf, withoutAnswer } from './errors.ts';
import type { Http, HttpError, HttpResponse } from './http.ts';

/** What of a call goes into one request. */
export type RequestCall = Pick<SonosCall, 'method' | 'path' | 'body' | 'priority'>;

/** Sends one request with one access token, once: no retry, no refresh. Waits for the budget first. */
export type SignedRequest = (
  call: RequestCall,
  /** Asked for when the budget lets the request go, so that the token is not older than the request. */
  accessToken: () => Promise<Result<string, SonosError>>,
) => Promise<Result<unknown, SonosError>>;

/** What requests are made of. `apiUrl` ends before the first slash of a call's path. */
export interface RequestOptions {
  readonly apiUrl: string;
  readonly http: Http;
  readonly budget: Budget;
  readonly random: Random;
  readonly log: Log;
  /** Sonos may slow down callers without a name. */
  readonly userAgent: string;
  readonly timeoutMs?: number;
}

/** How long a call waits for the budget, by what it is for, milliseconds. */
const PATIENCE_MS: Readonly<Record<CallPriority, number>> = {
  announcement: 8000,
  command: 8000,
  housekeeping: 120_000,
};

/** The cloud waits for the player, which the documentation gives no time for. */
const TIMEOUT_MS = 10_000;
/** The largest documented list has 70 entries; nothing Sonos sends comes near. */
const MAX_BYTES = 4 * 1024 * 1024;
/** When a 429 does not say how long: the spike limit counts seconds. */
const PAUSE_MS = 5000;

/** The one place where requests to the Control API are built and their answers read ("Control", "Quotas and spike arrests"). */
export function createRequest(options: RequestOptions): SignedRequest {
  const { budget, http, log, random, timeoutMs = TIMEOUT_MS } = options;
  const base = options.apiUrl.replace(/\/+$/u, '');
  return async (call, accessToken) => {
    const turn = await budget.take(call.priority, PATIENCE_MS[call.priority]);
    if (!turn.ok) return err(overBudget(turn.error));
    const token = await accessToken();
    if (!token.ok) return token;
    const correlation = correlationId(random);
    const answer = await http({
      method: call.method,
      url: `${base}${call.path}`,
      headers: headersOf(call, token.value, correlation, options.userAgent),
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
      timeoutMs,
      maxBytes: MAX_BYTES,
    });
    const outcome = answer.ok
      ? readAnswer(answer.value, call.path, token.value)
      : err(unanswered(answer.error));
    if (outcome.ok) return outcome;
    if (outcome.error.kind === 'rate_limited') budget.pause(outcome.error.retryAfterMs ?? PAUSE_MS);
    const { kind, status, errorCode, reason } = outcome.error;
    const { method, path } = call;
    log.debug('A request to Sonos failed', { method, path, kind, status, errorCode, reason, correlation });
    return outcome;
  };
}

function headersOf(
  call: RequestCall,
  token: string,
  correlation: string,
  userAgent: string,
): Record<string, string> {
  const headers: Record<string, string> = {
    Authorization: `Bearer ${token}`,
    Accept: 'application/json',
    'User-Agent': userAgent,
    'X-Sonos-Corr-Id': correlation,
  };
  if (call.body !== undefined) headers['Content-Type'] = 'application/json';
  return headers;
}

/** Sonos wants a UUID there; support can find a request by it. */
function correlationId(random: Random): string {
  const hex = hash('sha256', random.id());
  const variant = '89ab'[Number.parseInt(hex.charAt(16), 16) % 4];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function readAnswer(
  { status, text, headers }: HttpResponse,
  path: string,
  token: string,
): Result<unknown, SonosError> {
  if (status < 200 || status > 299) {
    const error = readError(status, text.replaceAll(token, '[token]'), headers, targetOf(path));
    // Escapes of JSON may have hidden the token the first time.
    return err({ ...error, reason: error.reason?.replaceAll(token, '[token]').slice(0, 256) ?? null });
  }
  if (text.trim() === '') return ok({});
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return ok(body);
  } catch {
    // Told below, together with JSON that is not an object.
  }
  const type = plainText(headers.get('content-type') ?? 'no content type', 64);
  const reason = `Sonos answered HTTP ${status} with something other than a JSON object (${type}).`;
  return err({ ...withoutAnswer('invalid_answer', 'unknown', 'later', reason), status });
}

function unanswered({ kind, effect, reason }: HttpError): SonosError {
  return withoutAnswer(kind === 'too_large' ? 'invalid_answer' : kind, effect, 'later', reason);
}

function overBudget({ kind, pausedMs }: BudgetRefusal): SonosError {
  if (kind === 'closed') {
    return withoutAnswer('network', 'none', 'later', 'The bridge is stopping and sends nothing more.');
  }
  const reason =
    pausedMs === null
      ? 'Too many requests are waiting for their turn; send less often, or raise sonos.requests_per_minute.'
      : `Sonos asked for a pause, of which ${Math.ceil(pausedMs / 1000)} seconds are left.`;
  return withoutAnswer('rate_limited', 'none', 'later', reason, pausedMs);
}
