import { extremes, median } from '../harness/stats.ts';
import { figure } from '../report.ts';
import type { Phase } from './round.ts';
import { flaws, type Round } from './rounds.ts';
import type { SystemName } from './systems.ts';

/** Events a second that were offered; null for as fast as it goes. */
export type Rate = number | null;

export type OfPhase = (phase: Phase) => number;

const phaseOf = (round: Round, system: SystemName, rate: Rate): Phase | undefined =>
  rate === null ? round[system]?.saturated : round[system]?.paced.find(({ offered }) => offered === rate);

/** The rounds in which these systems have that phase, without those that something spoiled, as long as any are left. */
function phases(rounds: readonly Round[], systems: readonly SystemName[], rate: Rate): Phase[][] {
  const all = rounds
    .map((round) => systems.flatMap((system) => phaseOf(round, system, rate) ?? []))
    .filter(({ length }) => length === systems.length);
  const good = all.filter((each) => each.every((phase) => flaws(phase, rate === null).length === 0));
  return good.length > 0 ? good : all;
}

/** What a system had in each round. */
export const valuesOf = (
  rounds: readonly Round[],
  system: SystemName,
  rate: Rate,
  of: OfPhase,
): readonly number[] =>
  phases(rounds, [system], rate).flatMap(([phase]) => (phase === undefined ? [] : of(phase)));

/** How two systems compare in each round. */
export const pairsOf = (
  rounds: readonly Round[],
  [one, other]: readonly [SystemName, SystemName],
  rate: Rate,
  of: (one: Phase, other: Phase) => number,
): readonly number[] =>
  phases(rounds, [one, other], rate).flatMap(([first, second]) =>
    first === undefined || second === undefined ? [] : of(first, second),
  );

/** The median, and between what the values lie. */
export function spread(values: readonly number[]): string {
  if (values.length === 0) return '–';
  const [least, most] = extremes(values);
  return values.length === 1
    ? figure(median(values))
    : `${figure(median(values))} (${figure(least)}–${figure(most)})`;
}
