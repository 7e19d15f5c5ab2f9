import { jsonResponse, type SimRequest, type SimResponse, splitPath, textResponse } from './http.ts';
import type { Knobs } from './knobs.ts';
import { loginPage } from './login-page.ts';
import type { Account } from './model.ts';
import type { Grant, Tokens } from './tokens.ts';

/** What the login service needs. */
export interface LoginPorts {
  readonly knobs: Knobs;
  readonly tokens: Tokens;
  readonly accounts: readonly Account[];
  readonly clientId: string;
  readonly clientSecret: string;
  /** As registered on the developer portal; empty takes any http or https address. */
  readonly redirectUris: readonly string[];
}

const SCOPE = 'playback-control-all';

const redirect = (location: string): SimResponse =>
  textResponse(302, 'text/plain', '', { Location: location });

function backTo(redirectUri: string, answer: Readonly<Record<string, string>>): SimResponse {
  const url = new URL(redirectUri);
  for (const [key, value] of Object.entries(answer)) url.searchParams.set(key, value);
  return redirect(url.href);
}

function isRegistered(ports: LoginPorts, uri: string): boolean {
  if (ports.redirectUris.length > 0) return ports.redirectUris.includes(uri);
  return URL.canParse(uri) && /^https?:$/.test(new URL(uri).protocol);
}

/**
 * `GET /login/v3/oauth`: asks a person to allow the app. `allow=<account>` and `deny=1` are what its buttons add,
 * `auto=1` allows at once as the first account.
 */
function authorise(ports: LoginPorts, query: URLSearchParams): SimResponse {
  const redirectUri = query.get('redirect_uri') ?? '';
  const state = query.get('state');
  const isRight =
    query.get('client_id') === ports.clientId &&
    query.get('response_type') === 'code' &&
    query.get('scope') === SCOPE &&
    state !== null &&
    isRegistered(ports, redirectUri);
  if (!isRight) return jsonResponse(400, { error: 'invalid_request' });
  if (query.get('deny') !== null) return backTo(redirectUri, { state, error: 'access_denied' });
  const automatic = query.get('auto') === '1' ? ports.accounts[0]?.id : undefined;
  const chosen = query.get('allow') ?? ports.knobs.autoApprove ?? automatic;
  if (chosen === undefined)
    return textResponse(200, 'text/html; charset=utf-8', loginPage(ports.accounts, query));
  const account = ports.accounts.find(({ id }) => id === chosen);
  if (account === undefined) return jsonResponse(400, { error: 'invalid_request' });
  return backTo(redirectUri, { state, code: ports.tokens.createCode(account, redirectUri) });
}

const formDecoded = (text: string): string => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
};

/** Whether the Basic credential is the key and secret; id and secret come percent-encoded (RFC 6749, 2.3.1). */
function checkClient(ports: LoginPorts, authorization: string | undefined): SimResponse | null {
  const encoded = /^Basic (\S+)$/i.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return jsonResponse(401, { error: 'invalid_client' });
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  const [id, secret] = [pair.slice(0, Math.max(0, colon)), pair.slice(colon + 1)];
  if (id === '' || secret === '') return jsonResponse(401, { error: 'invalid_client' });
  const isRight = formDecoded(id) === ports.clientId && formDecoded(secret) === ports.clientSecret;
  return isRight ? null : textResponse(401, 'text/plain', 'Authentication required');
}

function granted(ports: LoginPorts, grant: Grant | null, isRefresh: boolean): SimResponse {
  if (grant === null) return jsonResponse(400, { error: ports.knobs.grantError });
  const omit = isRefresh && ports.knobs.omitRefreshToken;
  return jsonResponse(200, {
    access_token: grant.accessToken,
    token_type: 'Bearer',
    expires_in: grant.expiresIn,
    ...(omit ? {} : { refresh_token: grant.refreshToken }),
    scope: SCOPE,
  });
}

/** `POST /login/v3/oauth/access`: code exchange and refresh. */
function access(ports: LoginPorts, request: SimRequest, query: URLSearchParams): SimResponse {
  if (ports.knobs.tokenEndpoint === 'hang') return { status: 0, headers: {}, body: '', fate: 'hanging' };
  if (ports.knobs.tokenEndpoint === 'unavailable') {
    return textResponse(503, 'text/html', '<html><body><h1>503 Service Unavailable</h1></body></html>');
  }
  const refusal = checkClient(ports, request.headers.authorization);
  if (refusal !== null) return refusal;
  const form = new URLSearchParams(request.body);
  const field = (name: string): string | null => form.get(name) ?? query.get(name);
  const invalid = jsonResponse(400, { error: 'invalid_request' });
  switch (field('grant_type')) {
    case 'authorization_code': {
      const [code, redirectUri] = [field('code'), field('redirect_uri')];
      if (code === null || redirectUri === null) return invalid;
      return granted(ports, ports.tokens.exchange(code, redirectUri), false);
    }
    case 'refresh_token': {
      const token = field('refresh_token');
      return token === null ? invalid : granted(ports, ports.tokens.refresh(token), true);
    }
    default:
      return jsonResponse(400, { error: 'invalid_grant' });
  }
}

/** The login service as a plain function; `path` begins with `/login/v3/oauth`. */
export function createLogin(ports: LoginPorts): (request: SimRequest) => SimResponse {
  return (request) => {
    const { pathname, query } = splitPath(request.path);
    if (request.method === 'GET' && pathname === '/login/v3/oauth') return authorise(ports, query);
    if (request.method === 'POST' && pathname === '/login/v3/oauth/access')
      return access(ports, request, query);
    return jsonResponse(404, { error: 'not_found' });
  };
}
