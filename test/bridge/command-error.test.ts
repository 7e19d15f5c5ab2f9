import { describe, expect, it } from 'vitest';
import { fromSonos } from '../../src/bridge/command-error.ts';
import { errorCodeSchema } from '../../src/bridge/contract/command-error.ts';
import type { SonosError, SonosErrorKind } from '../../src/bridge/sonos.ts';

const failed = (kind: SonosErrorKind, rest: Partial<SonosError> = {}): SonosError => ({
  kind,
  status: 499,
  errorCode: null,
  reason: null,
  retry: 'never',
  effect: 'none',
  retryAfterMs: null,
  ...rest,
});

describe('what a failed call means for its command', () => {
  it.each([
    ['login_needed', 'not_linked'],
    ['rate_limited', 'rate_limited'],
    ['timeout', 'timeout'],
    ['group_gone', 'sonos_error'],
    ['forbidden', 'sonos_error'],
    ['refused', 'sonos_error'],
    ['unavailable', 'sonos_error'],
    ['network', 'sonos_error'],
    ['invalid_answer', 'sonos_error'],
  ] as const)('%s is %s', (kind, code) => {
    const error = fromSonos(failed(kind));
    expect(error.code).toBe(code);
    expect(errorCodeSchema.options).toContain(error.code);
    expect(error.message).not.toBe('');
  });

  it('says what Sonos said, and what helps against it', () => {
    const error = failed('refused', { errorCode: 'ERROR_PLAYBACK_NO_CONTENT', reason: 'ERROR_NO_CONTENT' });
    expect(fromSonos(error)).toEqual({
      code: 'sonos_error',
      message: 'Sonos answered ERROR_PLAYBACK_NO_CONTENT: ERROR_NO_CONTENT.',
      advice: 'Nothing is loaded. Load a favorite or a playlist first.',
      sonos: { status: 499, error_code: 'ERROR_PLAYBACK_NO_CONTENT', reason: 'ERROR_NO_CONTENT' },
    });
  });

  it('has no advice for a code of which nothing is known', () => {
    for (const errorCode of ['ERROR_NEW', 'constructor', '__proto__']) {
      const error = fromSonos(failed('refused', { errorCode }));
      expect(error.message).toBe(`Sonos answered ${errorCode}.`);
      expect(error).not.toHaveProperty('advice');
    }
  });

  it('says what kind of failure it was when Sonos said nothing', () => {
    expect(fromSonos(failed('network', { status: null }))).toEqual({
      code: 'sonos_error',
      message: 'Sonos could not do it (network).',
      sonos: { status: null, error_code: null, reason: null },
    });
  });
});
