import { describe, expect, it } from 'vitest';
import { readFailure, readTokenPair, tokenSchema } from '../../src/sonos/oauth-answer.ts';

const pair = { access_token: 'canary-access', token_type: 'bearer', expires_in: 3600 };

const lifetimeOf = (expires_in: unknown) => {
  const read = readTokenPair({ ...pair, expires_in });
  return read.ok ? read.value.lifetimeMs : null;
};

const reasonOf = (payload: unknown) => {
  const read = readTokenPair(payload);
  return read.ok ? null : read.error.reason;
};

/** What the library throws for an answer with this status and JSON. */
const thrown = (statusCode: number, payload: unknown) => ({ data: { payload, res: { statusCode } } });

const failure = (statusCode: number, error: string) => readFailure(thrown(statusCode, { error }));

describe('a token', () => {
  it.each(['a', '!~', 'x'.repeat(4096)])('is any visible ASCII of up to 4096 characters', (token) => {
    expect(tokenSchema.safeParse(token).success).toBe(true);
  });

  it.each(['', ' a', 'a ', 'a b', '\na', 'a\n', 'aü', 'üa', `ü${'x'.repeat(9)}`, 'x'.repeat(4097)])(
    'is not %j',
    (token) => {
      expect(tokenSchema.safeParse(token).success).toBe(false);
    },
  );
});

describe('the lifetime of a token', () => {
  it.each([
    [3600, 3_600_000],
    ['3600', 3_600_000],
    ['0.5', 500],
    ['3600.25', 3_600_250],
    ['1.123456', 1123.456],
    ['9999999999', 604_800_000],
  ])('is read from %j', (expires_in, lifetimeMs) => {
    expect(lifetimeOf(expires_in)).toBe(lifetimeMs);
  });

  it.each([
    '',
    '-1',
    '+1',
    ' 1',
    '1 ',
    '0x10',
    '1e3',
    '1.',
    '.5',
    '1.x',
    '1.1234567',
    '12345678901',
    Number.POSITIVE_INFINITY,
    [3600],
  ])('is not read from %j', (expires_in) => {
    expect(lifetimeOf(expires_in)).toBeNull();
  });
});

describe('an answer without usable tokens', () => {
  const told = (fields: string) =>
    `The token endpoint answered, but these fields are missing or not as the standard says: ${fields}.`;

  it('is told with the names of the fields, each once, and none of what they hold', () => {
    const odd = { access_token: 'canary access', token_type: 'mac', expires_in: 'canary', refresh_token: 5 };
    expect(reasonOf(odd)).toBe(told('access_token, token_type, expires_in, refresh_token'));
    expect(reasonOf({ ...pair, access_token: undefined })).toBe(told('access_token'));
    expect(reasonOf({ ...pair, expires_in: 0 })).toBe(told('expires_in'));
  });

  it.each([[null], ['canary'], [5], [undefined]])('is told as a whole when it is %j', (payload) => {
    expect(reasonOf(payload)).toBe(told('the whole'));
  });

  it.each(['xbearer', 'bearerx', 'bearer mac', ''])('includes the token type %j', (token_type) => {
    expect(reasonOf({ ...pair, token_type })).toBe(told('token_type'));
  });
});

describe('an error code', () => {
  const seen = (code: string, status = 400) =>
    `The token endpoint answered with HTTP ${status} and "${code}"`;
  const login = ': it does not accept this login any more.';
  const key = ': check sonos.client_id and sonos.client_secret against the Sonos developer portal.';

  it.each([
    ['invalid_grant', 'rejected', login],
    ['invalid_request', 'rejected', login],
    ['invalid_client', 'wrong_credentials', key],
    ['unauthorized_client', 'wrong_credentials', key],
    ['temporarily_unavailable', 'unavailable', '.'],
    ['server_error', 'unavailable', '.'],
    ['unsupported_grant_type', 'invalid_answer', ', which the bridge does not know.'],
  ])('%s means %s, and says what to do', (code, kind, advice) => {
    expect(failure(400, code)).toEqual({ kind, reason: `${seen(code)}${advice}` });
    expect(failure(499, code)).toEqual({ kind, reason: `${seen(code, 499)}${advice}` });
    expect(readTokenPair({ ...pair, error: code })).toEqual({
      ok: false,
      error: { kind, reason: `${seen(code, 200)}${advice}` },
    });
  });

  it.each([302, 399, 500, 503])('says nothing about the login with HTTP %i', (status) => {
    expect(failure(status, 'invalid_grant')).toEqual({
      kind: 'unavailable',
      reason: `The token endpoint answered with HTTP ${status} and nothing that the standard knows.`,
    });
  });

  it.each(['canary-0invalid_grant', 'invalid_grant-0canary', 'Canary', '', 'x'.repeat(41)])(
    'that could be a token is not repeated: %j',
    (code) => {
      expect(failure(400, code)).toEqual({
        kind: 'unavailable',
        reason: 'The token endpoint answered with HTTP 400 and nothing that the standard knows.',
      });
      expect(readTokenPair({ ...pair, error: code }).ok).toBe(true);
    },
  );

  it('is not needed to tell a wrong key by HTTP 401', () => {
    expect(readFailure(thrown(401, 'canary'))).toEqual({
      kind: 'wrong_credentials',
      reason: `${seen('invalid_client', 401)}${key}`,
    });
  });
});

it.each([[new Error('canary')], [{ data: {} }], [undefined]])(
  'no answer at all is told without what was thrown: %o',
  (error) => {
    expect(readFailure(error)).toEqual({
      kind: 'unavailable',
      reason: 'The token endpoint could not be reached, or gave no answer in time.',
    });
  },
);
