import { z } from 'zod';
import type { SonosError } from '../bridge/sonos.ts';

const LONGEST_REASON = 256;
const LONGEST_CODE = 64;
const LONGEST_PAUSE_MS = 600_000;

/** The kind of thing a path begins with: `group` for `/groups/…`, null for a path without a known one. */
export type TargetKind = 'household' | 'group' | 'player' | 'session' | null;

const TARGETS: ReadonlyMap<string, TargetKind> = new Map([
  ['households', 'household'],
  ['groups', 'group'],
  ['players', 'player'],
  ['playbackSessions', 'session'],
]);

/** What a path of the Control API addresses. */
export function targetOf(path: string): TargetKind {
  return TARGETS.get(path.split('/')[1] ?? '') ?? null;
}

// Each field stands alone: one of an unexpected type must not hide the others.
const text = z.string().optional().catch(undefined);
const bodySchema = z.object({
  errorCode: text,
  reason: text,
  groupStatus: text,
  error: text,
  error_description: text,
  fault: z
    .object({ faultstring: text, detail: z.object({ errorcode: text }).optional().catch(undefined) })
    .optional()
    .catch(undefined),
});
type Body = z.infer<typeof bodySchema>;

/**
 * Codes that say the group in the path is no longer what it was. `ERROR_INVALID_OBJECT_ID` is not one of them: it comes
 * with 400 for any malformed id, also for a favorite's in the body, and reading the groups again would not mend that.
 */
const GONE = new Set([
  'ERROR_RESOURCE_GONE',
  'ERROR_GROUP_CHANGED',
  'ERROR_TARGET_ID_NOT_FOUND',
  'ERROR_REQUIRES_GROUP_COORDINATOR',
]);

/** The same for a session. An item's id that is wrong looks alike; a new session costs less than one that is dead for good. */
const SESSION_GONE = /^ERROR_(SESSION_.*|INVALID_OBJECT_ID)$/;

/** Refusals after which the player may nevertheless have done it: the cloud stopped waiting. */
const UNSURE = new Set(['ERROR_COMMAND_TIMEOUT', 'ERROR_LOST_CONNECTION']);

/**
 * Reads an answer that is not a success (Control API, "Errors" and "Quotas and spike arrests").
 * Any body will do: `globalError`, `groupCoordinatorChanged`, the gateway's shapes of 401, plain text, nothing.
 * The status decides; the body only tells a lost group from a refusal.
 */
export function readError(
  status: number,
  body: string,
  headers: ReadonlyMap<string, string>,
  target: TargetKind = null,
): SonosError {
  const said = readBody(body);
  return {
    ...classify(status, said, target),
    status,
    errorCode: codeOf(said),
    reason: reasonOf(said) ?? `Sonos answered with HTTP ${status} and gave no reason.`,
    retryAfterMs: readRetryAfter(headers),
  };
}

type Class = Pick<SonosError, 'kind' | 'retry' | 'effect'>;

function classify(status: number, said: Body, target: TargetKind): Class {
  // The shape of a 401 has changed before, so nothing but the status is looked at.
  if (status === 401) return { kind: 'login_needed', retry: 'after_login', effect: 'none' };
  if (status === 403) return { kind: 'forbidden', retry: 'never', effect: 'none' };
  if (status === 429) return { kind: 'rate_limited', retry: 'later', effect: 'none' };
  if (status === 408) return { kind: 'timeout', retry: 'later', effect: 'unknown' };
  if (status >= 500) return { kind: 'unavailable', retry: 'later', effect: 'unknown' };
  // Redirects are not documented and not followed: a portal of the local network may be answering.
  if (status < 400) return { kind: 'invalid_answer', retry: 'later', effect: 'unknown' };
  if (isGone(status, said, target)) return { kind: 'group_gone', retry: 'after_regroup', effect: 'none' };
  const unsure = UNSURE.has(said.errorCode ?? '') || UNSURE.has(said.reason ?? '');
  return { kind: 'refused', retry: 'never', effect: unsure ? 'unknown' : 'none' };
}

function isGone(status: number, said: Body, target: TargetKind): boolean {
  if (status === 410 || said.groupStatus !== undefined) return true;
  if (target === 'session' && SESSION_GONE.test(said.errorCode ?? '')) return true;
  if (said.errorCode !== undefined) {
    // A 404 is about the path, so there the id that is not known is the target's own.
    return GONE.has(said.errorCode) || (status === 404 && said.errorCode === 'ERROR_INVALID_OBJECT_ID');
  }
  // A 404 that does not say what was not found: for a group, the group is the likeliest, and a look costs one read.
  return status === 404 && (target === 'group' || target === 'session');
}

function readBody(body: string): Body {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return {};
  }
  const read = bodySchema.safeParse(json);
  return read.success ? read.data : {};
}

function codeOf(said: Body): string | null {
  const code = said.errorCode ?? said.groupStatus ?? said.fault?.detail?.errorcode ?? said.error;
  return code === undefined ? null : plainText(code, LONGEST_CODE) || null;
}

function reasonOf(said: Body): string | null {
  const reason = said.reason ?? said.fault?.faultstring ?? said.error_description;
  return reason === undefined ? null : plainText(reason, LONGEST_REASON) || null;
}

/**
 * Foreign text made fit for a log line or a topic: no control, format or lone surrogate characters, single spaces, and
 * at most so many UTF-16 units. Only whole words are kept: the filter of secrets would not know half a token.
 */
export function plainText(foreign: string, longest = LONGEST_REASON): string {
  const clean = foreign
    .slice(0, 4 * longest)
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim();
  if (clean.length <= longest && foreign.length <= 4 * longest) return clean;
  return clean.slice(0, Math.max(0, clean.slice(0, longest + 1).lastIndexOf(' ')));
}

/**
 * How long `Retry-After` asks to wait, in milliseconds; null when it is absent or unreadable. Seconds, or an HTTP date,
 * which is held against the answer's own `Date` so that a wrong local clock does no harm. Ten minutes at most.
 */
export function readRetryAfter(headers: ReadonlyMap<string, string>): number | null {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d{1,9}(?:\.\d{1,9})?$/u.test(value)) return Math.min(Number(value) * 1000, LONGEST_PAUSE_MS);
  const wait = httpDate(value) - httpDate(headers.get('date') ?? '');
  return Number.isFinite(wait) ? Math.min(Math.max(wait, 0), LONGEST_PAUSE_MS) : null;
}

/** Only the date form that HTTP prescribes; `Date.parse` alone would also take "12" or "May". */
function httpDate(value: string): number {
  return /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/u.test(value)
    ? Date.parse(value)
    : Number.NaN;
}

/** A failure that carries no answer of Sonos. */
export function withoutAnswer(
  kind: SonosError['kind'],
  effect: SonosError['effect'],
  retry: SonosError['retry'],
  reason: string,
  retryAfterMs: number | null = null,
): SonosError {
  return { kind, status: null, errorCode: null, reason, retry, effect, retryAfterMs };
}
