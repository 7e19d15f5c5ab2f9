import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Broker, startBroker } from '../harness/broker.ts';
import { script, startChild } from '../harness/child.ts';
import { openGarage } from '../harness/daemon.ts';
import { openHome } from '../harness/home.ts';
import { nodeRedVersion } from '../harness/node-red.ts';
import { until } from '../harness/proc.ts';
import type { Options } from '../part.ts';
import { layManifest } from '../scale/measure.ts';
import { type Candidate, daemon, many, nodeRed, own, type Started, type Target } from './candidates.ts';

/** One start of one program. */
export interface Sample {
  /** From the start of the process until it listens and is connected; null when that is not comparable. */
  readonly readyMs: number | null;
  readonly restMegabytes: number;
  readonly loadMegabytes: number | null;
  /** Events that were sent, and not answered with 200. */
  readonly sent: number;
  readonly bad: number;
}

/** What is done with each program. */
export interface Plan {
  readonly rounds: number;
  readonly restMs: number;
  readonly loadSeconds: number;
}

/** Events that are posted each second under load. */
export const PER_SECOND = 2_000;
const MANY = { households: 100, roomsEach: 32 };
const LOOK_EVERY_MS = 20;
/** The names of those that goals are about. */
export const [BARE, LIBRARIES] = ['bare Node.js', 'the libraries alone'];
export const [EXTERNAL, EMBEDDED] = ['the bridge, 32 players', 'the bridge with its broker, 32 players'];

const sentSchema = z.object({ sent: z.number(), good: z.number(), bad: z.number() });

/** Posts events for some seconds, and sees how much memory the program has at most meanwhile. */
async function load({ child }: Started, target: Target, seconds: number) {
  const sender = startChild({ args: [script('footprint/sender')], talks: true });
  let peak = 0;
  let isOver = false;
  const watching = (async () => {
    for (; !isOver; await wait(LOOK_EVERY_MS)) peak = Math.max(peak, child.resident().now);
  })();
  const answer = sentSchema.parse(await sender.ask({ ...target, perSecond: PER_SECOND, seconds }));
  isOver = true;
  await watching;
  await sender.stop();
  return { loadMegabytes: peak, sent: answer.sent, bad: answer.bad };
}

async function sampleOf(candidate: Candidate, plan: Plan): Promise<Sample> {
  const started = await candidate.start();
  try {
    const readyAt = candidate.isStartMeasured
      ? await until(`${candidate.name} to be ready`, started.readyAt)
      : null;
    await started.settled();
    await wait(plan.restMs);
    const restMegabytes = started.child.resident().now;
    const { target } = started;
    const loaded =
      target === null || plan.loadSeconds === 0
        ? { loadMegabytes: null, sent: 0, bad: 0 }
        : await load(started, target, plan.loadSeconds);
    return { readyMs: readyAt === null ? null : readyAt - started.startedAt, restMegabytes, ...loaded };
  } finally {
    await started.stop();
  }
}

/** What was measured of each program, by its name. */
export type Samples = ReadonlyMap<string, readonly Sample[]>;

async function interleaved(candidates: readonly Candidate[], plan: Plan): Promise<Samples> {
  const samples = new Map<string, Sample[]>(candidates.map(({ name }) => [name, []]));
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const candidate of round % 2 === 0 ? candidates : candidates.toReversed()) {
      samples.get(candidate.name)?.push(await sampleOf(candidate, plan));
    }
    console.log(`round ${round + 1} of ${plan.rounds}`);
  }
  return samples;
}

/** The programs that are no bridge. */
const othersOf = ({ port }: Broker): Candidate[] => [
  own(BARE, 'bare', port),
  own(LIBRARIES, 'libraries', port),
  ...(nodeRedVersion() !== null ? [nodeRed(port)] : []),
];

/** Of the whole plan, with every number of players. */
async function sampleWhole(plan: Plan, broker: Broker): Promise<Samples> {
  layManifest();
  const small = await openHome({ players: 1 });
  const usual = await openHome();
  const smallGarage = await openGarage(small);
  const usualGarage = await openGarage(usual);
  try {
    return await interleaved(
      [
        ...othersOf(broker),
        daemon('the bridge, 1 player', small, smallGarage, broker.port),
        daemon(EXTERNAL, usual, usualGarage, broker.port),
        many('the bridge, 3,200 players', MANY, broker.port),
        daemon('the bridge with its broker, 1 player', small, smallGarage),
        daemon(EMBEDDED, usual, usualGarage),
        many('the bridge with its broker, 3,200 players', MANY),
      ],
      plan,
    );
  } finally {
    await smallGarage.close();
    await usualGarage.close();
    await small.sonos.stop();
    await usual.sonos.stop();
  }
}

/** Of the short form: the usual house at somebody else's broker, beside the floors. */
async function sampleShort(plan: Plan, broker: Broker): Promise<Samples> {
  const home = await openHome();
  const garage = await openGarage(home);
  try {
    const floors = [own(BARE, 'bare', broker.port), own(LIBRARIES, 'libraries', broker.port)];
    return await interleaved([...floors, daemon(EXTERNAL, home, garage, broker.port)], plan);
  } finally {
    await garage.close();
    await home.sonos.stop();
  }
}

/** How much is done. */
export const planOf = ({ isShort, rounds, seconds }: Options): Plan =>
  isShort
    ? { rounds: 1, restMs: 2_000, loadSeconds: 1 }
    : // The garbage of the start is given back within some 17 s.
      { rounds, restMs: 20_000, loadSeconds: Math.max(3, seconds) };

/** Measures every program. */
export async function sampleAllOf(options: Options, plan: Plan): Promise<Samples> {
  const broker = await startBroker();
  try {
    return await (options.isShort ? sampleShort : sampleWhole)(plan, broker);
  } finally {
    await broker.stop();
  }
}
