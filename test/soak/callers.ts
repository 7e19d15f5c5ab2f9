import { setTimeout as wait } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';
import { z } from 'zod';
import { type Chance, createChance } from '../../src/sim/random.ts';

const reply = z.object({ id: z.string(), status: z.string() });
const CALLERS = 3;
const REFRESH = 'the-truth';
const TRIES = 30;
const ANSWER_WITHIN_MS = 1_000;
const ROOM = /^sonos\/home\/([^/]+)\/availability$/;

/** Those in the house who give commands and look at what is said. */
export interface Callers {
  /** What the broker holds, as far as it was heard. */
  readonly topics: ReadonlyMap<string, string>;
  readonly sent: number;
  /** Commands whose end was told. */
  readonly answered: number;
  /** They say nothing more, but for one wish: that the bridge reads everything again. */
  askForTheTruth(): Promise<void>;
  leave(): Promise<void>;
}

function something(chance: Chance, rooms: readonly string[], id: string): { topic: string; payload: string } {
  const command = (name: string, value?: unknown) => ({
    topic: `${chance.pick(rooms)}/set/${name}`,
    payload: JSON.stringify({ id, ...(value === undefined ? {} : { value }) }),
  });
  return chance.pick([
    () => command('volume', chance.integer(5, 45)),
    () => command('volume', chance.pick(['+2', '-2'])),
    () => command('group_volume', chance.integer(5, 45)),
    () => command('mute', 'toggle'),
    () => command('play'),
    () => command('pause'),
    () => command('next'),
    () => command('favorite', 'Morning Coffee'),
    () => command('shuffle', true),
    () => command('refresh'),
    () => command('clip', { url: 'https://sounds.example.com/bell.mp3' }),
    // Whoever errs is answered too.
    () => command('volume', chance.text(200)),
    () => command(chance.text(12)),
    () => ({ topic: `${chance.text(8)}/set/play`, payload: JSON.stringify({ id }) }),
    () => ({ topic: `${chance.pick(rooms)}/set`, payload: JSON.stringify({ id, volume: 9, mute: false }) }),
  ])();
}

/** Lets them in: they send so many commands a second, until they leave. */
export async function letIn(port: number, seed: number, commandsPerSecond: number): Promise<Callers> {
  const chance = createChance(seed);
  const topics = new Map<string, string>();
  const open = new Set<string>();
  const counts = { sent: 0, answered: 0 };
  let isTold = false;
  const clients: MqttClient[] = [];
  for (let caller = 0; caller < CALLERS; caller += 1) {
    clients.push(
      await mqtt.connectAsync(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 500, queueQoSZero: false }),
    );
  }
  const [listener] = clients;
  listener?.on('message', (topic, bytes) => {
    const payload = bytes.toString();
    if (payload === '') topics.delete(topic);
    else topics.set(topic, payload);
    if (!topic.endsWith('/reply')) return;
    const { data } = reply.safeParse(JSON.parse(payload));
    if (data?.status === 'confirmed' && data.id.startsWith(REFRESH)) isTold = true;
    if (data !== undefined && data.status !== 'accepted' && open.delete(data.id)) counts.answered += 1;
  });
  await listener?.subscribeAsync('sonos/#', { qos: 1 });
  const timer = setInterval(() => {
    const rooms = [...topics.keys()].flatMap((topic) => ROOM.exec(topic)?.[1] ?? []);
    const client = chance.pick(clients);
    // Who finds no broker tries again later; mqtt.js itself would keep all of it.
    if (rooms.length === 0 || !client.connected) return;
    const id = `soak-${counts.sent}`;
    const { topic, payload } = something(chance, rooms, id);
    counts.sent += 1;
    open.add(id);
    client.publish(`sonos/home/${topic}`, payload);
  }, 1000 / commandsPerSecond);
  return {
    topics,
    get sent() {
      return counts.sent;
    },
    get answered() {
      return counts.answered;
    },
    async askForTheTruth() {
      clearInterval(timer);
      // The bridge may be on its way back to a broker that has just come back: then nobody hears the first one.
      for (let tries = 0; tries < TRIES && !isTold; tries += 1) {
        const payload = JSON.stringify({ id: `${REFRESH}-${tries}` });
        await listener?.publishAsync('sonos/bridge/set/refresh', payload, { qos: 1 });
        await wait(ANSWER_WITHIN_MS);
      }
    },
    async leave() {
      clearInterval(timer);
      await Promise.all(clients.map((client) => client.endAsync(true)));
    },
  };
}
