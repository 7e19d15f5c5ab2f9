import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createTcpServer, isIP, type Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isForbiddenAddress, urlPolicy } from '../../src/bridge/url-policy.ts';
import {
  createFetchGuarded,
  type FetchGuardedOptions,
  type Resolved,
} from '../../src/speech/fetch-guarded.ts';
import { systemClock } from '../../src/system.ts';
import { NEVER, SPELLINGS } from '../bridge/url-spellings.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { eventually, printOf, soundOf } from './clip-house.ts';

async function listening<S extends Server>(server: S, host: string, port = 0): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** A web server that remembers who asked for what. */
async function startWeb(answer: RequestListener, host = '127.0.0.1', port = 0) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  const at = await listening(server, host, port);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, port: at, server };
}

const open = { clock: systemClock, allows: () => true, isForbidden: () => false };
const guard = (different: Partial<FetchGuardedOptions> = {}) => createFetchGuarded({ ...open, ...different });
const found = (...addresses: string[]): Resolved[] =>
  addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));

const SOUND = soundOf(100_000).bytes;
const give: RequestListener = (_request, response) => response.end(SOUND);

describe("somebody else's sound", () => {
  it('is fetched, byte by byte, and nothing of ours is told', async () => {
    const { asked, port } = await startWeb(give);
    const fetched = await guard()(`http://127.0.0.1:${port}/a/b.mp3?key=1#x`);
    expect(fetched.kind === 'fetched' && printOf(fetched.bytes)).toBe(printOf(SOUND));
    expect(asked.map(({ method, url }) => [method, url])).toEqual([['GET', '/a/b.mp3?key=1']]);
    expect(asked[0]?.headers).toEqual({
      host: `127.0.0.1:${port}`,
      accept: 'audio/*, */*;q=0.5',
      'accept-encoding': 'identity',
      connection: 'close',
    });
  });

  it('is fetched by a name, from the very address that was looked at', async () => {
    const { asked, port } = await startWeb(give);
    const names: string[] = [];
    const fetch = guard({
      resolve: async (host) => {
        names.push(host);
        return found('127.0.0.1');
      },
    });
    expect(await fetch(`http://nas.example.org:${port}/a.mp3`)).toMatchObject({ kind: 'fetched' });
    expect(names).toEqual(['nas.example.org']);
    expect(asked[0]?.headers.host).toBe(`nas.example.org:${port}`);
  });

  it('is looked up in the system when nothing else is said', async () => {
    const { port } = await startWeb(give);
    const seen: string[] = [];
    const isForbidden = (address: string) => {
      seen.push(address);
      return false;
    };
    expect(await guard({ isForbidden })(`http://localhost:${port}/`)).toMatchObject({ kind: 'fetched' });
    expect(seen).toContain('127.0.0.1');
  });

  it('is fetched from another address of the name when the first one does not answer', async () => {
    const { port } = await startWeb(give, '127.0.0.5');
    const fetch = guard({ resolve: async () => found('127.0.0.4', '127.0.0.5') });
    expect(await fetch(`http://nas:${port}/`)).toMatchObject({ kind: 'fetched' });
  });
});

describe('what the policy for names does not allow', () => {
  it.each([
    ['nonsense', 'It is not an http or https address.'],
    ['file:///etc/passwd', 'It is not an http or https address.'],
    ['ftp://nas/a.mp3', 'It is not an http or https address.'],
    ['http://user@nas/', 'Its address holds a user or a password.'],
    ['http://:secret@nas/', 'Its address holds a user or a password.'],
    ['http://evil.example/', 'Fetching from "evil.example" is not allowed.'],
    ['http://nas\\@evil.example/', 'Fetching from "nas" is not allowed.'],
  ])('%s is refused before anything is asked', async (url, reason) => {
    const fetch = guard({
      allows: ({ hostname }) => hostname === 'good',
      resolve: () => Promise.reject(new Error('it was looked up')),
    });
    const kind = reason.endsWith('is not allowed.') ? 'forbidden' : 'refused';
    expect(await fetch(url)).toEqual({ kind, reason });
  });
});

