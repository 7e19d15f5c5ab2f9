import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EventHeaders, readHeaders } from '../../src/events/headers.ts';
import { canBe, knownEventOf, knownEvents } from '../../src/events/known-events.ts';
import { isGenuine, type SignedFields } from '../../src/events/signature.ts';
import { GROUP, HOUSEHOLD, KEY, PLAYER, rawHeadersOf, signed } from './house.ts';

/** The signed fields in the order in which they are signed. */
const ORDER = ['sequence', 'namespace', 'type', 'targetType', 'target'] as const;
const textOf = (fields: SignedFields): string => ORDER.map((field) => fields[field]).join('');
const tupleOf = (fields: SignedFields): string => ORDER.map((field) => fields[field]).join(' ');

/** Whether headers with these fields would have an effect, were the signature right and the target known. */
function hasMeaning(fields: SignedFields): boolean {
  const known = knownEventOf(fields.namespace, fields.type, fields.targetType);
  if (known === null || !canBe(known.kind, fields.target)) return false;
  return readHeaders(rawHeadersOf(signed({ ...fields }))).ok;
}

/** Every way to cut a text into five fields that has a meaning. */
function readingsOf(text: string): string[] {
  const readings: string[] = [];
  const end = text.length;
  for (let a = 1; a < end; a += 1) {
    const sequence = text.slice(0, a);
    if (!readHeaders(rawHeadersOf(signed({ sequence }))).ok) continue;
    for (let b = a + 1; b < end; b += 1) {
      for (let c = b + 1; c < end; c += 1) {
        for (let d = c + 1; d < end; d += 1) {
          const [namespace, type, targetType] = [text.slice(a, b), text.slice(b, c), text.slice(c, d)];
          if (knownEventOf(namespace, type, targetType) === null) continue;
          const fields = { sequence, namespace, type, targetType, target: text.slice(d) };
          if (hasMeaning(fields)) readings.push(tupleOf(fields));
        }
      }
    }
  }
  return readings;
}

const ID = { household: 'Sonos_a.b', group: 'RINCON_A0:7', player: 'RINCON_A0', session: 'RINCON_A0:7@9' };
const words = [
  ...new Set(knownEvents.flatMap(({ namespace, type, targetType }) => [namespace, type, targetType])),
];

