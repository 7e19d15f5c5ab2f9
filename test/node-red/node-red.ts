import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../e2e/house.ts';
import { differences, type FlowName, imported, withBroker } from './flows.ts';
import { nodeRedSettings } from './settings.ts';
import { layWire, type Wire } from './wire.ts';

const program = join(import.meta.dirname, 'node_modules/node-red/red.js');

/** Without pages, and quickly back at its broker. */
const settings = { ...nodeRedSettings, httpNodeRoot: false, mqttReconnectTime: 500 };

/** Lines that say that something went wrong: Node-RED's own, and what the flows' catch nodes caught. */
const TROUBLE = /\[(warn|error|fatal)\]|\[debug:went wrong\]|Uncaught|Error:/;

/** What it warns of at every start with these settings: that there are no projects, and no secret to keep. */
const ALWAYS =
  /\[warn\] (Projects disabled : editorTheme\.projects\.enabled=false|Using unencrypted credentials)$/;

/** A running Node-RED, with flows as they are shipped. */
export interface NodeRed {
  /** Between it and the broker. */
  readonly wire: Wire;
  /** Where the flow that it runs differs from the shipped ones. */
  readonly changed: readonly string[];
  /** Everything it said. */
  said(): string;
  /** How often one of the flows' debug nodes wrote into the log. */
  saidBy(debug: string): number;
  /** What it said of trouble since the start, or since that was last taken. */
  takeTrouble(): string[];
  /** Waits until every `mqtt in` of the flows has its subscription. */
  listens(): Promise<void>;
  /** Ends it; its exit code. */
  stop(): Promise<number | null>;
}

/** What may be different from run to run. */
export interface NodeRedOptions {
  readonly flows: readonly FlowName[];
  readonly brokerPort: number;
  /** 3.1.1, as it is shipped, when absent. */
  readonly protocolVersion?: '5';
  /** As whom it goes to the broker; as nobody when absent. */
  readonly user?: { readonly username: string; readonly password: string };
  /** The local time is so many hours past midnight where it runs. */
  readonly hour?: number;
}

/** A time zone without daylight saving in which it is so late now. */
function zoneWhereItIs(hour: number): string {
  const ahead = (hour - new Date().getUTCHours() + 36) % 24;
  const offset = ahead - 12;
  // In these names what is east of Greenwich has a minus.
  return `Etc/GMT${offset > 0 ? '-' : '+'}${Math.abs(offset)}`;
}

function run(folder: string, hour: number | undefined) {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, [program, '--userDir', folder], {
    cwd: folder,
    env: { PATH, HOME: folder, ...(hour === undefined ? {} : { TZ: zoneWhereItIs(hour) }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const said: string[] = [];
  const hear = (chunk: Buffer): void => void said.push(chunk.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      process.off('exit', kill);
      resolve(code);
    });
  });
  return { child, ended, said: () => said.join('') };
}

/** Starts Node-RED on an own folder, and waits until it listens. */
export async function startNodeRed({ flows, brokerPort, ...options }: NodeRedOptions): Promise<NodeRed> {
  if (!existsSync(program))
    throw new Error('Node-RED is not installed: npm ci --prefix test/node-red --ignore-scripts');
  const folder = await mkdtemp(join(tmpdir(), 'node-red-'));
  const wire = await layWire(brokerPort, options.protocolVersion === '5');
  const asShipped = imported(flows);
  const broker = {
    broker: '127.0.0.1',
    port: String(wire.port),
    ...(options.protocolVersion === undefined ? {} : { protocolVersion: options.protocolVersion }),
  };
  const file = join(folder, 'flows.json');
  await writeFile(file, JSON.stringify(withBroker(asShipped, broker)));
  if (options.user !== undefined) {
    const { username: user, password } = options.user;
    // What a person types at the broker's node is kept beside the flows.
    await writeFile(join(folder, 'flows_cred.json'), JSON.stringify({ 'sonos-broker': { user, password } }));
  }
  await writeFile(join(folder, 'settings.js'), `module.exports = ${JSON.stringify(settings)};`);
  const { child, ended, said } = run(folder, options.hour);
  // Nodes that listen to the same topic share a subscription.
  const wanted = new Set(asShipped.filter(({ type }) => type === 'mqtt in').map(({ topic }) => topic)).size;
  let taken = 0;
  const listens = async (): Promise<void> => {
    await eventually(
      () => (wire.granted === wanted || child.exitCode !== null ? true : undefined),
      `${wanted} subscriptions of Node-RED`,
      () => [wire.granted, said()],
      25_000,
    );
    if (child.exitCode !== null) throw new Error(`Node-RED ended: ${said()}`);
  };
  let stopped: Promise<number | null> | null = null;
  const end = async (): Promise<number | null> => {
    child.kill('SIGTERM');
    const deadline = setTimeout(() => child.kill('SIGKILL'), 10_000);
    const code = await ended;
    clearTimeout(deadline);
    await wire.close();
    await rm(folder, { recursive: true, force: true });
    return code;
  };
  const stop = (): Promise<number | null> => {
    stopped ??= end();
    return stopped;
  };
  try {
    await listens();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    wire,
    changed: differences(asShipped, JSON.parse(await readFile(file, 'utf8'))),
    takeTrouble() {
      const lines = said()
        .split('\n')
        .filter((line) => TROUBLE.test(line) && !ALWAYS.test(line));
      const fresh = lines.slice(taken);
      taken = lines.length;
      return fresh;
    },
    said,
    saidBy: (debug) => said().split(`[debug:${debug}]`).length - 1,
    listens,
    stop,
  };
}
