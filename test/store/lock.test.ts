import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Disk, type Seen, systemDisk } from '../../src/store/disk.ts';
import { takeLock } from '../../src/store/lock.ts';
import { type Processes, readStat, systemProcesses } from '../../src/store/processes.ts';
import { openSign, readSign } from '../../src/store/sign.ts';
import { openStore, whoHolds } from '../../src/store/store.ts';
import { systemRandom } from '../../src/system.ts';
import { createTestClock, createTestLog, open, temporaryFolder, transpileStore } from './support.ts';

let out = '';
beforeAll(() => {
  out = transpileStore();
});

const child = join(import.meta.dirname, 'child.mjs');
const lockOf = (folder: string) => JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));
const plant = (folder: string, change: object) =>
  writeFileSync(join(folder, 'lock'), JSON.stringify({ ...record, ...change }), { mode: 0o600 });
const ownStart = (() => {
  const seen = systemProcesses.look(process.pid);
  return seen === 'gone' ? null : seen.started;
})();
const record = {
  token: 'planted',
  pid: process.pid,
  started: ownStart,
  boot: systemProcesses.boot,
  space: systemProcesses.space,
  signed: false,
  since: '2026-11-20T08:00:00.000Z',
};

async function tryOpen(folder: string, processes: Processes = systemProcesses) {
  const log = createTestLog();
  const opened = await openStore({ folder, processes, log, clock: createTestClock(), random: systemRandom });
  if (opened.ok) await opened.value.close();
  return opened.ok ? null : opened.error;
}

