import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readHeaders } from '../../src/events/headers.ts';
import { LONGEST_RELAYED_BYTES, openRelayed, sealEvent } from '../../src/events/relayed.ts';
import { BODY, KEY, rawHeadersOf, signed } from './house.ts';

const NOW = Date.parse('2026-02-03T04:05:06.789Z');
const ground = { credentials: KEY, now: NOW, expirySeconds: 120 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const open = (text: string, different: Partial<typeof ground> = {}) =>
  openRelayed(bytes(text), { ...ground, ...different });
const genuine = sealEvent(signed(), BODY, NOW, KEY);
const forged = { ok: false, error: 'relay_forged' };

/** Sealed as a relay does, told a second time, whatever it is. */
function sealText(text: string): string {
  const key = createHmac('sha256', KEY.clientSecret)
    .update(`sonos-mqtt-bridge relay\n${KEY.clientId}`)
    .digest();
  return `{"seal":"${createHmac('sha256', key).update(text).digest('base64url')}",${text}`;
}

describe('a message of the relay', () => {
  it('is JSON, with the seven headers of Sonos in turn, the body as it came, and the time', () => {
    expect(JSON.parse(genuine)).toEqual({
      seal: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/),
      received_at: '2026-02-03T04:05:06.789Z',
      headers: rawHeadersOf(signed()),
      body: BODY,
    });
    expect(sealText(genuine.slice(54))).toBe(genuine);
  });

  it('is opened to what went in, whatever the body', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (body) => {
        const opened = open(sealEvent(signed(), body, NOW, KEY));
        if (!opened.ok) throw new Error(opened.error);
        expect(opened.value.body).toBe(body);
        expect(readHeaders(opened.value.headers)).toEqual({ ok: true, value: signed() });
      }),
    );
  });

  it('is not believed when any byte of it is another', () => {
    const all = bytes(genuine);
    for (let at = 0; at < all.length; at += 1) {
      const changed = all.slice();
      changed[at] = (all[at] ?? 0) ^ 1;
      expect(openRelayed(changed, ground)).toEqual(forged);
    }
  });

  it('is not believed when it is shorter, or longer', () => {
    for (let length = 0; length < genuine.length; length += 1) {
      expect(open(genuine.slice(0, length))).toEqual(forged);
    }
    for (const more of [' ', '\n', '}', '\0', genuine]) expect(open(genuine + more)).toEqual(forged);
    expect(open(` ${genuine}`)).toEqual(forged);
  });

  it('is not believed when another key sealed it', () => {
    expect(open(genuine, { credentials: { ...KEY, clientSecret: 'guessed' } })).toEqual(forged);
    expect(open(genuine, { credentials: { ...KEY, clientId: 'other' } })).toEqual(forged);
    // No way of cutting id and secret apart anew gives the same key.
    const shifted = { clientId: `${KEY.clientId}1`, clientSecret: KEY.clientSecret.slice(1) };
    expect(open(genuine, { credentials: shifted })).toEqual(forged);
  });

  it.each([
    '',
    'null}',
    '"received_at":"yesterday","headers":[],"body":""}',
    `"received_at":"2026-02-03T04:05:06Z","headers":${JSON.stringify(rawHeadersOf(signed()))}}`,
    `"received_at":"2026-02-03T04:05:06Z","headers":["a","b"],"body":""}`,
    `"received_at":"2026-02-03T04:05:06Z","headers":${JSON.stringify(rawHeadersOf(signed()))},"body":1}`,
  ])('that another version sealed is not guessed at: %s', (text) => {
    expect(open(sealText(text))).toEqual(forged);
  });

  it('is too old when its time is over, and not before', () => {
    expect(open(genuine, { now: NOW + 120_000 })).toMatchObject({ ok: true });
    expect(open(genuine, { now: NOW + 120_001 })).toEqual({ ok: false, error: 'relay_stale' });
    // The clock of the relay may be ahead.
    expect(open(genuine, { now: NOW - 3_600_000 })).toMatchObject({ ok: true });
  });

  it('is not looked at when it is longer than any relay sends', () => {
    const text = sealEvent(signed(), 'x'.repeat(LONGEST_RELAYED_BYTES), NOW, KEY);
    expect(open(text)).toEqual({ ok: false, error: 'relay_too_large' });
  });
});
