import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createRequire } from 'node:module';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createOAuth, type OAuth, type OAuthOptions } from '../../src/sonos/oauth.ts';
import { freePort } from '../support/ports.ts';

const CANARIES = ['canary-key', 'canary-secret', 'canary-refresh', 'canary-code', 'canary-access'];
const servers: Server[] = [];

interface Asked {
  readonly path: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly form: Record<string, string>;
}

/** A token endpoint that answers as told, and what it was asked. */
async function endpoint(answer: (response: ServerResponse) => void, more: Partial<OAuthOptions> = {}) {
  const asked: Asked[] = [];
  const listener: RequestListener = async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    asked.push({
      path: request.url,
      headers: request.headers,
      form: Object.fromEntries(new URLSearchParams(body)),
    });
    answer(response);
  };
  const server = createServer(listener);
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const url = `http://127.0.0.1:${address.port}`;
  return { asked, url, oauth: create(url, more) };
}

function create(loginUrl: string, more: Partial<OAuthOptions> = {}): OAuth {
  return createOAuth({
    loginUrl,
    clientId: 'canary-key',
    clientSecret: 'canary-secret',
    redirectUri: 'https://house.example/redirect?a=b',
    timeoutMs: 5000,
    ...more,
  });
}

const json =
  (status: number, body: unknown, type = 'application/json') =>
  (response: ServerResponse) => {
    response
      .writeHead(status, { 'Content-Type': type })
      .end(typeof body === 'string' ? body : JSON.stringify(body));
  };

const pair = {
  access_token: 'canary-access',
  token_type: 'Bearer',
  expires_in: 86399,
  refresh_token: 'canary-new',
};

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

describe('the login address', () => {
  it('carries key, scope, state and the redirect address byte for byte', () => {
    const url = new URL(create('https://login.example/').authorizeUrl('state-1'));
    expect(url.origin + url.pathname).toBe('https://login.example/login/v3/oauth');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: 'canary-key',
      response_type: 'code',
      state: 'state-1',
      scope: 'playback-control-all',
      redirect_uri: 'https://house.example/redirect?a=b',
    });
  });
});

