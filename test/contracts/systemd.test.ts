import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { keys } from '../../src/config/keys.ts';
import { eventually, openHouse } from '../cli/house.ts';
import { builtProgram } from '../support/built-program.ts';
import { figure } from '../support/figures.ts';
import { findProgram } from '../support/programs.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');
const folder = join(root, 'packaging/systemd');
const unit = readFileSync(join(folder, 'sonos-mqtt-bridge.service'), 'utf8');
const analyze = findProgram('systemd-analyze', 'systemd');
const strace = findProgram('strace');

const all = (name: string): string[] =>
  [...unit.matchAll(new RegExp(`^#?${name}=(.*)$`, 'gm'))].map((match) => match[1] ?? '');
const one = (name: string): string => {
  const [value, ...others] = all(name);
  expect([name, others]).toEqual([name, []]);
  return value ?? '';
};

describe('the unit', () => {
  it('waits for the word of the bridge, and lets its child send it', () => {
    expect(one('Type')).toBe('notify');
    expect(one('NotifyAccess')).toBe('all');
    expect(Number(one('WatchdogSec'))).toBeGreaterThanOrEqual(30);
    // The program ends within five seconds and gives a disk sixty at the start.
    expect(Number(one('TimeoutStopSec'))).toBeGreaterThan(5);
    expect(Number(one('TimeoutStartSec'))).toBeGreaterThan(60);
  });

  it('starts the bridge again when it failed, but not with wrong settings', () => {
    expect(one('Restart')).toBe('on-failure');
    expect(one('RestartPreventExitStatus')).toBe('2');
  });

  it('names settings and credentials that are there, and no secret in plain sight', () => {
    const known = new Map(
      keys.flatMap((key) => [[key.variable, key] as const, [`${key.variable}_FILE`, key] as const]),
    );
    const given = all('Environment').map((pair) => pair.split('=') as [string, string]);
    const ours = given.filter(([name]) => name.startsWith('BRIDGE_'));
    expect(ours.filter(([name]) => !known.has(name))).toEqual([]);
    const credentials = all('LoadCredential').map((credential) => credential.split(':')[0] ?? '');
    expect(credentials.length).toBeGreaterThan(2);
    const files = ours.filter(([name]) => name.endsWith('_FILE'));
    expect(files.map(([, file]) => file)).toEqual(credentials.map((name) => `%d/${name}`));
    expect(ours.filter(([name]) => known.get(name)?.node.secret === true && !name.endsWith('_FILE'))).toEqual(
      [],
    );
    expect(ours).toContainEqual(['BRIDGE_DATA_DIR', `%S/${one('StateDirectory')}`]);
  });

  it('starts the program by the name that the package gives it', () => {
    const { bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    expect(Object.keys(bin)).toContain(one('ExecStart').split(' ')[0]?.split('/').at(-1));
    expect(readFileSync(join(folder, 'README.md'), 'utf8')).toContain(
      'packaging/systemd/sonos-mqtt-bridge.service',
    );
  });
});

describe.skipIf(analyze === null)('systemd itself', () => {
  /** The unit, with a program that is there on every machine and with its examples switched on. */
  async function written(text: string): Promise<string> {
    const place = await mkdtemp(join(tmpdir(), 'unit-'));
    onTestFinished(() => rm(place, { recursive: true }));
    const file = join(place, 'sonos-mqtt-bridge.service');
    const whole = text.replace(/^#(?=(LoadCredential|Environment)=)/gm, '');
    await writeFile(file, whole.replace('/usr/local/bin/sonos-mqtt-bridge', process.execPath));
    return file;
  }
  const verify = async (text: string): Promise<string> => {
    const file = await written(text);
    const { stdout, stderr } = await run(analyze ?? '', [
      'verify',
      '--man=no',
      '--recursive-errors=no',
      file,
    ]).catch((error: { stdout: string; stderr: string }) => error);
    return `${stdout}${stderr}`;
  };

  it('finds nothing wrong with the unit, and would find a slip', async () => {
    expect(await verify(unit)).toBe('');
    expect(await verify(unit.replace('WatchdogSec=60', 'WatchdogSecs=60'))).toContain(
      "Unknown key 'WatchdogSecs'",
    );
    expect(await verify(unit.replace('Type=notify', 'Type=notice'))).toContain('service type');
  });

  it('calls the bridge well shut in', async () => {
    const file = await written(unit);
    const { stdout } = await run(analyze ?? '', [
      'security',
      '--offline=true',
      '--threshold=20',
      '--no-pager',
      file,
    ]);
    const exposure = Number(/Overall exposure level for \S+ (\d+\.\d+)/.exec(stdout)?.[1]);
    figure("exposure of the unit, by systemd's own count (10 is the worst)", exposure);
    expect(exposure).toBeLessThanOrEqual(2);
  });
});

describe.skipIf(analyze === null || strace === null)('the calls that the unit forbids', () => {
  beforeAll(builtProgram, 120_000);

  /** The calls in sets such as `@system-service`, as systemd knows them, and sets within sets. */
  async function callsOf(sets: readonly string[]): Promise<Set<string>> {
    const { stdout } = await run(analyze ?? '', ['syscall-filter', '--no-pager', ...sets]);
    const words = stdout.split('\n').flatMap((line) => /^ {4}([@\w-]+)$/.exec(line)?.[1] ?? []);
    const inner = words.filter((word) => word.startsWith('@'));
    const calls = words.filter((word) => !word.startsWith('@'));
    return new Set(inner.length === 0 ? calls : [...calls, ...(await callsOf(inner))]);
  }

  it('are not needed: refused all of them, it starts, answers, tells systemd and ends', async () => {
    const filters = all('SystemCallFilter');
    const sets = (text: string) => text.replace('~', '').split(' ');
    // Always allowed in a list of what is allowed (systemd.exec(5)).
    const allowed = await callsOf([
      '@default',
      ...filters.filter((text) => !text.startsWith('~')).flatMap(sets),
    ]);
    for (const call of await callsOf(filters.filter((text) => text.startsWith('~')).flatMap(sets)))
      allowed.delete(call);
    const forbidden = [...(await callsOf(['@known']))].filter((call) => !allowed.has(call));
    expect(forbidden.length).toBeGreaterThan(50);
    expect(forbidden).toContain('mount');
    figure('kinds of system calls that were refused to the daemon', forbidden.length);

    const house = await openHouse();
    onTestFinished(() => house.close());
    const told = join(house.folder, 'refused');
    // `?`: not every machine knows every call.
    const calls = forbidden.map((call) => `?${call}`).join(',');
    const tracing = ['-e', `trace=${calls}`, '-e', `inject=${calls}:error=EPERM`];
    const daemon = [
      process.execPath,
      await builtProgram(),
      'start',
      '--config',
      join(house.folder, 'config.yaml'),
    ];
    const child = spawn(strace ?? '', ['-f', '--seccomp-bpf', '-qq', '-o', told, ...tracing, ...daemon], {
      cwd: house.folder,
      env: { PATH: process.env.PATH, NOTIFY_SOCKET: join(house.folder, 'nobody') },
    });
    const ended = once(child, 'exit');
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (piece: Buffer) => (said += String(piece)));
    // systemd-notify was started, and found nobody to tell: that is its own word, not ours.
    await eventually(
      () => said.includes('systemd could not be told'),
      () => said,
    );
    expect(said).toContain('"reason":"it ended with 1"');
    expect((await fetch(`http://127.0.0.1:${house.ports.web}/health/live`)).status).toBe(200);
    const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8'));
    process.kill(pid, 'SIGTERM');
    expect(await ended).toEqual([0, null]);
    const refused = new Set(
      [...readFileSync(told, 'utf8').matchAll(/ (\w+)\(.*\(INJECTED\)/g)].map((match) => match[1]),
    );
    figure('calls that it tried all the same, and went on without', [...refused].join(', ') || 'none');
  });
});
