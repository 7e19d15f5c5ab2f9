import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServedOutbox } from '../../src/mqtt/outbox.ts';
import { createChance } from '../../src/sim/random.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { figure, isLong, sized } from '../support/figures.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { becomesTrue, expectTruth, holdings, knowsAll, live, logLines } from './broker-trouble.ts';
import { expectSettled, keepLedger, Senders, STEPPED, sender, step } from './command-senders.ts';
import { expectContract } from './contract.ts';
import { flowing, isPassing, Observer, type RunningHouse, startHouse } from './house.ts';

const SEED = Number(process.env.SEED ?? 20_261_123);
const OUTAGE_MS = 600_000;
/** How fast the bridge's time passes while the broker is away. */
const HURRY = sized(80, 1);
/** And while the link is waited for: its ten seconds of patience must not become too few for a busy machine. */
const RETURN_HURRY = sized(30, 1);
const REST_HURRY = 30;
const CHANGES_PER_SECOND = 50;
const COMMANDS_PER_SECOND = 200;
/** How long commands come before the outage, and half as long after it. */
const BURST_MS = 1_200;
/** The outbox's own limits. */
const MOST_ANSWERS = 1000;
const LARGEST_WINDOW = 64;
const TEST_MS = OUTAGE_MS / HURRY + 120_000;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function move() {
  const clock = createHurriedClock();
  const mosquitto = await startMosquitto();
  ends.push(() => mosquitto.stop());
  const proxy = await startFaultProxy(mosquitto.port);
  ends.push(() => proxy.stop());
  const house = await startHouse({
    brokerPort: proxy.port,
    clock,
    settings: { log: { level: 'info' } },
    // Hurried time must not make Sonos impatient.
    sonos: { knobs: { bufferMs: 5, answerMs: 600_000, quotaPerMinute: 1_000_000, spikePerSecond: 10_000 } },
  });
  ends.push(
    () => house.stop(),
    () => clock.rate(1),
  );
  await flowing(house);
  for (const room of Object.keys(STEPPED)) house.sonos.world.setVolume(room, 0);
  await house.sonos.delivered();
  await knowsAll(house);
  await expectTruth(house, mosquitto.port);
  const senders = new Senders(mosquitto.port, 'steps');
  ends.push(() => senders.end());
  await senders.ready();
  const life = live(house, createChance(SEED), CHANGES_PER_SECOND, Object.keys(STEPPED));
  ends.push(() => life.stop());
  return { clock, mosquitto, proxy, house, senders, life, ledger: keepLedger(house) };
}

type Scene = Awaited<ReturnType<typeof move>>;

/** How much the outbox remembers. */
const sizeOf = ({ app }: RunningHouse) => (app.mqtt.link.outbox as ServedOutbox).size;

/** How many topics there can be for this household, however many of them hold nothing. */
function topicsAtMost({ app }: RunningHouse): number {
  const addresses = app.bridge.households.flatMap(({ alias, rooms }) => [
    alias,
    ...[...rooms.values()].map(({ address }) => `${alias}/${address}`),
  ]);
  const { topics } = app.mqtt;
  const ofTheBridge = [topics.availability, topics.bridgeState, topics.bridgePresets];
  const retained = [...ofTheBridge, ...addresses.flatMap(topics.retainedBelow)];
  // Home Assistant is told of every room, and of the bridge.
  const devices = app.bridge.households.reduce((sum, { rooms }) => sum + rooms.size, 1);
  return retained.length + devices;
}

/** Lets the time of the outage pass by the bridge's clock, and looks at what could grow meanwhile. */
async function sitThrough({ clock, house }: Scene, began: number): Promise<void> {
  clock.rate(HURRY);
  const most = { waiting: 0, unacknowledged: 0, topics: 0 };
  const first = await holdings();
  while (clock.elapsed() - began < OUTAGE_MS) {
    const size = sizeOf(house);
    for (const key of ['waiting', 'unacknowledged', 'topics'] as const)
      most[key] = Math.max(most[key], size[key]);
    await wait(isLong ? 500 : 50);
  }
  const last = await holdings();
  figure('outbox at most', JSON.stringify(most));
  figure('heap in the outage, first and last, MiB', `${first.heapMiB.toFixed(1)} ${last.heapMiB.toFixed(1)}`);
  expect(most.waiting).toBeLessThanOrEqual(MOST_ANSWERS);
  expect(most.unacknowledged).toBeLessThanOrEqual(LARGEST_WINDOW);
  expect(most.topics).toBeLessThanOrEqual(topicsAtMost(house));
  expect(last.heapMiB - first.heapMiB).toBeLessThan(10);
  expect(house.app.mqtt.link.status.connected).toBe(false);
}

