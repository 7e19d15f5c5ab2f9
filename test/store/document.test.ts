import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { StoreError } from '../../src/store/store.ts';
import { none, numbered, open, readOnce, temporaryFolder, tokens } from './support.ts';

/** Counts the files that are made, and can hold them up. */
function watchedDisk() {
  let made = 0;
  let gate: Promise<void> = Promise.resolve();
  let openGate = () => {};
  const disk: Disk = {
    ...systemDisk,
    create: async (path, bytes) => {
      if (path.endsWith('.tmp') && path.includes('.json.')) made += 1;
      await gate;
      return systemDisk.create(path, bytes);
    },
  };
  return {
    disk,
    made: () => made,
    hold: () => {
      gate = new Promise((resolve) => {
        openGate = resolve;
      });
    },
    release: () => openGate(),
  };
}

describe('a document', () => {
  it('is empty in a new folder, and no file is made for that', async () => {
    const folder = join(temporaryFolder(), 'deep', 'data');
    const { store, log } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    expect(document.value).toEqual(none);
    await store.close();
    expect(readdirSync(folder)).toEqual([]);
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
    expect(log.lines).toEqual([]);
  });

  it('is there again after a restart, and the one before it is the good copy', async () => {
    const folder = temporaryFolder();
    const { store } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    for (const n of [1, 2, 3]) await document.save(numbered(n, 'ü'));
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(['tokens.json', 'tokens.json.good']);
    expect(JSON.parse(readFileSync(join(folder, 'tokens.json.good'), 'utf8'))).toMatchObject(
      numbered(2, 'ü'),
    );
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(numbered(3, 'ü'));
    expect(log.lines).toEqual([]);
  });

  it('shows a new value at once and saves many with few writes, the newest last', async () => {
    const folder = temporaryFolder();
    const { disk, made } = watchedDisk();
    const { store } = await open(folder, { disk });
    const document = await store.document('tokens', tokens, none);
    const saves = Array.from({ length: 1000 }, (_, n) => document.save(numbered(n)));
    expect(document.value.n).toBe(999);
    await Promise.all(saves);
    expect(made()).toBe(2);
    expect(JSON.parse(readFileSync(join(folder, 'tokens.json'), 'utf8'))).toMatchObject(numbered(999));
    await store.close();
  });

  it('settles the first save under steady saving', async () => {
    const folder = temporaryFolder();
    const { store } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    let first: number | null = null;
    void document.save(numbered(0)).then(() => {
      first = document.value.n;
    });
    let n = 0;
    while (first === null && n < 100_000) {
      n += 1;
      void document.save(numbered(n));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(first).not.toBeNull();
    await store.close();
  });

  it('settles a save no earlier than its value, or a newer one, is on the disk', async () => {
    const folder = temporaryFolder();
    const watched = watchedDisk();
    const { store } = await open(folder, { disk: watched.disk });
    const document = await store.document('tokens', tokens, none);
    watched.hold();
    const settled: number[] = [];
    const saves = [1, 2, 3].map((n) => document.save(numbered(n)).then(() => settled.push(n)));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(settled).toEqual([]);
    expect(readdirSync(folder)).not.toContain('tokens.json');
    watched.release();
    await Promise.all(saves);
    expect(settled).toEqual([1, 2, 3]);
    expect((await document.value).n).toBe(3);
    await store.close();
  });

  it('is on the disk when the store has closed, though nobody waited for the save', async () => {
    const folder = temporaryFolder();
    const { store } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    void document.save(numbered(1));
    void document.save(numbered(2));
    await Promise.all([store.close(), store.close()]);
    expect((await readOnce(folder)).value).toEqual(numbered(2));
  });

  it('takes nothing any more once the store is closed', async () => {
    const { store } = await open(temporaryFolder());
    const document = await store.document('tokens', tokens, none);
    await store.close();
    await expect(document.save(numbered(1))).rejects.toMatchObject({ name: 'StoreError', reason: 'closed' });
    await expect(store.document('aliases', tokens, none)).rejects.toMatchObject({ reason: 'closed' });
    expect(document.value).toEqual(none);
  });

  it('is opened once, and only under a name that stays in the folder', async () => {
    const { store } = await open(temporaryFolder());
    await store.document('sequence-marks', tokens, none);
    await expect(store.document('sequence-marks', tokens, none)).rejects.toThrow('already open');
    for (const name of ['', '../tokens', 'a/b', 'Tokens', '.hidden', 'a.json', 'x'.repeat(65)]) {
      await expect(store.document(name, tokens, none), name).rejects.toThrow(TypeError);
    }
    await store.close();
  });

  it.each([
    ['one its own schema would not take back', { n: Number.NaN, pad: '' }],
    ['one that is no JSON', { n: 1n, pad: '' }],
    ['one that holds itself', Object.assign({ n: 1, pad: '' }, { me: {} })],
  ])('refuses %s, and the file stays as it was', async (_, value) => {
    const folder = temporaryFolder();
    const { store, clock } = await open(folder);
    const document = await store.document<object>('tokens', tokens, none);
    await document.save(numbered(1));
    if ('me' in value) Object.assign(value, { me: value });
    const error: unknown = await document.save(value).catch((cause) => cause);
    expect(error).toBeInstanceOf(StoreError);
    expect(error).toMatchObject({ reason: 'unfit', code: null, file: join(folder, 'tokens.json') });
    expect(store.trouble?.error).toBe(error);
    expect(clock.timers).toBe(0);
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    await document.save(numbered(2));
    expect(store.trouble).toBeNull();
    await store.close();
    expect((await readOnce(folder)).value).toEqual(numbered(2));
  });

  it('refuses a value so large that the next start would not read it', async () => {
    const { store } = await open(temporaryFolder());
    const text = z.object({ text: z.string() });
    const document = await store.document('large', text, { text: '' });
    await expect(document.save({ text: 'x'.repeat(64 * 1024 * 1024) })).rejects.toMatchObject({
      reason: 'unfit',
    });
    await document.save({ text: 'small' });
    await store.close();
  });
});
