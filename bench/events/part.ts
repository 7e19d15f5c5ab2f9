import { openGarage } from '../harness/daemon.ts';
import { openHome, PLAYERS } from '../harness/home.ts';
import { extremes, median } from '../harness/stats.ts';
import { machine } from '../machine.ts';
import type { Options, Part } from '../part.ts';
import { figure, type Report, type Table } from '../report.ts';
import { BODIES } from './bodies.ts';
import { type Measured, measure, type Phase } from './round.ts';
import { bridgeSystem, floorSystem, type System } from './systems.ts';

/** Both systems, one after the other. */
interface Round {
  readonly bridge: Measured;
  readonly floor: Measured;
}

const ratePerSecond = ({ sent, seconds }: Phase): number => sent / seconds;

/** What spoils a phase; empty when nothing does. */
function flaws(
  { bad, lost, busy, othersBusy, accepted, wasted, sent }: Phase,
  isSaturated: boolean,
): string[] {
  return [
    ...(bad > 0 ? [`${bad} answers were not 200`] : []),
    ...(lost > 0 ? [`${lost} events never reached the subscriber`] : []),
    ...(accepted !== null && accepted !== sent ? [`${sent} sent, ${accepted} accepted`] : []),
    ...(wasted !== null && wasted > 0 ? [`${wasted} events without effect`] : []),
    ...(isSaturated && busy < 0.95 ? [`only ${figure(busy * 100)} % busy`] : []),
    ...(othersBusy > 0.8 ? [`the other core ${figure(othersBusy * 100)} % busy`] : []),
  ];
}

const flawsOf = ({ bridge, floor }: Round): string[] =>
  [bridge, floor].flatMap(({ system, saturated, paced }) =>
    [...flaws(saturated, true), ...(paced === null ? [] : flaws(paced, false))].map(
      (flaw) => `${system}: ${flaw}`,
    ),
  );

async function runRounds(options: Options): Promise<{ rounds: Round[]; offered: number }> {
  const home = await openHome();
  const garage = await openGarage(home);
  try {
    const bridge = bridgeSystem(home, garage);
    const floor = floorSystem(home);
    const durations = { warmUp: options.warmUp, measured: options.seconds };
    const first = await measure(bridge, home, durations, null);
    const offered = Math.round(ratePerSecond(first.saturated) / 2);
    const rounds: Round[] = [];
    for (let round = 0; round < options.rounds; round += 1) {
      const once = (system: System): Promise<Measured> => measure(system, home, durations, offered);
      const measured: Round =
        round % 2 === 0
          ? { bridge: await once(bridge), floor: await once(floor) }
          : { floor: await once(floor), bridge: await once(bridge) };
      rounds.push(measured);
      const [ours, theirs] = [measured.bridge, measured.floor].map(({ saturated }) =>
        ratePerSecond(saturated),
      );
      const remarks = flawsOf(measured).join('; ');
      console.log(
        `round ${round + 1}: bridge ${figure(ours ?? Number.NaN)}/s, floor ${figure(theirs ?? Number.NaN)}/s ${remarks}`,
      );
    }
    return { rounds, offered };
  } finally {
    await garage.close();
    await home.sonos.stop();
  }
}

const medianOf = (rounds: readonly Round[], of: (round: Round) => number): number => median(rounds.map(of));

function spread(rounds: readonly Round[], of: (round: Round) => number): string {
  const [least, most] = extremes(rounds.map(of));
  return `${figure(medianOf(rounds, of))} (${figure(least)}–${figure(most)})`;
}

type OfPhase = (phase: Phase) => number;

function saturationTable(rounds: readonly Round[]): Table {
  const row = (name: string, of: OfPhase): string[] => [
    name,
    spread(rounds, ({ bridge }) => of(bridge.saturated)),
    spread(rounds, ({ floor }) => of(floor.saturated)),
    spread(rounds, ({ bridge, floor }) => of(bridge.saturated) / of(floor.saturated)),
  ];
  return {
    heading: 'As fast as it goes: median of the rounds (least–most)',
    columns: ['', 'bridge', 'floor', 'bridge ÷ floor'],
    rows: [
      row('events/s, POST to subscriber', ratePerSecond),
      row('processor time per event, µs', ({ cpuPerEvent }) => cpuPerEvent),
      row('messages/s at the subscriber', ({ messages, seconds }) => messages / seconds),
      row('messages per event', ({ messages, sent }) => messages / sent),
      row(
        'processor time per message, µs',
        ({ cpuPerEvent, sent, messages }) => (cpuPerEvent * sent) / messages,
      ),
      row('events shown themselves, %', ({ shown, sent }) => (shown / sent) * 100),
      row('peak memory, MB', ({ peakMegabytes }) => peakMegabytes),
      row('core of the program under test, % busy', ({ busy }) => busy * 100),
      row('generator, subscriber and broker, % busy', ({ othersBusy }) => othersBusy * 100),
    ],
  };
}

