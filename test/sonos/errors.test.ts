import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText, readError, readRetryAfter, targetOf } from '../../src/sonos/errors.ts';

const recorded = (name: string) =>
  readFileSync(new URL(`../fixtures/payloads/${name}.json`, import.meta.url), 'utf8');
const none = new Map<string, string>();

describe('what Sonos says when it does not do as asked', () => {
  it.each([
    [
      'cloud.error.401.access-denied-2026',
      401,
      'login_needed',
      'after_login',
      'none',
      'access_denied',
      'Invalid Token',
    ],
    [
      'cloud.error.401.access-token-expired',
      401,
      'login_needed',
      'after_login',
      'none',
      'keymanagement.service.access_token_expired',
      'Access Token expired',
    ],
    [
      'cloud.error.410.resource-gone',
      410,
      'group_gone',
      'after_regroup',
      'none',
      'ERROR_RESOURCE_GONE',
      'Sonos answered with HTTP 410 and gave no reason.',
    ],
    [
      'cloud.error.499.playback-no-content',
      499,
      'refused',
      'never',
      'none',
      'ERROR_PLAYBACK_NO_CONTENT',
      'ERROR_NO_CONTENT',
    ],
    [
      'doc.error.400.missing-parameters',
      400,
      'refused',
      'never',
      'none',
      'ERROR_MISSING_PARAMETERS',
      'Missing required value:[1].volume',
    ],
    [
      'error.globalError.unsupported-namespace',
      404,
      'refused',
      'never',
      'none',
      'ERROR_UNSUPPORTED_NAMESPACE',
      'v1:bogus:1 namespace is not supported.',
    ],
    [
      'error.groupCoordinatorChanged.gone',
      404,
      'group_gone',
      'after_regroup',
      'none',
      'GROUP_STATUS_GONE',
      'Sonos answered with HTTP 404 and gave no reason.',
    ],
    [
      'error.groupCoordinatorChanged.gone',
      410,
      'group_gone',
      'after_regroup',
      'none',
      'GROUP_STATUS_GONE',
      'Sonos answered with HTTP 410 and gave no reason.',
    ],
    [
      'error.groupCoordinatorChanged.moved',
      404,
      'group_gone',
      'after_regroup',
      'none',
      'GROUP_STATUS_MOVED',
      'Sonos answered with HTTP 404 and gave no reason.',
    ],
    [
      'error.groupCoordinatorChanged.moved',
      499,
      'group_gone',
      'after_regroup',
      'none',
      'GROUP_STATUS_MOVED',
      'Sonos answered with HTTP 499 and gave no reason.',
    ],
  ] as const)(
    'the recorded body %s with %i means %s',
    (name, status, kind, retry, effect, errorCode, reason) => {
      expect(readError(status, recorded(name), none, 'group')).toEqual({
        kind,
        status,
        errorCode,
        reason,
        retry,
        effect,
        retryAfterMs: null,
      });
    },
  );

  it.each([
    '{"fault":{"faultstring":"Invalid access token","detail":{"errorcode":"keymanagement.service.invalid_access_token"}}}',
    '{"errorCode":"ERROR_NOT_AUTHORIZED"}',
    '{"errorCode":"ERROR_RESOURCE_GONE"}',
    '{"groupStatus":"GROUP_STATUS_GONE"}',
    'Authentication required',
    '<html></html>',
    '',
    'null',
    '[]',
    '{"fault":"a string","error":{"code":7}}',
  ])('any 401 asks for a login, whatever it says: %s', (body) => {
    const error = readError(401, body, none, 'group');
    expect([error.kind, error.retry, error.effect]).toEqual(['login_needed', 'after_login', 'none']);
  });

  it.each([
    [403, '{"errorCode":"ERROR_NO_PERMISSION"}', 'forbidden', 'never', 'none'],
    [404, '{"errorCode":"ERROR_CMD_FUTURE"}', 'refused', 'never', 'none'],
    [404, '{"errorCode":"ERROR_GROUP_CHANGED"}', 'group_gone', 'after_regroup', 'none'],
    [499, '{"errorCode":"ERROR_RESOURCE_GONE"}', 'group_gone', 'after_regroup', 'none'],
    [404, '{"errorCode":"ERROR_INVALID_OBJECT_ID"}', 'group_gone', 'after_regroup', 'none'],
    [400, '{"errorCode":"ERROR_INVALID_OBJECT_ID"}', 'refused', 'never', 'none'],
    [410, 'gone', 'group_gone', 'after_regroup', 'none'],
    [499, 'not JSON', 'refused', 'never', 'none'],
    [499, '{"errorCode":"ERROR_COMMAND_TIMEOUT"}', 'refused', 'never', 'unknown'],
    [
      499,
      '{"errorCode":"ERROR_COMMAND_FAILED","reason":"ERROR_LOST_CONNECTION"}',
      'refused',
      'never',
      'unknown',
    ],
    [499, '{"errorCode":17}', 'refused', 'never', 'none'],
    [405, '', 'refused', 'never', 'none'],
    [408, '', 'timeout', 'later', 'unknown'],
    [429, 'slow down', 'rate_limited', 'later', 'none'],
    [500, '{"errorCode":"ERROR_INTERNAL"}', 'unavailable', 'later', 'unknown'],
    [503, '<html>', 'unavailable', 'later', 'unknown'],
    [302, '', 'invalid_answer', 'later', 'unknown'],
  ] as const)('%i with %s means %s', (status, body, kind, retry, effect) => {
    const error = readError(status, body, none, 'household');
    expect([error.kind, error.retry, error.effect]).toEqual([kind, retry, effect]);
  });

  it('takes a 404 without a code for a lost group only where a group was addressed', () => {
    expect(readError(404, '', none, 'group').kind).toBe('group_gone');
    expect(readError(404, '', none, 'player').kind).toBe('refused');
    expect(readError(404, '', none).kind).toBe('refused');
  });

  it.each([
    [404, ''],
    [400, '{"errorCode":"ERROR_INVALID_OBJECT_ID"}'],
    [499, '{"errorCode":"ERROR_SESSION_EVICTED","reason":"Another user joined the session."}'],
    [499, '{"errorCode":"ERROR_SESSION_MOVED"}'],
  ])(
    'takes %i with %s for a lost session where a session was addressed, and for a refusal elsewhere',
    (status, body) => {
      expect(readError(status, body, none, 'session')).toMatchObject({ kind: 'group_gone', effect: 'none' });
      expect(readError(status, body, none, 'player').kind).toBe('refused');
    },
  );

  it('takes what a session refuses for no more than that', () => {
    const body = '{"errorCode":"ERROR_DISALLOWED_BY_POLICY"}';
    expect(readError(499, body, none, 'session').kind).toBe('refused');
    expect(readError(499, '', none, 'session').kind).toBe('refused');
  });

  it('knows what a path addresses', () => {
    expect(
      ['/groups/a/playback', '/households/h', '/players/p', '/playbackSessions/s', '/x', ''].map(targetOf),
    ).toEqual(['group', 'household', 'player', 'session', null, null]);
  });
});

