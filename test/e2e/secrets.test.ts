import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApp } from '../../src/app/app.ts';
import { keyOf } from '../../src/app/sonos-side.ts';
import type { Random } from '../../src/bridge/ports.ts';
import { configSecrets } from '../../src/config/config-secrets.ts';
import { settings } from '../../src/config/schema.ts';
import { createLog } from '../../src/log.ts';
import { createSecrets } from '../../src/secrets.ts';
import { sign } from '../../src/sim/index.ts';
import { systemRandom } from '../../src/system.ts';
import { builtProgram } from '../support/built-program.ts';
import type { Leak } from '../support/canaries.ts';
import { figure, isLong } from '../support/figures.ts';
import type { Program } from './daemon.ts';
import { Observer } from './house.ts';
import {
  asUser,
  command,
  echoOf,
  entered,
  intrude,
  login,
  loginWith,
  sayings,
  visit,
} from './secret-deeds.ts';
import { filesOf, Spy, secretSettings, secretsOfSchema } from './secret-house.ts';
import {
  AUTHORIZATION,
  CALLBACK_PATH,
  CLIENT_ID,
  CLIENT_SECRET,
  learnKept,
  openSecretPlace,
  type SecretPlace,
} from './secret-place.ts';

const TOKENS = /\/oauth\/access$/;
const SPEECH = /\/speech/;
const VOLUME = /playerVolume$/;

let place: SecretPlace;
let daemon: Program;
let observer: Observer;
/** What pages answered, to see that all of it happened. */
const statuses: Record<string, number[]> = {};

const note = (what: string, status: number): void => {
  statuses[what] = [...(statuses[what] ?? []), status];
};

/** Every secret that the house keeps by now; in the short form one of each kind, for they all go the same way. */
function secrets(): string[] {
  const kinds = new Map<string, string>();
  for (const { name, value } of place.spy.lasting) kinds.set(isLong ? value : name, value);
  return [...kinds.values()];
}

