import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { until } from '../harness/proc.ts';
import { type House, openHouse } from './house.ts';
import { type Fed, houseRequest, type Republished } from './messages.ts';
import { placeOf } from './place.ts';
import { createEventMaker, type SignedEvent } from './signed-events.ts';
import { createInstantSonos } from './sonos.ts';

// The process that is a whole house of many households, and measures itself.

const PATIENCE_MS = 900_000;
const QUIET_MS = 300;
/** Home Assistant's devices come three seconds after everything else. */
const TOLD_LATER_MS = 3_200;
/** Neighbours in a round of events lie so far from each other, so that no memory is still warm from the one before. */
const STRIDE = 7_919;

const stalls = monitorEventLoopDelay({ resolution: 1 });
const folder = mkdtempSync(join(tmpdir(), 'bench-scale-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const cpuMicros = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

function memory() {
  // Twice, since what the first pass finalises only the second one frees.
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heapBytes: heapUsed + external, residentBytes: rss };
}

interface Inhabited {
  readonly house: House;
  readonly households: number;
}

let inhabited: Inhabited | null = null;

function home(): Inhabited {
  if (inhabited === null) throw new Error('the house is not open');
  return inhabited;
}

/** Settles when nothing was published for a while, and nothing is under way. */
async function quiet({ wire, bridge }: House): Promise<void> {
  let seen = -1;
  let since = performance.now();
  await until(
    'the house to be quiet',
    async () => {
      if (wire.published !== seen || wire.underWay > 0) since = performance.now();
      seen = wire.published;
      if (performance.now() - since < QUIET_MS) return null;
      // That costs something with many households, so it is looked at last.
      const isHeld = bridge.status().every(({ wanted, held }) => wanted > 0 && wanted === held);
      if (!isHeld) await wait(100);
      return isHeld ? true : null;
    },
    PATIENCE_MS,
  );
}

async function open(households: number, brokerPort: number, baseTopic: string): Promise<object> {
  const sonos = createInstantSonos(households);
  const house = await openHouse({ sonos, brokerPort, baseTopic, folder });
  await until('the broker', () => (house.mqtt.link.status.connected ? true : null));
  inhabited = { house, households };
  stalls.enable();
  const [from, cpu] = [performance.now(), cpuMicros()];
  house.bridge.setHouseholds(
    Array.from({ length: households }, (_, index) => ({ id: placeOf(index).household, name: null })),
  );
  const adoptedMs = performance.now() - from;
  await quiet(house);
  return {
    ...{ adoptedMs, settledMs: performance.now() - from - QUIET_MS },
    ...{ cpuMs: (cpuMicros() - cpu) / 1000, longestStallMs: stalls.max / 1e6 },
  };
}

async function settle(): Promise<object> {
  const { house } = home();
  await wait(TOLD_LATER_MS);
  await quiet(house);
  return {
    ...memory(),
    subscriptions: house.bridge.status().reduce((sum, { held }) => sum + held, 0),
    topics: house.mqtt.link.outbox.size.topics,
    window: house.wire.window,
  };
}

const makeEvent = createEventMaker();

function eventsFor(count: number, spread: 'one' | 'all'): SignedEvent[] {
  const { households } = home();
  return Array.from({ length: count }, (_, index) =>
    makeEvent(placeOf(spread === 'one' ? 0 : (index * STRIDE) % households)),
  );
}

/** Takes one event in, and settles when everything that follows from it is acknowledged. */
async function post({ intake, wire }: House, { rawHeaders, body }: SignedEvent): Promise<void> {
  const headers = intake.judge(rawHeaders);
  if (headers === null) throw new Error('an event of the bench was refused');
  const quietAgain = new Promise<void>((resolve) => {
    wire.whenQuiet = resolve;
  });
  const { published } = wire;
  intake.take(headers, body);
  await intake.idle();
  await Promise.resolve();
  if (wire.published === published) throw new Error(`an event of the bench changed nothing: ${body}`);
  await quietAgain;
}

const perTime = (after: { times: number; milliseconds: number }, before: typeof after): number | null =>
  after.times === before.times
    ? null
    : (after.milliseconds - before.milliseconds) / (after.times - before.times);

async function feed(count: number, spread: 'one' | 'all'): Promise<Fed> {
  const { house } = home();
  const events = eventsFor(count, spread);
  const { looks, saves } = house.beside;
  const before = { looks: { ...looks }, saves: { ...saves } };
  const { accepted } = house.intake.counters();
  const { published } = house.wire;
  stalls.reset();
  const [from, cpu] = [performance.now(), cpuMicros()];
  for (const event of events) await post(house, event);
  const [wallMs, cpuUsed] = [performance.now() - from, cpuMicros() - cpu];
  const beside =
    looks.milliseconds - before.looks.milliseconds + saves.milliseconds - before.saves.milliseconds;
  return {
    ...{ events: count, wallMs, cpuMicros: cpuUsed, besideMicros: beside * 1000 },
    accepted: house.intake.counters().accepted - accepted,
    published: house.wire.published - published,
    longestStallMs: stalls.max / 1e6,
    lookMs: perTime(looks, before.looks),
    saveMs: perTime(saves, before.saves),
  };
}

async function republished(): Promise<Republished> {
  const { house } = home();
  const { wire, mqtt } = house;
  const { connections } = wire;
  house.heldForLong();
  await until('another connection', () => (wire.connections > connections ? true : null));
  const cpu = cpuMicros();
  const { topics } = mqtt.link.outbox.size;
  await until('everything to be published', () =>
    wire.publishedSince >= topics && wire.underWay === 0 ? true : null,
  );
  return {
    ...{ topics, published: wire.publishedSince },
    fromBeginMs: wire.acknowledgedAt - wire.begunAt,
    fromLetInMs: wire.acknowledgedAt - wire.letInAt,
    cpuMs: (cpuMicros() - cpu) / 1000,
  };
}

async function answer(message: unknown): Promise<object> {
  const request = houseRequest.parse(message);
  if (request.ask === 'open') return open(request.households, request.brokerPort, request.baseTopic);
  if (request.ask === 'settle') return settle();
  if (request.ask === 'feed') return feed(request.events, request.spread);
  return request.ask === 'republished' ? republished() : memory();
}

process.on('message', (message) => void answer(message).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
process.on('SIGTERM', () => process.exit());
