import type { ErrorCode } from '../bridge/command-error.ts';

/** The HTTP status that says the same as a command's error. */
export const STATUS_OF: Readonly<Record<ErrorCode, number>> = {
  invalid_payload: 400,
  unknown_command: 404,
  unknown_room: 404,
  unknown_favorite: 404,
  unknown_playlist: 404,
  ambiguous_name: 409,
  not_capable: 409,
  not_linked: 503,
  rate_limited: 429,
  expired: 409,
  retained: 409,
  blocked: 403,
  sonos_error: 502,
  timeout: 504,
  internal: 500,
};
