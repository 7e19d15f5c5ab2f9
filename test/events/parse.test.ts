import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Envelope, type IgnoredReason, readEvent } from '../../src/events/parse.ts';
import { BODY, GROUP, HOUSEHOLD, knows, PLAYER, recorded, SESSION, signed } from './house.ts';

const AT = 1_800_000_000_000;
const envelope = (headers: Parameters<typeof signed>[0] = {}, body = BODY): Envelope => ({
  headers: signed(headers),
  body,
  at: AT,
});
const reasonOf = (given: Envelope): IgnoredReason | null => {
  const read = readEvent(given, knows);
  return read.ok ? null : read.error;
};

const HEADERS = {
  groupVolume: { namespace: 'groupVolume', type: 'groupVolume' },
  groups: { namespace: 'groups', type: 'groups', targetType: 'householdId', target: HOUSEHOLD },
  metadataStatus: { namespace: 'playbackMetadata', type: 'metadataStatus' },
  playbackStatus: { namespace: 'playback', type: 'playbackStatus' },
  playerVolume: { namespace: 'playerVolume', type: 'playerVolume', targetType: 'playerId', target: PLAYER },
  versionChanged: {
    namespace: 'favorites',
    type: 'versionChanged',
    targetType: 'householdId',
    target: HOUSEHOLD,
  },
  sessionError: {
    namespace: 'playbackSession',
    type: 'sessionError',
    targetType: 'sessionId',
    target: SESSION,
  },
  sessionInfo: {
    namespace: 'playbackSession',
    type: 'sessionInfo',
    targetType: 'sessionId',
    target: SESSION,
  },
  groupCoordinatorChanged: { namespace: 'global', type: 'groupCoordinatorChanged' },
  playbackError: { namespace: 'playback', type: 'playbackError' },
} as const;
const HEADERS_BY_TYPE: Readonly<Record<string, Parameters<typeof signed>[0]>> = HEADERS;

const names = readdirSync(new URL('../fixtures/payloads/', import.meta.url))
  .filter((name) => /^(event|cloud\.event|doc\.event|error\.groupCoordinatorChanged)\./.test(name))
  .map((name) => name.replace(/\.json$/, ''));
const typeOf = (name: string): string =>
  name.replace(/^(cloud\.|doc\.)?(event|error)\./, '').split('.')[0] ?? '';
const bodyOf = (name: string) => envelope(HEADERS_BY_TYPE[typeOf(name)], recorded(name));

describe('a recorded event', () => {
  it('is one of some number', () => {
    expect(names.length).toBeGreaterThanOrEqual(16);
    for (const name of names) expect(HEADERS_BY_TYPE).toHaveProperty([typeOf(name)]);
  });

  it.each(names)('is read as what it is: %s', (name) => {
    const given = bodyOf(name);
    const { household, namespace, type, target, sequence } = given.headers;
    const read = readEvent(given, knows);
    expect(read).toMatchObject({
      ok: true,
      value: { household, namespace, type, target, sequence, at: AT, body: expect.any(Object) },
    });
  });

  it('keeps what the bridge needs of it', () => {
    const volume = readEvent(bodyOf('event.groupVolume'), knows);
    expect(volume).toMatchObject({ value: { body: { volume: 5, muted: false, fixed: false } } });
    const groups = readEvent(bodyOf('event.groups.s2-four-rooms'), knows);
    expect(groups).toMatchObject({ value: { body: { groups: { dropped: 0 }, players: { dropped: 0 } } } });
    const moved = readEvent(bodyOf('error.groupCoordinatorChanged.moved'), knows);
    expect(moved).toMatchObject({ value: { body: { groupStatus: 'GROUP_STATUS_MOVED' } } });
  });

  it('of a session has no effect when the session is not ours, or no longer', () => {
    const strangers = { ...HEADERS.sessionError, target: `${SESSION}1` };
    expect(reasonOf(envelope(strangers, recorded('doc.event.sessionError.evicted')))).toBe('unknown_target');
  });

  it.each(names)('says the same with fields that nobody knows yet: %s', (name) => {
    const given = bodyOf(name);
    const plain = readEvent(given, knows);
    const additions = fc.dictionary(
      fc.oneof(
        fc.string().map((key) => `x${key}`),
        fc.constantFrom('__proto__', 'constructor', 'toString', 'prototype'),
      ),
      fc.jsonValue({ maxDepth: 3 }),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(additions, fc.nat(), (added, where) => {
        const body: unknown = JSON.parse(given.body);
        const objects = objectsIn(body, isReadAtOnce).filter((object) => !isOpen(object));
        const object = objects[where % objects.length];
        if (object === undefined) throw new Error('a body is an object');
        for (const [key, value] of Object.entries(added)) {
          Object.defineProperty(object, key, { value, enumerable: true, configurable: true });
        }
        expect(readEvent({ ...given, body: JSON.stringify(body) }, knows)).toEqual(plain);
      }),
      { numRuns: 60 },
    );
  });

  it.each(names)('breaks nothing with a word or a type that nobody expects: %s', (name) => {
    const given = bodyOf(name);
    fc.assert(
      fc.property(fc.nat(), fc.oneof(fc.string(), fc.jsonValue({ maxDepth: 2 })), (where, odd) => {
        const body: unknown = JSON.parse(given.body);
        const objects = objectsIn(body);
        const object = objects[where % objects.length] ?? {};
        const keys = Object.keys(object);
        const key = keys[Math.floor(where / objects.length) % Math.max(1, keys.length)];
        if (key !== undefined) Reflect.set(object, key, odd);
        const read = readEvent({ ...given, body: JSON.stringify(body) }, knows);
        expect(read.ok ? 'read' : read.error).toMatch(/^(read|body_not_of_its_type)$/);
      }),
      { numRuns: 100 },
    );
  });

  it('may use words that are new', () => {
    const body = recorded('event.playbackStatus.spotify-connect-playing').replaceAll(
      'PLAYBACK_STATE_PLAYING',
      'PLAYBACK_STATE_DREAMING',
    );
    expect(reasonOf(envelope(HEADERS.playbackStatus, body))).toBeNull();
    const moved = recorded('error.groupCoordinatorChanged.gone').replace(
      'GROUP_STATUS_GONE',
      'GROUP_STATUS_ODD',
    );
    expect(reasonOf(envelope(HEADERS.groupCoordinatorChanged, moved))).toBeNull();
  });
});

