import { describe, expect, test } from 'vitest';
import { type Answer, type Asked, openHouse, REDIRECT_PATH } from './house.ts';

/** What no answer may be without, whatever it is. */
function expectGuarded(answer: Answer, asset = false): void {
  const { headers } = answer;
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toMatch(/script-src 'self'; style-src 'self' 'sha256-[A-Za-z0-9+/]{43}=';/);
  expect(policy).toContain("form-action 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).not.toMatch(/unsafe|\*|https?:|data:|blob:/);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers['cache-control']).toBe(asset ? 'private, max-age=31536000, immutable' : 'no-store');
  for (const power of ['camera', 'microphone', 'geolocation', 'usb', 'payment'])
    expect(headers['permissions-policy']).toContain(`${power}=()`);
  expect(headers['referrer-policy']).toMatch(/^(no-referrer|same-origin)$/);
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('etag');
}

const json = { 'Content-Type': 'application/json' };
const post = (body: string, headers: Readonly<Record<string, string>> = json): Asked => ({
  ...{ method: 'POST', headers, body },
});
const stranger = { headers: { Authorization: '' } };
const rows: [path: string, status: number, asked?: Asked][] = [
  ['/', 200],
  ['/', 200, { method: 'HEAD' }],
  ['/', 200, stranger],
  ['/', 405, { method: 'POST' }],
  ['/', 405, { method: 'DELETE' }],
  ['/', 405, { method: 'OPTIONS' }],
  ['/assets/nothing.js', 404],
  ['/assets/..%2f..%2fmain.js', 404],
  ['/assets/nothing.js', 401, stranger],
  ['/login', 302],
  ['/login', 405, { method: 'HEAD' }],
  ['/login', 405, post('a=b')],
  ['/login', 401, stranger],
  ['/api', 404],
  ['/api', 401, stranger],
  ['/api/nothing', 404],
  ['/api/nothing', 401, stranger],
  ['/api/session', 200],
  ['/api/session', 200, stranger],
  ['/api/session', 200, { method: 'HEAD' }],
  ['/api/session', 405, { method: 'PUT' }],
  ['/api/session', 204, { method: 'DELETE' }],
  ['/api/session?all', 204, { method: 'DELETE' }],
  ['/api/session?all', 401, { method: 'DELETE', ...stranger }],
  ['/api/session', 204, post('{"password":"correct horse"}')],
  ['/api/session', 401, post('{"password":"x"}')],
  ['/api/session', 400, post('{}')],
  ['/api/session', 413, post(`{"password":"${'x'.repeat(8_200)}"}`)],
  ['/api/session', 415, post('password=x', {})],
  ['/api/tokens', 200],
  ['/api/tokens', 401, stranger],
  ['/api/tokens', 201, post('{"name":"doorbell"}')],
  ['/api/tokens', 400, post('{"name":""}')],
  ['/api/tokens', 405, { method: 'PUT' }],
  ['/api/tokens/x', 404, { method: 'DELETE' }],
  ['/api/tokens/x', 405],
  ['/api/login/paste', 405],
  ['/api/login/paste', 400, post('{"address":"x"}')],
  ['/api/login/paste', 413, post(`{"address":"${'x'.repeat(8_200)}"}`)],
  ['/api/login/paste', 415, post('x', {})],
  ['/api/login/paste', 415, post('x', { ...json, 'Content-Encoding': 'gzip' })],
  ['/api/accounts/account-1/unlink', 204, { method: 'POST' }],
  ['/api/accounts/account-2/unlink', 404, { method: 'POST' }],
  ['/api/accounts/account-1/unlink', 405],
  ['/health/live', 200],
  ['/health/live', 405, { method: 'PUT' }],
  ['/health/ready', 200],
  ['/metrics', 200],
  ['/nothing', 404],
  ['/Login', 404],
  ['/login/', 404],
  ['/%zz', 404],
  ['//', 404],
  [REDIRECT_PATH, 404],
  [`${REDIRECT_PATH}?code=c&state=s`, 400],
  ['/metrics', 401, stranger],
  ['/', 421, { headers: { Host: 'evil.example' } }],
  ['/api/session', 421, { headers: { Host: 'evil.example' } }],
  ['/', 403, { method: 'POST', headers: { Origin: 'https://evil.example' } }],
  ['/api/session', 403, post('{}', { ...json, Origin: 'https://evil.example' })],
];

describe('every answer of the private listener has its headers', () => {
  test.each(rows)('%s is %d %j', async (path, status, asked = {}) => {
    const house = await openHouse();
    const answer = await house.visit(path, asked);
    expect(answer.status).toBe(status);
    expectGuarded(answer);
  });

  test('also a page that fails, which tells nothing and is logged once', async () => {
    const house = await openHouse({
      notReady: () => {
        throw new Error('canary-secret');
      },
    });
    const answer = await house.visit('/health/ready');
    expect(answer.status).toBe(500);
    expectGuarded(answer);
    expect(answer.text).not.toMatch(/canary|\.ts|node_modules/);
    expect(house.log.lines).toHaveLength(1);
    expect(house.log.lines[0]?.level).toBe('error');
    expect(JSON.stringify(house.log.lines)).not.toContain('canary');
    expect(house.log.lines[0]?.fields?.at).toMatch(/^Error\n {4}at /);
  });

  test('also what fails later, and with something that is no error', async () => {
    const house = await openHouse({ unlink: () => Promise.reject('canary-secret') });
    const answer = await house.post('/api/accounts/account-1/unlink', {});
    expect(answer.status).toBe(500);
    expectGuarded(answer);
    expect(house.log.lines).toEqual([
      expect.objectContaining({ level: 'error', fields: { method: 'POST', at: 'string' } }),
    ]);
  });
});

test('the pieces of the page have them, and may be kept by who has asked', async () => {
  const house = await openHouse();
  const { text } = await house.ask('/');
  const pieces = [...text.matchAll(/ (?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  expect(pieces.length).toBeGreaterThan(1);
  for (const path of pieces) expectGuarded(await house.ask(path), true);
});

test('no address answers any method without them, nor with a page where the API was asked', async () => {
  const house = await openHouse();
  const paths = ['/', '/login', '/metrics', '/health/live', '/health/ready', '/nothing', '/api'].concat(
    ['session', 'tokens', 'tokens/x', 'login/paste', 'accounts/x/unlink', 'live', 'trace', 'x'].map(
      (path) => `/api/${path}`,
    ),
  );
  for (const path of paths) {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']) {
      for (const asked of [{ method }, { method, ...stranger }, { method, headers: { Origin: 'null' } }]) {
        const answer = await house.visit(path, asked);
        expectGuarded(answer);
        if (answer.status >= 400 && path.startsWith('/api') && method !== 'HEAD')
          expect(JSON.parse(answer.text)).toMatchObject({
            error: { code: expect.any(String), message: expect.any(String) },
          });
      }
    }
  }
});

test('a method that an address does not know is told which it does', async () => {
  const house = await openHouse();
  expect((await house.visit('/', { method: 'DELETE' })).headers.allow).toBe('GET, HEAD');
  expect((await house.visit('/api/login/paste')).headers.allow).toBe('POST');
});
