import { describe, expect, test } from 'vitest';
import { type Answer, type Asked, openHouse, REDIRECT_PATH } from './house.ts';

/** What no answer may be without, whatever it is. */
function expectGuarded(answer: Answer): void {
  const { headers } = answer;
  const policy = headers['content-security-policy'] ?? '';
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("style-src 'self'");
  expect(policy).toContain("form-action 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).toContain("base-uri 'none'");
  expect(policy).not.toMatch(/unsafe|\*|script-src/);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(headers['referrer-policy']).toMatch(/^(no-referrer|same-origin)$/);
  expect(headers).not.toHaveProperty('x-powered-by');
  expect(headers).not.toHaveProperty('etag');
}

const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
const rows: [path: string, status: number, asked?: Asked][] = [
  ['/', 200],
  ['/', 200, { method: 'HEAD' }],
  ['/', 405, { method: 'POST' }],
  ['/', 405, { method: 'DELETE' }],
  ['/', 405, { method: 'OPTIONS' }],
  ['/style.css', 200],
  ['/login', 302],
  ['/login', 405, { method: 'HEAD' }],
  ['/login', 405, { method: 'POST', headers: form, body: 'a=b' }],
  ['/login/paste', 405],
  ['/login/paste', 403, { method: 'POST', headers: form, body: 'address=x' }],
  ['/login/paste', 413, { method: 'POST', headers: form, body: `address=${'x'.repeat(8_200)}` }],
  ['/login/paste', 415, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{}' }],
  ['/login/paste', 415, { method: 'POST', headers: { ...form, 'Content-Encoding': 'gzip' }, body: 'x' }],
  ['/login/paste', 415, { method: 'POST' }],
  ['/unlink', 404],
  ['/unlink?account=account-1', 200],
  ['/unlink', 403, { method: 'POST', headers: form, body: 'account=account-1' }],
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
  ['/', 401, { headers: { Authorization: '' } }],
  ['/', 421, { headers: { Host: 'evil.example' } }],
  ['/', 403, { method: 'POST', headers: { Origin: 'https://evil.example' } }],
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
      state: () => {
        throw new Error('canary-secret');
      },
    });
    const answer = await house.visit('/');
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
    const answer = await house.post('/unlink', { account: 'account-1' });
    expect(answer.status).toBe(500);
    expectGuarded(answer);
    expect(house.log.lines).toEqual([
      expect.objectContaining({ level: 'error', fields: { method: 'POST', at: 'string' } }),
    ]);
  });
});

test('pages with forms let the browser name its own origin, all others send no referrer at all', async () => {
  const house = await openHouse();
  const policy = async (path: string) => (await house.visit(path)).headers['referrer-policy'];
  expect(await policy('/')).toBe('same-origin');
  expect(await policy('/unlink?account=account-1')).toBe('same-origin');
  expect(await policy(`${REDIRECT_PATH}?code=c&state=s`)).toBe('no-referrer');
  expect(await policy('/login')).toBe('no-referrer');
  expect(await policy('/nothing')).toBe('no-referrer');
});

test('what a page refers to is there, and it refers to nothing elsewhere', async () => {
  const house = await openHouse();
  const { text } = await house.visit('/');
  const addresses = [...text.matchAll(/(?:href|src|action)="([^"]*)"/g)].map(([, address]) => address ?? '');
  expect(addresses.length).toBeGreaterThan(5);
  for (const address of addresses) {
    expect(address).toMatch(/^\.\//);
    const { status } = await house.visit(address.slice(1));
    expect([200, 302, 404, 405]).toContain(status);
    if (status === 404) expect(address).toBe('./unlink');
  }
  expect(text).not.toMatch(/<script|<style|\son[a-z]+=|\sstyle=|javascript:/i);
});

test('a method that an address does not know is told which it does', async () => {
  const house = await openHouse();
  expect((await house.visit('/', { method: 'DELETE' })).headers.allow).toBe('GET, HEAD');
  expect((await house.visit('/login/paste')).headers.allow).toBe('POST');
});
