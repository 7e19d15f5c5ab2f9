import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, PROJECT, startChild } from '../harness/child.ts';
import { until } from '../harness/proc.ts';

const program = join(PROJECT, 'test/node-red/node_modules/node-red/red.js');

/** Whether Node-RED is there; it has packages of its own (`npm ci --prefix test/node-red --ignore-scripts`). */
export const hasNodeRed = (): boolean => existsSync(program);

const settings = {
  flowFile: 'flows.json',
  uiPort: 0,
  uiHost: '127.0.0.1',
  httpAdminRoot: false,
  httpNodeRoot: false,
  credentialSecret: false,
  editorTheme: { projects: { enabled: false } },
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false },
  logging: { console: { level: 'info', metrics: false, audit: false } },
};

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
  const broker = { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(brokerPort) };
  const session = { clientid: '', autoConnect: true, usetls: false, protocolVersion: '4', keepalive: '60' };
  const place = { z: 'tab', x: 100, y: 100 };
  return [
    { id: 'tab', type: 'tab', label: 'commands' },
    { ...broker, ...session, cleansession: true },
    {
      ...{ id: 'in', type: 'mqtt in', ...place, topic: 'sonos/home/+/set/mute', qos: '0' },
      ...{ datatype: 'utf8', broker: 'broker', wires: [['function']] },
    },
    {
      ...{ id: 'function', type: 'function', ...place, outputs: 1, wires: [['request']] },
      func: functionOf(apiUrl, players),
    },
    {
      ...{ id: 'request', type: 'http request', ...place, method: 'POST', ret: 'txt', url: '' },
      // As its page advises for many requests to one server.
      ...{ persist: true, paytoqs: 'ignore', wires: [[]] },
    },
  ];
}

/** Starts Node-RED with one flow: mqtt in → function → http request, with kept-alive connections. */
export async function startNodeRed(
  brokerPort: number,
  apiUrl: string,
  players: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>>,
): Promise<{ child: Child; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-node-red-'));
  await writeFile(join(folder, 'flows.json'), JSON.stringify(flowOf(brokerPort, apiUrl, players)));
  await writeFile(join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
  const args = [program, '--userDir', folder];
  const child = startChild({ args, env: { ...env, HOME: folder }, isUnderTest: true });
  await until('Node-RED to connect', () => {
    if (!child.isAlive()) throw new Error(`Node-RED ended: ${child.said()}`);
    return child.said().includes('Connected to broker') ? true : null;
  });
  return {
    child,
    stop: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
