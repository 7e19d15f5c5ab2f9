import { PLAYERS } from '../harness/home.ts';
import { nodeRedVersion } from '../harness/node-red.ts';
import { machine } from '../machine.ts';
import type { Options, Part } from '../part.ts';
import { figure, type Report } from '../report.ts';
import { BODIES } from './bodies.ts';
import { latencyTable, plotsOf, saturationTable } from './figures.ts';
import { goalsOf, verdict } from './goals.ts';
import { flawsOf, type Run, runRounds } from './rounds.ts';

const bodyBytes = (): string =>
  Object.entries(BODIES)
    .map(([kind, make]) => `${kind} ${make(1).length} B`)
    .join(', ');

/** The bridge may publish more than the others: emptiness where there was nothing. */
const idle = (counts: readonly number[]): string => {
  const sum = counts.reduce((all, count) => all + count, 0);
  return sum === 0
    ? ''
    : ` Beside them the bridge sent ${sum} empty messages to topics that held nothing (${Math.min(...counts)} to ${Math.max(...counts)} an event); they are in its figures and not in the others'.`;
};

function methodOf({ rounds, sameness }: Run, { warmUp, seconds, isShort }: Options): string[] {
  const version = nodeRedVersion();
  const nodeRed =
    version === null
      ? 'Node-RED was not there (`npm ci --prefix test/node-red`), so nothing is said of it.'
      : `Node-RED ${version}, headless, does what the floor does in a flow: http in, a function node with the mapping of the floor, mqtt out (MQTT 5, QoS 1, retained), http response.`;
  return [
    `The bridge is the daemon (\`node dist/main.js start\`), linked to a simulated Sonos household of ${PLAYERS} players, each a group of its own: signature, schema, target and sequence checked, state kept, log at \`info\`.`,
    'The floor publishes the very same messages (the JSON of the room, each attribute that changed, and the list of all groups when it changed), retained at QoS 1: a `node:http` server that checks the signature, calls `JSON.parse`, maps four kinds of event by hand onto the picture that it was given at its start, and publishes through mqtt.js as the bridge does (MQTT 5, no Nagle, one write a turn, no write cache). No schema, no sequence numbers, no counters, no log, nothing left out. As mqtt.js comes, it does not wait for acknowledgements, while the bridge keeps to the receive maximum of the broker: that can only cost the bridge.',
    `Before the rounds, ${sameness.events} events went to each, one after another: ${sameness.others.join(' and ')} published the same ${sameness.messages} messages as the bridge, topic by topic and byte by byte (${figure(sameness.bytes)} B). Only the time in \`position.at\` is of each one's own clock, of equal length.${idle(sameness.idleClearings)}`,
    ...(isShort ? [] : [nodeRed]),
    'For reference, `least` is not the same work: one small message at QoS 0 for each event.',
    `The same signed events for all, 20 % metadata, 40 % playback status, 40 % volumes (${bodyBytes()}); each changes the state. Raw sockets, one connection for each of ${PLAYERS} rooms. mosquitto has the limits that the project ships, so its receive maximum is mosquitto's default of 20.`,
    `${rounds.length} rounds in turns, every second one backwards, everything started anew each time: ${warmUp} s warm-up, ${seconds} s as fast as it goes, and ${seconds} s at each rate. An event is done when its own mark, or that of a later one of the same room and kind, has come to the subscriber.`,
  ];
}

function validity({ rounds }: Run): string {
  const found = rounds.flatMap((round, index) => flawsOf(round).map((flaw) => `round ${index + 1}, ${flaw}`));
  const rule =
    'all answers 200, nothing lost, the program under test at least 95 % busy at saturation, all others together at most 80 % of their core';
  return found.length === 0
    ? `Every phase was valid: ${rule}.`
    : `A phase is valid when ${rule}. Those that are not are left out as long as others are there. Not valid: ${found.join('; ')}.`;
}

const reportOf = (run: Run, options: Options): Report => ({
  part: 'events',
  title: 'Events',
  at: new Date().toISOString(),
  machine: machine(),
  method: methodOf(run, options),
  goals: goalsOf(run, options.isShort),
  tables: [saturationTable(run), latencyTable(run)],
  plots: plotsOf(run),
  notes: [
    'Of each topic the bridge keeps one value under way and the newest one waiting, so when events come faster than their messages go, a value may be overtaken by a later one of the same topic, by design; "shown themselves" says how many were not, "messages per event" what that saves.',
    'Latency counts from when an event was due, so what the generator or a busy connection delays is in it. A p99.9 of fewer than 1,000 events in a round is its slowest.',
    verdict(run),
    validity(run),
  ],
  data: { options, ...run },
});

/** Events per second and latency, beside the floor and Node-RED. */
export const events: Part = {
  name: 'events',
  about:
    'events per second from the POST to the MQTT messages, and latency, beside a bare floor and Node-RED',
  run: async (options) => reportOf(await runRounds(options), options),
};
