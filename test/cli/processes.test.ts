import { type ChildProcess, exec, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { freePort } from '../support/ports.ts';
import { eventually, follow, type House, openHouse } from './house.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const closing: (() => unknown)[] = [];
beforeAll(builtProgram, 120_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Running {
  readonly child: ChildProcess;
  told(): string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
}

/** Runs the program with a temporary folder of its own, so that what it leaves behind is seen. */
async function run(args: readonly string[], folder: string): Promise<Running> {
  const child = spawn(process.execPath, [await builtProgram(), ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, TMPDIR: folder },
  });
  let told = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      told += chunk.toString();
    });
  }
  const ended = once(child, 'exit').then(
    ([code, signal]: (number | NodeJS.Signals | null)[]) => code ?? signal ?? 0,
  );
  closing.push(() => child.kill('SIGKILL'));
  return { child, ended, told: () => told };
}

async function ownFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cli-process-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function demoFlags(): Promise<{ port: number; flags: string[] }> {
  const port = await freePort();
  const others = [await freePort(), await freePort(), await freePort()];
  const flags = ['--broker.port', port, '--callback.port', others[0], '--web.port', others[1]];
  const simulator = ['--sonos.api_url', `http://127.0.0.1:${others[2]}/control/api/v1`];
  return { port, flags: [...flags.map(String), ...simulator] };
}

async function demoProcess() {
  const folder = await ownFolder();
  const { port, flags } = await demoFlags();
  const running = await run(['demo', ...flags], folder);
  await eventually(() => running.told().includes('Ctrl-C ends the demo'), running.told, 20_000);
  return { ...running, folder, port };
}

describe('the demo as a process', () => {
  it('is watched and commanded with the very commands that it tells, and ends at Ctrl-C', async () => {
    const { child, told, ended, folder } = await demoProcess();
    const commands = [...told().matchAll(/npx (mqtt pub .+)$/gm)].map(([, command = '']) => command);
    expect(commands).toHaveLength(5);
    // As a shell takes them, with their quotation marks.
    for (const command of commands) await promisify(exec)(`npx ${command}`, { cwd: root });
    await eventually(() => /✓ home\/kitchen\/reply +volume confirmed/.test(told()), told);
    await eventually(() => /✓ home\/bedroom\/reply +favorite confirmed/.test(told()), told);
    await eventually(() => /✓ home\/terrace\/reply +announce confirmed/.test(told()), told);
    await eventually(() => /♪ \d+ speakers began within [\d.]+ ms\./.test(told()), told);
    await eventually(() => /✗ home\/office\/reply +volum: There is no command "volum"/.test(told()), told);

    const [, watching = ''] = /npx (mqtt sub .+)$/m.exec(told()) ?? [];
    const watcher = spawn('npx', watching.replaceAll('"', '').split(' '), { cwd: root, detached: true });
    const watcherEnded = once(watcher, 'exit');
    const stopWatching = async (): Promise<void> => {
      // npx has a child of its own, which the group takes along.
      const isRunning = watcher.exitCode === null && watcher.signalCode === null;
      if (isRunning && watcher.pid !== undefined) process.kill(-watcher.pid, 'SIGKILL');
      await watcherEnded;
    };
    closing.push(stopWatching);
    let heard = '';
    watcher.stdout.on('data', (chunk: Buffer) => {
      heard += chunk.toString();
    });
    await eventually(
      () => heard.includes('sonos/home/kitchen/volume 30'),
      () => heard,
    );
    await stopWatching();

    const since = performance.now();
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(performance.now() - since).toBeLessThan(4_000);
    expect(await readdir(folder)).toEqual([]);
    // Piped into a file there are no colours.
    expect(told()).not.toContain('\u001b');
  }, 60_000);

  it('ends when nobody reads it any more', async () => {
    const { child, ended, folder, port } = await demoProcess();
    child.stdout?.destroy();
    // Something to be said, which nobody hears.
    const command = [
      'mqtt',
      'pub',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-t',
      'sonos/home/kitchen/set/volume',
      '-m',
      '9',
    ];
    await promisify(execFile)('npx', command, { cwd: root });
    expect(await ended).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  }, 60_000);

  it('ends when its terminal is closed', async () => {
    const { child, ended, folder } = await demoProcess();
    child.kill('SIGHUP');
    expect(await ended).toBe(0);
    expect(await readdir(folder)).toEqual([]);
  }, 60_000);

  it('leaves nothing behind when one does not want to wait', async () => {
    const { child, ended, folder } = await demoProcess();
    child.kill('SIGINT');
    child.kill('SIGTERM');
    expect([0, 1]).toContain(await ended);
    expect(await readdir(folder)).toEqual([]);
  }, 60_000);
});

describe('the other commands as processes', () => {
  it('simulate ends at SIGTERM', async () => {
    const { child, told, ended } = await run(['simulate', '--port', '0'], await ownFolder());
    await eventually(() => told().includes('Ctrl-C ends it'), told);
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('login reads one answer after the other from a pipe, all at once', async () => {
    const house: House = await openHouse();
    closing.push(() => house.close());
    const config = join(house.folder, 'config.yaml');
    const { child, told, ended } = await run(['login', '--config', config], house.folder);
    await eventually(() => told().includes('The address:'), told);
    child.stdin?.write(`nonsense\n${await follow(told())}\n`);
    expect(await ended).toBe(0);
    expect(told()).toContain('is not an address');
    expect(told()).toContain('The account is linked.');

    const impatient = await run(['login', '--config', config], house.folder);
    await eventually(() => impatient.told().includes('The address:'), impatient.told);
    impatient.child.stdin?.end();
    expect(await impatient.ended).toBe(1);

    const doctor = await run(['doctor', '--config', config], house.folder);
    expect(await doctor.ended).toBe(0);
    expect(doctor.told()).toContain('All is well.');
  }, 30_000);

  it('login ends at Ctrl-C', async () => {
    const house: House = await openHouse();
    closing.push(() => house.close());
    const { child, told, ended } = await run(
      ['login', '--config', join(house.folder, 'config.yaml')],
      house.folder,
    );
    await eventually(() => told().includes('The address:'), told);
    child.kill('SIGINT');
    expect(await ended).toBe(1);
  });

  it('the help names every command and the flags of the simulation', async () => {
    const { told, ended } = await run(['--help'], await ownFolder());
    expect(await ended).toBe(0);
    for (const word of ['demo', 'simulate', 'login', 'doctor', 'config', '--callback URL', '--life']) {
      expect(told()).toContain(word);
    }
  });
});
