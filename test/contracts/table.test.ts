import { readdirSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Namespace } from '../../src/bridge/namespaces/define.ts';
import { attributes, namespaceOf, namespaces, roomCommands } from '../../src/bridge/namespaces/index.ts';
import { reduce } from '../../src/bridge/reduce.ts';
import { attributeText, roomPicture, sliceAt } from '../../src/bridge/room-picture.ts';
import type { Json } from '../../src/bridge/sonos.ts';
import { type Household, newHousehold, type Seat, seatOf } from '../../src/bridge/state.ts';
import { readable, wanted } from '../../src/bridge/wanted.ts';
import { HOUSEHOLD, house, NOON, recorded, withEvent, withSession } from '../support/house.ts';

/** What every recorded body is. A file that is not here fails the test below. */
const FIXTURES: Readonly<Record<string, readonly [namespace: string, type: string]>> = {
  'cloud.error.499.playback-no-content.json': ['playback', 'playbackError'],
  'cloud.event.metadataStatus.airplay.json': ['playbackMetadata', 'metadataStatus'],
  'cloud.event.metadataStatus.apple-music-no-container-type.json': ['playbackMetadata', 'metadataStatus'],
  'cloud.event.metadataStatus.idle-stale-container.json': ['playbackMetadata', 'metadataStatus'],
  'cloud.event.metadataStatus.spotify-connect-opening.json': ['playbackMetadata', 'metadataStatus'],
  'cloud.response.groupVolume.json': ['groupVolume', 'groupVolume'],
  'cloud.response.households.json': ['households', 'households'],
  'doc.event.metadataStatus.line-in.json': ['playbackMetadata', 'metadataStatus'],
  'doc.event.sessionError.evicted.json': ['playbackSession', 'sessionError'],
  'doc.event.sessionInfo.suspended.json': ['playbackSession', 'sessionInfo'],
  'doc.response.homeTheaterOptions.json': ['homeTheater', 'homeTheaterOptions'],
  'error.groupCoordinatorChanged.gone.json': ['global', 'groupCoordinatorChanged'],
  'error.groupCoordinatorChanged.moved.json': ['global', 'groupCoordinatorChanged'],
  'event.groupVolume.json': ['groupVolume', 'groupVolume'],
  'event.groups.s2-four-rooms.json': ['groups', 'groups'],
  'event.metadataStatus.radio-stream-url.json': ['playbackMetadata', 'metadataStatus'],
  'event.metadataStatus.spotify-connect-playlist.json': ['playbackMetadata', 'metadataStatus'],
  'event.metadataStatus.station-iheart.json': ['playbackMetadata', 'metadataStatus'],
  'event.metadataStatus.tv-hdmi-dolby51.json': ['playbackMetadata', 'metadataStatus'],
  'event.playbackStatus.radio-stream-url.json': ['playback', 'playbackStatus'],
  'event.playbackStatus.spotify-connect-playing.json': ['playback', 'playbackStatus'],
  'event.playerVolume.json': ['playerVolume', 'playerVolume'],
  'event.versionChanged.favorites.json': ['favorites', 'versionChanged'],
  'response.favoritesList.one-radio.json': ['favorites', 'favoritesList'],
  'response.groups.s2-four-rooms.json': ['groups', 'groups'],
  'response.playbackStatus.spotify-connect-playing.json': ['playback', 'playbackStatus'],
  'response.playerVolume.json': ['playerVolume', 'playerVolume'],
  'response.playlistsList.json': ['playlists', 'playlistsList'],
};

/** Recorded bodies of namespaces that the table does not have, answers without a body of their own, and errors. */
const NOT_OF_THE_TABLE = [
  'cloud.error.401.access-denied-2026.json',
  'cloud.error.401.access-token-expired.json',
  'cloud.error.410.resource-gone.json',
  'doc.error.400.missing-parameters.json',
  'doc.event-envelope.groupVolume.json',
  'doc.response.groupInfo.createGroup.json',
  'doc.response.oauth-token.json',
  'error.globalError.unsupported-namespace.json',
  'response.empty-ack.json',
  'response.sessionStatus.created.json',
];

const rows = namespaces.map((row) => [row.name, row] as const);

