import { afterEach, describe, expect, it } from 'vitest';
import { err, ok, type Result } from '../../src/bridge/result.ts';
import { type Chain, createChain, speechKey } from '../../src/speech/chain.ts';
import { createEspeak } from '../../src/speech/espeak.ts';
import { createMarytts } from '../../src/speech/marytts.ts';
import {
  broken,
  type ProviderName,
  type SpeechFailure,
  type SpeechProvider,
  type Utterance,
} from '../../src/speech/provider.ts';
import { systemClock } from '../../src/system.ts';
import { fakeLog } from '../sonos/fakes.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { findProgram } from '../support/programs.ts';
import { startSoundServer, stopSoundServers } from './sound-server.ts';

afterEach(stopSoundServers);

const espeakNg = findProgram('espeak-ng');

type Spoken = Result<Uint8Array, SpeechFailure>;

/** A provider that is answered for by the test: at once, or request by request when it waits. */
function voice(name: ProviderName, outcome: Spoken | 'waits' | 'throws') {
  const asked: { utterance: Utterance; signal: AbortSignal; answer: (spoken: Spoken) => void }[] = [];
  const state = { outcome };
  const provider: SpeechProvider = {
    name,
    signature: `${name}-settings`,
    speak: (utterance, signal) =>
      new Promise((resolve, reject) => {
        asked.push({ utterance, signal, answer: resolve });
        if (state.outcome === 'throws') reject(new RangeError('sk-secret in a message'));
        else if (state.outcome !== 'waits') resolve(state.outcome);
      }),
  };
  return { provider, asked, state };
}

const sound = (text: string): Spoken => ok(Buffer.from(text));
const utterance: Utterance = { text: 'Dinner is ready', language: 'en', voice: null, speed: 1 };
const nothing = async () => null;

/** A chain on a clock that stands still; a sound is one when it begins with `RIFF`. */
function chainOf(...voices: readonly { readonly provider: SpeechProvider }[]) {
  const clock = createFakeClock();
  const log = fakeLog();
  const check = async (bytes: Uint8Array) => {
    const text = Buffer.from(bytes).toString();
    if (text === 'throws') throw new TypeError('bad frame');
    return text.startsWith('RIFF') ? ok(text) : err('What it sent is neither WAV nor MP3.');
  };
  const chain = createChain({
    ...{ providers: voices.map(({ provider }) => provider), clock, timeoutMs: 10_000, log, check },
  });
  return { chain, clock, log };
}

const say = (chain: Chain<string>, more: Partial<Utterance> = {}, only: string | null = null) =>
  chain.speak({ ...utterance, ...more }, only, nothing);

