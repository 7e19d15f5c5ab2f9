import { createHash } from 'node:crypto';
import type { Announcement } from '../bridge/announcement.ts';
import { type CommandError, commandError } from '../bridge/command-error.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { ReadySound, Sounds } from '../bridge/sounds.ts';
import type { UrlPolicy } from '../bridge/url-policy.ts';
import type { Chain } from './chain.ts';
import type { Chimes, FoundChime } from './chime-folder.ts';
import type { ClipStore } from './clip-store.ts';
import { composed } from './compose.ts';
import { decodeSound, notPlayable } from './decode.ts';
import type { FetchGuarded } from './fetch-guarded.ts';
import type { Pcm } from './pcm.ts';
import type { Utterance } from './provider.ts';
import { soundFormat } from './sound-format.ts';
import { soundLengthMs } from './sound-length.ts';
import type { StoredClip } from './stored-clip.ts';
import { cleanText } from './text.ts';
import { encodeWav } from './wav.ts';

/** How texts are spoken unless the message says otherwise. */
export interface SpeechDefaults {
  readonly language: string;
  readonly voice: string | null;
  readonly speed: number;
  readonly maxCharacters: number;
  /** The chime ahead of every announcement; null for none. */
  readonly before: string | null;
}

/** What sounds are made with. */
export interface SoundMakers {
  readonly defaults: SpeechDefaults;
  readonly chain: Chain<Pcm>;
  /** The providers that there are. */
  readonly providers: readonly string[];
  readonly chimes: Chimes;
  readonly store: ClipStore;
  readonly fetchSound: FetchGuarded;
  readonly policy: UrlPolicy;
  /** Has players fetch a clip from us; an error when no address is known under which they could. */
  readonly offer: (clip: StoredClip, note: string | null) => Promise<Result<ReadySound, CommandError>>;
}

/** To be raised when announcements are put together otherwise than before. */
const COMPOSED = 'announcement 1';

const RATE = 44_100;

const unfit = (message: string, advice?: string) => err(commandError('invalid_payload', message, advice));

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A sound that players fetch from where it is; we have not seen it. */
const elsewhere = (url: string): ReadySound => ({
  ...{ lengthMs: null, provider: null, isOurs: false },
  from: new URL(url).origin,
  urls: (devices) => Array.from({ length: devices }, () => url),
});