/** A body that is complete for each event of the table. */
const COMPLETE: Readonly<Record<string, unknown>> = {
  ...Object.fromEntries(Object.entries(FIXTURES).map(([file, key]) => [key.join(' '), recorded(file)])),
  'playbackMetadata metadataStatus': recorded('event.metadataStatus.spotify-connect-playlist.json'),
  'playlists versionChanged': { version: '5' },
  'audioClip audioClipStatus': {
    audioClips: [{ id: 'c', name: 'Ding', appId: 'com.ring', status: 'ACTIVE', errorCode: 'E' }],
  },
  'settings playerSettings': {
    volumeMode: 'VARIABLE',
    volumeScalingFactor: 0.8,
    monoMode: false,
    wifiDisable: false,
  },
  'deviceInfo devices': recorded('response.groups.s2-four-rooms.json'),
};

const everyEvent = namespaces.flatMap((row) => Object.keys(row.events).map((type) => ({ row, type })));

const silent = withSession(
  house([{ name: 'Kitchen', capabilities: ['PLAYBACK', 'AUDIO_CLIP', 'HT_PLAYBACK'] }, 'Bath'], ['Den']),
  'Kitchen',
);
const knowing = everyEvent
  .filter(({ row, type }) => row.target !== 'account' && row.name !== 'groups' && type !== 'versionChanged')
  .reduce<Household>(
    (home, { row, type }) => withEvent(home, 'Kitchen', row.name, type, COMPLETE[`${row.name} ${type}`]),
    silent,
  );
const empty = newHousehold(HOUSEHOLD, 'home');

const HOUSES = [
  ['nothing is known', empty],
  ['only the groups are known', silent],
  ['everything is known', knowing],
  ['everything is in doubt', { ...knowing, stale: true }],
] as const;

const seats = (home: Household): Seat[] => [...home.rooms.keys()].flatMap((id) => seatOf(home, id) ?? []);

interface Node {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
  readonly items?: Node;
}

/** What stands at a path of a schema, without the possibility that it is null. */
function nodeAt(schema: z.ZodType, path: string): Node | undefined {
  const whole = (node: Node | undefined): Node | undefined =>
    node?.anyOf?.find((each) => each.type !== 'null') ?? node;
  return path
    .split('.')
    .reduce<Node | undefined>((node, key) => whole(node?.properties?.[key]), z.toJSONSchema(schema) as Node);
}

describe('the table', () => {
  it('has every namespace once, and finds it by its name', () => {
    expect(new Set(rows.map(([name]) => name)).size).toBe(rows.length);
    for (const [name, row] of rows) expect(namespaceOf(name)).toBe(row);
  });

  it('has every command, every attribute and every topic once', () => {
    for (const part of ['commands', 'attributes', 'topics'] as const) {
      const names = namespaces.flatMap((row) => Object.keys(row[part]));
      expect(new Set(names).size).toBe(names.length);
    }
    expect(roomCommands.size).toBeGreaterThan(0);
    expect(attributes.size).toBeGreaterThan(0);
  });

  it('names commands, attributes and topics so that they can stand in a topic', () => {
    const names = [
      ...roomCommands.keys(),
      ...attributes.keys(),
      ...namespaces.flatMap((row) => Object.keys(row.topics)),
    ];
    for (const name of names) expect(name).toMatch(/^([a-z]+(_[a-z]+)*)?$/);
  });

  it('lets two rows share a part of a room only when both know it as an object', () => {
    const shapes = namespaces.flatMap((row) =>
      Object.keys(row.room?.schema.shape ?? {}).map((key) => ({ key, row })),
    );
    for (const { key, row } of shapes) {
      if (shapes.filter((each) => each.key === key).length === 1) continue;
      expect(nodeAt(row.room?.schema ?? z.never(), key)?.properties).toBeDefined();
    }
  });

  it.each(rows)('%s: its attributes point at plain values of its own part of a room', (_name, row) => {
    for (const path of Object.values(row.attributes)) {
      const node = nodeAt(row.room?.schema ?? z.object({}), path);
      expect(node, path).toBeDefined();
      const types = [node?.type ?? []].flat().filter((type) => type !== 'null');
      expect(types, path).toHaveLength(1);
      expect(['string', 'number', 'integer', 'boolean', 'array'], path).toEqual(
        expect.arrayContaining(types),
      );
      if (types.includes('array')) expect(node?.items?.type).toBe('string');
    }
  });

  it.each(rows)('%s: its snapshot is one of its own events', (_name, row) => {
    if (row.snapshot === null) return;
    expect(Object.keys(row.events)).toContain(row.snapshot.type);
    expect(row.snapshot.path('RINCON_A:1')).toMatch(/^\/[A-Za-z0-9%_/]+$/);
  });

  it.each(rows)('%s: its commands say what they do, what they take and what they read', (_name, row) => {
    for (const [name, spec] of Object.entries(row.commands)) {
      expect(spec.describe, name).toMatch(/^[A-Z].*\.$/);
      expect(spec.value.name, name).not.toBe('');
      expect(() => z.toJSONSchema(spec.value.schema, { io: 'input' }), name).not.toThrow();
      for (const read of spec.reads)
        expect(namespaceOf(read)?.snapshot, `${name} reads ${read}`).toBeTruthy();
      for (const need of spec.needs)
        expect(namespaceOf(need)?.target, `${name} needs ${need}`).toBe('household');
    }
  });

  it('keeps a command from being sent twice unless it is harmless, and names the URLs of its value', () => {
    expect(roomCommands.get('play')?.repeatable(null)).toBe(true);
    expect(roomCommands.get('next')?.repeatable(null)).toBe(false);
    expect(roomCommands.get('play')?.urls(null)).toEqual([]);
    expect(roomCommands.get('clip')?.urls({ url: 'http://nas/', body: {} })).toEqual(['http://nas/']);
  });
});

