import { connect, connectAsync } from 'mqtt';
import { z } from 'zod';
import { corkerOf, setNoDelay } from '../harness/mqtt-stream.ts';
import { until } from '../harness/proc.ts';

// The floor of publishing everything again: a Map of retained values that goes out through mqtt.js, at QoS 1, with the
// window of the bridge, without Nagle's algorithm and with one write for all that is published in a turn, as in the bridge.

const floorRequest = z.discriminatedUnion('ask', [
  /** Learns what the broker keeps below a topic. */
  z.object({ ask: z.literal('learn'), brokerPort: z.number(), filters: z.array(z.string()) }),
  /** Publishes all of it, on a new connection. */
  z.object({ ask: z.literal('republish'), brokerPort: z.number(), window: z.number() }),
]);

const QUIET_MS = 300;

const values = new Map<string, string>();

async function learn(port: number, filters: string[]): Promise<object> {
  const client = await connectAsync({ host: '127.0.0.1', port, protocol: 'mqtt', protocolVersion: 5 });
  values.clear();
  let cameAt = performance.now();
  client.on('message', (topic, payload) => {
    cameAt = performance.now();
    values.set(topic, payload.toString());
  });
  // At QoS 1 the broker would queue a thousand of them at most.
  await client.subscribeAsync(filters, { qos: 0 });
  await until('what the broker keeps', () =>
    values.size > 0 && performance.now() - cameAt > QUIET_MS ? true : null,
  );
  await client.endAsync();
  return { topics: values.size, bytes: [...values].reduce((sum, each) => sum + each.join('').length, 0) };
}

async function republish(port: number, window: number): Promise<object> {
  const begunAt = performance.now();
  const client = connect({
    ...{
      host: '127.0.0.1',
      port,
      protocol: 'mqtt',
      protocolVersion: 5,
      writeCache: false,
      reconnectPeriod: 0,
    },
    log: () => {},
  });
  setNoDelay(client);
  const cork = corkerOf(client);
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('error', reject);
  });
  const letInAt = performance.now();
  const cpu = process.cpuUsage();
  const waiting = values.entries();
  let underWay = 0;
  await new Promise<void>((resolve) => {
    const pump = (): void => {
      while (underWay < window) {
        const { value, done } = waiting.next();
        if (done === true) break;
        cork();
        underWay += 1;
        client.publish(value[0], value[1], { qos: 1, retain: true }, () => {
          underWay -= 1;
          pump();
        });
      }
      if (underWay === 0) resolve();
    };
    pump();
  });
  const doneAt = performance.now();
  const { user, system } = process.cpuUsage(cpu);
  await client.endAsync();
  return {
    ...{ topics: values.size, published: values.size, cpuMs: (user + system) / 1000 },
    ...{ fromBeginMs: doneAt - begunAt, fromLetInMs: doneAt - letInAt },
  };
}

async function answer(message: unknown): Promise<object> {
  const request = floorRequest.parse(message);
  return request.ask === 'learn'
    ? learn(request.brokerPort, request.filters)
    : republish(request.brokerPort, request.window);
}

process.on('message', (message) => void answer(message).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
