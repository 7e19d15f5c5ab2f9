import { version } from '../../src/app/version.ts';
import { namespaceOf } from '../../src/bridge/namespaces/index.ts';
import { reduce } from '../../src/bridge/reduce.ts';
import { type Household, newHousehold } from '../../src/bridge/state.ts';
import { readable, type WantedSnapshot, wanted } from '../../src/bridge/wanted.ts';
import { createDiscovery, type Discovery } from '../../src/mqtt/discovery/discovery.ts';
import { identityOf } from '../../src/mqtt/discovery/identity.ts';
import { createRenderer } from '../../src/mqtt/render.ts';
import { topicsOf } from '../../src/mqtt/topics.ts';
import type { RoomView } from '../../src/sim/room-view.ts';
import type { House } from './house.ts';
import { SIMULATED_CHIMES } from './speech.ts';

const topics = topicsOf('sonos');
const HOUR_MS = 3_600_000;
/** Sonos ends a subscription after three days. */
const LAPSE_MS = 72 * HOUR_MS;

/** Asks the simulated Sonos directly, past network and bridge. */
function ask(house: House, token: string, read: WantedSnapshot): unknown {
  const headers = { authorization: `Bearer ${token}` };
  const { status, body } = house.cloud.handle({
    method: 'GET',
    path: `/control/api/v1${read.path}`,
    headers,
    body: '',
  });
  if (status !== 200) throw new Error(`Sonos answers ${status} to ${read.path} at a quiet moment.`);
  return JSON.parse(body);
}

/** The household as it would be had the bridge only just looked; addresses are the bridge's, since they have a history. */
function fresh(house: House, known: Household, token: string): Household {
  let household: Household = { ...newHousehold(known.id, known.alias, known.name), rooms: known.rooms };
  const take = (read: WantedSnapshot): void => {
    const body = namespaceOf(read.namespace)?.events[read.type]?.schema.parse(ask(house, token, read));
    const { namespace, type, target } = read;
    const at = house.machine.calendar;
    household = reduce(household, {
      household: known.id,
      namespace,
      type,
      target,
      sequence: null,
      body,
      at,
    }).household;
  };
  const isGroups = (read: WantedSnapshot): boolean => read.namespace === 'groups';
  for (const read of readable(household).filter(isGroups)) take(read);
  for (const read of readable(household).filter((each) => !isGroups(each))) take(read);
  return household;
}

interface Position {
  readonly seconds: number;
  readonly at: string;
}

/** A room's text without its position, and the position by itself: it moves on between two looks. */
function apart(text: string): {
  readonly text: string;
  readonly position: Position | null;
  readonly state: unknown;
} {
  const { position = null, ...rest } = JSON.parse(text);
  return { text: JSON.stringify(rest), position, state: rest.state };
}

function samePosition(a: Position | null, b: Position | null, state: unknown): boolean {
  if (a === null || b === null) return a === b;
  const passed = state === 'playing' ? (Date.parse(b.at) - Date.parse(a.at)) / 1000 : 0;
  return Math.abs(a.seconds + passed - b.seconds) <= 2.1;
}

function differs(topic: string, is: string | undefined, should: string): string | null {
  if (is === should) return null;
  if (is === undefined) return `${topic} is missing; it should be ${should.slice(0, 200)}`;
  if (is.startsWith('{"device"') && withoutGone(is) === should) return null;
  if (is.startsWith('{"id"') && should.startsWith('{"id"')) {
    const [a, b] = [apart(is), apart(should)];
    if (a.text === b.text && samePosition(a.position, b.position, b.state)) return null;
  }
  return `${topic} is ${is.slice(0, 900)}; it should be ${should.slice(0, 900)}`;
}

/** What Home Assistant should be told. */
function discoveryOf(): Discovery {
  return createDiscovery({
    ...{ topics, version, prefix: 'homeassistant', identity: identityOf('sonos'), known: new Map() },
    chimes: SIMULATED_CHIMES,
  });
}

/** A device without what only takes away a component that was there before. */
function withoutGone(text: string): string {
  const device = JSON.parse(text);
  const left = Object.entries<object>(device.components).filter(([, it]) => Object.keys(it).length > 1);
  return JSON.stringify({ ...device, components: Object.fromEntries(left) });
}

/** The broker's retained topics against a fresh look at Sonos. */
export function wrongTopics(house: House): string[] {
  const token = house.cloud.grantTokens().accessToken;
  const discovery = discoveryOf();
  const expected = new Map<string, string>([[topics.availability, 'online'], ...(discovery.fixed?.() ?? [])]);
  const kept = new Set<string>([topics.bridgePresets, topics.bridgeState]);
  for (const known of house.app.bridge.households) {
    const now = fresh(house, known, token);
    const rendering = new Map([...createRenderer(topics).all(now), ...discovery.draw(now)]);
    for (const [topic, payload] of rendering) if (payload !== '') expected.set(topic, payload);
    for (const topic of discovery.kept?.(now) ?? []) kept.add(topic);
  }
  const { retained } = house.broker;
  const wrong = [...expected].flatMap(([topic, should]) => differs(topic, retained.get(topic), should) ?? []);
  const ghosts = [...retained.keys()].filter((topic) => !expected.has(topic) && !kept.has(topic));
  return [
    ...wrong,
    ...ghosts.map((topic) => `${topic} should not be there: ${retained.get(topic)?.slice(0, 120)}`),
  ];
}

