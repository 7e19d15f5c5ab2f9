import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, test } from 'vitest';
import { openHouse, PASSWORD } from './house.ts';

describe('only names that nobody elsewhere can point here are answered to', () => {
  test.each([
    ['127.0.0.1', 200],
    ['127.0.0.1:8788', 200],
    ['192.168.1.20', 200],
    ['[::1]:8788', 200],
    ['[fe80::1]', 200],
    ['localhost', 200],
    ['LOCALHOST.:1', 200],
    ['bridge.lan', 200],
    ['Bridge.LAN:443', 200],
    ['bridge.lan.', 200],
    ['evil.example', 421],
    ['evil.example:8788', 421],
    ['bridge.lan.evil.example', 421],
    ['evil-bridge.lan', 421],
    ['sub.bridge.lan', 421],
    ['localhost.evil.example', 421],
    ['127.0.0.1.evil.example', 421],
    ['127.0.0.1@evil.example', 421],
    ['127.1', 421],
    ['0x7f000001', 421],
    ['2130706433', 421],
    ['[::1', 421],
    ['[::g]', 421],
    ['[1:2]', 421],
    ['bridge.lan:99999999', 421],
    ['bridge.lan evil.example', 421],
    ['.', 421],
  ])('a request for "%s" is answered %d', async (host, status) => {
    const house = await openHouse();
    const headers = { Host: host, 'X-Forwarded-Host': '127.0.0.1', Forwarded: 'host=127.0.0.1' };
    expect((await house.visit('/api/session', { headers })).status).toBe(status);
    expect((await house.visit('/health/live', { headers })).status).toBe(status);
  });

  test.each(['GET /health/live HTTP/1.1\r\nHost: \r\n', 'GET /health/live HTTP/1.0\r\n'])(
    'a request for no name at all is not answered: %j',
    async (head) => {
      const house = await openHouse();
      const socket = connect(house.port, '127.0.0.1');
      socket.write(`${head}Connection: close\r\n\r\n`);
      let text = '';
      socket.on('data', (piece: Buffer) => {
        text += piece.toString();
      });
      await once(socket, 'close');
      expect(text).toMatch(/^HTTP\/1\.1 421 /);
      expect(text).not.toContain('"live"');
    },
  );

  test('the name that the listener is bound to counts', async () => {
    const house = await openHouse({ host: 'localhost', allowedHosts: [] });
    expect((await house.visit('/api/session', { headers: { Host: `localhost:${house.port}` } })).status).toBe(
      200,
    );
    expect((await house.visit('/', { headers: { Host: 'bridge.lan' } })).status).toBe(421);
  });
});

describe('only our own pages change anything', () => {
  const own = (port: number) => `127.0.0.1:${port}`;
  const rows: readonly (readonly [string, (port: number) => Readonly<Record<string, string>>, number])[] = [
    ['our page', (port) => ({ Origin: `http://${own(port)}` }), 204],
    [
      'our page, as new browsers tell',
      (port) => ({ Origin: `http://${own(port)}`, 'Sec-Fetch-Site': 'same-origin' }),
      204,
    ],
    ['our page behind TLS', () => ({ Host: 'bridge.lan', Origin: 'https://bridge.lan' }), 204],
    [
      'our page behind TLS with its port',
      () => ({ Host: 'bridge.lan:443', Origin: 'https://bridge.lan' }),
      204,
    ],
    ['our page in other letters', () => ({ Host: 'Bridge.lan:8788', Origin: 'http://bridge.lan:8788' }), 204],
    ['a browser that says nothing in it', () => ({ Origin: '' }), 403],
    ['a page elsewhere', () => ({ Origin: 'https://evil.example' }), 403],
    [
      'a page elsewhere that says it is ours',
      () => ({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'same-origin' }),
      403,
    ],
    ['another port of this machine', () => ({ Origin: 'http://127.0.0.1:1' }), 403],
    [
      'the same host on another port, as new browsers tell',
      (port) => ({ Origin: `http://${own(port)}`, 'Sec-Fetch-Site': 'same-site' }),
      403,
    ],
    [
      'another site, as new browsers tell',
      (port) => ({ Origin: `http://${own(port)}`, 'Sec-Fetch-Site': 'cross-site' }),
      403,
    ],
    ['a sandboxed frame', () => ({ Origin: 'null' }), 403],
    ['a name that begins with ours', (port) => ({ Origin: `http://${own(port)}.evil.example` }), 403],
    ['our name as a user', (port) => ({ Origin: `http://${own(port)}@evil.example` }), 403],
    ['an extension', (port) => ({ Origin: `chrome-extension://${own(port)}` }), 403],
    ['an origin that is none', () => ({ Origin: 'http://[' }), 403],
    ['a forwarded host', () => ({ Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' }), 403],
  ];

  test.each(rows)('a wish from %s', async (_name, headersOf, status) => {
    const unlinked: string[] = [];
    const house = await openHouse({
      unlink: async (id) => {
        unlinked.push(id);
        return true;
      },
    });
    const answer = await house.post('/api/accounts/account-1/unlink', {}, headersOf(house.port));
    expect(answer.status).toBe(status);
    expect(unlinked).toEqual(status === 204 ? ['account-1'] : []);
  });

  test.each(rows)('who signs in from %s', async (_name, headersOf, status) => {
    const house = await openHouse();
    const answer = await house.post('/api/session', { password: PASSWORD }, headersOf(house.port));
    expect(answer.status).toBe(status);
    expect(answer.headers['set-cookie'] === undefined).toBe(status !== 204);
  });

  test.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/plain; application/json',
    'application/jsonx',
    '',
  ])('what a page elsewhere can send without asking is no wish: %s', async (type) => {
    const house = await openHouse();
    for (const path of ['/api/session', '/api/tokens', '/api/login/paste']) {
      const headers = { 'Content-Type': type };
      const body = '{"password":"correct horse"}';
      expect((await house.visit(path, { method: 'POST', headers, body })).status).toBe(415);
    }
  });
});

describe('a page elsewhere can lead a person here, and embed nothing', () => {
  test.each([
    ['navigate', 'document', 'cross-site', 200],
    ['navigate', 'document', 'same-site', 200],
    ['navigate', 'document', 'none', 200],
    ['no-cors', 'style', 'same-origin', 200],
    ['navigate', 'iframe', 'cross-site', 403],
    ['navigate', 'iframe', 'same-site', 403],
    ['no-cors', 'image', 'cross-site', 403],
    ['no-cors', 'script', 'cross-site', 403],
    ['cors', 'empty', 'cross-site', 403],
    ['navigate', 'object', 'cross-site', 403],
  ])('%s of a %s from %s', async (mode, destination, site, status) => {
    const house = await openHouse();
    const headers = { 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': destination, 'Sec-Fetch-Site': site };
    for (const path of ['/', '/health/live', '/api/session', '/metrics']) {
      expect((await house.visit(path, { headers })).status).toBe(status);
    }
    expect((await house.visit('/login', { headers })).status).toBe(status === 200 ? 302 : 403);
  });
});