describe('how long Sonos asks to wait', () => {
  const date = 'Sun, 22 Nov 2026 10:00:00 GMT';
  it.each([
    ['5', 5000],
    ['0', 0],
    ['1.5', 1500],
    ['99999', 600_000],
    ['Sun, 22 Nov 2026 10:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 09:00:00 GMT', 0],
    ['Mon, 23 Nov 2026 10:00:00 GMT', 600_000],
    ['', null],
    ['soon', null],
    ['-5', null],
    ['May', null],
    ['1e9', null],
  ])('"%s" is %s ms', (value, wait) => {
    expect(
      readRetryAfter(
        new Map([
          ['retry-after', value],
          ['date', date],
        ]),
      ),
    ).toBe(wait);
    expect(
      readError(
        429,
        '',
        new Map([
          ['retry-after', value],
          ['date', date],
        ]),
      ).retryAfterMs,
    ).toBe(wait);
  });

  it('a date without the date of the answer says nothing', () => {
    expect(readRetryAfter(new Map([['retry-after', date]]))).toBeNull();
  });
});

describe('foreign text', () => {
  it('never carries control characters, is never too long and never cuts a character in two', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 2000 }),
        fc.integer({ min: 1, max: 300 }),
        (text, longest) => {
          const clean = plainText(text, longest);
          expect(clean.length).toBeLessThanOrEqual(longest);
          expect(clean).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
          expect(clean).not.toMatch(/\p{Cs}/u);
        },
      ),
    );
  });

  it('any answer at all is read into a bounded error', () => {
    const body = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.json(),
      fc.string().map((reason) => JSON.stringify({ reason, errorCode: reason })),
    );
    fc.assert(
      fc.property(fc.integer({ min: 100, max: 999 }), body, (status, text) => {
        const error = readError(status, text, none, 'group');
        expect((error.reason ?? '').length).toBeLessThanOrEqual(256);
        expect((error.errorCode ?? '').length).toBeLessThanOrEqual(64);
        expect(error.status).toBe(status);
      }),
    );
  });
});
