import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { type Child, script, startChild } from '../harness/child.ts';
import { CALLBACK_PATH, type Counted, type Garage } from '../harness/daemon.ts';
import type { Home } from '../harness/home.ts';
import { startNodeRed } from '../harness/node-red.ts';
import { until } from '../harness/proc.ts';
import type { Message, ShownHouse } from './by-hand.ts';
import { flowOf } from './flow.ts';

/** Something that takes events in and publishes, running. */
export interface Running {
  readonly child: Child;
  readonly port: number;
  /** By its own account; null when it keeps none. */
  counted(): Promise<Counted | null>;
  stop(): Promise<void>;
}

/** What is measured. `least` is only for reference. */
export const SYSTEMS = ['bridge', 'floor', 'Node-RED', 'least'] as const;

export type SystemName = (typeof SYSTEMS)[number];

/** Something that can be measured. */
export interface System {
  readonly name: SystemName;
  /** The topic above everything that it publishes. */
  readonly base: string;
  /** The topics that show a room, with the room's place in the house. */
  readonly topics: Readonly<Record<string, number>>;
  /** What it takes for said already, and does not say itself at its start. */
  readonly kept: readonly Message[];
  /** Settles when it is ready for events and has nothing else to do. */
  start(brokerPort: number): Promise<Running>;
}

/** Those that publish the same messages have the same topics; each has a broker of its own. */
const sameTopics = ({ places }: Home) => ({
  base: 'sonos',
  topics: Object.fromEntries(places.map(({ address }, room) => [`sonos/home/${address}`, room])),
});

const keptOf = ({ rooms }: ShownHouse): Message[] =>
  rooms.map(({ topic, picture }) => ({ topic, payload: picture }));

/** The daemon as it is delivered. */
export const bridgeSystem = (home: Home, garage: Garage, nodeFlags: readonly string[] = []): System => ({
  name: 'bridge',
  ...sameTopics(home),
  kept: [],
  start: async (brokerPort) => {
    const daemon = await garage.start({ brokerPort, nodeFlags });
    await daemon.settled();
    return daemon;
  },
});

async function startBare(
  program: string,
  { sonos }: Home,
  brokerPort: number,
  house: ShownHouse | null,
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-floor-'));
  const file = join(folder, 'house.json');
  await writeFile(file, JSON.stringify(house));
  const port = await freePort();
  const { clientId, clientSecret } = sonos;
  const settings = { port, brokerPort, path: CALLBACK_PATH, clientId, clientSecret, house: file };
  const env = { FLOOR: JSON.stringify(settings) };
  const child = startChild({ args: [script(program)], env, isUnderTest: true });
  await until('the floor to listen', () => (child.said().includes('listening') ? true : null));
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { child, port, counted: async () => null, stop };
}

/** The same messages with nothing around them, see `floor.ts`. */
export const floorSystem = (home: Home, house: ShownHouse): System => ({
  name: 'floor',
  ...sameTopics(home),
  kept: keptOf(house),
  start: (brokerPort) => startBare('events/floor', home, brokerPort, house),
});

/** One message at QoS 0 for each event, see `least.ts`. */
export const leastSystem = (home: Home): System => ({
  name: 'least',
  base: 'least',
  kept: [],
  topics: Object.fromEntries(
    home.places.flatMap(({ player, group }, room) => [
      [`least/${player}/playerVolume`, room],
      ...['playbackMetadata', 'playback', 'groupVolume'].map((name) => [`least/${group}/${name}`, room]),
    ]),
  ),
  start: (brokerPort) => startBare('events/least', home, brokerPort, null),
});

/** A flow that publishes the same messages, see `flow.ts`. */
export const nodeRedSystem = (home: Home, house: ShownHouse): System => ({
  name: 'Node-RED',
  ...sameTopics(home),
  kept: keptOf(house),
  start: async (brokerPort) => {
    const { clientId, clientSecret } = home.sonos;
    const flow = flowOf({ brokerPort, path: CALLBACK_PATH, clientId, clientSecret, house });
    const running = await startNodeRed(flow);
    await running.ready();
    return { ...running, counted: async () => null };
  },
});
