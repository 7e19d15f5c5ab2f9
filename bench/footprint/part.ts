import { extremes, median } from '../harness/stats.ts';
import { machine } from '../machine.ts';
import type { Part } from '../part.ts';
import { barPlot } from '../plot.ts';
import { figure, type Goal, type Plot, type Report, type Table } from '../report.ts';
import {
  BARE,
  EMBEDDED,
  EXTERNAL,
  LIBRARIES,
  PER_SECOND,
  type Plan,
  planOf,
  type Sample,
  type Samples,
  sampleAllOf,
} from './sampling.ts';

const present = (value: number | null | undefined): value is number => value !== null && value !== undefined;
const of = (samples: Samples, name: string, pick: (sample: Sample) => number | null): number[] =>
  (samples.get(name) ?? []).map(pick).filter(present);

function cell(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const [least, most] = extremes(values);
  return `${figure(median(values))} (${figure(least)}–${figure(most)})`;
}

const tableOf = (samples: Samples): Table => ({
  heading: 'Median (least–most)',
  columns: ['', 'start to ready, ms', 'at rest, MB', `at most with ${figure(PER_SECOND)} events/s, MB`],
  rows: [...samples.keys()].map((name) => [
    name,
    cell(of(samples, name, ({ readyMs }) => readyMs)),
    cell(of(samples, name, ({ restMegabytes }) => restMegabytes)),
    cell(of(samples, name, ({ loadMegabytes }) => loadMegabytes)),
  ]),
});

const restGoal = (samples: Samples, name: string, most: number): Goal[] => {
  const reached = median(of(samples, name, ({ restMegabytes }) => restMegabytes));
  if (!Number.isFinite(reached)) return [];
  return [
    {
      what: `memory at rest: ${name}`,
      goal: `≤ ${most} MB`,
      floor: figure(median(of(samples, LIBRARIES, ({ restMegabytes }) => restMegabytes)), 'MB'),
      reached: figure(reached, 'MB'),
      share: most / reached,
    },
  ];
};

const MOST_START_MS = 400;

/** Beyond Node itself, round by round. */
function startGoal(samples: Samples): Goal {
  const ready = ({ readyMs }: Sample): number | null => readyMs;
  const node = of(samples, BARE, ready);
  const beyond = (name: string): number =>
    median(of(samples, name, ready).map((each, round) => each - (node[round] ?? Number.NaN)));
  const reached = beyond(EXTERNAL);
  return {
    what: 'start to ready beyond bare Node.js',
    goal: `≤ ${MOST_START_MS} ms`,
    floor: figure(beyond(LIBRARIES), 'ms'),
    reached: figure(reached, 'ms'),
    share: MOST_START_MS / reached,
  };
}

const plotOf = (samples: Samples): Plot =>
  barPlot({
    name: 'memory',
    title: 'Memory at rest, MB',
    about: 'The resident memory of each program at rest, as bars.',
    bars: [...samples.keys()].map((name) => ({
      label: name
        .replace('the bridge with its broker', 'with its broker')
        .replace(', an mqtt and an http node', ''),
      value: median(of(samples, name, ({ restMegabytes }) => restMegabytes)),
    })),
  });

function reportOf(samples: Samples, plan: Plan): Report {
  const bad = [...samples.values()].flat().reduce((sum, each) => sum + each.bad, 0);
  return {
    part: 'footprint',
    title: 'Start and memory',
    at: new Date().toISOString(),
    machine: machine(),
    method: [
      `Each program is started anew in turns. The time is from the start of the process until it listens and the broker has let it in, by its own clock. Memory is resident (RSS): ${plan.restMs / 1000} s after all subscriptions are held and everything is published, and the most of it while events are posted at ${figure(PER_SECOND)} a second for ${plan.loadSeconds} s, to all rooms in turn.`,
      'The bridge with 1 and 32 players is the daemon as it is delivered (`node dist/main.js start`), linked to a simulated Sonos. 3,200 players are 100 households of 32; Sonos lets nobody subscribe so many within the time of a bench, so there the same code is started by a few lines that lift the limit of requests and make up Sonos’ answers in the same process, and its start is not compared.',
      'Bare Node.js is an HTTP server that answers nothing. The libraries alone: mqtt.js (without its write cache), Express, zod and pino, listening and connected. Node-RED has no editor and two nodes that lead nowhere.',
    ],
    goals: [...restGoal(samples, EXTERNAL, 75), ...restGoal(samples, EMBEDDED, 85), startGoal(samples)],
    tables: [tableOf(samples)],
    plots: [plotOf(samples)],
    notes: [
      ...([...samples.keys()].some((name) => name.startsWith('Node-RED'))
        ? ['Node-RED’s start is by the arrival of its lines, every 20 ms.']
        : []),
      bad === 0 ? 'All events were answered with 200.' : `${bad} events were not answered with 200.`,
    ],
    data: { plan, samples: Object.fromEntries(samples) },
  };
}

/** Memory at rest and under load, and time to start. */
export const footprint: Part = {
  name: 'footprint',
  about: 'time to start, memory at rest and under load, beside bare Node.js, the libraries and Node-RED',
  run: async (options) => {
    const plan = planOf(options);
    return reportOf(await sampleAllOf(options, plan), plan);
  },
};
