import { extremes, median } from '../harness/stats.ts';
import { figure, type Table } from '../report.ts';
import type { Measured, Phase } from './round.ts';
import type { Name } from './systems.ts';

/** Every system once. */
export type Round = Readonly<Partial<Record<Name, Measured>>>;

/** Commands per second at which latency is measured. */
export const RATES = [100, 1_000] as const;
const TITLES: Readonly<Record<Name, string>> = {
  bridge: 'bridge',
  fetch: 'floor: MQTT → fetch',
  https: 'MQTT → node:https',
  'node-red': 'Node-RED 4',
};

type Pick = (phase: Phase) => number;

/** One phase of a system: as fast as it goes when `offered` is null. */
export const phaseOf = (measured: Measured | undefined, isChange: boolean, offered: number | null) =>
  measured?.phases.find((phase) => phase.isChange === isChange && phase.offered === offered);

function spread(values: readonly number[], unit = ''): string {
  if (values.length === 0) return '–';
  const [least, most] = extremes(values);
  return `${figure(median(values), unit)} (${figure(least)}–${figure(most)})`;
}

/** What the rounds say of a system's phase. */
export const valuesOf = (
  rounds: readonly Round[],
  name: Name,
  isChange: boolean,
  offered: number | null,
  pick: Pick,
) =>
  rounds.flatMap((round) => {
    const phase = phaseOf(round[name], isChange, offered);
    return phase === undefined ? [] : pick(phase);
  });

/** Of a system and the floor in the same round. */
export const ratios = (rounds: readonly Round[], name: Name, isChange = false): number[] =>
  rounds.flatMap((round) => {
    const [ours, floor] = [phaseOf(round[name], isChange, null), phaseOf(round.fetch, false, null)];
    return ours === undefined || floor === undefined ? [] : ours.perSecond / floor.perSecond;
  });

const answered = ({ sent, replies: { accepted, confirmed } }: Phase): number =>
  ((accepted + confirmed) / (2 * sent)) * 100;

/** Throughput. */
export function saturationTable(rounds: readonly Round[], names: readonly Name[]): Table {
  const row = (title: string, name: Name, isChange: boolean): string[] => {
    const of = (pick: Pick) => valuesOf(rounds, name, isChange, null, pick);
    const isBridge = name === 'bridge';
    return [
      title,
      spread(of(({ perSecond }) => perSecond)),
      spread(ratios(rounds, name, isChange)),
      spread(of(({ cpuPerCommand }) => cpuPerCommand)),
      isBridge ? spread(of(answered)) : '–',
      spread(rounds.flatMap((round) => round[name]?.peak ?? [])),
      spread(rounds.flatMap((round) => round[name]?.connections ?? [])),
      spread(of(({ busy }) => busy * 100)),
      spread(of(({ othersBusy }) => othersBusy * 100)),
    ];
  };
  const hasChanges = valuesOf(rounds, 'bridge', true, null, ({ sent }) => sent).length > 0;
  return {
    heading: 'As fast as it goes: median of the rounds (least–most)',
    columns: [
      ...['', 'commands/s', '÷ floor', 'processor time per command, µs', 'replies that came, %'],
      ...[
        'TLS connections at once',
        'opened under load',
        'its core, % busy',
        'sender, cloud and broker, % busy',
      ],
    ],
    rows: [
      ...names.map((name) => row(TITLES[name], name, false)),
      ...(hasChanges ? [row('bridge, with two events for each command', 'bridge', true)] : []),
    ],
  };
}

/** Latency at the rates. */
export function latencyTable(rounds: readonly Round[], names: readonly Name[]): Table {
  return {
    heading: 'From the publish to the call at the cloud, ms: median of the rounds (least–most)',
    columns: ['', ...RATES.flatMap((rate) => [`${rate}/s, p50`, `${rate}/s, p99`])],
    rows: names.map((name) => [
      TITLES[name],
      ...RATES.flatMap((rate) => [
        spread(valuesOf(rounds, name, false, rate, ({ p50 }) => p50)),
        spread(valuesOf(rounds, name, false, rate, ({ p99 }) => p99)),
      ]),
    ]),
  };
}