/** What rows make of a house, checked: every part of a room and every topic has the shape that its schema says, and nothing more. */
function checkShapes(home: Household): void {
  for (const row of namespaces) {
    for (const { of, schema } of row.room === null ? [] : [row.room]) {
      for (const seat of seats(home)) {
        const part = of(sliceAt(row, seat), seat);
        expect(schema.parse(part)).toEqual(part);
      }
    }
    for (const { of, schema } of Object.values(row.topics)) {
      const value = of(row.slice(home.own), home);
      if (value !== null) expect(schema.parse(value)).toEqual(value);
    }
  }
}

describe('every part of a room and every topic of a household', () => {
  it.each(HOUSES)('has the shape that its schema says when %s', (_what, home) => {
    checkShapes(home);
  });

  it('is known when everything is', () => {
    for (const row of namespaces) {
      for (const [name, topic] of Object.entries(row.topics)) {
        expect(topic.of(row.slice(knowing.own), knowing), name).not.toBeNull();
      }
    }
    const [first] = seats(knowing).filter(({ room }) => room.name === 'Kitchen');
    const picture = first && roomPicture(knowing, first.room);
    const unknown = Object.entries(picture ?? {}).flatMap(([key, value]) => (value === null ? key : []));
    expect(unknown).toEqual(['announcing']);
  });

  it('of a household is the same as long as its grounds are', () => {
    const drawn = (row: Namespace, home: Household) =>
      Object.values(row.topics).map((topic) => ({
        grounds: topic.grounds(row.slice(home.own), home),
        value: topic.of(row.slice(home.own), home),
      }));
    const houses = [...HOUSES.map(([, home]) => home), { ...knowing, rooms: silent.rooms, name: 'Other' }];
    for (const row of namespaces) {
      for (const a of houses) {
        for (const b of houses.filter(({ id }) => id === a.id)) {
          for (const [index, { grounds, value }] of drawn(row, a).entries()) {
            const other = drawn(row, b)[index];
            const isSame = grounds.every((ground, i) => ground === other?.grounds[i]);
            if (isSame) expect(value).toEqual(other?.value);
          }
        }
      }
    }
  });
});

describe('the recorded bodies', () => {
  it('are all known: each is an event of the table, or none', () => {
    const files = readdirSync(new URL('../fixtures/payloads/', import.meta.url)).filter((file) =>
      file.endsWith('.json'),
    );
    expect([...Object.keys(FIXTURES), ...NOT_OF_THE_TABLE].sort()).toEqual(files.sort());
  });

  it.each(Object.entries(FIXTURES))('%s is read, and says something', (file, [namespace, type]) => {
    const spec = namespaceOf(namespace)?.events[type];
    const read = spec?.schema.safeParse(recorded(file));
    expect(read?.success).toBe(true);
    const { household, happenings, doubt } = reduce(silent, {
      household: HOUSEHOLD,
      namespace,
      type,
      target: targetOf(silent, namespace),
      sequence: '1',
      body: read?.data,
      at: NOON,
    });
    const isOfAList = namespace === 'households' || type === 'versionChanged';
    expect(household !== silent || happenings.length > 0 || doubt !== 'nothing' || isOfAList).toBe(true);
  });

  it.each(['doc.event-envelope.groupVolume.json'])('%s holds an event of the table', (file) => {
    const envelope = z
      .object({ headers: z.record(z.string(), z.string()), body: z.unknown() })
      .parse(recorded(file));
    const spec = namespaceOf(envelope.headers['X-Sonos-Namespace'] ?? '')?.events[
      envelope.headers['X-Sonos-Type'] ?? ''
    ];
    expect(spec?.schema.safeParse(envelope.body)).toMatchObject({ success: true, data: { volume: 16 } });
  });

  it('of every event of the table there is one to try', () => {
    for (const { row, type } of everyEvent) expect(COMPLETE).toHaveProperty([`${row.name} ${type}`]);
  });
});

