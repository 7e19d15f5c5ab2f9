import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openChimes } from '../../src/speech/chime-folder.ts';
import { CHIMES } from '../../src/speech/chimes.ts';
import type { Pcm } from '../../src/speech/pcm.ts';
import { encodeWav } from '../../src/speech/wav.ts';
import { fixture, silence, tone } from './tones.ts';

const fileOf = (pcm: Pcm) => Buffer.from(encodeWav(pcm)).toString('base64');
const nothing = silence(22_050, 0);
const BUILT_IN = ['chime', 'doorbell', 'gong', 'soft', 'alert'];

let folder = '';
const warn = vi.fn<(message: string) => void>();
const chimes = (place: string | null = folder) => openChimes({ folder: place, log: { warn } });

const put = (name: string, bytes: Uint8Array | string = encodeWav(tone(22_050, 440, 0.5))) =>
  writeFileSync(join(folder, name), bytes);

async function soundOf(name: string) {
  const found = await chimes().find(name);
  return found.ok ? found.value.pcm(22_050) : found;
}

async function keyOf(name: string): Promise<string> {
  const found = await chimes().find(name);
  return found.ok ? found.value.key : found.error;
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chimes-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  warn.mockClear();
});

describe('the chimes there are', () => {
  it('are the built-in ones when there is no folder', async () => {
    const all = chimes(null);
    expect(await all.names()).toEqual(BUILT_IN);
    for (const name of BUILT_IN) {
      const found = await all.find(name.toUpperCase());
      if (!found.ok) return expect.unreachable();
      const sound = await found.value.pcm(22_050);
      expect(sound.ok && fileOf(sound.value)).toBe(fileOf(CHIMES.get(name)?.(22_050) ?? nothing));
    }
    expect(await all.find('bell')).toEqual({
      ok: false,
      error: 'No chime is called "bell". There is "chime", "doorbell", "gong", "soft", "alert".',
    });
  });

  it('are those of the folder, ahead of the built-in ones, and no restart is needed for a new one', async () => {
    const all = chimes();
    put('Bell.wav');
    put('temple.MP3', fixture('tone-mpeg2-22050.mp3'));
    expect(await all.names()).toEqual(['Bell', 'temple', ...BUILT_IN]);
    put('another one.wav');
    expect(await all.names()).toEqual(['Bell', 'another one', 'temple', ...BUILT_IN]);
    expect(await soundOf('bell')).toMatchObject({ ok: true, value: { rate: 22_050 } });
    const mp3 = await soundOf('TEMPLE');
    expect(mp3.ok && mp3.value.samples.length).toBe(41 * 576);
  });

  it('include one that goes by the name of a built-in one, instead of that', async () => {
    put('Gong.wav', encodeWav(tone(22_050, 440, 0.1)));
    expect(await chimes().names()).toEqual(['Gong', 'chime', 'doorbell', 'soft', 'alert']);
    const sound = await soundOf('gong');
    expect(sound.ok && sound.value.samples.length).toBe(2_205);
    expect(await keyOf('gong')).not.toBe(await openChimes({ folder: null, log: { warn } }).find('gong'));
  });

  it('are found under a name whose accents are written in another way', async () => {
    put('Te\u0301le\u0301phone.wav');
    expect(await chimes().names()).toContain('T\u00e9l\u00e9phone');
    expect(await soundOf('t\u00e9L\u00e9phone')).toMatchObject({ ok: true });
    expect(await soundOf('Te\u0301le\u0301phone')).toMatchObject({ ok: true });
  });

  it('have the WAV file when there is an MP3 file of the same name', async () => {
    for (const [wav, mp3] of [
      ['bell.wav', 'bell.mp3'],
      ['HORN.WAV', 'horn.mp3'],
    ] as const) {
      put(mp3, fixture('tone-mpeg2-22050.mp3'));
      put(wav, encodeWav(tone(22_050, 440, 0.2)));
      const sound = await soundOf(wav.slice(0, 4));
      expect(sound.ok && sound.value.samples.length).toBe(4_410);
    }
    expect(await chimes().names()).toEqual(['HORN', 'bell', ...BUILT_IN]);
  });

  it('are advised of when a name is almost right', async () => {
    put('temple.wav');
    const found = await chimes().find('tempel');
    expect(found).toEqual({ ok: false, error: 'No chime is called "tempel". Did you mean "temple"?' });
    expect(await chimes().find('doorbel')).toEqual({
      ok: false,
      error: 'No chime is called "doorbel". Did you mean "doorbell"?',
    });
  });
});

