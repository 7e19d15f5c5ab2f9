import { createRequire } from 'node:module';
import type { AuthorizationCode } from 'simple-oauth2';
import { z } from 'zod';
import { err, type Result } from '../bridge/result.ts';
import { type OAuthError, readFailure, readTokenPair, type TokenPair } from './oauth-answer.ts';

/** Sonos' login server: the authorization code grant, which is the only one it has ("Authorize"). */
export interface OAuth {
  /** The address where a person logs in; it comes back to the redirect URI with the same state. */
  authorizeUrl(state: string): string;
  /** Trades the code of a login for tokens. */
  exchange(code: string): Promise<Result<TokenPair, OAuthError>>;
  /** Trades a refresh token for new tokens. Never ask twice at the same time with the same one. */
  refresh(refreshToken: string): Promise<Result<TokenPair, OAuthError>>;
}

/** What the login server needs to know of us. */
export interface OAuthOptions {
  /** The login server; the paths of the login and of the tokens are appended. */
  readonly loginUrl: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Byte for byte as registered. */
  readonly redirectUri: string;
  /** For the head of an answer and once more for its body, milliseconds. */
  readonly timeoutMs?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 64 * 1024;
const LOGIN_PATH = '/login/v3/oauth';
const TOKEN_PATH = '/login/v3/oauth/access';
/** The only scope Sonos gives to third parties. */
const SCOPE = 'playback-control-all';

/** The door to the OAuth library, which is loaded when it is first needed since it takes 17 MB. */
export function createOAuth(options: OAuthOptions): OAuth {
  const base = options.loginUrl.replace(/\/+$/u, '');
  let opening: Promise<AuthorizationCode> | null = null;

  async function load(): Promise<AuthorizationCode | null> {
    try {
      opening ??= open(options, base);
      return await opening;
    } catch {
      // Not remembered: reading the library from disk may succeed the next time. Its own message may quote the secret.
      opening = null;
      return null;
    }
  }

  async function ask(
    request: (library: AuthorizationCode) => Promise<{ token: unknown }>,
  ): Promise<Result<TokenPair, OAuthError>> {
    if (!isVisible(options.clientId) || !isVisible(options.clientSecret)) return err(unusableCredentials);
    const library = await load();
    if (library === null) return err(unusableLibrary);
    try {
      const { token } = await request(library);
      return readTokenPair(token);
    } catch (thrown) {
      hangUp(thrown);
      return err(readFailure(thrown));
    }
  }

  return {
    authorizeUrl(state) {
      const query = new URLSearchParams({
        client_id: options.clientId,
        response_type: 'code',
        state,
        scope: SCOPE,
        redirect_uri: options.redirectUri,
      });
      return `${base}${LOGIN_PATH}?${query.toString()}`;
    },
    exchange: (code) => ask((library) => library.getToken({ code, redirect_uri: options.redirectUri })),
    refresh: (refreshToken) =>
      ask((library) => library.createToken({ refresh_token: refreshToken }).refresh()),
  };
}

async function open(options: OAuthOptions, base: string): Promise<AuthorizationCode> {
  silence();
  const library = await import('simple-oauth2');
  const { origin, pathname } = new URL(base + TOKEN_PATH);
  return new library.AuthorizationCode({
    client: { id: options.clientId, secret: options.clientSecret },
    auth: { tokenHost: origin, tokenPath: pathname },
    options: { authorizationMethod: 'header', bodyFormat: 'form', credentialsEncodingMode: 'strict' },
    // Without timeout and maxBytes it waits for ever and reads without end. `force` reads JSON under any content type.
    http: { timeout: options.timeoutMs ?? TIMEOUT_MS, maxBytes: MAX_BYTES, redirects: false, json: 'force' },
  });
}

/**
 * With `DEBUG=*` or `DEBUG=simple-oauth2*` the library prints the integration's secret and the refresh token. The
 * variable was read when some other library first loaded `debug`, so changing it now would be too late; instead the
 * `debug` that this library uses is told that these names are never enabled.
 */
function silence(): void {
  const here = createRequire(import.meta.url);
  const debug: { enabled(name: string): boolean } = createRequire(here.resolve('simple-oauth2'))('debug');
  const enabled = debug.enabled.bind(debug);
  debug.enabled = (name) => !name.startsWith('simple-oauth2') && enabled(name);
}

const abandonedSchema = z.object({ data: z.object({ res: z.instanceof(Object) }) });

/** After a timeout within the body the library leaves the connection open. */
function hangUp(thrown: unknown): void {
  const read = abandonedSchema.safeParse(thrown);
  if (!read.success) return;
  const { res } = read.data.data;
  if ('destroy' in res && typeof res.destroy === 'function') res.destroy();
}

/** RFC 6749, appendix A: what a client id and secret may consist of. */
function isVisible(text: string): boolean {
  return /^[\x20-\x7e]+$/u.test(text);
}

const unusableCredentials: OAuthError = {
  kind: 'wrong_credentials',
  reason:
    'sonos.client_id or sonos.client_secret is empty or holds characters outside ASCII; copy both from the Sonos developer portal.',
};

const unusableLibrary: OAuthError = {
  kind: 'unavailable',
  reason: 'The OAuth library could not be loaded or set up; check sonos.login_url and the installation.',
};
