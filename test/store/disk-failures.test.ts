import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { systemProcesses } from '../../src/store/processes.ts';
import { openStore } from '../../src/store/store.ts';
import { RETRY_MS } from '../../src/store/writer.ts';
import { systemRandom } from '../../src/system.ts';
import {
  createTestClock,
  createTestLog,
  none,
  numbered,
  open,
  readOnce,
  temporaryFolder,
  tokens,
} from './support.ts';

type Step = 'create' | 'link' | 'rename' | 'sync' | 'read' | 'remove';
const refusal = (code: string) => Object.assign(new Error(`${code}: /secret/path`), { code });

/** The machine's disk with one step that can be made to fail; a failing `create` leaves half a file, as a full disk does. */
function failingDisk(step: Step, match: RegExp = /\.json/) {
  let code: string | null = null;
  const fails = (path: string) => code !== null && match.test(path);
  const guard = async (path: string) => {
    if (fails(path)) throw refusal(code ?? '');
  };
  const disk: Disk = { ...systemDisk };
  if (step === 'create') {
    disk.create = async (path, bytes) => {
      if (!fails(path)) return systemDisk.create(path, bytes);
      await systemDisk.create(path, bytes.subarray(0, bytes.length / 2));
      throw refusal(code ?? '');
    };
  }
  if (step === 'link') disk.link = async (from, to) => guard(to).then(() => systemDisk.link(from, to));
  if (step === 'rename') disk.rename = async (from, to) => guard(to).then(() => systemDisk.rename(from, to));
  if (step === 'sync') disk.sync = async (folder) => guard('.json').then(() => systemDisk.sync(folder));
  if (step === 'read')
    disk.read = async (path, limit) => guard(path).then(() => systemDisk.read(path, limit));
  return {
    disk,
    fail: (next: string | null) => {
      code = next;
    },
  };
}

const temporaries = (folder: string) => readdirSync(folder).filter((name) => name.endsWith('.tmp'));

