import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { Clock } from '../../src/bridge/ports.ts';
import { createHttp, type HttpRequest } from '../../src/sonos/http.ts';
import { systemClock } from '../../src/system.ts';
import { transpile } from '../store/transpiled.ts';
import { freePort } from '../support/ports.ts';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return `http://127.0.0.1:${address.port}`;
}

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** The machine's clock, counting the timers that are still running. */
function countingClock(): Clock & { running: () => number } {
  let running = 0;
  return {
    ...systemClock,
    running: () => running,
    after(milliseconds, work) {
      running += 1;
      let over = false;
      const end = () => {
        if (!over) running -= 1;
        over = true;
      };
      const cancel = systemClock.after(milliseconds, () => {
        end();
        work();
      });
      return () => {
        end();
        cancel();
      };
    },
  };
}

const clock = countingClock();
const http = createHttp(clock);
const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  headers: {},
  timeoutMs: 5000,
  maxBytes: 100_000,
  ...more,
});

afterEach(() => {
  expect(clock.running()).toBe(0);
});

describe('a request over HTTP', () => {
  it('brings back status, headers in lower case and text, whatever the status', async () => {
    const url = await serve((request, response) => {
      response.writeHead(499, { 'X-Sonos-Type': 'globalError', 'Content-Type': 'application/json' });
      request.pipe(response);
    });
    const answer = await http(get(url, { method: 'POST', body: '{"name":"Küche"}' }));
    if (!answer.ok) throw new Error(answer.error.reason);
    expect(answer.value.status).toBe(499);
    expect(answer.value.headers.get('x-sonos-type')).toBe('globalError');
    expect(answer.value.text).toBe('{"name":"Küche"}');
  });

  it('joins characters that arrive in two pieces', async () => {
    const url = await serve((_, response) => {
      const bytes = Buffer.from('ü');
      response.write(bytes.subarray(0, 1));
      setTimeout(() => response.end(bytes.subarray(1)), 20);
    });
    const answer = await http(get(url));
    expect(answer.ok && answer.value.text).toBe('ü');
  });

  it('never follows a redirect, which would carry the token elsewhere', async () => {
    const asked: string[] = [];
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      response.writeHead(302, { Location: '/elsewhere' }).end('moved');
    });
    const answer = await http(get(url, { headers: { Authorization: 'Bearer t' } }));
    expect(answer.ok && answer.value.status).toBe(302);
    expect(asked).toEqual(['/']);
  });

  it('keeps the connection for the next request', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    });
    for (let call = 0; call < 5; call += 1) expect((await http(get(url))).ok).toBe(true);
    // A request may come before the pool has its connection back, so there may be two of them.
    expect(ports.size).toBeLessThanOrEqual(2);
  });

  it('opens at most sixteen connections, and keeps those', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      setTimeout(() => response.end('{}'), 2);
    });
    for (let burst = 0; burst < 3; burst += 1) {
      const answers = await Promise.all(Array.from({ length: 50 }, () => http(get(url))));
      expect(answers.every(({ ok }) => ok)).toBe(true);
    }
    expect(ports.size).toBe(16);
  });

  it('knows that a request which waited in vain for a connection had no effect', async () => {
    let asked = 0;
    const url = await serve(() => {
      asked += 1;
    });
    const slow = Array.from({ length: 16 }, () => http(get(url, { timeoutMs: 300 })));
    const waiting = await http(get(url, { method: 'POST', body: '{}', timeoutMs: 100 }));
    expect(!waiting.ok && waiting.error).toMatchObject({ kind: 'timeout', effect: 'none' });
    for (const answer of await Promise.all(slow)) {
      expect(!answer.ok && answer.error).toMatchObject({ kind: 'timeout', effect: 'unknown' });
    }
    expect(asked).toBe(16);
    // Hanging up has made room.
    const again = await http(get(url, { timeoutMs: 50 }));
    expect(!again.ok && again.error).toMatchObject({ kind: 'timeout', effect: 'unknown' });
    expect(asked).toBe(17);
  });

  it('does not know the effect when a kept connection is closed under a request, and then takes another', async () => {
    const ports: (number | undefined)[] = [];
    const url = await serve((request, response) => {
      ports.push(request.socket.remotePort);
      if (request.url === '/reset') request.socket.resetAndDestroy();
      else response.end('{}');
    });
    expect((await http(get(url))).ok).toBe(true);
    await wait(5);
    const lost = await http(get(`${url}/reset`, { method: 'POST', body: '{}' }));
    expect(!lost.ok && lost.error).toMatchObject({ kind: 'network', effect: 'unknown' });
    expect((await http(get(url))).ok).toBe(true);
    expect(ports[1]).toBe(ports[0]);
    expect(ports[2]).not.toBe(ports[0]);
  });

  it('leaves a connection that the server closed meanwhile', async () => {
    const url = await serve((_, response) => response.end('{}'));
    expect((await http(get(url))).ok).toBe(true);
    const [server] = servers;
    server?.closeAllConnections();
    await wait(20);
    expect((await http(get(url, { method: 'POST', body: '{}' }))).ok).toBe(true);
  });

  it('does not keep the process for a connection that is kept', async () => {
    const url = await serve((_, response) => response.end('{}'));
    const folder = transpile('src/sonos/http.ts', 'src/system.ts');
    const program = `
      import { createHttp } from '${folder}/src/sonos/http.js';
      import { systemClock } from '${folder}/src/system.js';
      const request = { method: 'GET', url: '${url}', headers: {}, timeoutMs: 60_000, maxBytes: 1000 };
      console.log((await createHttp(systemClock)(request)).value.text);`;
    const begun = performance.now();
    const run = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
    expect((await run).stdout).toBe('{}\n');
    // Idle connections are closed after four seconds.
    expect(performance.now() - begun).toBeLessThan(3_500);
  });

  it('gives up on a server that does not answer, and may have acted', async () => {
    const url = await serve(() => {});
    const answer = await http(get(url, { timeoutMs: 50 }));
    expect(answer).toEqual({
      ok: false,
      error: { kind: 'timeout', effect: 'unknown', reason: 'No complete answer came within 0.05 seconds.' },
    });
  });

  it('gives up on an answer that trickles for ever, and hangs up', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const url = await serve((_, response) => {
      closed = once(response, 'close');
      response.write('{');
      const drip = setInterval(() => response.write(' '), 10);
      response.on('close', () => clearInterval(drip));
    });
    const answer = await http(get(url, { timeoutMs: 100 }));
    expect(!answer.ok && answer.error.kind).toBe('timeout');
    await closed;
  });

  it('does not read an answer without end, and hangs up', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    let sent = 0;
    const url = await serve((_, response) => {
      closed = once(response, 'close');
      const chunk = Buffer.alloc(64 * 1024, 'x');
      const pour = () => {
        do sent += chunk.length;
        while (!response.destroyed && response.write(chunk));
      };
      response.on('drain', pour);
      pour();
    });
    const answer = await http(get(url));
    expect(!answer.ok && answer.error).toMatchObject({ kind: 'too_large', effect: 'unknown' });
    await closed;
    expect(sent).toBeLessThan(50_000_000);
  });

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ] as const)('asks for nothing compressed, and reads %s all the same', async (name, compress) => {
    const asked: unknown[] = [];
    const url = await serve((request, response) => {
      asked.push(request.headers['accept-encoding']);
      response.writeHead(200, { 'Content-Encoding': name }).end(compress('{"name":"Küche"}'));
    });
    const answer = await http(get(url));
    expect(answer.ok && answer.value.text).toBe('{"name":"Küche"}');
    expect(asked).toEqual(['identity']);
  });

  it('an answer whose compression is broken, or breaks off, is a failure of the network', async () => {
    const url = await serve((request, response) => {
      const packed = gzipSync('x'.repeat(1000));
      response.writeHead(200, { 'Content-Encoding': 'gzip' });
      response.end(request.url === '/half' ? packed.subarray(0, 20) : 'not gzip');
    });
    for (const path of ['', '/half']) {
      const answer = await http(get(`${url}${path}`));
      expect(!answer.ok && answer.error).toMatchObject({ kind: 'network', effect: 'unknown' });
    }
  });

  it('takes a name of an encoding that is none for no encoding', async () => {
    const url = await serve((_, response) =>
      response.writeHead(200, { 'Content-Encoding': 'constructor' }).end('{}'),
    );
    const answer = await http(get(url));
    expect(answer.ok && answer.value.text).toBe('{}');
  });

  it('counts a compressed answer by what it becomes', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync(Buffer.alloc(1_000_000)));
    });
    const answer = await http(get(url));
    expect(!answer.ok && answer.error.kind).toBe('too_large');
  });

  it('knows that a refused connection and an unknown name had no effect', async () => {
    const refused = await http(get(`http://127.0.0.1:${await freePort()}`));
    expect(refused).toEqual({
      ok: false,
      error: { kind: 'network', effect: 'none', reason: 'The server could not be reached (ECONNREFUSED).' },
    });
    const unknown = await http(get('http://no-such-host.invalid'));
    expect(!unknown.ok && unknown.error).toMatchObject({ kind: 'network', effect: 'none' });
  });

  it('knows it also when every address of a name refuses', async () => {
    const refused = await http(get(`http://localhost:${await freePort()}`));
    expect(!refused.ok && refused.error).toMatchObject({ kind: 'network', effect: 'none' });
  });

  it('a server that does not speak TLS is a failure of the network', async () => {
    const plain = createTcpServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n'));
    plain.listen(0, '127.0.0.1');
    await once(plain, 'listening');
    const address = plain.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    const answer = await http(get(`https://127.0.0.1:${address.port}`));
    expect(!answer.ok && answer.error.kind).toBe('network');
    plain.close();
  });

  it('says that the effect is unknown when the connection breaks after the request was sent', async () => {
    const url = await serve((request) => request.socket.destroy());
    const answer = await http(get(url, { method: 'POST', body: '{}' }));
    expect(!answer.ok && answer.error).toMatchObject({ kind: 'network', effect: 'unknown' });
  });

  it('says so too when it breaks within the answer', async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': '100' });
      response.write('{', () => response.destroy());
    });
    const answer = await http(get(url));
    expect(!answer.ok && answer.error).toMatchObject({ kind: 'network', effect: 'unknown' });
  });

  it('an answer without a body is empty text', async () => {
    const url = await serve((_, response) => response.writeHead(204).end());
    const answer = await http(get(url));
    expect(answer.ok && answer.value.text).toBe('');
  });

  it('a malformed request is a bug, told without quoting the token', async () => {
    const request = get('http://127.0.0.1:9', { headers: { Authorization: 'Bearer canary\ntoken' } });
    const error = await http(request).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TypeError);
    expect(String(error)).toContain('malformed');
    expect(String(error)).not.toContain('canary');
  });
});
