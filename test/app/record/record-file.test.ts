import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openRecordFile, type RecordFileOptions } from '../../../src/app/record/record-file.ts';
import type { Log } from '../../../src/bridge/ports.ts';
import { systemClock } from '../../../src/system.ts';

let folder: string;
let warnings: { readonly message: string; readonly fields: unknown }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'record-file-'));
  warnings = [];
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const log: Log = {
  debug: () => {},
  info: () => {},
  warn: (message, fields) => void warnings.push({ message, fields }),
  error: () => {},
};

const open = (path: string, changes: Partial<RecordFileOptions> = {}) =>
  openRecordFile({ path, maxBytes: 1_000, clock: systemClock, log, lastLine: () => 'full', ...changes });

describe('a record file', () => {
  it('is its owner’s alone, with the folder that was made for it', async () => {
    const path = join(folder, 'new/deep/record.jsonl');
    const file = await open(path);
    file.add(() => 'one');
    await file.close(() => 'last');
    expect(await readFile(path, 'utf8')).toBe('one\nlast\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(join(folder, 'new'))).mode & 0o777).toBe(0o700);
    expect(file.add(() => 'late')).toBe(false);
  });

  it('is closed to others when it was open to them, and added to; a line that was cut off is ended first', async () => {
    const path = join(folder, 'record.jsonl');
    await writeFile(path, 'whole\ncut o', { mode: 0o644 });
    const file = await open(path);
    file.add(() => 'next');
    await file.close();
    expect(await readFile(path, 'utf8')).toBe('whole\ncut o\nnext\n');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('ends at its size with its last line and one warning, whatever is added then', async () => {
    const path = join(folder, 'record.jsonl');
    const file = await open(path, { maxBytes: 10 });
    for (const line of ['1234', '1234', '1234', '1']) file.add(() => line);
    await file.close(() => 'end');
    expect(await readFile(path, 'utf8')).toBe('1234\n1234\nfull\n');
    expect(file.add(() => 'x')).toBe(false);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toContain('reached its size');
  });

  it('that cannot be opened takes nothing, with one warning', async () => {
    await mkdir(join(folder, 'record.jsonl'));
    const file = await open(join(folder, 'record.jsonl'));
    expect(file.add(() => 'x')).toBe(false);
    await file.close(() => 'end');
    expect(warnings).toEqual([
      {
        message: expect.stringContaining('cannot be written'),
        fields: expect.objectContaining({ reason: 'EISDIR' }),
      },
    ]);
  });

  it('on a full disk ends with one warning, and nobody else hears of it', async () => {
    const file = await open('/dev/full');
    file.add(() => 'one');
    await new Promise((resolve) => setTimeout(resolve, 250));
    expect(file.add(() => 'two')).toBe(false);
    await file.close(() => 'end');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.fields).toMatchObject({ reason: 'ENOSPC' });
  });

  it('lets no more wait for a slow disk than it may', async () => {
    const file = await open(join(folder, 'record.jsonl'), { maxBytes: 1e9 });
    let taken = 0;
    while (file.add(() => 'x')) taken += 1;
    expect(taken).toBe(100_000);
    expect(warnings).toHaveLength(1);
    await file.close();
  });
});