describe('a chain of providers', () => {
  it('speaks with the first, and asks the others nothing', async () => {
    const [first, second] = [voice('openai', sound('RIFF 1')), voice('espeak', sound('RIFF 2'))];
    const { chain, clock, log } = chainOf(first, second);
    expect(await say(chain)).toEqual(
      ok({
        ...{ provider: 'openai', from: 'provider', sound: 'RIFF 1', failed: [] },
        key: speechKey(first.provider, utterance),
      }),
    );
    expect(first.asked.map((one) => one.utterance)).toEqual([utterance]);
    expect(second.asked).toEqual([]);
    expect(log.lines).toEqual([]);
    expect(clock.timers).toBe(0);
  });

  it('speaks with the next when one fails, sends a web page, or stumbles', async () => {
    const voices = [
      voice('openai', err(broken('host refused the connection.'))),
      voice('http', sound('<html>')),
      voice('marytts', sound('throws')),
      voice('home_assistant', 'throws'),
      voice('espeak', sound('RIFF 5')),
    ];
    const { chain, clock, log } = chainOf(...voices);
    const spoken = await say(chain);
    const failed = [
      { provider: 'openai', reason: 'host refused the connection.' },
      { provider: 'http', reason: 'What it sent is neither WAV nor MP3.' },
      { provider: 'marytts', reason: 'It stopped with an internal error (TypeError).' },
      { provider: 'home_assistant', reason: 'It stopped with an internal error (RangeError).' },
    ];
    expect(spoken).toMatchObject({ ok: true, value: { provider: 'espeak', sound: 'RIFF 5', failed } });
    expect(log.lines).toEqual(
      failed.map((fields) => ({ level: 'warn', message: 'A speech provider failed', fields })),
    );
    expect(clock.timers).toBe(0);
  });

  it('does not wait longer than the time-out, tells who is late to stop, and ignores what comes later', async () => {
    const [late, next] = [voice('openai', 'waits'), voice('espeak', sound('RIFF'))];
    const { chain, clock } = chainOf(late, next);
    const speaking = say(chain);
    await clock.advance(9_999);
    expect([late.asked[0]?.signal.aborted, next.asked.length]).toEqual([false, 0]);
    await clock.advance(1);
    expect(late.asked[0]?.signal.aborted).toBe(true);
    late.asked[0]?.answer(sound('RIFF late'));
    const reason = 'No sound came within 10 seconds (speech.timeout_seconds).';
    expect(await speaking).toMatchObject({
      ok: true,
      value: { provider: 'espeak', sound: 'RIFF', failed: [{ provider: 'openai', reason }] },
    });
    expect(clock.timers).toBe(0);
  });

  it('tells what every provider said when all fail', async () => {
    const { chain } = chainOf(
      voice('openai', err(broken('host answered HTTP 500.'))),
      voice('espeak', err({ reason: 'No such language.', fault: 'message' })),
    );
    expect(await say(chain)).toEqual(
      err({
        kind: 'failed',
        message: 'No speech provider could say it. openai: host answered HTTP 500. espeak: No such language.',
        failed: [
          { provider: 'openai', reason: 'host answered HTTP 500.' },
          { provider: 'espeak', reason: 'No such language.' },
        ],
      }),
    );
  });

  it('tells when it was the text, its voice or its language that all of them failed at', async () => {
    const unable = err({ reason: 'No such language.', fault: 'message' } as const);
    const { chain } = chainOf(voice('openai', unable), voice('espeak', unable));
    expect(await say(chain)).toMatchObject({
      ok: false,
      error: { kind: 'unspeakable', message: expect.stringMatching(/openai: No .* espeak: No /) },
    });
  });

  it('asks only the one that the message names, also while it rests, and never another', async () => {
    const [first, second] = [voice('openai', err(broken('Down.'))), voice('espeak', sound('RIFF'))];
    const { chain } = chainOf(first, second);
    for (let time = 1; time <= 2; time += 1) {
      expect(await say(chain, {}, 'openai')).toMatchObject({ ok: false, error: { kind: 'failed' } });
      expect([first.asked.length, second.asked.length]).toEqual([time, 0]);
    }
    expect(await say(chain, {}, 'espeak')).toMatchObject({ ok: true, value: { provider: 'espeak' } });
    expect(first.asked).toHaveLength(2);
  });

  it('names those there are when the message names another', async () => {
    const { chain } = chainOf(voice('openai', sound('RIFF')), voice('espeak', sound('RIFF')));
    for (const only of ['polly', 'marytts', '', 'Espeak']) {
      expect(await say(chain, {}, only)).toEqual(
        err({
          kind: 'unknown_provider',
          message: `There is no speech provider "${only}" here; speech.providers names openai, espeak.`,
          failed: [],
        }),
      );
    }
  });

  it('says how to get one when there is none', async () => {
    const { chain } = chainOf();
    for (const only of [null, 'espeak']) {
      expect(await say(chain, {}, only)).toEqual(
        err({
          kind: 'no_provider',
          message:
            'Nobody can speak: speech.providers is empty. Install espeak-ng (apt-get install espeak-ng) and name espeak there, or set up another provider.',
          failed: [],
        }),
      );
    }
  });
});

