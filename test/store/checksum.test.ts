import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withChecksum, withoutChecksum } from '../../src/store/checksum.ts';
import { none, numbered, open, readOnce, temporaryFolder, tokens } from './support.ts';

const SECRET = 'refresh-token-1';

/** A folder in which 1 and then 2 were saved, and its document. */
async function saved(): Promise<{ readonly folder: string; readonly path: string; readonly text: string }> {
  const folder = temporaryFolder();
  const { store } = await open(folder);
  const document = await store.document('tokens', tokens, none);
  for (const n of [1, 2]) await document.save(numbered(n, SECRET));
  await store.close();
  const path = join(folder, 'tokens.json');
  return { folder, path, text: readFileSync(path, 'utf8') };
}

describe('the checksum of a document', () => {
  it('is its first line, and the rest stays for people to read', async () => {
    const { text } = await saved();
    expect(text).toMatch(
      /^\{\n {2}"\$sha256": "[0-9a-f]{64}",\n {2}"n": 2,\n {2}"pad": "refresh-token-1"\n\}\n$/,
    );
  });

  it('finds any one letter that the disk has changed, and the last good copy is used', async () => {
    const { folder, path, text } = await saved();
    for (const [from, to] of [
      ['token-1', 'token-2'],
      ['"n": 2', '"n": 3'],
      ['refresh', 'Refresh'],
    ] as const) {
      writeFileSync(path, text.replace(from, to));
      const { value, log } = await readOnce(folder);
      expect(value).toEqual(numbered(1, SECRET));
      expect(log.at('error')).toEqual([expect.stringContaining('does not fit its checksum')]);
      expect(JSON.stringify(log.lines)).not.toContain('token-');
    }
  });

  it('lets an edited document be taken once its line is removed, as the log says', async () => {
    const { folder, path, text } = await saved();
    const edited = text.replace('"n": 2', '"n": 7');
    writeFileSync(path, edited);
    expect((await readOnce(folder)).log.at('error')[0]).toContain(
      'is taken when its line "$sha256" is removed',
    );
    writeFileSync(path, edited.replace(/^.*\$sha256.*\n/mu, ''));
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(numbered(7, SECRET));
    expect(log.lines).toEqual([]);
  });

  it('is of the values, whatever the spaces between them and the letters they are written with', async () => {
    const { folder, path, text } = await saved();
    for (const same of [text.replaceAll(/\s/gu, ''), text.replace('token', '\\u0074oken'), `\ufeff${text}`]) {
      writeFileSync(path, same);
      const { value, log } = await readOnce(folder);
      expect(value).toEqual(numbered(2, SECRET));
      expect(log.lines).toEqual([]);
    }
  });

  it('fits what JSON makes of any value', () => {
    const values = [
      {},
      { b: 1, 10: 'ten', 2: 'two', a: [undefined, null, -0, 1e300, 0.1] },
      { deep: { $sha256: 'mine' }, lone: '\ud800', date: new Date(0) },
      JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}'),
    ];
    for (const value of values) {
      const back = withoutChecksum(JSON.parse(JSON.stringify(withChecksum(value), null, 2)));
      expect(back?.content).toEqual(JSON.parse(JSON.stringify(value)));
    }
  });

  it('is asked for only where there is one', () => {
    for (const json of [null, 0, 'x', [], [1], {}, { n: 1 }])
      expect(withoutChecksum(json)).toEqual({ content: json });
    for (const sum of [null, '', 7, 'x', {}]) expect(withoutChecksum({ $sha256: sum, n: 1 })).toBeNull();
  });
});