describe('an address from which nothing is fetched', () => {
  const policy = urlPolicy(null);

  it('is refused in each of its spellings, by its name and once more by itself', async () => {
    const resolve = async (): Promise<never> => {
      throw new Error('no name is looked up');
    };
    const byName = guard({ allows: (url) => policy(url.href).ok, isForbidden: isForbiddenAddress, resolve });
    const byAddress = guard({ isForbidden: isForbiddenAddress, resolve });
    let addresses = 0;
    for (const [url, becomes] of SPELLINGS) {
      if (becomes === 'allowed') continue;
      const hasUser = URL.canParse(url) && new URL(url).username !== '';
      const kind = becomes === 'blocked' && !hasUser ? 'forbidden' : 'refused';
      expect([url, (await byName(url)).kind]).toEqual([url, kind]);
    }
    for (const host of NEVER) {
      const url = `http://${host}/a.mp3`;
      const isAddress = isIP(new URL(url).hostname.replace(/[[\]]/g, '')) !== 0;
      const fetched = await byAddress(url);
      expect([url, fetched.kind]).toEqual([url, isAddress ? 'forbidden' : 'unreachable']);
      if (isAddress) addresses += 1;
    }
    expect(addresses).toBeGreaterThan(100);
  });

  it.each([
    ['127.0.0.1'],
    ['::1'],
    ['::ffff:127.0.0.1'],
    ['fe80::1%eth0'],
    ['169.254.169.254'],
    ['93.184.216.34', '127.0.0.1'],
    ['2001:db8::1', '93.184.216.34', '169.254.169.254'],
    ['nas'],
    [''],
  ])('is refused when a name has it among its own: %s %s %s', async (...addresses) => {
    const { asked, port } = await startWeb(give);
    const fetch = guard({ isForbidden: isForbiddenAddress, resolve: async () => found(...addresses) });
    expect(await fetch(`http://rebound.example:${port}/`)).toEqual({
      kind: 'forbidden',
      reason: '"rebound.example" is at an address from which nothing is fetched.',
    });
    expect(asked).toEqual([]);
  });

  it('is fetched from when it was listed by hand', async () => {
    const { port } = await startWeb(give);
    const fetch = guard({
      isForbidden: isForbiddenAddress,
      isListed: ({ hostname }) => hostname === 'localhost',
    });
    expect(await fetch(`http://localhost:${port}/`)).toMatchObject({ kind: 'fetched' });
    expect(await fetch(`http://127.0.0.1:${port}/`)).toMatchObject({ kind: 'forbidden' });
  });

  it('is not reached by a name that says another address the second time', async () => {
    const good = await startWeb(give, '127.0.0.2');
    const bad = await startWeb(give, '127.0.0.1', good.port);
    const answers = ['127.0.0.2', '127.0.0.1', '127.0.0.1'];
    let asked = 0;
    const fetch = guard({
      isForbidden: (address) => address === '127.0.0.1',
      resolve: async () => {
        asked += 1;
        return found(answers.shift() ?? '127.0.0.1');
      },
    });
    expect(await fetch(`http://rebound.example:${good.port}/`)).toMatchObject({ kind: 'fetched' });
    expect(asked).toBe(1);
    expect((await fetch(`http://rebound.example:${good.port}/`)).kind).toBe('forbidden');
    expect([good.asked.length, bad.asked.length]).toEqual([1, 0]);
  });

  it.each([301, 302, 303, 307, 308, 300])('is not reached by a redirect (%i)', async (status) => {
    const inner = await startWeb(give);
    const { port } = await startWeb((_request, response) => {
      response.writeHead(status, { Location: `http://127.0.0.1:${inner.port}/secret` }).end('go there');
    }, '127.0.0.2');
    const fetch = guard({ isForbidden: (address) => address === '127.0.0.1' });
    expect(await fetch(`http://127.0.0.2:${port}/`)).toEqual({
      kind: 'refused',
      reason: `The server redirects (${status}); give the final address.`,
    });
    await setImmediate();
    expect(inner.asked).toEqual([]);
  });
});

