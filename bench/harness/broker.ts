import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { findProgram } from '../../test/support/programs.ts';
import { type Child, PROJECT, startChild } from './child.ts';
import { until } from './proc.ts';

/** A mosquitto of our own. */
export interface Broker {
  readonly port: number;
  readonly child: Child;
  stop(): Promise<void>;
}

async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** The limits of the configuration that the project ships. What it leaves out, such as 20 messages under way, is mosquitto's own. */
async function shippedLimits(): Promise<string[]> {
  const shipped = await readFile(join(PROJECT, 'config/mosquitto/mosquitto.conf'), 'utf8');
  return shipped.split('\n').filter((line) => /^(max_|message_size_limit)/.test(line));
}

/** Starts mosquitto with the limits that the project ships, memory instead of a disk, and small packets that do not wait. */
export async function startBroker(): Promise<Broker> {
  const program = findProgram('mosquitto');
  if (program === null) throw new Error('The bench needs mosquitto: apt-get install mosquitto');
  const folder = await mkdtemp(join(tmpdir(), 'bench-mosquitto-'));
  const port = await freePort();
  const user = process.getuid?.() === 0 ? ['user root'] : [];
  const lines = [
    'allow_anonymous true',
    'persistence false',
    'set_tcp_nodelay true',
    'log_type error',
    ...(await shippedLimits()),
    ...user,
  ];
  const file = join(folder, 'mosquitto.conf');
  await writeFile(file, `${[`listener ${port} 127.0.0.1`, ...lines].join('\n')}\n`);
  const child = startChild({ command: program, args: ['-c', file] });
  await until('mosquitto to listen', async () => {
    // On a port that somebody else took first, it is theirs that would answer.
    if (!child.isAlive()) throw new Error('mosquitto ended at once');
    return (await listens(port)) ? true : null;
  });
  return {
    port,
    child,
    stop: async () => {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
