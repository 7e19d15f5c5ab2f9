import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventHeaders, readHeaders } from '../../src/events/headers.ts';
import { HEADER_NAMES, rawHeadersOf, signed } from './house.ts';

const FIELDS = Object.keys(HEADER_NAMES) as (keyof EventHeaders)[];

describe('the headers of an event', () => {
  it('are read in any case and order, among others', () => {
    const raw = rawHeadersOf(signed());
    const pairs = FIELDS.map((_field, index) => [raw[index * 2] ?? '', raw[index * 2 + 1] ?? ''] as const);
    const mixed = pairs.reverse().flatMap(([name, value], index) => {
      return [index % 2 === 0 ? name.toUpperCase() : name.toLowerCase(), value, 'X-Sonos-Other', 'x'];
    });
    expect(readHeaders(mixed)).toEqual({ ok: true, value: signed() });
  });

  it.each(FIELDS)('are incomplete without the %s', (field) => {
    const raw = rawHeadersOf(signed());
    raw.splice(raw.indexOf(HEADER_NAMES[field]), 2);
    expect(readHeaders(raw)).toEqual({ ok: false, error: 'header_missing' });
  });

  it.each(FIELDS)('are refused with the %s twice, even when both are the same', (field) => {
    const raw = rawHeadersOf(signed());
    raw.push(HEADER_NAMES[field].toLowerCase(), signed()[field]);
    expect(readHeaders(raw)).toEqual({ ok: false, error: 'header_doubled' });
  });

  it.each<[keyof EventHeaders, string[]]>([
    [
      'sequence',
      ['', '-1', '+1', '01', '00', '1.0', '1e3', '0x1', '12p', ' 1', '1 ', '１', '1'.repeat(21), '1\n'],
    ],
    [
      'namespace',
      ['', '1playback', 'play back', 'play_back', 'playback, groupVolume', 'a'.repeat(65), 'é', '__proto__'],
    ],
    ['type', ['', '4type', 'a-b', 'a'.repeat(65), 'type\u00a0']],
    ['targetType', ['', 'groupId1', 'group_id', 'a'.repeat(33)]],
    [
      'target',
      [
        '',
        'RINCON 1',
        'RINCON_1/..',
        'RINCON_1%2F',
        'a'.repeat(129),
        'RINCON_é',
        'RINCON_1, RINCON_2',
        'RINCON_+',
      ],
    ],
    ['household', ['', 'Sonos_1:2', 'Sonos_@', 'a'.repeat(129), 'Sonos_#']],
    [
      'signature',
      ['', 'a'.repeat(42), 'A'.repeat(44), `${'A'.repeat(42)}=`, `${'A'.repeat(42)}B`, `${'A'.repeat(42)}+`],
    ],
  ])('are refused with an odd %s', (field, values) => {
    for (const value of values) {
      const read = readHeaders(rawHeadersOf({ ...signed(), [field]: value }));
      expect([value, read]).toEqual([value, { ok: false, error: 'header_malformed' }]);
    }
  });

  it.each<[keyof EventHeaders, string[]]>([
    ['sequence', ['0', '9', '18446744073709551615']],
    ['target', ['RINCON_A0B0C000999901400:1546804709@4153230933', 'Sonos_a.b-c']],
    ['household', ['Sonos_Example01Household.Example01Location']],
  ])('are read with any %s that Sonos may send', (field, values) => {
    for (const value of values) {
      const headers = signed({ [field]: value });
      expect(readHeaders(rawHeadersOf(headers))).toEqual({ ok: true, value: headers });
    }
  });

  it('have room for every canonical signature and no other spelling', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const signature = Buffer.from(bytes).toString('base64url');
        expect(readHeaders(rawHeadersOf({ ...signed(), signature })).ok).toBe(true);
        const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
        const last = alphabet.indexOf(signature.slice(-1));
        for (const twin of [1, 2, 3]) {
          const other = signature.slice(0, -1) + alphabet.charAt(last + twin);
          expect(readHeaders(rawHeadersOf({ ...signed(), signature: other })).ok).toBe(false);
        }
      }),
    );
  });
});