describe('a server that does not give a sound', () => {
  const answering =
    (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
    (_request, response) =>
      response.writeHead(status, headers).end(body);

  it.each([
    ['404', answering(404, 'not found'), 'refused', 'The server answered 404.'],
    ['401', answering(401, '', { 'WWW-Authenticate': 'Basic' }), 'refused', 'The server answered 401.'],
    ['204', answering(204, ''), 'refused', 'The server answered 204.'],
    ['206', answering(206, 'part'), 'refused', 'The server answered 206.'],
    ['500', answering(500, 'oops'), 'unreachable', 'The server answered 500.'],
    ['503', answering(503, 'later'), 'unreachable', 'The server answered 503.'],
    ['nothing', answering(200, ''), 'refused', 'It is empty.'],
    [
      'gzip',
      answering(200, 'x', { 'Content-Encoding': 'gzip' }),
      'refused',
      'The server sends it compressed, though it was asked not to.',
    ],
  ])('but %s is told of so', async (_what, answer, kind, reason) => {
    const { port } = await startWeb(answer);
    expect(await guard()(`http://127.0.0.1:${port}/`)).toEqual({ kind, reason });
  });

  it.each([
    ['no HTTP', 'hello', /^The server could not be reached \(HPE_/],
    ['nothing', '', /^The server could not be reached \(ECONNRESET\)/],
    [
      'half of a sound',
      'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc',
      /^The connection broke in the middle \(ECONNRESET\)/,
    ],
  ])('but %s is unreachable', async (_what, bytes, reason) => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', () => socket.end(bytes));
    });
    const port = await listening(server, '127.0.0.1');
    onTestFinished(() => void server.close());
    expect(await guard()(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'unreachable',
      reason: expect.stringMatching(reason),
    });
  });

  it('is refused when it changes to another protocol', async () => {
    const server = createTcpServer((socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n');
    });
    const port = await listening(server, '127.0.0.1');
    onTestFinished(() => void server.close());
    expect(await guard()(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      reason: 'The server speaks another protocol.',
    });
  });

  it('is unreachable when nobody listens, no name is found, or no address', async () => {
    const { port, server } = await startWeb(give);
    server.close();
    await once(server, 'close');
    expect(await guard()(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'unreachable',
      reason: 'The server could not be reached (ECONNREFUSED).',
    });
    const missing = guard({
      resolve: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })),
    });
    expect(await missing('http://nas.lan/')).toEqual({
      kind: 'unreachable',
      reason: 'The name "nas.lan" was not found (ENOTFOUND).',
    });
    expect(await guard({ resolve: async () => [] })('http://nas.lan/')).toEqual({
      kind: 'unreachable',
      reason: 'The name "nas.lan" has no address.',
    });
    const odd = guard({ resolve: () => Promise.reject('no error at all') });
    expect(await odd('http://nas.lan/')).toMatchObject({
      reason: expect.stringContaining('(no error code)'),
    });
  });

  it('is unreachable over https with a certificate that nobody vouches for, or none', async () => {
    const tls = createTlsServer({}, give);
    const port = await listening(tls, '127.0.0.1');
    onTestFinished(() => void tls.close());
    expect(await guard()(`https://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'unreachable',
      reason: expect.stringMatching(/^The server could not be reached \((ERR_SSL|EPROTO|ECONNRESET)/),
    });
  });
});

describe('a server that gives too much, or too slowly', () => {
  /** Whether the connection over which this was answered is closed. */
  const isClosed = (response: ServerResponse | null) => response?.destroyed === true;

  it('is refused by its own word, and nothing of the body is read', async () => {
    let answered: ServerResponse | null = null;
    const { port } = await startWeb((_request, response) => {
      answered = response;
      response.writeHead(200, { 'Content-Length': '20000001' }).write('x');
    });
    expect(await guard()(`http://127.0.0.1:${port}/`)).toEqual({
      kind: 'refused',
      reason: 'It is longer than the 20 MB that are taken at most.',
    });
    await eventually(() => isClosed(answered));
  });

  it('is cut off the moment that an endless body passes the cap', async () => {
    let answered: ServerResponse | null = null;
    let sent = 0;
    const { port } = await startWeb((_request, response) => {
      answered = response;
      const piece = Buffer.alloc(65_536);
      const more = (): void => {
        while (!response.destroyed && response.write(piece)) sent += piece.length;
      };
      response.on('drain', more);
      more();
    });
    expect(await guard({ maxBytes: 1_000_000 })(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('longer than the 1 MB'),
    });
    await eventually(() => isClosed(answered));
    // What lay in the buffers of both ends is all that came beyond it.
    expect(sent).toBeLessThan(20_000_000);
  });

  it('may give exactly as much as the cap', async () => {
    const { port } = await startWeb(give);
    expect(await guard({ maxBytes: SOUND.length })(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'fetched',
    });
    expect(await guard({ maxBytes: SOUND.length - 1 })(`http://127.0.0.1:${port}/`)).toMatchObject({
      kind: 'refused',
    });
  });

  it.each([
    ['never answers', () => undefined],
    ['never comes to an end', (response: ServerResponse) => void response.writeHead(200).write('a')],
  ] as const)('is cut off after five seconds when it %s', async (_what, answer) => {
    const clock = createFakeClock();
    let answered: ServerResponse | null = null;
    const { port, asked } = await startWeb((_request, response) => {
      answered = response;
      answer(response);
    });
    let outcome: unknown = null;
    const fetching = guard({ clock })(`http://127.0.0.1:${port}/`).then((fetched) => {
      outcome = fetched;
    });
    await eventually(() => asked.length === 1);
    await clock.advance(4_999);
    expect(outcome).toBeNull();
    await clock.advance(1);
    await fetching;
    expect(outcome).toEqual({ kind: 'unreachable', reason: 'There was no whole answer within 5 seconds.' });
    await eventually(() => isClosed(answered));
    expect(clock.timers).toBe(0);
  });

  it('is not asked at all when its name takes longer than that', async () => {
    const clock = createFakeClock();
    const { port, asked } = await startWeb(give);
    let answer: (addresses: Resolved[]) => void = () => undefined;
    const resolve = () =>
      new Promise<Resolved[]>((done) => {
        answer = done;
      });
    const fetching = guard({ clock, resolve })(`http://slow.example:${port}/`);
    await clock.advance(5_000);
    expect(await fetching).toMatchObject({ kind: 'unreachable' });
    answer(found('127.0.0.1'));
    await clock.advance(0);
    expect(await guard()(`http://127.0.0.1:${port}/another`)).toMatchObject({ kind: 'fetched' });
    expect(asked.map(({ url }) => url)).toEqual(['/another']);
  });
});
