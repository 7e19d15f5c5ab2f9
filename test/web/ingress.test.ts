import { once } from 'node:events';
import { createServer, type IncomingMessage, request as send } from 'node:http';
import type { RequestHandler } from 'express';
import { describe, expect, onTestFinished, test } from 'vitest';
import { guardIngress } from '../../src/web/ingress.ts';
import { ACCOUNT, fakeLogin, openHouse, tagsOf } from './house.ts';

/** Every address in 127.0.0.0/8 is this machine, so one of them can play the Supervisor and others strangers. */
const SUPERVISOR = '127.0.0.2';
const PREFIX = '/api/hassio_ingress/c4nary-ingress-token';
const BROWSER_AT = 'http://homeassistant.local:8123';

const textOf = async (answer: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const piece of answer.setEncoding('utf8')) text += String(piece);
  return text;
};

interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks from an address of this machine. */
async function askFrom(localAddress: string, port: number, path: string, asked: Asked = {}) {
  const { method = 'GET', headers = {}, body } = asked;
  const request = send({ host: '127.0.0.1', port, path, method, localAddress, headers, agent: false });
  request.end(body);
  const [answer] = (await once(request, 'response')) as [IncomingMessage];
  return { status: answer.statusCode ?? 0, headers: answer.headers, text: await textOf(answer) };
}

/**
 * What stands between a browser and an add-on: Home Assistant takes everything below the prefix, takes the prefix away and
 * names it in a header; the host that the browser asked for is passed on. The Supervisor comes from its own address.
 */
async function openIngress(port: number) {
  const relay = createServer(async (request, response) => {
    const path = request.url ?? '';
    if (!path.startsWith(`${PREFIX}/`)) return response.writeHead(404).end('not the add-on');
    const body = await textOf(request);
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = request.headers;
    const answer = await askFrom(SUPERVISOR, port, path.slice(PREFIX.length), {
      method: request.method ?? 'GET',
      headers: {
        ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)])),
        'X-Ingress-Path': PREFIX,
        'X-Forwarded-For': '192.168.1.7, 172.30.32.1',
        'X-Forwarded-Host': 'homeassistant.local:8123',
        'Content-Length': String(Buffer.byteLength(body)),
      },
      body,
    });
    response.writeHead(answer.status, answer.headers).end(answer.text);
    return response;
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  onTestFinished(() => void relay.close().closeAllConnections());
  const address = relay.address();
  const relayPort = typeof address === 'object' && address !== null ? address.port : 0;
  /** As a browser does it: addresses are resolved, and the headers of a frame of the same origin are sent along. */
  return async (from: string, href: string, asked: Asked = {}) => {
    const url = new URL(href, from);
    expect(url.origin).toBe(BROWSER_AT);
    const answer = await askFrom('127.0.0.1', relayPort, `${url.pathname}${url.search}`, {
      ...asked,
      headers: {
        Host: url.host,
        'Sec-Fetch-Site': 'same-origin',
        'Sec-Fetch-Mode': 'navigate',
        'Sec-Fetch-Dest': 'iframe',
        ...asked.headers,
      },
    });
    return { ...answer, url: url.href };
  };
}

const wish = (url: string, value: unknown): Asked => ({
  method: 'POST',
  headers: { 'Content-Type': 'application/json', Origin: new URL(url).origin },
  body: JSON.stringify(value),
});

const behind = { ingressFrom: SUPERVISOR, password: null, redirectPath: null };
const HOME = `${BROWSER_AT}${PREFIX}/`;

