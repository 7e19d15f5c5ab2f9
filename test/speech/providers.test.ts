import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { createHomeAssistant } from '../../src/speech/home-assistant.ts';
import { createHttp } from '../../src/speech/http-provider.ts';
import { createMarytts } from '../../src/speech/marytts.ts';
import { createOpenai } from '../../src/speech/openai.ts';
import type { Utterance } from '../../src/speech/provider.ts';
import { createProviders, type ProvidersOptions } from '../../src/speech/providers.ts';
import {
  failureOf,
  giveSound,
  patient,
  type Seen,
  SOUND,
  soundOf,
  startSoundServer,
  stopSoundServers,
} from './sound-server.ts';

afterEach(stopSoundServers);

const KEY = 'geheim-0123456789';
const HOSTILE = `Tür & <b>"Tor"</b>? 100% #1 + {voice} %20 😀`;

const utterance = (more: Partial<Utterance> = {}): Utterance => ({
  ...{ text: HOSTILE, language: 'de-DE', voice: null, speed: 1.5 },
  ...more,
});

const json = (response: ServerResponse, status: number, body: object): void => {
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

/** The only request that a server has seen. */
function onlyOf(seen: readonly Seen[]): Seen {
  const [only] = seen;
  if (only === undefined || seen.length !== 1) throw new Error(`expected one request, saw ${seen.length}`);
  return only;
}

describe('speech by the interface of OpenAI', () => {
  const options = { key: KEY, model: 'tts-1', voice: 'alloy' };

  it('is asked for with model, voice, speed and key', async () => {
    const server = await startSoundServer(giveSound);
    const provider = createOpenai({ ...options, url: `${server.url}/v1` });
    expect(soundOf(await provider.speak(utterance(), patient()))).toEqual(SOUND);
    const { method, url, headers, body } = onlyOf(server.seen);
    expect([method, url]).toEqual(['POST', '/v1/audio/speech']);
    expect(headers).toMatchObject({ authorization: `Bearer ${KEY}`, 'content-type': 'application/json' });
    expect(JSON.parse(body)).toEqual({
      ...{ model: 'tts-1', input: HOSTILE, voice: 'alloy', response_format: 'wav', speed: 1.5 },
    });
  });

  it("is asked for without a key when there is none, in the message's voice", async () => {
    const server = await startSoundServer(giveSound);
    const provider = createOpenai({ ...options, key: null, url: server.url });
    soundOf(await provider.speak(utterance({ voice: 'nova' }), patient()));
    const { headers, body } = onlyOf(server.seen);
    expect(headers).not.toHaveProperty('authorization');
    expect(JSON.parse(body)).toMatchObject({ voice: 'nova' });
  });

  it('that is refused names the setting and not the key', async () => {
    const server = await startSoundServer((response, { headers }) =>
      json(response, 401, { error: { message: `Incorrect key: ${headers.authorization?.slice(7, 17)}***` } }),
    );
    const provider = createOpenai({ ...options, url: server.url });
    expect(failureOf(await provider.speak(utterance(), patient())).reason).toBe(
      `${server.host} answered HTTP 401. Look at speech.openai.key.`,
    );
  });

  it('has a signature that tells settings apart and keeps the key', () => {
    const of = (more: object) => createOpenai({ ...options, url: 'http://x', ...more }).signature;
    const all = [{}, { url: 'http://y' }, { model: 'm' }, { voice: 'v' }].map(of);
    expect(new Set(all).size).toBe(4);
    expect(of({ key: null })).toBe(of({}));
    expect(all.join()).not.toContain(KEY);
  });
});

describe('speech by the interface of MaryTTS', () => {
  const queryOf = ({ url }: Seen) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    return new Map([['pathname', pathname], ...searchParams]);
  };

  it('is asked for by an address with the text, the locale and the voice', async () => {
    const server = await startSoundServer(giveSound);
    const provider = createMarytts({ url: server.url });
    expect(soundOf(await provider.speak(utterance({ voice: 'dfki pavoque' }), patient()))).toEqual(SOUND);
    const seen = onlyOf(server.seen);
    expect(seen.method).toBe('GET');
    expect(Object.fromEntries(queryOf(seen))).toEqual({
      ...{ pathname: '/process', INPUT_TEXT: HOSTILE, INPUT_TYPE: 'TEXT', OUTPUT_TYPE: 'AUDIO' },
      ...{ AUDIO: 'WAVE_FILE', LOCALE: 'de_DE', VOICE: 'dfki pavoque' },
    });
  });

  it.each([
    ['en', ['en_US', 'en']],
    ['en-GB', ['en_GB', 'en']],
    ['de', ['de']],
    ['pt_br', ['pt_BR', 'pt']],
  ])('in %s is asked for as %j, until the server knows it', async (language, locales) => {
    const server = await startSoundServer((response) => {
      response.writeHead(400, { 'Content-Type': 'text/html' }).end('<h1>Bad request</h1>not supported');
    });
    const provider = createMarytts({ url: server.url });
    const failure = failureOf(await provider.speak(utterance({ language }), patient()));
    expect(failure.reason).toBe(`${server.host} answered HTTP 400: "Bad request not supported".`);
    expect(server.seen.map((seen) => queryOf(seen).get('LOCALE'))).toEqual(locales);
    expect(server.seen.map((seen) => queryOf(seen).get('VOICE'))).toEqual(locales.map(() => undefined));
  });

  it('is not asked for again when the server did not answer', async () => {
    const server = await startSoundServer((response) => response.destroy());
    failureOf(await createMarytts({ url: server.url }).speak(utterance(), patient()));
    expect(server.seen).toHaveLength(1);
  });
});

