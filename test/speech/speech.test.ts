import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { urlPolicy } from '../../src/bridge/url-policy.ts';
import { openSpeech, type SpeechOptions } from '../../src/speech/speech.ts';
import { encodeWav } from '../../src/speech/wav.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { DAY, eventually, openFilesIn, rememberedLog, temporaryFolder } from './clip-house.ts';
import {
  announcement,
  type CountingProgram,
  countingProgram,
  defaults,
  errorOf,
  made,
  providersOptions,
} from './sound-house.ts';
import { startSoundServer, stopSoundServers } from './sound-server.ts';
import { fixture, tone } from './tones.ts';

interface Different extends Partial<Omit<SpeechOptions, 'clips'>> {
  readonly clips?: Partial<SpeechOptions['clips']>;
  readonly program?: CountingProgram;
}

/** The options of speech on this machine alone, with a program that counts. */
function optionsOf({ clips, program = countingProgram(), ...different }: Different = {}) {
  const log = rememberedLog();
  const options: SpeechOptions = {
    defaults,
    providers: providersOptions({ espeak: { program: program.path, wordsPerMinute: 160 } }),
    timeoutMs: 10_000,
    chimesFolder: null,
    clips: {
      ...{ url: null, host: '127.0.0.1', port: 0, folder: join(temporaryFolder(), 'clips') },
      ...{ secret: 'canary-secret', maxBytes: 50_000_000, maxAgeMs: 30 * DAY },
      ...clips,
    },
    ...{ policy: urlPolicy(null), isPolicyListed: false },
    ...{ clock: systemClock, random: systemRandom, log },
    ...different,
  };
  return { options, log, program };
}

/** Speech, opened until the end of the test. */
async function opened(different: Different = {}) {
  const parts = optionsOf(different);
  const speech = made(await openSpeech(parts.options));
  onTestFinished(() => speech.stop());
  const prepare = (said: Parameters<typeof announcement>[0]) => speech.sounds.prepare(announcement(said));
  return { ...parts, speech, prepare };
}

const nobodyHears = (): void => undefined;

describe('speech', () => {
  it('gives every speaker a URL of its own, of one sound, and sees who came', async () => {
    const { speech, prepare, program, log } = await opened();
    const sound = made(await prepare({ text: 'The door' }));
    expect(sound).toMatchObject({
      ...{ provider: 'espeak', isOurs: true, from: `http://127.0.0.1:${speech.port}` },
    });
    const came: number[] = [];
    const urls = sound.urls(2, (device) => came.push(device));
    expect(new Set(urls).size).toBe(2);
    const files = await Promise.all(
      urls.map(async (url) => {
        const answer = await fetch(url);
        expect(answer.headers.get('content-type')).toBe('audio/wav');
        return Buffer.from(await answer.arrayBuffer()).toString('latin1');
      }),
    );
    expect(files[0]?.slice(0, 4)).toBe('RIFF');
    expect(files[1]).toBe(files[0]);
    expect(came.sort()).toEqual([0, 1]);
    expect(speech.counters()).toEqual({ served: 2, refused: 0 });
    expect((await fetch(`http://127.0.0.1:${speech.port}/`)).status).toBe(404);
    expect(speech.counters()).toEqual({ served: 2, refused: 1 });
    expect(program.asked()).toHaveLength(1);
    expect(JSON.stringify(log.lines)).not.toMatch(/canary|The door/);
  });

  it('names the address that was set for the speakers', async () => {
    const { prepare } = await opened({ clips: { url: 'http://bridge.lan:99/clips' } });
    const sound = made(await prepare({ chime: 'soft' }));
    expect(sound).toMatchObject({ from: 'http://bridge.lan:99/clips', provider: null, lengthMs: 1_400 });
    expect(sound.urls(1, nobodyHears)[0]).toMatch(
      /^http:\/\/bridge\.lan:99\/clips\/[\w-]{43}\/[\w-]{22}\.wav$/,
    );
  });

  it('says what to set when it knows no address for the speakers', async () => {
    // It listens there, but the name of an interface has no place in a URL.
    const { options } = optionsOf({ clips: { host: '::1%lo' } });
    const speech = await openSpeech(options);
    // A machine without IPv6 says so instead.
    if (!speech.ok) return expect(speech.error).toMatch(/EADDRNOTAVAIL|EAFNOSUPPORT|address/);
    onTestFinished(() => speech.value.stop());
    expect(errorOf(await speech.value.sounds.prepare(announcement({ chime: 'soft' })))).toEqual({
      code: 'internal',
      message: 'The bridge knows no address of its own that speakers could reach.',
      advice: 'Set speech.clip_url to one, such as http://192.168.1.10:8789.',
    });
  });

  it('is not opened where somebody else listens, says so, and leaves nothing behind', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const { options } = optionsOf({ clips: { port } });
    const problem = errorOf(await openSpeech(options));
    expect(problem).toContain(String(port));
    expect(problem).toContain('speech.clip_');
    expect(openFilesIn(options.clips.folder)).toBe(0);
  });

  it('finds its clips after a restart under the same names, and under others with another secret', async () => {
    const first = await opened();
    const nameOf = async ({ prepare }: typeof first) =>
      new URL(made(await prepare({ text: 'The door' })).urls(1, nobodyHears)[0] ?? '').pathname.split('/')[1];
    const name = await nameOf(first);
    await first.speech.stop();
    const { folder } = first.options.clips;
    expect(readdirSync(folder)).toHaveLength(2);
    expect(readdirSync(folder).some((file) => file.startsWith(`${name}.`))).toBe(true);
    const second = await opened({ program: first.program, clips: { folder } });
    expect(await nameOf(second)).toBe(name);
    expect(first.program.asked()).toHaveLength(1);
    await second.speech.stop();
    const third = await opened({ program: first.program, clips: { folder, secret: 'another' } });
    expect(await nameOf(third)).not.toBe(name);
    expect(first.program.asked()).toHaveLength(2);
  });

  it("finds the user's own chimes", async () => {
    const own = temporaryFolder();
    const { writeFile } = await import('node:fs/promises');
    await writeFile(join(own, 'bell.wav'), encodeWav(tone(22_050, 700, 1)));
    const { prepare } = await opened({ chimesFolder: own });
    expect(made(await prepare({ chime: 'bell' })).lengthMs).toBe(1_600);
  });

  it('asks a provider for as long as it may take, and then says so', async () => {
    const program = countingProgram('sleep 60');
    const { prepare } = await opened({ program, timeoutMs: 300 });
    expect(errorOf(await prepare({ text: 'The door' })).message).toContain(
      'No sound came within 0.3 seconds (speech.timeout_seconds).',
    );
  });
});

