import { openGarage } from '../harness/daemon.ts';
import { type Home, openHome, PLAYERS } from '../harness/home.ts';
import { nodeRedVersion } from '../harness/node-red.ts';
import { median } from '../harness/stats.ts';
import { machine } from '../machine.ts';
import type { Options, Part } from '../part.ts';
import { figure, type Goal, type Report } from '../report.ts';
import { type Measured, measure, type Phase, type Plan } from './round.ts';
import { bridgeSystem, loopSystem, type Name, nodeRedSystem, type System } from './systems.ts';
import { latencyTable, phaseOf, RATES, type Round, ratios, saturationTable, valuesOf } from './tables.ts';

const SHORT_ROUNDS = 2;
const SHORT = { warmUp: 0.6, seconds: 0.6, rates: [], hasChanges: false } as const satisfies Plan;
const MOST_CONNECTIONS = 16;
const LEAST_RATIO = 0.9;

/** What spoils a phase; empty when nothing does. */
function flaws(system: Name, phase: Phase): string[] {
  const { sent, lost, wrong, refused, offered, busy, othersBusy, replies } = phase;
  const missing = 2 * sent - replies.accepted - replies.confirmed;
  return [
    ...(lost > 0 ? [`${lost} commands never reached the cloud`] : []),
    ...(wrong > 0 ? [`${wrong} calls that nobody had asked for`] : []),
    ...(system === 'bridge' && missing > 0 ? [`${missing} answers never came`] : []),
    ...(refused > 0 ? [`${refused} events were not taken`] : []),
    ...(offered === null && busy < 0.95 ? [`only ${figure(busy * 100)} % busy`] : []),
    ...(offered === null && othersBusy > 0.8 ? [`the other core ${figure(othersBusy * 100)} % busy`] : []),
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

function goalsOf(rounds: readonly Round[]): Goal[] {
  const rate = (name: Name): number =>
    median(valuesOf(rounds, name, false, null, ({ perSecond }) => perSecond));
  const ratio = median(ratios(rounds, 'bridge'));
  const connections = Math.max(...rounds.map((round) => round.bridge?.peak ?? Number.NaN));
  return [
    {
      what: 'Commands per second, MQTT to HTTPS',
      goal: `≥ ${LEAST_RATIO.toFixed(2)} of a bare MQTT → fetch loop`,
      floor: figure(rate('fetch'), '/s'),
      reached: `${figure(ratio)} (${figure(rate('bridge'), '/s')})`,
      share: ratio / LEAST_RATIO,
    },
    {
      what: 'TLS connections to the cloud at once',
      goal: `≤ ${MOST_CONNECTIONS}`,
      floor: figure(median(rounds.flatMap((round) => round.fetch?.peak ?? []))),
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
        ? 'Every round was valid: nothing lost, every command answered twice by the bridge, no call that nobody had asked for, the program under test at least 95 % busy, all others together at most 80 % of their core; of the other systems that is only shown.'
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
    const others = [loopSystem(home, 'https'), ...(nodeRedVersion() !== null ? [nodeRedSystem(home)] : [])];
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