/** All objects of a body, the outermost first. */
function objectsIn(value: unknown, isRead = (_key: string): boolean => true): object[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.entries(value).flatMap(([key, each]) => (isRead(key) ? objectsIn(each, isRead) : []));
  return Array.isArray(value) ? inside : [value, ...inside];
}

/** Sonos' set of allowed actions is open, and kept as it comes. */
const isOpen = (object: object): boolean => 'canSkip' in object;

/** What players are made of is handed on as it comes, and read with the house (`device-info.test.ts`). */
const isReadAtOnce = (key: string): boolean => key !== 'devices';

describe('a signed event', () => {
  it.each([
    ['unknown_triple', { namespace: 'homeTheater' }],
    ['unknown_triple', { type: 'somethingNew' }],
    ['unknown_triple', { type: 'toString' }],
    ['unknown_triple', { namespace: 'constructor', type: 'constructor' }],
    ['unknown_triple', { targetType: 'playerId', target: PLAYER }],
    ['unknown_triple', { namespace: 'households', type: 'households', targetType: 'accountId' }],
    [
      'unknown_triple',
      { namespace: 'households', type: 'households', targetType: 'householdId', target: HOUSEHOLD },
    ],
    ['unknown_household', { household: 'Sonos_SomebodyElse' }],
    ['unknown_household', { household: 'mhhid_1' }],
    ['unknown_target', { target: 'RINCON_00012345678001400:1' }],
    ['unknown_target', { target: HOUSEHOLD }],
    ['unknown_target', { target: `Id${GROUP}`, targetType: 'group' }],
    ['unknown_target', { ...HEADERS.groups, target: 'Sonos_SomebodyElse' }],
    ['unknown_target', { ...HEADERS.groups, target: GROUP }],
  ] as const)('has no effect: %s for %o', (reason, headers) => {
    expect(reasonOf(envelope(headers))).toBe(reason);
  });

  it('of one household has no effect on another that is also ours', () => {
    const both = (household: string) => ['Sonos_one', 'Sonos_two'].includes(household);
    const headers = { ...HEADERS.groups, household: 'Sonos_one', target: 'Sonos_two' };
    const body = recorded('event.groups.s2-four-rooms');
    expect(readEvent(envelope(headers, body), both)).toEqual({ ok: false, error: 'unknown_target' });
    expect(readEvent(envelope({ ...headers, target: 'Sonos_one' }, body), both).ok).toBe(true);
  });

  it.each(['group', 'groupId'])('may call its target type %s', (targetType) => {
    expect(reasonOf(envelope({ targetType }))).toBeNull();
  });

  it.each([
    ['body_not_json', ''],
    ['body_not_json', 'volume=1'],
    ['body_not_json', '{"volume":1'],
    ['body_not_json', '\u0000'],
    ['body_not_of_its_type', '[]'],
    ['body_not_of_its_type', 'null'],
    ['body_not_of_its_type', '"text"'],
    ['body_too_complex', `${'['.repeat(33)}${']'.repeat(33)}`],
    ['body_too_complex', `{"volume":1,"x":${'{"x":'.repeat(32)}1${'}'.repeat(32)}}`],
    ['body_too_complex', '['.repeat(500_000) + ']'.repeat(500_000)],
    ['body_too_complex', `{"volume":1,"x":[${'0,'.repeat(20_000)}0]}`],
    ['body_too_complex', `{${Array.from({ length: 20_001 }, (_, key) => `"k${key}":0`).join(',')}}`],
  ] as const)('is ignored with %s', (reason, body) => {
    expect(reasonOf(envelope({}, body))).toBe(reason);
  });

  it('may be as deep and as large as the largest house needs', () => {
    expect(reasonOf(envelope({}, `{"volume":1,"x":${'{"x":'.repeat(30)}1${'}'.repeat(30)}}`))).toBeNull();
    const four: { players: { id: string }[] } = JSON.parse(recorded('event.groups.s2-four-rooms'));
    const players = Array.from({ length: 128 }, (_, index) => ({
      ...four.players[index % 4],
      id: `RINCON_${index}`,
    }));
    const body = JSON.stringify({ ...four, players });
    const read = readEvent(envelope(HEADERS.groups, body), knows);
    expect(read).toMatchObject({ value: { body: { players: { items: { length: 128 } } } } });
  });

  it('never reaches into a prototype', () => {
    const body = '{"volume":1,"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}';
    const read = readEvent(envelope({}, body), knows);
    expect(read).toMatchObject({ ok: true });
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    if (read.ok) expect((read.value.body as { polluted?: boolean }).polluted).toBeUndefined();
  });

  it('never throws, whatever the body', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json({ maxDepth: 6 })), (body) => {
        for (const headers of Object.values(HEADERS_BY_TYPE)) {
          expect(readEvent(envelope(headers, body), knows)).toHaveProperty('ok');
        }
      }),
      { numRuns: 300 },
    );
  });
});
