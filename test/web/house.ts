import { Agent, type IncomingHttpHeaders, request as send } from 'node:http';
import { onTestFinished } from 'vitest';
import type { Clock, Fields, Log } from '../../src/bridge/ports.ts';
import { ok } from '../../src/bridge/result.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { createPrivateListener } from '../../src/web/listener.ts';
import type { LoginAnswer, LoginResult, PrivateListenerOptions } from '../../src/web/options.ts';

export const PASSWORD = 'correct horse';
export const REDIRECT_PATH = '/oauth/callback';
export const ACCOUNT = 'account-1';
/** Of `PASSWORD`, and so cheap that a test need not wait for it. */
export const PASSWORD_HASH =
  '$scrypt$ln=4,r=8,p=1$YSBzYWx0IG9mIHRlc3RzIQ$jbumB9hCSJ3zU3/GftOh26ji9nC5HddtZ1sKOLaK4Yg';

export const basic = (password: string, user = 'me'): string =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;

/** Keeps what was said to the log. */
export function notebook(): Log & { readonly lines: { level: string; message: string; fields?: Fields }[] } {
  const lines: { level: string; message: string; fields?: Fields }[] = [];
  const at = (level: string) => (message: string, fields?: Fields) => {
    lines.push({ level, message, ...(fields === undefined ? {} : { fields }) });
  };
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A clock whose durations are set by hand; its timers are real. */
export function handClock(): Clock & { pass(milliseconds: number): void } {
  let elapsed = 0;
  return {
    now: () => systemClock.now(),
    elapsed: () => elapsed,
    after: systemClock.after,
    pass: (milliseconds) => {
      elapsed += milliseconds;
    },
  };
}

/** A login at a Sonos that links whoever comes with the state it gave out, once, as the real one does. */
export function fakeLogin(result: LoginResult = ok({ households: ['Sonos_home'], known: false })) {
  const pending = new Set<string>();
  const answers: LoginAnswer[] = [];
  return {
    answers,
    start: () => {
      const state = systemRandom.id();
      pending.add(state);
      return { url: `https://sonos.example/login/v3/oauth?state=${state}`, state };
    },
    finish: async (answer: LoginAnswer): Promise<LoginResult> => {
      answers.push(answer);
      const state =
        typeof answer === 'string' && URL.canParse(answer)
          ? new URL(answer).searchParams.get('state')
          : typeof answer === 'string'
            ? null
            : answer.state;
      if (!pending.delete(state ?? '')) {
        return { ok: false, error: { reason: 'unknown_state', message: 'This login was not started here.' } };
      }
      return result;
    },
  };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** The listener on a port of its own, stopped when the test ends. */
export async function openHouse(different: Partial<PrivateListenerOptions> = {}) {
  const log = notebook();
  const listener = createPrivateListener({
    host: '127.0.0.1',
    port: 0,
    password: PASSWORD_HASH,
    allowedHosts: ['bridge.lan'],
    login: fakeLogin(),
    redirectPath: REDIRECT_PATH,
    redirectUri: `http://127.0.0.1:8788${REDIRECT_PATH}`,
    unlink: async (id) => id === ACCOUNT,
    notReady: () => [],
    metrics: () => [],
    clock: systemClock,
    random: systemRandom,
    log,
    ...different,
  });
  const started = await listener.start();
  if (!started.ok) throw new Error(started.error.message);
  const { port } = started.value;
  const agent = new Agent({ keepAlive: true, maxSockets: 20 });
  onTestFinished(async () => {
    agent.destroy();
    await listener.stop();
  });

  /** Asks over real HTTP, exactly with these headers; no password unless given. */
  const ask = (path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const asked = send({ host: '127.0.0.1', port, path, method, headers, agent }, (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => {
          text += piece;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
        response.on('error', reject);
      });
      asked.on('error', reject);
      asked.end(body);
    });

  /** The same as a person who has typed the password. */
  const visit = (path: string, asked: Asked = {}): Promise<Answer> =>
    ask(path, { ...asked, headers: { Authorization: basic(PASSWORD), ...asked.headers } });

  /** Sends JSON, as the page does. */
  const post = async (
    path: string,
    value: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> =>
    visit(path, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        Origin: `http://127.0.0.1:${port}`,
        ...headers,
      },
      body: JSON.stringify(value),
    });

  /** Signs in with the password; the cookie that a browser would send from now on. */
  const signIn = async (password: string = PASSWORD): Promise<string> =>
    cookieOf(await post('/api/session', { password }, { Authorization: '' }));

  return { port, log, listener, ask, visit, post, signIn };
}

/** What a browser would send back of a Set-Cookie header. */
export const cookieOf = (answer: Answer): string =>
  (answer.headers['set-cookie']?.[0] ?? '').split(';')[0] ?? '';

/** The names of all tags of a page, in order. */
export const tagsOf = (html: string): readonly string[] =>
  [...html.matchAll(/<\/?([a-z!][a-z0-9]*)/gi)].map(([, name]) => name ?? '');

/** The text of a page as a browser would show it. */
export const textOf = (html: string): string =>
  html
    .replace(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
