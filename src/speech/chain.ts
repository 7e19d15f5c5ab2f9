import { createHash } from 'node:crypto';
import { quoted } from '../bridge/quoted.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type AttemptsOptions, createAttempts } from './attempts.ts';
import type { ProviderName, SpeechProvider, Utterance } from './provider.ts';

/** What a chain is made of. */
export interface ChainOptions<T> extends AttemptsOptions<T> {
  /** In the order in which they are tried. */
  readonly providers: readonly SpeechProvider[];
}

/** A provider that was asked in vain, and why. */
export interface Failed {
  readonly provider: ProviderName;
  readonly reason: string;
}

/** What was said by whom: a new sound, or what the cache knew under the key. */
export type Spoken<T, C> = {
  readonly provider: ProviderName;
  /** The cache's key: the same for the same words by the same provider with the same settings. */
  readonly key: string;
  /** Those that were asked before in vain. */
  readonly failed: readonly Failed[];
} & ({ readonly from: 'cache'; readonly clip: C } | { readonly from: 'provider'; readonly sound: T });

/** Why nothing was said. */
export interface ChainError {
  /** `unspeakable`: this text, voice or language is what all of them failed at. */
  readonly kind: 'no_provider' | 'unknown_provider' | 'unspeakable' | 'failed';
  /** For people: what was seen, and what to do about it. */
  readonly message: string;
  readonly failed: readonly Failed[];
}

/** All providers as one. */
export interface Chain<T> {
  /** Says it with the first provider that can, or, when `only` names one, with that one alone. The cache is asked first. */
  speak<C>(
    utterance: Utterance,
    only: string | null,
    cached: (key: string) => Promise<C | null>,
  ): Promise<Result<Spoken<T, C>, ChainError>>;
  /** Stops whatever is being said; nothing is said any more. */
  close(): void;
}

/**
 * Tries the providers in their order. One that failed is asked after all others for half a minute. Each attempt has its
 * own time, ends with a sound that was looked at, and is shared by all who want the same to be said meanwhile.
 */
export function createChain<T>(options: ChainOptions<T>): Chain<T> {
  const { providers } = options;
  const attempts = createAttempts(options);
  return {
    async speak<C>(
      utterance: Utterance,
      only: string | null,
      cached: (key: string) => Promise<C | null>,
    ): Promise<Result<Spoken<T, C>, ChainError>> {
      const asked = providers.filter(({ name }) => only === null || name === only);
      if (asked.length === 0) return err(nobody(providers, only));
      const failed: Failed[] = [];
      let isUnspeakable = true;
      const attempt = async (provider: SpeechProvider, key: string): Promise<Spoken<T, C> | null> => {
        const made = await attempts.make(provider, utterance, key);
        if (made.ok) return { provider: provider.name, key, failed, from: 'provider', sound: made.value };
        failed.push({ provider: provider.name, reason: made.error.reason });
        isUnspeakable &&= made.error.fault === 'message';
        return null;
      };
      const later: (() => Promise<Spoken<T, C> | null>)[] = [];
      for (const provider of asked) {
        const key = speechKey(provider, utterance);
        const clip = await cached(key);
        if (clip !== null) return ok({ provider: provider.name, key, failed, from: 'cache', clip });
        if (attempts.isResting(provider)) {
          later.push(() => attempt(provider, key));
          continue;
        }
        const spoken = await attempt(provider, key);
        if (spoken !== null) return ok(spoken);
      }
      for (const again of later) {
        const spoken = await again();
        if (spoken !== null) return ok(spoken);
      }
      return err(allFailed(failed, isUnspeakable));
    },
    close: () => attempts.close(),
  };
}

/** The cache's key of what a provider says: all that shapes the sound. */
export function speechKey({ name, signature }: SpeechProvider, utterance: Utterance): string {
  const { text, language, voice, speed } = utterance;
  const all = JSON.stringify([name, signature, text, language, voice, speed]);
  return createHash('sha256').update(all).digest('hex');
}

function nobody(providers: readonly SpeechProvider[], only: string | null): ChainError {
  const names = providers.map(({ name }) => name).join(', ');
  if (names === '') {
    const message =
      'Nobody can speak: speech.providers is empty. Install espeak-ng (apt-get install espeak-ng) and name espeak there, or set up another provider.';
    return { kind: 'no_provider', message, failed: [] };
  }
  const message = `There is no speech provider ${quoted(only ?? '')} here; speech.providers names ${names}.`;
  return { kind: 'unknown_provider', message, failed: [] };
}

function allFailed(failed: readonly Failed[], isUnspeakable: boolean): ChainError {
  const words = failed.map(({ provider, reason }) => `${provider}: ${reason}`).join(' ');
  const message = `No speech provider could say it. ${words}`;
  return { kind: isUnspeakable ? 'unspeakable' : 'failed', message, failed };
}
