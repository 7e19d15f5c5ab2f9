import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { configJsonSchema, renderConfigExample, renderConfigPage } from '../../src/config/page.ts';
import { asyncApi } from './contract-files/asyncapi.ts';
import { renderCommandsPage } from './contract-files/commands-page.ts';
import { schemaFiles } from './contract-files/schemas.ts';
import { renderTopicsPage } from './contract-files/topics-page.ts';
import { renderFamiliarDoorsPage } from './familiar-doors-page.ts';

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

/** JSON that the formatter leaves alone. */
const plainJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** Files that are made from what the product says elsewhere. To add one, add a row. */
const generated: readonly { readonly file: string; readonly render: () => string }[] = [
  { file: 'docs/configuration.md', render: renderConfigPage },
  { file: 'config/schema.json', render: () => json(configJsonSchema()) },
  { file: 'config/config.example.yaml', render: renderConfigExample },
  { file: 'docs/topics.md', render: renderTopicsPage },
  { file: 'docs/commands.md', render: renderCommandsPage },
  { file: 'docs/familiar-doors.md', render: renderFamiliarDoorsPage },
  { file: 'docs/asyncapi.json', render: () => plainJson(asyncApi()) },
  ...[...schemaFiles].map(([name, schema]) => ({
    file: `docs/schemas/${name}`,
    render: () => plainJson(schema),
  })),
];

const root = new URL('../../', import.meta.url);

const isUpdate = process.env.UPDATE_GENERATED === '1';

describe('the generated files', () => {
  it.each(generated)('$file says what the source says', async ({ file, render }) => {
    const path = new URL(file, root);
    if (isUpdate) {
      await mkdir(new URL('.', path), { recursive: true });
      await writeFile(path, render());
    }
    const written = await readFile(path, 'utf8').catch(() => null);
    expect(
      written === render(),
      `${file} is out of date: run \`npm run generate\` and look at the difference`,
    ).toBe(true);
  });

  it('are all the schemas that there are', async () => {
    const folder = new URL('docs/schemas/', root);
    const left = (await readdir(folder)).filter((name) => !schemaFiles.has(name));
    if (isUpdate) await Promise.all(left.map((name) => rm(new URL(name, folder))));
    expect(isUpdate ? [] : left, 'run `npm run generate`').toEqual([]);
  });
});
