import { once } from 'node:events';
import { readdirSync, truncateSync } from 'node:fs';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CLIP_LIMITS, clipProblemOf } from '../../src/speech/clip-listener.ts';
import { createClipServer } from '../../src/speech/clip-server.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import {
  closeOf,
  eventually,
  exchange,
  forgottenFiles,
  openFilesIn,
  printOf,
  rememberedLog,
  soundOf,
  startServer,
} from './clip-house.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** One request on a connection of its own, or on one of the agent's. */
function ask(url: string, headers: Record<string, string> = {}, method = 'GET', agent?: Agent) {
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(url, { method, headers, agent: agent ?? false }, (response) => {
      buffer(response).then(
        (body) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        reject,
      );
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** A server with one clip of 100,000 bytes, and a path to it that waits for nobody. */
async function house(different: Parameters<typeof startServer>[0] = {}) {
  const started = await startServer(different);
  const sound = soundOf(100_000);
  const clip = await started.store.put('hello', sound);
  return { ...started, sound, clip, url: `${started.base}/${clip.name}/again.wav` };
}

describe('the clip server', () => {
  it('gives a clip, and tells what it is', async () => {
    const { url, base, sound, store, server } = await house();
    const { status, headers, body } = await ask(url);
    expect(status).toBe(200);
    expect(printOf(body)).toBe(printOf(sound.bytes));
    expect(headers).toMatchObject({
      'content-type': 'audio/wav',
      'content-length': '100000',
      'accept-ranges': 'bytes',
      'cache-control': 'private',
      'x-content-type-options': 'nosniff',
    });
    const mp3 = await store.put('song', soundOf(10, { type: 'mp3' }));
    expect((await ask(`${base}/${mp3.name}/a.mp3`)).headers['content-type']).toBe('audio/mpeg');
    expect(server.counters()).toEqual({ served: 2, refused: 0 });
  });

  it('tells the same to HEAD, without the sound', async () => {
    const { url, server } = await house();
    const { date: _, ...told } = (await ask(url)).headers;
    const { status, headers, body } = await ask(url, { Range: 'bytes=5-9' }, 'HEAD');
    expect(status).toBe(200);
    expect(headers).toMatchObject(told);
    expect(body.length).toBe(0);
    expect(server.counters()).toEqual({ served: 1, refused: 0 });
  });

  const LAST = 99_999;
  const RANGES: readonly (readonly [header: string, status: number, first: number, last: number])[] = [
    ['bytes=0-', 206, 0, LAST],
    ['bytes=0-0', 206, 0, 0],
    ['bytes=10-19', 206, 10, 19],
    ['BYTES=10-19', 206, 10, 19],
    ['bytes=99999-', 206, LAST, LAST],
    ['bytes=99999-99999', 206, LAST, LAST],
    ['bytes=500-100000', 206, 500, LAST],
    ['bytes=500-99999999999999999999999', 206, 500, LAST],
    ['bytes=-1', 206, LAST, LAST],
    ['bytes=-500', 206, 99_500, LAST],
    ['bytes=-100000', 206, 0, LAST],
    ['bytes=-100001', 206, 0, LAST],
    ['bytes= 10-19 ', 206, 10, 19],
    ['bytes=100000-', 416, 0, 0],
    ['bytes=100000-100005', 416, 0, 0],
    ['bytes=99999999999999999999999-', 416, 0, 0],
    ['bytes=-0', 416, 0, 0],
    ['bytes=0-1,5-9', 200, 0, LAST],
    ['bytes=0-1, -1', 200, 0, LAST],
    ['bytes=9-5', 200, 0, LAST],
    ['bytes=-', 200, 0, LAST],
    ['bytes=', 200, 0, LAST],
    ['bytes', 200, 0, LAST],
    ['', 200, 0, LAST],
    ['bytes=a-b', 200, 0, LAST],
    ['bytes=0x10-0x20', 200, 0, LAST],
    ['bytes=1.5-2', 200, 0, LAST],
    ['bytes=--5', 200, 0, LAST],
    ['bytes=+5-9', 200, 0, LAST],
    ['bytes 5-9', 200, 0, LAST],
    ['samples=5-9', 200, 0, LAST],
  ];

  it('gives the part that is asked for, and the whole where RFC 9110 lets it', async () => {
    const { url, sound, server } = await house();
    for (const [range, status, first, last] of RANGES) {
      const { headers, ...answer } = await ask(url, { Range: range });
      const bytes = status === 416 ? new Uint8Array() : sound.bytes.subarray(first, last + 1);
      const told = { 206: `bytes ${first}-${last}/100000`, 416: 'bytes */100000' }[status];
      expect([range, answer.status, printOf(answer.body)]).toEqual([range, status, printOf(bytes)]);
      expect([range, headers['content-length']]).toEqual([range, String(bytes.length)]);
      expect([range, headers['content-range']]).toEqual([range, told]);
    }
    expect(server.counters()).toEqual({
      served: RANGES.filter(([, status]) => status !== 416).length,
      refused: 0,
    });
  });

  it('gives the whole to who asks for a part of the very same sound', async () => {
    const { url } = await house();
    const answer = await ask(url, { Range: 'bytes=5-9', 'If-Range': '"abc"' });
    expect([answer.status, answer.body.length]).toEqual([200, 100_000]);
  });

  it('keeps a connection for several requests, and answers those that come at once in their order', async () => {
    const { url, port, clip } = await house();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number>();
    agent.on('free', (socket: { localPort: number }) => ports.add(socket.localPort));
    for (const range of ['bytes=0-9', 'bytes=10-19', 'bytes=20-'])
      await ask(url, { Range: range }, 'GET', agent);
    agent.destroy();
    expect(ports.size).toBe(1);
    const line = (range: string, last = '') =>
      `GET /${clip.name}/a.wav HTTP/1.1\r\nHost: x\r\nRange: bytes=${range}\r\n${last}\r\n`;
    const text = await exchange(port, line('0-0') + line('1-1') + line('2-2', 'Connection: close\r\n'));
    expect(text.match(/Content-Range: bytes \d-\d/g)).toEqual(
      [0, 1, 2].map((n) => `Content-Range: bytes ${n}-${n}`),
    );
  });

  it('answers 404 when the sound is gone from the disk', async () => {
    const { url, store, folder, server } = await house();
    await eventually(() => store.size().memoryBytes === 0);
    for (const name of readdirSync(folder)) truncateSync(join(folder, name), 5);
    expect((await ask(url)).status).toBe(404);
    expect((await ask(url)).status).toBe(404);
    expect(server.counters()).toEqual({ served: 0, refused: 2 });
  });

  it('cuts the connection when the disk fails before or in the middle of the sound', async () => {
    const { store, server, clip } = await house();
    for (const good of [0, 10]) {
      const broken = async () =>
        Readable.from(
          (function* () {
            if (good > 0) yield Buffer.alloc(good);
            throw new Error('EIO');
          })(),
          { objectMode: false },
        );
      const failing = await startServer({ store: { findByName: () => ({ ...clip, read: broken }) } });
      await expect(ask(`${failing.base}/${clip.name}/a.wav`)).rejects.toThrow(/socket hang up|aborted/);
      expect(failing.server.counters()).toEqual({ served: good > 0 ? 1 : 0, refused: good > 0 ? 0 : 1 });
    }
    expect(store.findByName(clip.name)).toBe(clip);
    expect(server.counters().served).toBe(0);
  });

  it('says what to do when it cannot start', async () => {
    const { port } = await house();
    const start = async (host: string, at: number) => {
      const server = createClipServer({
        host,
        port: at,
        store: { findByName: () => null },
        clock: systemClock,
        random: systemRandom,
        log: rememberedLog(),
      });
      const started = await server.start();
      await server.stop();
      return started.ok ? 'it started' : started.error.message;
    };
    expect(await start('127.0.0.1', port)).toMatch(/^Another program.*127\.0\.0\.1:\d+.*speech\.clip_port/s);
    expect(await start('192.0.2.77', 0)).toMatch(/no address 192\.0\.2\.77\. Set speech\.clip_host/);
    expect(await start('127.0.0.1', 0)).toBe('it started');
  });

  it.each([
    [
      'EACCES',
      'This user may not listen at 0.0.0.0:80; ports below 1024 often need more rights. Set speech.clip_port to a higher one, such as 8789.',
    ],
    [
      'ENOTFOUND',
      'This machine has no address 0.0.0.0. Set speech.clip_host to one that it has, or to 0.0.0.0 for all of them.',
    ],
    [
      'EMFILE',
      'The clip server could not start at 0.0.0.0:80 (EMFILE). Look at speech.clip_host and speech.clip_port.',
    ],
    [
      '',
      'The clip server could not start at 0.0.0.0:80 (odd). Look at speech.clip_host and speech.clip_port.',
    ],
  ])('has words for %s', (code, message) => {
    const error: NodeJS.ErrnoException = new Error('odd');
    if (code !== '') error.code = code;
    expect(clipProblemOf(error, '0.0.0.0', 80)).toEqual({ message });
  });

  it('ends within a second, whoever waits, reads or rests', async () => {
    const clock = createFakeClock();
    const { server, url, clip, base, store, port } = await house({ clock });
    const agent = new Agent({ keepAlive: true });
    onTestFinished(() => agent.destroy());
    await ask(url, { Range: 'bytes=0-1' }, 'GET', agent);
    const [path = ''] = server.ticketsFor(clip, 2, () => undefined);
    const waiting = ask(base + path).catch(() => null);
    const silent = connect(port, '127.0.0.1');
    silent.on('error', () => undefined);
    silent.write('GET / HT');
    await once(silent, 'connect');
    const isCut = closeOf(silent);
    const long = await store.put('long', soundOf(7_000_000));
    const reader = connect(port, '127.0.0.1');
    reader.on('error', () => undefined);
    reader.write(`GET /${long.name}/a.wav HTTP/1.1\r\nHost: x\r\n\r\n`);
    let bytes = 0;
    reader.once('data', () => reader.pause());
    reader.on('data', (chunk) => {
      bytes += chunk.length;
    });
    await eventually(() => bytes > 0);
    const stopped = Promise.all([server.stop(), server.stop()]);
    await clock.advance(1_000);
    await stopped;
    await Promise.all([waiting, isCut, closeOf(reader)]);
    expect(bytes).toBeLessThan(7_000_000);
    await expect(ask(url)).rejects.toThrow('ECONNREFUSED');
  });
});

describe('a stranger', () => {
  const NAME = 'N'.repeat(43);
  const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`;
  const NOTHING = [
    '/',
    '//',
    '/favicon.ico',
    '/robots.txt',
    '/NAME',
    '/NAME/',
    '/NAME/a',
    '/NAME/a.WAV',
    '/NAME/a.mp3',
    '/NAME/a.wav/',
    '/NAME/a.wav?',
    '/NAME/a.wav?x=1',
    '/NAME/a.wav#x',
    '/NAME//a.wav',
    '/NAME/./a.wav',
    '/NAME/../NAME/a.wav',
    '/./NAME/a.wav',
    '//NAME/a.wav',
    '/x/../NAME/a.wav',
    '/NAME%2fa.wav',
    '/NAME/a%2ewav',
    '/NAME/%61.wav',
    '/NAME\\a.wav',
    '/NAME/a.wav%00',
    '/NAME/a.wav;x',
    `/NAME/${'a'.repeat(65)}.wav`,
    `/${NAME}/a.wav`,
    `/${NAME}N/a.wav`,
    '/../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/..%5c..%5cetc%5cpasswd',
    '/....//....//etc/passwd',
    '/%252e%252e%252fetc%252fpasswd',
    '/..%c0%af..%c0%afetc/passwd',
    '/etc/passwd%00.wav',
    '/FILE',
    '/FILE/a.wav',
    'http://x/NAME/a.wav',
    'http://127.0.0.1/',
    '*',
    `/${'a'.repeat(7_000)}`,
  ];

  it('gets a 404 for everything else, short and always the same', async () => {
    const { port, clip, server, store, folder, log } = await house();
    await eventually(() => store.size().memoryBytes === 0);
    const fill = (target: string) =>
      target.replaceAll('NAME', clip.name).replace('FILE', readdirSync(folder)[0] ?? '');
    const answers = new Set<string>();
    for (const target of NOTHING) {
      const text = await exchange(port, get(fill(target)));
      expect([target, text.slice(0, 24)]).toEqual([target, 'HTTP/1.1 404 Not Found\r\n']);
      answers.add(text.replace(/Date: [^\r]*/, 'Date'));
    }
    expect([...answers]).toEqual([
      'HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nX-Content-Type-Options: nosniff\r\nDate\r\nConnection: close\r\n\r\n',
    ]);
    // A line that is too long is refused before its end has come.
    const long = await exchange(port, get(`/${'a'.repeat(60_000)}`));
    expect(long).toBe('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    expect(server.counters()).toEqual({ served: 0, refused: NOTHING.length + 1 });
    expect(log.lines).toEqual([]);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'PROPFIND', 'CONNECT'])(
    'who sends %s gets a 405 and is not listened to',
    async (method) => {
      const { port, clip, server } = await house();
      for (const path of [`/${clip.name}/a.wav`, '/']) {
        const target = method === 'CONNECT' ? 'example.org:443' : path;
        const endless = 'Content-Length: 1000000000\r\n';
        const text = await exchange(port, `${method} ${target} HTTP/1.1\r\nHost: x\r\n${endless}\r\nabc`);
        expect(text).toMatch(/^HTTP\/1\.1 405 Method Not Allowed\r\n/);
        expect(text).toMatch(/Allow: GET, HEAD\r\n/);
        expect(text).toMatch(/Connection: close\r\n/);
      }
      expect(server.counters()).toEqual({ served: 0, refused: 2 });
    },
  );

  it.each([
    ['nonsense', 'hello\r\n\r\n'],
    ['a TLS handshake', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a header with a NUL', 'GET / HTTP/1.1\r\nHost: x\0y\r\n\r\n'],
    ['no absolute path', 'GET NAME/a.wav HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two lengths', 'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
  ])('who sends %s gets a 400 and is not listened to', async (_what, bytes) => {
    const { port, server } = await house();
    expect(await exchange(port, bytes)).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n.*Connection: close\r\n/s);
    expect(server.counters().served).toBe(0);
  });

  it('who asks for a clip with a body gets the clip, and the body is not read', async () => {
    const { port, clip } = await house();
    const head = `GET /${clip.name}/a.wav HTTP/1.1\r\nHost: x\r\nRange: bytes=0-2\r\nContent-Length: 1000000000\r\n`;
    for (const expects of ['', 'Expect: 100-continue\r\n', 'Expect: everything\r\n']) {
      const text = await exchange(port, `${head}${expects}\r\nabc`);
      expect(text).toMatch(/^HTTP\/1\.1 206 Partial Content\r\n.*Connection: close\r\n/s);
    }
  });

  it('who sends rubbish while he gets a clip is cut off, and nothing is put into the clip', async () => {
    const { port, store, server } = await house();
    const sound = soundOf(8_000_000);
    const clip = await store.put('long', sound);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write(`GET /${clip.name}/a.wav HTTP/1.1\r\nHost: x\r\n\r\n`);
    const chunks: Buffer[] = [];
    socket.once('data', () => socket.write('rubbish\r\n\r\n'));
    socket.on('data', (chunk) => chunks.push(chunk));
    await closeOf(socket);
    const text = Buffer.concat(chunks);
    const body = text.subarray(text.indexOf('\r\n\r\n') + 4);
    expect(body.length).toBeLessThan(sound.bytes.length);
    expect(body.equals(sound.bytes.subarray(0, body.length))).toBe(true);
    await eventually(() => server.counters().refused === 1);
  });

  it('who is slow with the request is cut off', async () => {
    const limits = { ...CLIP_LIMITS, headersMs: 60, checkEveryMs: 20 };
    const { port } = await house({ limits });
    expect(await exchange(port, 'GET / HT')).toMatch(/^HTTP\/1\.1 408 /);
    expect(await exchange(port, '')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('who asks for a clip and does not read it is cut off, and its file is closed', async () => {
    const { port, store, folder } = await house({ limits: { ...CLIP_LIMITS, stalledMs: 80 } });
    const forgotten = forgottenFiles();
    const clip = await store.put('long', soundOf(7_000_000));
    await eventually(() => store.size().memoryBytes === 0);
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => undefined);
    socket.pause();
    socket.write(`GET /${clip.name}/a.wav HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, 'connect');
    await new Promise((resolve) => setTimeout(resolve, 300));
    socket.resume();
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    await closeOf(socket);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(7_000_000);
    await eventually(() => openFilesIn(folder) === 0);
    expect(forgotten).toEqual([]);
  });

  it('who opens too many connections gets no more of them; resting ones make room', async () => {
    const { port, url, server } = await house({
      limits: { ...CLIP_LIMITS, connections: 4, connectionsPerAddress: 3 },
    });
    const open = async (address: string) => {
      const socket = connect({ port, host: '127.0.0.1', localAddress: address });
      socket.on('error', () => undefined);
      await once(socket, 'connect');
      return socket;
    };
    const [first] = await Promise.all([open('127.0.0.2'), open('127.0.0.2'), open('127.0.0.2')]);
    await closeOf(await open('127.0.0.2'));
    expect(server.counters().refused).toBe(1);
    // Another address is not meant, until there are too many of all.
    const other = await open('127.0.0.3');
    other.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String(await once(other, 'data'))).toContain('404');
    const closed = closeOf(other);
    await closeOf(await open('127.0.0.4'));
    expect(server.counters().refused).toBe(3);
    // It rested, and made room.
    await closed;
    expect((await ask(url, { Range: 'bytes=0-0' })).status).toBe(206);
    first?.destroy();
    // The server learns of that in its own time.
    while ((await exchange(port, get('/'), '127.0.0.2')) === '')
      expect(server.counters().refused).toBeLessThan(1_000);
  });
});
