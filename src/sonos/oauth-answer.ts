import { z } from 'zod';
import { err, ok, type Result } from '../bridge/result.ts';

/** What the token endpoint grants. */
export interface TokenPair {
  readonly accessToken: string;
  /** Null when the answer has none, which means: keep the old one. */
  readonly refreshToken: string | null;
  /** Milliseconds from the answer on; at most a week. */
  readonly lifetimeMs: number;
}

/** Why the token endpoint gave no tokens. Only `rejected` says anything about the login itself. */
export interface OAuthError {
  /**
   * `rejected`: the code or refresh token is not accepted. `wrong_credentials`: the integration's key or secret is not.
   * `unavailable`: no usable answer at the moment. `invalid_answer`: an answer that is not what the standard says.
   */
  readonly kind: 'rejected' | 'wrong_credentials' | 'unavailable' | 'invalid_answer';
  /** One sentence; never holds anything that was sent or received, save the standard's error code. */
  readonly reason: string;
}

const LONGEST_LIFETIME_S = 7 * 24 * 3600;

/** Visible ASCII: tokens end up in headers or forms, and RFC 6749, appendix A, allows nothing else. */
export const tokenSchema = z.string().regex(/^[\x21-\x7e]{1,4096}$/u);
const seconds = z.union([
  z.number(),
  z
    .string()
    .regex(/^\d{1,10}(?:\.\d{1,6})?$/u)
    .transform(Number),
]);
const pairSchema = z.object({
  access_token: tokenSchema,
  token_type: z.string().regex(/^bearer$/iu),
  expires_in: seconds.pipe(z.number().positive()),
  // An empty or null one is as good as none.
  refresh_token: z
    .union([tokenSchema, z.literal(''), z.null()])
    .optional()
    .transform((value) => value || null),
});

// Letters and underscores only, so that no token can pass for an error code.
const refusalSchema = z.object({ error: z.string().regex(/^[a-z_]{1,40}$/u) });

/** Reads the JSON of a 2xx (RFC 6749, 5.1; Sonos, "Authorize"). */
export function readTokenPair(payload: unknown): Result<TokenPair, OAuthError> {
  const refusal = refusalSchema.safeParse(payload);
  if (refusal.success) return err(refused(200, refusal.data.error));
  const read = pairSchema.safeParse(payload);
  if (!read.success) {
    const fields = [...new Set(read.error.issues.map(({ path }) => String(path[0] ?? 'the whole')))].join(
      ', ',
    );
    return err({
      kind: 'invalid_answer',
      reason: `The token endpoint answered, but these fields are missing or not as the standard says: ${fields}.`,
    });
  }
  return ok({
    accessToken: read.data.access_token,
    refreshToken: read.data.refresh_token,
    lifetimeMs: Math.min(read.data.expires_in, LONGEST_LIFETIME_S) * 1000,
  });
}

// What the library's errors have in common, as far as it is needed.
const failureSchema = z.object({
  data: z.object({ payload: z.unknown().optional(), res: z.object({ statusCode: z.number() }) }),
});

/**
 * Reads what the OAuth library throws. Its own status is not to be trusted: a page that is not JSON and a lost connection
 * come as 502, a cut-off answer as 400, 408 or 500; only the response itself tells.
 */
export function readFailure(thrown: unknown): OAuthError {
  const read = failureSchema.safeParse(thrown);
  if (!read.success) {
    return {
      kind: 'unavailable',
      reason: 'The token endpoint could not be reached, or gave no answer in time.',
    };
  }
  const { payload, res } = read.data.data;
  const status = res.statusCode;
  if (status === 401) return refused(status, 'invalid_client');
  const refusal = refusalSchema.safeParse(payload);
  if (status >= 400 && status < 500 && refusal.success) return refused(status, refusal.data.error);
  return {
    kind: 'unavailable',
    reason: `The token endpoint answered with HTTP ${status} and nothing that the standard knows.`,
  };
}

function refused(status: number, code: string): OAuthError {
  const seen = `The token endpoint answered with HTTP ${status} and "${code}"`;
  switch (code) {
    case 'invalid_grant':
    case 'invalid_request':
      return { kind: 'rejected', reason: `${seen}: it does not accept this login any more.` };
    case 'invalid_client':
    case 'unauthorized_client':
      return {
        kind: 'wrong_credentials',
        reason: `${seen}: check sonos.client_id and sonos.client_secret against the Sonos developer portal.`,
      };
    case 'temporarily_unavailable':
    case 'server_error':
      return { kind: 'unavailable', reason: `${seen}.` };
    default:
      return { kind: 'invalid_answer', reason: `${seen}, which the bridge does not know.` };
  }
}
