import { readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { isAlive, type LockRecord, readLock, signPath } from '../../src/store/holder.ts';
import { takeLock, whoHolds } from '../../src/store/lock.ts';
import type { Processes, ProcessSeen } from '../../src/store/processes.ts';
import { systemRandom } from '../../src/system.ts';
import { createTestClock, temporaryFolder } from './support.ts';

const table = (seen: ProcessSeen): Processes => ({
  pid: 42,
  boot: 'this start',
  space: 'pid:[1]',
  look: () => seen,
});

const record: LockRecord = {
  token: 'planted',
  pid: 42,
  started: '1000',
  boot: 'this start',
  space: 'pid:[1]',
  signed: false,
  since: '2026-11-20T08:00:00.000Z',
};

/** A folder whose path leaves no room for a sign of life. */
const withoutSign = () => systemDisk.makeFolder(join(temporaryFolder(), 'x'.repeat(90)));

const take = (folder: string, processes: Processes, disk: Disk = systemDisk) =>
  takeLock({ folder, disk, processes, clock: createTestClock(), random: systemRandom });

describe('a lock file', () => {
  it('that is not there, or is no record, is told as such', async () => {
    const path = join(temporaryFolder(), 'lock');
    expect(await readLock(systemDisk, path)).toEqual({ kind: 'absent' });
    symlinkSync('/nowhere', path);
    expect(await readLock(systemDisk, path)).toEqual({ kind: 'unreadable' });
    rmSync(path);
    for (const content of ['', '{"token":"pl', '{"pid":1}', 'x'.repeat(5000)]) {
      writeFileSync(path, content);
      expect(await readLock(systemDisk, path), content).toEqual({ kind: 'unreadable' });
    }
    writeFileSync(path, JSON.stringify(record));
    expect(await readLock(systemDisk, path)).toEqual({ kind: 'record', record });
  });

  it('is no record when its token would lead out of the folder, or is longer than ours', async () => {
    const path = join(temporaryFolder(), 'lock');
    for (const token of ['../x', 'x/../../y', 'x/', '', 'x'.repeat(65)]) {
      writeFileSync(path, JSON.stringify({ ...record, token }));
      expect(await readLock(systemDisk, path), token).toEqual({ kind: 'unreadable' });
    }
  });

  it('says all that others need to know of who holds the folder', async () => {
    for (const [folder, signed] of [
      [temporaryFolder(), true],
      [await withoutSign(), false],
    ] as const) {
      const lock = await take(folder, table({ started: '1000' }));
      const written = JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'));
      expect(written).toEqual({
        ...record,
        token: expect.stringMatching(/^[\w-]{1,64}$/),
        signed,
        since: '2026-11-21T12:00:00.000Z',
      });
      expect(readdirSync(folder).sort()).toEqual(signed ? ['lock', `lock.${written.token}.sock`] : ['lock']);
      if (lock.ok) await lock.value.release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('is read by a second starter, with or without room for a sign of life', async () => {
    for (const folder of [temporaryFolder(), await withoutSign()]) {
      const lock = await take(folder, table({ started: '1000' }));
      const before = readdirSync(folder);
      expect(await take(folder, table({ started: '1000' }))).toEqual({
        ok: false,
        error: { pid: 42, since: '2026-11-21T12:00:00.000Z', inThisSpace: true },
      });
      expect(readdirSync(folder)).toEqual(before);
      if (lock.ok) await lock.value.release();
    }
  });

  it('names its holder also where the system does not show it itself', async () => {
    const folder = temporaryFolder();
    const lock = await take(folder, table('gone'));
    expect(await whoHolds(folder, systemDisk, table({ started: '1000' }))).toMatchObject({ pid: 42 });
    if (lock.ok) await lock.value.release();
  });
});

describe('the process of a lock', () => {
  const folder = '/nowhere';

  it('runs when its start time is the same, or either side does not know it', async () => {
    expect(await isAlive(record, folder, table({ started: '1000' }))).toBe(true);
    expect(await isAlive(record, folder, table({ started: null }))).toBe(true);
    expect(await isAlive({ ...record, started: null }, folder, table({ started: '1000' }))).toBe(true);
    expect(await isAlive(record, folder, table({ started: '2000' }))).toBe(false);
    expect(await isAlive(record, folder, table('gone'))).toBe(false);
  });

  it('in another container runs as long as the machine, unless it shows no sign any more', async () => {
    const elsewhere = { ...record, space: 'pid:[2]' };
    expect(await isAlive(elsewhere, folder, table('gone'))).toBe(true);
    expect(await isAlive({ ...elsewhere, signed: true }, folder, table('gone'))).toBe(false);
    expect(await isAlive({ ...elsewhere, boot: 'an earlier start' }, folder, table('gone'))).toBe(false);
    expect(signPath(folder, record.token)).toBe('/nowhere/lock.planted.sock');
  });
});

describe('giving the folder back', () => {
  it.each([
    ['was taken away by hand', (path: string) => rmSync(path)],
    ['was torn', (path: string) => writeFileSync(path, 'half a rec')],
  ])('goes well when the lock %s, and takes the sign of life down', async (_, change) => {
    const folder = temporaryFolder();
    const lock = await take(folder, table({ started: '1000' }));
    change(join(folder, 'lock'));
    expect(readdirSync(folder).some((name) => name.endsWith('.sock'))).toBe(true);
    if (lock.ok) await lock.value.release();
    expect(readdirSync(folder).some((name) => name.endsWith('.sock'))).toBe(false);
  });

  it.each([
    ['with', async () => temporaryFolder()],
    ['without', withoutSign],
  ])('is not needed when the disk refused it: %s a sign of life its error is told', async (_, make) => {
    const folder = await make();
    const refusal = Object.assign(new Error('EROFS'), { code: 'EROFS' });
    const disk: Disk = { ...systemDisk, create: () => Promise.reject(refusal) };
    await expect(take(folder, table({ started: '1000' }), disk)).rejects.toBe(refusal);
    expect(readdirSync(folder)).toEqual([]);
  });
});
