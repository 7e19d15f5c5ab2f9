import { createHash } from 'node:crypto';
import type { Announcement } from '../bridge/announcement.ts';
import type { CommandError } from '../bridge/command-error.ts';
import type { Log } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { ReadySound, Sounds } from '../bridge/sounds.ts';
import type { UrlPolicy } from '../bridge/url-policy.ts';
import type { Chain } from './chain.ts';
import type { Chimes } from './chime-folder.ts';
import type { ClipStore } from './clip-store.ts';
import { type Ahead, type Composer, createComposer, type Part } from './composer.ts';
import { decodeSound, notPlayable } from './decode.ts';
import type { FetchGuarded } from './fetch-guarded.ts';
import type { Pcm } from './pcm.ts';
import type { Utterance } from './provider.ts';
import * as errors from './sound-errors.ts';
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
  readonly offer: (clip: StoredClip, provider: string | null) => Promise<Result<ReadySound, CommandError>>;
  readonly log: Pick<Log, 'debug' | 'warn' | 'error'>;
}

const CHIME_ALONE: Part = { key: 'chime', provider: null, sound: async () => ok(null) };

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A sound that players fetch from where it is; we have not seen it. */
const elsewhere = (url: string): ReadySound => ({
  ...{ lengthMs: null, provider: null, isOurs: false },
  from: new URL(url).origin,
  urls: (devices) => Array.from({ length: devices }, () => url),
});

/** What was kept of a spoken text; an error when it was thrown away in this moment, or the disk has changed it. */
async function keptSpeech(clip: StoredClip): Promise<Result<Pcm, CommandError>> {
  const pieces: Uint8Array[] = [];
  try {
    for await (const piece of (await clip.read(0, clip.bytes - 1)) ?? []) pieces.push(piece);
  } catch {
    // The disk has lost it.
    return err(errors.GONE);
  }
  const sound = await decodeSound(Buffer.concat(pieces));
  return sound.ok ? sound : err(errors.GONE);
}

/** Makes the sounds of announcements: spoken, chimed, or fetched from elsewhere; each once, and kept. */
class SoundMaker implements Sounds {
  readonly #makers: SoundMakers;
  readonly #composer: Composer;
  /** Why the chime of the settings was left out the last time. */
  #lacking = '';

  constructor(makers: SoundMakers) {
    this.#makers = makers;
    const leftOut = (problem: string) => this.#goWithout(problem);
    this.#composer = createComposer({ store: makers.store, leftOut });
  }

  objection({ text, url, provider }: Announcement): CommandError | null {
    const { defaults, policy, providers } = this.#makers;
    if (url !== null) {
      const allowed = policy(url);
      return allowed.ok ? null : allowed.error;
    }
    if (text === null) return null;
    const clean = cleanText(text, defaults.maxCharacters);
    if (!clean.ok) return errors.unfit(clean.error);
    if (providers.length === 0) return errors.NOBODY;
    return provider === null || providers.includes(provider)
      ? null
      : errors.unknownProvider(provider, providers);
  }

  async prepare(announcement: Announcement): Promise<Result<ReadySound, CommandError>> {
    try {
      return await this.#sound(announcement);
    } catch (bug) {
      // A decoder that stumbles costs this announcement, and not the house.
      // Its message may hold the text.
      const error = bug instanceof Error ? bug.name : 'unknown';
      const words = 'A sound could not be made; this is a mistake in the bridge, please report it.';
      this.#makers.log.error(words, { error });
      return err(errors.mistake(error));
    }
  }