describe('the token endpoint', () => {
  it('trades a code for tokens', async () => {
    const { oauth, asked } = await endpoint(json(200, pair));
    expect(await oauth.exchange('canary-code')).toEqual({
      ok: true,
      value: { accessToken: 'canary-access', refreshToken: 'canary-new', lifetimeMs: 86_399_000 },
    });
    expect(asked).toMatchObject([
      {
        path: '/login/v3/oauth/access',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        form: {
          grant_type: 'authorization_code',
          code: 'canary-code',
          redirect_uri: 'https://house.example/redirect?a=b',
        },
      },
    ]);
  });

  it('trades a refresh token for tokens, below a path as well', async () => {
    const { url, asked } = await endpoint(json(200, pair));
    const refreshed = await create(`${url}/proxy/`).refresh('canary-refresh');
    expect(refreshed.ok).toBe(true);
    expect(asked).toMatchObject([
      {
        path: '/proxy/login/v3/oauth/access',
        form: { grant_type: 'refresh_token', refresh_token: 'canary-refresh' },
      },
    ]);
  });

  it('percent-encodes key and secret before they become Basic credentials', async () => {
    const { oauth, asked } = await endpoint(json(200, pair), {
      clientId: 'a b:c',
      clientSecret: "s!'()*%/+",
    });
    await oauth.refresh('r');
    const basic = asked[0]?.headers.authorization?.replace('Basic ', '') ?? '';
    expect(Buffer.from(basic, 'base64').toString()).toBe('a+b%3Ac:s%21%27%28%29%2A%25%2F%2B');
  });

  it.each<[string, object, number]>([
    ['a lifetime as text', { ...pair, expires_in: '3600' }, 3_600_000],
    ['a type in capitals', { ...pair, token_type: 'BEARER' }, 86_399_000],
    ['fields that nobody knows', { ...pair, resource_owner: 'x', expires_at: 'garbage' }, 86_399_000],
    ['a lifetime of centuries, cut to a week', { ...pair, expires_in: 9_999_999_999 }, 604_800_000],
  ])('accepts %s', async (_, body, lifetimeMs) => {
    const { oauth } = await endpoint(json(200, body));
    expect(await oauth.refresh('r')).toMatchObject({ ok: true, value: { lifetimeMs } });
  });

  it('accepts JSON under another content type', async () => {
    const { oauth } = await endpoint(json(200, pair, 'text/plain'));
    expect((await oauth.refresh('r')).ok).toBe(true);
  });

  it.each([{}, { refresh_token: null }, { refresh_token: '' }])(
    'says when the answer has no refresh token, so that the old one is kept: %j',
    async (more) => {
      const { refresh_token: _, ...rest } = pair;
      const { oauth, asked } = await endpoint(json(200, { ...rest, ...more }));
      for (let time = 0; time < 2; time += 1) {
        expect(await oauth.refresh('canary-refresh')).toMatchObject({
          ok: true,
          value: { refreshToken: null },
        });
      }
      expect(asked.map(({ form }) => form.refresh_token)).toEqual(['canary-refresh', 'canary-refresh']);
    },
  );

  it.each<[string, number, unknown, string]>([
    ['an invalid grant', 400, { error: 'invalid_grant', error_description: 'canary-refresh' }, 'rejected'],
    ['an invalid request', 400, { error: 'invalid_request' }, 'rejected'],
    ['an error in a success', 200, { error: 'invalid_grant' }, 'rejected'],
    ['an unknown error in a success', 200, { error: 'odd' }, 'invalid_answer'],
    ['a wrong key', 401, { error: 'invalid_client' }, 'wrong_credentials'],
    ['a wrong secret, told as text', 401, 'Authentication required', 'wrong_credentials'],
    ['a wrong key, told with 400', 400, { error: 'invalid_client' }, 'wrong_credentials'],
    ['an error that nobody knows', 400, { error: 'unsupported_grant_type' }, 'invalid_answer'],
    ['a 400 of some proxy', 400, '<html>canary-refresh</html>', 'unavailable'],
    ['a 403 of some firewall', 403, '<html>', 'unavailable'],
    ['a 429', 429, {}, 'unavailable'],
    ['a broken server', 500, { error: 'invalid_grant' }, 'unavailable'],
    ['a page instead of JSON', 503, '<html>', 'unavailable'],
    ['a portal of the local network', 200, '<html>canary-refresh</html>', 'unavailable'],
    ['a temporary trouble', 400, { error: 'temporarily_unavailable' }, 'unavailable'],
    ['a redirect', 302, '', 'unavailable'],
    ['no token', 200, { ...pair, access_token: undefined }, 'invalid_answer'],
    ['an empty token', 200, { ...pair, access_token: '' }, 'invalid_answer'],
    ['a token with a line break', 200, { ...pair, access_token: 'canary-access\n' }, 'invalid_answer'],
    ['another type of token', 200, { ...pair, token_type: 'mac' }, 'invalid_answer'],
    ['no lifetime', 200, { ...pair, expires_in: undefined }, 'invalid_answer'],
    ['a lifetime of nothing', 200, { ...pair, expires_in: 0 }, 'invalid_answer'],
    ['a lifetime that is no number', 200, { ...pair, expires_in: '-1' }, 'invalid_answer'],
    ['a list', 200, [], 'invalid_answer'],
    ['nothing', 200, '', 'unavailable'],
    ['a prototype', 200, '{"__proto__":{"access_token":"canary-access"}}', 'unavailable'],
  ])('%s is told apart, without a word of what was sent or received', async (_, status, body, kind) => {
    const { oauth } = await endpoint(json(status, body));
    const refreshed = await oauth.refresh('canary-refresh');
    expect(refreshed).toMatchObject({ ok: false, error: { kind } });
    for (const canary of CANARIES) expect(JSON.stringify(refreshed)).not.toContain(canary);
  });

  it('is unavailable when nobody listens', async () => {
    const oauth = create(`http://127.0.0.1:${await freePort()}`);
    expect(await oauth.refresh('r')).toMatchObject({ error: { kind: 'unavailable' } });
  });

  it('is unavailable when it hangs up', async () => {
    const { oauth } = await endpoint((response) => response.destroy());
    expect(await oauth.exchange('c')).toMatchObject({ error: { kind: 'unavailable' } });
  });

  it('is not waited for when it does not answer', async () => {
    const { oauth } = await endpoint(() => {}, { timeoutMs: 100 });
    expect(await oauth.refresh('r')).toMatchObject({ error: { kind: 'unavailable' } });
  });

  it('is not waited for when its answer does not end, and the connection is closed', async () => {
    let closed: Promise<unknown> = Promise.resolve();
    const { oauth } = await endpoint(
      (response) => {
        closed = once(response, 'close');
        response.writeHead(200, { 'Content-Type': 'application/json' }).write('{');
      },
      { timeoutMs: 100 },
    );
    expect(await oauth.refresh('r')).toMatchObject({ error: { kind: 'unavailable' } });
    await closed;
  });

  it('is cut off when its answer has 300 MiB', async () => {
    let sent = 0;
    const { oauth } = await endpoint((response) => {
      response.writeHead(200, { 'Content-Type': 'application/json' });
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      const pour = () => {
        do sent += 1;
        while (sent < 300 && !response.destroyed && response.write(chunk));
        if (sent >= 300) response.end();
      };
      response.on('drain', pour);
      pour();
    });
    expect(await oauth.refresh('r')).toMatchObject({ error: { kind: 'unavailable' } });
    expect(sent).toBeLessThan(50);
  });

  it.each([{ clientId: '' }, { clientSecret: 'canary-secret-ü' }, { clientSecret: 'canary-secret\n' }])(
    'is not even asked with unusable credentials',
    async (more) => {
      const refreshed = await create('http://127.0.0.1:9', more).refresh('r');
      expect(refreshed).toMatchObject({ error: { kind: 'wrong_credentials' } });
      expect(JSON.stringify(refreshed)).not.toContain('canary');
    },
  );

  it('an address that is none is told, and not remembered as a failure to load', async () => {
    const oauth = create('not an address');
    for (let time = 0; time < 2; time += 1) {
      expect(await oauth.refresh('r')).toMatchObject({ error: { kind: 'unavailable' } });
    }
  });
});

describe('with DEBUG=*', () => {
  it('no credential reaches the standard error, though other libraries still speak', async () => {
    const here = createRequire(import.meta.url);
    // The very `debug` that the OAuth library uses; `enable` is what it does with the variable when it is loaded.
    const debug: {
      (name: string): (text: string) => void;
      enable(names: string): void;
      disable(): string;
    } = createRequire(here.resolve('simple-oauth2'))('debug');
    let shown = '';
    const spy = vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
      shown += String(text);
      return true;
    });
    debug.enable('*');
    onTestFinished(() => {
      debug.disable();
      spy.mockRestore();
    });
    const { oauth } = await endpoint(json(200, pair));
    expect((await oauth.exchange('canary-code')).ok).toBe(true);
    expect((await oauth.refresh('canary-refresh')).ok).toBe(true);
    debug('other')('still speaks');
    spy.mockRestore();
    expect(shown).toContain('still speaks');
    const basic = Buffer.from('canary-key:canary-secret').toString('base64');
    for (const secret of [...CANARIES, basic, 'simple-oauth2']) expect(shown).not.toContain(secret);
  });
});
