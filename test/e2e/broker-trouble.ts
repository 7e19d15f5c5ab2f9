import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { z } from 'zod';
import type { Household } from '../../src/bridge/state.ts';
import { createRenderer } from '../../src/mqtt/render.ts';
import { list, track } from '../../src/sim/index.ts';
import type { Chance } from '../../src/sim/random.ts';
import { eventually, isPassing, Observer, type RunningHouse } from './house.ts';

// What the tests share in which the broker, or the way to it, fails: the truth, a household that lives on, and what
// the process holds.

const roomSchema = z.object({
  id: z.string(),
  name: z.string(),
  online: z.boolean(),
  stale: z.boolean(),
  state: z.string(),
  volume: z.number(),
  muted: z.boolean(),
  group: z.object({ coordinator: z.string(), members: z.array(z.string()), volume: z.number() }),
  track: z.object({ title: z.string().nullable() }).nullable(),
});

/** Sonos' words and the contract's. */
const STATES: Readonly<Record<string, string>> = {
  PLAYBACK_STATE_PLAYING: 'playing',
  PLAYBACK_STATE_PAUSED: 'paused',
  PLAYBACK_STATE_IDLE: 'idle',
  PLAYBACK_STATE_BUFFERING: 'buffering',
};

const metadataSchema = z.object({
  currentItem: z.object({ track: z.object({ name: z.string() }).optional() }).optional(),
  streamInfo: z.string().optional(),
});

/** The title of what a group plays, in Sonos' own telling. */
function playing(body: unknown): string | null {
  const { currentItem, streamInfo } = metadataSchema.parse(body ?? {});
  return currentItem?.track?.name ?? streamInfo ?? null;
}

/** What a bridge that has just come would retain, the bridge's own counts left out. */
function rendered({ app }: RunningHouse): Map<string, string> {
  const { topics } = app.mqtt;
  const renderer = createRenderer(topics);
  const all = app.bridge.households.flatMap((household) => [...renderer.all(household)]);
  return new Map([...all.filter(([, payload]) => payload !== ''), [topics.availability, 'online']]);
}

/** What a room should show, as the simulated Sonos has it. */
function worldly({ sonos }: RunningHouse, household: Household, id: string) {
  const room = sonos.world.room(id);
  const { home } = sonos.world.find(id);
  const group = home.topology.groupOf(id);
  const address = (player: string): string => household.rooms.get(player)?.address ?? `nowhere: ${player}`;
  return {
    id,
    name: room.name,
    online: room.online,
    stale: false,
    state: STATES[room.state ?? ''] ?? room.state,
    volume: room.volume,
    muted: room.muted,
    group: {
      coordinator: address(group?.coordinatorId ?? ''),
      members: (group?.playerIds ?? []).map(address).sort(),
      volume: room.groupVolume,
    },
    title: playing(sonos.world.snapshot(room.household, 'playbackMetadata', group?.id ?? '')?.body),
  };
}

/** Nobody names a preset in these houses. */
const NO_PRESETS = '{"items":[]}';

/** What is wrong with what the broker keeps: held against the bridge's own rendering, and against Sonos itself. */
function untruths(house: RunningHouse, kept: ReadonlyMap<string, string>): string[] {
  const expected = rendered(house);
  const { bridgeState: own, bridgePresets: presets } = house.app.mqtt.topics;
  const faults = [...expected]
    // What is no Unicode arrives as the mark for that.
    .filter(([topic, payload]) => kept.get(topic) !== Buffer.from(payload).toString())
    .map(([topic, payload]) => `${topic} holds ${kept.get(topic)} instead of ${payload}`);
  for (const topic of kept.keys()) {
    if (!expected.has(topic) && topic !== own && topic !== presets && !isPassing(topic))
      faults.push(`${topic} means nothing`);
  }
  if (!kept.has(own)) faults.push(`${own} holds nothing`);
  if (kept.get(presets) !== NO_PRESETS) faults.push(`${presets} holds ${kept.get(presets)}`);
  for (const household of house.app.bridge.households) {
    for (const { playerId, address } of household.rooms.values()) {
      const read = roomSchema.safeParse(JSON.parse(kept.get(`sonos/${household.alias}/${address}`) ?? '{}'));
      const { track: item, ...shown } = read.data ?? { track: null };
      const truth = JSON.stringify(worldly(house, household, playerId));
      const told = JSON.stringify({ ...shown, title: item?.title ?? null });
      if (told !== truth) faults.push(`${address} is ${truth}, not ${told}`);
    }
  }
  return faults;
}

