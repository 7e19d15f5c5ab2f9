import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type ClipFolder, createClipFolder } from '../../src/speech/clip-folder.ts';
import { openClipStore } from '../../src/speech/clip-store.ts';
import type { StoredClip } from '../../src/speech/stored-clip.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import {
  bytesIn,
  DAY,
  eventually,
  openStore,
  printOf,
  rememberedLog,
  soundOf,
  temporaryFolder,
} from './clip-house.ts';

/** What a clip gives when it is read to the end; null when there is nothing to read. */
const wholeOf = async (clip: StoredClip | null): Promise<string | null> => {
  const stream = await clip?.read(0, clip.bytes - 1);
  return stream ? printOf(await buffer(stream)) : null;
};

describe('a clip in the store', () => {
  it('is found again under its key, byte by byte, with all that was told of it', async () => {
    const { store, folder } = await openStore();
    expect(await store.find('hello')).toBeNull();
    const sound = soundOf(200_000, { type: 'mp3', lengthMs: 2_345.4, note: 'home_assistant' });
    const put = await store.put('hello', sound);
    expect(put).toMatchObject({ type: 'mp3', bytes: 200_000, lengthMs: 2_345, note: 'home_assistant' });
    // From memory as long as it is not written, and then from the disk.
    expect(await wholeOf(put)).toBe(printOf(sound.bytes));
    await eventually(() => store.size().memoryBytes === 0);
    expect(store.size()).toEqual({ clips: 1, diskBytes: 200_000, memoryBytes: 0 });
    expect(await wholeOf(put)).toBe(printOf(sound.bytes));
    const found = await store.find('hello');
    expect(found).toEqual(put);
    expect(store.findByName(put.name)).toBe(found);
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('can be read in part, from memory and from the disk', async () => {
    const { store } = await openStore();
    const sound = soundOf(150_000);
    const clip = await store.put('a', sound);
    const parts = [
      [0, 0],
      [65_535, 65_536],
      [149_999, 149_999],
      [70_000, 140_000],
    ] as const;
    const read = async () => {
      for (const [first, last] of parts) {
        const stream = await clip.read(first, last);
        expect(stream && printOf(await buffer(stream))).toBe(printOf(sound.bytes.subarray(first, last + 1)));
      }
    };
    expect(store.size().memoryBytes).toBe(150_000);
    await read();
    await eventually(() => store.size().memoryBytes === 0);
    await read();
  });

  it('has a name that nobody can tell without the secret', async () => {
    const { store, options } = await openStore();
    const other = await openClipStore({ ...options, secret: 'another secret' });
    const name = store.nameOf('hello');
    expect(name).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(store.nameOf('hello')).toBe(name);
    expect(store.nameOf('hello ')).not.toBe(name);
    expect(other.nameOf('hello')).not.toBe(name);
    await other.close();
  });

  it('of no bytes at all is one nevertheless', async () => {
    const { store } = await openStore();
    const clip = await store.put('silence', soundOf(0));
    expect(await wholeOf(clip)).toBe(printOf(new Uint8Array()));
    await store.close();
    expect(await wholeOf(await store.find('silence'))).toBe(printOf(new Uint8Array()));
  });

  it('is in nobody else’s sight: the folder and the files are for this user alone', async () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o755);
    const { store } = await openStore({ folder });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    await store.put('a', soundOf(10));
    await store.close();
    for (const name of readdirSync(folder)) {
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    }
  });

  it('is replaced when it is made anew, and only the new one remains', async () => {
    const { store, folder } = await openStore();
    await store.put('a', soundOf(1_000, { note: 'espeak' }));
    await store.put('a', soundOf(2_000, { note: 'openai' }));
    await store.put('a', soundOf(2_000, { note: 'openai' }));
    await store.close();
    expect(readdirSync(folder)).toHaveLength(1);
    expect(store.size()).toEqual({ clips: 1, diskBytes: 2_000, memoryBytes: 0 });
    expect(bytesIn(folder)).toBe(2_000);
    expect(await store.find('a')).toMatchObject({ bytes: 2_000, note: 'openai' });
  });

  it('is the same whoever asks while it is put: everybody gets whole sounds', async () => {
    const { store } = await openStore();
    const sounds = [soundOf(70_000), soundOf(90_000, { type: 'mp3' })];
    await Promise.all(
      Array.from({ length: 60 }, async (_, turn) => {
        const sound = sounds[turn % 2];
        if (sound === undefined) throw new Error('there are two');
        if (turn % 3 === 0) await store.put('a', sound);
        const clip = await store.find('a');
        if (clip === null) throw new Error('it was put before');
        const bytes = await wholeOf(clip);
        // One that was replaced meanwhile may be gone, but never half of it.
        if (bytes !== null) expect(sounds.map((each) => printOf(each.bytes))).toContain(bytes);
      }),
    );
    await store.close();
    expect(await wholeOf(await store.find('a'))).toBe(printOf(sounds[1]?.bytes ?? new Uint8Array()));
  });

  it('is not found any more when another hand has removed or changed its file', async () => {
    const { store, folder } = await openStore();
    for (const key of ['removed', 'cut', 'read']) await store.put(key, soundOf(100));
    await eventually(() => store.size().memoryBytes === 0);
    const pathOf = (key: string) => {
      const name = readdirSync(folder).find((each) => each.startsWith(store.nameOf(key)));
      return join(folder, name ?? '');
    };
    unlinkSync(pathOf('removed'));
    truncateSync(pathOf('cut'), 99);
    truncateSync(pathOf('read'), 0);
    expect(await store.find('removed')).toBeNull();
    expect(await store.find('cut')).toBeNull();
    expect(await wholeOf(store.findByName(store.nameOf('read')))).toBeNull();
    expect(await store.find('read')).toBeNull();
    await store.put('cut', soundOf(100));
    await store.close();
    expect(await wholeOf(await store.find('cut'))).toBe(printOf(soundOf(100).bytes));
    expect(store.size()).toEqual({ clips: 1, diskBytes: 100, memoryBytes: 0 });
  });
});