/** The household has come to rest, and the bridge knows everything that happened in it. */
async function comesToRest({ clock, house, life }: Scene): Promise<void> {
  life.stop();
  // Hurried events seem late to the bridge, which then doubts what it knows until it has read it.
  clock.rate(REST_HURRY);
  await house.sonos.delivered();
  await knowsAll(house);
  clock.rate(1);
}

/** From the moment the link is up, it takes less than a second until an observer holds the truth. */
async function expectTruthWithinASecond({ house, clock }: Scene, observer: Observer): Promise<void> {
  const { link } = house.app.mqtt;
  const up = new Promise<number>((resolve) => {
    const cancel = link.onStatus(({ connected }) => {
      if (!connected) return;
      cancel();
      clock.rate(1);
      resolve(performance.now());
    });
  });
  expect(link.status.connected).toBe(false);
  clock.rate(RETURN_HURRY);
  const began = await up;
  await becomesTrue(house, observer);
  const took = performance.now() - began;
  figure('from the return of the link to the truth, ms', Math.round(took));
  expect(took).toBeLessThan(1000);
}

/** Each retained topic came to the observer about once. */
function expectNoFlood(observer: Observer, mostOfEach: number): void {
  const times = new Map<string, number>();
  const retained = observer.messages.filter((seen) => !isPassing(seen.topic));
  for (const { topic } of retained) times.set(topic, (times.get(topic) ?? 0) + 1);
  figure('retained publishes after the return, and topics', `${retained.length}, ${times.size}`);
  // The bridge's own two also say how it is.
  const floods = [...times].filter(
    ([topic, count]) => count > mostOfEach && !topic.startsWith('sonos/bridge/'),
  );
  expect(floods).toEqual([]);
  expect(times.size).toBeGreaterThan(100);
}

async function expectOneLineEach({ house }: Scene): Promise<void> {
  const said = async () =>
    (await logLines(house)).filter(({ room }) => room === 'mqtt').map(({ msg }) => msg);
  // Lines are written in batches.
  await expect.poll(said).toContainEqual(expect.stringContaining('is back after'));
  const lines = await said();
  figure('lines of the link in its log', lines.length);
  expect(lines.filter((line) => line.startsWith('Lost the MQTT broker'))).toHaveLength(1);
  expect(lines.filter((line) => line.includes('is back after'))).toHaveLength(1);
  // Beside those: the first connection, why attempts fail, and that answers were dropped.
  expect(lines.length).toBeLessThanOrEqual(8);
}

