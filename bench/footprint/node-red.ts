import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { type Child, PROJECT, startChild } from '../harness/child.ts';

const PROGRAM = join(PROJECT, 'test/node-red/node_modules/node-red/red.js');

/** Whether it is installed here (`npm run node-red` does that). */
export const hasNodeRed = (): boolean => existsSync(PROGRAM);

/** An `mqtt in` and an `http in` that lead nowhere. */
const flows = (brokerPort: number): object[] => [
  { id: 'flow', type: 'tab', label: 'bench' },
  { id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(brokerPort), autoConnect: true },
  {
    ...{ id: 'mqtt', type: 'mqtt in', z: 'flow', topic: 'bench/#', qos: '1', broker: 'broker' },
    wires: [[]],
  },
  { ...{ id: 'http', type: 'http in', z: 'flow', url: '/events', method: 'post' }, wires: [['answer']] },
  { ...{ id: 'answer', type: 'http response', z: 'flow', statusCode: '200' }, wires: [] },
];

const settings = (port: number): object => ({
  ...{
    flowFile: 'flows.json',
    uiHost: '127.0.0.1',
    uiPort: port,
    httpAdminRoot: false,
    credentialSecret: false,
  },
  editorTheme: { projects: { enabled: false } },
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false }, modules: { allowInstall: false } },
  logging: { console: { level: 'info', metrics: false, audit: false } },
});

/** Node-RED without its editor, with those two nodes. */
export async function startNodeRed(
  brokerPort: number,
): Promise<{ readonly child: Child; readonly startedAt: number; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-node-red-'));
  await writeFile(join(folder, 'flows.json'), JSON.stringify(flows(brokerPort)));
  await writeFile(
    join(folder, 'settings.js'),
    `module.exports = ${JSON.stringify(settings(await freePort()))};`,
  );
  const startedAt = Date.now();
  const child = startChild({
    args: [PROGRAM, '--userDir', folder],
    env: { HOME: folder },
    isUnderTest: true,
  });
  return {
    ...{ child, startedAt },
    stop: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