describe('after a restart', () => {
  it('the same clip is found under the same name with the same secret, and under none with another', async () => {
    const { store, options } = await openStore();
    const notes = ['espeak', 'home_assistant', '', 'Küche 🔔 & more'.repeat(5), '\ud800', '../../etc'];
    const clips: StoredClip[] = [];
    for (const [index, note] of notes.entries()) {
      const lengthMs = [null, 0, 1.5, Number.NaN, -1, 1e300][index] ?? null;
      clips.push(await store.put(note, soundOf(100 + index, { note, lengthMs })));
    }
    await store.close();
    const again = await openClipStore(options);
    for (const [index, note] of notes.entries()) {
      const clip = clips[index];
      const found = again.findByName(clip?.name ?? '');
      expect({ ...found, read: null }).toEqual({ ...clip, read: null });
      expect(await again.find(note)).toBe(found);
      expect(await wholeOf(found)).toBe(printOf(soundOf(100 + index).bytes));
    }
    await again.close();
    const other = await openClipStore({ ...options, secret: 'another secret' });
    for (const note of notes) expect(await other.find(note)).toBeNull();
    await other.close();
  });

  it('what a crash has left is gone, and so is what it has damaged; what is not ours stays', async () => {
    const { store, options, folder } = await openStore();
    for (const key of ['good', 'cut', 'long', 'linked']) await store.put(key, soundOf(100));
    await store.close();
    const pathOf = (key: string) =>
      join(folder, readdirSync(folder).find((each) => each.startsWith(store.nameOf(key))) ?? '');
    truncateSync(pathOf('cut'), 40);
    writeFileSync(pathOf('long'), Buffer.alloc(101));
    const secret = join(temporaryFolder(), 'secret');
    writeFileSync(secret, Buffer.alloc(100));
    const linked = pathOf('linked');
    rmSync(linked);
    symlinkSync(secret, linked);
    writeFileSync(join(folder, `${store.nameOf('good')}.tmp`), 'half');
    mkdirSync(join(folder, `${store.nameOf('x')}.tmp`));
    linkSync(pathOf('good'), join(folder, `${store.nameOf('y')}.100.0100.ZXNwZWFr.wav`));
    for (const foreign of ['notes.txt', 'bell.wav', '.hidden']) writeFileSync(join(folder, foreign), 'mine');
    const again = await openClipStore(options);
    expect(again.size()).toEqual({ clips: 1, diskBytes: 100, memoryBytes: 0 });
    expect(readdirSync(folder).toSorted()).toEqual(
      ['.hidden', 'bell.wav', 'notes.txt', `${store.nameOf('good')}.100.1500.ZXNwZWFr.wav`].toSorted(),
    );
    expect(lstatSync(secret).size).toBe(100);
    expect(await wholeOf(await again.find('good'))).toBe(printOf(soundOf(100).bytes));
    await again.close();
  });

  it('the newer of two files of one clip counts, and a smaller bound holds at once', async () => {
    const clock = createFakeClock();
    const { store, options, folder } = await openStore({ clock });
    for (const key of ['a', 'b', 'c']) {
      await store.put(key, soundOf(1_000));
      await clock.advance(700_000);
    }
    await store.close();
    const disk = createClipFolder(folder);
    const facts = { name: store.nameOf('b'), type: 'mp3', bytes: 500, lengthMs: null, note: 'new' } as const;
    await disk.write(facts, soundOf(500).bytes, clock.now());
    const again = await openClipStore({ ...options, maxBytes: 1_600 });
    expect(again.size()).toEqual({ clips: 2, diskBytes: 1_500, memoryBytes: 0 });
    expect(bytesIn(folder)).toBe(1_500);
    expect(await again.find('b')).toMatchObject({ type: 'mp3', note: 'new' });
    expect(await again.find('a')).toBeNull();
    await again.close();
  });
});

