import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { keys } from '../../src/config/keys.ts';
import { configJsonSchema, renderConfigPage } from '../../src/config/page.ts';

const root = new URL('../../', import.meta.url);

describe('the page of the settings', () => {
  it('has a row for every key, with its default, its meaning and a lock when it is secret', () => {
    const page = renderConfigPage().split('\n');
    for (const { name, meaning, node, default: value } of keys) {
      expect(meaning, name).toMatch(/^[A-Z].*\.$/s);
      const row = page.find((line) => line.startsWith(`| \`${name}\``));
      expect(row, name).toContain(
        `| ${value === undefined ? '–' : `\`${JSON.stringify(value)}\``} | ${meaning} |`,
      );
      expect(row?.includes('🔒'), name).toBe(node.secret === true);
    }
  });

  it('explains what stands in lists and maps', () => {
    const page = renderConfigPage();
    expect(page).toContain('| `broker.users[].password` 🔒 |');
    expect(page).toContain('| `sonos.households.<id>.alias` |');
  });
});

describe("the editors' schema", () => {
  // Read back by the library's own reader of JSON Schema, as an editor would.
  const check = z.fromJSONSchema(z.record(z.string(), z.json()).parse(configJsonSchema()));
  const accepts = (yaml: string) => check.safeParse(parse(yaml) ?? {}).success;

  it.each(['config/config.example.yaml', 'config/demo.yaml'])('accepts %s', async (file) => {
    expect(accepts(await readFile(new URL(file, root), 'utf8'))).toBe(true);
  });

  it('accepts the example with its marks taken away', async () => {
    const text = await readFile(new URL('config/config.example.yaml', root), 'utf8');
    expect(accepts(text.replace(/^( *)#(?=\S)/gm, '$1'))).toBe(true);
  });

  it.each([
    'wbe: {}',
    'web: {port: "1"}',
    'web: {port: 70000}',
    'mqtt: {protocol: 3}',
    'broker: {users: [{}]}',
  ])('refuses %s', (yaml) => {
    expect(accepts(yaml)).toBe(false);
  });

  it('holds only words that JSON Schema knows', () => {
    const text = JSON.stringify(configJsonSchema());
    for (const word of ['"secret":', '"expected":', '"example":']) expect(text).not.toContain(word);
    expect(text).toContain('"writeOnly":true');
  });
});
