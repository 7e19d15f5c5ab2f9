import type { Result } from '../bridge/result.ts';

/** What is to be said, and how. The text is clean already (`cleanText`). */
export interface Utterance {
  readonly text: string;
  readonly language: string;
  /** What voices there are depends on the provider; null: its own choice. */
  readonly voice: string | null;
  /** 1 is as fast as usual, 2 twice as fast. */
  readonly speed: number;
}

/** Who can speak, by the name in `speech.providers`. */
export type ProviderName = 'espeak' | 'openai' | 'marytts' | 'home_assistant' | 'http';

/** Why a provider did not speak. */
export interface SpeechFailure {
  /** One sentence or two for people, without any secret and without the text. */
  readonly reason: string;
  /** `message`: this text, voice or language does not work there, while others may. `provider`: nothing works there now. */
  readonly fault: 'provider' | 'message';
}

/** One that turns text into a sound. */
export interface SpeechProvider {
  readonly name: ProviderName;
  /** Everything of the settings that shapes the sound: part of the cache's key. Never a secret. */
  readonly signature: string;
  /** The bytes of a WAV or MP3 file. Ends when the signal aborts. */
  speak(utterance: Utterance, signal: AbortSignal): Promise<Result<Uint8Array, SpeechFailure>>;
}

/** The largest sound that is taken from a provider, in bytes: some seven minutes of 22,050 Hz. */
export const MAX_SOUND_BYTES = 20 * 1024 * 1024;

/** A failure that concerns the provider, whatever was to be said. */
export const broken = (reason: string): SpeechFailure => ({ reason, fault: 'provider' });

/** A failure that concerns this text, voice or language. */
export const unspeakable = (reason: string): SpeechFailure => ({ reason, fault: 'message' });

/** What a provider says that was told to stop; nobody waits for it any more. */
export const STOPPED = broken('It was stopped before it was done.');