describe('the signed text of an event', () => {
  it('comes from a table of some size', () => {
    expect(knownEvents.length).toBeGreaterThanOrEqual(20);
    expect(new Set(knownEvents.map((event) => event.kind))).toEqual(
      new Set(['household', 'group', 'player', 'session']),
    );
  });

  it.each(
    knownEvents.map((event) => [`${event.namespace} ${event.type} ${event.targetType}`, event] as const),
  )(
    'can be cut in one way only: %s',
    (_name, { namespace, type, targetType, kind }) => {
      for (const sequence of ['0', '1', '1234', '18446744073709551615']) {
        const fields = { sequence, namespace, type, targetType, target: ID[kind] };
        expect(readingsOf(textOf(fields))).toEqual([tupleOf(fields)]);
      }
    },
    60_000,
  );

  it('can be cut in one way only because of what the words and prefixes are made of', () => {
    for (const word of words) expect(word).toMatch(/^[A-Za-z][A-Za-z0-9]*$/);
    const joined = knownEvents.map((event) => event.namespace + event.type + event.targetType);
    expect(new Set(joined).size).toBe(joined.length);
    // Were one row's words the beginning of another's, the id would have to begin with the rest of them.
    for (const prefix of ['Sonos_', 'RINCON_']) {
      for (const other of ['Sonos_', 'RINCON_']) {
        for (const shorter of joined) {
          for (const longer of joined) {
            if (shorter === longer || !longer.startsWith(shorter)) continue;
            expect((longer.slice(shorter.length) + other).startsWith(prefix)).toBe(false);
          }
        }
      }
    }
  });

  it('can be cut in one way only, whatever the id is made of', () => {
    const piece = fc.constantFrom(...words, 'RINCON_', 'Sonos_', '_', ':', '1', '42', 'Id', 'x');
    const value = fc.array(piece, { maxLength: 3 }).map((pieces) => pieces.join(''));
    const sequence = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
    fc.assert(
      fc.property(fc.constantFrom(...knownEvents), value, sequence, (event, rest, number) => {
        const { namespace, type, targetType, kind } = event;
        const target = (kind === 'household' ? 'Sonos_' : 'RINCON_') + rest;
        const fields = { sequence: number, namespace, type, targetType, target };
        fc.pre(hasMeaning(fields));
        const text = textOf(fields);
        // Every table entry at every place: the same as every cut, without those that no entry can meet.
        const readings = [...text].flatMap((_character, start) =>
          knownEvents.flatMap((other) => {
            const joined = other.namespace + other.type + other.targetType;
            if (!text.startsWith(joined, start)) return [];
            const reading = {
              ...other,
              sequence: text.slice(0, start),
              target: text.slice(start + joined.length),
            };
            return hasMeaning(reading) ? [tupleOf(reading)] : [];
          }),
        );
        expect(readings).toEqual([tupleOf(fields)]);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a stranger with one captured set of headers', () => {
  const captured: readonly EventHeaders[] = [
    signed(),
    signed({ namespace: 'playback', type: 'playbackStatus', sequence: '12' }),
    signed({ namespace: 'groups', type: 'groups', targetType: 'householdId', target: HOUSEHOLD }),
    signed({ namespace: 'playerVolume', type: 'playerVolume', targetType: 'playerId', target: PLAYER }),
  ];

  type Change = (headers: Record<keyof EventHeaders, string>) => void;
  const anyCharacter = fc.oneof(
    fc.constantFrom(...'0123456789abcXYZ_-.:@ \t,+/='),
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
  );
  const anyField = fc.constantFrom(...ORDER, 'signature' as const);
  const edit: fc.Arbitrary<Change> = fc
    .record({
      field: anyField,
      at: fc.nat(),
      how: fc.constantFrom('insert', 'remove', 'replace'),
      anyCharacter,
    })
    .map(({ field, at, how, anyCharacter: character }) => (headers) => {
      const value = headers[field];
      const cut = at % (value.length + 1);
      const after = how === 'insert' ? value.slice(cut) : value.slice(cut + 1);
      headers[field] = value.slice(0, cut) + (how === 'remove' ? '' : character) + after;
    });
  const swap: fc.Arbitrary<Change> = fc.tuple(anyField, anyField).map(([one, other]) => (headers) => {
    [headers[one], headers[other]] = [headers[other], headers[one]];
  });
  const word: fc.Arbitrary<Change> = fc
    .tuple(anyField, fc.constantFrom(...words, GROUP, PLAYER, HOUSEHOLD, '1235', '9'))
    .map(([field, other]) => (headers) => {
      headers[field] = other;
    });
  const shift: fc.Arbitrary<Change> = fc.tuple(fc.nat(3), fc.nat()).map(([border, at]) => (headers) => {
    const [left, right] = [ORDER[border], ORDER[border + 1]];
    if (left === undefined || right === undefined) throw new Error('no such border');
    const joined = headers[left] + headers[right];
    const cut = at % (joined.length + 1);
    headers[left] = joined.slice(0, cut);
    headers[right] = joined.slice(cut);
  });

  it('makes no other event of it, by no change of any header', () => {
    let changed = 0;
    let wellFormed = 0;
    let genuine = 0;
    const change = fc.oneof(edit, swap, word, shift);
    fc.assert(
      fc.property(
        fc.constantFrom(...captured),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        (one, changes) => {
          const headers = { ...one };
          for (const apply of changes) apply(headers);
          if (tupleOf(headers) === tupleOf(one) && headers.signature === one.signature) return;
          changed += 1;
          const read = readHeaders(rawHeadersOf(headers));
          if (!read.ok) return;
          wellFormed += 1;
          if (!isGenuine(read.value, read.value.signature, KEY)) return;
          genuine += 1;
          // A border that moved inside the grammar: the signature cannot tell, the table must.
          expect(hasMeaning(read.value)).toBe(false);
          expect(textOf(read.value)).toBe(textOf(one));
        },
      ),
      { numRuns: 30_000 },
    );
    expect(changed).toBeGreaterThan(20_000);
    // The three gates were all tried.
    expect(wellFormed).toBeGreaterThan(2_000);
    expect(genuine).toBeGreaterThan(200);
  }, 60_000);
});
