import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Library } from '../../src/queue/library.ts';
import { createMedia } from '../../src/queue/media.ts';

let folder = '';
let music = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'library-'));
  music = join(folder, 'music');
  await mkdir(join(music, 'a/b'), { recursive: true });
  await mkdir(join(folder, 'music-of-others'));
  await writeFile(join(folder, 'secret.mp3'), 'secret');
  await writeFile(join(folder, 'music-of-others/secret.mp3'), 'secret');
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const put = (name: string, text = 'sound') => writeFile(join(music, name), text);

async function text(library: Library, path: string, first: number, last: number): Promise<string | null> {
  const stream = await library.read(path, first, last);
  if (stream === null) return null;
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

describe('a library', () => {
  it('lists audio files as people count, then those of the folders in it', async () => {
    for (const name of ['10 z.mp3', '2 y.FLAC', 'B.ogg', 'a.wav', 'cover.jpg', '.hidden.mp3', 'none'])
      await put(name);
    for (const name of ['a/2.mp3', 'a/1.mp3', 'a/b/x.m4a']) await put(name);
    const listing = await new Library(music).list('.');
    expect(listing?.files.map(({ name }) => name)).toEqual([
      ...['2 y.FLAC', '10 z.mp3', 'a.wav', 'B.ogg', '1.mp3', '2.mp3', 'x.m4a'],
    ]);
    expect(listing?.leftOut).toEqual([]);
    expect((await new Library(music).list('a/b'))?.files).toHaveLength(1);
  });

  it('follows links to files in it, and none that leads out of it or to a folder', async () => {
    await put('a/real.mp3');
    await symlink(join(music, 'a/real.mp3'), join(music, 'linked.mp3'));
    await symlink(join(folder, 'secret.mp3'), join(music, 'out.mp3'));
    await symlink(join(folder, 'music-of-others'), join(music, 'others'));
    await symlink(music, join(music, 'a/round'));
    await symlink(join(music, 'nowhere.mp3'), join(music, 'broken.mp3'));
    const listing = await new Library(music).list('');
    expect(listing?.files.map(({ name }) => name)).toEqual(['linked.mp3', 'real.mp3']);
    expect(listing?.leftOut.map(({ entry }) => entry)).toEqual(['broken.mp3', 'out.mp3']);
    expect(await new Library(music).list('others')).toBeNull();
  });

  it.each(['..', '../music-of-others', '/etc', 'a/../../music-of-others', 'a\0b', 'nothing', '2.mp3'])(
    'has no folder %j',
    async (path) => {
      await put('2.mp3');
      expect(await new Library(music).list(path)).toBeNull();
    },
  );

  it('looks at no more than its limits, and says so', async () => {
    for (let each = 0; each < 12; each += 1) await put(`a/${each}.mp3`);
    const few = await new Library(music, { entries: 100, files: 5, depth: 8 }).list('.');
    expect(few?.files.map(({ name }) => name)).toEqual(['0.mp3', '1.mp3', '2.mp3', '3.mp3', '4.mp3']);
    expect(few?.leftOut).toEqual([{ entry: '…', reason: expect.stringContaining('too large') }]);
    const short = await new Library(music, { entries: 6, files: 100, depth: 8 }).list('.');
    expect(short?.files.length).toBeLessThan(7);
    expect(short?.leftOut).toHaveLength(1);
    const flat = await new Library(music, { entries: 100, files: 100, depth: 1 }).list('.');
    expect(flat?.files).toEqual([]);
  });

  it('reads a part of a file, and nothing of what has become something else', async () => {
    await put('one.mp3', '0123456789');
    const library = new Library(music);
    const path = (await library.find('one.mp3')) ?? '';
    expect(await library.size(path)).toBe(10);
    expect(await text(library, path, 2, 4)).toBe('234');
    expect(await text(library, path, 0, -1)).toBe('');
    await unlink(path);
    expect(await library.size(path)).toBeNull();
    await symlink(join(folder, 'secret.mp3'), path);
    expect(await library.size(path)).toBeNull();
    expect(await text(library, path, 0, 5)).toBeNull();
    await unlink(path);
    // Opening a pipe would wait for whoever writes into it.
    execFileSync('mkfifo', [path]);
    expect(await library.size(path)).toBeNull();
    expect(await library.size(join(music, 'a'))).toBeNull();
    expect(await library.size(join(folder, 'secret.mp3'))).toBeNull();
  });

  it('has nothing when its folder is not there', async () => {
    const library = new Library(join(folder, 'nowhere'));
    expect(await library.list('.')).toBeNull();
    expect(await library.find('one.mp3')).toBeNull();
  });
});

describe('media', () => {
  it('have names that nobody can guess, the same for the same file', async () => {
    await put('one.mp3', '0123456789');
    const library = new Library(music);
    const path = (await library.find('one.mp3')) ?? '';
    const media = createMedia(library, 'secret');
    const name = media.nameOf({ path, name: 'one.mp3' });
    expect(name).toMatch(/^[\w-]{43}\.mp3$/);
    expect(media.nameOf({ path, name: 'one.mp3' })).toBe(name);
    expect(createMedia(library, 'other').nameOf({ path, name: 'one.mp3' })).not.toBe(name);
    expect(await media.find(name)).toMatchObject({ bytes: 10, contentType: 'audio/mpeg' });
    expect(await media.find(`x${name}`)).toBeNull();
    await unlink(path);
    expect(await media.find(name)).toBeNull();
    expect(await createMedia(null, 'secret').find(name)).toBeNull();
  });
});
