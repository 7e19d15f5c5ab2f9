import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { startBroker } from '../harness/broker.ts';
import { type Child, cpuOf, script, startChild } from '../harness/child.ts';
import { CALLBACK_PATH } from '../harness/daemon.ts';
import type { Home } from '../harness/home.ts';
import { microseconds } from '../harness/proc.ts';
import { quantile } from '../harness/stats.ts';
import type { Message } from './by-hand.ts';
import { completionsOf } from './completions.ts';
import { type Sent, seenSchema, sentSchema } from './messages.ts';
import type { Running, System } from './systems.ts';

/** How long each phase lasts, seconds. */
export interface Durations {
  readonly warmUp: number;
  readonly measured: number;
}

/** One phase of a round. */
export interface Phase {
  readonly sent: number;
  /** Answers other than 200. */
  readonly bad: number;
  readonly shown: number;
  readonly covered: number;
  readonly lost: number;
  readonly messages: number;
  readonly seconds: number;
  /** Events taken in, by the system's own count; null when it keeps none. */
  readonly accepted: number | null;
  /** Events without effect or thrown away, by the system's own count. */
  readonly wasted: number | null;
  /** How much later than due the generator itself sent, milliseconds. */
  readonly lateMs: Quantiles;
  /** From when the event was due to its answer, milliseconds. */
  readonly answerMs: Quantiles;
  /** From when the event was due to the message at the subscriber, milliseconds. */
  readonly endToEndMs: Quantiles;
  /** Of the system under test, processor time for each event until nothing more comes of it, microseconds. */
  readonly cpuPerEvent: number;
  /** Of the system under test, share of one core. */
  readonly busy: number;
  /** Of generator, subscriber and broker together, share of one core. */
  readonly othersBusy: number;
  readonly peakMegabytes: number;
}

/** What a share of all values lies below. */
export interface Quantiles {
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
}

/** One system in one round. */
export interface Measured {
  readonly system: System['name'];
  readonly saturated: Phase;
  readonly paced: readonly PacedPhase[];
}

/** A phase in which events were due at random moments, so many a second. */
export interface PacedPhase extends Phase {
  readonly offered: number;
}

/** The rates to offer to a system that was found to take so many events a second. */
export type Rates = (saturation: number) => readonly number[];

const SETTLE_MS = 500;

const quantiles = (values: ArrayLike<number>): Quantiles => ({
  p50: quantile(values, 0.5),
  p99: quantile(values, 0.99),
  p999: quantile(values, 0.999),
});

/** The processes of one round. */
interface Stage {
  readonly running: Running;
  readonly load: Child;
  readonly watch: Child;
  readonly others: readonly Child[];
}

/** What came to the subscriber since the last time, once nothing more comes. */
const collectAll = async (watch: Child) => seenSchema.parse(await watch.ask({ ask: 'collect' }));

const differences = (later: Float64Array, sent: Sent): number[] =>
  [...later].flatMap((at, index) => {
    const passed = (at - (sent.from[index] ?? Number.NaN)) / 1000;
    return Number.isNaN(passed) ? [] : passed;
  });

async function runPhase({ running, load, watch, others }: Stage, ask: object): Promise<Phase> {
  const { child } = running;
  await collectAll(watch);
  const before = await running.counted();
  const [cpu, othersCpu, begun] = [child.cpuMicroseconds(), cpuOf(others), microseconds()];
  const sent = sentSchema.parse(await load.ask(ask));
  const passed = microseconds() - begun;
  const [cpuLoaded, othersUsed] = [child.cpuMicroseconds() - cpu, cpuOf(others) - othersCpu];
  const seen = await collectAll(watch);
  const cpuUsed = child.cpuMicroseconds() - cpu;
  const after = await running.counted();
  const { at, lastAt, shown, covered, lost } = completionsOf(sent, seen);
  const count = sent.from.length;
  const firstAt = sent.from[0] ?? Number.NaN;
  return {
    ...{ sent: count, bad: sent.bad, shown, covered, lost, messages: seen.messages },
    // An event that was only answered is not done yet.
    seconds: (Math.max(lastAt, sent.answered.at(-1) ?? Number.NaN) - firstAt) / 1e6,
    accepted: before && after && after.accepted - before.accepted,
    wasted: before && after && after.ignored + after.dropped - before.ignored - before.dropped,
    lateMs: quantiles(sent.late.map((late) => late / 1000)),
    answerMs: quantiles(differences(sent.answered, sent)),
    endToEndMs: quantiles(differences(at, sent)),
    cpuPerEvent: cpuUsed / count,
    busy: cpuLoaded / passed,
    othersBusy: othersUsed / passed,
    peakMegabytes: child.resident().peak,
  };
}

/** Has the broker hold what the bridge would have said before the first event, so that only changes count as such. */
async function publishKept(port: number, kept: readonly Message[]): Promise<void> {
  const client = await connectAsync({ host: '127.0.0.1', port, protocol: 'mqtt' });
  for (const { topic, payload } of kept) await client.publishAsync(topic, payload, { qos: 1, retain: true });
  await client.endAsync();
}

/** Sets everything up for one system. */
async function openStage(system: System, home: Home): Promise<Stage & { close(): Promise<void> }> {
  const broker = await startBroker();
  const running = await system.start(broker.port);
  const watch = startChild({ args: [script('events/watch')], talks: true });
  const load = startChild({ args: [script('events/load')], talks: true });
  const { base, topics, kept } = system;
  await publishKept(broker.port, kept);
  await watch.ask({ ask: 'subscribe', port: broker.port, base, topics });
  const { sonos, household, places } = home;
  const { clientId, clientSecret } = sonos;
  const address = { port: running.port, path: CALLBACK_PATH, household, places, clientId, clientSecret };
  await load.ask({ ask: 'address', ...address });
  return {
    ...{ running, load, watch, others: [broker.child, load, watch] },
    close: async () => {
      await Promise.all([load.stop(), watch.stop(), running.stop()]);
      await broker.stop();
    },
  };
}

/** Measures one system once: warm-up, then as fast as it goes, then at rates that it can bear, if any are given. */
export async function measure(
  system: System,
  home: Home,
  { warmUp, measured }: Durations,
  ratesFor: Rates | null,
): Promise<Measured> {
  const stage = await openStage(system, home);
  try {
    await stage.load.ask({ ask: 'closed', seconds: warmUp });
    await wait(SETTLE_MS);
    const saturated = await runPhase(stage, { ask: 'closed', seconds: measured });
    const paced: PacedPhase[] = [];
    for (const offered of ratesFor?.(saturated.sent / saturated.seconds) ?? []) {
      await wait(SETTLE_MS);
      const phase = await runPhase(stage, { ask: 'open', seconds: measured, perSecond: offered });
      paced.push({ offered, ...phase });
    }
    return { system: system.name, saturated, paced };
  } finally {
    await stage.close();
  }
}