describe('what is no chime', () => {
  it('is anything but a plain WAV or MP3 file that lies in the folder itself', async () => {
    put('song.flac', 'fLaC');
    put('.hidden.wav');
    put('.wav');
    put('line\nbreak.wav');
    mkdirSync(join(folder, 'inner.wav'));
    mkdirSync(join(folder, 'deep'));
    writeFileSync(join(folder, 'deep/bell.wav'), encodeWav(silence(22_050, 1)));
    symlinkSync('/etc/hostname', join(folder, 'linked.wav'));
    execFileSync('mkfifo', [join(folder, 'pipe.wav')]);
    expect(await chimes().names()).toEqual(BUILT_IN);
    for (const name of [
      'deep/bell',
      '../x',
      'linked',
      'pipe',
      'inner',
      '',
      '.',
      '..',
      '/etc/hostname',
      'a\0b',
    ]) {
      expect((await chimes().find(name)).ok).toBe(false);
    }
  });

  it('is a folder that cannot be read: that is said once, and the built-in ones are there', async () => {
    const missing = join(folder, 'missing');
    const all = chimes(missing);
    expect(await all.names()).toEqual(BUILT_IN);
    expect((await all.find('gong')).ok).toBe(true);
    const problem = `The folder of chimes ${missing} cannot be read (ENOENT); look at announcements.chimes_dir.`;
    expect(await all.find('temple')).toEqual({
      ok: false,
      error: `No chime is called "temple". There is "chime", "doorbell", "gong", "soft", "alert". ${problem}`,
    });
    expect(warn.mock.calls).toEqual([[`${problem} Only the built-in chimes are there.`]]);
    mkdirSync(missing);
    await all.names();
    rmSync(missing, { recursive: true });
    await all.names();
    expect(warn).toHaveBeenCalledTimes(2);
  });
});

describe('a chime of the folder', () => {
  it('has a key that changes when the file does, and no other time', async () => {
    put('bell.wav');
    const first = await keyOf('bell');
    expect(await keyOf('BELL')).toBe(first);
    utimesSync(join(folder, 'bell.wav'), 1_700_000_000, 1_700_000_000);
    const touched = await keyOf('bell');
    put('bell.wav', encodeWav(tone(22_050, 440, 0.6)));
    utimesSync(join(folder, 'bell.wav'), 1_700_000_000, 1_700_000_000);
    const longer = await keyOf('bell');
    put('horn.wav', encodeWav(tone(22_050, 440, 0.6)));
    utimesSync(join(folder, 'horn.wav'), 1_700_000_000, 1_700_000_000);
    expect(new Set([first, touched, longer, await keyOf('horn')]).size).toBe(4);
  });

  it('is refused when it is too large or too long, in a sentence', async () => {
    put('huge.wav', new Uint8Array(5 * 1024 * 1024 + 1));
    expect(await chimes().find('huge')).toEqual({
      ok: false,
      error: 'The chime "huge": It has 5.0 MiB; a chime may have 5.',
    });
    put('long.wav', encodeWav(silence(22_050, 30.1)));
    expect(await soundOf('long')).toEqual({
      ok: false,
      error: 'The chime "long": It is 31 seconds long; a chime may have 30.',
    });
    put('just.wav', encodeWav(silence(22_050, 30)));
    expect(await soundOf('just')).toMatchObject({ ok: true });
  });

  it('is refused when it is not what its name says', async () => {
    put('page.mp3', '<!doctype html><p>Not found');
    expect(await soundOf('page')).toEqual({
      ok: false,
      error: 'The chime "page": It is a web page, not a sound.',
    });
  });

  it('is not taken under the key of what it was before', async () => {
    put('bell.wav');
    const found = await chimes().find('bell');
    put('bell.wav', encodeWav(tone(22_050, 440, 0.7)));
    expect(found.ok && (await found.value.pcm(22_050))).toEqual({
      ok: false,
      error: 'The chime "bell": It changed while it was read; try again.',
    });
  });

  it('that has become a pipe, a link, or nothing since is not waited for', async () => {
    for (const [name, problem, become] of [
      ['pipe', 'changed while it was read; try again.', (path: string) => execFileSync('mkfifo', [path])],
      ['link', 'cannot be read (ELOOP).', (path: string) => symlinkSync('/etc/hostname', path)],
      ['gone', 'cannot be read (ENOENT).', () => undefined],
    ] as const) {
      put(`${name}.wav`);
      const found = await chimes().find(name);
      rmSync(join(folder, `${name}.wav`));
      become(join(folder, `${name}.wav`));
      const sound = found.ok ? await found.value.pcm(22_050) : found;
      expect(sound).toEqual({ ok: false, error: `The chime "${name}": It ${problem}` });
    }
  });
});
