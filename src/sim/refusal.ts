import type { JsonObject } from './model.ts';

/** Sonos' "no": HTTP status, `X-Sonos-Type` and body (documentation page "Error handling"). */
export interface Refusal {
  readonly status: number;
  readonly type: string;
  readonly body: JsonObject;
}

/** A globalError; `more` adds `playerIds` and the like. */
export function globalError(
  status: number,
  errorCode: string,
  reason?: string,
  more: JsonObject = {},
): Refusal {
  const why = reason === undefined ? {} : { reason };
  return { status, type: 'globalError', body: { _objectType: 'globalError', errorCode, ...why, ...more } };
}

/** The body of a playbackError, as an answer or as an event; every field but the code may be missing. */
export function playbackErrorBody(errorCode: string, more: JsonObject = {}): JsonObject {
  return { _objectType: 'playbackError', errorCode, ...more };
}

/** The player refused a playback command: 499 with a playbackError. */
export function playbackRefusal(errorCode: string, reason?: string): Refusal {
  const body = playbackErrorBody(errorCode, reason === undefined ? {} : { reason });
  return { status: 499, type: 'playbackError', body };
}

/** A value outside its range, or an unknown id in a list. */
export const invalidParameter = (reason: string, more: JsonObject = {}): Refusal =>
  globalError(400, 'ERROR_INVALID_PARAMETER', reason, more);

/** An id that names nothing. */
export const invalidObjectId = (reason: string): Refusal =>
  globalError(400, 'ERROR_INVALID_OBJECT_ID', reason);

/** The player understood and did not do it: 499. */
export const commandFailed = (reason: string): Refusal => globalError(499, 'ERROR_COMMAND_FAILED', reason);
