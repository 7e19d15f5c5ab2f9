import {
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { none, numbered, open, readOnce, type Tokens, temporaryFolder, tokens } from './support.ts';

const SECRET = 'a-very-secret-refresh-token';
const brokenOf = (folder: string) => readdirSync(folder).filter((name) => name.includes('.broken-'));
const at = (folder: string, name: string) => join(folder, name);
const put = (path: string, content: string | Uint8Array) => writeFileSync(path, content, { mode: 0o600 });

/** A folder in which 1 and then 2 were saved. */
async function saved(last: Tokens = numbered(2, SECRET)): Promise<string> {
  const folder = temporaryFolder();
  const { store } = await open(folder);
  const document = await store.document('tokens', tokens, none);
  await document.save(numbered(1, SECRET));
  await document.save(last);
  await store.close();
  return folder;
}

/** One way in which a file is damaged; positions are cut to its length. */
const change = fc.record({
  kind: fc.constantFrom('cut', 'flip', 'byte', 'zero', 'drop', 'twice', 'noise', 'json'),
  from: fc.nat(150),
  length: fc.integer({ min: 1, max: 64 }),
  byte: fc.nat(255),
  noise: fc.uint8Array({ maxLength: 200 }),
  json: fc.json(),
});
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never;

const kinds: readonly [string, string | Uint8Array, RegExp][] = [
  ['empty', '', /is empty/],
  ['full of NULs', new Uint8Array(4096), /nothing but NUL bytes/],
  ['torn', `{"n": 3, "pad": "${SECRET.slice(0, 10)}`, /is not JSON/],
  ['not JSON', `token: ${SECRET}`, /is not JSON/],
  [
    'not UTF-8',
    Buffer.concat([Buffer.from('{"n": 3, "pad": "'), Buffer.from([0xff]), Buffer.from('"}')]),
    /is not JSON/,
  ],
  ['null', 'null', /wrong shape \(the whole: invalid_type\)/],
  ['zero', '0', /wrong shape/],
  ['false', 'false', /wrong shape/],
  ['a list', '[]', /wrong shape/],
  ['text', '"x"', /wrong shape/],
  ['of another shape', `{"n": "3", "pad": "${SECRET}"}`, /wrong shape \(n: invalid_type\)/],
  ['twice as long', '{"n":3,"pad":""}{"n":3,"pad":""}', /is not JSON/],
];

describe('a broken document', () => {
  it.each(kinds)('that is %s is kept aside, and the last good copy is used', async (_, content, why) => {
    const folder = await saved();
    put(at(folder, 'tokens.json'), content);
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(numbered(1, SECRET));
    expect(brokenOf(folder)).toEqual(['tokens.broken-2026-11-21T12-00-00.000Z.json']);
    expect(readFileSync(at(folder, brokenOf(folder)[0] ?? ''))).toEqual(Buffer.from(content));
    expect(log.at('error')).toHaveLength(1);
    const [message = ''] = log.at('error');
    expect(message).toMatch(why);
    expect(message).toContain(at(folder, 'tokens.json'));
    expect(message).toContain('kept as tokens.broken-2026-11-21T12-00-00.000Z.json');
    expect(message).toContain('Its last good copy');
    expect(JSON.stringify(log.lines)).not.toContain(SECRET.slice(0, 10));
    // Mended: the next start has nothing to say.
    const next = await readOnce(folder);
    expect(next.value).toEqual(numbered(1, SECRET));
    expect(next.log.lines).toEqual([]);
  });

  it.each(kinds)(
    'that is %s, with a good copy that is too, is kept aside loudly and nothing is written',
    async (_, content) => {
      const folder = await saved();
      put(at(folder, 'tokens.json'), content);
      put(at(folder, 'tokens.json.good'), content);
      const { value, log } = await readOnce(folder);
      expect(value).toEqual(none);
      expect(readdirSync(folder).sort()).toEqual([
        'tokens.broken-2026-11-21T12-00-00.000Z-1.json',
        'tokens.broken-2026-11-21T12-00-00.000Z.json',
      ]);
      expect(log.at('error')).toHaveLength(1);
      expect(log.at('error')[0]).toContain('starts without this document');
      expect(JSON.stringify(log.lines)).not.toContain(SECRET.slice(0, 10));
      const next = await readOnce(folder);
      expect(next.log.at('warn')[0]).toContain('broken ones were kept: tokens.broken-');
    },
  );

  it('without a good copy is kept aside, and the bridge starts without it', async () => {
    const folder = await saved();
    rmSync(at(folder, 'tokens.json.good'));
    truncateSync(at(folder, 'tokens.json'), 10);
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(none);
    expect(log.at('error')[0]).toContain('There is no last good copy');
    expect(brokenOf(folder)).toHaveLength(1);
  });

  it('that is too large is not read', async () => {
    const folder = await saved();
    truncateSync(at(folder, 'tokens.json'), 64 * 1024 * 1024 + 1);
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(numbered(1, SECRET));
    expect(log.at('error')[0]).toContain('has 67108865 bytes, more than 67108864');
  });

  it('that is missing though it has a good copy is not taken for a first start', async () => {
    const folder = await saved();
    rmSync(at(folder, 'tokens.json'));
    const { value, log } = await readOnce(folder);
    expect(value).toEqual(numbered(1, SECRET));
    expect(log.at('error')[0]).toMatch(/tokens\.json is missing\. Its last good copy .* is used/);
  });

  it('is kept five times at most, and what is dropped is told', async () => {
    const folder = await saved();
    const contents = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const warned: string[] = [];
    for (const [day, content] of contents.entries()) {
      put(at(folder, `tokens.broken-2026-10-0${day + 1}T00-00-00.000Z.json`), content);
    }
    put(at(folder, 'tokens.json'), 'h');
    put(at(folder, 'other.broken-2026-10-01T00-00-00.000Z.json'), 'not ours to count');
    warned.push(...(await readOnce(folder)).log.at('warn'));
    const kept = brokenOf(folder).filter((name) => name.startsWith('tokens.'));
    expect(kept.map((name) => readFileSync(at(folder, name), 'utf8'))).toEqual(['d', 'e', 'f', 'g', 'h']);
    expect(warned).toHaveLength(3);
    expect(brokenOf(folder)).toHaveLength(6);
  });

  it('on a disk that cannot move it stays where it is, and is never written over', async () => {
    const folder = await saved();
    put(at(folder, 'tokens.json'), 'torn');
    let stuck = true;
    const disk: Disk = {
      ...systemDisk,
      rename: async (from, to) => {
        if (stuck) throw Object.assign(new Error('EROFS'), { code: 'EROFS' });
        return systemDisk.rename(from, to);
      },
    };
    // The lock needs no rename as long as nobody has died.
    const { store, log } = await open(folder, { disk });
    const document = await store.document('tokens', tokens, none);
    expect(document.value).toEqual(numbered(1, SECRET));
    expect(log.at('error')[0]).toContain('could not be moved aside: EROFS');
    expect(store.trouble?.error.reason).toBe('read_only');
    expect(readFileSync(at(folder, 'tokens.json'), 'utf8')).toBe('torn');
    stuck = false;
    await document.save(numbered(3));
    await store.close();
    expect(brokenOf(folder).map((name) => readFileSync(at(folder, name), 'utf8'))).toEqual(['torn']);
    expect((await readOnce(folder)).value).toEqual(numbered(3));
  });

  it('damaged in any way never ends the bridge and never becomes an empty one in silence', async () => {
    const base = numbered(2, SECRET);
    const folder = await saved(base);
    const right = readFileSync(at(folder, 'tokens.json'));
    const whole: unknown = JSON.parse(right.toString());
    const good = readFileSync(at(folder, 'tokens.json.good'));
    const apply = (bytes: Buffer, { kind, from, length, byte, noise, json }: Change): Buffer => {
      const result = Buffer.from(bytes);
      const start = Math.min(from, Math.max(0, bytes.length - 1));
      const end = Math.min(start + length, bytes.length);
      if (kind === 'cut') return result.subarray(0, start);
      if (kind === 'drop') return Buffer.concat([result.subarray(0, start), result.subarray(end)]);
      if (kind === 'twice') return Buffer.concat([result.subarray(0, end), result.subarray(start)]);
      if (kind === 'noise') return Buffer.from(noise);
      if (kind === 'json') return Buffer.from(json);
      if (kind === 'zero') result.fill(0, start, end);
      else if (end > start) result[start] = kind === 'byte' ? byte : (result[start] ?? 0) ^ (1 << (byte % 8));
      return result;
    };
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const damaged = changes.reduce(apply, Buffer.from(right));
        put(at(folder, 'tokens.json'), damaged);
        put(at(folder, 'tokens.json.good'), good);
        const { value, log } = await readOnce(folder);
        // Either the damage changed no value, or took the checksum and left the shape; or else the last good copy is used
        // and the log says so.
        const quiet = log.lines.length === 0;
        const shaped = (() => {
          try {
            const json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(damaged));
            return '$sha256' in json ? isDeepStrictEqual(json, whole) : tokens.safeParse(json).success;
          } catch {
            return false;
          }
        })();
        expect(quiet).toBe(shaped);
        if (!quiet) {
          expect(value).toEqual(numbered(1, SECRET));
          const kept = brokenOf(folder);
          expect(kept).toHaveLength(1);
          expect(readFileSync(at(folder, kept[0] ?? ''))).toEqual(damaged);
          expect(log.at('error')).toHaveLength(1);
        }
        for (const name of brokenOf(folder)) rmSync(at(folder, name));
      }),
      { numRuns: 500 },
    );
  }, 60_000);
});