async function bytesOf(clip: StoredClip): Promise<Uint8Array | null> {
  const stream = await clip.read(0, clip.bytes - 1);
  if (stream === null) return null;
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Makes the sounds of announcements: spoken, chimed, or fetched from elsewhere; each once, and kept. */
class SoundMaker implements Sounds {
  readonly #makers: SoundMakers;

  constructor(makers: SoundMakers) {
    this.#makers = makers;
  }

  objection({ text, url, provider }: Announcement): CommandError | null {
    const { defaults, policy, providers } = this.#makers;
    if (url !== null) {
      const allowed = policy(url);
      return allowed.ok ? null : allowed.error;
    }
    if (text === null) return null;
    const clean = cleanText(text, defaults.maxCharacters);
    if (!clean.ok) return commandError('invalid_payload', clean.error);
    if (providers.length === 0) {
      const advice = 'Install espeak-ng (apt-get install espeak-ng) and name espeak in speech.providers.';
      return commandError('not_capable', 'Nobody can speak: speech.providers is empty.', advice);
    }
    if (provider === null || providers.includes(provider)) return null;
    const advice = `These are in speech.providers: ${providers.join(', ')}.`;
    return commandError('invalid_payload', 'There is no such speech provider.', advice);
  }

  async prepare(announcement: Announcement): Promise<Result<ReadySound, CommandError>> {
    try {
      return await this.#sound(announcement);
    } catch (error) {
      // A disk or a decoder in trouble costs this announcement, and not the house.
      const what = error instanceof Error ? error.message : 'unknown error';
      return err(commandError('internal', `The sound could not be made: ${what}.`));
    }
  }

  async #sound(announcement: Announcement): Promise<Result<ReadySound, CommandError>> {
    const { url, text, chime } = announcement;
    const before = announcement.before ?? this.#makers.defaults.before ?? '';
    const name = chime ?? before;
    const found = name === '' ? null : await this.#makers.chimes.find(name);
    if (found?.ok === false) return unfit(found.error);
    const ahead = found?.value ?? null;
    if (url !== null) return this.#fetched(url, ahead);
    return text === null
      ? this.#composed(ahead, null, 'chime', null)
      : this.#spoken(announcement, text, ahead);
  }

  async #spoken(
    { language, voice, speed, provider }: Announcement,
    text: string,
    chime: FoundChime | null,
  ): Promise<Result<ReadySound, CommandError>> {
    const { chain, defaults, store, offer } = this.#makers;
    const clean = cleanText(text, defaults.maxCharacters);
    if (!clean.ok) return unfit(clean.error);
    const utterance: Utterance = {
      text: clean.value,
      language: language ?? defaults.language,
      voice: voice ?? defaults.voice,
      speed: speed ?? defaults.speed,
    };
    const kept = async (key: string) => {
      const whole = await store.find(this.#key(chime, key));
      if (whole !== null) return { whole, speech: null };
      const speech = await store.find(`speech ${key}`);
      return speech === null ? null : { whole: null, speech };
    };
    const spoken = await chain.speak(utterance, provider, kept);
    if (!spoken.ok) {
      const code = spoken.error.kind === 'unknown_provider' ? 'invalid_payload' : 'internal';
      const advice = 'See the log, and "sonos-mqtt-bridge doctor".';
      return err(commandError(code, spoken.error.message, advice));
    }
    const { key, provider: note } = spoken.value;
    if (spoken.value.from === 'provider') {
      const speech = spoken.value.sound;
      const lengthMs = (speech.samples.length / speech.rate) * 1000;
      await store.put(`speech ${key}`, { bytes: encodeWav(speech), type: 'wav', lengthMs, note });
      return this.#composed(chime, speech, key, note);
    }
    const { whole, speech } = spoken.value.clip;
    if (whole !== null) return offer(whole, note);
    const bytes = await bytesOf(speech);
    const sound = bytes === null ? null : await decodeSound(bytes);
    // Thrown away in this very moment; next time it is spoken anew.
    if (sound === null || !sound.ok)
      return err(commandError('internal', 'The spoken text was thrown away meanwhile.', 'Send it again.'));
    return this.#composed(chime, sound.value, key, note);
  }

  async #fetched(url: string, chime: FoundChime | null): Promise<Result<ReadySound, CommandError>> {
    const { fetchSound, store, offer } = this.#makers;
    const fetched = await fetchSound(url);
    if (fetched.kind === 'unreachable') return ok(elsewhere(url));
    if (fetched.kind === 'refused') return unfit(`The sound cannot be fetched: ${fetched.reason}`);
    const { bytes } = fetched;
    const format = soundFormat(bytes);
    const problem = notPlayable(format);
    if (problem !== null) return unfit(`The URL gives no sound for speakers. ${problem}`);
    if (chime !== null) {
      const sound = await decodeSound(bytes);
      if (!sound.ok) return unfit(`The URL gives no sound for speakers. ${sound.error}`);
      return this.#composed(chime, sound.value, sha256(bytes), null);
    }
    const key = `url ${sha256(bytes)}`;
    const type = format === 'wav' ? 'wav' : 'mp3';
    const clip = await store.find(key);
    return offer(
      clip ?? (await store.put(key, { bytes, type, lengthMs: soundLengthMs(bytes), note: 'url' })),
      null,
    );
  }

  #key(chime: FoundChime | null, speech: string): string {
    return JSON.stringify([COMPOSED, chime?.key ?? null, speech]);
  }

  async #composed(
    chime: FoundChime | null,
    speech: Pcm | null,
    speechKey: string,
    note: string | null,
  ): Promise<Result<ReadySound, CommandError>> {
    const { store, offer } = this.#makers;
    const key = this.#key(chime, speechKey);
    const known = await store.find(key);
    if (known !== null) return offer(known, note);
    const sound = chime === null ? null : await chime.pcm(speech?.rate ?? RATE);
    if (sound?.ok === false) return unfit(sound.error);
    const { wav, lengthMs } = await composed({ chime: sound?.value ?? null, speech });
    return offer(await store.put(key, { bytes: wav, type: 'wav', lengthMs, note: note ?? 'chime' }), note);
  }
}

/** Makes it. */
export const createSounds = (makers: SoundMakers): Sounds => new SoundMaker(makers);