describe('a disk that refuses', () => {
  it.each([
    ['create', /tmp/, 'ENOSPC', 'disk_full'],
    ['create', /tmp/, 'EDQUOT', 'disk_full'],
    ['create', /tmp/, 'EROFS', 'read_only'],
    ['create', /tmp/, 'EACCES', 'not_allowed'],
    ['create', /tmp/, 'EIO', 'disk_error'],
    ['link', /tmp/, 'ENOSPC', 'disk_full'],
    ['rename', /tokens\.json$/, 'EIO', 'disk_error'],
    ['rename', /good$/, 'EIO', 'disk_error'],
    ['sync', /json/, 'EIO', 'disk_error'],
  ] as const)(
    'at %s %s with %s rejects the save as %s, loses nothing and mends itself',
    async (step, match, code, reason) => {
      const folder = temporaryFolder();
      const { disk, fail } = failingDisk(step, match);
      const { store, clock, log } = await open(folder, { disk });
      const document = await store.document('tokens', tokens, none);
      await document.save(numbered(1));
      await document.save(numbered(2));

      fail(code);
      const since = clock.now();
      await expect(document.save(numbered(3))).rejects.toMatchObject({
        name: 'StoreError',
        reason,
        code,
        file: join(folder, 'tokens.json'),
        message: expect.stringContaining(code),
      });
      expect(document.value).toEqual(numbered(3));
      expect(temporaries(folder)).toEqual([]);
      expect(store.trouble).toMatchObject({ since, error: { reason, code } });
      const onDisk = JSON.parse(readFileSync(join(folder, 'tokens.json'), 'utf8'));
      expect([2, 3]).toContain(onDisk.n);
      expect([1, 2]).toContain(JSON.parse(readFileSync(join(folder, 'tokens.json.good'), 'utf8')).n);
      if (step === 'create') expect(onDisk.n).toBe(2);

      clock.advance(RETRY_MS);
      await vi.waitFor(() => expect(log.at('debug')).toHaveLength(1));
      expect(store.trouble?.since).toBe(since);
      expect(log.at('error')).toHaveLength(1);
      expect(log.at('error')[0]).toContain('goes on from memory');
      expect(log.at('error')[0]).not.toContain('/secret/path');

      fail(null);
      clock.advance(RETRY_MS);
      await vi.waitFor(() => expect(store.trouble).toBeNull());
      expect(log.at('info')).toEqual([`${join(folder, 'tokens.json')} is saved again.`]);
      expect(clock.timers).toBe(0);
      await store.close();
      expect((await readOnce(folder)).value).toEqual(numbered(3));
    },
  );

  it('is mended by the next save, without waiting for the retry', async () => {
    const { disk, fail } = failingDisk('create');
    const { store, clock } = await open(temporaryFolder(), { disk });
    const document = await store.document('tokens', tokens, none);
    fail('ENOSPC');
    await expect(document.save(numbered(1))).rejects.toThrow('Make room');
    fail(null);
    await document.save(numbered(2));
    expect(store.trouble).toBeNull();
    expect(clock.timers).toBe(0);
    await store.close();
  });

  it('gets one more chance when the store closes', async () => {
    const folder = temporaryFolder();
    const { disk, fail } = failingDisk('create');
    const { store } = await open(folder, { disk });
    const document = await store.document('tokens', tokens, none);
    fail('ENOSPC');
    await expect(document.save(numbered(1))).rejects.toThrow('Make room');
    fail(null);
    await store.close();
    expect((await readOnce(folder)).value).toEqual(numbered(1));
  });

  it('does not keep the store from closing, and what is lost is told', async () => {
    const folder = temporaryFolder();
    const { disk, fail } = failingDisk('create');
    const { store, clock, log } = await open(folder, { disk });
    const document = await store.document('tokens', tokens, none);
    await document.save(numbered(1));
    fail('EROFS');
    await expect(document.save(numbered(2))).rejects.toThrow('read-only');
    await store.close();
    expect(log.at('error')).toHaveLength(2);
    expect(clock.timers).toBe(0);
    expect((await readOnce(folder)).value).toEqual(numbered(1));
  });

  it('with two documents shows the trouble that stands longest', async () => {
    const { disk, fail } = failingDisk('create');
    const { store, clock } = await open(temporaryFolder(), { disk });
    const one = await store.document('tokens', tokens, none);
    const two = await store.document('aliases', tokens, none);
    fail('ENOSPC');
    await expect(one.save(numbered(1))).rejects.toThrow();
    clock.advance(1000);
    await expect(two.save(numbered(1))).rejects.toThrow();
    expect(store.trouble?.error.file).toMatch(/tokens\.json$/);
    fail(null);
    await one.save(numbered(2));
    expect(store.trouble?.error.file).toMatch(/aliases\.json$/);
    await two.save(numbered(2));
    expect(store.trouble).toBeNull();
    await store.close();
  });

  it('that took the folder away is told as such', async () => {
    const folder = join(temporaryFolder(), 'data');
    const { store } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    rmSync(folder, { recursive: true });
    await expect(document.save(numbered(1))).rejects.toMatchObject({ reason: 'folder_gone', code: 'ENOENT' });
    await store.close();
  });

  it.each(['EIO', 'EACCES'])(
    'to read a document (%s) stops the start instead of forgetting it',
    async (code) => {
      const folder = temporaryFolder();
      const { disk, fail } = failingDisk('read');
      const { store, log } = await open(folder, { disk });
      await (await store.document('tokens', tokens, none)).save(numbered(7));
      await store.close();

      const again = await open(folder, { disk });
      fail(code);
      await expect(again.store.document('tokens', tokens, none)).rejects.toMatchObject({
        name: 'StoreError',
        code,
      });
      fail(null);
      // Nothing was moved, and a second try is allowed.
      expect((await again.store.document('tokens', tokens, none)).value).toEqual(numbered(7));
      await again.store.close();
      expect(log.at('error')).toEqual([]);
    },
  );

  it('to read the present document while saving does not stop the save', async () => {
    const folder = temporaryFolder();
    const { disk, fail } = failingDisk('read', /tokens\.json$/);
    const { store, log } = await open(folder, { disk });
    const document = await store.document('tokens', tokens, none);
    await document.save(numbered(1));
    fail('EIO');
    await document.save(numbered(2));
    fail(null);
    await store.close();
    expect(log.at('error')[0]).toContain('can no longer be read');
    expect(readdirSync(folder).filter((name) => name.includes('.broken-'))).toHaveLength(1);
    expect((await readOnce(folder)).value).toEqual(numbered(2));
  });

  it('to look at the folder too, while saving, does not lose the document', async () => {
    const folder = temporaryFolder();
    const { disk, fail } = failingDisk('read', /tokens\.json$/);
    let isFull = false;
    const list: Disk['list'] = (path) => (isFull ? Promise.reject(refusal('EMFILE')) : disk.list(path));
    const { store } = await open(folder, { disk: { ...disk, list } });
    const document = await store.document('tokens', tokens, none);
    for (const n of [1, 2]) await document.save(numbered(n));
    fail('EMFILE');
    isFull = true;
    await document.save(numbered(3));
    fail(null);
    isFull = false;
    expect(JSON.parse(readFileSync(join(folder, 'tokens.json'), 'utf8')).n).toBe(3);
    await store.close();
  });

  it('at the start is a refusal that says why', async () => {
    const disk: Disk = { ...systemDisk, create: () => Promise.reject(refusal('EROFS')) };
    const folder = temporaryFolder();
    const opened = await openStore({
      folder,
      disk,
      clock: createTestClock(),
      log: createTestLog(),
      random: systemRandom,
    });
    expect(opened).toMatchObject({ ok: false, error: { reason: 'unusable', holder: null } });
    expect(!opened.ok && opened.error.message).toMatch(
      /cannot be used: EROFS\. The file system is mounted read-only/,
    );
    expect(readdirSync(folder)).toEqual([]);
  });

  it('to give up the lock is told when the store closes', async () => {
    const { disk, fail } = failingDisk('read', /lock$/);
    const { store, log } = await open(temporaryFolder(), { disk });
    fail('EIO');
    await store.close();
    expect(log.at('error')[0]).toContain('could not be released: EIO');
  });
});

