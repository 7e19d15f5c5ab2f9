import { createHash } from 'node:crypto';
import { err } from '../bridge/result.ts';
import { fetchSound } from './http-sound.ts';
import { broken, type SpeechProvider, type Utterance, unspeakable } from './provider.ts';

/** `speech.http`. */
export interface HttpOptions {
  /** An address with `{text}`, `{language}`, `{voice}` and `{speed}`; null when it is not set. */
  readonly url: string | null;
  /** The whole `Authorization` header. */
  readonly authorization: string | null;
}

const PLACE = /\{(text|language|voice|speed)\}/g;
const SHORTEST_KEY = 6;

/** Speech by any server that gives a WAV or MP3 file. Without `{text}` in the address, all is sent as JSON in a POST. */
export function createHttp({ url, authorization }: HttpOptions): SpeechProvider {
  return {
    name: 'http',
    // The address may carry a key in its query.
    signature: createHash('sha256')
      .update(url ?? '')
      .digest('hex'),
    async speak(utterance, signal) {
      if (url === null) return err(broken('speech.http.url is not set.'));
      const address = filled(url, utterance);
      if (address === null) {
        return err(
          unspeakable(
            'This text or voice cannot stand in the path of speech.http.url; put it into the query.',
          ),
        );
      }
      const { text, language, voice, speed } = utterance;
      return fetchSound(
        {
          url: address,
          ...(authorization === null ? {} : { headers: { Authorization: authorization } }),
          ...(url.includes('{text}') ? {} : { json: { text, language, voice, speed } }),
          hidden: [text, authorization ?? '', ...valuesIn(url)],
          urlSetting: 'speech.http.url',
          keySetting: 'speech.http.authorization',
        },
        signal,
      );
    },
  };
}

/** The template with its places filled; null when a value of dots alone would lead to another path. */
function filled(template: string, utterance: Utterance): string | null {
  const values = new Map([
    ['text', utterance.text],
    ['language', utterance.language],
    ['voice', utterance.voice ?? ''],
    ['speed', String(utterance.speed)],
  ]);
  const fill = (value: (name: string) => string) =>
    template.replace(PLACE, (_, name: string) => encodeURIComponent(value(name)));
  // Half characters cannot be encoded.
  const address = fill((name) => (values.get(name) ?? '').replace(/\p{Cs}/gu, ''));
  return depth(address) === depth(fill(() => 'x')) ? address : null;
}

const depth = (url: string): number => new URL(url).pathname.split('/').length;

/** What the address itself says in its query: one of these may be a key. Words such as `wav` are none. */
const valuesIn = (template: string): string[] =>
  [...new URL(template).searchParams.values()].filter(
    (value) => value.length >= SHORTEST_KEY && value.search(PLACE) < 0,
  );
