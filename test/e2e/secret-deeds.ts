import { readFileSync } from 'node:fs';
import { request as ask } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import mqtt from 'mqtt';
import type { Echo } from './echoing-sonos.ts';
import { eventually, type Observer } from './house.ts';
import { AUTHORIZATION, learnKept, type SecretPlace, USERS, WEB_PASSWORD } from './secret-place.ts';

interface Visit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Asks for an address as nobody in their senses would; the whole answer is heard under `where`. */
export async function visit({ spy }: SecretPlace, where: string, url: string, what: Visit = {}) {
  const { method = 'GET', headers = {}, body = '' } = what;
  return new Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; text: string }>(
    (resolve, reject) => {
      const length = { 'Content-Length': String(Buffer.byteLength(body)) };
      const sent = ask(url, { method, headers: { ...length, ...headers }, agent: false }, (answer) => {
        text(answer).then((said) => {
          spy.heard(
            where,
            `${answer.statusCode} ${answer.statusMessage}\n${answer.rawHeaders.join('\n')}\n\n${said}`,
          );
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: said });
        }, reject);
      });
      sent.on('error', reject);
      sent.end(body);
    },
  );
}

/** Ways to say a text back. */
export const sayings: Readonly<Record<string, (heard: string) => string>> = {
  'JSON with a reason': (heard) =>
    JSON.stringify({ error: heard, error_description: heard, errorCode: heard, reason: heard }),
  'JSON within JSON': (heard) =>
    JSON.stringify({ errorCode: 'ERROR', reason: JSON.stringify({ body: JSON.stringify({ heard }) }) }),
  'a page': (heard) => `<html><title>${heard}</title><p>${heard.replaceAll('<', '&lt;')}</p></html>`,
  'nested JSON': (heard) => JSON.stringify({ fault: { faultstring: heard, detail: { errorcode: heard } } }),
  'a form': (heard) => new URLSearchParams({ error: heard, reason: heard }).toString(),
  'a percent-encoded reason': (heard) => JSON.stringify({ reason: encodeURIComponent(heard).slice(0, 250) }),
  'a reason in base64': (heard) =>
    JSON.stringify({ reason: Buffer.from(heard.slice(0, 180)).toString('base64') }),
  'a reason in hexadecimal': (heard) =>
    JSON.stringify({ reason: Buffer.from(heard.slice(0, 120)).toString('hex') }),
  'a reason that is too long': (heard) => JSON.stringify({ reason: `${'x'.repeat(240)} ${heard}` }),
  'text without a break': (heard) =>
    JSON.stringify({ reason: `${'x'.repeat(240)}${heard.replaceAll(' ', '')}` }),
};

export const echoOf = (status: number, says: Echo['says'], headers: Echo['headers'] = {}): Echo => ({
  status,
  says,
  headers: { 'Retry-After': '0', ...headers },
});

/** Begins a login in a browser. */
async function beginLogin(place: SecretPlace) {
  const start = await visit(place, 'the way to the login', `${place.page}/login`, {
    headers: { Authorization: AUTHORIZATION },
  });
  const url = String(start.headers.location);
  const cookie = String(start.headers['set-cookie']).split(';')[0] ?? '';
  const state = new URL(url).searchParams.get('state') ?? '';
  place.spy.knowsForNow('a login state', state);
  place.spy.knowsForNow('a login cookie', cookie.split('=')[1] ?? '');
  return { url, cookie, state };
}

const back = (place: SecretPlace, query: Readonly<Record<string, string>>): string =>
  `${place.page}/oauth/callback?${new URLSearchParams(query)}`;

/** Ends a login that was begun in this browser with what the query says; the status of the page. */
export async function loginWith(
  place: SecretPlace,
  query: Readonly<Record<string, string>>,
): Promise<number> {
  const { state, cookie } = await beginLogin(place);
  const headers = { Cookie: cookie };
  return (await visit(place, 'the page of a login', back(place, { state, ...query }), { headers })).status;
}

/** Logs in as a person does. */
export async function login(place: SecretPlace): Promise<number> {
  const { url, state, cookie } = await beginLogin(place);
  const sonos = await fetch(url, { redirect: 'manual' });
  const real = new URL(sonos.headers.get('location') ?? '').searchParams.get('code') ?? '';
  const query = { state, code: place.gateway.code(real) };
  const done = await visit(place, 'the page of a login', back(place, query), { headers: { Cookie: cookie } });
  learnKept(place);
  return done.status;
}

/** Sends a command, and waits for an answer to anything. */
export async function command(observer: Observer, topic: string, payload: string): Promise<void> {
  const answers = (): number => observer.messages.filter((seen) => seen.topic.endsWith('/reply')).length;
  const before = answers();
  await observer.send(topic, payload);
  await eventually(
    () => (answers() > before ? true : undefined),
    `an answer to ${topic} ${payload}`,
    () => observer.messages.slice(-3),
  );
}

/** Comes to the broker as somebody who is not let in, or does what it must not, and is gone. */
export async function intrude(port: number, options: Parameters<typeof mqtt.connect>[1]): Promise<void> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, { reconnectPeriod: 0, ...options });
  client.on('error', () => {});
  await new Promise<void>((resolve) => {
    client.once('close', () => resolve());
    client.once('error', () => resolve());
    client.once('connect', () => {
      client.publish(`sonos/${options?.clientId}`, String(options?.password), { qos: 1 }, () => {});
    });
  });
  await client.endAsync(true);
}

export const asUser = (index: number) => ({
  username: USERS[index]?.username ?? '',
  password: USERS[index]?.password ?? '',
});

/** Signs in, makes a token and uses both; the status that the token had. */
export async function entered(place: SecretPlace): Promise<number> {
  const headers = { 'Content-Type': 'application/json' };
  const said = { method: 'POST', headers, body: JSON.stringify({ password: WEB_PASSWORD }) };
  const signedIn = await visit(place, 'signing in', `${place.page}/api/session`, said);
  const Cookie = String(signedIn.headers['set-cookie']).split(';')[0] ?? '';
  place.spy.knowsForNow('the id of a session', Cookie.split('=')[1] ?? '');
  const wish = { method: 'POST', headers: { ...headers, Cookie }, body: '{"name":"script"}' };
  const made = await visit(place, 'making a token', `${place.page}/api/tokens`, wish);
  const { token } = JSON.parse(made.text) as { token: string };
  place.spy.knowsForNow('an API token', token);
  const asked = { headers: { Authorization: `Bearer ${token}` } };
  await visit(place, 'using a token', `${place.page}/api/tokens`, asked);
  const refused = await visit(place, 'using a token', `${place.page}/api/live/x?token=${token}`, asked);
  const shown = await visit(place, 'using a session', `${place.page}/api/tokens`, { headers: { Cookie } });
  const { password } = JSON.parse(readFileSync(join(place.folder, 'data/sessions.json'), 'utf8'));
  place.spy.knowsForNow('the hash of the password', password);
  return refused.status === 403 ? shown.status : refused.status;
}
