import type { CommandError } from '../bridge/command-error.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { FoundChime } from './chime-folder.ts';
import type { ClipStore } from './clip-store.ts';
import { composed } from './compose.ts';
import type { Pcm } from './pcm.ts';
import { speakerRate } from './resample.ts';
import { unheardChime } from './sound-errors.ts';
import type { StoredClip } from './stored-clip.ts';

/** A chime that goes ahead of an announcement, or is one. */
export interface Ahead extends FoundChime {
  /** Whether the message names it. One of the settings is left out when it cannot be heard. */
  readonly isAsked: boolean;
}

/** What an announcement is made of, beside the chime. */
export interface Part {
  /** The same for the same sound. */
  readonly key: string;
  /** Null when nobody spoke. */
  readonly provider: string | null;
  /** Asked only when it was not put together before; null for nothing but the chime. */
  sound(): Promise<Result<Pcm | null, CommandError>>;
}

/** What a composer needs. */
export interface ComposerOptions {
  readonly store: ClipStore;
  /** Told when the chime of the settings cannot be heard. */
  readonly leftOut: (problem: string) => void;
}

/** Puts chimes and sounds together, each pair once. */
export interface Composer {
  /** What was put together before; null when it was not. */
  find(chime: Ahead | null, part: Part['key']): Promise<StoredClip | null>;
  /** Puts it together, or finds it so; who wants the same meanwhile gets the same. */
  compose(chime: Ahead | null, part: Part): Promise<Result<StoredClip, CommandError>>;
}

/** To be raised when announcements are put together otherwise than before. */
const COMPOSED = 'announcement 1';

/** Of a chime alone. */
const RATE = 44_100;

const keyOf = (chime: Ahead | null, part: string): string =>
  JSON.stringify([COMPOSED, chime?.key ?? null, part]);

/** Creates a composer, which keeps what it makes in the store. */
export function createComposer({ store, leftOut }: ComposerOptions): Composer {
  const underWay = new Map<string, Promise<Result<StoredClip, CommandError>>>();

  async function make(chime: Ahead | null, part: Part): Promise<Result<StoredClip, CommandError>> {
    const speech = await part.sound();
    if (!speech.ok) return speech;
    const heard = await chime?.pcm(speakerRate(speech.value?.rate ?? RATE));
    if (chime?.isAsked === false && heard?.ok === false) {
      leftOut(heard.error);
      return make(null, { ...part, sound: async () => speech });
    }
    if (heard?.ok === false) return err(unheardChime(heard.error));
    const { wav, lengthMs } = await composed({ chime: heard?.value ?? null, speech: speech.value });
    const note = part.provider ?? (speech.value === null ? 'chime' : 'url');
    return ok(await store.put(keyOf(chime, part.key), { bytes: wav, type: 'wav', lengthMs, note }));
  }

  const find = (chime: Ahead | null, part: string) => store.find(keyOf(chime, part));

  return {
    find,
    compose(chime, part) {
      const key = keyOf(chime, part.key);
      const begin = async () => {
        const known = await find(chime, part.key);
        return known === null ? make(chime, part) : ok(known);
      };
      const making = underWay.get(key) ?? begin().finally(() => underWay.delete(key));
      underWay.set(key, making);
      return making;
    },
  };
}