describe('something planted in the folder', () => {
  const target = (folder: string) => {
    const path = at(folder, 'stolen');
    put(path, JSON.stringify(numbered(66)));
    return path;
  };

  it('is never followed at the document, neither for reading nor for writing', async () => {
    const folder = await saved();
    const outside = target(temporaryFolder());
    rmSync(at(folder, 'tokens.json'));
    symlinkSync(outside, at(folder, 'tokens.json'));
    const { store, log } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    expect(document.value).toEqual(numbered(1, SECRET));
    expect(log.at('error')[0]).toContain('is a symbolic link');
    // And again while the bridge runs.
    rmSync(at(folder, 'tokens.json'));
    symlinkSync(outside, at(folder, 'tokens.json'));
    await document.save(numbered(3));
    await document.save(numbered(4));
    await store.close();
    for (const name of ['tokens.json', 'tokens.json.good']) {
      expect(lstatSync(at(folder, name)).isFile()).toBe(true);
    }
    expect(brokenOf(folder).every((name) => readlinkSync(at(folder, name)) === outside)).toBe(true);
    expect(JSON.parse(readFileSync(outside, 'utf8'))).toEqual(numbered(66));
  });

  it('is never followed at the good copy', async () => {
    const folder = await saved();
    const outside = target(temporaryFolder());
    rmSync(at(folder, 'tokens.json.good'));
    symlinkSync(outside, at(folder, 'tokens.json.good'));
    put(at(folder, 'tokens.json'), 'torn');
    const { store } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    expect(document.value).toEqual(none);
    symlinkSync(outside, at(folder, 'tokens.json.good'));
    await document.save(numbered(3));
    await document.save(numbered(4));
    await store.close();
    expect(lstatSync(at(folder, 'tokens.json.good')).isFile()).toBe(true);
    expect(JSON.parse(readFileSync(outside, 'utf8'))).toEqual(numbered(66));
  });

  it('is never followed at the temporary file, even when its name was guessed', async () => {
    const folder = await saved();
    const outside = target(temporaryFolder());
    let turn = 0;
    const random = { id: () => `guessed-${turn++}`, fraction: () => 0 };
    const { store } = await open(folder, { random });
    const document = await store.document('tokens', tokens, none);
    for (let guess = 0; guess < 3; guess += 1)
      symlinkSync(outside, at(folder, `tokens.json.guessed-${guess}.tmp`));
    await expect(document.save(numbered(3))).rejects.toMatchObject({ name: 'StoreError', code: 'EEXIST' });
    expect(JSON.parse(readFileSync(outside, 'utf8'))).toEqual(numbered(66));
    await document.save(numbered(4));
    await store.close();
    expect((await readOnce(folder)).value).toEqual(numbered(4));
    expect(JSON.parse(readFileSync(outside, 'utf8'))).toEqual(numbered(66));
  });

  it('may be a folder or a pipe: it is moved aside and does not hold the bridge', async () => {
    const folder = await saved();
    rmSync(at(folder, 'tokens.json'));
    mkdirSync(at(folder, 'tokens.json'));
    const first = await readOnce(folder);
    expect(first.value).toEqual(numbered(1, SECRET));
    expect(first.log.at('error')[0]).toContain('is not a plain file');
    rmSync(at(folder, 'tokens.json'));
    const { spawnSync } = await import('node:child_process');
    if (spawnSync('mkfifo', ['-m', '600', at(folder, 'tokens.json')]).status !== 0)
      throw new Error('no mkfifo');
    expect((await readOnce(folder)).value).toEqual(numbered(1, SECRET));
  });

  it('left by a killed run is removed at the next start', async () => {
    const folder = await saved();
    put(at(folder, 'tokens.json.AAAA_-aaaa.tmp'), 'half');
    symlinkSync('/nowhere', at(folder, 'aliases.json.BBBB.tmp'));
    put(at(folder, 'notes.tmp'), 'not ours');
    const { log } = await readOnce(folder);
    expect(readdirSync(folder).sort()).toEqual(['notes.tmp', 'tokens.json', 'tokens.json.good']);
    expect(log.at('info')).toHaveLength(2);
  });
});

