import { chmodSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { openStore, type StoreOptions } from '../../src/store/store.ts';
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

const modeOf = (path: string) => lstatSync(path).mode & 0o777;
const notOurs = Object.assign(new Error('EPERM'), { code: 'EPERM' });

async function refusalOf(folder: string, more: Partial<StoreOptions> = {}) {
  const log = createTestLog();
  const opened = await openStore({ folder, log, clock: createTestClock(), random: systemRandom, ...more });
  if (opened.ok) throw new Error('it opened');
  return opened.error;
}

/** A data folder with the given mode, in which 1 was saved. */
async function openToOthers(mode: number): Promise<string> {
  const folder = join(temporaryFolder(), 'data');
  const { store } = await open(folder);
  await (await store.document('tokens', tokens, none)).save(numbered(1));
  await store.close();
  chmodSync(folder, mode);
  return folder;
}

describe('a data folder that others may look into', () => {
  it.each([0o755, 0o750, 0o701, 0o777])('with mode %o is closed, with a warning', async (mode) => {
    const folder = await openToOthers(mode);
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(numbered(1));
    expect(modeOf(folder)).toBe(0o700);
    expect(log.at('warn')).toEqual([
      `The data folder ${folder} was open to others (mode 0${mode.toString(8)}); it was closed to them (0700).`,
    ]);
    expect((await readOnce(folder)).log.lines).toEqual([]);
  });

  it('is closed also when it is a fresh volume', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'lost+found'));
    chmodSync(folder, 0o755);
    await (await open(folder)).store.close();
    expect(modeOf(folder)).toBe(0o700);
  });

  it('is left alone when it plainly is not the bridge’s own, and refused', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'alice'));
    chmodSync(folder, 0o1777);
    const refusal = await refusalOf(folder);
    expect(refusal).toMatchObject({ reason: 'not_private', holder: null });
    expect(refusal.message).toMatch(/open to others \(mode 0777\).*\(alice\).*chmod 700/);
    expect(modeOf(folder)).toBe(0o777);
    expect(readdirSync(folder)).toEqual(['alice']);
  });

  it('is refused when it belongs to somebody else', async () => {
    const folder = await openToOthers(0o755);
    const disk: Disk = { ...systemDisk, tighten: () => Promise.reject(notOurs) };
    const refusal = await refusalOf(folder, { disk });
    expect(refusal.reason).toBe('not_private');
    expect(refusal.message).toContain(`could not be closed (EPERM)`);
    expect(refusal.message).toContain(`chmod 700 ${folder}`);
  });
});

describe('a file that others may read', () => {
  it('is closed, with a warning that names it', async () => {
    const folder = await openToOthers(0o700);
    writeFileSync(join(folder, 'tokens.broken-2026-01-01T00-00-00.000Z.json'), 'old');
    for (const name of readdirSync(folder)) chmodSync(join(folder, name), 0o644);
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(numbered(1));
    for (const name of readdirSync(folder)) expect(modeOf(join(folder, name)), name).toBe(0o600);
    expect(log.at('warn')).toHaveLength(2);
    expect(log.at('warn').join('\n')).toContain(`${join(folder, 'tokens.json')} was open to others`);
  });

  it('is refused when it belongs to somebody else, and the folder is given back', async () => {
    const folder = await openToOthers(0o700);
    const disk: Disk = {
      ...systemDisk,
      tighten: async (path, mode) => {
        if (path.endsWith('.json')) throw notOurs;
        return systemDisk.tighten(path, mode);
      },
    };
    const refusal = await refusalOf(folder, { disk });
    expect(refusal.reason).toBe('not_private');
    expect(refusal.message).toContain(`chmod 600 ${join(folder, 'tokens.json')}`);
    expect((await readOnce(folder)).value).toEqual(numbered(1));
  });

  it('is no reason to touch what a planted link points to', async () => {
    const folder = await openToOthers(0o700);
    const outside = join(temporaryFolder(), 'public');
    writeFileSync(outside, '{}', { mode: 0o644 });
    symlinkSync(outside, join(folder, 'aliases.json'));
    await readOnce(folder);
    expect(modeOf(outside)).toBe(0o644);
  });

  it('on a file system that ignores chmod is refused', async () => {
    const folder = await openToOthers(0o700);
    const path = join(folder, 'tokens.json');
    chmodSync(path, 0o644);
    await expect(systemDisk.tighten(path, 0o644)).rejects.toMatchObject({ code: 'EPERM' });
  });
});

describe('what is no data folder', () => {
  it('is refused when it is a file, or lies below one', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    expect((await refusalOf(file)).reason).toBe('not_a_folder');
    expect((await refusalOf(join(file, 'data'))).reason).toBe('not_a_folder');
  });

  it('is refused when the disk calls it something else', async () => {
    const disk: Disk = { ...systemDisk, look: async () => ({ mode: 0o700, isFolder: false }) };
    expect((await refusalOf(temporaryFolder(), { disk })).reason).toBe('not_a_folder');
  });

  it('may be a link to one, which the person in charge has set', async () => {
    const real = join(temporaryFolder(), 'real');
    mkdirSync(real, { mode: 0o700 });
    const link = join(temporaryFolder(), 'data');
    symlinkSync(real, link);
    const { store } = await open(link);
    await (await store.document('tokens', tokens, none)).save(numbered(1));
    await store.close();
    expect(readdirSync(real)).toEqual(['tokens.json']);
  });

  it('is refused with the system’s reason when the disk does not let it be made', async () => {
    const disk: Disk = {
      ...systemDisk,
      makeFolder: () => Promise.reject(Object.assign(new Error('EACCES'), { code: 'EACCES' })),
    };
    const refusal = await refusalOf('/var/lib/data', { disk });
    expect(refusal.reason).toBe('unusable');
    expect(refusal.message).toContain(
      '/var/lib/data cannot be used: EACCES. Give the folder and its files to the user',
    );
  });

  it('is refused when its file system knows no second names for a file', async () => {
    const disk: Disk = {
      ...systemDisk,
      link: () => Promise.reject(Object.assign(new Error('ENOTSUP'), { code: 'ENOTSUP' })),
    };
    const folder = temporaryFolder();
    expect(await refusalOf(folder, { disk })).toMatchObject({ reason: 'unusable' });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the disk', () => {
  it('forgives a file system without fsync for folders, and nothing else', async () => {
    await expect(systemDisk.sync(join(temporaryFolder(), 'nowhere'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
    await expect(systemDisk.sync('/proc/self')).resolves.toBeUndefined();
  });

  it('removes what is there, and minds nothing that is not', async () => {
    const folder = temporaryFolder();
    await systemDisk.remove(join(folder, 'nothing'));
    await expect(systemDisk.remove(folder)).rejects.toMatchObject({
      code: expect.stringMatching(/EISDIR|EPERM/),
    });
  });
});
