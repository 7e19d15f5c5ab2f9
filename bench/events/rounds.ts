import { openGarage } from '../harness/daemon.ts';
import { openHome } from '../harness/home.ts';
import { nodeRedVersion } from '../harness/node-red.ts';
import type { Options } from '../part.ts';
import { figure } from '../report.ts';
import { type Measured, measure, type Phase } from './round.ts';
import { compare, houseOf, recordOf, type Sameness } from './sameness.ts';
import {
  bridgeSystem,
  floorSystem,
  leastSystem,
  nodeRedSystem,
  type System,
  type SystemName,
} from './systems.ts';

/** All systems, one after another. */
export type Round = Readonly<Partial<Record<SystemName, Measured>>>;

/** What was measured, and what it rests on. */
export interface Run {
  readonly rounds: readonly Round[];
  /** Events a second, offered to those that can take them. */
  readonly rates: readonly number[];
  /** What was compared before the rounds, and between whom and the bridge. */
  readonly sameness: Sameness & { readonly others: readonly string[] };
}

const RATES = [100, 500, 4_000, 15_000];
const SHORT_RATES = [500];

export const ratePerSecond = ({ sent, seconds }: Phase): number => sent / seconds;

/** What spoils a phase; empty when nothing does. */
export function flaws(phase: Phase, isSaturated: boolean): string[] {
  const { bad, lost, busy, othersBusy, accepted, wasted, sent } = phase;
  return [
    ...(bad > 0 ? [`${bad} answers were not 200`] : []),
    ...(lost > 0 ? [`${lost} events never reached the subscriber`] : []),
    ...(accepted !== null && accepted !== sent ? [`${sent} sent, ${accepted} accepted`] : []),
    ...(wasted !== null && wasted > 0 ? [`${wasted} events without effect`] : []),
    ...(isSaturated && busy < 0.95 ? [`only ${figure(busy * 100)} % busy`] : []),
    ...(othersBusy > 0.8 ? [`the other core ${figure(othersBusy * 100)} % busy`] : []),
  ];
}

/** Whatever spoils a round, with system and phase. */
export const flawsOf = (round: Round): string[] =>
  Object.values(round).flatMap(({ system, saturated, paced }) => [
    ...flaws(saturated, true).map((flaw) => `${system} at saturation: ${flaw}`),
    ...paced.flatMap((phase) =>
      flaws(phase, false).map((flaw) => `${system} at ${figure(phase.offered)}/s: ${flaw}`),
    ),
  ]);

/** Has every system publish the same few events; fails where what they publish differs. */
async function prepare(
  home: Awaited<ReturnType<typeof openHome>>,
  garage: Awaited<ReturnType<typeof openGarage>>,
  isShort: boolean,
) {
  const bridge = bridgeSystem(home, garage);
  const recording = await recordOf(bridge, home);
  const house = houseOf(recording, home);
  const floor = floorSystem(home, house);
  const nodeRed = isShort || nodeRedVersion() === null ? [] : [nodeRedSystem(home, house)];
  const others = [floor, ...nodeRed];
  let sameness: Sameness = { events: 0, messages: 0, bytes: 0, idleClearings: [] };
  for (const system of others) sameness = compare(recording, system.name, await recordOf(system, home));
  const { events, messages, bytes, idleClearings } = sameness;
  const names = others.map(({ name }) => name);
  console.log(
    `bridge, ${names.join(', ')}: ${events} events, the same ${messages} messages, ${bytes} bytes; the bridge's further empty messages by event: ${idleClearings.join(' ')}`,
  );
  const systems = [bridge, ...others, ...(isShort ? [] : [leastSystem(home)])];
  return { systems, sameness: { ...sameness, others: names } };
}

async function runRound(systems: readonly System[], measureOne: (system: System) => Promise<Measured>) {
  const round: Partial<Record<SystemName, Measured>> = {};
  for (const system of systems) round[system.name] = await measureOne(system);
  const said = systems.flatMap(({ name }) => {
    const measured = round[name];
    return measured === undefined ? [] : `${name} ${figure(ratePerSecond(measured.saturated))}/s`;
  });
  return { round, said: [said.join(', '), ...flawsOf(round)].join('; ') };
}

/** Runs all rounds. */
export async function runRounds(options: Options): Promise<Run> {
  const rates = options.isShort ? SHORT_RATES : RATES;
  const home = await openHome();
  const garage = await openGarage(home);
  try {
    const { systems, sameness } = await prepare(home, garage, options.isShort);
    /** Decided in the first round, so that every round has the same rates. */
    const bearable = new Map<SystemName, readonly number[]>([['least', []]]);
    const measureOne = (system: System): Promise<Measured> =>
      measure(system, home, { warmUp: options.warmUp, measured: options.seconds }, (saturation) => {
        const chosen = bearable.get(system.name) ?? rates.filter((rate) => rate <= saturation);
        bearable.set(system.name, chosen);
        return chosen;
      });
    const rounds: Round[] = [];
    for (let count = 0; count < options.rounds; count += 1) {
      const order = count % 2 === 0 ? systems : systems.toReversed();
      const { round, said } = await runRound(order, measureOne);
      rounds.push(round);
      console.log(`round ${count + 1}: ${said}`);
    }
    return { rounds, rates, sameness };
  } finally {
    await garage.close();
    await home.sonos.stop();
  }
}
