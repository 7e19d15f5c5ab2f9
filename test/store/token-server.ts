import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * What becomes of a refresh token that is traded. `stable`: it goes on. `overlapping`: it is good until the new one was
 * used. `strict`: it ends at once. `forgetful`: it ends at once, but a server that comes back after a crash knows nothing of
 * a new one that nobody has used. Whoever trades one that has ended loses the whole login, as token theft is answered.
 */
export const policies = ['stable', 'overlapping', 'strict', 'forgetful'] as const;
export type Policy = (typeof policies)[number];

/** One login of one household. */
interface Login {
  readonly household: string;
  /** Refresh tokens in the order in which they were given out; the newest is last. */
  readonly refresh: string[];
  /** Access tokens that are good, each with the refresh token that came with it. */
  readonly access: Map<string, string>;
  /** The newest refresh token, or its access token, has been used. */
  isUsed: boolean;
  isRevoked: boolean;
}

/** A login server and as much of the Control API as it takes to use an access token. */
export interface TokenServer {
  readonly url: string;
  /** Whether a refresh token would be taken now. */
  accepts(refreshToken: string): boolean;
  /** What was asked of a household and done to it, newest last, e.g. `refresh 400` and `revoke`. */
  asked(household: string): readonly string[];
  /** The server breaks down and comes back, for one household. */
  crash(household: string): void;
  stop(): Promise<void>;
}

const LIFETIME_S = 86_400;

class Logins {
  readonly #policy: Policy;
  readonly #logins: Login[] = [];
  #given = 0;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  of = (household: string): readonly Login[] => this.#logins.filter((login) => login.household === household);

  byRefresh = (token: string): Login | undefined =>
    this.#logins.find(({ refresh }) => refresh.includes(token));

  byAccess = (token: string): Login | undefined => this.#logins.find(({ access }) => access.has(token));

  accepts(token: string): boolean {
    const login = this.byRefresh(token);
    if (login === undefined || login.isRevoked) return false;
    const before = login.refresh.at(-2);
    return (
      token === login.refresh.at(-1) || (this.#policy === 'overlapping' && !login.isUsed && token === before)
    );
  }

  begin(household: string): Record<string, unknown> {
    const login = { household, refresh: [], access: new Map(), isUsed: false, isRevoked: false };
    this.#logins.push(login);
    return this.#give(login, this.#next('refresh', household));
  }

  /** Null when the token is refused. */
  trade(token: string): Record<string, unknown> | null {
    const login = this.byRefresh(token);
    if (login === undefined) return null;
    if (!this.accepts(token)) {
      login.isRevoked = true;
      return null;
    }
    if (this.#policy === 'stable') return this.#give(login, token);
    // Using the one before gives it another successor; the unused one is void.
    login.refresh.length = login.refresh.indexOf(token) + 1;
    return this.#give(login, this.#next('refresh', login.household));
  }

  use(token: string): string | null {
    const login = this.byAccess(token);
    if (login === undefined || login.isRevoked) return null;
    if (login.access.get(token) === login.refresh.at(-1)) login.isUsed = true;
    return login.household;
  }

  crash(household: string): void {
    if (this.#policy !== 'forgetful') return;
    for (const login of this.of(household)) {
      if (login.isUsed || login.refresh.length < 2) continue;
      const forgotten = login.refresh.pop();
      for (const [access, refresh] of login.access) if (refresh === forgotten) login.access.delete(access);
      login.isUsed = true;
    }
  }

  #next(kind: string, household: string): string {
    this.#given += 1;
    return `${kind}-${household}-${this.#given}`;
  }

  #give(login: Login, refresh: string): Record<string, unknown> {
    if (login.refresh.at(-1) !== refresh) login.refresh.push(refresh);
    login.isUsed = false;
    const access = this.#next('access', login.household);
    login.access.set(access, refresh);
    return { access_token: access, token_type: 'Bearer', expires_in: LIFETIME_S, refresh_token: refresh };
  }
}

/** Starts a server with one of the policies on a free port. */
export async function startTokenServer(policy: Policy): Promise<TokenServer> {
  const logins = new Logins(policy);
  const asked = new Map<string, string[]>();
  const note = (household: string, what: string): void => {
    asked.set(household, [...(asked.get(household) ?? []), what]);
  };

  function grant(form: URLSearchParams): [number, object] {
    const isLogin = form.get('grant_type') === 'authorization_code';
    const token = form.get(isLogin ? 'code' : 'refresh_token') ?? '';
    // A code is as good as the household that it names.
    const household = isLogin ? token : (logins.byRefresh(token)?.household ?? 'nobody');
    const given = isLogin ? logins.begin(household) : logins.trade(token);
    const answer: [number, object] = given === null ? [400, { error: 'invalid_grant' }] : [200, given];
    note(household, `${isLogin ? 'login' : 'refresh'} ${answer[0]}`);
    return answer;
  }

  function use(header: string | undefined): [number, object] {
    const household = logins.use(header?.replace(/^Bearer /u, '') ?? '');
    if (household === null) return [401, { errorCode: 'ERROR_NOT_AUTHORIZED' }];
    note(household, 'use 200');
    return [200, { households: [{ id: household }] }];
  }

  /** What the world does to a login: its access tokens end early, or a person takes the access away. */
  function change(what: string, household: string): [number, object] {
    for (const login of logins.of(household)) {
      if (what === 'expire') login.access.clear();
      else login.isRevoked = true;
    }
    note(household, what);
    return [200, {}];
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, first = '', second = ''] = (request.url ?? '').split('/');
    const body = await text(request);
    const [status, json] =
      first === 'login'
        ? grant(new URLSearchParams(body))
        : first === 'world'
          ? change(second, body)
          : use(request.headers.authorization);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(json));
  }

  const server = createServer((request, response) => void answer(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    accepts: (token) => logins.accepts(token),
    asked: (household) => asked.get(household) ?? [],
    crash: (household) => logins.crash(household),
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