describe('behind the ingress of Home Assistant', () => {
  test('the page is shown in its frame without a password, and everything it names is found', async () => {
    const visit = await openIngress((await openHouse(behind)).port);
    const home = await visit(HOME, '');
    expect(home.status).toBe(200);
    expect(home.headers['content-security-policy']).toContain("frame-ancestors 'self'");
    expect(home.headers['content-security-policy']).toContain("default-src 'none'");
    expect(home.headers['x-frame-options']).toBe('SAMEORIGIN');
    const named = [...home.text.matchAll(/ (?:src|href)="([^"]*)"/g)].map(([, href]) => href ?? '');
    expect(named.length).toBeGreaterThan(1);
    for (const href of [...named, './api/session', './api/tokens', './metrics']) {
      const { status, url } = await visit(HOME, href);
      expect([href, status]).toEqual([href, 200]);
      expect(url.startsWith(HOME)).toBe(true);
    }
    const { text } = await visit(HOME, './api/session');
    expect(JSON.parse(text)).toEqual({ open: true, needs_password: false, ingress: true, mode: 'house' });
  });

  test('a login leaves the frame, which Sonos would not fill, and sets no cookie that nobody asks for', async () => {
    const visit = await openIngress((await openHouse(behind)).port);
    const { status, headers } = await visit(HOME, './login');
    expect(status).toBe(302);
    expect(headers.location).toMatch(/^https:\/\/sonos\.example\//);
    expect(headers['set-cookie']).toBeUndefined();
  });

  test('a login is finished by its address', async () => {
    const login = fakeLogin();
    const visit = await openIngress((await openHouse({ ...behind, login })).port);
    const { state } = login.start();
    const address = `http://localhost:8788/oauth/callback?code=c&state=${state}`;
    const done = await visit(HOME, './api/login/paste', wish(HOME, { address }));
    expect(done).toMatchObject({ status: 200, url: `${HOME}api/login/paste` });
    expect(JSON.parse(done.text)).toEqual({ households: ['Sonos_home'], known: false });
  });

  test('another site still changes nothing, though it comes through the ingress', async () => {
    const deeds: string[] = [];
    const unlink = async (id: string) => deeds.push(id) > 0;
    const visit = await openIngress((await openHouse({ ...behind, unlink })).port);
    const path = `./api/accounts/${ACCOUNT}/unlink`;
    expect((await visit(HOME, path, wish('https://evil.example', {}))).status).toBe(403);
    const cross = wish(HOME, {});
    const told = { ...cross, headers: { ...cross.headers, 'Sec-Fetch-Site': 'cross-site' } };
    expect((await visit(HOME, path, told)).status).toBe(403);
    const framed = { headers: { 'Sec-Fetch-Site': 'cross-site' } };
    expect((await visit(HOME, '', framed)).status).toBe(403);
    expect(deeds).toEqual([]);
    expect((await visit(HOME, path, cross)).status).toBe(204);
    expect(deeds).toEqual([ACCOUNT]);
  });

  test('a password that is set is asked for here too', async () => {
    const { port } = await openHouse({ ...behind, password: 'correct horse' });
    const visit = await openIngress(port);
    expect((await visit(HOME, './metrics')).status).toBe(401);
    const { text } = await visit(HOME, './api/session');
    expect(JSON.parse(text)).toMatchObject({ open: false, needs_password: true, ingress: true });
  });
});

describe('past the ingress', () => {
  test.each(['127.0.0.1', '127.0.0.3'])(
    'nobody gets in from %s, whatever they say of themselves',
    async (from) => {
      const { port } = await openHouse(behind);
      const headers = {
        'X-Ingress-Path': PREFIX,
        'X-Forwarded-For': SUPERVISOR,
        'X-Real-IP': SUPERVISOR,
        Forwarded: `for=${SUPERVISOR}`,
        Host: 'homeassistant.local:8123',
      };
      for (const path of ['/', '/login', '/metrics', '/nothing']) {
        const answer = await askFrom(from, port, path, { headers });
        expect([path, answer.status]).toEqual([path, 403]);
        expect(answer.text).toContain('open to Home Assistant only');
        expect(answer.headers['content-security-policy']).toContain("frame-ancestors 'none'");
      }
      expect((await askFrom(from, port, '/api/session', wish('http://x', { password: 'x' }))).status).toBe(
        403,
      );
    },
  );

  test('this machine may ask whether the bridge is well', async () => {
    const { port } = await openHouse({ ...behind, notReady: () => ['Because.'] });
    expect((await askFrom('127.0.0.1', port, '/health/live')).status).toBe(200);
    expect((await askFrom('127.0.0.1', port, '/health/ready')).status).toBe(503);
    expect((await askFrom('127.0.0.1', port, '/health/../metrics')).status).toBe(403);
  });

  test.each([
    ['172.30.32.2', true],
    ['::ffff:172.30.32.2', true],
    ['172.30.32.1', false],
    ['172.30.33.2', false],
    ['::ffff:172.30.32.1', false],
    ['192.168.1.2', false],
    ['fe80::1%eth0', false],
    ['', false],
  ])('%s comes in: %s', (remoteAddress, isIn) => {
    const said: string[] = [];
    const status = (code: number) => {
      said.push(String(code));
      return response;
    };
    const response = {
      ...{ req: { originalUrl: '/' }, status },
      ...{ set: () => response, type: () => response, send: () => response },
    };
    const next = () => void said.push('in');
    const handler: RequestHandler = guardIngress('172.30.32.2');
    Reflect.apply(handler, null, [
      { path: '/health/live', socket: { remoteAddress } },
      response as object,
      next,
    ]);
    expect(said).toEqual([isIn ? 'in' : '403']);
  });

  test('the listener may be open to others without a password behind an ingress alone', async () => {
    const { listener } = await openHouse({ ...behind, host: '0.0.0.0' });
    await listener.stop();
    await expect(openHouse({ host: '0.0.0.0', password: null })).rejects.toThrow(
      'would be open to everybody',
    );
  });
});

test('below any path that a proxy has put in front, pages lead to where they are', async () => {
  const house = await openHouse();
  const near = await house.visit('/nothing');
  const far = await house.visit('/a/b/c?d=/e/f');
  expect(tagsOf(far.text)).toEqual(tagsOf(near.text));
  expect(near.text).toContain('<a href="./">');
  expect(far.text).toContain('<a href="../../">');
});
