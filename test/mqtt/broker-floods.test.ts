import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { figure, sized } from '../support/figures.ts';
import { startBrokers } from './broker-child.ts';
import { internal } from './broker-fixtures.ts';
import { answerOf, connectOf, PINGREQ, publishOf, subscribeOf } from './broker-wire.ts';
import { openWire, type WireClient } from './broker-wire-client.ts';

const MIB = 1024 * 1024;
const wall = { username: 'wall', password: 'panel', publish: [], subscribe: ['sonos/#'] };

async function start() {
  const common = { host: '127.0.0.1', port: 0, websocketPort: null, baseTopic: 'sonos', internal };
  const brokers = await startBrokers({ ...common, users: [wall] });
  onTestFinished(() => brokers.stop());
  const port = brokers.ports[0]?.port ?? 0;
  const connect = async (clientId: string, who: object): Promise<WireClient> => {
    const client = await openWire(port);
    client.send(connectOf({ clientId, ...who }));
    expect(await client.hex()).toBe('20020000');
    return client;
  };
  return {
    brokers,
    bridge: () => connect('bridge', internal),
    panel: (clientId: string) => connect(clientId, { username: wall.username, password: wall.password }),
  };
}

test('client ids that come once leave nothing behind', { timeout: sized(60_000, 600_000) }, async () => {
  const { brokers, panel } = await start();
  const come = async (from: number, to: number): Promise<void> => {
    for (let visit = from; visit < to; visit += 1) {
      const client = await panel(`${visit}`.padEnd(4_000, 'i'));
      client.send(answerOf(0x40, 1), answerOf(0x70, 1), PINGREQ);
      expect(await client.hex()).toBe('d000');
      client.drop();
    }
  };
  await come(0, 100);
  const before = await brokers.measureAtRest();
  const visits = sized(1_500, 20_000);
  await come(100, 100 + visits);
  const after = await brokers.measureAtRest();
  const growth = after.heap + after.buffers - before.heap - before.buffers;
  figure('client ids of 4,000 bytes that came once', visits);
  figure('heap they left behind', `${(growth / MIB).toFixed(1)} MiB`);
  expect(growth).toBeLessThan(2 * MIB);
});

test('clients that subscribe again and again, and take nothing of it, hold nobody up and little memory', {
  timeout: 120_000,
}, async () => {
  const { brokers, bridge, panel } = await start();
  const house = await bridge();
  const topics = 1_000;
  for (let at = 0; at < topics; at += 1) {
    house.send(
      publishOf({
        topic: `sonos/home/${at}`,
        payload: Buffer.alloc(100, 0x61),
        qos: 1,
        id: at + 1,
        retain: true,
      }),
    );
    await house.next();
  }
  const before = await brokers.measure();
  const asked = sized(4_000, 40_000);
  const clients = await Promise.all(Array.from({ length: 10 }, (_, at) => panel(`panel-${at}`)));
  // Eight bytes ask for a hundred thousand, 40,000 times.
  const flood = Buffer.concat(
    Array.from({ length: asked }, (_, at) => subscribeOf((at % 65_535) + 1, ['sonos/#', 1])),
  );
  for (const client of clients) {
    client.pause();
    client.send(flood);
  }
  await brokers.peak();
  const started = performance.now();
  let beats = 0;
  for (; performance.now() - started < sized(3_000, 30_000); beats += 1) {
    house.send(publishOf({ topic: 'beat', payload: `${beats}`, qos: 1, id: 1 }));
    expect(await house.hex()).toBe('40020001');
    await wait(10);
  }
  const peak = await brokers.peak();
  figure('SUBSCRIBEs to a thousand retained topics at once', asked * clients.length);
  figure('round trips of the bridge meanwhile', beats);
  figure('growth meanwhile', `${((peak - before.rss) / MIB).toFixed(0)} MiB`);
  expect(beats).toBeGreaterThan(3);
  expect(peak - before.rss).toBeLessThan(200 * MIB);
  for (const client of [...clients, house]) client.drop();
  const after = await brokers.measureAtRest();
  expect({ sockets: after.sockets, connections: after.connections }).toEqual({ sockets: 0, connections: 0 });
  expect(after.heap + after.buffers - before.heap - before.buffers).toBeLessThan(6 * MIB);
});
