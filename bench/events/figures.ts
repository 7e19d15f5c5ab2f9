import { median } from '../harness/stats.ts';
import { barPlot, linePlot } from '../plot.ts';
import { figure, type Plot, type Table } from '../report.ts';
import { type Run, ratePerSecond } from './rounds.ts';
import { SYSTEMS, type SystemName } from './systems.ts';
import { type OfPhase, pairsOf, spread, valuesOf } from './view.ts';

const present = ({ rounds }: Run): SystemName[] =>
  SYSTEMS.filter((system) => rounds.some((round) => round[system] !== undefined));

/** What each system had as fast as it goes. */
export function saturationTable(run: Run): Table {
  const { rounds } = run;
  const systems = present(run);
  const row = (name: string, of: OfPhase): string[] => [
    name,
    ...systems.map((system) => spread(valuesOf(rounds, system, null, of))),
    spread(pairsOf(rounds, ['bridge', 'floor'], null, (ours, theirs) => of(ours) / of(theirs))),
  ];
  return {
    heading: 'As fast as it goes: median of the rounds (least–most)',
    columns: ['', ...systems, 'bridge ÷ floor'],
    rows: [
      row('events/s, POST to subscriber', ratePerSecond),
      row('processor time per event, µs', ({ cpuPerEvent }) => cpuPerEvent),
      row('messages per event', ({ messages, sent }) => messages / sent),
      row(
        'processor time per message, µs',
        ({ cpuPerEvent, sent, messages }) => (cpuPerEvent * sent) / messages,
      ),
      row('events shown themselves, %', ({ shown, sent }) => (shown / sent) * 100),
      row('peak memory, MB', ({ peakMegabytes }) => peakMegabytes),
      row('its core, % busy', ({ busy }) => busy * 100),
      row('generator, subscriber and broker, % busy', ({ othersBusy }) => othersBusy * 100),
    ],
  };
}

/** The latencies at each rate. */
export function latencyTable(run: Run): Table {
  const { rounds, rates } = run;
  const systems = present(run).filter((system) => system !== 'least');
  const row = (rate: number, system: SystemName): string[] => {
    const cell = (of: OfPhase): string => spread(valuesOf(rounds, system, rate, of));
    const name = `${figure(rate)}/s, ${system}`;
    if (valuesOf(rounds, system, rate, ratePerSecond).length === 0)
      return [name, 'above its saturation', '–', '–', '–', '–', '–', '–'];
    return [
      name,
      cell(({ endToEndMs }) => endToEndMs.p50),
      cell(({ endToEndMs }) => endToEndMs.p99),
      cell(({ endToEndMs }) => endToEndMs.p999),
      cell(({ answerMs }) => answerMs.p99),
      cell(({ lateMs }) => lateMs.p99),
      cell(({ messages, sent }) => messages / sent),
      cell(({ busy }) => busy * 100),
    ];
  };
  return {
    heading:
      'At random moments, so many a second, ms from when the event was due: median of the rounds (least–most)',
    columns: [
      '',
      'seen: p50',
      'seen: p99',
      'seen: p99.9',
      'answered: p99',
      'generator late: p99',
      'messages per event',
      'its core, % busy',
    ],
    rows: rates.flatMap((rate) => systems.map((system) => row(rate, system))),
  };
}

/** Throughput as bars, and latency over the rate. */
export function plotsOf(run: Run): Plot[] {
  const { rounds, rates } = run;
  const systems = present(run);
  const rateOf = (system: SystemName): number => median(valuesOf(rounds, system, null, ratePerSecond));
  const bars = systems.map((system) => ({ label: system, value: rateOf(system) }));
  const points = (system: SystemName, of: OfPhase) =>
    rates.flatMap((rate) => {
      const values = valuesOf(rounds, system, rate, of);
      return values.length === 0 ? [] : [{ x: rate, y: median(values) }];
    });
  const lines = systems
    .filter((system) => system !== 'least')
    .flatMap((system, colour) => [
      { label: `${system}, p99`, colour, points: points(system, ({ endToEndMs }) => endToEndMs.p99) },
      {
        ...{ label: `${system}, p50`, colour, isDashed: true },
        points: points(system, ({ endToEndMs }) => endToEndMs.p50),
      },
    ]);
  return [
    barPlot({
      name: 'events-rate',
      about: `Events a second as fast as it goes: ${bars.map(({ label, value }) => `${label} ${figure(value)}`).join(', ')}.`,
      title: 'Events a second, as fast as it goes',
      bars,
    }),
    linePlot({
      name: 'events-latency',
      about: `Latency from the moment an event is due until the subscriber has it, over the offered rate, for ${systems.filter((system) => system !== 'least').join(', ')}; the figures are in the table.`,
      title: 'From the event to the subscriber, ms',
      x: 'events a second, offered',
      lines,
    }),
  ];
}