describe('speech by Home Assistant', () => {
  const PATH = '/api/tts_proxy/dae2cdcb27a1_de-de_47f5ba5b18_tts.piper.wav';
  const options = { token: KEY, engine: 'tts.piper' };
  const FORMAT = {
    ...{ preferred_format: 'wav', preferred_sample_rate: 22050 },
    ...{ preferred_sample_channels: 1, preferred_sample_bytes: 2 },
  };
  const asked = { engine_id: 'tts.piper', message: HOSTILE, language: 'de-DE', cache: true };

  /** A Home Assistant whose first steps and sounds are answered so. */
  const start = (made: (response: ServerResponse, seen: Seen) => void, sound = giveSound) =>
    startSoundServer((response, seen) =>
      seen.url === '/api/tts_get_url' ? made(response, seen) : sound(response),
    );

  it('is made with the token, then fetched without it from our own address, not from the one it names', async () => {
    const elsewhere = await startSoundServer(giveSound);
    const server = await start((response) =>
      json(response, 200, { url: `${elsewhere.url}${PATH}`, path: PATH }),
    );
    const provider = createHomeAssistant({ ...options, url: server.url });
    expect(soundOf(await provider.speak(utterance({ voice: 'thorsten' }), patient()))).toEqual(SOUND);
    const [made, fetched] = server.seen;
    expect(made).toMatchObject({ method: 'POST', headers: { authorization: `Bearer ${KEY}` } });
    expect(JSON.parse(made?.body ?? '')).toEqual({ ...asked, options: { ...FORMAT, voice: 'thorsten' } });
    expect(fetched).toMatchObject({ method: 'GET', url: PATH, body: '' });
    expect(fetched?.headers).not.toHaveProperty('authorization');
    expect(elsewhere.seen).toEqual([]);
  });

  it.each([400, 500])('is asked for once more without options after %d', async (status) => {
    const server = await start((response, { body }) =>
      'options' in JSON.parse(body)
        ? json(response, status, { error: "Invalid options found: ['preferred_format']" })
        : json(response, 200, { path: PATH }),
    );
    const provider = createHomeAssistant({ ...options, url: server.url });
    expect(soundOf(await provider.speak(utterance(), patient()))).toEqual(SOUND);
    expect(server.seen.map(({ url }) => url)).toEqual(['/api/tts_get_url', '/api/tts_get_url', PATH]);
    expect(JSON.parse(server.seen[0]?.body ?? '')).toEqual({ ...asked, options: FORMAT });
    expect(JSON.parse(server.seen[1]?.body ?? '')).toEqual(asked);
  });

  it('is asked for once more also when only making the sound failed', async () => {
    let fetches = 0;
    const server = await start(
      (response) => json(response, 200, { path: PATH }),
      (response) => {
        fetches += 1;
        if (fetches === 1) response.writeHead(500).end();
        else giveSound(response);
      },
    );
    const provider = createHomeAssistant({ ...options, url: server.url });
    expect(soundOf(await provider.speak(utterance(), patient()))).toEqual(SOUND);
    expect(JSON.parse(server.seen[2]?.body ?? '')).toEqual(asked);
  });

  it('is asked for twice and not for ever, and tells why it was refused', async () => {
    const server = await start((response) => json(response, 400, { error: "Language 'xx' not supported" }));
    const provider = createHomeAssistant({ ...options, url: server.url });
    expect(failureOf(await provider.speak(utterance(), patient()))).toMatchObject({
      reason: `${server.host} answered HTTP 400: "Language 'xx' not supported".`,
      fault: 'message',
    });
    expect(server.seen).toHaveLength(2);
  });

  it('is not asked for again with a wrong token, which is not told', async () => {
    const server = await start((response, { headers }) =>
      response
        .writeHead(401, { 'Content-Type': 'text/plain' })
        .end(`401: Unauthorized ${headers.authorization}`),
    );
    const provider = createHomeAssistant({ ...options, url: server.url });
    expect(failureOf(await provider.speak(utterance(), patient())).reason).toBe(
      `${server.host} answered HTTP 401. Look at speech.home_assistant.token.`,
    );
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    ['http://evil.example/api/tts_proxy/x.wav'],
    ['//evil.example/api/tts_proxy/x.wav'],
    ['/api/states'],
    ['/api/tts_proxy/../states'],
    ['/api/tts_proxy/..'],
    ['/api/tts_proxy/%2e%2e/states'],
    ['/api/tts_proxy/x.wav?next=/api/states'],
    ['/api/tts_proxy/a/b.wav'],
    ['/api/tts_proxy/'],
    ['@evil.example/api/tts_proxy/x.wav'],
    [4711],
    [undefined],
  ])('is not fetched from %j', async (path) => {
    const server = await start((response) => json(response, 200, { path }));
    const provider = createHomeAssistant({ ...options, url: server.url });
    expect(failureOf(await provider.speak(utterance(), patient())).reason).toBe(
      'Home Assistant answered without the path of a sound; look at speech.home_assistant.url.',
    );
    expect(server.seen).toHaveLength(1);
  });

  it('needs an answer that is JSON, and a token in the settings', async () => {
    const server = await start((response) => response.writeHead(200).end('<p>Welcome</p>'));
    const ask = async (token: string | null) => {
      const provider = createHomeAssistant({ ...options, token, url: server.url });
      return failureOf(await provider.speak(utterance(), patient())).reason;
    };
    expect(await ask(KEY)).toContain('without the path of a sound');
    expect(await ask(null)).toBe(
      'speech.home_assistant.token is not set: create a long-lived access token on your profile page in Home Assistant.',
    );
    expect(server.seen).toHaveLength(1);
  });
});

