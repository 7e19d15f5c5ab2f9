import { emptyAddressBook } from '../../src/bridge/address-book.ts';
import { noAnnouncements } from '../../src/bridge/announcement-record.ts';
import { Bridge } from '../../src/bridge/bridge.ts';
import type { BridgePorts } from '../../src/bridge/bridge-ports.ts';
import type { Clock } from '../../src/bridge/ports.ts';
import { noPresets } from '../../src/bridge/presets/preset-record.ts';
import { Subscriptions } from '../../src/bridge/subscriptions.ts';
import { noTimers } from '../../src/bridge/timer-record.ts';
import { urlPolicy } from '../../src/bridge/url-policy.ts';
import { systemRandom as random } from '../../src/system.ts';
import { type Timer, TimerHeap } from '../../test/support/timer-heap.ts';
import { type Renewed, renewalsRequest } from './messages.ts';
import { householdOf, placeOf } from './place.ts';
import { createInstantSonos } from './sonos.ts';

// The process that keeps a hundred thousand subscriptions for some days of a clock that need not be waited for.

const HOUR_MS = 3_600_000;
const SUBSCRIPTIONS_EACH = 8;

/** A clock that stands still until it is moved. */
function createLedClock() {
  const heap = new TimerHeap();
  let elapsed = 0;
  let order = 0;
  let fired = 0;
  const clock: Clock = {
    now: () => 1.7e12 + elapsed,
    elapsed: () => elapsed,
    after(milliseconds, work) {
      order += 1;
      const timer: Timer = { at: elapsed + Math.max(0, milliseconds), order, work };
      heap.push(timer);
      return () => {
        timer.work = null;
      };
    },
  };
  /** Lets time go by, and what is due happen. */
  async function lead(milliseconds: number): Promise<void> {
    const end = elapsed + milliseconds;
    for (let next = heap.peek(); next !== undefined && next.at <= end; next = heap.peek()) {
      heap.pop();
      elapsed = Math.max(elapsed, next.at);
      fired += 1;
      next.work?.();
      // What is begun there ends before the next timer: Sonos answers at once.
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    elapsed = end;
  }
  return { clock, lead, fired: () => fired };
}

const heapBytes = (): number => {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
};

/** What one entry of the table takes, the path that it is asked for by included. */
function bytesOfEach(count: number, clock: Clock): number {
  const sonos = createInstantSonos(1);
  const before = heapBytes();
  const tables = Array.from({ length: count / SUBSCRIPTIONS_EACH }, (_, index) => {
    const { household, group } = placeOf(index);
    const table = new Subscriptions({ household, clock, random, send: sonos.send });
    const each = Array.from({ length: SUBSCRIPTIONS_EACH }, (_each, number) => {
      const namespace = `namespace${number}`;
      const path = `/groups/${encodeURIComponent(group)}/${namespace}/subscription`;
      return { key: `${namespace} ${group}`, namespace, target: group, path };
    });
    table.want(each);
    return table;
  });
  const bytes = heapBytes() - before;
  if (tables.some((table) => table.count().wanted !== SUBSCRIPTIONS_EACH))
    throw new Error('a table is short');
  return bytes / count;
}

function portsOf(clock: Clock, send: BridgePorts['send']): BridgePorts {
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  return {
    ...{ clock, random, send, log: silent, policy: urlPolicy(null) },
    sounds: { objection: () => null, prepare: () => Promise.reject(new Error('nothing is announced here')) },
    queueSupply: {
      mostItems: 0,
      objection: () => null,
      gather: () => Promise.reject(new Error('no queue is played here')),
      address: () => Promise.reject(new Error('no queue is played here')),
    },
    ...{ answer: () => {}, obstacle: () => null, show: () => {}, happened: () => {}, saveMarks: () => {} },
    ...{ clear: async () => {}, saveBook: async () => {}, saveAnnouncements: async () => {} },
    ...{ saveSchedules: async () => {}, saveTimers: async () => {} },
    ...{ savePresets: async () => {}, showPresets: () => {} },
    settings: {
      ...{ confirmMs: 8_000, reconcileMs: 1e12, pollMs: 0, readsPerMinute: 1e9, forgetMs: 1e12 },
      ...{ aliases: new Map(), schedules: [], ceilings: [], presets: new Map() },
      announcements: {
        ...{ volume: null, volumes: new Map(), maxVolume: 100, maxQueue: 20, expireMs: 300_000 },
        ...{ quietHours: [], notWhileTv: false, repeatMs: 0, devices: 'primary' },
      },
    },
  };
}

/** Keeps households subscribed for a day, and sees what that costs. */
async function renewed(households: number, roomsEach: number): Promise<Renewed> {
  const { clock, lead, fired } = createLedClock();
  const sonos = createInstantSonos(households, roomsEach);
  const bridge = new Bridge(portsOf(clock, sonos.send), {
    ...{ book: emptyAddressBook, marks: {}, announcements: noAnnouncements },
    ...{ schedules: {}, timers: noTimers, presets: noPresets },
  });
  bridge.start();
  bridge.setHouseholds(
    Array.from({ length: households }, (_, index) => ({ id: householdOf(index), name: null })),
  );
  await lead(60_000);
  const held = bridge.status().reduce((sum, each) => sum + each.held, 0);
  // The first renewals come 0.8 days after the first asking.
  await lead(19 * HOUR_MS);
  const before = { asked: sonos.subscribed, fired: fired(), cpu: process.cpuUsage() };
  await lead(5.5 * HOUR_MS);
  const { user, system } = process.cpuUsage(before.cpu);
  const renewals = sonos.subscribed - before.asked;
  await bridge.stop();
  return {
    ...{ households, roomsEach, held, renewals, rounds: fired() - before.fired },
    microsEach: (user + system) / renewals,
    bytesEach: bytesOfEach(held, clock),
  };
}

process.on('message', (message) => {
  const { households, roomsEach } = renewalsRequest.parse(message);
  void renewed(households, roomsEach).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit());