/** Starts a process that opens the store and holds it; answers its first line. */
async function holding(
  folder: string,
  command: string[] = [],
): Promise<{ process: ChildProcess; line: string }> {
  const [program = '', ...rest] = [...command, process.execPath, child, out, folder, 'hold'];
  const started = spawn(program, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [data] = await once(started.stdout, 'data');
  return { process: started, line: String(data) };
}

async function kill(started: ChildProcess): Promise<void> {
  const ended = once(started, 'exit');
  started.kill('SIGKILL');
  await ended;
}

describe('a second bridge on the same folder', () => {
  it('is refused, is told who has it, and may start when that one is done', async () => {
    const folder = temporaryFolder();
    const { store } = await open(folder);
    const holder = { pid: process.pid, since: '2026-11-21T12:00:00.000Z', inThisSpace: true };
    expect(await whoHolds(folder)).toEqual(holder);
    const refusal = await tryOpen(folder);
    expect(refusal).toMatchObject({ reason: 'in_use', holder });
    expect(refusal?.message).toContain(`in use by process ${process.pid} since 2026-11-21T12:00:00.000Z`);
    expect(refusal?.message).toContain('stop that one, or give this one another data_dir');
    expect(readdirSync(folder).filter((name) => name !== 'lock')).toHaveLength(1);
    await store.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(await whoHolds(folder)).toBeNull();
    expect(await tryOpen(folder)).toBeNull();
  });

  it('in a process of its own is refused, until that process is killed', async () => {
    const folder = temporaryFolder();
    const { process: holder, line } = await holding(folder);
    expect(line).toBe('read 0\n');
    expect(await whoHolds(folder)).toMatchObject({ pid: holder.pid, inThisSpace: true });
    expect(await tryOpen(folder)).toMatchObject({ reason: 'in_use', holder: { pid: holder.pid } });
    const second = spawnSync(process.execPath, [child, out, folder, 'hold'], { encoding: 'utf8' });
    expect(second.status).toBe(3);
    expect(second.stdout).toContain(`in use by process ${holder.pid}`);
    await kill(holder);
    expect(await whoHolds(folder)).toBeNull();
    expect(await tryOpen(folder)).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is refused from outside the container that has it, until that is killed', async ({ skip }) => {
    const contained = ['unshare', '--pid', '--fork', '--kill-child=SIGKILL', '--mount-proc'];
    if (spawnSync(contained[0] ?? '', [...contained.slice(1), 'true']).status !== 0) {
      skip('unshare cannot make a process space here');
    }
    const folder = temporaryFolder();
    const { process: holder } = await holding(folder, contained);
    expect(lockOf(folder).pid).toBe(1);
    const refusal = await tryOpen(folder);
    expect(refusal?.message).toContain('in use by process 1 of another container');
    expect(await whoHolds(folder)).toMatchObject({ pid: 1, inThisSpace: false });
    // And the other way round.
    await kill(holder);
    await expect.poll(() => whoHolds(folder)).toBeNull();
    const { store } = await open(folder);
    const [program = '', ...rest] = [...contained, process.execPath, child, out, folder, 'hold'];
    expect(spawnSync(program, rest, { encoding: 'utf8' }).stdout).toContain(
      `process ${process.pid} of another`,
    );
    await store.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of eight that start at once, over a dead one’s lock, exactly one gets it', async () => {
    for (let round = 0; round < 20; round += 1) {
      const folder = temporaryFolder();
      if (round % 2 === 0) plant(folder, { pid: 999_999_999 });
      const clock = createTestClock();
      const starters = Array.from({ length: 8 }, () =>
        openStore({ folder, clock, log: createTestLog(), random: systemRandom }),
      );
      const opened = await Promise.all(starters);
      expect(opened.filter((each) => each.ok)).toHaveLength(1);
      for (const each of opened) if (each.ok) await each.value.close();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('of eight processes that start at once, exactly one gets it', async () => {
    const folder = temporaryFolder();
    plant(folder, { pid: 999_999_999 });
    const started = await Promise.all(Array.from({ length: 8 }, () => holding(folder)));
    expect(started.filter(({ line }) => line.startsWith('read'))).toHaveLength(1);
    expect(started.filter(({ line }) => line.startsWith('refused'))).toHaveLength(7);
    for (const { process: each, line } of started) if (line.startsWith('read')) await kill(each);
    expect(await tryOpen(folder)).toBeNull();
  }, 60_000);
});

describe('the lock of a process that has ended', () => {
  it.each([
    ['whose id is free', { pid: 999_999_999 }],
    ['whose id another process has now', { started: '1' }],
    ['before the machine’s restart', { boot: 'another' }],
    ['in a container that is gone', { space: 'pid:[1]', signed: true }],
  ])('%s is taken over', async (_, change) => {
    const folder = temporaryFolder();
    plant(folder, change);
    writeFileSync(join(folder, 'lock.planted.sock'), '');
    writeFileSync(join(folder, 'lock.old.next'), JSON.stringify({ ...record, ...change }));
    writeFileSync(join(folder, 'lock.older.tmp'), 'half a rec');
    expect(await whoHolds(folder)).toBeNull();
    expect(await tryOpen(folder)).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['half a record', '{"token":"pl'],
    ['another shape', '{"pid":1}'],
    ['a token that would leave the folder', JSON.stringify({ ...record, token: '../x', pid: 999_999_999 })],
    ['far too much', 'x'.repeat(5000)],
  ])('that holds %s is taken over, even if its claim is broken too', async (_, content) => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lock'), content);
    writeFileSync(join(folder, 'lock.unreadable-0.next'), content);
    expect(await whoHolds(folder)).toBeNull();
    expect(await tryOpen(folder)).toBeNull();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('that is a planted link is replaced, not followed', async () => {
    const folder = temporaryFolder();
    const outside = join(temporaryFolder(), 'outside');
    writeFileSync(outside, JSON.stringify(record));
    symlinkSync(outside, join(folder, 'lock'));
    expect(await tryOpen(folder)).toBeNull();
    expect(JSON.parse(readFileSync(outside, 'utf8'))).toEqual(record);
  });

  it('that is a folder is refused', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'lock'));
    expect(await tryOpen(folder)).toMatchObject({ reason: 'unusable' });
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('is a dead one’s while its parent has not collected it', async () => {
    const folder = temporaryFolder();
    // The shell's child ends once it may read, and `sleep`, which has taken the shell's place by then, never collects it.
    const parent = spawn('sh', ['-c', 'head -c 1 <&3 & echo $!; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'ignore', 'pipe'],
    });
    const [data] = await once(parent.stdio[1] ?? parent, 'data');
    const pid = Number(String(data).trim());
    await expect.poll(() => readFileSync(`/proc/${parent.pid}/comm`, 'utf8')).toBe('sleep\n');
    const go = parent.stdio[3];
    if (go instanceof Writable) go.end('x');
    await expect.poll(() => systemProcesses.look(pid)).toBe('gone');
    expect(() => process.kill(pid, 0)).not.toThrow();
    plant(folder, { pid, started: null });
    expect(await tryOpen(folder)).toBeNull();
    await kill(parent);
  });
});

describe('the lock of a process that may still run', () => {
  it.each([
    ['without a known start time', { started: null }],
    ['in a container that shows no sign', { space: 'pid:[1]' }],
  ])('%s is respected', async (_, change) => {
    const folder = temporaryFolder();
    plant(folder, change);
    expect(await whoHolds(folder)).not.toBeNull();
    expect(await tryOpen(folder)).toMatchObject({ reason: 'in_use' });
    expect(lockOf(folder).token).toBe('planted');
  });

  it('in a container that claims a start of its own is respected as long as it shows its sign', async () => {
    const folder = temporaryFolder();
    plant(folder, { boot: 'its own', space: 'pid:[1]', signed: true });
    const sign = await openSign(join(folder, 'lock.planted.sock'));
    expect(await tryOpen(folder)).toMatchObject({ reason: 'in_use' });
    await sign?.close();
    expect(await tryOpen(folder)).toBeNull();
  });

  it('that was taken away by hand is not taken from the next holder', async () => {
    const folder = temporaryFolder();
    const { store } = await open(folder);
    rmSync(join(folder, 'lock'));
    const next = await open(folder);
    await store.close();
    expect(await whoHolds(folder)).not.toBeNull();
    await next.store.close();
    expect(await whoHolds(folder)).toBeNull();
  });
});

describe('the sign of life', () => {
  it('is not put up where its path would be cut off, or where it cannot be', async () => {
    expect(await openSign(`/tmp/${'x'.repeat(100)}`)).toBeNull();
    expect(await openSign('/proc/nowhere/sign')).toBeNull();
  });

  it('is private, and answers several who ask', async () => {
    const path = join(temporaryFolder(), 'sign');
    const sign = await openSign(path);
    expect((await systemDisk.look(path)).mode).toBe(0o600);
    expect(await Promise.all([readSign(path), readSign(path), readSign(path)])).toEqual([
      'there',
      'there',
      'there',
    ]);
    await sign?.close();
    expect(await readSign(path)).toBe('gone');
  });

  it('is unknown where asking is no use', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect(await readSign(join(file, 'below'))).toBe('unknown');
  });
});

describe('the process table', () => {
  it('knows ourselves, a process of another user, and one that never was', () => {
    expect(systemProcesses.look(process.pid)).toEqual({ started: expect.stringMatching(/^\d+$/) });
    expect(systemProcesses.look(1)).not.toBe('gone');
    expect(systemProcesses.look(999_999_999)).toBe('gone');
  });

  it('is read right when a program’s name has brackets and spaces', () => {
    const tail = Array.from({ length: 40 }, (_, n) => n + 4).join(' ');
    expect(readStat(`42 (a) R (b) S ${tail}\n`)).toEqual({ started: '22' });
    expect(readStat(`42 (node) Z ${tail}\n`)).toBe('gone');
    expect(readStat('42 (node) S')).toEqual({ started: null });
  });
});

describe('starters that are stopped and killed anywhere', () => {
  /** A disk in memory, each step of which waits for its turn. */
  function memoryDisk() {
    const names = new Map<string, Uint8Array>();
    const fail = (code: string) => Object.assign(new Error(code), { code });
    const disk: Disk = {
      ...systemDisk,
      list: async () => [...names.keys()].map((path) => path.slice(path.lastIndexOf('/') + 1)),
      read: async (path): Promise<Seen> => {
        const bytes = names.get(path);
        return bytes === undefined ? { kind: 'absent' } : { kind: 'bytes', bytes };
      },
      create: async (path, bytes) => {
        if (names.has(path)) throw fail('EEXIST');
        names.set(path, bytes);
      },
      link: async (from, to) => {
        const bytes = names.get(from);
        if (bytes === undefined) throw fail('ENOENT');
        if (names.has(to)) throw fail('EEXIST');
        names.set(to, bytes);
      },
      rename: async (from, to) => {
        const bytes = names.get(from);
        if (bytes === undefined) throw fail('ENOENT');
        names.set(to, bytes);
        names.delete(from);
      },
      remove: async (path) => {
        names.delete(path);
      },
    };
    return { disk, names };
  }

  it('never have the folder two at a time, and without deaths always one', async () => {
    const folder = `/${'x'.repeat(120)}`; // No room for a socket: this is about the files alone.
    let contested = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.oneof(fc.constant(Number.POSITIVE_INFINITY), fc.nat(12)), { minLength: 2, maxLength: 4 }),
        fc.constantFrom('absent', 'dead', 'torn'),
        async (s, lives, before) => {
          const { disk, names } = memoryDisk();
          const alive = new Set<number>();
          const dead = { ...record, pid: 1, started: null };
          if (before === 'dead') names.set(`${folder}/lock`, new TextEncoder().encode(JSON.stringify(dead)));
          if (before === 'torn') names.set(`${folder}/lock`, new Uint8Array());
          let token = 0;
          const random = { id: () => `t${token++}`, fraction: () => 0 };
          const holders = new Set<number>();
          const starters = lives.map(async (life, index) => {
            const pid = index + 2;
            alive.add(pid);
            let steps = 0;
            let die = () => {};
            const death = new Promise<'dead'>((resolve) => {
              die = () => {
                alive.delete(pid);
                holders.delete(pid);
                resolve('dead');
              };
            });
            const step = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
              return async (...args: A): Promise<R> => {
                await s.schedule(Promise.resolve());
                steps += 1;
                if (steps <= life) return work(...args);
                die();
                return new Promise(() => {});
              };
            };
            const mine: Disk = {
              ...disk,
              list: step(disk.list),
              read: step(disk.read),
              create: step(disk.create),
              link: step(disk.link),
              rename: step(disk.rename),
              remove: step(disk.remove),
            };
            const processes: Processes = {
              pid,
              boot: record.boot,
              space: record.space,
              look: (other) => (alive.has(other) ? { started: null } : 'gone'),
            };
            const taken = await Promise.race([
              takeLock({ folder, disk: mine, processes, random, clock: createTestClock() }),
              death,
            ]);
            if (taken === 'dead' || !taken.ok) return taken === 'dead' ? 'dead' : 'refused';
            holders.add(pid);
            expect(holders.size).toBeLessThanOrEqual(1);
            return 'held';
          });
          const ends = await s.waitFor(Promise.all(starters));
          expect(holders.size).toBeLessThanOrEqual(1);
          if (!ends.includes('dead')) expect(ends.filter((end) => end === 'held')).toHaveLength(1);
          if (ends.includes('dead') && ends.includes('held')) contested += 1;
        },
      ),
      { numRuns: 3000 },
    );
    expect(contested).toBeGreaterThan(100);
  }, 60_000);
});

it('tidying that takes a living starter’s file away only makes it write another', async () => {
  const folder = temporaryFolder();
  let linked = 0;
  const disk: Disk = {
    ...systemDisk,
    link: async (from, to) => {
      linked += 1;
      if (linked === 1) await systemDisk.remove(from);
      return systemDisk.link(from, to);
    },
  };
  const { store } = await open(folder, { disk });
  expect(linked).toBe(2);
  expect(await whoHolds(folder)).not.toBeNull();
  await store.close();
  chmodSync(folder, 0o700);
  expect(readdirSync(folder)).toEqual([]);
});
