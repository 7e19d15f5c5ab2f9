import { createHook } from 'node:async_hooks';
import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { soundLengthMs } from '../../src/speech/sound-length.ts';
import { encodeWav } from '../../src/speech/wav.ts';
import { figure } from '../support/figures.ts';
import { findProgram } from '../support/programs.ts';
import { printOf } from './clip-house.ts';
import {
  announcement,
  bytesOf,
  countingProgram,
  errorOf,
  made,
  openSoundHouse,
  pcmOf,
} from './sound-house.ts';
import { giveSound, type Seen, startSoundServer, stopSoundServers } from './sound-server.ts';
import { fixture, silence, strengthAt, tone } from './tones.ts';

const installed = findProgram('espeak-ng');

/** A web server that gives these bytes, until the end of the test. */
async function serving(bytes: () => Uint8Array, status = 200) {
  const server = await startSoundServer((response) => response.writeHead(status).end(bytes()));
  onTestFinished(stopSoundServers);
  return server;
}

const MP3 = fixture('tone-mpeg1-44100.mp3');

describe.skipIf(installed === null)('a text, said by espeak-ng', () => {
  it('becomes a sound that every speaker plays, with its length and who spoke', async () => {
    const house = await openSoundHouse({
      providers: { espeak: { program: installed ?? '', wordsPerMinute: 160 } },
    });
    const sound = made(await house.prepare({ text: 'The washing machine is done.' }));
    expect(sound).toMatchObject({ provider: 'espeak', isOurs: true });
    const [clip] = house.offered;
    if (clip === undefined) throw new Error('expected a clip');
    expect(clip).toMatchObject({ type: 'wav', note: 'espeak', lengthMs: sound.lengthMs });
    const pcm = await pcmOf(clip);
    expect(pcm.rate).toBe(22_050);
    expect(pcm.samples.length / pcm.rate).toBeGreaterThan(1);
    expect(Math.abs((soundLengthMs(await bytesOf(clip)) ?? 0) - (sound.lengthMs ?? 0))).toBeLessThan(1);
    // Two announcements are two sounds.
    expect((await house.clip({ text: 'The dryer is done.' })).name).not.toBe(clip.name);
  });

  it('in a language that nobody speaks is the mistake of whoever sent it, who learns what to do', async () => {
    const house = await openSoundHouse({
      providers: { espeak: { program: installed ?? '', wordsPerMinute: 160 } },
    });
    expect(errorOf(await house.prepare({ text: 'Hello', language: 'xx' }))).toEqual({
      code: 'invalid_payload',
      message:
        'No speech provider could say it. espeak: espeak-ng has no voice for the language "xx"; "espeak-ng --voices" lists those it has.',
      advice: 'Send it in another language, with another voice, or in other words.',
    });
  });
});

