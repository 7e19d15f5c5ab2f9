import { fetchSound } from './http-sound.ts';
import type { SpeechProvider } from './provider.ts';

/** `speech.openai`. */
export interface OpenaiOptions {
  /** Without a slash at its end. */
  readonly url: string;
  readonly key: string | null;
  readonly model: string;
  /** When the utterance names none. */
  readonly voice: string;
}

/** Speech by OpenAI's interface, which servers at home speak, too. The language is not sent: the model hears it from the text. */
export function createOpenai({ url, key, model, voice }: OpenaiOptions): SpeechProvider {
  return {
    name: 'openai',
    signature: JSON.stringify([url, model, voice]),
    speak: (utterance, signal) =>
      fetchSound(
        {
          url: `${url}/audio/speech`,
          ...(key === null ? {} : { headers: { Authorization: `Bearer ${key}` } }),
          json: {
            model,
            input: utterance.text,
            voice: utterance.voice ?? voice,
            response_format: 'wav',
            speed: utterance.speed,
          },
          hidden: [utterance.text, key ?? ''],
          urlSetting: 'speech.openai.url',
          keySetting: 'speech.openai.key',
        },
        signal,
      ),
  };
}
