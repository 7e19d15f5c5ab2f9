import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { figure, sized } from '../support/figures.ts';
import { findProgram } from '../support/programs.ts';
import { open, readOnce, temporaryFolder, tokens, transpileStore } from './support.ts';

let out = '';
beforeAll(() => {
  out = transpileStore();
});

const child = join(import.meta.dirname, 'child.mjs');
const KILLS = sized(60, 1_000);
const strace = findProgram('strace');

/** The last number a child said to be saved, in whole lines; null when none. */
function lastSaved(said: string): number | null {
  const numbers = [...said.matchAll(/^saved (\d+)\n/gm)].map((match) => Number(match[1]));
  return numbers.at(-1) ?? null;
}

/** What both copies hold, read with nothing of ours; fails when one is torn. */
function onDisk(folder: string): number[] {
  return ['tokens.json', 'tokens.json.good']
    .map((name) => join(folder, name))
    .filter((path) => existsSync(path))
    .map((path) => tokens.parse(JSON.parse(readFileSync(path, 'utf8'))))
    .map(({ n, pad }) => {
      expect(pad.length).toBe((n % 7) * 5_000);
      return n;
    });
}

/** Runs a child under strace, with its file work on one thread so that its calls can be counted. */
function traced(folder: string, expressions: string[], times: number, log = '/dev/null') {
  const options = expressions.flatMap((expression) => ['-e', expression]);
  return spawnSync(
    strace ?? 'strace',
    [
      '-f',
      '-qq',
      '-y',
      '-s',
      '200',
      '-o',
      log,
      ...options,
      process.execPath,
      child,
      out,
      folder,
      'save',
      String(times),
    ],
    { encoding: 'utf8', env: { ...process.env, UV_THREADPOOL_SIZE: '1' } },
  );
}

