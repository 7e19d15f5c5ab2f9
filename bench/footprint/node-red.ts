import { brokerNode, PLACE, TAB } from '../harness/node-red.ts';

/** An `mqtt in` and an `http in` that lead nowhere. */
export const idleFlow = (brokerPort: number): object[] => [
  TAB,
  brokerNode(brokerPort, '4'),
  { ...{ id: 'mqtt', type: 'mqtt in', ...PLACE, topic: 'bench/#', qos: '1', broker: 'broker' }, wires: [[]] },
  { ...{ id: 'http', type: 'http in', ...PLACE, url: '/events', method: 'post' }, wires: [['answer']] },
  { ...{ id: 'answer', type: 'http response', ...PLACE, statusCode: '200' }, wires: [] },
];
