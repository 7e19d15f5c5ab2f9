import { brokerNode, PLACE, TAB } from '../harness/node-red.ts';
import { createMapper, type ShownHouse } from './by-hand.ts';

/** What the flow is made for. */
export interface FlowSettings {
  readonly brokerPort: number;
  readonly path: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly house: ShownHouse;
}

/** The function node's code for each event; `crypto` is Node's own, from the global context. */
const ON_MESSAGE = `
const { clientId, clientSecret, map } = context.get('bench');
const { hash, timingSafeEqual } = global.get('crypto');
const headers = msg.req.headers;
const namespace = headers['x-sonos-namespace'];
const target = headers['x-sonos-target-value'];
const signed = headers['x-sonos-event-seq-id'] + namespace + headers['x-sonos-type'] + headers['x-sonos-target-type'] + target;
const expected = Buffer.from(hash('sha256', signed + clientId + clientSecret, 'base64url'));
const given = Buffer.from(String(headers['x-sonos-event-signature']));
const isGenuine = given.length === expected.length && timingSafeEqual(given, expected);
msg.statusCode = isGenuine ? 200 : 401;
const messages = isGenuine ? map(namespace, target, msg.payload) : [];
msg.payload = '';
return [messages, msg];
`;

const onStart = ({ clientId, clientSecret, house }: FlowSettings): string =>
  [
    `const bench = ${JSON.stringify({ clientId, clientSecret })};`,
    `const createMapper = ${createMapper.toString()};`,
    `bench.map = createMapper(${JSON.stringify(house)});`,
    `context.set('bench', bench);`,
  ].join('\n');

/** A flow that does what the floor does: HTTP in, a function, MQTT out and the answer. */
export function flowOf(settings: FlowSettings): readonly object[] {
  const initialize = onStart(settings);
  return [
    TAB,
    { id: 'in', type: 'http in', ...PLACE, url: settings.path, method: 'post', wires: [['map']] },
    {
      ...{ id: 'map', type: 'function', ...PLACE, func: ON_MESSAGE, initialize, finalize: '' },
      ...{ outputs: 2, noerr: 0, timeout: 0, libs: [], wires: [['out'], ['answer']] },
    },
    {
      ...{ id: 'out', type: 'mqtt out', ...PLACE, topic: '', qos: '1', retain: 'true' },
      ...{ broker: 'broker', wires: [] },
    },
    {
      ...{ id: 'answer', type: 'http response', ...PLACE, statusCode: '' },
      ...{ headers: {}, wires: [] },
    },
    brokerNode(settings.brokerPort, '5'),
  ];
}
