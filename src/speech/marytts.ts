import { fetchSound } from './http-sound.ts';
import type { SpeechProvider } from './provider.ts';

/** `speech.marytts`. */
export interface MaryttsOptions {
  /** Without a slash at its end. */
  readonly url: string;
}

/**
 * Speech by the interface of MaryTTS, which Mimic 3 and Coqui speak, too. It knows no speed, so that is ignored.
 * Some servers know a language with its region only, some without only: one that answers with an error is asked for both.
 */
export function createMarytts({ url }: MaryttsOptions): SpeechProvider {
  return {
    name: 'marytts',
    signature: JSON.stringify([url]),
    async speak({ text, language, voice }, signal) {
      const ask = (locale: string) =>
        fetchSound(
          {
            url: `${url}/process?${queryOf(text, locale, voice)}`,
            hidden: [text],
            urlSetting: 'speech.marytts.url',
          },
          signal,
        );
      const [locale, other] = localesOf(language);
      const first = await ask(locale);
      if (first.ok || (first.error.status ?? 0) < 400 || other === null) return first;
      return ask(other);
    },
  };
}

function queryOf(text: string, locale: string, voice: string | null): string {
  const query = new URLSearchParams({
    INPUT_TEXT: text,
    INPUT_TYPE: 'TEXT',
    OUTPUT_TYPE: 'AUDIO',
    AUDIO: 'WAVE_FILE',
    LOCALE: locale,
  });
  if (voice !== null) query.set('VOICE', voice);
  return query.toString();
}

/** `de-DE` is `de_DE`, or else `de`. MaryTTS itself knows English with a region only. */
function localesOf(language: string): readonly [string, string | null] {
  const [bare = '', region] = language.toLowerCase().split(/[-_]/);
  if (region !== undefined) return [`${bare}_${region.toUpperCase()}`, bare];
  return bare === 'en' ? ['en_US', bare] : [bare, null];
}