describe('speech by any address', () => {
  it('has its places filled, each once and encoded', async () => {
    const server = await startSoundServer(giveSound);
    const provider = createHttp({
      url: `${server.url}/say/{language}/{text}.wav?v={voice}&s={speed}&t={text}&k=fix`,
      authorization: `Basic ${KEY}`,
    });
    expect(soundOf(await provider.speak(utterance(), patient()))).toEqual(SOUND);
    const { method, url, headers, body } = onlyOf(server.seen);
    const encoded = encodeURIComponent(HOSTILE);
    expect(url).toBe(`/say/de-DE/${encoded}.wav?v=&s=1.5&t=${encoded}&k=fix`);
    expect([method, headers.authorization, body]).toEqual(['GET', `Basic ${KEY}`, '']);
  });

  it('without a place for the text is sent as JSON', async () => {
    const server = await startSoundServer(giveSound);
    const provider = createHttp({ url: `${server.url}/say?lang={language}`, authorization: null });
    soundOf(await provider.speak(utterance({ voice: 'anna' }), patient()));
    const { method, url, headers, body } = onlyOf(server.seen);
    expect([method, url]).toEqual(['POST', '/say?lang=de-DE']);
    expect(headers).not.toHaveProperty('authorization');
    expect(JSON.parse(body)).toEqual({ text: HOSTILE, language: 'de-DE', voice: 'anna', speed: 1.5 });
  });

  it('is never led to another path by dots, slashes or half characters', async () => {
    const server = await startSoundServer(giveSound);
    const provider = createHttp({
      url: `${server.url}/tts/{voice}/{language}?t={text}`,
      authorization: null,
    });
    const say = (voice: string, more: Partial<Utterance> = {}) =>
      provider.speak(utterance({ text: 'x', voice, ...more }), patient());
    for (const voice of ['..', '.']) {
      expect(failureOf(await say(voice))).toEqual({
        fault: 'message',
        reason: 'This text or voice cannot stand in the path of speech.http.url; put it into the query.',
      });
    }
    for (const voice of ['../admin', '..\\admin', '%2e%2e', '\ud800v', 'a?b#c', '@evil/'])
      soundOf(await say(voice));
    expect(server.seen.map(({ url }) => url)).toEqual([
      ...['/tts/..%2Fadmin/de-DE?t=x', '/tts/..%5Cadmin/de-DE?t=x', '/tts/%252e%252e/de-DE?t=x'],
      ...['/tts/v/de-DE?t=x', '/tts/a%3Fb%23c/de-DE?t=x', '/tts/%40evil%2F/de-DE?t=x'],
    ]);
    soundOf(await say('a', { text: '..' }));
  });

  it('tells neither the header nor a key in the address', async () => {
    const server = await startSoundServer((response, { url, headers }) =>
      response
        .writeHead(500, { 'Content-Type': 'text/plain' })
        .end(`${new URL(url, 'http://x').searchParams.get('apikey')} ${headers.authorization}`),
    );
    const url = `${server.url}/say?apikey=4711-0815-2342&text={text}`;
    const failure = failureOf(await createHttp({ url, authorization: null }).speak(utterance(), patient()));
    expect(failure.reason).toBe(`${server.host} answered HTTP 500.`);
    const other = createHttp({ url: `${server.url}/say?t={text}`, authorization: `Basic ${KEY}` });
    expect(failureOf(await other.speak(utterance(), patient())).reason).toBe(
      `${server.host} answered HTTP 500.`,
    );
    expect(createHttp({ url, authorization: KEY }).signature).toMatch(/^[0-9a-f]{64}$/);
  });

  it('needs an address', async () => {
    const provider = createHttp({ url: null, authorization: null });
    expect(failureOf(await provider.speak(utterance(), patient())).reason).toBe(
      'speech.http.url is not set.',
    );
  });
});

describe('the providers of the settings', () => {
  it('stand in the order named, each once, with no secret in any signature', () => {
    const options: ProvidersOptions = {
      order: ['http', 'espeak', 'http', 'home_assistant', 'marytts', 'openai', 'espeak'],
      espeak: { program: 'espeak-ng', wordsPerMinute: 160 },
      openai: { url: 'http://a', key: KEY, model: 'm', voice: 'v' },
      marytts: { url: 'http://b' },
      homeAssistant: { url: 'http://c', token: KEY, engine: 'tts.piper' },
      http: { url: `http://d/?key=${KEY}&text={text}`, authorization: KEY },
    };
    const providers = createProviders(options);
    expect(providers.map(({ name }) => name)).toEqual([
      'http',
      'espeak',
      'home_assistant',
      'marytts',
      'openai',
    ]);
    expect(providers.map(({ signature }) => signature).join()).not.toContain(KEY);
    expect(createProviders({ ...options, order: [] })).toEqual([]);
  });
});
