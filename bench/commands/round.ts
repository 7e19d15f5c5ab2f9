import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { startBroker } from '../harness/broker.ts';
import { type Child, cpuOf, script, startChild } from '../harness/child.ts';
import type { Home } from '../harness/home.ts';
import { microseconds } from '../harness/proc.ts';
import { quantile } from '../harness/stats.ts';
import { makeCertificate } from './certificate.ts';
import { joined } from './joined.ts';
import { type Arrivals, arrivalsSchema, type Sent, sentSchema } from './messages.ts';
import type { Name, Running, System } from './systems.ts';

/** What is done to a system, one after the other. */
export interface Plan {
  readonly warmUp: number;
  readonly seconds: number;
  /** Commands per second of the open loops. */
  readonly rates: readonly number[];
  /** Whether commands that change something follow, with the events that tell of it. */
  readonly hasChanges: boolean;
}

/** One phase of a round. */
export interface Phase {
  /** Whether each command changes something. */
  readonly isChange: boolean;
  /** Commands per second that were offered; null when as fast as it goes. */
  readonly offered: number | null;
  readonly sent: number;
  /** Never seen by the cloud. */
  readonly lost: number;
  /** Seen without having been sent, or with a value of another. */
  readonly wrong: number;
  readonly perSecond: number;
  /** From the publish to the arrival of the call, milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly replies: Sent['replies'];
  readonly events: number;
  readonly refused: number;
  /** TLS connections that were opened in this phase, and that were open at once. */
  readonly connections: number;
  readonly peak: number;
  readonly cpuPerCommand: number;
  /** Of the system under test, and of sender, cloud and broker together: share of one core. */
  readonly busy: number;
  readonly othersBusy: number;
  readonly peakMegabytes: number;
}

/** One system in one round. */
export interface Measured {
  readonly system: Name;
  /** TLS connections that were opened from the start to the end, and that were open at once. */
  readonly connections: number;
  readonly peak: number;
  readonly phases: readonly Phase[];
}

const SETTLE_MS = 300;

interface Stage {
  readonly running: Running;
  readonly cloud: Child;
  readonly sender: Child;
  readonly others: readonly Child[];
}

const collect = async (cloud: Child): Promise<Arrivals> =>
  arrivalsSchema.parse(await cloud.ask({ ask: 'collect' }));

async function runPhase(
  { running, cloud, sender, others }: Stage,
  ask: { readonly seconds: number; readonly isChange: boolean; readonly perSecond?: number },
): Promise<Phase> {
  const { child } = running;
  const before = await collect(cloud);
  const [cpu, othersCpu, begun] = [child.cpuMicroseconds(), cpuOf(others), microseconds()];
  // The sender waits until all is quiet, so what is used is measured when the commands end.
  const sending = sender.ask({ ask: ask.perSecond === undefined ? 'closed' : 'open', ...ask });
  await wait(ask.seconds * 1000);
  const passed = microseconds() - begun;
  const [cpuUsed, othersUsed] = [child.cpuMicroseconds() - cpu, cpuOf(others) - othersCpu];
  const sent = sentSchema.parse(await sending);
  const arrivals = await collect(cloud);
  const { latencies, lost, unasked } = joined(sent, arrivals);
  const span = ((arrivals.at.at(-1) ?? Number.NaN) - (sent.at[0] ?? Number.NaN)) / 1e6;
  const count = sent.at.length;
  return {
    ...{ isChange: ask.isChange, offered: ask.perSecond ?? null, sent: count, lost },
    wrong: unasked + arrivals.wrong,
    perSecond: (count - lost) / span,
    p50: quantile(latencies, 0.5) / 1000,
    p99: quantile(latencies, 0.99) / 1000,
    replies: sent.replies,
    events: arrivals.events - before.events,
    refused: arrivals.refused - before.refused,
    ...{ connections: arrivals.connections, peak: arrivals.peak },
    cpuPerCommand: cpuUsed / count,
    busy: cpuUsed / passed,
    othersBusy: othersUsed / passed,
    peakMegabytes: child.resident().peak,
  };
}

const portSchema = z.object({ port: z.number() });
const signalSchema = z.object({ signalPort: z.number() });

/** Sets everything up for one system. */
async function openStage(system: System, home: Home): Promise<Stage & { close(): Promise<void> }> {
  const { key, certificate, file: trust, remove } = await makeCertificate();
  const broker = await startBroker();
  const cloud = startChild({ args: [script('commands/cloud')], talks: true });
  const sender = startChild({ args: [script('commands/sender')], talks: true });
  const topics = home.places.map(({ address }) => `sonos/home/${address}/set/mute`);
  const connected = await sender.ask({ ask: 'connect', brokerPort: broker.port, topics });
  const { signalPort } = signalSchema.parse(connected);
  const serve = { ask: 'serve', key, certificate, upstream: home.apiUrl, rooms: home.places, signalPort };
  const { port } = portSchema.parse(await cloud.ask(serve));
  const apiUrl = `https://127.0.0.1:${port}${new URL(home.apiUrl).pathname}`;
  const running = await system.start({ brokerPort: broker.port, apiUrl, trust });
  if (running.callback !== null) await cloud.ask({ ask: 'callback', ...running.callback });
  return {
    ...{ running, cloud, sender, others: [broker.child, cloud, sender] },
    close: async () => {
      await running.stop();
      await Promise.all([sender.stop(), cloud.stop()]);
      await broker.stop();
      await remove();
    },
  };
}

/** Measures one system once. */
export async function measure(system: System, home: Home, plan: Plan): Promise<Measured> {
  const stage = await openStage(system, home);
  const { warmUp, seconds, rates, hasChanges } = plan;
  try {
    const phases: Phase[] = [];
    const first = await runPhase(stage, { seconds: warmUp, isChange: false });
    const run = async (ask: { isChange: boolean; perSecond?: number }): Promise<void> => {
      await wait(SETTLE_MS);
      phases.push(await runPhase(stage, { seconds, ...ask }));
    };
    await run({ isChange: false });
    for (const perSecond of rates) await run({ isChange: false, perSecond });
    if (hasChanges) await run({ isChange: true });
    const connections = phases.reduce((sum, phase) => sum + phase.connections, first.connections);
    const peak = Math.max(first.peak, ...phases.map((phase) => phase.peak));
    return { system: system.name, connections, peak, phases };
  } finally {
    await stage.close();
  }
}
