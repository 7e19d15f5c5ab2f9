import { extremes, median } from '../harness/stats.ts';
import { figure, type Table } from '../report.ts';
import type { Fed, Republished } from './messages.ts';
import type { Measured, Spread } from './run.ts';

/** Of the events alone: what is done beside them once a second does not grow with their number. */
export const microsEach = ({ cpuMicros, besideMicros, events }: Fed): number =>
  (cpuMicros - besideMicros) / events;

const spreadText = (values: readonly number[], unit = ''): string => {
  const [least, most] = extremes(values);
  return `${figure(median(values))} (${figure(least)}–${figure(most)})${unit === '' ? '' : ` ${unit}`}`;
};

/** What each round says of the house at that place. */
export const eachRound = (
  { rounds }: Measured,
  spread: Spread,
  place: number,
  of: (fed: Fed, first: Fed) => number,
): number[] =>
  rounds.flatMap((round) => {
    const [first, fed] = [round[spread][0], round[spread][place]];
    return first === undefined || fed === undefined ? [] : [of(fed, first)];
  });

/** How many times as much an event costs there as in the first house, round by round. */
export const growth = (measured: Measured, spread: Spread, place: number): number[] =>
  eachRound(measured, spread, place, (fed, first) => microsEach(fed) / microsEach(first));

/** In words. */
export const whose: Readonly<Record<Spread, string>> = {
  one: 'events of one household among all',
  all: 'events of all households in turn',
};

function growthTable(measured: Measured, spread: Spread): Table {
  return {
    heading: `One event, ${whose[spread]}: median of the rounds (least–most)`,
    columns: ['households', 'processor time, µs', '÷ that with one', 'messages', 'longest pause, ms'],
    rows: measured.houses.map(({ households }, place) => [
      figure(households),
      spreadText(eachRound(measured, spread, place, microsEach)),
      spreadText(growth(measured, spread, place)),
      figure(median(eachRound(measured, spread, place, ({ published, events }) => published / events))),
      figure(median(eachRound(measured, spread, place, ({ longestStallMs }) => longestStallMs))),
    ]),
  };
}

const median0 = (values: readonly (number | null)[]): number =>
  median(values.filter((value) => value !== null));

function houseTable({ houses, rounds }: Measured): Table {
  const first = houses[0];
  return {
    heading: 'The whole house',
    columns: [
      ...['households', 'topics', 'subscriptions', 'there after, s', 'of it adopting, s', 'longest pause, s'],
      ...['memory per household, KB', 'resident, MB', 'look at the state, ms', 'saving of marks, ms'],
    ],
    rows: houses.map(({ households, opened, heapBytes, residentBytes }, place) => {
      const more = households - (first?.households ?? 0);
      const each = more > 0 ? (heapBytes - (first?.heapBytes ?? 0)) / more / 1000 : Number.NaN;
      const fed = rounds
        .flatMap((round) => [round.one[place], round.all[place]])
        .filter((one) => one !== undefined);
      return [
        ...[figure(households), figure(opened.topics), figure(opened.subscriptions)],
        ...[
          figure(opened.settledMs / 1000),
          figure(opened.adoptedMs / 1000),
          figure(opened.longestStallMs / 1000),
        ],
        ...[figure(each), figure(residentBytes / 1e6)],
        ...[figure(median0(fed.map((one) => one.lookMs))), figure(median0(fed.map((one) => one.saveMs)))],
      ];
    }),
  };
}

function againTable({ again, wholeAgain }: Measured): Table {
  const row = (name: string, of: (one: Republished) => number): string[] => [
    name,
    spreadText(again.bridge.map(of)),
    spreadText(again.floor.map(of)),
    figure(median(again.bridge.map(of)) / median(again.floor.map(of))),
    ...(wholeAgain === null ? [] : [figure(of(wholeAgain))]),
  ];
  return {
    heading: `Everything again on a new connection: ${figure(again.topics)} topics, ${figure(again.bytes / 1000)} KB, ${again.window} under way at once`,
    columns: [
      ...['', 'bridge', 'floor', 'bridge ÷ floor'],
      ...(wholeAgain === null ? [] : [`the bridge with ${figure(wholeAgain.topics)} topics`]),
    ],
    rows: [
      row('from being let in to the last PUBACK, ms', ({ fromLetInMs }) => fromLetInMs),
      row('from the begin of the connection, ms', ({ fromBeginMs }) => fromBeginMs),
      row('processor time, ms', ({ cpuMs }) => cpuMs),
    ],
  };
}

function renewalTables({ renewed }: Measured): Table[] {
  if (renewed.length === 0) return [];
  return [
    {
      heading: 'Subscriptions, each renewed once a day',
      columns: [
        ...['households of so many rooms', 'subscriptions', 'renewals', 'timers that fired for them'],
        ...['processor time of a renewal, µs', 'memory of an entry and its path, bytes'],
      ],
      rows: renewed.map(
        ({ households, roomsEach, held, renewals, rounds, microsEach: micros, bytesEach }) => [
          ...[`${figure(households)} of ${roomsEach}`, figure(held), figure(renewals), figure(rounds)],
          ...[figure(micros), figure(bytesEach)],
        ],
      ),
    },
  ];
}

/** Everything that was measured, as tables. */
export const tablesOf = (measured: Measured): Table[] => [
  growthTable(measured, 'one'),
  growthTable(measured, 'all'),
  houseTable(measured),
  againTable(measured),
  ...renewalTables(measured),
];