describe('a text', () => {
  it('is said as the settings have it, unless the message has it otherwise', async () => {
    const house = await openSoundHouse({ defaults: { language: 'de', voice: 'anna', speed: 1.5 } });
    const plain = await house.clip({ text: 'One' });
    await house.clip({ text: 'One', language: 'fr' });
    await house.clip({ text: 'One', voice: 'bert' });
    await house.clip({ text: 'One', speed: 0.5 });
    expect(house.program.asked()).toEqual([
      '--stdin -v anna -s 240 --stdout|One',
      '--stdin -v anna -s 240 --stdout|One',
      '--stdin -v bert -s 240 --stdout|One',
      '--stdin -v anna -s 80 --stdout|One',
    ]);
    expect(new Set(house.offered.map(({ name }) => name)).size).toBe(4);
    // Said explicitly, what the settings say is the same.
    const again = await house.clip({ text: ' One\n', language: 'de', voice: 'anna', speed: 1.5 });
    expect(again.name).toBe(plain.name);
    expect(house.program.asked()).toHaveLength(4);
  });

  it('is said in its language, at the usual speed, when the settings name no voice', async () => {
    const house = await openSoundHouse();
    await house.clip({ text: 'One' });
    await house.clip({ text: 'Un', language: 'fr-CA' });
    expect(house.program.asked()).toEqual([
      '--stdin -v en -s 160 --stdout|One',
      '--stdin -v fr-ca -s 160 --stdout|Un',
    ]);
  });

  it('is said by the provider that the message names, and by that one alone', async () => {
    const server = await startSoundServer(giveSound);
    onTestFinished(stopSoundServers);
    const house = await openSoundHouse({
      providers: { order: ['espeak', 'http'], http: { url: `${server.url}/say`, authorization: null } },
    });
    expect(made(await house.prepare({ text: 'One', provider: 'http' })).provider).toBe('http');
    expect([house.program.asked().length, server.seen.length]).toEqual([0, 1]);
    expect(made(await house.prepare({ text: 'One', provider: 'espeak' })).provider).toBe('espeak');
    expect([house.program.asked().length, server.seen.length]).toEqual([1, 1]);
    // Found again, it is still known who said it.
    expect(made(await house.prepare({ text: 'One', provider: 'http' })).provider).toBe('http');
    expect(made(await house.prepare({ text: 'One' })).provider).toBe('espeak');
    expect([house.program.asked().length, server.seen.length]).toEqual([1, 1]);
  });

  it('is said once for two who ask at the same time, and put together once', async () => {
    const house = await openSoundHouse();
    await Promise.all([1, 2, 3].map(() => house.prepare({ text: 'The door' })));
    await house.written();
    expect(house.program.asked()).toHaveLength(1);
    // What was said, and what was made of it.
    expect(house.counted).toEqual({ read: 0, put: 2, written: 2 });
    expect(new Set(house.offered.map(({ name }) => name)).size).toBe(1);
    expect(house.offered).toHaveLength(3);
  });

  it('is said once with and without a chime, at the same time or not', async () => {
    const house = await openSoundHouse();
    await Promise.all([
      house.prepare({ text: 'The door' }),
      house.prepare({ text: 'The door', before: 'gong' }),
    ]);
    const soft = await house.clip({ text: 'The door', before: 'soft' });
    await house.written();
    expect(house.program.asked()).toHaveLength(1);
    expect(house.counted.written).toBe(4);
    const lengths = house.offered.map(({ lengthMs }) => lengthMs ?? 0).sort((a, b) => a - b);
    // 0.8 s of `soft` or 2.5 s of `gong`, and a quarter of a second between.
    const [plain = 0, withSoft = 0, withGong = 0] = lengths;
    expect(Math.abs(withSoft - plain - 1_050)).toBeLessThan(2);
    expect(Math.abs(withGong - plain - 2_750)).toBeLessThan(2);
    const pcm = await pcmOf(soft);
    const part = (from: number, to: number) => ({
      rate: pcm.rate,
      samples: pcm.samples.subarray(from * pcm.rate, to * pcm.rate),
    });
    // `soft` and this voice are both of 440 Hz; between them it is silent.
    expect(strengthAt(part(0.35, 0.6), 440)).toBeGreaterThan(0.05);
    expect(strengthAt(part(1.15, 1.28), 440)).toBeLessThan(0.001);
    expect(strengthAt(part(1.4, 1.6), 440)).toBeGreaterThan(0.05);
  });

  it('that is kept costs nothing but a look whether the disk still has it', async () => {
    const house = await openSoundHouse();
    const first = await house.clip({ text: 'The door' });
    await house.written();
    const requests: string[] = [];
    const hook = createHook({
      init: (_id, type) => {
        if (/^FS|FILEHANDLE|DIRHANDLE|PROCESS/.test(type)) requests.push(type);
      },
    });
    onTestFinished(() => void hook.disable());
    let fewest = Number.POSITIVE_INFINITY;
    // Something else in this process may ask the disk at the same time, though not each time.
    for (let time = 1; time <= 3; time += 1) {
      requests.length = 0;
      hook.enable();
      const again = await house.clip({ text: 'The door' });
      hook.disable();
      expect(again.name).toBe(first.name);
      fewest = Math.min(fewest, requests.length);
    }
    figure('questions to the disk for an announcement that was made before', fewest);
    // A look at the file, and the mark of its use.
    expect(fewest).toBe(2);
    expect(house.counted).toEqual({ read: 0, put: 2, written: 2 });
    expect(house.program.asked()).toHaveLength(1);
  });

  it('that was said before a restart is found, although nobody could say it any more', async () => {
    const before = await openSoundHouse();
    const said = [
      await before.clip({ text: 'The door' }),
      await before.clip({ text: 'The door', before: 'gong' }),
    ];
    const kept = await Promise.all(said.map(bytesOf));
    await before.close();
    rmSync(before.program.path);
    const espeak = { program: before.program.path, wordsPerMinute: 160 };
    const after = await openSoundHouse({ folder: before.folder, providers: { espeak } });
    const found = [
      await after.clip({ text: 'The door' }),
      await after.clip({ text: 'The door', before: 'gong' }),
    ];
    expect(await Promise.all(found.map(bytesOf))).toEqual(kept);
    expect(made(await after.prepare({ text: 'The door' })).provider).toBe('espeak');
    expect(after.counted.written).toBe(0);
    // Nor is it needed for another chime: what was said is kept by itself.
    await after.clip({ text: 'The door', before: 'alert' });
    expect(errorOf(await after.prepare({ text: 'The window' })).code).toBe('internal');
  });
});