const STATES: Readonly<Record<string, string>> = {
  PLAYBACK_STATE_PLAYING: 'playing',
  PLAYBACK_STATE_PAUSED: 'paused',
  PLAYBACK_STATE_IDLE: 'idle',
  PLAYBACK_STATE_BUFFERING: 'buffering',
};

/** What a person would see who holds the simulated house against the topics, without any of the bridge's own reading. */
export function wrongToTheEye(house: House): string[] {
  const shown = [...house.broker.retained]
    .filter(([topic, payload]) => topic.split('/').length === 3 && payload.startsWith('{"id"'))
    .map(([, payload]) => JSON.parse(payload));
  const rooms = house.cloud.world.rooms();
  return rooms.flatMap((room) => {
    const found = shown.filter(({ id }) => id === room.id);
    if (found.length > 1) return [`${room.name} is shown ${found.length} times`];
    return found.length === 0 ? [`${room.name} is not shown`] : wrongRoom(room, found[0]);
  });
}

function wrongRoom(
  room: RoomView,
  shown: Record<string, unknown> & {
    group?: { members?: string[] };
    home_theater?: { night_mode: unknown; dialog: unknown } | null;
  },
): string[] {
  if (shown.online !== room.online) return [`${room.name} is shown ${shown.online ? 'online' : 'offline'}`];
  if (!room.online) return [];
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ['name', shown.name, room.name],
    ['volume', shown.volume, room.volume],
    ['muted', shown.muted, room.muted],
    ['state', shown.state, STATES[room.state ?? ''] ?? room.state],
    ['members', shown.group?.members?.length, room.members.length],
    ['stale', shown.stale, false],
    [
      'volume limit',
      shown.volume_limit,
      room.fixed ? null : Math.round(room.settings.volumeScalingFactor * 100),
    ],
    ...theaterPairs(room, shown.home_theater),
  ];
  return pairs.flatMap(([what, is, should]) =>
    is === should ? [] : [`${room.name}: ${what} is shown as ${String(is)}, and is ${String(should)}`],
  );
}

/** A room that is shown with no home theatre has nothing to compare: what there is of it is in its topics. */
const theaterPairs = (
  { theater }: RoomView,
  shown: { night_mode: unknown; dialog: unknown } | null | undefined,
): readonly (readonly [string, unknown, unknown])[] =>
  shown == null
    ? []
    : [
        ['night mode', shown.night_mode, theater.nightMode],
        ['dialog', shown.dialog, theater.enhanceDialog],
      ];

/** Subscriptions that are old, or that Sonos does not hold. */
export function wrongSubscriptions(house: House, mustBeHeld: boolean): string[] {
  const wrong: string[] = [];
  for (const { oldestAgeMs, held, wanted: count } of house.app.bridge.status()) {
    if (oldestAgeMs !== null && oldestAgeMs > LAPSE_MS) {
      wrong.push(`a subscription is ${Math.round(oldestAgeMs / HOUR_MS)} hours old`);
    }
    if (mustBeHeld && held !== count) wrong.push(`${held} of ${count} subscriptions are held`);
  }
  if (!mustBeHeld) return wrong;
  const sonos = new Set(house.cloud.subscriptions().map(({ namespace, target }) => `${namespace} ${target}`));
  for (const household of house.app.bridge.households) {
    for (const { key } of wanted(household).subscriptions) {
      if (!sonos.has(key)) wrong.push(`Sonos does not hold ${key}`);
    }
  }
  return wrong;
}

/** How many sequence numbers the disk holds. */
function marksOnDisk({ disk }: House): number {
  const document: Record<string, unknown> = JSON.parse(disk.textOf('sequence-marks.json') ?? '{}');
  const households = Object.values(document).filter((each) => typeof each === 'object' && each !== null);
  return households.reduce<number>((sum, marks) => sum + Object.keys(marks).length, 0);
}

/** How many announcements the disk holds. */
function announcementsOnDisk({ disk }: House): number {
  const { items = [] }: { items?: unknown[] } = JSON.parse(disk.textOf('announcements.json') ?? '{}');
  return items.length;
}

/** Whether something waits to be said, or is said. */
export const hasAnnouncements = (house: House): boolean => announcementsOnDisk(house) > 0;

/** Whatever is remembered is about something that is there. */
export function wrongSizes(house: House): string[] {
  const rooms = house.cloud.world.rooms().length;
  const { requests_per_minute } = house.config.sonos;
  const { unacknowledged, waiting, topics: remembered } = house.app.mqtt.link.outbox.size;
  const bounds: readonly (readonly [string, number, number])[] = [
    ['unacknowledged messages', unacknowledged, 0],
    ['one-offs that wait', waiting, 0],
    ['topics in the outbox', remembered, house.broker.retained.size + 40 * rooms],
    ['commands that wait', house.app.bridge.waiting, 0],
    ['requests that wait', house.app.sonos.budget.waiting(), 0],
    ['requests of the last minute', house.app.sonos.budget.usedLastMinute(), requests_per_minute],
    ['timers', house.timers, 12 + 2 * rooms],
    ['announcements on the disk', announcementsOnDisk(house), 0],
    ['numbers of events', marksOnDisk(house), 4 + 9 * rooms],
  ];
  return bounds.flatMap(([what, is, most]) =>
    is <= most ? [] : [`${is} ${what}, where ${most} are the most`],
  );
}
