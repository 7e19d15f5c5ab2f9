import fc from 'fast-check';

/** What a topic must never hold, what tricks readers and renderers, and what our own topics are called. */
export const NASTY = [
  '+',
  '#',
  '/',
  '//',
  '$SYS',
  '$SYS/broker/clients',
  '$share/group/sonos',
  '../../etc/passwd',
  'sonos/bridge/set/forget',
  'all',
  'ALL',
  'set',
  'reply',
  'event',
  'groups',
  'Favorites',
  'playlists',
  'availability',
  'bridge',
  '',
  ' ',
  '-',
  '\u0000',
  'Kit\u0000chen',
  '\u0007\u001b[31m',
  '\u202Enehctik', // right-to-left override
  '\u200F\u200E\u2066',
  '\uFEFF',
  '\uFFFF',
  '\uD800', // half of a pair
  'Küche \uDC00',
  '\uDBFF\uDBFF',
  '👩‍👩‍👧‍👦',
  '🛋️ Wohnzimmer',
  '厨房',
  'Кухня',
  'Ǆ ﬁ ß İ ı',
  'Z\u0300\u0301\u0302\u0303a\u0328lgo',
  '__proto__',
  'constructor',
  'RINCON_A0B0C000010101400',
  'kitchen-2',
  'Kitchen',
  'kitchen',
  'KITCHEN ',
] as const;

/** 70 kB each. The callback takes 1 MiB, and says a name up to eight times, so only one of them at a time. */
export const LONG = [
  'x'.repeat(70_000),
  'é'.repeat(35_000),
  '+/#'.repeat(23_000),
  '🦔'.repeat(17_500),
] as const;

/** Names as nobody would give them: from the list, of any code units at all, and made of both. */
export const name: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...NASTY) },
  { weight: 2, arbitrary: fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 40 }).map(ofUnits) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.constantFrom(...NASTY), { minLength: 2, maxLength: 4 })
      .map((parts) => parts.join('')),
  },
);

function ofUnits(units: readonly number[]): string {
  return String.fromCharCode(...units);
}
