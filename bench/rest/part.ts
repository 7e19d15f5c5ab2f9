import { setTimeout as wait } from 'node:timers/promises';
import { type Broker, startBroker } from '../harness/broker.ts';
import { type Child, script, startChild } from '../harness/child.ts';
import { type Garage, openGarage } from '../harness/daemon.ts';
import { openHome, PLAYERS } from '../harness/home.ts';
import { until } from '../harness/proc.ts';
import { extremes, median } from '../harness/stats.ts';
import { machine } from '../machine.ts';
import type { Part } from '../part.ts';
import { figure, type Report } from '../report.ts';

/** One start of one program. */
interface Sample {
  /** From the start of the process until it listens and is connected. */
  readonly readyMs: number;
  /** At rest. */
  readonly megabytes: number;
}

interface Candidate {
  readonly name: string;
  sample(): Promise<Sample>;
}

const REST_MS = 3_000;

/** When the last of these lines was written by the program's own clock: milliseconds. Null while one is missing. */
function timeOf(said: string, lines: readonly RegExp[]): number | null {
  const times = lines.map((line) => {
    const found = said.split('\n').find((each) => line.test(each));
    const time = /"time":"([^"]+)"/.exec(found ?? '')?.[1];
    return time === undefined ? null : Date.parse(time);
  });
  return times.includes(null) ? null : Math.max(...times.map(Number));
}

async function sampleOf(
  child: Child,
  startedAt: number,
  lines: readonly RegExp[],
  settled: () => Promise<void>,
) {
  const readyAt = await until('the program to be ready', () => timeOf(child.said(), lines));
  await settled();
  await wait(REST_MS);
  return { readyMs: readyAt - startedAt, megabytes: child.resident().now };
}

const bare = (name: string, env: Readonly<Record<string, string>>): Candidate => ({
  name,
  sample: async () => {
    const startedAt = Date.now();
    const child = startChild({ args: [script('rest/bare')], env, isUnderTest: true });
    const sample = await sampleOf(child, startedAt, [/"ready"/], async () => {});
    await child.stop();
    return sample;
  },
});

/** Its log says when it listens, and when the broker let it in. */
const DAEMON_LINES = [/"The bridge runs\."/, /"Connected to the MQTT broker/];

const bridge = (name: string, garage: Garage, brokerPort?: number): Candidate => ({
  name,
  sample: async () => {
    const daemon = await garage.start(brokerPort === undefined ? {} : { brokerPort });
    const sample = await sampleOf(daemon.child, daemon.startedAt, DAEMON_LINES, daemon.settled);
    await daemon.stop();
    return sample;
  },
});

const candidatesOf = (garage: Garage, { port }: Broker): readonly Candidate[] => [
  bare('bare Node.js, listening', {}),
  bare('bare Node.js, listening and connected', { BROKER_PORT: String(port) }),
  bridge('the bridge', garage, port),
  bridge('the bridge with the embedded broker', garage),
];

type Samples = ReadonlyMap<string, readonly Sample[]>;

async function sampleAll(rounds: number): Promise<Samples> {
  const home = await openHome();
  const garage = await openGarage(home);
  const broker = await startBroker();
  try {
    const candidates = candidatesOf(garage, broker);
    const samples = new Map<string, Sample[]>(candidates.map(({ name }) => [name, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const { name, sample } of round % 2 === 0 ? candidates : candidates.toReversed()) {
        samples.get(name)?.push(await sample());
      }
      console.log(`round ${round + 1} of ${rounds}`);
    }
    return samples;
  } finally {
    await broker.stop();
    await garage.close();
    await home.sonos.stop();
  }
}

function rowOf(name: string, samples: readonly Sample[]): string[] {
  const cell = (values: readonly number[]): string => {
    const [least, most] = extremes(values);
    return `${figure(median(values))} (${figure(least)}–${figure(most)})`;
  };
  return [name, cell(samples.map(({ readyMs }) => readyMs)), cell(samples.map(({ megabytes }) => megabytes))];
}

function reportOf(samples: Samples): Report {
  return {
    part: 'rest',
    title: 'Start and rest',
    at: new Date().toISOString(),
    machine: machine(),
    method: [
      `The daemon (\`node dist/main.js start\`), linked, with a household of ${PLAYERS} players; each program started anew in turns. The time is from the start of the process until it listens and the broker has let it in, by its own clock; the memory is resident (RSS), ${REST_MS / 1000} s after all subscriptions are held.`,
    ],
    tables: [
      {
        heading: 'Median (least–most)',
        columns: ['', 'start to ready, ms', 'at rest, MB'],
        rows: [...samples].map(([name, each]) => rowOf(name, each)),
      },
    ],
    notes: ['Bare Node.js is an HTTP server that answers nothing, without and with a connection by mqtt.js.'],
    data: Object.fromEntries(samples),
  };
}

/** Memory at rest and time to start. */
export const rest: Part = {
  name: 'rest',
  about:
    'memory at rest, with and without the embedded broker, and time from start to ready, beside bare Node.js',
  run: async ({ rounds }) => reportOf(await sampleAll(rounds)),
};