describe('a provider that failed', () => {
  it('is asked last for half a minute, and first again afterwards', async () => {
    const [first, second] = [voice('openai', err(broken('Down.'))), voice('espeak', sound('RIFF'))];
    const { chain, clock, log } = chainOf(first, second);
    await say(chain);
    expect(first.asked).toHaveLength(1);
    await clock.advance(29_999);
    expect(await say(chain)).toMatchObject({ ok: true, value: { provider: 'espeak', failed: [] } });
    expect(first.asked).toHaveLength(1);
    await clock.advance(1);
    await say(chain);
    expect(first.asked).toHaveLength(2);
    first.state.outcome = sound('RIFF 1');
    await clock.advance(30_000);
    expect(await say(chain)).toMatchObject({ ok: true, value: { provider: 'openai' } });
    expect(await say(chain)).toMatchObject({ ok: true, value: { provider: 'openai' } });
    expect(log.lines.map(({ level, message }) => [level, message])).toEqual([
      ['warn', 'A speech provider failed'],
      ['debug', 'A speech provider failed'],
      ['info', 'A speech provider works again'],
    ]);
    expect(log.lines[2]?.fields).toEqual({ provider: 'openai' });
  });

  it('is still asked when all others fail', async () => {
    const [first, second] = [voice('openai', err(broken('Down.'))), voice('espeak', sound('RIFF'))];
    const { chain } = chainOf(first, second);
    await say(chain);
    first.state.outcome = sound('RIFF 1');
    second.state.outcome = err(broken('Gone.'));
    expect(await say(chain)).toMatchObject({
      ok: true,
      value: { provider: 'openai', failed: [{ provider: 'espeak', reason: 'Gone.' }] },
    });
    second.state.outcome = sound('RIFF 2');
    expect(await say(chain)).toMatchObject({ ok: true, value: { provider: 'openai' } });
  });

  it('because of one message is asked first for the next one', async () => {
    const first = voice('openai', err({ reason: 'No such voice.', fault: 'message' }));
    const { chain, log } = chainOf(first, voice('espeak', sound('RIFF')));
    expect(await say(chain, { voice: 'x' })).toMatchObject({ ok: true, value: { provider: 'espeak' } });
    first.state.outcome = sound('RIFF 1');
    expect(await say(chain)).toMatchObject({ ok: true, value: { provider: 'openai' } });
    expect(log.lines).toEqual([
      {
        level: 'warn',
        message: 'A speech provider could not say a text',
        fields: { provider: 'openai', reason: 'No such voice.' },
      },
    ]);
  });
});

describe('what was said before', () => {
  it('comes from the cache, of each provider in its turn, before that is asked', async () => {
    const [first, second] = [voice('openai', err(broken('Down.'))), voice('espeak', sound('RIFF'))];
    const { chain } = chainOf(first, second);
    const keys = [first, second].map(({ provider }) => speechKey(provider, utterance));
    const looked: string[] = [];
    const spoken = await chain.speak(utterance, null, async (key) => {
      looked.push(key);
      return key === keys[1] ? { clip: 'known' } : null;
    });
    expect(looked).toEqual(keys);
    expect(spoken).toEqual(
      ok({
        ...{ provider: 'espeak', key: keys[1], from: 'cache', clip: { clip: 'known' } },
        failed: [{ provider: 'openai', reason: 'Down.' }],
      }),
    );
    expect([first.asked.length, second.asked.length]).toEqual([1, 0]);
  });

  it('comes from the cache of the first provider also while that rests', async () => {
    const [first, second] = [voice('openai', err(broken('Down.'))), voice('espeak', sound('RIFF'))];
    const { chain } = chainOf(first, second);
    await say(chain);
    const known = speechKey(first.provider, utterance);
    const spoken = await chain.speak(utterance, null, async (key) => (key === known ? 'known' : null));
    expect(spoken).toMatchObject({ ok: true, value: { provider: 'openai', from: 'cache', clip: 'known' } });
    expect([first.asked.length, second.asked.length]).toEqual([1, 1]);
  });

  it('has a key that differs with all that shapes the sound, and with nothing else', () => {
    const { provider } = voice('openai', 'waits');
    const changes: readonly Partial<Utterance>[] = [
      { text: 'Dinner is ready!' },
      { language: 'en-GB' },
      { voice: 'nova' },
      { voice: '' },
      { speed: 1.1 },
    ];
    const keys = [
      ...[{}, ...changes].map((change) => speechKey(provider, { ...utterance, ...change })),
      speechKey({ ...provider, signature: 'other settings' }, utterance),
      speechKey({ ...provider, name: 'espeak' }, utterance),
    ];
    expect(new Set(keys).size).toBe(8);
    for (const key of keys) expect(key).toMatch(/^[0-9a-f]{64}$/);
    expect(speechKey({ ...provider }, { ...utterance })).toBe(keys[0]);
  });
});

