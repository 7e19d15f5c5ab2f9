import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { figure, isLong, sized } from '../support/figures.ts';
import { type Measures, startBrokers } from './broker-child.ts';
import { internal } from './broker-fixtures.ts';
import { KINDS, type Role } from './broker-noise.ts';
import { makeNoise, type Part } from './broker-noise-clients.ts';
import { answerOf, connectOf, PINGREQ, publicationOf, publishOf, subscribeOf } from './broker-wire.ts';
import { openWire, type WireClient } from './broker-wire-client.ts';

const MIB = 1024 * 1024;
const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 32));
const limits = { sockets: 500, socketsPerAddress: 400, retainedTopics: 2_000, retainedBytes: MIB };
const users = [
  { username: 'anna', password: 'a' },
  { username: 'wall', password: 'w', publish: [], subscribe: ['sonos/#'] },
  {
    username: 'script',
    password: 's',
    publish: ['notes/+', 'sonos/home/kitchen/set/#'],
    subscribe: ['notes/+'],
  },
];
const ANYWHERE = { publishes: ['many/', 'a/', 'sonos/home/kitchen/set/'], retains: ['many/', 'a/'] };
const MAY: Record<string, Omit<Role, 'who'>> = {
  anna: ANYWHERE,
  wall: { publishes: [], retains: [] },
  script: { publishes: ['notes/', 'sonos/home/kitchen/set/'], retains: ['notes/'] },
};
const common = { host: '127.0.0.1', port: 0, websocketPort: 0, baseTopic: 'sonos', internal, limits };

async function start() {
  const brokers = await startBrokers({ ...common, users }, { ...common, users: [] });
  onTestFinished(() => brokers.stop());
  const [guarded, open] = brokers.ports;
  if (guarded === undefined || open === undefined) throw new Error('Two brokers were asked for.');
  const parts: Part[] = [
    { ports: guarded, who: {}, ...ANYWHERE },
    { ports: guarded, who: { username: 'anna', password: 'wrong' }, ...ANYWHERE },
    ...users.map(({ username, password }) => ({
      ports: guarded,
      who: { username, password },
      ...(MAY[username] ?? ANYWHERE),
    })),
    { ports: open, who: {}, ...ANYWHERE },
    { ports: open, who: { username: 'whoever', password: 'whatever' }, ...ANYWHERE },
  ];
  return { brokers, guarded, open, parts };
}

/** The bridge's own client, which must be served all the time. */
async function connectBridge(port: number): Promise<WireClient> {
  const client = await openWire(port);
  client.send(connectOf({ ...internal, clientId: 'bridge' }), subscribeOf(1, ['sonos/pulse', 1]));
  expect([await client.hex(), await client.hex()]).toEqual(['20020000', '9003000101']);
  return client;
}

/** Publishes and hears itself until told to stop; the answer is how often. */
async function pulse(client: WireClient, going: () => boolean): Promise<number> {
  let beats = 0;
  for (; going(); beats += 1) {
    const id = (beats % 60_000) + 1;
    client.send(publishOf({ topic: 'sonos/pulse', payload: `${beats}`, qos: 1, id, retain: true }));
    let heard = false;
    for (let acknowledged = false; !(heard && acknowledged); ) {
      const frame = await client.next();
      if (frame.first === 0x40) acknowledged = true;
      else {
        const publication = publicationOf(frame);
        expect(publication.payload).toBe(`${beats}`);
        client.send(answerOf(0x40, publication.id ?? 0));
        heard = true;
      }
    }
    await wait(20);
  }
  return beats;
}

/** How many topics of others the broker holds. */
async function countRetained(port: number): Promise<number> {
  const client = await openWire(port);
  client.send(connectOf({ ...internal, clientId: 'counter' }), subscribeOf(1, ['#', 0]), PINGREQ);
  let count = 0;
  await client.next();
  for (let quiet = false; !quiet; ) {
    await wait(300);
    const messages = client
      .taken()
      .filter(({ first }) => first >> 4 === 3)
      .map(publicationOf);
    count += messages.filter(({ topic }) => !topic.startsWith('sonos/')).length;
    quiet = messages.length === 0;
  }
  client.drop();
  return count;
}

const total = ({ lines }: Measures): number => lines.debug + lines.info + lines.warn + lines.error;

const packets = sized(60_000, 1_000_000);

test(`${packets.toLocaleString('en')} random packets leave both brokers serving, and no larger than before`, {
  timeout: sized(180_000, 3_600_000),
}, async () => {
  figure('seed of the random packets (SEED)', seed);
  const { brokers, guarded, open, parts } = await start();
  // What is compiled and cached once is not what grows.
  await makeNoise(parts, ~seed, 6_000, 16);
  const before = await brokers.measureAtRest();
  const bridges = [await connectBridge(guarded.port), await connectBridge(open.port)];
  const started = performance.now();
  let going = true;
  const beating = Promise.all(bridges.map((client) => pulse(client, () => going)));
  const outcome = await makeNoise(parts, seed, packets, 24);
  going = false;
  const beats = await beating;
  const seconds = (performance.now() - started) / 1000;
  for (const client of bridges) client.drop();
  const retained = [await countRetained(guarded.port), await countRetained(open.port)];
  const after = await brokers.measureAtRest(before.timers);

  figure('random packets', outcome.packets);
  figure(
    'connections',
    `${outcome.connections}, ${Math.round(outcome.connections / seconds)} a second, ${outcome.websockets} by WebSocket`,
  );
  figure('clients let in, thrown out', `${outcome.accepted}, ${outcome.thrownOut}`);
  figure('answered to them', `${(outcome.answered / MIB).toFixed(1)} MiB`);
  figure('round trips of the bridge meanwhile', beats.join(' and '));
  figure(
    'heap and buffers before, after',
    [before, after].map(({ heap, buffers }) => `${((heap + buffers) / MIB).toFixed(1)} MiB`).join(', '),
  );
  figure('lines in the log', total(after));

  expect(brokers.alive).toBe(true);
  expect(outcome.stuck).toBe(0);
  expect(Math.min(...beats)).toBeGreaterThan(10);
  // The noise got through to where it could do harm, and not only there.
  expect(KINDS.filter((kind) => (outcome.kinds.get(kind) ?? 0) === 0)).toEqual([]);
  expect(outcome.accepted).toBeGreaterThan(outcome.connections * 0.2);
  expect(outcome.accepted).toBeLessThan(outcome.connections);
  expect(outcome.thrownOut).toBeGreaterThan(outcome.connections * 0.1);

  expect({ sockets: after.sockets, connections: after.connections }).toEqual({ sockets: 0, connections: 0 });
  expect(after.timers).toBeLessThanOrEqual(before.timers);
  for (const count of retained) expect(count).toBeLessThanOrEqual(limits.retainedTopics);
  expect(after.heap + after.buffers - before.heap - before.buffers).toBeLessThan(8 * MIB);
  expect(after.lines.error).toBe(0);
  // Four folded lines a broker, 201 keys each, once a minute.
  expect(total(after)).toBeLessThanOrEqual(2 * 4 * 201 * (Math.floor(seconds / 60) + 2));
  expect(after.warnings).toEqual([]);
  if (isLong) figure('seconds', Math.round(seconds));
});
