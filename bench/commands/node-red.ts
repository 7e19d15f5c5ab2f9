import { brokerNode, type NodeRed, PLACE, startNodeRed, TAB } from '../harness/node-red.ts';

/** What somebody would write into the function node. */
const functionOf = (apiUrl: string, players: Readonly<Record<string, string>>): string => `
const players = ${JSON.stringify(players)};
return {
  url: \`${apiUrl}/players/\${players[msg.topic.split('/')[2]]}/playerVolume/mute\`,
  headers: {
    Authorization: 'Bearer ${'a'.repeat(36)}',
    Accept: 'application/json',
    'User-Agent': 'sonos-mqtt-bridge/bench',
    'Content-Type': 'application/json',
  },
  payload: { muted: JSON.parse(msg.payload) },
};`;

function flowOf(brokerPort: number, apiUrl: string, players: Readonly<Record<string, string>>): object[] {
  return [
    TAB,
    brokerNode(brokerPort, '4'),
    {
      ...{ id: 'in', type: 'mqtt in', ...PLACE, topic: 'sonos/home/+/set/mute', qos: '0' },
      ...{ datatype: 'utf8', broker: 'broker', wires: [['function']] },
    },
    {
      ...{ id: 'function', type: 'function', ...PLACE, outputs: 1, wires: [['request']] },
      func: functionOf(apiUrl, players),
    },
    {
      ...{ id: 'request', type: 'http request', ...PLACE, method: 'POST', ret: 'txt', url: '' },
      // As its page advises for many requests to one server.
      ...{ persist: true, paytoqs: 'ignore', wires: [[]] },
    },
  ];
}

/** Starts Node-RED with one flow: mqtt in → function → http request, with kept-alive connections. */
export async function startCommandFlow(
  brokerPort: number,
  apiUrl: string,
  players: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<NodeRed> {
  const running = await startNodeRed(flowOf(brokerPort, apiUrl, players), env);
  await running.ready();
  return running;
}