/** Above any pid_max. */
const NO_PROCESS = 999_999_999;

describe('a process that dies between any two steps', () => {
  /** Its path leaves no room for a socket, which would outlive the process that only seems to die. */
  const mortalFolder = () => join(temporaryFolder(), 'x'.repeat(90));

  /** The machine's disk until the given step; from then on nothing is done and nothing answers. */
  function mortalDisk(life: number) {
    let steps = 0;
    let died = () => {};
    const death = new Promise<void>((resolve) => {
      died = resolve;
    });
    const alive = <A extends unknown[], R>(work: (...args: A) => Promise<R>) => {
      return (...args: A): Promise<R> => {
        steps += 1;
        if (steps <= life) return work(...args);
        died();
        return new Promise(() => {});
      };
    };
    const disk: Disk = {
      ...systemDisk,
      create: async (path, bytes) => {
        steps += 1;
        if (steps <= life) return systemDisk.create(path, bytes);
        if (steps === life + 1) await systemDisk.create(path, bytes.subarray(0, 3));
        died();
        return new Promise(() => {});
      },
      link: alive(systemDisk.link),
      rename: alive(systemDisk.rename),
      remove: alive(systemDisk.remove),
      sync: alive(systemDisk.sync),
    };
    return { disk, death, steps: () => steps };
  }

  /** Saves 1 to 4 over what is there; answers what was acknowledged. */
  async function live(
    folder: string,
    life: number,
    read: Disk['read'] = systemDisk.read,
  ): Promise<{ acknowledged: number; steps: number; begun: number }> {
    const { disk, death, steps } = mortalDisk(life);
    let acknowledged = 0;
    let begun = 0;
    const work = async () => {
      // Its process is gone afterwards, for the next one to see.
      const processes = { ...systemProcesses, pid: NO_PROCESS };
      const opened = await openStore({
        folder,
        disk: { ...disk, read },
        processes,
        clock: createTestClock(),
        log: createTestLog(),
        random: systemRandom,
      });
      if (!opened.ok) throw new Error(opened.error.message);
      const document = await opened.value.document('tokens', tokens, none);
      for (let n = 1; n <= 4; n += 1) {
        begun = n;
        await document.save(numbered(n));
        acknowledged = n;
      }
      await opened.value.close();
    };
    await Promise.race([work(), death]);
    return { acknowledged, steps: steps(), begun };
  }

  it('leaves the value before or the one after, and always one that can be read', async () => {
    const whole = (await live(mortalFolder(), Number.POSITIVE_INFINITY)).steps;
    expect(whole).toBeGreaterThan(15);
    for (let life = 0; life < whole; life += 1) {
      const folder = mortalFolder();
      const { acknowledged, begun } = await live(folder, life);
      const { value, log } = await readOnce(folder);
      expect(value.n, `after ${life} steps`).toBeGreaterThanOrEqual(acknowledged);
      expect(value.n, `after ${life} steps`).toBeLessThanOrEqual(begun);
      expect(log.at('error')).toEqual([]);
      expect(temporaries(folder), `after ${life} steps`).toEqual([]);
    }
  });

  it('while the present document cannot be read does not leave the folder without one', async () => {
    const read: Disk['read'] = (path, limit) =>
      path.endsWith('tokens.json') && existsSync(path)
        ? Promise.reject(refusal('EMFILE'))
        : systemDisk.read(path, limit);
    const whole = (await live(mortalFolder(), Number.POSITIVE_INFINITY, read)).steps;
    for (let life = 0; life < whole; life += 1) {
      const folder = mortalFolder();
      const { acknowledged, begun } = await live(folder, life, read);
      const { value, log } = await readOnce(folder);
      expect(value.n, `after ${life} steps`).toBeGreaterThanOrEqual(acknowledged);
      expect(value.n, `after ${life} steps`).toBeLessThanOrEqual(begun);
      expect(log.at('error')).toEqual([]);
    }
  });

  it('while it recovers a broken document leaves the last good copy usable', async () => {
    const prepare = async () => {
      const folder = mortalFolder();
      const { store } = await open(folder);
      const document = await store.document('tokens', tokens, none);
      await document.save(numbered(10));
      await document.save(numbered(11));
      await store.close();
      const torn = readFileSync(join(folder, 'tokens.json')).subarray(0, 5);
      rmSync(join(folder, 'tokens.json'));
      await systemDisk.create(join(folder, 'tokens.json'), torn);
      return folder;
    };
    const whole = (await live(await prepare(), Number.POSITIVE_INFINITY)).steps;
    for (let life = 0; life < whole; life += 1) {
      const folder = await prepare();
      const { acknowledged, begun } = await live(folder, life);
      const { value } = await readOnce(folder);
      if (acknowledged > 0) expect(value.n, `after ${life} steps`).toBeGreaterThanOrEqual(acknowledged);
      if (acknowledged > 0) expect(value.n, `after ${life} steps`).toBeLessThanOrEqual(begun);
      else expect([10, begun], `after ${life} steps`).toContain(value.n);
    }
  });
});