describe('what was said and is kept', () => {
  const lost = {
    'thrown away in that very moment': async () => null,
    'on a disk that fails': async () => {
      throw Object.assign(new Error('EIO'), { code: 'EIO' });
    },
    'on a disk that fails in the middle': async () =>
      new Readable({
        read() {
          this.destroy(new Error('EIO'));
        },
      }),
    'something else by now': async () => Readable.from([Buffer.from('no sound at all')]),
  };

  it.each(Object.entries(lost))('but %s is said anew', async (_what, read) => {
    const house = await openSoundHouse({ disk: (disk) => ({ ...disk, read }) });
    await house.clip({ text: 'The door' });
    await house.written();
    const clip = await house.clip({ text: 'The door', before: 'soft' });
    expect(house.program.asked()).toHaveLength(2);
    expect(clip.lengthMs).toBeGreaterThan(1_500);
  });

  it('and whose bytes the disk has changed is said anew when it is needed', async () => {
    const house = await openSoundHouse();
    await house.clip({ text: 'The door' });
    await house.written();
    for (const name of readdirSync(house.clips)) {
      const file = join(house.clips, name);
      writeFileSync(file, Buffer.alloc(statSync(file).size, 7));
    }
    await house.clip({ text: 'The door', before: 'soft' });
    expect(house.program.asked()).toHaveLength(2);
  });

  it('but removed from the folder is made again', async () => {
    const house = await openSoundHouse();
    const first = await house.clip({ text: 'The door' });
    const bytes = printOf(await bytesOf(first));
    await house.written();
    for (const name of readdirSync(house.clips)) rmSync(join(house.clips, name));
    expect(printOf(await bytesOf(await house.clip({ text: 'The door' })))).toBe(bytes);
    expect(house.program.asked()).toHaveLength(2);
  });
});

describe('a text that cannot be said', () => {
  it('is told before anything is tried, when it can be', async () => {
    const house = await openSoundHouse({ defaults: { maxCharacters: 10 } });
    const nobody = await openSoundHouse({ providers: { order: [] } });
    const objection = (text: string, provider: string | null = null) =>
      house.sounds.objection(announcement({ text, provider }));
    expect(objection('Hello')).toBeNull();
    expect(objection('Hello', 'espeak')).toBeNull();
    expect(objection('\u200b\u0007')).toMatchObject({
      code: 'invalid_payload',
      message: expect.stringContaining('empty'),
    });
    expect(objection('Hello there')).toEqual({
      code: 'invalid_payload',
      message: 'The text has 11 characters, and at most 10 are spoken (speech.max_characters).',
    });
    expect(objection('Hello', 'polly')).toEqual({
      code: 'invalid_payload',
      message: 'There is no speech provider "polly" here.',
      advice: 'These are in speech.providers: espeak.',
    });
    const unable = {
      code: 'not_capable',
      message: 'Nobody can speak: speech.providers is empty.',
      advice: 'Install espeak-ng (apt-get install espeak-ng) and name espeak in speech.providers.',
    };
    expect(nobody.sounds.objection(announcement({ text: 'Hello' }))).toEqual(unable);
    expect(nobody.sounds.objection(announcement({ chime: 'gong' }))).toBeNull();
    // And once more when it was taken before the settings changed.
    expect(errorOf(await nobody.prepare({ text: 'Hello' }))).toEqual(unable);
    expect(errorOf(await house.prepare({ text: 'Hello there' })).code).toBe('invalid_payload');
    expect(errorOf(await house.prepare({ text: 'Hello', provider: 'polly' }))).toEqual({
      code: 'invalid_payload',
      message: 'There is no speech provider "polly" here; speech.providers names espeak.',
    });
    expect(house.program.asked()).toEqual([]);
  });

  it('is told with what each provider said, and what to do; the log knows neither text nor key', async () => {
    const program = countingProgram('echo "I will not say $TEXT" >&2; exit 3');
    const server = await startSoundServer((response, { body, headers }: Seen) =>
      response.writeHead(500).end(`${body} ${headers.authorization}`),
    );
    onTestFinished(stopSoundServers);
    const house = await openSoundHouse({
      providers: {
        order: ['espeak', 'http', 'home_assistant'],
        espeak: { program: program.path, wordsPerMinute: 160 },
        http: { url: `${server.url}/say?key=canary-key`, authorization: 'Bearer canary-token' },
      },
    });
    const error = errorOf(await house.prepare({ text: 'The canary is out' }));
    expect(error).toEqual({
      code: 'internal',
      message: expect.stringMatching(
        /^No speech provider could say it\. espeak: \S+ ended with exit code 3\. http: .*500.* home_assistant: .+\.$/,
      ),
      advice: 'Put right what is said there, or name one more provider in speech.providers.',
    });
    expect(house.log.at('warn')).toHaveLength(3);
    expect(JSON.stringify([error, house.log.lines])).not.toMatch(/canary/);
    expect([program.asked().length, server.seen.length]).toEqual([1, 1]);
  });

  it('is not the mistake of the message when a provider is broken besides', async () => {
    const program = countingProgram('echo "The voice does not exist" >&2; exit 1');
    const house = await openSoundHouse({
      providers: {
        order: ['espeak', 'marytts'],
        espeak: { program: program.path, wordsPerMinute: 160 },
      },
    });
    expect(errorOf(await house.prepare({ text: 'Hello', provider: 'espeak' })).code).toBe('invalid_payload');
    expect(errorOf(await house.prepare({ text: 'Hello' })).code).toBe('internal');
  });
});

