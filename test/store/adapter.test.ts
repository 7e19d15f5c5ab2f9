import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { createAdapter, type SafeAdapter } from '../../src/store/adapter.ts';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { openDocument } from '../../src/store/document.ts';
import { documentFiles } from '../../src/store/names.ts';
import type { StoreError } from '../../src/store/store.ts';
import { systemRandom } from '../../src/system.ts';
import {
  createTestClock,
  createTestLog,
  none,
  numbered,
  type Tokens,
  temporaryFolder,
  tokens,
} from './support.ts';

const refusal = (code: string) => Object.assign(new Error(code), { code });

/** A folder with two saves in it, and the adapter that made them. */
async function saved(change: (disk: Disk) => Disk = (disk) => disk) {
  const folder = temporaryFolder();
  const files = documentFiles(folder, 'tokens');
  const log = createTestLog();
  const options = {
    disk: change(systemDisk),
    files,
    schema: tokens,
    clock: createTestClock(),
    random: systemRandom,
    log,
  };
  const adapter = createAdapter(options);
  for (const n of [1, 2]) await adapter.write(numbered(n));
  return { folder, files, log, adapter };
}

const number = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8')).n;
const brokenOf = (folder: string) => readdirSync(folder).filter((name) => name.includes('.broken-'));

describe('a document that another hand changed', () => {
  it('is told with its file and the reason', async () => {
    const { files, log, adapter } = await saved();
    writeFileSync(files.current, JSON.stringify(numbered(50)));
    await adapter.write(numbered(3));
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: expect.stringContaining('(another hand or the disk changed it)'),
        fields: { file: files.current },
      },
    ]);
  });

  it('does not become the good copy either when its save is refused half way and tried again', async () => {
    let refused = true;
    const { folder, files, log, adapter } = await saved((disk) => ({
      ...disk,
      rename: (from, to) => {
        const isHalfWay = refused && brokenOf(dirname(to)).length > 0;
        refused &&= !isHalfWay;
        return isHalfWay ? Promise.reject(refusal('EIO')) : disk.rename(from, to);
      },
    }));
    writeFileSync(files.current, JSON.stringify(numbered(50)));
    await expect(adapter.write(numbered(3))).rejects.toMatchObject({ code: 'EIO' });
    expect(number(files.current)).toBe(50);
    await adapter.write(numbered(3));
    expect(number(files.current)).toBe(3);
    expect(number(files.good)).toBe(1);
    expect(brokenOf(folder).map((name) => number(join(folder, name)))).toEqual([50]);
    expect(log.at('error')).toHaveLength(1);
  });

  it('by a folder is moved aside with all that is in it', async () => {
    const { folder, files, log, adapter } = await saved();
    rmSync(files.current);
    mkdirSync(files.current);
    writeFileSync(join(files.current, 'note'), 'mine');
    await adapter.write(numbered(3));
    expect(number(files.current)).toBe(3);
    const [aside = ''] = brokenOf(folder);
    expect(readFileSync(join(folder, aside, 'note'), 'utf8')).toBe('mine');
    expect(log.at('error')[0]).toContain(`(is not a plain file). It was kept as ${aside},`);
  });
});

it('a start goes back to the last good copy only when the document is missing', async () => {
  const { files, adapter } = await saved();
  expect(await adapter.read()).toEqual(numbered(2));
  expect(adapter.recovered()).toBe(false);
  rmSync(files.current);
  expect(await adapter.read()).toEqual(numbered(1));
  expect(adapter.recovered()).toBe(true);
});

describe('a start without the document', () => {
  it('tells its file, and the names of the broken ones that were kept', async () => {
    const { folder, files, log, adapter } = await saved();
    rmSync(files.current);
    rmSync(files.good);
    expect(await adapter.read()).toBeNull();
    expect(log.lines).toEqual([]);
    for (const day of [1, 2]) writeFileSync(files.broken(Date.UTC(2026, 9, day), 0), 'torn');
    expect(await adapter.read()).toBeNull();
    const [first, second] = brokenOf(folder).sort();
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: `${files.current} is missing, but broken ones were kept: ${first}, ${second}. The bridge starts without this document.`,
        fields: { file: files.current },
      },
    ]);
  });

  it('is none of the less for a folder that cannot be listed', async () => {
    const { files, log, adapter } = await saved((disk) => ({
      ...disk,
      list: () => Promise.reject(refusal('EMFILE')),
    }));
    rmSync(files.current);
    rmSync(files.good);
    expect(await adapter.read()).toBeNull();
    expect(log.lines).toEqual([]);
  });
});

describe('a document that the disk refuses', () => {
  const file = 'data/tokens.json';

  async function opened(write: SafeAdapter<Tokens>['write']) {
    const clock = createTestClock();
    const log = createTestLog();
    const errors: (StoreError | null)[] = [];
    const adapter: SafeAdapter<Tokens> = { read: async () => null, recovered: () => false, write };
    const told = (error: StoreError | null) => errors.push(error);
    const document = await openDocument({ file, adapter, empty: none, clock, log, told });
    return { document, clock, log, errors };
  }

  it('is told as not saved, by its own name', async () => {
    let isFull = false;
    const { files, adapter } = await saved((disk) => ({
      ...disk,
      create: (path, bytes) => (isFull ? Promise.reject(refusal('ENOSPC')) : disk.create(path, bytes)),
    }));
    isFull = true;
    await expect(adapter.write(numbered(3))).rejects.toThrow(
      `${files.current} could not be saved: ENOSPC. Make room`,
    );
  });

  it('is told with the fields that a log is searched by, and again when it is mended', async () => {
    let code: string | null = 'ENOSPC';
    const { document, log } = await opened(async () => {
      if (code !== null) throw refusal(code);
    });
    await expect(document.save(numbered(1))).rejects.toThrow('ENOSPC');
    code = null;
    await document.save(numbered(2));
    expect(log.lines).toEqual([
      {
        level: 'error',
        message: expect.stringContaining(`${file} could not be saved: ENOSPC. Make room`),
        fields: { file, code: 'ENOSPC', reason: 'disk_full' },
      },
      { level: 'info', message: `${file} is saved again.`, fields: { file } },
    ]);
    await document.close();
    await expect(document.save(numbered(3))).rejects.toThrow(
      `${file} was not saved: the store is closed. The bridge was already stopping`,
    );
  });

  it('by not answering is told after a minute', async () => {
    let answer = () => {};
    const { document, clock, log, errors } = await opened(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const saving = document.save(numbered(1));
    const outcome = expect(saving).rejects.toMatchObject({ name: 'StoreError', code: 'ETIMEDOUT' });
    clock.advance(60_000);
    await outcome;
    expect(errors.map((error) => error?.message)).toEqual([
      `${file} could not be saved: ETIMEDOUT. Check the disk and the system log for errors, then restart the bridge.`,
    ]);
    expect(log.at('error')).toHaveLength(1);
    answer();
    await vi.waitFor(() => expect(errors.at(-1)).toBeNull());
    await document.close();
  });
});
