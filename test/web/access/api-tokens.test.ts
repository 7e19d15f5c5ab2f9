import type { Router } from 'express';
import { describe, expect, test } from 'vitest';
import { noApiTokens } from '../../../src/web/access/api-tokens.ts';
import { noSessions } from '../../../src/web/access/sessions.ts';
import { handClock, openHouse } from '../house.ts';
import { onDisk } from './kept.ts';

/** Routes like those that others bring along. */
function rooms(router: Router): void {
  for (const path of ['/rooms/:room/:command', '/households/:alias/rooms/:room/:command', '/bridge/:command'])
    router.post(path, (_request, response) => void response.json({ done: true }));
  for (const path of ['/live', '/trace', '/checks', '/setup', '/art/:id'])
    router.get(path, (_request, response) => void response.json({ shown: true }));
  router.post('/setup', (_request, response) => void response.json({ done: true }));
}

async function openWithTokens(tokens = onDisk(noApiTokens)) {
  const clock = handClock();
  const house = await openHouse({
    api: [rooms],
    clock: { ...clock, now: () => clock.elapsed() },
    access: { sessions: onDisk(noSessions), tokens },
  });
  const make = async (name: string) => JSON.parse((await house.post('/api/tokens', { name })).text);
  const asks = (method: string, path: string, token: string) =>
    house.ask(path, { method, headers: { Authorization: `Bearer ${token}` } });
  return { ...house, clock, tokens, make, asks };
}