/** Somebody who comes now hears the whole truth and nothing else. */
export async function expectTruth(
  house: RunningHouse,
  port: number,
  options: Parameters<typeof Observer.connect>[1] = {},
): Promise<void> {
  const late = await Observer.connect(port, options);
  try {
    await becomesTrue(house, late);
  } finally {
    await late.end();
  }
}

/** Waits until an observer holds the whole truth. */
export async function becomesTrue(house: RunningHouse, observer: Observer): Promise<void> {
  await eventually(
    () => (untruths(house, observer.topics).length === 0 ? true : undefined),
    'the truth at the broker',
    () => untruths(house, observer.topics).slice(0, 5),
  );
}

/** Waits until the bridge knows what Sonos is, broker or not. */
export async function knowsAll(house: RunningHouse): Promise<void> {
  const { bridgeState, bridgePresets } = house.app.mqtt.topics;
  const own = [[bridgeState, ''] as const, [bridgePresets, NO_PRESETS] as const];
  const look = () => untruths(house, new Map([...rendered(house), ...own]));
  await eventually(() => (look().length === 0 ? true : undefined), 'the bridge to know all', look);
}

/** One small thing that people do, leaving the volume of these rooms alone. */
function doSomething({ sonos: { world } }: RunningHouse, chance: Chance, untouched: readonly string[]): void {
  const rooms = world.rooms();
  const room = chance.pick(rooms);
  const deeds: readonly (() => void)[] = [
    () => {
      const free = rooms.filter(({ name }) => !untouched.includes(name));
      if (free.length > 0) world.setVolume(chance.pick(free).id, chance.integer(0, 100));
    },
    () => world.mute(room.id, !room.muted),
    () => {
      const name = chance.text(12);
      world.load(
        room.id,
        list(name, 'album', [track(name, chance.text(8), name, 100)]),
        chance.fraction() < 0.8,
      );
    },
    () => {
      const other = chance.pick(rooms);
      if (other.id === room.id || room.members.length > 1) world.ungroup(room.id);
      else world.group(other.id, room.id);
    },
  ];
  // Mostly what makes one event or two, now and then a regrouping.
  const [volume, mute, load, regroup] = deeds;
  const weighted = [volume, volume, volume, mute, mute, load, load, load, load, regroup];
  chance.pick(weighted)?.();
}

/** A household in which so many things happen every second. */
export function live(
  house: RunningHouse,
  chance: Chance,
  perSecond: number,
  untouched: readonly string[] = [],
) {
  let changes = 0;
  const began = performance.now();
  const timer = setInterval(() => {
    // As many as are due by now: an interval that comes late must not make the life slower.
    const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
    for (; changes < due; changes += 1) doSomething(house, chance, untouched);
  }, 10);
  return {
    get changes() {
      return changes;
    },
    stop: () => clearInterval(timer),
  };
}

/** The lines of the house's log, oldest first. */
export async function logLines({ folder }: RunningHouse) {
  const line = z.looseObject({ level: z.string(), msg: z.string(), room: z.string().optional() });
  const text = await readFile(join(folder, 'log'), 'utf8');
  return text
    .split('\n')
    .filter((each) => each !== '')
    .map((each) => line.parse(JSON.parse(each)));
}

/** What the process holds when everything that nobody needs is gone: bytes of heap, and handles by kind. */
export async function holdings() {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('expected a garbage collector');
  for (let round = 0; round < 4; round += 1) {
    await wait(20);
    collect();
  }
  const handles = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) handles.set(kind, (handles.get(kind) ?? 0) + 1);
  return { heapMiB: process.memoryUsage().heapUsed / 2 ** 20, handles };
}

/** A line of mosquitto's password file. */
export function passwordLine(user: string, password: string): string {
  const salt = randomBytes(12);
  const hash = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${user}:$7$101$${salt.toString('base64')}$${hash.toString('base64')}\n`;
}
