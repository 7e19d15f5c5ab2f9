import { describe, expect, it } from 'vitest';
import { adviceFor, evidenceOf, failureOfCode, failureOfError } from '../../src/mqtt/connection-failure.ts';

const systemError = (code: string, message = `connect ${code}`) =>
  Object.assign(new Error(message), { code });

describe('a failed connection', () => {
  it.each([
    ['ECONNREFUSED', 'unreachable', 'none'],
    ['ENOTFOUND', 'unreachable', 'none'],
    ['ECONNRESET', 'hung_up', 'suspect'],
    ['EPIPE', 'hung_up', 'suspect'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls', 'none'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'none'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'none'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'none'],
    ['WS_ERR_INVALID_OPCODE', 'garbled', 'suspect'],
  ])('with %s is %s', (code, kind, evidence) => {
    const why = failureOfError(systemError(code));
    expect(why).toEqual({ kind, seen: `connect ${code}` });
    expect(evidenceOf(why)).toBe(evidence);
    expect(adviceFor(why)).toMatch(/\.$/);
  });

  it('over several addresses, which has no message, still names its code', () => {
    expect(failureOfError(systemError('ECONNREFUSED', ''))).toEqual({
      kind: 'unreachable',
      seen: '(ECONNREFUSED)',
    });
    expect(failureOfError(new TypeError())).toEqual({ kind: 'garbled', seen: 'TypeError' });
  });

  it.each([
    [1, 'bad_version', 'version'],
    [132, 'bad_version', 'version'],
    [4, 'bad_credentials', 'answered'],
    [135, 'not_authorised', 'answered'],
    [2, 'bad_client_id', 'answered'],
    [142, 'taken_over', 'none'],
    [3, 'refused', 'answered'],
  ])('with reason code %i is %s', (code, kind, evidence) => {
    const why = failureOfCode(code, '');
    expect(why).toEqual({ kind, seen: `no reason given, code ${code}` });
    expect(evidenceOf(why)).toBe(evidence);
  });
});