describe('an API token', () => {
  test('is shown once, and what is kept of it opens nothing', async () => {
    const { make, visit, asks, tokens } = await openWithTokens();
    const { token, view } = await make('  the doorbell ');
    // 256 bits.
    expect(token).toMatch(/^smb_[A-Za-z0-9_-]{43,}$/);
    expect(view).toEqual({
      id: expect.any(String),
      name: 'the doorbell',
      created_at: '1970-01-01T00:00:00.000Z',
      used_at: null,
    });
    expect(JSON.parse((await visit('/api/tokens')).text)).toEqual([view]);
    const { digest } = tokens.value.tokens[0] ?? { digest: '' };
    expect(tokens.text).not.toContain(token.slice(4, 20));
    expect((await asks('POST', '/api/rooms/kitchen/volume', token)).status).toBe(200);
    expect((await asks('POST', '/api/rooms/kitchen/volume', `smb_${digest}`)).status).toBe(401);
  });

  test.each([
    ['POST', '/api/rooms/kitchen/volume', 200],
    ['POST', '/api/households/home/rooms/kitchen/volume', 200],
    ['GET', '/api/live', 200],
    ['GET', '/api/trace', 200],
    ['HEAD', '/api/trace', 200],
    ['GET', '/api/trace?since=1', 200],
    ['POST', '/api/bridge/refresh', 403],
    ['GET', '/api/setup', 403],
    ['POST', '/api/setup', 403],
    ['GET', '/api/checks', 403],
    ['GET', '/api/art/1', 403],
    ['GET', '/api/tokens', 403],
    ['POST', '/api/tokens', 403],
    ['DELETE', '/api/tokens/x', 403],
    ['POST', '/api/login/paste', 403],
    ['POST', '/api/accounts/account-1/unlink', 403],
    ['DELETE', '/api/session?all', 403],
    ['POST', '/api/rooms/../x/setup', 404],
    ['POST', '/api/rooms%2f..%2fsetup', 403],
    ['POST', '/API/rooms/kitchen/volume', 403],
    ['POST', '/api/rooms', 403],
    ['GET', '/metrics', 403],
    ['GET', '/login', 403],
    ['GET', '/health/ready', 403],
  ])('%s %s is answered %d', async (method, path, status) => {
    const house = await openWithTokens();
    const { token } = await house.make('script');
    expect((await house.asks(method, path, token)).status).toBe(status);
  });

  test('ends no session, and does not open the page', async () => {
    const house = await openWithTokens();
    const { token } = await house.make('script');
    const { text } = await house.asks('GET', '/api/session', token);
    expect(JSON.parse(text)).toMatchObject({ open: false, needs_password: true });
  });

  test.each([
    ['made up', (token: string) => `Bearer ${token.slice(0, -4)}AAAA`],
    ['cut off', (token: string) => `Bearer ${token.slice(0, -1)}`],
    ['without its beginning', (token: string) => `Bearer ${token.slice(4)}`],
    ['of another scheme', (token: string) => `Token ${token}`],
    ['as a password', (token: string) => `Basic ${Buffer.from(`me:${token}`).toString('base64')}`],
    ['of many words', (token: string) => `Bearer ${token} ${token}`],
  ])('that is %s lets nobody in', async (_name, authorizationFor) => {
    const house = await openWithTokens();
    const { token } = await house.make('script');
    const headers = { Authorization: authorizationFor(token) };
    const answer = await house.ask('/api/rooms/kitchen/volume', { method: 'POST', headers });
    expect(answer.status).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
  });

  test('in a query or a cookie is none', async () => {
    const house = await openWithTokens();
    const { token } = await house.make('script');
    for (const query of [`?token=${token}`, `?access_token=${token}`, `?authorization=Bearer%20${token}`])
      expect((await house.ask(`/api/rooms/kitchen/volume${query}`, { method: 'POST' })).status).toBe(401);
    for (const Cookie of [`sonos_session=${token}`, `token=${token}`])
      expect((await house.ask('/api/live', { headers: { Cookie } })).status).toBe(401);
  });

  test('is not lent to a page elsewhere', async () => {
    const house = await openWithTokens();
    const { token } = await house.make('script');
    const headers = { Authorization: `Bearer ${token}`, Origin: 'https://evil.example' };
    expect((await house.ask('/api/rooms/kitchen/volume', { method: 'POST', headers })).status).toBe(403);
  });

  test('that was removed lets nobody in any more, also while the disk refuses', async () => {
    const house = await openWithTokens();
    const [one, two] = [await house.make('one'), await house.make('two')];
    house.tokens.full = true;
    const remove = (id: string) => house.visit(`/api/tokens/${id}`, { method: 'DELETE' });
    expect((await remove(one.view.id)).status).toBe(204);
    expect((await remove(one.view.id)).status).toBe(404);
    expect((await house.asks('GET', '/api/live', one.token)).status).toBe(401);
    expect((await house.asks('GET', '/api/live', two.token)).status).toBe(200);
  });

  test('that was removed is refused also where nobody is asked for anything', async () => {
    const house = await openHouse({ password: null, api: [rooms] });
    const { token, view } = JSON.parse((await house.post('/api/tokens', { name: 'script' })).text);
    const asks = () =>
      house.ask('/api/rooms/kitchen/volume', {
        method: 'POST',
        headers: { Authorization: `Bearer ${token}` },
      });
    expect((await asks()).status).toBe(200);
    await house.ask(`/api/tokens/${view.id}`, { method: 'DELETE' });
    expect((await asks()).status).toBe(401);
    expect((await house.ask('/api/rooms/kitchen/volume', { method: 'POST' })).status).toBe(200);
  });

  test('that the disk does not keep is not given out', async () => {
    const house = await openWithTokens();
    house.tokens.full = true;
    const answer = await house.post('/api/tokens', { name: 'x' });
    expect(answer.status).toBe(503);
    expect(answer.text).not.toContain('smb_');
    expect(house.tokens.value.tokens).toEqual([]);
  });

  test('tells when it was used, to the hour, and costs a write an hour', async () => {
    const house = await openWithTokens();
    const { token } = await house.make('script');
    const before = house.tokens.saves;
    for (let minute = 0; minute < 90; minute += 1) {
      house.clock.pass(60_000);
      await house.asks('GET', '/api/live', token);
    }
    expect(house.tokens.saves - before).toBe(2);
    expect(JSON.parse((await house.visit('/api/tokens')).text)).toMatchObject([
      { used_at: '1970-01-01T01:01:00.000Z' },
    ]);
  });

  test('has nineteen others beside it at most', async () => {
    const house = await openWithTokens();
    for (let each = 0; each < 20; each += 1) await house.make(`script ${each}`);
    const answer = await house.post('/api/tokens', { name: 'one more' });
    expect(answer.status).toBe(409);
    expect(house.tokens.value.tokens).toHaveLength(20);
  });

  test.each(['', '   ', 'x'.repeat(61), 'a\nb', 'a\u202Eb', 'a\0b', 7, null, ['x'], { toString: 'x' }])(
    'is not called %j',
    async (name) => {
      const house = await openWithTokens();
      expect((await house.post('/api/tokens', { name })).status).toBe(400);
      expect(house.tokens.value.tokens).toEqual([]);
    },
  );
});
