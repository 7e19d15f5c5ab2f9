import { z } from 'zod';
import { err, type Result } from '../bridge/result.ts';
import { type FetchFailure, fetchSound } from './http-sound.ts';
import { broken, type SpeechProvider, type Utterance } from './provider.ts';

/** `speech.home_assistant`. */
export interface HomeAssistantOptions {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | null;
  /** The entity that speaks, such as `tts.piper`. */
  readonly engine: string;
}

const answerSchema = z.object({ path: z.string().regex(/^\/api\/tts_proxy\/(?!\.{1,2}$)[\w.-]+$/) });

/** The format that needs the least work; older versions and some engines do not know these options. */
const FORMAT = {
  preferred_format: 'wav',
  preferred_sample_rate: 22_050,
  preferred_sample_channels: 1,
  preferred_sample_bytes: 2,
};

/**
 * Speech by any engine that Home Assistant has. There is no speed that all engines know, so it is ignored. An engine that
 * refuses the options is asked once more without them, in its own voice and format.
 */
export function createHomeAssistant({ url, token, engine }: HomeAssistantOptions): SpeechProvider {
  return {
    name: 'home_assistant',
    signature: JSON.stringify([url, engine]),
    async speak(utterance, signal) {
      if (token === null) {
        return err(
          broken(
            'speech.home_assistant.token is not set: create a long-lived access token on your profile page in Home Assistant.',
          ),
        );
      }
      const voice = utterance.voice === null ? {} : { voice: utterance.voice };
      const server = { url, token, engine };
      const asked = await ask(server, utterance, { ...FORMAT, ...voice }, signal);
      if (asked.ok || !isRefusal(asked.error)) return asked;
      return ask(server, utterance, null, signal);
    },
  };
}

const isRefusal = ({ status }: FetchFailure): boolean => status === 400 || status === 500;

/** Has the sound made, and fetches it: below the address that is ours, whatever host the answer names. */
async function ask(
  { url, token, engine }: HomeAssistantOptions & { readonly token: string },
  { text, language }: Utterance,
  options: object | null,
  signal: AbortSignal,
): Promise<Result<Uint8Array, FetchFailure>> {
  const settings = {
    hidden: [text, token],
    urlSetting: 'speech.home_assistant.url',
    keySetting: 'speech.home_assistant.token',
  };
  const made = await fetchSound(
    {
      ...settings,
      url: `${url}/api/tts_get_url`,
      headers: { Authorization: `Bearer ${token}` },
      json: {
        engine_id: engine,
        message: text,
        language,
        cache: true,
        ...(options === null ? {} : { options }),
      },
      expects: 'json',
    },
    signal,
  );
  if (!made.ok) return made;
  const path = pathIn(made.value);
  if (path === null) {
    const reason = 'Home Assistant answered without the path of a sound; look at speech.home_assistant.url.';
    return err({ ...broken(reason), status: null });
  }
  return fetchSound({ ...settings, url: `${url}${path}` }, signal);
}

function pathIn(answer: Uint8Array): string | null {
  try {
    const seen = answerSchema.safeParse(JSON.parse(Buffer.from(answer).toString('utf8')));
    return seen.success ? seen.data.path : null;
  } catch {
    return null;
  }
}