describe("somebody else's sound on this machine", () => {
  const serve = async () => {
    const server = await startSoundServer((response) => response.end(fixture('tone-mpeg1-44100.mp3')));
    onTestFinished(stopSoundServers);
    return server;
  };

  it('is not fetched when no hosts are listed', async () => {
    const { speech, prepare } = await opened();
    const { url, seen } = await serve();
    expect(speech.sounds.objection(announcement({ url }))).toMatchObject({ code: 'blocked' });
    expect(errorOf(await prepare({ url })).code).toBe('blocked');
    // A name leads there as well.
    const policy = { policy: () => ({ ok: true, value: null }) as const, isPolicyListed: false };
    const lenient = await opened(policy);
    const byName = url.replace('127.0.0.1', 'localhost');
    expect(errorOf(await lenient.prepare({ url: byName }))).toMatchObject({
      code: 'blocked',
      message: 'The sound is not fetched: "localhost" is at an address from which nothing is fetched.',
    });
    expect(seen).toEqual([]);
  });

  it('is fetched when its host is listed, and served as it is', async () => {
    const { url, seen } = await serve();
    const { prepare } = await opened({ policy: urlPolicy(['127.0.0.1']), isPolicyListed: true });
    const [ours = ''] = made(await prepare({ url })).urls(1, nobodyHears);
    const answer = await fetch(ours);
    expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from(fixture('tone-mpeg1-44100.mp3')));
    expect(seen).toHaveLength(1);
  });
});

describe('speech that stops', () => {
  it('ends what is being said, serves nothing more, and says so; also twice', async () => {
    const program = countingProgram('sleep 60');
    const { speech, prepare } = await opened({ program });
    const sound = made(await prepare({ chime: 'soft' }));
    const [url = ''] = sound.urls(1, nobodyHears);
    const speaking = prepare({ text: 'The door' });
    await eventually(() => program.asked().length === 1);
    await Promise.all([speech.stop(), speech.stop()]);
    expect(errorOf(await speaking).message).toContain('The bridge is stopping');
    expect(errorOf(await prepare({ text: 'The door' })).message).toContain('The bridge is stopping');
    await expect(fetch(url)).rejects.toThrow();
    expect(program.asked()).toHaveLength(1);
  });
});
