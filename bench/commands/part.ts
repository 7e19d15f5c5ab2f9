import { openGarage } from '../harness/daemon.ts';
import { type Home, openHome, PLAYERS } from '../harness/home.ts';
import { extremes, median } from '../harness/stats.ts';
import { machine } from '../machine.ts';
import type { Options, Part } from '../part.ts';
import { figure, type Goal, type Report, type Table } from '../report.ts';
import { hasNodeRed } from './node-red.ts';
import { type Measured, measure, type Phase, type Plan } from './round.ts';
import { bridgeSystem, loopSystem, type Name, nodeRedSystem, type System } from './systems.ts';

type Round = Readonly<Partial<Record<Name, Measured>>>;

const RATES = [100, 1_000] as const;
const SHORT_ROUNDS = 2;
const SHORT = { warmUp: 0.7, seconds: 0.7, rates: [], hasChanges: false } as const satisfies Plan;
/** As many as the bridge keeps open, and one that may have been opened anew meanwhile. */
const MOST_CONNECTIONS = 17;
const LEAST_RATIO = 0.9;

const TITLES: Readonly<Record<Name, string>> = {
  bridge: 'bridge',
  fetch: 'floor: MQTT → fetch',
  https: 'MQTT → node:https',
  'node-red': 'Node-RED 4',
};

type Pick = (phase: Phase) => number;

/** One phase of a system: as fast as it goes when `offered` is null. */
const phaseOf = (measured: Measured | undefined, isChange: boolean, offered: number | null) =>
  measured?.phases.find((phase) => phase.isChange === isChange && phase.offered === offered);

/** What spoils a phase; empty when nothing does. */
function flaws(system: Name, phase: Phase): string[] {
  const { sent, lost, wrong, refused, offered, busy, othersBusy, replies } = phase;
  const missing = 2 * sent - replies.accepted - replies.confirmed;
  return [
    ...(lost > 0 ? [`${lost} commands never reached the cloud`] : []),
    ...(wrong > 0 ? [`${wrong} calls that nobody had asked for`] : []),
    ...(system === 'bridge' && missing > 0 ? [`${missing} answers never came`] : []),
    ...(refused > 0 ? [`${refused} events were not taken`] : []),
    ...(offered === null && busy < 0.9 && othersBusy > 0.9 ? ['the other core was the limit'] : []),
  ];
}

/** Of the systems whose ratio is judged; the others may be beyond what the load can show. */
const flawsOf = (round: Round): string[] =>
  [round.bridge, round.fetch].flatMap((measured) =>
    (measured?.phases ?? [])
      .filter(({ isChange, offered }) => !isChange && offered === null)
      .flatMap((phase) =>
        measured === undefined
          ? []
          : flaws(measured.system, phase).map((flaw) => `${measured.system}: ${flaw}`),
      ),
  );

async function runRounds(
  systems: readonly System[],
  home: Home,
  plan: Plan,
  count: number,
): Promise<Round[]> {
  const rounds: Round[] = [];
  for (let number = 0; number < count; number += 1) {
    const round: Partial<Record<Name, Measured>> = {};
    for (const system of number % 2 === 0 ? systems : systems.toReversed()) {
      // Only the bridge has more to do when something changes.
      const hasChanges = plan.hasChanges && system.name === 'bridge';
      round[system.name] = await measure(system, home, { ...plan, hasChanges });
    }
    rounds.push(round);
    const rates = systems.map(
      ({ name }) => `${name} ${figure(phaseOf(round[name], false, null)?.perSecond ?? Number.NaN)}/s`,
    );
    console.log(`round ${number + 1}: ${rates.join(', ')} ${flawsOf(round).join('; ')}`);
  }
  return rounds;
}

function spread(values: readonly number[], unit = ''): string {
  if (values.length === 0) return '–';
  const [least, most] = extremes(values);
  return `${figure(median(values), unit)} (${figure(least)}–${figure(most)})`;
}