function latencyTable(rounds: readonly Round[], offered: number): Table {
  const of = (phase: Phase | null, pick: OfPhase): number => (phase === null ? Number.NaN : pick(phase));
  const row = (name: string, pick: OfPhase): string[] => [
    name,
    spread(rounds, ({ bridge }) => of(bridge.paced, pick)),
    spread(rounds, ({ floor }) => of(floor.paced, pick)),
    spread(rounds, ({ bridge, floor }) => of(bridge.paced, pick) / of(floor.paced, pick)),
  ];
  return {
    heading: `At half of the bridge's saturation, ${figure(offered)} events/s at random moments: median of the rounds (least–most)`,
    columns: ['', 'bridge', 'floor', 'bridge ÷ floor'],
    rows: [
      row('POST to subscriber, p50, ms', ({ endToEndMs }) => endToEndMs.p50),
      row('POST to subscriber, p99, ms', ({ endToEndMs }) => endToEndMs.p99),
      row('POST to its answer, p50, ms', ({ answerMs }) => answerMs.p50),
      row('POST to its answer, p99, ms', ({ answerMs }) => answerMs.p99),
      row('events shown themselves, %', ({ shown, sent }) => (shown / sent) * 100),
      row('core of the program under test, % busy', ({ busy }) => busy * 100),
    ],
  };
}

/** Whether rates and processor times say the same; work of others on the machine disturbs the former only. */
function verdict(rounds: readonly Round[]): string {
  const rate = medianOf(
    rounds,
    ({ bridge, floor }) => ratePerSecond(bridge.saturated) / ratePerSecond(floor.saturated),
  );
  const [ours, theirs] = (['bridge', 'floor'] as const).map(
    (name) => extremes(rounds.map((round) => round[name].saturated.cpuPerEvent))[0],
  );
  const cpu = (theirs ?? Number.NaN) / (ours ?? Number.NaN);
  const agree = Math.abs(rate / cpu - 1) <= 0.1;
  return `Ratio by rate ${figure(rate)}, by least processor time ${figure(cpu)}: ${
    agree ? 'they agree.' : 'they differ by more than 10 %, so this run is **inconclusive**.'
  }`;
}

const bodyBytes = (): string =>
  Object.entries(BODIES)
    .map(([kind, make]) => `${kind} ${make(1).length} B`)
    .join(', ');

function reportOf(rounds: readonly Round[], offered: number, options: Options): Report {
  const good = rounds.filter((round) => flawsOf(round).length === 0);
  const judged = good.length > 0 ? good : rounds;
  const flawed = rounds.flatMap((round, index) =>
    flawsOf(round).map((flaw) => `round ${index + 1}, ${flaw}`),
  );
  return {
    part: 'events',
    title: 'Events',
    at: new Date().toISOString(),
    machine: machine(),
    method: [
      `The bridge is the daemon (\`node dist/main.js start\`), linked to a simulated Sonos household of ${PLAYERS} players, each a group of its own; the floor is a \`node:http\` server that checks the signature, calls \`JSON.parse\`, publishes one retained message at QoS 0 through mqtt.js (without Nagle's algorithm, one write for all messages of a turn, as the bridge does), and does nothing else.`,
      `The same signed events for both, 20 % metadata, 40 % playback status, 40 % volumes (${bodyBytes()}); each changes the state. Raw sockets, one connection for each room; generator, subscriber, mosquitto and the program under test are processes of their own.`,
      `${rounds.length} rounds in turns, everything started anew each time; ${options.warmUp} s warm-up, ${options.seconds} s as fast as it goes, ${options.seconds} s at a fixed rate. An event is done when its own mark, or that of a later one of the same room and kind, has come to the subscriber.`,
    ],
    tables: [saturationTable(judged), latencyTable(judged, offered)],
    notes: [
      'The two do not do the same: for each event the bridge publishes the JSON of the room and every attribute that changed, retained at QoS 1 with an acknowledgement by the broker for each, and also checks schema, target and sequence number and keeps the state; the floor publishes one message at QoS 0.',
      'Of each topic the bridge keeps one value under way and the newest one waiting, so at saturation a value may be overtaken by a later one of the same topic by design; "shown themselves" says how many were not.',
      verdict(judged),
      good.length === rounds.length
        ? 'Every round was valid: all answers 200, nothing lost, the program under test at least 95 % busy at saturation, all others together at most 80 % of their core.'
        : `${good.length} of ${rounds.length} rounds were valid${good.length > 0 ? ' and are counted' : ', so all are shown, and none proves anything'}. ${flawed.join('; ')}.`,
    ],
    data: { options, offered, rounds },
  };
}

/** Events per second and latency, beside the floor. */
export const events: Part = {
  name: 'events',
  about:
    'events per second from the POST to the MQTT message, and latency at half of that, beside a bare floor',
  run: async (options) => {
    const { rounds, offered } = await runRounds(options);
    return reportOf(rounds, offered, options);
  },
};