describe('what goes when there is too much', () => {
  it('is what was not used for longest, and what speakers may still ask for goes last', async () => {
    const clock = createFakeClock();
    const { store } = await openStore({ clock, maxBytes: 3_000 });
    const names: string[] = [];
    for (const key of ['a', 'b', 'c']) {
      names.push((await store.put(key, soundOf(1_000))).name);
      await clock.advance(60_000);
    }
    await clock.advance(600_000);
    await store.find('a');
    store.findByName(names[1] ?? '');
    await store.put('d', soundOf(1_000));
    await eventually(() => store.size().memoryBytes === 0);
    // `c` was used later than `b`, but a speaker has just asked for `b`.
    expect(await store.find('c')).toBeNull();
    expect(await store.find('b')).not.toBeNull();
    expect(await store.find('a')).not.toBeNull();
    await store.put('e', soundOf(2_500));
    await eventually(() => store.size().memoryBytes === 0);
    expect(await store.find('e')).not.toBeNull();
    expect(store.size()).toEqual({ clips: 1, diskBytes: 2_500, memoryBytes: 0 });
  });

  it('is found by use, not by when it was made', async () => {
    const clock = createFakeClock();
    const { store } = await openStore({ clock, maxBytes: 2_000 });
    for (const key of ['a', 'b']) await store.put(key, soundOf(1_000));
    await eventually(() => store.size().memoryBytes === 0);
    await store.find('a');
    await clock.advance(700_000);
    await store.put('c', soundOf(1_000));
    await eventually(() => store.size().memoryBytes === 0);
    expect(await store.find('a')).not.toBeNull();
    expect(await store.find('b')).toBeNull();
  });

  it('does not cut off who reads at that moment', async () => {
    const clock = createFakeClock();
    const { store } = await openStore({ clock, maxBytes: 300_000 });
    const sound = soundOf(250_000);
    const clip = await store.put('a', sound);
    await eventually(() => store.size().memoryBytes === 0);
    await store.put('b', soundOf(1_000));
    const stream = await clip.read(0, clip.bytes - 1);
    await clock.advance(2 * 600_000);
    await store.put('c', soundOf(50_000));
    await eventually(() => store.size().memoryBytes === 0);
    // It was longest unused, but somebody reads it: `b` had to go.
    expect(await store.find('b')).toBeNull();
    await store.put('d', soundOf(300_000));
    await eventually(() => store.size().memoryBytes === 0);
    expect(store.findByName(clip.name)).toBeNull();
    expect(stream && printOf(await buffer(stream))).toBe(printOf(sound.bytes));
  });

  it('is what nobody used for too long, unless a speaker asks for it', async () => {
    const clock = createFakeClock();
    const { store, folder, options } = await openStore({ clock, maxAgeMs: 5 * DAY });
    for (const key of ['a', 'b']) await store.put(key, soundOf(100));
    await clock.advance(4 * DAY);
    expect(await store.find('a')).not.toBeNull();
    await clock.advance(2 * DAY);
    expect(store.findByName(store.nameOf('b'))).toBeNull();
    expect(await store.find('a')).not.toBeNull();
    await store.close();
    expect(readdirSync(folder)).toHaveLength(1);
    await clock.advance(3 * DAY);
    const again = await openClipStore(options);
    expect(again.findByName(store.nameOf('a'))).not.toBeNull();
    clock.jumpNow(30 * DAY);
    expect(again.findByName(store.nameOf('a'))).not.toBeNull();
    await clock.advance(600_001);
    expect(again.findByName(store.nameOf('a'))).toBeNull();
    await again.close();
    await (await openClipStore(options)).close();
    expect(readdirSync(folder)).toHaveLength(0);
  });

  it('is not decided by a clock that was wrong', async () => {
    const clock = createFakeClock();
    const { store, options } = await openStore({ clock, maxAgeMs: 5 * DAY });
    clock.jumpNow(1_000 * DAY);
    await store.put('a', soundOf(100));
    await store.close();
    clock.jumpNow(-1_000 * DAY);
    const again = await openClipStore(options);
    expect(again.findByName(store.nameOf('a'))).not.toBeNull();
    await clock.advance(6 * DAY);
    expect(again.findByName(store.nameOf('a'))).toBeNull();
    await again.close();
  });
});