const valuesOf = (
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
const ratios = (rounds: readonly Round[], name: Name, isChange = false): number[] =>
  rounds.flatMap((round) => {
    const [ours, floor] = [phaseOf(round[name], isChange, null), phaseOf(round.fetch, false, null)];
    return ours === undefined || floor === undefined ? [] : ours.perSecond / floor.perSecond;
  });

const answered = ({ sent, replies: { accepted, confirmed } }: Phase): number =>
  ((accepted + confirmed) / (2 * sent)) * 100;

function saturationTable(rounds: readonly Round[], names: readonly Name[]): Table {
  const row = (title: string, name: Name, isChange: boolean): string[] => {
    const of = (pick: Pick) => valuesOf(rounds, name, isChange, null, pick);
    const isBridge = name === 'bridge';
    return [
      title,
      spread(of(({ perSecond }) => perSecond)),
      spread(ratios(rounds, name, isChange)),
      spread(of(({ cpuPerCommand }) => cpuPerCommand)),
      isBridge ? spread(of(answered)) : '–',
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
      ...['TLS connections opened', 'its core, % busy', 'sender, cloud and broker, % busy'],
    ],
    rows: [
      ...names.map((name) => row(TITLES[name], name, false)),
      ...(hasChanges ? [row('bridge, with two events for each command', 'bridge', true)] : []),
    ],
  };
}

function latencyTable(rounds: readonly Round[], names: readonly Name[]): Table {
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

function goalsOf(rounds: readonly Round[]): Goal[] {
  const rate = (name: Name): number =>
    median(valuesOf(rounds, name, false, null, ({ perSecond }) => perSecond));
  const ratio = median(ratios(rounds, 'bridge'));
  const connections = Math.max(...rounds.map((round) => round.bridge?.connections ?? Number.NaN));
  return [
    {
      what: 'Commands per second, MQTT to HTTPS',
      goal: `≥ ${LEAST_RATIO.toFixed(2)} of a bare MQTT → fetch loop`,
      floor: figure(rate('fetch'), '/s'),
      reached: `${figure(ratio)} (${figure(rate('bridge'), '/s')})`,
      share: ratio / LEAST_RATIO,
    },
    {
      what: 'TLS connections opened for all of them',
      goal: `≤ ${MOST_CONNECTIONS}`,
      floor: figure(median(rounds.flatMap((round) => round.fetch?.connections ?? []))),
      reached: String(connections),
      share: MOST_CONNECTIONS / connections,
    },
  ];
}

function reportOf(rounds: readonly Round[], names: readonly Name[], plan: Plan): Report {
  const good = rounds.filter((round) => flawsOf(round).length === 0);
  const judged = good.length > 0 ? good : rounds;
  const flawed = rounds.flatMap((round, index) =>
    flawsOf(round).map((flaw) => `round ${index + 1}, ${flaw}`),
  );
  return {
    part: 'commands',
    title: 'Commands',
    at: new Date().toISOString(),
    machine: machine(),
    method: [
      `\`true\` and \`false\` come to \`sonos/home/<room>/set/mute\` of ${PLAYERS} rooms, each a group of its own, at QoS 0, as home automations send them; each becomes a POST over TLS 1.3 to a cloud that answers at once. Not volumes: of those the bridge sends at most ten a second to a player, as Sonos asks. Sender, cloud, mosquitto and the program under test are processes of their own.`,
      'As fast as it goes: each room gets its next command as soon as the cloud has seen the last one. At a fixed rate: at random moments, rooms taking turns.',
      'The bridge is the delivered house, linked to the simulated Sonos, with one difference: its ceiling of calls per second, which the settings do not let rise above the 100 that Sonos allows, is lifted. The floor subscribes, calls `JSON.parse`, and calls `fetch` with the same headers and body; the second line does the same with `node:https` and 16 kept connections; Node-RED runs mqtt in → function → http request with kept connections.',
      `${rounds.length} rounds in turns, everything started anew each time; ${plan.warmUp} s warm-up, ${plan.seconds} s each.`,
    ],
    goals: goalsOf(judged),
    tables: [saturationTable(judged, names), ...(plan.rates.length > 0 ? [latencyTable(judged, names)] : [])],
    notes: [
      'Only the bridge checks, orders, budgets and answers: each command is answered `accepted` and `confirmed` at QoS 1, with an acknowledgement by the broker for each. In the first lines a command asks for what is so already, of which Sonos tells no event; in the last one each changes something, and the two signed events that tell of it are taken in and shown, too.',
      'All speak MQTT 3.1.1. By MQTT 5 mosquitto bears 20 unacknowledged messages, which is not enough for two answers to each command at such a rate: more than 1000 wait, and the oldest fall out.',
      '`fetch` opens a connection for every request that finds none free.',
      good.length === rounds.length
        ? 'Every round was valid: nothing lost, every command answered twice by the bridge, no call that nobody had asked for, and where the load was the limit it is shown.'
        : `${good.length} of ${rounds.length} rounds were valid${good.length > 0 ? ' and are counted' : ', so all are shown, and none proves anything'}. ${flawed.join('; ')}.`,
    ],
    data: { plan, rounds },
  };
}

async function run({ rounds, seconds, warmUp, isShort }: Options): Promise<Report> {
  const home = await openHome();
  const garage = await openGarage(home);
  try {
    const judged = [bridgeSystem(home, garage), loopSystem(home, 'fetch')];
    const others = [loopSystem(home, 'https'), ...(hasNodeRed() ? [nodeRedSystem(home)] : [])];
    const systems = isShort ? judged : [...judged, ...others];
    const plan: Plan = isShort ? SHORT : { warmUp, seconds, rates: RATES, hasChanges: true };
    const all = await runRounds(systems, home, plan, isShort ? SHORT_ROUNDS : rounds);
    return reportOf(
      all,
      systems.map(({ name }) => name),
      plan,
    );
  } finally {
    await garage.close();
    await home.sonos.stop();
  }
}

/** Commands per second and latency, beside bare loops and Node-RED. */
export const commands: Part = {
  name: 'commands',
  about: 'commands per second from MQTT to the HTTPS call, and latency, beside bare loops and Node-RED 4',
  run,
};
