import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connectAsync } from 'mqtt';
import { startBroker } from '../harness/broker.ts';
import { CALLBACK_PATH } from '../harness/daemon.ts';
import type { Home } from '../harness/home.ts';
import { until } from '../harness/proc.ts';
import type { Message, ShownHouse } from './by-hand.ts';
import { createEventMaker } from './event-maker.ts';
import { MIX } from './markers.ts';
import type { System } from './systems.ts';

/** What a system published, event by event. */
export interface Recording {
  /** What the broker kept before the first event, by topic. */
  readonly kept: ReadonlyMap<string, string>;
  /** What each event brought, in the order of arrival. */
  readonly steps: readonly (readonly Message[])[];
}

/** Whether the systems say the same, and how much was compared. */
export interface Sameness {
  readonly events: number;
  readonly messages: number;
  readonly bytes: number;
  /** Of each event, how many empty messages the bridge also sent to topics that held nothing; nobody need do that. */
  readonly idleClearings: readonly number[];
}

/** Two rounds of the mix in the first room, one in another: every kind, the first event of a room and later ones. */
const ROOMS = [...MIX.map(() => 0), ...MIX.map(() => 0), ...MIX.map(() => 5)];
const QUIET_MS = 15;

async function post(socket: Socket, request: string): Promise<void> {
  socket.write(request, 'latin1');
  const [answer] = await once(socket, 'data');
  if (!String(answer).startsWith('HTTP/1.1 200 ')) throw new Error(`An event was answered: ${answer}`);
}

/** Has a system publish a few events, one after another, and writes down everything that comes of it. */
export async function recordOf(system: System, home: Home): Promise<Recording> {
  const broker = await startBroker();
  const running = await system.start(broker.port);
  const kept = new Map<string, string>();
  const steps: Message[][] = [];
  let lastAt = performance.now();
  const client = await connectAsync({ host: '127.0.0.1', port: broker.port, protocol: 'mqtt' });
  const socket = connect({ port: running.port, host: '127.0.0.1', noDelay: true });
  try {
    client.on('message', (topic, payload, { retain }) => {
      lastAt = performance.now();
      if (retain) kept.set(topic, payload.toString());
      else steps.at(-1)?.push({ topic, payload: payload.toString() });
    });
    await client.subscribeAsync(`${system.base}/home/#`);
    const isQuiet = (): true | null => (performance.now() - lastAt > QUIET_MS ? true : null);
    await until('the kept messages', isQuiet);
    const { places, household, sonos } = home;
    const { clientId, clientSecret } = sonos;
    const address = { path: CALLBACK_PATH, household, places, clientId, clientSecret };
    const make = createEventMaker({ port: running.port, ...address });
    for (const room of ROOMS) {
      const messages: Message[] = [];
      steps.push(messages);
      await post(socket, make(room).request);
      await until('an event to be seen', () => (messages.length > 0 ? isQuiet() : null));
    }
    return { kept, steps };
  } finally {
    socket.destroy();
    await client.endAsync();
    await running.stop();
    await broker.stop();
  }
}

/** The house as a system shows it before the first event. */
export function houseOf({ kept }: Recording, { places }: Home): ShownHouse {
  const shown = (topic: string): Message => {
    const payload = kept.get(topic);
    if (payload === undefined) throw new Error(`Nothing was kept at ${topic}`);
    return { topic, payload };
  };
  const rooms = places.map(({ address, player, group }) => {
    const { topic, payload } = shown(`sonos/home/${address}`);
    return { topic, targets: [player, group], picture: payload };
  });
  return { rooms, groups: shown('sonos/home/groups') };
}

const TIME = /"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"/g;

/** Times are of each system's own clock: equal in length, but not in value. */
const lines = (messages: readonly Message[]): string[] =>
  messages.map(({ topic, payload }) => `${topic} ${payload.replace(TIME, '"0000-00-00T00:00:00.000Z"')}`);

/** Without the messages that clear a topic which holds nothing. */
function effective({ kept, steps }: Recording): Message[][] {
  const held = new Set([...kept].flatMap(([topic, payload]) => (payload === '' ? [] : [topic])));
  return steps.map((messages) =>
    messages.filter(({ topic, payload }) => {
      if (payload === '') return held.delete(topic);
      held.add(topic);
      return true;
    }),
  );
}

/** Compares what two systems made of the same events, event by event and byte by byte; fails where they differ. */
export function compare(one: Recording, name: string, other: Recording): Sameness {
  let [messages, bytes] = [0, 0];
  const [all, others] = [effective(one), effective(other)];
  for (const [index, expected] of all.entries()) {
    const [ours, theirs] = [lines(expected), lines(others[index] ?? [])];
    if (ours.join('\n') !== theirs.join('\n'))
      throw new Error(
        `Event ${index + 1} (${MIX[index % MIX.length]}): the bridge and ${name} do not publish the same.\n${ours.join('\n')}\n---\n${theirs.join('\n')}`,
      );
    messages += ours.length;
    bytes += expected.reduce((sum, { payload }) => sum + Buffer.byteLength(payload), 0);
  }
  const idleClearings = one.steps.map((step, index) => step.length - (all[index]?.length ?? 0));
  return { events: one.steps.length, messages, bytes, idleClearings };
}
