import type { Result } from './result.ts';

/** A value as JSON knows it. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** What a call is for; when the request budget is short, the first kind goes first. */
export type CallPriority = 'announcement' | 'command' | 'housekeeping';

/** One request to the Control API. */
export interface SonosCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the base URL, e.g. `/groups/RINCON_…%3A12/playback/play`; ids are percent-encoded. */
  readonly path: string;
  readonly body?: { readonly [key: string]: Json };
  /** The household whose account signs the call. */
  readonly household: string;
  readonly priority: CallPriority;
  /** True when doing it twice is the same as doing it once, so that it may be tried again after a lost reply. */
  readonly repeatable: boolean;
}

/** Why a call failed, as a closed set. */
export type SonosErrorKind =
  | 'group_gone' // 404, 410, 499 with a body that says the target is gone or moved
  | 'login_needed' // no token to be had until a person logs in
  | 'forbidden' // 403
  | 'rate_limited' // 429, or our own budget spent for longer than the caller waits
  | 'refused' // 400, 404, 499: Sonos understood and said no
  | 'unavailable' // 5xx
  | 'timeout' // no answer in time; it may have been carried out
  | 'network' // never reached Sonos, or the answer was lost
  | 'invalid_answer'; // an answer that is not what the documentation says

/** An expected failure of a call, with what helps against it. */
export interface SonosError {
  readonly kind: SonosErrorKind;
  /** HTTP status; null when there was no answer. */
  readonly status: number | null;
  /** Sonos' `errorCode`, an open set. */
  readonly errorCode: string | null;
  /** Sonos' `reason`, or ours; at most 256 characters, never a secret. */
  readonly reason: string | null;
  /** Whether trying again helps, and when. */
  readonly retry: 'never' | 'later' | 'after_login' | 'after_regroup';
  /** `none`: surely not carried out. `unknown`: it may have been. */
  readonly effect: 'none' | 'unknown';
  /** From `Retry-After`; null when Sonos did not say. */
  readonly retryAfterMs: number | null;
}

/** The only way to the Control API: answers with the parsed JSON body, not yet checked against a schema. */
export type SendCall = (call: SonosCall) => Promise<Result<unknown, SonosError>>;

/** Something Sonos told us about one target, by callback or as the answer to a read. */
export interface SonosEvent {
  readonly household: string;
  readonly namespace: string;
  readonly type: string;
  /** Household, group or player id, as the namespace's row says. */
  readonly target: string;
  /** The event's number as canonical decimal text; null for a read. */
  readonly sequence: string | null;
  /** The body as the row's schema parsed it. */
  readonly body: unknown;
  /** Wall time of arrival, milliseconds. */
  readonly at: number;
}
