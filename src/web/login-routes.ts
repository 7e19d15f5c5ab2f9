import type { RequestHandler } from 'express';
import { isLoopback, readHost } from './host-names.ts';
import type { LoginCookie } from './login-cookie.ts';
import { loginResultPage } from './login-result.ts';
import type { WebHouse } from './options.ts';
import { byMethod, sendNo, sendPage, sendTo } from './respond.ts';

const one = (query: URLSearchParams, name: string): string | undefined => {
  const [value, ...others] = query.getAll(name);
  // A parameter must not come twice (RFC 6749 §3.1), and which of two would count is nobody's guess.
  return others.length === 0 ? value : undefined;
};

const noKey: RequestHandler = (_request, response) => {
  sendNo(
    response,
    503,
    'no_key',
    'The bridge has no key yet',
    'A login needs the key of an integration. Create one on the Sonos developer portal, enter it on the bridge’s page, or as sonos.client_id, sonos.client_secret and sonos.redirect_uri in the settings.',
    '/#/setup',
  );
};

/**
 * Where something has to be opened so that the redirect of a login finds its cookies: `127.0.0.1` and `localhost` are the same
 * machine, but not the same to a browser. Null when this is the place. Only the configured address counts, never the Host.
 */
function elsewhere(path: string, host: string | undefined, redirectUri: string | null): string | null {
  if (redirectUri === null || !URL.canParse(redirectUri)) return null;
  const expected = new URL(redirectUri);
  const [here, there] = [readHost(host), readHost(expected.host)];
  if (here === null || there === null || here === there) return null;
  if (!isLoopback(here) || !isLoopback(there)) return null;
  // Only the name matters to the cookie; the port stays that of this listener.
  const port = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).port : '';
  return Object.assign(new URL(path, expected), { protocol: 'http:', port }).href;
}

/** Opens the page under the name that a login comes back to, so that who has signed in before it still is after it. */
export function pageStart({ redirectUri }: Pick<WebHouse, 'redirectUri'>): RequestHandler {
  return (request, response, next) => {
    const place = elsewhere('/', request.headers.host, redirectUri);
    if (place === null) next();
    else sendTo(response, 302, place);
  };
}

/** Starts a login: binds it to the browser and sends the person to Sonos. */
export function loginStart(
  { login, redirectPath, redirectUri }: WebHouse,
  cookie: LoginCookie,
): RequestHandler {
  if (login === null) return byMethod({ GET: noKey });
  return byMethod({
    GET: (request, response) => {
      const place = redirectPath === null ? null : elsewhere('/login', request.headers.host, redirectUri);
      if (place !== null) return sendTo(response, 302, place);
      const { url, state } = login.start();
      if (redirectPath !== null) response.set('Set-Cookie', cookie.set(state));
      sendTo(response, 302, url);
    },
  });
}

/**
 * Takes the redirect of a login in, and leaves every other request alone, also one for the same path. GET alone: what
 * looks at an address ahead of the person must not use up the one-time code.
 */
export function loginReturn({ login, redirectPath }: WebHouse, cookie: LoginCookie): RequestHandler {
  return async (request, response, next) => {
    const [path, ...rest] = request.url.split('?');
    const query = new URLSearchParams(rest.join('?'));
    const isReturn = ['code', 'state', 'error'].some((name) => query.has(name));
    if (login === null || request.method !== 'GET' || path !== redirectPath || !isReturn) return next();
    const state = one(query, 'state');
    if (state === undefined || !cookie.matches(request.headers.cookie, state)) {
      sendNo(
        response,
        400,
        'unknown_state',
        'The account was not linked',
        'This login was not started in this browser, or more than ten minutes ago, or it came back already. Start it again on the bridge’s page, in this browser; or copy this address and paste it there.',
        '/#/setup',
      );
      return;
    }
    response.set('Set-Cookie', cookie.clear);
    const result = await login.finish({ code: one(query, 'code'), state, error: one(query, 'error') });
    // By a link: what Sonos sent here comes without the cookie of the session, and what the person follows then has it.
    sendPage(response, loginResultPage(result, result.ok ? '/#/setup/proof' : '/#/setup'));
  };
}