describe('a document changed by another hand while the bridge runs', () => {
  it('is kept aside and does not become the good copy', async () => {
    const folder = await saved();
    const { store, log } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    put(at(folder, 'tokens.json'), JSON.stringify(numbered(50)));
    await document.save(numbered(3));
    await store.close();
    expect(log.at('error')[0]).toContain('no longer what the bridge wrote');
    expect(brokenOf(folder).map((name) => JSON.parse(readFileSync(at(folder, name), 'utf8')).n)).toEqual([
      50,
    ]);
    expect(JSON.parse(readFileSync(at(folder, 'tokens.json.good'), 'utf8')).n).toBe(1);
  });

  it('and put back as it was is no change', async () => {
    const folder = await saved();
    const { store, log } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    const bytes = readFileSync(at(folder, 'tokens.json'));
    rmSync(at(folder, 'tokens.json'));
    put(at(folder, 'tokens.json'), bytes);
    utimesSync(at(folder, 'tokens.json'), 1, 1);
    await document.save(numbered(3));
    await store.close();
    expect(log.lines).toEqual([]);
    expect(JSON.parse(readFileSync(at(folder, 'tokens.json.good'), 'utf8')).n).toBe(2);
  });

  it('and removed is written anew', async () => {
    const folder = await saved();
    const { store, log } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    rmSync(at(folder, 'tokens.json'));
    await document.save(numbered(3));
    await store.close();
    expect(log.lines).toEqual([]);
    expect((await readOnce(folder)).value).toEqual(numbered(3));
  });

  it('and given the same inode as its good copy is still two files after the next save', async () => {
    const folder = await saved();
    rmSync(at(folder, 'tokens.json.good'));
    linkSync(at(folder, 'tokens.json'), at(folder, 'tokens.json.good'));
    const { store } = await open(folder);
    const document = await store.document('tokens', tokens, none);
    await document.save(numbered(3));
    await store.close();
    expect(readdirSync(folder).sort()).toEqual(['tokens.json', 'tokens.json.good']);
    expect(lstatSync(at(folder, 'tokens.json')).ino).not.toBe(lstatSync(at(folder, 'tokens.json.good')).ino);
  });
});