  async #sound(announcement: Announcement): Promise<Result<ReadySound, CommandError>> {
    const { url, text } = announcement;
    const chime = await this.#chime(announcement);
    if (!chime.ok) return chime;
    if (url !== null) return this.#fetched(url, chime.value);
    return text === null
      ? this.#composed(chime.value, CHIME_ALONE)
      : this.#spoken(announcement, text, chime.value);
  }

  /** The chime that the message or the settings name; null for none. */
  async #chime({ chime, before }: Announcement): Promise<Result<Ahead | null, CommandError>> {
    const asked = chime ?? before;
    const name = asked ?? this.#makers.defaults.before ?? '';
    if (name === '') return ok(null);
    const found = await this.#makers.chimes.find(name);
    if (found.ok) return ok({ ...found.value, isAsked: asked !== null });
    if (asked !== null) return err(errors.unfit(found.error));
    this.#goWithout(found.error);
    return ok(null);
  }

  /** What is to be said is worth more than the chime of the settings. */
  #goWithout(problem: string): void {
    const { log } = this.#makers;
    const words = 'The chime of announcements.before cannot be heard; announcements go on without it.';
    log[this.#lacking === problem ? 'debug' : 'warn'](words, { problem });
    this.#lacking = problem;
  }

  /** `isAnew`: without a look at what was said before. */
  async #spoken(
    announcement: Announcement,
    text: string,
    chime: Ahead | null,
    isAnew = false,
  ): Promise<Result<ReadySound, CommandError>> {
    const { chain, defaults, store, offer } = this.#makers;
    const { language, voice, speed, provider: only } = announcement;
    const clean = cleanText(text, defaults.maxCharacters);
    if (!clean.ok) return err(errors.unfit(clean.error));
    const utterance: Utterance = {
      text: clean.value,
      language: language ?? defaults.language,
      voice: voice ?? defaults.voice,
      speed: speed ?? defaults.speed,
    };
    const kept = async (key: string) => {
      if (isAnew) return null;
      const whole = await this.#composer.find(chime, key);
      if (whole !== null) return { isWhole: true, clip: whole };
      const speech = await store.find(`speech ${key}`);
      return speech === null ? null : { isWhole: false, clip: speech };
    };
    const spoken = await chain.speak(utterance, only, kept);
    if (!spoken.ok) return err(errors.unspoken(spoken.error));
    const { key, provider } = spoken.value;
    if (spoken.value.from === 'provider') {
      const { sound: pcm } = spoken.value;
      const sound = async () => {
        const lengthMs = (pcm.samples.length / pcm.rate) * 1000;
        await store.put(`speech ${key}`, { bytes: encodeWav(pcm), type: 'wav', lengthMs, note: provider });
        return ok(pcm);
      };
      return this.#composed(chime, { key, provider, sound });
    }
    const { clip, isWhole } = spoken.value.clip;
    if (isWhole) return offer(clip, provider);
    const composed = await this.#composed(chime, { key, provider, sound: () => keptSpeech(clip) });
    const isGone = !composed.ok && composed.error === errors.GONE;
    return isGone ? this.#spoken(announcement, text, chime, true) : composed;
  }

  async #fetched(url: string, chime: Ahead | null): Promise<Result<ReadySound, CommandError>> {
    const { fetchSound, store, offer } = this.#makers;
    const fetched = await fetchSound(url);
    // No chime can be put ahead of what we do not have; it is heard without.
    if (fetched.kind === 'unreachable') return ok(elsewhere(url));
    if (fetched.kind === 'forbidden') return err(errors.forbiddenUrl(fetched.reason));
    if (fetched.kind === 'refused') return err(errors.unfetchedUrl(fetched.reason));
    const { bytes } = fetched;
    const format = soundFormat(bytes);
    const problem = notPlayable(format);
    if (problem !== null) return err(errors.unplayableUrl(problem));
    const hash = sha256(bytes);
    if (chime !== null) {
      const sound = async () => {
        const decoded = await decodeSound(bytes);
        return decoded.ok ? decoded : err(errors.unplayableUrl(decoded.error));
      };
      const composed = await this.#composed(chime, { key: hash, provider: null, sound });
      if (composed.ok || chime.isAsked) return composed;
      this.#goWithout(composed.error.message);
    }
    const key = `url ${hash}`;
    const clip = await store.find(key);
    if (clip !== null) return offer(clip, null);
    const type = format === 'wav' ? 'wav' : 'mp3';
    return offer(await store.put(key, { bytes, type, lengthMs: soundLengthMs(bytes), note: 'url' }), null);
  }

  async #composed(chime: Ahead | null, part: Part): Promise<Result<ReadySound, CommandError>> {
    const made = await this.#composer.compose(chime, part);
    return made.ok ? this.#makers.offer(made.value, part.provider) : made;
  }
}

/** Makes it. */
export const createSounds = (makers: SoundMakers): Sounds => new SoundMaker(makers);
