import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, renderConfigExample, renderConfigPage } from '../../src/config/page.ts';

/** JSON as the formatter leaves it: lists of plain values, and of such lists, on one line when they fit. */
function json(value: unknown): string {
  const lists = /^( *)(.*)\[\n((?:(?:"(?:[^"\\\n]|\\.)*"|[^[\]{}"])*?)|(?:[^{}\n]*))\n *\](,?)$/gm;
  const fold = (text: string) =>
    text.replace(lists, (list, indent: string, name: string, values: string, comma: string) => {
      const line = `${indent}${name}[${values.trim().replace(/,\n */g, ', ')}]${comma}`;
      return line.length <= 110 ? line : list;
    });
  return `${fold(fold(JSON.stringify(value, null, 2)))}\n`;
}

/** Files that are made from what the product says elsewhere. To add one, add a row. */
const generated: readonly { readonly file: string; readonly render: () => string }[] = [
  { file: 'docs/configuration.md', render: renderConfigPage },
  { file: 'config/schema.json', render: () => json(configJsonSchema()) },
  { file: 'config/config.example.yaml', render: renderConfigExample },
];

const root = new URL('../../', import.meta.url);

describe('the generated files', () => {
  it.each(generated)('$file says what the source says', async ({ file, render }) => {
    const path = new URL(file, root);
    if (process.env.UPDATE_GENERATED === '1') await writeFile(path, render());
    const written = await readFile(path, 'utf8').catch(() => null);
    expect(
      written === render(),
      `${file} is out of date: run \`npm run generate\` and look at the difference`,
    ).toBe(true);
  });
});
