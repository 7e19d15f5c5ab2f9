import { extremes, median } from '../harness/stats.ts';
import { figure, type Goal } from '../report.ts';
import { type Run, ratePerSecond } from './rounds.ts';
import { pairsOf, valuesOf } from './view.ts';

const OF_FLOOR = 0.9;
const TIMES_NODE_RED = 5;
const P99_EXCESS_MS = 1;
const P50_MS = 0.2;
const P50_AT = 500;
function rateGoal({ rounds }: Run, other: 'floor' | 'Node-RED', goal: number): Goal[] {
  const ratios = pairsOf(
    rounds,
    ['bridge', other],
    null,
    (ours, theirs) => ratePerSecond(ours) / ratePerSecond(theirs),
  );
  if (ratios.length === 0) return [];
  const ratio = median(ratios);
  const theirs = median(valuesOf(rounds, other, null, ratePerSecond));
  const name = other === 'floor' ? 'the floor' : 'Node-RED';
  return [
    {
      what: `Events a second, ${other === 'floor' ? 'beside the floor' : 'beside Node-RED'}`,
      goal: `≥ ${other === 'floor' ? goal.toFixed(2) : goal} × ${name}`,
      floor: `${figure(theirs)}/s`,
      reached: `${figure(ratio)} × (${figure(median(valuesOf(rounds, 'bridge', null, ratePerSecond)))}/s)`,
      share: ratio / goal,
    },
  ];
}

/** Each rate up to half of what the bridge can take at most. */
function p99Goals({ rounds, rates }: Run): Goal[] {
  const saturation = median(valuesOf(rounds, 'bridge', null, ratePerSecond));
  return rates
    .filter((rate) => rate <= saturation / 2)
    .map((rate) => {
      const p99 = (name: 'bridge' | 'floor'): number =>
        median(valuesOf(rounds, name, rate, ({ endToEndMs }) => endToEndMs.p99));
      const excess = median(
        pairsOf(
          rounds,
          ['bridge', 'floor'],
          rate,
          (ours, theirs) => ours.endToEndMs.p99 - theirs.endToEndMs.p99,
        ),
      );
      return {
        what: `Latency p99 at ${figure(rate)} events/s`,
        goal: `≤ ${P99_EXCESS_MS} ms above the floor`,
        floor: figure(p99('floor'), 'ms'),
        reached: `${excess < 0 ? '−' : '+'}${figure(Math.abs(excess), 'ms')} (${figure(p99('bridge'), 'ms')})`,
        share: (p99('bridge') - excess + P99_EXCESS_MS) / p99('bridge'),
      };
    });
}

function p50Goal({ rounds }: Run): Goal {
  const p50 = (name: 'bridge' | 'floor'): number =>
    median(valuesOf(rounds, name, P50_AT, ({ endToEndMs }) => endToEndMs.p50));
  return {
    what: `Latency p50 at ${P50_AT} events/s`,
    goal: `< ${P50_MS} ms`,
    floor: figure(p50('floor'), 'ms'),
    reached: figure(p50('bridge'), 'ms'),
    // On a machine whose floor needs longer, the floor is what counts.
    share: Math.max(P50_MS, p50('floor')) / p50('bridge'),
  };
}

/** What is asked of events; what a second or two tell of latencies is mostly what else the machine did. */
export const goalsOf = (run: Run, isShort: boolean): Goal[] => [
  ...rateGoal(run, 'floor', OF_FLOOR),
  ...rateGoal(run, 'Node-RED', TIMES_NODE_RED),
  ...(isShort ? [] : [...p99Goals(run), p50Goal(run)]),
];

/** Whether rates and processor times say the same of bridge and floor; work of others on the machine disturbs the former only. */
export function verdict({ rounds }: Run): string {
  const rate = median(
    pairsOf(rounds, ['bridge', 'floor'], null, (ours, theirs) => ratePerSecond(ours) / ratePerSecond(theirs)),
  );
  const cpu = (name: 'bridge' | 'floor'): number =>
    extremes(valuesOf(rounds, name, null, ({ cpuPerEvent }) => cpuPerEvent))[0];
  const ratio = cpu('floor') / cpu('bridge');
  return `Bridge ÷ floor by rate ${figure(rate)}, by least processor time ${figure(ratio)}: ${
    Math.abs(rate / ratio - 1) <= 0.1
      ? 'they agree.'
      : 'they differ by more than 10 %, so this run is **inconclusive**.'
  }`;
}
