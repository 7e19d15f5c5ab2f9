import { z } from 'zod';
import * as formats from './formats.ts';
import { about, HOST, host, noSpaces, PORT, port, text } from './parts.ts';

const HTTP_URL = 'an http or https URL without a user or a password';

/** The address of a speech server, which is often at home and without TLS. */
const server = z
  .string()
  .refine(formats.isHttpUrl)
  .overwrite((url) => url.replace(/\/+$/, ''));

const espeak = z.strictObject({
  program: about(text.default('espeak-ng'), {
    description: 'The program, or its path.',
    expected: 'the name or the path of a program',
  }),
  words_per_minute: about(z.int().min(80).max(450).default(160), {
    description: 'How fast it speaks at speed 1.',
  }),
});

const openai = z.strictObject({
  url: about(server.default('https://api.openai.com/v1'), {
    description:
      'The base address; `/audio/speech` stands below. Servers of one’s own speak this language, too.',
    expected: HTTP_URL,
  }),
  key: about(noSpaces.exactOptional(), {
    description: 'The key, if the server asks for one.',
    expected: 'the key, text without spaces',
    example: 'replace-me',
    secret: true,
  }),
  model: about(text.default('tts-1'), { description: 'The model.' }),
  voice: about(text.default('alloy'), {
    description: 'The voice, when neither the message nor `speech.voice` names one.',
  }),
});

const marytts = z.strictObject({
  url: about(server.default('http://localhost:59125'), {
    description: 'The base address; `/process` stands below. Mimic 3 and Coqui speak this language, too.',
    expected: HTTP_URL,
  }),
});

const homeAssistant = z.strictObject({
  url: about(server.default('http://homeassistant.local:8123'), {
    description: 'The base address of Home Assistant.',
    expected: HTTP_URL,
  }),
  token: about(noSpaces.exactOptional(), {
    description: 'A long-lived access token.',
    expected: 'the token, text without spaces',
    example: 'replace-me',
    secret: true,
  }),
  engine: about(text.default('tts.piper'), { description: 'The entity that speaks.' }),
});

const http = z.strictObject({
  url: about(z.string().refine(formats.isHttpTemplate).exactOptional(), {
    description:
      'The address that gives a WAV or MP3 file; `{text}`, `{language}`, `{voice}` and `{speed}` are replaced. Without `{text}`, they are sent as JSON in a POST.',
    expected: HTTP_URL,
    example: 'http://tts.home.arpa/say?text={text}&lang={language}',
  }),
  authorization: about(text.exactOptional(), {
    description: 'The `Authorization` header, if the server asks for one.',
    example: 'Bearer replace-me',
    secret: true,
  }),
});

// Who can speak, by name.
const PROVIDERS = ['espeak', 'openai', 'marytts', 'home_assistant', 'http'] as const;

/** `speech`: who speaks, and where speakers get the sound. */
export const speech = z.strictObject({
  providers: about(z.array(about(z.literal(PROVIDERS), { description: 'A provider.' })).default(['espeak']), {
    description:
      'Who speaks, in the order in which they are tried: `espeak`, `openai`, `marytts`, `home_assistant`, `http`.',
    expected: `a list of ${PROVIDERS.join(', ')}`,
  }),
  language: about(
    z
      .string()
      .regex(/^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/)
      .default('en'),
    {
      description: 'The language of a text that does not name its own.',
      expected: 'a language such as en or de-DE',
    },
  ),
  voice: about(text.exactOptional(), {
    description: 'The voice of a text that does not name its own; what there is depends on the provider.',
    example: 'en-gb',
  }),
  speed: about(z.number().min(0.5).max(2).default(1), {
    description: 'How fast it is spoken: 0.5 is half as fast, 2 is twice as fast.',
    expected: 'a number from 0.5 to 2',
  }),
  max_characters: about(z.int().min(1).max(4096).default(500), {
    description: 'The longest text that is spoken.',
  }),
  timeout_seconds: about(z.number().positive().default(10), {
    description: 'How long a provider may take before the next one is asked.',
  }),
  clip_url: about(server.exactOptional(), {
    description:
      "The address under which the speakers reach the clip server; without it, this machine's address in the local network is found.",
    expected: HTTP_URL,
    example: 'http://192.168.1.10:8789',
  }),
  clip_host: about(host.default('0.0.0.0'), {
    description: 'The address of the clip server: it serves clips, by unguessable name, and nothing else.',
    expected: HOST,
  }),
  clip_port: about(port.default(8789), { description: 'The port of the clip server.', expected: PORT }),
  cache_megabytes: about(z.int().min(10).max(10_000).default(100), {
    description: 'How much of the disk the clips may take; the ones not used for longest go first.',
  }),
  cache_days: about(z.number().positive().default(30), {
    description: 'After how many days a clip that nobody used is thrown away.',
  }),
  espeak: espeak.prefault({}),
  openai: openai.prefault({}),
  marytts: marytts.prefault({}),
  home_assistant: homeAssistant.prefault({}),
  http: http.prefault({}),
});
