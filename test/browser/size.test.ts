import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { figure } from '../support/figures.ts';

/** What the issue allows: 100 kB of script and style, before anything is compressed. */
const MOST_BYTES = 100_000;

describe('the page as it is shipped', () => {
  const files: { readonly name: string; readonly bytes: number }[] = [];
  beforeAll(async () => {
    const folder = join(dirname(await builtProgram()), 'web/page');
    for (const name of await readdir(folder, { recursive: true })) {
      const { size } = await stat(join(folder, name));
      if (name.includes('.')) files.push({ name, bytes: size });
    }
  }, 120_000);

  it('has at most 100 kB of script and style', () => {
    const code = files.filter(({ name }) => /\.(js|css)$/.test(name));
    expect(code.map(({ name }) => name.split('.').at(-1)).sort()).toEqual(['css', 'js']);
    const bytes = code.reduce((sum, file) => sum + file.bytes, 0);
    figure('page: script and style', `${bytes} bytes`);
    expect(bytes).toBeGreaterThan(10_000);
    expect(bytes).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('is a page, a script, a style and an icon, nothing else', () => {
    const kinds = files.map(({ name }) => name.replace(/^assets\/(\w+)-[\w-]+\./, '$1.')).sort();
    expect(kinds).toEqual(['icon.svg', 'index.css', 'index.html', 'index.js']);
  });
});
