import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nodeRedSettings } from '../../test/node-red/settings.ts';
import { freePort } from '../../test/support/ports.ts';
import { type Child, PROJECT, startChild } from './child.ts';
import { until } from './proc.ts';

const PACKAGE = join(PROJECT, 'test/node-red/node_modules/node-red');

/** The version of the installed Node-RED; null when there is none (`npm ci --prefix test/node-red --ignore-scripts`). */
export function nodeRedVersion(): string | null {
  const file = join(PACKAGE, 'package.json');
  return existsSync(file) ? String(JSON.parse(readFileSync(file, 'utf8')).version) : null;
}

/** Lines that it writes when its flow runs and its broker has let it in. */
const READY = ['Started flows', 'Connected to broker'];

/** A running Node-RED. */
export interface NodeRed {
  readonly child: Child;
  /** Of its `http in` nodes. */
  readonly port: number;
  /** When its process was started, milliseconds since 1970. */
  readonly startedAt: number;
  /** Whether its flow runs and its broker has let it in. */
  isReady(): boolean;
  /** Settles when that is so. */
  ready(): Promise<true>;
  stop(): Promise<void>;
}

/** A tab, for the nodes of a flow to stand on. */
export const TAB = { id: 'bench', type: 'tab', label: 'bench', disabled: false, info: '' };

/** Where a node stands on the tab. */
export const PLACE = { z: TAB.id, x: 0, y: 0 };

/** The node of a broker, called `broker`. */
export const brokerNode = (port: number, protocolVersion: '4' | '5'): object => ({
  ...{ id: 'broker', type: 'mqtt-broker', broker: '127.0.0.1', port: String(port), protocolVersion },
  ...{ clientid: '', autoConnect: true, usetls: false, keepalive: '60', cleansession: true },
  autoUnsubscribe: true,
});

/** Starts Node-RED with one flow; function nodes find Node's `crypto` in their global context. */
export async function startNodeRed(
  flow: readonly object[],
  env: Readonly<Record<string, string>> = {},
): Promise<NodeRed> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-node-red-'));
  const port = await freePort();
  const settings = JSON.stringify({ ...nodeRedSettings, uiPort: port });
  await writeFile(join(folder, 'flows.json'), JSON.stringify(flow));
  await writeFile(
    join(folder, 'settings.js'),
    `module.exports = { ...${settings}, functionGlobalContext: { crypto: require('node:crypto') } };`,
  );
  const args = [join(PACKAGE, 'red.js'), '--userDir', folder];
  const startedAt = Date.now();
  const child = startChild({ args, env: { ...env, HOME: folder }, isUnderTest: true });
  const isReady = (): boolean => READY.every((line) => child.said().includes(line));
  return {
    ...{ child, port, startedAt, isReady },
    ready: () =>
      until('Node-RED to run its flow', () => {
        if (!child.isAlive()) throw new Error(`Node-RED ended: ${child.said().slice(-2000)}`);
        return isReady() ? true : null;
      }),
    stop: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
