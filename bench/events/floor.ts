import { readFileSync } from 'node:fs';
import { connectAsync } from 'mqtt';
import { corkerOf, setNoDelay } from '../harness/mqtt-stream.ts';
import { floorSettings, serve } from './bare-server.ts';
import { createMapper, type ShownHouse } from './by-hand.ts';

// The floor: an HTTP server that checks the signature, parses the body, maps it by hand, and publishes the very messages that the
// bridge publishes for it, retained at QoS 1. No schema, no sequence numbers, nothing left out when more comes than goes, no
// counters, no log. Whoever wants these messages at the broker must do this much. As mqtt.js comes, it sends at once whatever is
// not yet acknowledged; the bridge keeps to the broker's receive maximum, which can only be slower.

const settings = floorSettings.parse(JSON.parse(process.env.FLOOR ?? ''));
const house: ShownHouse = JSON.parse(readFileSync(settings.house, 'utf8'));

const client = await connectAsync({
  host: '127.0.0.1',
  port: settings.brokerPort,
  protocol: 'mqtt',
  protocolVersion: 5,
  reconnectPeriod: 0,
  writeCache: false,
  log: () => {},
});
setNoDelay(client);

const corkForThisTurn = corkerOf(client);

const map = createMapper(house);
serve(settings, (namespace, target, text) => {
  corkForThisTurn();
  for (const { topic, payload } of map(namespace, target, JSON.parse(text)))
    client.publish(topic, payload, { qos: 1, retain: true });
});
