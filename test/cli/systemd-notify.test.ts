import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { openSystemd } from '../../src/cli/systemd-notify.ts';
import { systemClock } from '../../src/system.ts';
import { builtProgram } from '../support/built-program.ts';
import { findProgram } from '../support/programs.ts';
import { openSystemdReceiver } from '../support/systemd-receiver.ts';
import { notebook } from '../web/house.ts';
import { openHouse } from './house.ts';

const python = findProgram('python3');
const notify = findProgram('systemd-notify', 'systemd');
const PATH = process.env.PATH;

interface Given {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly status?: () => string;
  readonly pid?: number;
  readonly longestMs?: number;
}

function open({ env = {}, status = () => 'All is well.', ...more }: Given) {
  const log = notebook();
  const systemd = openSystemd({ env: { PATH, ...env }, clock: systemClock, log, status, ...more });
  if (systemd === null) throw new Error('There is no systemd.');
  onTestFinished(() => systemd.stopping());
  return { ...systemd, lines: log.lines };
}

describe.skipIf(python === null || notify === null)('systemd', () => {
  it('hears when the house is open, how it is, and that it is being closed', async () => {
    const receiver = await openSystemdReceiver(python ?? '');
    const { ready, stopping, lines } = open({
      env: { NOTIFY_SOCKET: receiver.socket },
      status: () => `Two\nlines, ${'x'.repeat(400)}`,
    });
    await ready();
    await stopping();
    await receiver.until('STOPPING=1');
    expect(receiver.words()).toEqual([
      ['READY=1', expect.stringMatching(/^STATUS=Two lines, x{188}…$/)],
      ['STOPPING=1', 'STATUS=The bridge ends.'],
    ]);
    expect(lines).toEqual([]);
  });

  it('is told in half the time that the loop lives, and nothing while it does not', async () => {
    const receiver = await openSystemdReceiver(python ?? '');
    const env = { NOTIFY_SOCKET: receiver.socket, WATCHDOG_USEC: '80000', WATCHDOG_PID: String(process.pid) };
    const { ready, stopping, lines } = open({ env });
    await ready();
    await receiver.until('WATCHDOG=1', 2);
    // Nothing else gets its turn meanwhile, as when a program hangs.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 600);
    const before = receiver.all().length;
    await receiver.until('WATCHDOG=1', before + 2);
    const times = receiver.all().map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(Math.max(...gaps)).toBeGreaterThan(400);
    await stopping();
    const heard = receiver.all().length;
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(receiver.all().slice(heard)).toEqual([]);
    expect(receiver.words().at(-1)?.[0]).toBe('STOPPING=1');
    expect(lines).toEqual([]);
  });

  it.each([
    ['it watches another process', { WATCHDOG_USEC: '20000', WATCHDOG_PID: '1' }],
    ['there is none', {}],
    ['its time is no time', { WATCHDOG_USEC: 'soon' }],
    ['its time is nothing', { WATCHDOG_USEC: '0' }],
  ])('is not told about a watchdog when %s', async (_, watchdog) => {
    const receiver = await openSystemdReceiver(python ?? '');
    const { ready } = open({ env: { NOTIFY_SOCKET: receiver.socket, ...watchdog } });
    await ready();
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(receiver.words().map(([word]) => word)).toEqual(['READY=1']);
  });
});

describe('without systemd', () => {
  it.each([{}, { NOTIFY_SOCKET: '' }])('nobody is told: %j', (env) => {
    expect(openSystemd({ env, clock: systemClock, log: notebook(), status: () => '' })).toBeNull();
  });

  const ownProgram = async (text: string | null): Promise<string> => {
    const folder = await mkdtemp(join(tmpdir(), 'no-systemd-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    if (text !== null) await writeFile(join(folder, 'systemd-notify'), text);
    if (text !== null) await chmod(join(folder, 'systemd-notify'), 0o755);
    return folder;
  };

  it.each([
    ['is not installed', null, 'the program is not installed'],
    ['refuses', '#!/bin/sh\nexit 3\n', 'it ended with 3'],
    ['hangs', `#!${process.execPath}\nsetTimeout(() => {}, 60000);\n`, 'it did not end in time'],
  ])('a systemd-notify that %s is one warning, and holds up nothing', async (_, text, reason) => {
    const env = { NOTIFY_SOCKET: '/nowhere/notify', PATH: await ownProgram(text), WATCHDOG_USEC: '10000' };
    const { ready, stopping, lines } = open({ env, longestMs: 150 });
    await ready();
    await stopping();
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ level: 'warn', fields: { reason } });
    expect(lines[0]?.message).toContain('NotifyAccess=all');
  });

  it('the program learns nothing but where to send', async () => {
    const folder = await ownProgram(null);
    const seen = join(folder, 'seen');
    const script = `#!${process.execPath}\nrequire('fs').writeFileSync('${seen}', JSON.stringify(process.env));\n`;
    await writeFile(join(folder, 'systemd-notify'), script);
    await chmod(join(folder, 'systemd-notify'), 0o755);
    const env = { NOTIFY_SOCKET: '/x', PATH: folder, BRIDGE_WEB_PASSWORD: 'c4nary', WATCHDOG_USEC: '0' };
    await open({ env }).ready();
    const given = JSON.parse(await readFile(seen, 'utf8')) as object;
    expect(Object.keys(given).filter((name) => !name.startsWith('__'))).toEqual(['PATH', 'NOTIFY_SOCKET']);
  });
});

describe.skipIf(python === null || notify === null)('the daemon under systemd', () => {
  beforeAll(builtProgram, 120_000);

  async function start(flags: readonly string[] = []) {
    const receiver = await openSystemdReceiver(python ?? '');
    const house = await openHouse();
    onTestFinished(() => house.close());
    const program = [await builtProgram(), 'start', '--config', join(house.folder, 'config.yaml'), ...flags];
    const env = { PATH, NOTIFY_SOCKET: receiver.socket, WATCHDOG_USEC: '400000' };
    const child = spawn(process.execPath, program, { cwd: house.folder, env, stdio: 'ignore' });
    const ended = once(child, 'exit');
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    return { receiver, house, child, ended };
  }

  it('is ready when its listeners answer, lives, and says that it ends', async () => {
    const { receiver, house, child, ended } = await start();
    await receiver.until('READY=1');
    const live = await fetch(`http://127.0.0.1:${house.ports.web}/health/live`);
    expect(live.status).toBe(200);
    expect(receiver.words()[0]?.[1]).toMatch(/^STATUS=MQTT (not )?connected; Sonos account unlinked; 0 of 0/);
    await receiver.until('WATCHDOG=1');
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(receiver.words().at(-1)?.[0]).toBe('STOPPING=1');
  });

  it('is not ready when it cannot open', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    onTestFinished(() => void taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const { receiver, ended } = await start(['--web.port', String(port)]);
    expect(await ended).toEqual([1, null]);
    expect(receiver.words()).toEqual([]);
  });
});
