import { extremes, median } from '../harness/stats.ts';
import { machine } from '../machine.ts';
import type { Part } from '../part.ts';
import { linePlot } from '../plot.ts';
import { figure, type Goal, type Plot, type Report } from '../report.ts';
import { type Measured, measureAll, type Spread } from './run.ts';
import { eachRound, growth, microsEach, tablesOf, whose } from './tables.ts';

const GOAL_AGAIN_MS = 250;
const GOAL_GROWTH = 1.1;

function growthGoal(measured: Measured, spread: Spread): Goal {
  const { houses } = measured;
  const last = houses.length - 1;
  const least = median(eachRound(measured, spread, 0, microsEach));
  const most = median(eachRound(measured, spread, last, microsEach));
  const reached = median(growth(measured, spread, last));
  return {
    what: `cost of an event with ${figure(houses[last]?.households ?? 0)} households, ${whose[spread]}`,
    goal: `≤ ${GOAL_GROWTH} of that with ${figure(houses[0]?.households ?? 0)}`,
    floor: figure(least, 'µs'),
    reached: `${figure(reached)} (${figure(most, 'µs')})`,
    share: GOAL_GROWTH / reached,
  };
}

function goalsOf(measured: Measured): Goal[] {
  const { bridge, floor, topics } = measured.again;
  const reached = median(bridge.map(({ fromLetInMs }) => fromLetInMs));
  return [
    {
      what: `${figure(topics)} topics published again after a reconnect`,
      goal: `≤ ${GOAL_AGAIN_MS} ms`,
      floor: figure(median(floor.map(({ fromLetInMs }) => fromLetInMs)), 'ms'),
      reached: figure(reached, 'ms'),
      share: GOAL_AGAIN_MS / reached,
    },
    growthGoal(measured, 'one'),
    growthGoal(measured, 'all'),
  ];
}

function plotsOf(measured: Measured): Plot[] {
  const line = (spread: Spread) => ({
    label: spread === 'one' ? 'of one' : 'of all in turn',
    points: measured.houses.map(({ households: x }, place) => ({
      x,
      y: median(eachRound(measured, spread, place, microsEach)),
    })),
  });
  return [
    linePlot({
      name: 'households',
      title: 'Processor time of one event, µs',
      about: 'The processor time of one event against the number of households, on logarithmic axes.',
      x: 'households',
      lines: [line('one'), line('all')],
    }),
  ];
}

/** What spoils a measurement; empty when nothing does. */
function flawsOf({ rounds, again }: Measured): string[] {
  const fed = rounds.flatMap((round) => [...round.one, ...round.all]);
  const missed = fed.filter(({ accepted, events }) => accepted !== events).length;
  const messages = fed.map(({ published, events }) => published / events);
  const [least, most] = extremes(messages);
  const short = [...again.bridge, ...again.floor].filter(
    ({ published, topics }) => published < topics,
  ).length;
  return [
    ...(missed > 0 ? [`${missed} times not all events were taken in`] : []),
    ...(most / least > 1.02 ? [`${figure(least)} to ${figure(most)} messages per event`] : []),
    ...(short > 0 ? [`${short} times not everything was published again`] : []),
  ];
}

function reportOf(measured: Measured): Report {
  const { houses, size, again } = measured;
  const flaws = flawsOf(measured);
  const topicsEach = (houses.at(-1)?.opened.topics ?? 0) / (houses.at(-1)?.households ?? 1);
  return {
    part: 'scale',
    title: 'Many households',
    at: new Date().toISOString(),
    machine: machine(),
    method: [
      `Each house is a process of its own: the product's bridge, event intake, marks, store, publisher, outbox and link, joined as the daemon joins them, with everything that is on by default, at one real mosquitto. Only Sonos' answers are made up: at once, in the same process. Each household has one player and ${figure(topicsEach)} retained topics, Home Assistant's device among them, and 8 subscriptions.`,
      `Events enter at the intake, behind the HTTP server: headers, signature, body. One is posted when everything that follows from the one before is acknowledged by the broker. ${size.rounds} rounds of ${figure(size.events)} events in turns, after ${figure(size.warmUp)}; the processor time is that of the whole process, without what it does beside the events: a look at its own state once a second, and the saving of the sequence marks every ten, which have columns of their own.`,
      `Published again: another client takes the bridge's name at the broker for a moment, so that it has to come back. The floor is a Map with the same topics and values that goes out through mqtt.js at QoS 1, with the same window.`,
      ...(measured.renewed.length === 0
        ? []
        : [
            'Renewals: the real bridge on a clock that is led through a day, while Sonos answers at once; counted are the 5½ hours in which all subscriptions of a day are renewed.',
          ]),
    ],
    goals: goalsOf(measured),
    tables: tablesOf(measured),
    plots: plotsOf(measured),
    notes: [
      'Memory per household is what the heap holds more than with one household, divided by the households; resident memory is what the process had after all events.',
      "Events of all households in turn find nothing in the processor's caches that they need; events of one household show what the program itself does more when there are others.",
      flaws.length === 0
        ? 'All events were taken in, each caused the same messages in every house, and everything was published again every time.'
        : `Not valid: ${flaws.join('; ')}.`,
    ],
    data: { ...measured, again },
  };
}

/** How cost and memory grow with the number of households. */
export const scale: Part = {
  name: 'scale',
  about: 'cost of an event and memory with 1 to 10,000 households, publishing again, renewals',
  run: async (options) => reportOf(await measureAll(options)),
};
