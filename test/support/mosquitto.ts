import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort, listens } from './ports.ts';
import { findProgram } from './programs.ts';

const program = findProgram('mosquitto');

/** Whether tests against mosquitto can run. Where CI=true they must. */
export const mosquittoIsInstalled = program !== null;

/** A running mosquitto on 127.0.0.1 without persistence: a restart forgets everything. */
export interface Mosquitto {
  readonly port: number;
  readonly url: string;
  /** Ends it as a power cut would, unless another signal is given. */
  kill(signal?: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** Starts it again on the same port, after `kill` or in its place. */
  restart(): Promise<void>;
  /** SIGSTOP: it holds every connection and does nothing. SIGCONT: it goes on. SIGHUP: it reads its files again. */
  signal(name: 'SIGSTOP' | 'SIGCONT' | 'SIGHUP'): void;
  /** Writes one of the files that its configuration names; it reads them at its next start, or with SIGHUP. */
  write(name: string, text: string): Promise<void>;
  /** Stops it for good and removes its files. */
  stop(): Promise<void>;
}

async function run(file: string, folder: string, port: number) {
  const child = spawn(file, ['-c', join(folder, 'mosquitto.conf')], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  const ended = once(child, 'exit');
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (child.exitCode !== null) throw new Error(`mosquitto ended with ${child.exitCode}: ${said}`);
    if (await listens(port)) break;
    await wait(25);
  }
  return {
    signal: (name: NodeJS.Signals) => void child.kill(name),
    end: async (signal: NodeJS.Signals) => {
      child.kill(signal);
      // One that was stopped hears nothing else.
      child.kill('SIGCONT');
      await ended;
    },
  };
}

/** Starts mosquitto with these further lines in its configuration. */
export async function startMosquitto(
  lines: readonly string[] = ['allow_anonymous true'],
  files: Readonly<Record<string, string>> = {},
): Promise<Mosquitto> {
  if (program === null) throw new Error('mosquitto is not installed');
  const folder = await mkdtemp(join(tmpdir(), 'mosquitto-'));
  const port = await freePort();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  const user = process.getuid?.() === 0 ? ['user root'] : [];
  // Of more than a thousand messages that wait for one listener, it drops the rest unless told otherwise.
  const room = 'max_queued_messages 10000';
  const settings = [
    `listener ${port} 127.0.0.1`,
    room,
    'persistence false',
    'log_dest stderr',
    ...user,
    ...lines,
  ];
  await writeFile(join(folder, 'mosquitto.conf'), `${settings.join('\n')}\n`.replaceAll('FOLDER', folder));
  let running: Awaited<ReturnType<typeof run>> | null = await run(program, folder, port);
  const finish = async (signal: NodeJS.Signals) => {
    await running?.end(signal);
    running = null;
  };
  return {
    port,
    url: `mqtt://127.0.0.1:${port}`,
    kill: (signal = 'SIGKILL') => finish(signal),
    restart: async () => {
      await finish('SIGKILL');
      running = await run(program, folder, port);
    },
    signal: (name) => running?.signal(name),
    write: (name, text) => writeFile(join(folder, name), text),
    stop: async () => {
      await finish('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}