function targetOf(home: Household, namespace: string): string {
  const kind = namespaceOf(namespace)?.target;
  if (kind === 'session') return [...home.sessions.keys()].slice(0, 1).join();
  if (kind === 'group') return [...(home.topology?.groups.keys() ?? [])].slice(0, 1).join();
  return kind === 'player' ? [...(home.topology?.players.keys() ?? [])].slice(0, 1).join() : home.id;
}

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, here: Path = []): Path[] =>
  typeof value === 'object' && value !== null
    ? [here, ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, [...here, key]))]
    : [here];

/** A copy of which the value at a path is another. */
function withAt(value: unknown, path: Path, other: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return other;
  if (Array.isArray(value))
    return value.map((inner, index) => (String(index) === String(key) ? withAt(inner, rest, other) : inner));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(
    ([name, inner]) => [name, name === key ? withAt(inner, rest, other) : inner] as const,
  );
  return Object.fromEntries(entries);
}

const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<Json>(
    null,
    true,
    '',
    '5',
    '-1',
    1e308,
    -0,
    'PLAYBACK_STATE_DREAMING',
    '\ud800',
    '\u0000',
    [],
    {},
    'x'.repeat(70_000),
  ),
  fc.constant(JSON.parse('{"__proto__": {"volume": 5}, "constructor": 1, "toString": null}')),
  fc.array(fc.constant(null), { maxLength: 3 }),
);

/** A body of an event in which some values are others, and some are new. */
const spoiled = (body: unknown): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(fc.nat(), odd, fc.boolean()), { maxLength: 6 }).map((changes) =>
    changes.reduce<unknown>((each, [index, other, isNew]) => {
      const paths = pathsOf(each);
      const path = paths[index % paths.length] ?? [];
      if (!isNew) return withAt(each, path, other);
      const there = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], each);
      return typeof there === 'object' && there !== null && !Array.isArray(there)
        ? withAt(each, path, { ...there, brandNew: other })
        : withAt(each, path, other);
    }, body),
  );

const anyEvent = fc
  .constantFrom(...everyEvent)
  .chain(({ row, type }) =>
    fc
      .oneof(
        { arbitrary: spoiled(COMPLETE[`${row.name} ${type}`]), weight: 5 },
        { arbitrary: odd, weight: 1 },
      )
      .map((body) => ({ namespace: row.name, type, body })),
  );

describe('whatever Sonos sends', () => {
  it('is read or refused, and what it makes of a house can always be shown', () => {
    let read = 0;
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1, maxLength: 6 }), fc.boolean(), (events, isKnowing) => {
        let home = isKnowing ? knowing : silent;
        for (const { namespace, type, body } of events) {
          const parsed = namespaceOf(namespace)?.events[type]?.schema.safeParse(body);
          if (!parsed?.success) continue;
          read += 1;
          const event = {
            household: HOUSEHOLD,
            namespace,
            type,
            target: targetOf(home, namespace),
            sequence: null,
            body: parsed.data,
            at: NOON,
          };
          const { household, happenings } = reduce(home, event);
          expect(reduce(household, event).household).toBe(household);
          JSON.stringify(happenings);
          home = household;
        }
        checkShapes(home);
        for (const room of home.rooms.values()) {
          expect(room.address).toMatch(/^[a-z0-9-]{1,48}$/);
          const picture = roomPicture(home, room);
          if (picture === null) continue;
          JSON.stringify(picture);
          for (const name of attributes.keys()) expect(attributeText(picture, name)).not.toContain('[object');
        }
        expect(new Set([...home.rooms.values()].map(({ address }) => address)).size).toBe(home.rooms.size);
        for (const { path } of [...wanted(home).subscriptions, ...readable(home)])
          expect(path).toMatch(/^\/[\x21-\x7e]+$/);
      }),
      { numRuns: 400 },
    );
    expect(read).toBeGreaterThan(200);
  });
});
