import { describe, expect, test } from 'vitest';
import { err, ok } from '../../src/bridge/result.ts';
import { loginResultPage } from '../../src/web/login-result.ts';
import { cookieOf, fakeLogin, openHouse, REDIRECT_PATH, textOf } from './house.ts';

const back = (state: string, code = 'one-time-code'): string =>
  `${REDIRECT_PATH}?code=${code}&state=${state}`;

/** Starts a login as a browser does; answers its cookie and the state that Sonos will bring back. */
async function begin(house: Awaited<ReturnType<typeof openHouse>>) {
  const answer = await house.visit('/login');
  expect(answer.status).toBe(302);
  const state = new URL(answer.headers.location ?? '').searchParams.get('state') ?? '';
  return { cookie: cookieOf(answer), state, raw: answer.headers['set-cookie'] ?? [] };
}

describe('a login that comes back to the private listener', () => {
  test('links the account in the browser that started it, without a password, once', async () => {
    const login = fakeLogin(ok({ households: ['Sonos_<b>home'], known: false }));
    const house = await openHouse({ login });
    const { cookie, state } = await begin(house);
    const done = await house.ask(back(state), { headers: { Cookie: `theme=dark; ${cookie}; x=y` } });
    expect(done.status).toBe(200);
    expect(textOf(done.text)).toContain('Sonos_<b>home');
    expect(done.text).not.toContain('<b>');
    // What Sonos led here came without the session's cookie; a link that the person follows brings it along.
    expect(done.text).toContain('<a href="../#/setup/proof">');
    expect(login.answers).toEqual([{ code: 'one-time-code', state, error: undefined }]);
    expect(done.headers['set-cookie']?.[0]).toMatch(/^sonos_login=; Max-Age=0; Path=\/;/);

    const again = await house.ask(back(state), { headers: { Cookie: cookie } });
    expect(again.status).toBe(400);
    expect(again.text).toContain('This login was not started here.');
  });

  test('its cookie is out of reach of scripts and other sites, and does not hold the state', async () => {
    const house = await openHouse();
    const { raw, state } = await begin(house);
    expect(raw).toHaveLength(1);
    expect(raw[0]).toMatch(/^sonos_login=[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/);
    expect(raw[0]).not.toContain(state);
  });

  test.each([
    ['no cookie at all', () => ''],
    ['an empty cookie', () => 'sonos_login='],
    ['the state itself as its cookie', (_other: string, state: string) => `sonos_login=${state}`],
    ['the cookie of another login', (other: string) => other],
    [
      'a cookie of another name',
      (_other: string, _state: string, own: string) => own.replace('sonos', 'zonos'),
    ],
  ])('with %s it is refused, and the state is left for the right browser', async (_name, cookieFor) => {
    const login = fakeLogin();
    const house = await openHouse({ login });
    const [mine, other] = [await begin(house), await begin(house)];
    const headers = { Cookie: cookieFor(other.cookie, mine.state, mine.cookie) };
    const refused = await house.ask(back(mine.state), { headers });
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('not started in this browser');
    expect(refused.headers).not.toHaveProperty('set-cookie');
    expect(login.answers).toEqual([]);
    const right = await house.ask(back(mine.state), { headers: { Cookie: mine.cookie } });
    expect(right.status).toBe(200);
  });

  test('a doubled or missing state is refused', async () => {
    const house = await openHouse();
    const { cookie, state } = await begin(house);
    const tried = (path: string) => house.ask(path, { headers: { Cookie: cookie } });
    expect((await tried(`${back(state)}&state=${state}`)).status).toBe(400);
    expect((await tried(`${REDIRECT_PATH}?code=c`)).status).toBe(400);
    expect((await tried(`${REDIRECT_PATH}?code=c&state=`)).status).toBe(400);
    expect((await tried(back(state))).status).toBe(200);
  });

  test('what looks at the address ahead of the person uses nothing up', async () => {
    const login = fakeLogin();
    const house = await openHouse({ login });
    const { cookie, state } = await begin(house);
    for (const method of ['HEAD', 'POST', 'PUT']) {
      expect((await house.ask(back(state), { method, headers: { Cookie: cookie } })).status).toBe(401);
    }
    expect(login.answers).toEqual([]);
    expect((await house.ask(back(state), { headers: { Cookie: cookie } })).status).toBe(200);
  });

  test('a refusal of the person at Sonos is handed on', async () => {
    const login = fakeLogin(err({ reason: 'denied', message: 'The access was refused.' }));
    const house = await openHouse({ login });
    const { cookie, state } = await begin(house);
    const path = `${REDIRECT_PATH}?error=access_denied&state=${state}`;
    const answer = await house.ask(path, { headers: { Cookie: cookie } });
    expect(answer).toMatchObject({ status: 400 });
    expect(answer.text).toContain('The access was refused.');
    expect(login.answers).toEqual([{ code: undefined, state, error: 'access_denied' }]);
  });

  test.each(['/', '/login', '/health/live', '/api/session'])(
    'also when its path is %s, which stays what it is otherwise',
    async (path) => {
      const house = await openHouse({ redirectPath: path });
      const { cookie, state } = await begin(house);
      expect((await house.ask(`${path}?code=c&state=${state}`, { headers: { Cookie: cookie } })).status).toBe(
        200,
      );
      expect((await house.visit(path)).status).toBe(path === '/login' ? 302 : 200);
    },
  );

  test('a login that does not come back here leaves no cookie', async () => {
    const house = await openHouse({ redirectPath: null });
    expect((await house.visit('/login')).headers).not.toHaveProperty('set-cookie');
    expect((await house.visit(back('s'))).status).toBe(404);
  });
});

describe('where a login starts', () => {
  const redirectUri = `http://localhost:8788${REDIRECT_PATH}`;

  test.each([
    ['127.0.0.1:8788', 'http://localhost:8788/login'],
    ['[::1]:8788', 'http://localhost:8788/login'],
    ['localhost:8788', 'https://sonos.example'],
    ['192.168.1.20:8788', 'https://sonos.example'],
    ['bridge.lan', 'https://sonos.example'],
  ])('from %s the browser goes to %s', async (host, expected) => {
    const house = await openHouse({ redirectUri });
    const { headers } = await house.visit('/login', {
      headers: { Host: host, 'X-Forwarded-Host': 'evil.example' },
    });
    expect(headers.location?.startsWith(expected)).toBe(true);
  });

  test.each([
    ['127.0.0.1:8788', 302, 'http://localhost:8788/'],
    ['localhost:8788', 200, undefined],
    ['192.168.1.20:8788', 200, undefined],
  ])(
    'the page at %s is answered %d, so that a session holds over the login',
    async (Host, status, location) => {
      const house = await openHouse({ redirectUri });
      const answer = await house.ask('/', { headers: { Host } });
      expect([answer.status, answer.headers.location]).toEqual([status, location]);
      const open = await openHouse({ redirectUri, password: null });
      expect((await open.ask('/', { headers: { Host } })).status).toBe(200);
    },
  );

  test('without a key it says what to set', async () => {
    const house = await openHouse({ login: null });
    const answer = await house.visit('/login');
    expect(answer.status).toBe(503);
    expect(answer.text).toContain('sonos.client_id');
    expect(answer.text).toContain('href="./#/setup"');
    expect(await house.post('/api/login/paste', { address: 'x' })).toMatchObject({
      status: 503,
      text: expect.stringContaining('no_key'),
    });
    expect((await house.visit(back('s'))).status).toBe(404);
  });
});

describe('a pasted address', () => {
  test('finishes the login in any browser that is let in', async () => {
    const login = fakeLogin();
    const house = await openHouse({ login });
    const { state } = await begin(house);
    const address = `http://localhost:8788${back(state)}`;
    const done = await house.post('/api/login/paste', { address });
    expect(done.status).toBe(200);
    expect(JSON.parse(done.text)).toEqual({ households: ['Sonos_home'], known: false });
    expect(login.answers).toEqual([address]);
    const again = await house.post('/api/login/paste', { address });
    expect(again.status).toBe(400);
  });

  test.each([
    ['an empty field', { address: '' }],
    ['a shopping list', { address: 'milk, <script>alert(1)</script>' }],
    ['another address', { address: 'https://example.org/' }],
    ['a foreign state', { address: `http://localhost:8788${back('foreign')}` }],
  ])('that is %s links nothing and says so', async (_name, fields) => {
    const house = await openHouse();
    const answer = await house.post('/api/login/paste', fields);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toEqual({
      error: { code: 'unknown_state', message: 'This login was not started here.' },
    });
  });

  test('of more than 8 KiB is refused before it is looked at', async () => {
    const login = fakeLogin();
    const house = await openHouse({ login });
    const answer = await house.post('/api/login/paste', { address: 'x'.repeat(9_000) });
    expect(answer.status).toBe(413);
    expect(answer.text).toContain('longer than 8192 bytes');
    expect(login.answers).toEqual([]);
  });
});

describe('the page after a login', () => {
  test.each([
    ['denied', 400],
    ['unknown_state', 400],
    ['rejected', 400],
    ['unavailable', 503],
    ['not_saved', 503],
  ])('for %s has the status %d', (reason, status) => {
    const page = loginResultPage(err({ reason, message: 'It <did> not work.' }));
    expect(page.status).toBe(status);
    expect(page.html).toContain('It &lt;did&gt; not work.');
  });

  test('leads to the page of the bridge only where there is one', () => {
    const done = ok({ households: ['Sonos_home'], known: true });
    expect(loginResultPage(done).html).not.toContain('<a ');
    expect(loginResultPage(done, '/#/setup').html).toContain('<a href="/#/setup">');
    expect(loginResultPage(done).html).toContain('linked before');
    expect(loginResultPage(err({ reason: 'denied', message: 'No.' })).html).not.toContain('<a ');
  });

  test('says when the households are not known yet', () => {
    expect(loginResultPage(ok({ households: [], known: false })).html).toContain(
      'has not told its households',
    );
  });
});