describe('a chime', () => {
  it('is heard alone, made once, and nobody spoke', async () => {
    const house = await openSoundHouse({ defaults: { before: 'gong' } });
    const sound = made(await house.prepare({ chime: 'soft' }));
    expect(sound).toMatchObject({ provider: null, isOurs: true });
    // 0.8 s between two margins; the chime of the settings does not go ahead of a chime.
    expect(sound.lengthMs).toBe(1_400);
    expect((await house.clip({ chime: 'SOFT' })).name).toBe(house.offered[0]?.name);
    await house.written();
    expect(house.counted.written).toBe(1);
    expect(house.offered[0]).toMatchObject({ type: 'wav', note: 'chime' });
    expect((await pcmOf(await house.clip({ chime: 'soft' }))).rate).toBe(44_100);
  });

  it('that nobody knows is told with the nearest', async () => {
    const house = await openSoundHouse();
    for (const said of [{ chime: 'gon' }, { text: 'Hello', before: 'gon' }]) {
      expect(errorOf(await house.prepare(said))).toEqual({
        code: 'invalid_payload',
        message: 'No chime is called "gon". Did you mean "gong"?',
      });
    }
    expect(house.program.asked()).toEqual([]);
  });

  it('of the settings goes ahead of texts, unless the message names another or none', async () => {
    const house = await openSoundHouse({ defaults: { before: 'gong' } });
    const length = async (said: Parameters<typeof house.clip>[0]) =>
      Math.round((await house.clip(said)).lengthMs ?? 0);
    const none = await length({ text: 'Hello', before: '' });
    expect(await length({ text: 'Hello' })).toBe(none + 2_750);
    expect(await length({ text: 'Hello', before: 'soft' })).toBe(none + 1_050);
    expect(await length({ text: 'Hello', before: 'gong' })).toBe(none + 2_750);
    expect(house.program.asked()).toHaveLength(1);
  });

  it('whose file is replaced is heard as it is now, the next time', async () => {
    const house = await openSoundHouse();
    house.putChime('bell.wav', encodeWav(tone(22_050, 1_000, 1)));
    const first = await house.clip({ chime: 'bell' });
    expect(strengthAt(await pcmOf(first), 1_000)).toBeGreaterThan(0.01);
    expect((await house.clip({ chime: 'bell' })).name).toBe(first.name);
    house.putChime('bell.wav', encodeWav(tone(22_050, 2_000, 1.1)));
    const second = await house.clip({ chime: 'bell' });
    expect(strengthAt(await pcmOf(second), 2_000)).toBeGreaterThan(0.01);
    expect(strengthAt(await pcmOf(second), 1_000)).toBeLessThan(0.001);
  });

  it('whose file is no sound is told by name to whoever asked for it', async () => {
    const house = await openSoundHouse();
    house.putChime('bell.wav', Buffer.from('fLaC and so on'));
    for (const said of [{ chime: 'bell' }, { text: 'Hello', before: 'bell' }]) {
      expect(errorOf(await house.prepare(said))).toEqual({
        code: 'internal',
        message: 'The chime "bell": It is FLAC; speakers play MP3 and WAV only.',
        advice: 'Look at that file in announcements.chimes_dir.',
      });
    }
  });

  it('of the settings that cannot be heard is left out, with one warning: the text is worth more', async () => {
    const house = await openSoundHouse({ defaults: { before: 'bell' } });
    const plain = await house.clip({ text: 'Hello', before: '' });
    expect((await house.clip({ text: 'Hello' })).name).toBe(plain.name);
    expect((await house.clip({ text: 'Hello' })).name).toBe(plain.name);
    expect(house.log.at('warn')).toEqual([
      'The chime of announcements.before cannot be heard; announcements go on without it.',
    ]);
    expect(house.log.lines[0]?.fields).toEqual({ problem: expect.stringContaining('called "bell"') });
    // A file without a sound is another problem, and a good one is heard at once.
    house.putChime('bell.wav', Buffer.from('<html>'));
    expect((await house.clip({ text: 'Hello' })).lengthMs).toBe(plain.lengthMs);
    expect((await house.clip({ text: 'Bye' })).lengthMs).toBe(plain.lengthMs);
    expect(house.log.at('warn')).toHaveLength(2);
    house.putChime('bell.wav', encodeWav(tone(22_050, 1_000, 1)));
    expect((await house.clip({ text: 'Hello' })).lengthMs).toBe((plain.lengthMs ?? 0) + 1_250);
    expect(house.log.at('warn')).toHaveLength(2);
  });
});

