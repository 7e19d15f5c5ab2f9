import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Announcement } from '../../src/bridge/announcement.ts';
import { ok, type Result } from '../../src/bridge/result.ts';
import { isForbiddenAddress, urlPolicy } from '../../src/bridge/url-policy.ts';
import { createChain } from '../../src/speech/chain.ts';
import { openChimes } from '../../src/speech/chime-folder.ts';
import { type ClipFolder, createClipFolder } from '../../src/speech/clip-folder.ts';
import { openClipStore } from '../../src/speech/clip-store.ts';
import { decodeSound } from '../../src/speech/decode.ts';
import { createFetchGuarded, type FetchGuardedOptions } from '../../src/speech/fetch-guarded.ts';
import type { Pcm } from '../../src/speech/pcm.ts';
import { createProviders, type ProvidersOptions } from '../../src/speech/providers.ts';
import { createSounds, type SoundMakers, type SpeechDefaults } from '../../src/speech/sounds.ts';
import type { StoredClip } from '../../src/speech/stored-clip.ts';
import { encodeWav } from '../../src/speech/wav.ts';
import { systemClock } from '../../src/system.ts';
import { DAY, rememberedLog, temporaryFolder } from './clip-house.ts';
import { tone } from './tones.ts';

/** An announcement as the reader gives it, when nothing but this is said. */
export const announcement = (said: Partial<Announcement>): Announcement => ({
  ...{ text: null, url: null, chime: null, before: null, volume: null, language: null, voice: null },
  ...{ speed: null, provider: null, priority: 'normal', devices: null },
  ...said,
});

/** A speech program that notes what it was asked. */
export interface CountingProgram {
  readonly path: string;
  /** One line for each time: its arguments, and the text behind a bar. */
  asked(): readonly string[];
}

const VOICE: Pcm = tone(22_050, 440, 0.3, 0.2);

/** A shell script in the place of espeak-ng that always says the same; `lines` come instead of its voice. */
export function countingProgram(lines = 'cat "$DIR/voice.wav"'): CountingProgram {
  const dir = temporaryFolder();
  const path = join(dir, 'program');
  writeFileSync(join(dir, 'voice.wav'), encodeWav(VOICE));
  writeFileSync(join(dir, 'asked'), '');
  const note = `TEXT=$(cat)\nprintf '%s|%s\\n' "$*" "$TEXT" >> "$DIR/asked"`;
  writeFileSync(path, `#!/bin/sh\nDIR='${dir}'\n${note}\n${lines}\n`);
  chmodSync(path, 0o755);
  return {
    path,
    asked: () => readFileSync(join(dir, 'asked'), 'utf8').split('\n').slice(0, -1),
  };
}

/** The providers as the settings have them when nothing is said. */
export const providersOptions = (different: Partial<ProvidersOptions>): ProvidersOptions => ({
  order: ['espeak'],
  espeak: { program: 'espeak-ng', wordsPerMinute: 160 },
  openai: { url: 'http://127.0.0.1:1', key: null, model: 'm', voice: 'alloy' },
  marytts: { url: 'http://127.0.0.1:1' },
  homeAssistant: { url: 'http://127.0.0.1:1', token: null, engine: 'tts.piper' },
  http: { url: null, authorization: null },
  ...different,
});

export const defaults: SpeechDefaults = {
  ...{ language: 'en', voice: null, speed: 1, maxCharacters: 500, before: null },
};

/** What a house of sounds may have otherwise. */
export interface SoundHouseOptions {
  readonly folder?: string;
  readonly defaults?: Partial<SpeechDefaults>;
  readonly providers?: Partial<ProvidersOptions>;
  readonly allowedHosts?: readonly string[] | null;
  readonly fetch?: Partial<FetchGuardedOptions>;
  /** Stands between the store and the disk. */
  readonly disk?: (disk: ClipFolder) => ClipFolder;
  readonly makers?: Partial<SoundMakers>;
}