/** A disk that refuses what `refuses` names, from the moment when it is set. */
function failing(folder: string): { disk: ClipFolder; refuses: Map<keyof ClipFolder, string> } {
  const real = createClipFolder(folder);
  const refuses = new Map<keyof ClipFolder, string>();
  const check = (what: keyof ClipFolder): void => {
    const code = refuses.get(what);
    if (code !== undefined) throw Object.assign(new Error(code), { code });
  };
  const disk: ClipFolder = {
    open: async () => {
      check('open');
      return real.open();
    },
    write: async (...given) => {
      check('write');
      await real.write(...given);
    },
    touch: async (...given) => {
      check('touch');
      return real.touch(...given);
    },
    read: async (...given) => {
      check('read');
      return real.read(...given);
    },
    remove: async (...given) => {
      check('remove');
      await real.remove(...given);
    },
  };
  return { disk, refuses };
}

describe('a disk that refuses', () => {
  it.each(['ENOSPC', 'EACCES', 'EIO', 'EROFS'])(
    'with %s stops nothing: clips are kept in memory, and one warning tells why',
    async (code) => {
      const folder = join(temporaryFolder(), 'clips');
      const { disk, refuses } = failing(folder);
      refuses.set('open', code).set('write', code);
      const { store, log } = await openStore({ folder, disk });
      const sounds = ['a', 'b', 'c'].map((key, index) => [key, soundOf(1_000 + index)] as const);
      for (const [key, sound] of sounds) await store.put(key, sound);
      await store.close();
      for (const [key, sound] of sounds) {
        expect(await wholeOf(await store.find(key))).toBe(printOf(sound.bytes));
        expect(await wholeOf(store.findByName(store.nameOf(key)))).toBe(printOf(sound.bytes));
      }
      expect(store.size()).toEqual({ clips: 3, diskBytes: 0, memoryBytes: 3_003 });
      expect(log.at('warn')).toEqual([expect.stringContaining(`${folder} (${code})`)]);
    },
  );

  it('is told of once, and again only after it worked in between', async () => {
    const folder = temporaryFolder();
    const { disk, refuses } = failing(folder);
    const { store, log } = await openStore({ folder, disk });
    const put = async (key: string) => {
      const before = log.lines.length + store.size().diskBytes;
      await store.put(key, soundOf(10));
      await eventually(() => log.lines.length + store.size().diskBytes > before);
    };
    refuses.set('write', 'ENOSPC');
    for (const key of ['a', 'b']) await put(key);
    refuses.delete('write');
    await put('c');
    await put('d');
    refuses.set('write', 'EIO');
    await put('e');
    await store.close();
    expect(log.at('warn').map((line) => /\((\w+)\)/.exec(line)?.[1])).toEqual(['ENOSPC', 'EIO']);
    expect(log.at('info')).toEqual(['Clips are kept on disk again.']);
  });

  it('and really does, since a file lies in the place of the folder, gets the clips as soon as it does not', async () => {
    const folder = join(temporaryFolder(), 'clips');
    writeFileSync(folder, 'a file');
    const { store, log } = await openStore({ folder });
    const clip = await store.put('a', soundOf(1_000));
    await eventually(() => log.at('debug').length > 0);
    expect(log.at('warn')).toEqual([expect.stringMatching(/\((EEXIST|ENOTDIR)\)/)]);
    expect(await wholeOf(clip)).toBe(printOf(soundOf(1_000).bytes));
    rmSync(folder);
    await store.put('b', soundOf(500));
    await eventually(() => store.size().diskBytes === 500);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    expect(await wholeOf(await store.find('a'))).toBe(printOf(soundOf(1_000).bytes));
  });

  it('and really does, since a folder lies in the place of a clip, leaves nothing half written', async () => {
    const { store, folder, log } = await openStore();
    mkdirSync(join(folder, `${store.nameOf('a')}.100.1500.ZXNwZWFr.wav`));
    const clip = await store.put('a', soundOf(100));
    await eventually(() => log.at('warn').length > 0);
    expect(log.at('warn')).toEqual([expect.stringMatching(/\((EISDIR|ENOTEMPTY|EEXIST)\)/)]);
    expect(readdirSync(folder)).toHaveLength(1);
    expect(await wholeOf(clip)).toBe(printOf(soundOf(100).bytes));
  });

  it('and really does, since a file lies in the place of the folder, gives nothing, and stops nothing', async () => {
    const { store, folder } = await openStore();
    const clip = await store.put('a', soundOf(100));
    await eventually(() => store.size().memoryBytes === 0);
    renameSync(folder, `${folder}-away`);
    writeFileSync(folder, 'a file');
    expect(await store.find('a')).toBeNull();
    expect(await wholeOf(clip)).toBeNull();
    rmSync(folder);
    renameSync(`${folder}-away`, folder);
    expect(await wholeOf(await store.find('a'))).toBe(printOf(soundOf(100).bytes));
  });

  it('to give a clip back is not believed for ever', async () => {
    const folder = temporaryFolder();
    const { disk, refuses } = failing(folder);
    const { store } = await openStore({ folder, disk });
    const clip = await store.put('a', soundOf(100));
    await eventually(() => store.size().diskBytes === 100);
    refuses.set('touch', 'EIO').set('read', 'EIO');
    expect(await store.find('a')).toBeNull();
    expect(await wholeOf(clip)).toBeNull();
    refuses.clear();
    expect(await wholeOf(await store.find('a'))).toBe(printOf(soundOf(100).bytes));
  });

  it('to remove what is too much gets nothing more, so that the bound holds', async () => {
    const folder = temporaryFolder();
    const { disk, refuses } = failing(folder);
    const { store } = await openStore({ folder, disk, maxBytes: 250 });
    for (const key of ['a', 'b']) await store.put(key, soundOf(100));
    await eventually(() => store.size().diskBytes === 200);
    refuses.set('remove', 'EACCES');
    for (const key of ['c', 'd']) await store.put(key, soundOf(100));
    await store.close();
    expect(bytesIn(folder)).toBe(200);
    expect(await wholeOf(await store.find('d'))).toBe(printOf(soundOf(100).bytes));
  });

  it('has its memory bounded: the oldest clips go, the newest one stays', async () => {
    const folder = temporaryFolder();
    const { disk, refuses } = failing(folder);
    refuses.set('write', 'ENOSPC');
    const { store } = await openStore({ folder, disk, memoryBytes: 2_500 });
    for (const key of ['a', 'b', 'c']) await store.put(key, soundOf(1_000));
    expect(store.size()).toMatchObject({ clips: 2, memoryBytes: 2_000 });
    expect(await store.find('a')).toBeNull();
    await store.put('large', soundOf(9_000));
    expect(store.size()).toEqual({ clips: 1, diskBytes: 0, memoryBytes: 9_000 });
    expect(await wholeOf(await store.find('large'))).toBe(printOf(soundOf(9_000).bytes));
  });

  it('keeps a clip in memory that is larger than all that may lie on the disk', async () => {
    const { store, folder, log } = await openStore({ maxBytes: 1_000 });
    await store.put('a', soundOf(600));
    await store.put('large', soundOf(1_001));
    await store.close();
    expect(bytesIn(folder)).toBe(600);
    expect(await wholeOf(await store.find('large'))).toBe(printOf(soundOf(1_001).bytes));
    expect(log.lines).toEqual([]);
  });

  it('no longer, but only now, keeps nothing of a clip that was made anew meanwhile', async () => {
    const folder = temporaryFolder();
    const real = createClipFolder(folder);
    let go: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      go = resolve;
    });
    let writes = 0;
    const disk: ClipFolder = {
      ...real,
      write: async (...given) => {
        writes += 1;
        if (writes === 1) await held;
        await real.write(...given);
      },
    };
    const { store } = await openStore({ folder, disk });
    const former = await store.put('a', soundOf(100));
    await eventually(() => writes === 1);
    await store.put('a', soundOf(200));
    expect(await wholeOf(former)).toBeNull();
    go();
    await store.close();
    expect(readdirSync(folder)).toHaveLength(1);
    expect(store.size()).toEqual({ clips: 1, diskBytes: 200, memoryBytes: 0 });
  });

  it('or does not answer at all, is not waited for', async () => {
    const folder = temporaryFolder();
    const real = createClipFolder(folder);
    let isHanging = false;
    const hang = <T>(work: () => Promise<T>) => (isHanging ? new Promise<T>(() => undefined) : work());
    const disk: ClipFolder = {
      ...real,
      write: (...given) => hang(() => real.write(...given)),
      touch: (...given) => hang(() => real.touch(...given)),
    };
    const clock = createFakeClock();
    const store = await openClipStore({
      folder,
      disk,
      clock,
      secret: 's',
      maxBytes: 1e6,
      maxAgeMs: DAY,
      memoryBytes: 250,
      log: rememberedLog(),
    });
    await store.put('a', soundOf(100));
    await eventually(() => store.size().diskBytes === 100);
    isHanging = true;
    for (const key of ['b', 'c']) expect(await wholeOf(await store.put(key, soundOf(100)))).not.toBeNull();
    const found = store.find('a');
    const put = store.put('d', soundOf(100));
    await clock.advance(1_000);
    expect(await found).toBeNull();
    expect(await wholeOf(await put)).toBe(printOf(soundOf(100).bytes));
    expect(store.size().memoryBytes).toBe(200);
    const closed = store.close();
    await clock.advance(1_000);
    await closed;
    expect(clock.timers).toBe(0);
  });
});