describe('a URL', () => {
  it('is served as it is: MP3 stays MP3, WAV stays WAV', async () => {
    const wav = encodeWav(tone(48_000, 500, 0.5));
    let bytes = MP3;
    const server = await serving(() => bytes);
    const house = await openSoundHouse();
    const sound = made(await house.prepare({ url: `${server.url}/a` }));
    expect(sound).toMatchObject({ provider: null, isOurs: true });
    expect(sound.lengthMs).toBe(Math.round(soundLengthMs(MP3) ?? 0));
    const again = await house.clip({ url: `${server.url}/b` });
    expect(house.offered.map(({ name, type, note }) => [name, type, note])).toEqual(
      [again, again].map(({ name }) => [name, 'mp3', 'url']),
    );
    expect(printOf(await bytesOf(again))).toBe(printOf(MP3));
    await house.written();
    // The same bytes from elsewhere are not kept twice.
    expect(house.counted.put).toBe(1);
    bytes = wav;
    const other = await house.clip({ url: `${server.url}/a` });
    expect([other.type, printOf(await bytesOf(other))]).toEqual(['wav', printOf(wav)]);
    expect(other.lengthMs).toBe(500);
    // It was asked for each time, since what is there may have changed.
    expect(server.seen.map(({ url }) => url)).toEqual(['/a', '/b', '/a']);
  });

  it('is joined with a chime, once', async () => {
    const server = await serving(() => MP3);
    const house = await openSoundHouse({ defaults: { before: 'soft' } });
    const joined = await house.clip({ url: server.url });
    expect(joined).toMatchObject({ type: 'wav', note: 'url' });
    const pcm = await pcmOf(joined);
    expect(pcm.rate).toBe(44_100);
    expect(pcm.samples.length / pcm.rate).toBeGreaterThan((soundLengthMs(MP3) ?? 0) / 1000 + 1.3);
    expect((await house.clip({ url: server.url, before: 'soft' })).name).toBe(joined.name);
    expect(house.counted.put).toBe(1);
    expect((await house.clip({ url: server.url, before: '' })).type).toBe('mp3');
  });

  it('of a sound that is too long to be joined is heard without the chime of the settings', async () => {
    const long = encodeWav(silence(8_000, 601));
    const server = await serving(() => long);
    const house = await openSoundHouse({ defaults: { before: 'soft' } });
    expect(await house.clip({ url: server.url })).toMatchObject({ note: 'url', bytes: long.length });
    expect(house.log.at('warn')).toHaveLength(1);
    expect(errorOf(await house.prepare({ url: server.url, before: 'gong' }))).toEqual({
      code: 'invalid_payload',
      message: 'The URL gives no sound for speakers. It is 11 minutes long; at most 10 are decoded.',
      advice: 'Send the address of an MP3 or WAV file.',
    });
  });

  it('that we cannot reach is handed on as it is: the speakers may', async () => {
    const server = await serving(() => MP3);
    await stopSoundServers();
    const house = await openSoundHouse();
    const url = `${server.url}/a.mp3?x=1`;
    for (const before of [null, 'gong']) {
      const sound = made(await house.prepare({ url, before }));
      expect(sound).toMatchObject({ lengthMs: null, provider: null, isOurs: false, from: server.url });
      expect(sound.urls(2, () => undefined)).toEqual([url, url]);
    }
    expect(house.offered).toEqual([]);
  });

  it.each([
    [
      'FLAC',
      'fLaC\0\0\0\0',
      'The URL gives no sound for speakers. It is FLAC; speakers play MP3 and WAV only.',
    ],
    ['a web page', '<!doctype html>', 'The URL gives no sound for speakers. It is a web page, not a sound.'],
    [
      'a playlist',
      '#EXTM3U\n',
      /^The URL gives no sound for speakers\. It is a playlist, not a sound: take /,
    ],
  ])('that gives %s is refused, with what was seen', async (_what, body, message) => {
    const server = await serving(() => Buffer.from(body, 'latin1'));
    const house = await openSoundHouse();
    for (const before of ['', 'gong']) {
      expect(errorOf(await house.prepare({ url: server.url, before }))).toEqual({
        code: 'invalid_payload',
        message: typeof message === 'string' ? message : expect.stringMatching(message),
        advice: 'Send the address of an MP3 or WAV file.',
      });
    }
  });

  it('that gives nothing is refused, without a word of the URL', async () => {
    const server = await serving(() => MP3, 404);
    const house = await openSoundHouse();
    const error = errorOf(await house.prepare({ url: `${server.url}/canary.mp3?token=canary` }));
    expect(error).toEqual({
      code: 'invalid_payload',
      message: 'The sound cannot be fetched: The server answered 404.',
      advice: 'Send the address of an MP3 or WAV file that can be fetched without a login.',
    });
    expect(JSON.stringify(house.log.lines)).not.toContain('canary');
  });

  it('from which nothing may be fetched is blocked: at once by its name, later by its address', async () => {
    const server = await serving(() => MP3);
    const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
    const house = await openSoundHouse({ allowedHosts: null, fetch: { resolve } });
    const advice = 'Add the host to announcements.allowed_hosts when speakers may fetch from it.';
    expect(house.sounds.objection(announcement({ url: server.url }))).toMatchObject({ code: 'blocked' });
    const rebound = server.url.replace('127.0.0.1', 'nas.example');
    expect(house.sounds.objection(announcement({ url: rebound }))).toBeNull();
    expect(errorOf(await house.prepare({ url: rebound }))).toEqual({
      code: 'blocked',
      message: 'The sound is not fetched: "nas.example" is at an address from which nothing is fetched.',
      advice,
    });
    // It was taken before the settings changed.
    expect(errorOf(await house.prepare({ url: server.url }))).toEqual({
      code: 'blocked',
      message: 'The sound is not fetched: Fetching from "127.0.0.1" is not allowed.',
      advice,
    });
    expect(server.seen).toEqual([]);
    expect(house.sounds.objection(announcement({ chime: 'gong' }))).toBeNull();
  });
});

describe('a mistake of ours', () => {
  it.each([
    [new TypeError('canary'), 'TypeError'],
    ['canary', 'unknown'],
  ])('costs that announcement alone, and its words are repeated nowhere: %s', async (thrown, name) => {
    const offer = () => Promise.reject(thrown);
    const house = await openSoundHouse({ makers: { offer } });
    const error = errorOf(await house.prepare({ text: 'Hello' }));
    expect(error).toEqual({
      code: 'internal',
      message: `The sound could not be made (${name}).`,
      advice: 'Please report it; the log says more.',
    });
    expect(house.log.at('error')).toHaveLength(1);
    expect(JSON.stringify(house.log.lines)).not.toContain('canary');
  });
});

it('no line of the log holds a text, whatever was said', async () => {
  const server = await serving(() => MP3);
  const house = await openSoundHouse({ defaults: { before: 'gong' } });
  for (const said of [{ text: 'canary' }, { text: 'canary', voice: 'v' }, { url: `${server.url}/canary` }]) {
    made(await house.prepare(said));
    made(await house.prepare(said));
  }
  await house.close();
  expect(house.program.asked().join()).toContain('canary');
  expect(JSON.stringify(house.log.lines)).not.toContain('canary');
});