/** Everything of which sounds are made, real, without the clip server. */
export async function openSoundHouse(different: SoundHouseOptions = {}) {
  const folder = different.folder ?? temporaryFolder();
  const [clips, chimes] = [join(folder, 'clips'), join(folder, 'chimes')];
  mkdirSync(chimes, { recursive: true });
  const log = rememberedLog();
  const program = countingProgram();
  const real = createClipFolder(clips);
  const counted = { read: 0, written: 0, put: 0 };
  const disk: ClipFolder = {
    ...real,
    read: (...what) => {
      counted.read += 1;
      return real.read(...what);
    },
    write: (...what) => {
      counted.written += 1;
      return real.write(...what);
    },
  };
  const store = await openClipStore({
    ...{ folder: clips, secret: 'a secret that nobody knows', maxBytes: 50_000_000, maxAgeMs: 30 * DAY },
    ...{ clock: systemClock, log, disk: different.disk?.(disk) ?? disk },
  });
  const put = store.put.bind(store);
  store.put = (...what) => {
    counted.put += 1;
    return put(...what);
  };
  const options = providersOptions({
    espeak: { program: program.path, wordsPerMinute: 160 },
    ...different.providers,
  });
  const chain = createChain({
    ...{ clock: systemClock, log, timeoutMs: 10_000, check: decodeSound },
    providers: createProviders(options),
  });
  const hosts = different.allowedHosts === undefined ? ['127.0.0.1'] : different.allowedHosts;
  const policy = urlPolicy(hosts);
  const allows = (url: URL) => policy(url.href).ok;
  const offered: StoredClip[] = [];
  const sounds = createSounds({
    ...{
      defaults: { ...defaults, ...different.defaults },
      providers: options.order,
      chain,
      store,
      policy,
      log,
    },
    chimes: openChimes({ folder: chimes, log }),
    fetchSound: createFetchGuarded({
      ...{ clock: systemClock, allows, isForbidden: isForbiddenAddress },
      isListed: (url) => hosts !== null && allows(url),
      ...different.fetch,
    }),
    offer: async (clip, provider) => {
      offered.push(clip);
      const sound = { lengthMs: clip.lengthMs, provider, isOurs: true, from: 'http://here' };
      return ok({ ...sound, urls: (devices) => Array.from({ length: devices }, () => clip.name) });
    },
    ...different.makers,
  });
  const close = async () => {
    chain.close();
    await store.close();
  };
  onTestFinished(close);

  const prepare = (said: Partial<Announcement>) => sounds.prepare(announcement(said));
  const house = {
    ...{ folder, clips, log, program, store, sounds, chain, offered, counted, close, prepare },
    /** The clip of an announcement that must have one. */
    async clip(said: Partial<Announcement>): Promise<StoredClip> {
      const before = offered.length;
      made(await prepare(said));
      const [clip, ...more] = offered.slice(before);
      if (clip === undefined || more.length > 0) throw new Error(`${more.length + 1} clips were offered`);
      return clip;
    },
    /** Until the disk has what was put. */
    async written(): Promise<void> {
      while (store.size().memoryBytes > 0) await new Promise((resolve) => setImmediate(resolve));
    },
    /** One of the user's own chimes. */
    putChime: (file: string, bytes: Uint8Array) => writeFileSync(join(chimes, file), bytes),
  };
  return house;
}

/** The bytes of a clip. */
export async function bytesOf(clip: StoredClip): Promise<Buffer> {
  const stream = await clip.read(0, clip.bytes - 1);
  if (stream === null) throw new Error('The clip is gone.');
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** The sound of a clip as numbers. */
export async function pcmOf(clip: StoredClip): Promise<Pcm> {
  const decoded = await decodeSound(await bytesOf(clip));
  if (!decoded.ok) throw new Error(decoded.error);
  return decoded.value;
}

/** What must have gone well. */
export function made<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** What must have failed. */
export function errorOf<E>(result: Result<unknown, E>): E {
  if (result.ok) throw new Error('It went well.');
  return result.error;
}