/** As a secret can stand in a topic. */
const inTopics = (): string[] =>
  secrets().flatMap((secret) => [
    ...(/^[^+#/]+$/.test(secret) ? [secret] : []),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64url'),
    `${'x'.repeat(55)}${encodeURIComponent(secret)}`,
  ]);

async function wrongLogins(): Promise<void> {
  for (const [what, says] of Object.entries(sayings)) {
    place.gateway.echo(TOKENS, echoOf(what.length % 2 === 0 ? 400 : 200, says));
    const code = place.spy.knowsForNow('a code that was refused', `${what.replaceAll(' ', '-')}/code"1`);
    note('login', await loginWith(place, { code }));
  }
  for (const status of [401, 403, 429, 500]) {
    place.gateway.echo(TOKENS, echoOf(status, sayings['a page'] ?? String));
    note('login', await loginWith(place, { code: 'wrong' }));
  }
  note('login', await loginWith(place, { code: 'a-code-that-has-expired' }));
  for (const secret of secrets()) note('login', await loginWith(place, { error: secret }));
  note(
    'login',
    await loginWith(place, {
      code: 'x',
      state: place.spy.knowsForNow('a foreign state', 'foreign-state-77aa88bb'),
    }),
  );
}

async function wrongVisits(where: string, base: string): Promise<void> {
  for (const secret of secrets()) {
    const encoded = encodeURIComponent(secret);
    // What a header can hold.
    const header = Buffer.from(secret).toString('latin1');
    const headers = {
      Authorization: header,
      Cookie: `sonos_login=${encoded}; sonos_session=${encoded}`,
      Referer: encoded,
      'X-Token': header,
    };
    for (const [method, path] of [
      ['GET', `/${encoded}?token=${encoded}`],
      ['GET', `/login?next=${encoded}`],
      ['GET', `/oauth/callback?code=${encoded}&state=${encoded}`],
      ['POST', '/api/login/paste'],
      ['POST', '/api/session'],
      ['POST', `/api/rooms/${encoded}/${encoded}`],
      ['DELETE', `/api/tokens/${encoded}`],
      ['PUT', '/metrics'],
    ] as const) {
      note(where, (await visit(place, where, `${base}${path}`, { method, headers, body: secret })).status);
    }
    note(where, (await visit(place, where, base, { headers: { Host: `${encoded}.example` } })).status);
  }
}

async function allowedVisits(): Promise<void> {
  const headers = { Authorization: AUTHORIZATION };
  for (const path of ['/', '/metrics', '/health/live', '/health/ready', '/api/session', '/api/tokens']) {
    note(
      path,
      (await visit(place, `the private listener's ${path}`, `${place.page}${path}`, { headers })).status,
    );
  }
  const type = { 'Content-Type': 'application/json' };
  for (const secret of secrets()) {
    for (const address of [
      secret,
      `https://x.example/${encodeURIComponent(secret)}`,
      `${place.page}/${secret}`,
    ]) {
      const pasted = { method: 'POST', headers: { ...headers, ...type }, body: JSON.stringify({ address }) };
      const at = `${place.page}/api/login/paste`;
      note('paste', (await visit(place, 'the page of a paste', at, pasted)).status);
    }
    const wished = { method: 'POST', headers: type, body: JSON.stringify({ password: secret, [secret]: 1 }) };
    note('wishes', (await visit(place, 'signing in, wrongly', `${place.page}/api/session`, wished)).status);
  }
}

/** Tries passwords until it is told to wait. */
async function guesses(): Promise<void> {
  for (const secret of [...secrets(), ...secrets()]) {
    const headers = { Authorization: `Basic ${Buffer.from(`me:x${secret}`).toString('base64')}` };
    note(
      'guesses',
      (await visit(place, 'the private listener, to strangers', `${place.page}/metrics`, { headers })).status,
    );
  }
}

async function falseEvents(): Promise<void> {
  const [household] =
    place.sonos.world.rooms().length > 0 ? ['Sonos_SimulatedHome0000000000.SimulatedPlace00'] : [];
  const parts = {
    sequence: '1',
    namespace: 'playback',
    type: 'playbackStatus',
    targetType: 'groupId',
    target: 'RINCON_A:1',
  };
  const signature = place.spy.knowsForNow('the signature of an event', sign(parts, CLIENT_ID, CLIENT_SECRET));
  const event = {
    'X-Sonos-Household-Id': household ?? '',
    'X-Sonos-Namespace': parts.namespace,
    'X-Sonos-Type': parts.type,
    'X-Sonos-Target-Type': parts.targetType,
    'X-Sonos-Target-Value': parts.target,
    'X-Sonos-Event-Seq-Id': parts.sequence,
    'X-Sonos-Event-Signature': signature,
  };
  const url = `${place.callbackUrl}${CALLBACK_PATH}`;
  const body = JSON.stringify(secrets());
  const { 'X-Sonos-Event-Signature': _, ...unsigned } = event;
  for (const headers of [
    event,
    unsigned,
    { ...event, 'X-Sonos-Event-Signature': `${signature}A` },
    { ...event, 'X-Sonos-Namespace': signature },
    { ...event, 'X-Sonos-Event-Seq-Id': '2' },
    { ...event, 'X-Sonos-Household-Id': signature },
    { ...event, 'Content-Encoding': 'gzip' },
  ]) {
    note('events', (await visit(place, 'the callback', url, { method: 'POST', headers, body })).status);
  }
  const query = `${url}?path=${encodeURIComponent(CALLBACK_PATH)}&signature=${signature}`;
  note(
    'events',
    (await visit(place, 'the callback', query, { method: 'POST', headers: event, body })).status,
  );
  note('events', (await visit(place, 'the callback', url, { method: 'DELETE', headers: event })).status);
  note('events', (await visit(place, 'the callback', url, { headers: event })).status);
}

async function pastedIntoCommands(): Promise<void> {
  for (const word of inTopics()) {
    await command(observer, `sonos/home/office/set/${word}`, '1');
    await command(observer, `sonos/home/${word}/set/volume`, '1');
    await command(observer, `sonos/${word}/office/set/volume`, '1');
    await command(observer, `sonos/bridge/set/${word}`, '1');
  }
  for (const secret of secrets()) {
    for (const payload of [
      secret,
      JSON.stringify(secret),
      JSON.stringify({ value: secret, id: secret.slice(0, 128), token: secret }),
      JSON.stringify({ value: [secret, { [secret]: secret }] }),
      `${'x'.repeat(50)}${secret}`,
    ]) {
      await command(observer, 'sonos/home/office/set/volume', payload);
    }
    await command(observer, 'sonos/home/office/set', JSON.stringify({ [secret]: secret, volume: secret }));
    await command(observer, 'sonos/home/office/set/favorite', secret);
    await command(
      observer,
      'sonos/home/office/set/clip',
      `http://me:${encodeURIComponent(secret)}@127.0.0.1/${secret}`,
    );
    await command(observer, 'sonos/bridge/set/forget', JSON.stringify({ value: secret }));
  }
}

async function sonosEchoes(): Promise<void> {
  const kinds: readonly (readonly [status: number, times: number])[] = [
    [401, 1],
    [403, 1],
    [429, 1],
    [499, 1],
    [500, 3],
    [302, 1],
    [200, 1],
  ];
  for (const [what, says] of Object.entries(sayings)) {
    for (const [status, times] of what === 'JSON with a reason' ? kinds : [[499, 1] as const]) {
      const location = status === 302 ? { Location: `/${encodeURIComponent(says('x'))}` } : {};
      place.gateway.echo(VOLUME, echoOf(status, says, location), times);
      await command(observer, 'sonos/home/office/set/volume', `{"value": 7, "id": "${status}"}`);
      learnKept(place);
    }
  }
  // Those that were replaced are good for another day.
  for (const token of place.gateway.given) {
    if (token.includes('-code-')) continue;
    place.gateway.echo(
      VOLUME,
      echoOf(499, () => JSON.stringify({ errorCode: 'ERROR', reason: token })),
    );
    await command(observer, 'sonos/home/office/set/volume', '7');
  }
}

/** Every speech server says back what it was sent. */
async function speechEchoes(): Promise<void> {
  for (const [what, says] of Object.entries(sayings)) {
    for (const status of what === 'JSON with a reason' ? [400, 401, 500, 302, 200] : [500]) {
      const location = status === 302 ? { Location: `/${encodeURIComponent(says('x'))}` } : {};
      place.speaker.echo(SPEECH, echoOf(status, says, location), 10);
      const id = `speech-${what}-${status}`;
      const payload = JSON.stringify({ text: `${what} ${status}`, id });
      await observer.send('sonos/home/office/set/announce', payload);
      const answer = await observer.until(
        ({ topic, payload: reply }) =>
          topic.endsWith('/reply') && reply.includes(id) && reply.includes('failed'),
        `an answer to ${id}`,
      );
      note('speech', answer.payload.includes('No speech provider') ? 200 : -1);
      place.speaker.calm();
    }
  }
}

async function intruders(): Promise<void> {
  for (const word of [...secrets(), ...inTopics().slice(0, 8)]) {
    await intrude(place.brokerPort, { clientId: word, username: word, password: word });
    await intrude(place.brokerPort, {
      ...asUser(0),
      clientId: encodeURIComponent(word),
      will: { topic: 'sonos/x', payload: word } as never,
    });
    await intrude(place.brokerPort, { ...asUser(0), clientId: encodeURIComponent(word) });
  }
}

/** Runs a command of the program to its end. */
async function ran(where: string, argv: readonly string[], given: Parameters<SecretPlace['run']>[2] = {}) {
  const program = await place.run(where, argv, given);
  return { ...(await program.end), said: program.said };
}

const hear = (): void => {
  for (const { topic, payload } of observer.messages) {
    // What we or strangers sent ourselves, the broker hands on as it is.
    if (!/^sonos\/.*\/set(\/|$)/.test(topic)) place.spy.heard('MQTT', `${topic} ${payload}`);
  }
};

beforeAll(async () => {
  await builtProgram();
  place = await openSecretPlace();
  daemon = await place.run('the daemon', ['start'], { env: { DEBUG: '*' } });
  await daemon.runs();
  learnKept(place);
  observer = await Observer.connect(place.brokerPort, { ...asUser(1), reconnectPeriod: 0 }, '#');
  place.sonos.registerCallback(`${place.callbackUrl}${CALLBACK_PATH}`);
  await wrongLogins();
  place.gateway.calm();
  note('the right login', await login(place));
  await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
  await allowedVisits();
  note('access', await entered(place));
  await wrongVisits('the private listener, to strangers', place.page);
  await wrongVisits('the public listener', place.callbackUrl);
  await falseEvents();
  await sonosEchoes();
  await speechEchoes();
  await intruders();
  await pastedIntoCommands();
  note('doctor', (await ran('the doctor of a bridge that runs', ['doctor'])).code ?? -1);
  await guesses();
  place.sonos.revoke();
  const over = (heard: string): string =>
    JSON.stringify({ error: 'invalid_grant', error_description: heard });
  place.gateway.calm();
  place.gateway.echo(TOKENS, echoOf(400, over), 2);
  await command(observer, 'sonos/home/office/set/volume', '7');
  note('the end', (await daemon.stop('SIGTERM')).code ?? -1);
  learnKept(place);
  hear();
}, 120_000);

afterAll(async () => {
  await observer?.end();
  await place?.close();
});

/** Logins need what they carry, and so does who signs in or makes a token. */
function isMeant(where: string, { name }: Leak): boolean {
  if (where === 'signing in') return name === 'the id of a session';
  if (where === 'making a token') return name === 'an API token';
  return where === 'the way to the login' && (name === 'a login state' || name === 'a login cookie');
}

/** Who asks for something that nobody can guess, and what it is for. */
const MADE_UP: Readonly<Record<string, string>> = {
  'app/mqtt-side.ts': "the bridge's own password at its broker",
  'sonos/login.ts': 'the state of a login',
  'web/login-cookie.ts': 'the key of the login cookie',
  'web/access/doorkeeper.ts': "the doorkeeper's key",
  'web/access/password-hash.ts': 'the salt of the password',
  'web/access/sessions.ts': 'the id of a session',
  'web/access/api-tokens.ts': 'a part of an API token',
};

/** What it keeps, in the order in which it asks. */
const GENERATED: Readonly<Record<number, string>> = {
  1: 'the secret of the callback path',
  3: "the secret of clips' names",
};

describe('what the bridge makes up for itself', () => {
  it('is in nothing that it says, from its start to its end', async () => {
    const house = await openSecretPlace();
    const spy = new Spy();
    let generated = 0;
    const random: Random = {
      ...systemRandom,
      id() {
        const id = systemRandom.id();
        const caller = /src\/([\w/-]+\.ts)/.exec(new Error().stack?.split('\n')[2] ?? '')?.[1] ?? '';
        // The second thing that is generated is a name at the broker, which is no secret.
        if (caller === 'app/generated.ts') generated += 1;
        const name = caller === 'app/generated.ts' ? GENERATED[generated] : MADE_UP[caller];
        if (name !== undefined) spy.knows(name, id);
        return id;
      },
    };
    const config = settings.parse(house.config);
    const key = keyOf(config);
    if (key === null) throw new Error('expected a key');
    const known = createSecrets();
    for (const secret of configSecrets(config)) known.add(secret);
    const file = join(house.folder, 'log');
    const log = createLog({ level: 'trace', secrets: known, destination: file });
    const app = await startApp({ config, key, log, secrets: known, random });
    const listener = await Observer.connect(house.brokerPort, asUser(1), '#');
    try {
      for (let count = 0; count < 3; count += 1) await loginWith(house, { code: 'wrong' });
      expect(await entered(house)).toBe(200);
      expect(await login(house)).toBe(200);
      await listener.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
      for (const { value } of spy.canaries) await command(listener, `sonos/home/office/set/${value}`, value);
    } finally {
      await app.stop();
      await log.close();
      await listener.end();
      spy.heard('the log', readFileSync(file, 'utf8'));
      for (const { topic, payload } of listener.messages) {
        if (!topic.includes('/set/')) spy.heard('MQTT', `${topic} ${payload}`);
      }
      await house.close();
    }
    expect(new Set(spy.canaries.map(({ name }) => name))).toEqual(
      new Set([...Object.values(MADE_UP), ...Object.values(GENERATED)]),
    );
    // Those that it holds are known to the filter; the others it says nowhere but where they belong.
    const pasted = (where: string, { name }: Leak): boolean =>
      where === 'MQTT' && /state|cookie|doorkeeper|salt|session|API/.test(name);
    expect(spy.leaks(pasted)).toEqual([]);
  });
});

describe('the secrets of the house', () => {
  it('are all known: every secret setting of the schema has a canary', () => {
    expect(Object.keys(secretSettings).sort()).toEqual(secretsOfSchema().sort());
  });

  it('have been where they could be said: everything happened that was to happen', () => {
    expect(statuses['the right login']).toEqual([200]);
    expect(statuses['the end']).toEqual([0]);
    expect(new Set(statuses.speech)).toEqual(new Set([200]));
    expect(daemon.said).toContain('A speech provider failed');
    expect(new Set(statuses.login)).toEqual(new Set([400, 503]));
    expect(new Set(statuses.paste)).toEqual(new Set([400]));
    expect(new Set(statuses.wishes)).toEqual(new Set([400]));
    expect(statuses.access).toEqual([200]);
    expect(new Set(statuses['the private listener, to strangers'])).toEqual(new Set([400, 401, 415, 421]));
    expect(new Set(statuses['the public listener'])).toEqual(new Set([400, 404]));
    expect(new Set(statuses.guesses)).toEqual(new Set([401, 429]));
    expect(new Set(statuses.events)).toEqual(new Set([200, 401, 405, 415]));
    expect(daemon.said).toContain('A request to Sonos failed');
    expect(daemon.said).toContain('Sonos no longer accepts the login');
    expect(daemon.said).toContain('The broker refused a client');
    expect(daemon.said).toContain('The broker refused a publish');
    expect(observer.messages.filter(({ topic }) => topic === 'sonos/bridge/log').length).toBeGreaterThan(5);
    // Masks are where secrets were.
    expect(observer.messages.some(({ topic }) => topic.includes('[secret]/reply'))).toBe(true);
    expect(observer.messages.filter(({ payload }) => payload.includes('[secret]')).length).toBeGreaterThan(
      100,
    );
    expect(place.spy.canaries.length).toBeGreaterThan(25);
  });

  it('are in nothing that the daemon said, at no place and in no spelling', () => {
    const record = readFileSync(join(place.folder, 'data/record.jsonl'), 'utf8');
    // Its masks are where secrets were.
    expect(record.split('[secret]').length).toBeGreaterThan(100);
    place.spy.heard('the record', record);
    const places = place.spy.places;
    expect(places.length).toBeGreaterThan(12);
    for (const where of places) figure(`characters searched: ${where}`, place.spy.length(where));
    expect(place.spy.leaks(isMeant)).toEqual([]);
  });

  it('would have been found: the answer that brings a session does', () => {
    expect(place.spy.leaks().map(({ where, name }) => `${where}: ${name}`)).toContain(
      'signing in: the id of a session',
    );
  });

  it('are kept where only the owner reads: tokens in the file of the accounts alone', () => {
    const files = filesOf(join(place.folder, 'data'));
    expect(files.map(({ name }) => name)).toEqual(expect.arrayContaining(['accounts.json', 'record.jsonl']));
    for (const { name, mode } of files) expect([name, mode.toString(8)]).toEqual([name, '600']);
    const { gateway, spy } = place;
    const tokens = [...gateway.given].filter((value) => !value.includes('-code-'));
    for (const { name, text } of files) {
      for (const token of tokens) {
        if (!name.startsWith('accounts.'))
          expect([name, text.includes(JSON.stringify(token).slice(1, -1))]).toEqual([name, false]);
      }
      const others = spy.canaries.filter(({ value }) => !gateway.given.has(value));
      const found = others.filter(({ value }) => text.includes(JSON.stringify(value).slice(1, -1)));
      expect(found.map((each) => each.name)).toEqual(
        name.startsWith('generated.')
          ? ['the generated callback secret', 'the generated secret of clips']
          : // Of session ids and API tokens there are digests alone.
            name.startsWith('sessions.')
            ? ['the hash of the password']
            : [],
      );
    }
    const kept = readFileSync(join(place.folder, 'data/accounts.json'), 'utf8');
    expect(tokens.some((token) => kept.includes(JSON.stringify(token).slice(1, -1)))).toBe(true);
  });
});
