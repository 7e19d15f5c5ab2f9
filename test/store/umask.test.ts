import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { none, numbered, open, temporaryFolder, tokens } from './support.ts';

// A file of its own: the umask is the process's, so this cannot run in a worker thread, as mutation tests do.
const umask = process.umask();
afterEach(() => {
  process.umask(umask);
});

const modes = (folder: string) =>
  Object.fromEntries(
    readdirSync(folder).map((name) => [name, (lstatSync(join(folder, name)).mode & 0o777).toString(8)]),
  );

describe('a document', () => {
  it('is readable by nobody else, after 1,000 saves and with any umask', async () => {
    process.umask(0);
    const folder = join(temporaryFolder(), 'data');
    const { store } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    for (let n = 1; n <= 1000; n += 1) {
      await document.save(numbered(n));
      if (n % 100 === 0) expect(new Set(Object.values(modes(folder)))).toEqual(new Set(['600']));
      if (n === 500) process.umask(0o777);
    }
    expect(lstatSync(folder).mode & 0o777).toBe(0o700);
    await store.close();
    expect(modes(folder)).toEqual({ 'tokens.json': '600', 'tokens.json.good': '600' });
  }, 60_000);
});