describe.skipIf(!mosquittoIsInstalled)('ten minutes without a broker', () => {
  it('end with the truth when it was killed, under 200 commands and 50 changes a second', {
    timeout: TEST_MS,
  }, async () => {
    const scene = await move();
    const { clock, mosquitto, house, ledger, senders, life } = scene;
    const stopTrying = senders.start(COMMANDS_PER_SECOND);
    await wait(BURST_MS);
    const began = clock.elapsed();
    await mosquitto.kill();
    await wait(100);
    const taken = ledger.taken.length;
    expect(taken).toBeGreaterThan(COMMANDS_PER_SECOND / 2);
    // Those that were under way find their end.
    await expectSettled(house, ledger);
    // Somebody's client keeps what it cannot send; at least it says until when that makes sense.
    const patient = sender(mosquitto.port, { manualConnect: true });
    ends.push(() => patient.endAsync(true));
    for (let number = 0; number < 100; number += 1) {
      const { topic, payload } = step(number, `late-${number}`, new Date(clock.now() + 10_000));
      patient.publish(topic, payload, { qos: 1 }, () => {});
    }
    await sitThrough(scene, began);
    stopTrying();
    figure('changes, commands tried, in vain', `${life.changes}, ${senders.tried}, ${senders.refused}`);
    expect(ledger.taken).toHaveLength(taken);
    await comesToRest(scene);

    // Held, so that the observer is there before the bridge.
    clock.rate(0);
    await mosquitto.restart();
    const observer = await Observer.connect(mosquitto.port, { keepalive: 0 });
    await expectTruthWithinASecond(scene, observer);
    await expectTruth(house, mosquitto.port);
    expectNoFlood(observer, 1);

    patient.connect();
    const late = () => [...ledger.answers].filter(([id]) => id.startsWith('late-'));
    await expect.poll(() => late().length, { timeout: 10_000 }).toBe(100);
    const tried = senders.tried;
    await senders.ready();
    const stopAgain = senders.start(COMMANDS_PER_SECOND);
    await wait(BURST_MS / 2);
    stopAgain();
    await expect.poll(() => ledger.taken.length).toBe(taken + 100 + senders.tried - tried);
    await expectSettled(house, ledger, ['expired']);
    expect(late().filter(([, codes]) => codes[0] !== 'expired')).toEqual([]);
    await becomesTrue(house, observer);
    expectContract(observer);
    await observer.end();
    await expectOneLineEach(scene);
  });

  it('end with the truth when it was only held, and never hung up', { timeout: TEST_MS }, async () => {
    const scene = await move();
    const { clock, mosquitto, house, ledger, senders, life } = scene;
    const observer = await Observer.connect(mosquitto.port, { keepalive: 0, reconnectPeriod: 0 });
    const stopSending = senders.start(COMMANDS_PER_SECOND);
    await wait(BURST_MS);
    const began = clock.elapsed();
    mosquitto.signal('SIGSTOP');
    stopSending();
    await wait(100);
    await expectSettled(house, ledger);
    const taken = ledger.taken.length;
    // What is sent from now on arrives when mosquitto goes on, and nobody wants it then.
    const tried = senders.tried;
    const stopTrying = senders.start(COMMANDS_PER_SECOND, () => new Date(clock.now() + 5_000));
    await sitThrough(scene, began);
    stopTrying();
    figure('changes, commands tried while it was held', `${life.changes}, ${senders.tried - tried}`);
    await comesToRest(scene);

    observer.messages.length = 0;
    mosquitto.signal('SIGCONT');
    await expectTruthWithinASecond(scene, observer);
    await expectTruth(house, mosquitto.port);
    // Once what the old connection had still said, once everything.
    expectNoFlood(observer, 2);
    expect(observer.closed).toBe(0);
    await wait(1000);
    figure('commands that came late', ledger.taken.length - taken);
    const codes = ledger.taken.slice(taken).map((id) => ledger.answers.get(id)?.[0]);
    expect(codes.filter((code) => code !== 'expired')).toEqual([]);
    await expectSettled(house, ledger, codes.length === 0 ? [] : ['expired']);
    expectContract(observer);
    await observer.end();
    await expectOneLineEach(scene);
  });

  it('end with the truth when it could be heard and did not hear us', { timeout: TEST_MS }, async () => {
    const scene = await move();
    const { clock, mosquitto, proxy, house, ledger, senders } = scene;
    const { link } = house.app.mqtt;
    const passed = proxy.up.passed;
    const began = clock.elapsed();
    proxy.up.isStalled = true;
    // By the bridge's clock, 200 commands a second until it finds out that nothing is acknowledged. Most of them are
    // such as cost Sonos nothing.
    const speed = sized(10, 1);
    clock.rate(speed);
    const stopSending = senders.start(12 * speed);
    const nonsense = sender(mosquitto.port);
    ends.push(() => nonsense.endAsync(true));
    let wrong = 0;
    const timer = setInterval(() => {
      for (const end = wrong + (188 * speed) / 20; wrong < end; wrong += 1) {
        const payload = JSON.stringify({ id: `wrong-${wrong}` });
        nonsense.publish('sonos/home/office/set/nothing', payload, { qos: 0 });
      }
    }, 50);
    ends.push(() => clearInterval(timer));
    const most = { waiting: 0, unacknowledged: 0 };
    while (link.status.connected && clock.elapsed() - began < OUTAGE_MS) {
      const { waiting, unacknowledged } = sizeOf(house);
      most.waiting = Math.max(most.waiting, waiting);
      most.unacknowledged = Math.max(most.unacknowledged, unacknowledged);
      await wait(5);
    }
    stopSending();
    clearInterval(timer);
    figure('seconds until the bridge gave a deaf broker up', Math.round((clock.elapsed() - began) / 1000));
    figure('commands taken from it, answers that waited', `${ledger.taken.length}, ${most.waiting}`);
    expect(link.status.connected).toBe(false);
    expect(ledger.taken.length).toBeGreaterThan(1.2 * MOST_ANSWERS);
    expect(most.waiting).toBe(MOST_ANSWERS);
    expect(most.unacknowledged).toBeLessThanOrEqual(LARGEST_WINDOW);
    expect(proxy.up.passed).toBe(passed);
    await sitThrough(scene, began);
    await comesToRest(scene);
    await expectSettled(house, ledger, ['unknown_command']);

    const observer = await Observer.connect(mosquitto.port, { keepalive: 0 });
    observer.messages.length = 0;
    proxy.up.isStalled = false;
    await expectTruthWithinASecond(scene, observer);
    await expectTruth(house, mosquitto.port);
    // What was kept before, what the old connection had still said, and everything.
    expectNoFlood(observer, 3);
    expectContract(observer);
    await observer.end();
    await expectOneLineEach(scene);
  });
});