describe('a bridge that is killed while it saves', () => {
  it(`${KILLS} times over leaves no torn file and loses nothing it said was saved`, async () => {
    const folder = temporaryFolder();
    let last = 0;
    let midway = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      const bridge = spawn(process.execPath, [child, out, folder, 'save'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      let said = '';
      bridge.stdout.on('data', (data) => {
        said += data;
      });
      const ended = once(bridge, 'close');
      await once(bridge.stdout, 'data');
      await new Promise((resolve) => setTimeout(resolve, (kill * 7) % 40));
      bridge.kill('SIGKILL');
      await ended;

      expect(said).toMatch(new RegExp(`^read ${last}\n`));
      const acknowledged = lastSaved(said) ?? last;
      expect(onDisk(folder).length).toBeGreaterThan(acknowledged > 0 ? 0 : -1);
      if (readdirSync(folder).some((name) => name.startsWith('tokens.json.') && name.endsWith('.tmp')))
        midway += 1;
      const { value, log } = await readOnce(folder);
      // One save may have been durable before it could be said.
      expect(value.n - acknowledged, `kill ${kill}`).toBeGreaterThanOrEqual(0);
      expect(value.n - acknowledged, `kill ${kill}`).toBeLessThanOrEqual(1);
      expect(log.at('error')).toEqual([]);
      expect(readdirSync(folder).filter((name) => !/^tokens\.json(\.good)?$/.test(name))).toEqual([]);
      last = value.n;
    }
    expect(last).toBeGreaterThan(KILLS);
    expect(midway, 'kills in the middle of a save').toBeGreaterThan(0);
    figure('kills at any moment while saving', `${KILLS}, ${midway} in the middle of a save, ${last} saves`);
  }, 1_800_000);
});

describe.skipIf(strace === null)('at the level of system calls (needs strace)', () => {
  it('a save is on the platter before it has its name, and its name before it is told', () => {
    const folder = temporaryFolder();
    const log = join(temporaryFolder(), 'calls');
    expect(traced(folder, ['trace=fsync,link,rename,write'], 2, log).status).toBe(0);
    const calls = readFileSync(log, 'utf8').split('\n');
    const second = calls.slice(calls.findIndex((call) => call.includes('"saved 1\\n"')) + 1);
    const place = (pattern: RegExp) => second.findIndex((call) => pattern.test(call));
    const order = [
      place(/ write\(\d+<.*tokens\.json\.[\w-]+\.tmp>/),
      place(/ fsync\(\d+<.*tokens\.json\.[\w-]+\.tmp>/),
      place(/ link\(".*tokens\.json", ".*\.tmp"/),
      place(/ rename\(".*\.tmp", ".*tokens\.json"/),
      place(/ rename\(".*\.tmp", ".*tokens\.json\.good"/),
      place(/ fsync\(\d+<[^.]*store-\w+>/),
      place(/ write\(.*"saved 2\\n"/),
    ];
    expect(order, second.join('\n')).not.toContain(-1);
    expect(order).toEqual([...order].sort((a, b) => a - b));
  });

  it.each(['fsync', 'link', 'rename', 'fchmod'])(
    'a kill at any %s leaves what was saved',
    async (call) => {
      let killed = 0;
      for (let when = 1; when <= 6; when += 1) {
        const folder = temporaryFolder();
        const { store } = await open(folder);
        const document = await store.document('tokens', tokens, { n: 0, pad: '' });
        await document.save({ n: 1, pad: 'x'.repeat(5_000) });
        await store.close();
        const { stdout, signal, status } = traced(
          folder,
          [`trace=${call}`, `inject=${call}:signal=KILL:when=${when}`],
          3,
        );
        if (signal === 'SIGKILL' || status === 137) killed += 1;
        else expect(status).toBe(0);
        onDisk(folder);
        const acknowledged = lastSaved(stdout) ?? 1;
        const { value, log } = await readOnce(folder);
        expect(value.n - acknowledged, `${call} ${when}`).toBeGreaterThanOrEqual(0);
        expect(value.n - acknowledged, `${call} ${when}`).toBeLessThanOrEqual(1);
        expect(log.at('error')).toEqual([]);
      }
      expect(killed).toBeGreaterThanOrEqual(4);
    },
    60_000,
  );

  it.each([
    ['fsync', 'ENOSPC', 'disk_full'],
    ['rename', 'EROFS', 'read_only'],
    ['link', 'EIO', 'disk_error'],
  ])('a %s that fails with %s is told, and the next save goes well', async (call, code, reason) => {
    const folder = temporaryFolder();
    // The lock makes one fsync and one link; the third save is well past both.
    const when = call === 'fsync' ? 6 : 3;
    const { stdout, status } = traced(
      folder,
      [`trace=${call}`, `inject=${call}:error=${code}:when=${when}`],
      5,
    );
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`failed \\{"n":\\d,"reason":"${reason}","code":"${code}"\\}\n`));
    expect(lastSaved(stdout)).toBe(5);
    expect((await readOnce(folder)).value.n).toBe(5);
    expect(readdirSync(folder).sort()).toEqual(['tokens.json', 'tokens.json.good']);
  });
});

it('a disk that is really full rejects the save and keeps the file', ({ skip }) => {
  const folder = temporaryFolder();
  // A mount of its own, seen by nobody else and gone with the process.
  const script = `mount -t tmpfs -o size=64k,mode=700 tmpfs "$1" && "$2" "$3" "$4" "$1" fill && cat "$1/tokens.json" && ls "$1"`;
  const shell = ['--mount', 'sh', '-c', script, 'sh', folder, process.execPath, child, out];
  if (spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', folder]).status !== 0) {
    skip('unshare cannot make a mount here');
  }
  const { stdout, status } = spawnSync('unshare', shell, { encoding: 'utf8' });
  expect(stdout).toContain('filled ENOSPC');
  expect(stdout).toContain('failed {"n":2,"reason":"disk_full","trouble":"disk_full"}');
  expect(stdout).toMatch(/"n": 1,\n.*\n\}\nfiller\ntokens\.json\n$/);
  expect(status).toBe(0);
});