describe('the same words, asked for while they are being said', () => {
  it('are said once, for all who ask', async () => {
    const first = voice('openai', 'waits');
    const { chain, clock } = chainOf(first);
    const all = [say(chain), say(chain), say(chain, {}, 'openai'), say(chain, { speed: 2 })];
    await clock.advance(0);
    expect(first.asked.map((one) => one.utterance.speed)).toEqual([1, 2]);
    first.asked[0]?.answer(sound('RIFF 1'));
    first.asked[1]?.answer(sound('RIFF 2'));
    const sounds = (await Promise.all(all)).map(
      (one) => one.ok && one.value.from === 'provider' && one.value.sound,
    );
    expect(sounds).toEqual(['RIFF 1', 'RIFF 1', 'RIFF 1', 'RIFF 2']);
    const again = say(chain);
    await clock.advance(0);
    expect(first.asked).toHaveLength(3);
    first.asked[2]?.answer(sound('RIFF 3'));
    expect(await again).toMatchObject({ ok: true, value: { sound: 'RIFF 3' } });
  });

  it('fail for all who ask, with one line in the log', async () => {
    const first = voice('openai', 'waits');
    const { chain, clock, log } = chainOf(first);
    const all = [say(chain), say(chain)];
    await clock.advance(10_000);
    for (const one of await Promise.all(all))
      expect(one).toMatchObject({ ok: false, error: { kind: 'failed' } });
    expect(log.lines).toHaveLength(1);
    expect(first.asked).toHaveLength(1);
  });
});

describe('a chain that is closed', () => {
  it('stops what is being said, blames nobody, and says nothing more', async () => {
    const [first, second] = [voice('openai', 'waits'), voice('espeak', sound('RIFF'))];
    const { chain, clock, log } = chainOf(first, second);
    await say(chain, {}, 'espeak');
    const speaking = say(chain);
    await clock.advance(0);
    chain.close();
    chain.close();
    expect(first.asked[0]?.signal.aborted).toBe(true);
    expect(second.asked.map((one) => one.signal.aborted)).toEqual([false]);
    expect(await speaking).toMatchObject({ ok: false, error: { kind: 'failed' } });
    expect(await say(chain)).toMatchObject({ ok: false });
    expect(second.asked).toHaveLength(1);
    expect([log.lines, clock.timers]).toEqual([[], 0]);
  });
});

describe.skipIf(espeakNg === null)('a chain in a real house', () => {
  it('speaks with espeak-ng when the speech server shows a web page', async () => {
    const server = await startSoundServer((response) => {
      response.writeHead(200, { 'Content-Type': 'audio/wav' }).end('<h1>Log in to the router</h1>');
    });
    const chain = createChain({
      providers: [
        createMarytts({ url: server.url }),
        createEspeak({ program: 'espeak-ng', wordsPerMinute: 160 }),
      ],
      ...{ clock: systemClock, timeoutMs: 10_000, log: fakeLog() },
      check: async (bytes) =>
        Buffer.from(bytes.subarray(0, 4)).toString('latin1') === 'RIFF'
          ? ok(bytes.byteLength)
          : err('No sound.'),
    });
    const spoken = await chain.speak(utterance, null, nothing);
    expect(spoken).toMatchObject({
      ok: true,
      value: { provider: 'espeak', failed: [{ provider: 'marytts', reason: 'No sound.' }] },
    });
    expect(spoken.ok && spoken.value.from === 'provider' && spoken.value.sound).toBeGreaterThan(22_050);
  });
});
