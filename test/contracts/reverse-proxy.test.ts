import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import type { EventHeaders } from '../../src/events/headers.ts';
import {
  BODY,
  CALLBACK,
  eventually,
  HEADER_NAMES,
  REDIRECT,
  signed,
  startListener,
} from '../events/house.ts';
import { freePort } from '../support/ports.ts';
import { findProgram } from '../support/programs.ts';
import { makeCertificate, type RunningProxy, startProxy } from '../support/reverse-proxy.ts';

const guide = readFileSync(join(import.meta.dirname, '../../docs/public-address.md'), 'utf8');

/** The one block of the document in this language, as somebody would copy it; blocks in lists are indented. */
function blockOf(language: string): string {
  const found = [...guide.matchAll(new RegExp(`^( *)\`\`\`${language}\\n([\\s\\S]*?)^\\1\`\`\`$`, 'gm'))].map(
    ([, indent = '', text = '']) => text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  const mine = language === 'yaml' ? found.filter((text) => text.includes('ingress:')) : found;
  expect(mine).toHaveLength(1);
  return mine[0] ?? '';
}

/** What is changed so that the block can run here; every text has to be in it, or the test would show nothing. */
function changed(block: string, changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, block);
}

const NAME = 'sonos.example.org';

async function startNginx(file: string, folder: string, bridge: number): Promise<RunningProxy> {
  const port = await freePort();
  const certificate = await makeCertificate(folder, NAME);
  const block = changed(blockOf('nginx'), {
    'server 127.0.0.1:8787;': `server 127.0.0.1:${bridge};`,
    'listen 443 ssl;': `listen 127.0.0.1:${port} ssl;`,
    'listen [::]:443 ssl;': '',
    [`/etc/letsencrypt/live/${NAME}/`]: `${folder}/`,
    '/var/log/nginx/': `${folder}/`,
  });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const main = [
    process.getuid?.() === 0 ? 'user root;' : '',
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/main-error.log;`,
    'events { worker_connections 64; }',
    // As Debian's own: one access log for every server that does not say otherwise.
    `http { access_log ${folder}/access.log; ${temporary.join(' ')}`,
    block,
    '}',
  ];
  await writeFile(join(folder, 'nginx.conf'), main.join('\n'));
  const words = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'start.log')];
  return startProxy({ name: NAME, file, words, port, folder, certificate });
}

async function startCaddy(file: string, folder: string, bridge: number): Promise<RunningProxy> {
  const port = await freePort();
  const certificate = await makeCertificate(folder, NAME);
  const block = changed(blockOf('caddy'), {
    'reverse_proxy 127.0.0.1:8787': `reverse_proxy 127.0.0.1:${bridge}`,
    // No certificate from outside, no port below 1024, no door for its administration.
    '{\n\tlog default': '{\n\tadmin off\n\tauto_https off\n\tlog default',
    [`${NAME} {\n`]: `https://${NAME}:${port} {\n\tbind 127.0.0.1\n\ttls fullchain.pem privkey.pem\n`,
  });
  await writeFile(join(folder, 'Caddyfile'), block);
  const words = ['run', '--config', 'Caddyfile', '--adapter', 'caddyfile'];
  return startProxy({ name: NAME, file, words, port, folder, certificate });
}

const headersOf = (event: EventHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(HEADER_NAMES).map(([field, name]) => [name, event[field as keyof EventHeaders]]),
  );

/** Every file of a folder but those that we wrote. */
async function written(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((each) => each.isFile() && !['Caddyfile', 'nginx.conf'].includes(each.name));
  const texts = await Promise.all(files.map((each) => readFile(join(each.parentPath, each.name), 'utf8')));
  return texts.join('\n');
}

const PROXIES = [
  { name: 'nginx', file: findProgram('nginx', 'nginx-light'), start: startNginx },
  { name: 'Caddy', file: findProgram('caddy'), start: startCaddy },
];
const openssl = findProgram('openssl');

for (const { name, file, start } of PROXIES) {
  describe.skipIf(file === null || openssl === null)(`the settings for ${name} in the documentation`, () => {
    let bridge: Awaited<ReturnType<typeof startListener>>;
    let folder: string;
    let proxy: RunningProxy;
    const logins: string[] = [];
    const CODE = 'one-time-code-of-a-login';
    let sequence = 1;

    const event = () => {
      sequence += 1;
      return headersOf(signed({ sequence: String(sequence) }));
    };
    const post = (headers: Record<string, string>, body = BODY, path = CALLBACK) =>
      proxy.ask(path, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });

    beforeAll(async () => {
      const redirect = {
        path: REDIRECT,
        handle: async (query: URLSearchParams) => {
          logins.push(query.toString());
          return { status: 200, html: 'linked' };
        },
      };
      bridge = await startListener({ redirect: { ...redirect, styleSource: "'self'" } });
      folder = await mkdtemp(join(tmpdir(), 'reverse-proxy-'));
      proxy = await start(file ?? '', folder, bridge.port);
    });
    afterAll(async () => {
      await proxy?.stop();
      await bridge?.listener.stop();
      await rm(folder, { recursive: true, force: true });
    });

    it('lets an event of Sonos in, header by header and byte by byte', async () => {
      const before = bridge.events.length;
      expect(await post(event())).toMatchObject({ status: 200, text: '' });
      await eventually(() => bridge.events.length === before + 1);
      expect(bridge.events.at(-1)).toMatchObject({ body: { volume: 16, muted: false, fixed: false } });
    });

    it('lets the largest of events in', async () => {
      const before = bridge.events.length;
      const large = JSON.stringify({ ...JSON.parse(BODY), more: 'ü'.repeat(500_000) });
      expect((await post(event(), large)).status).toBe(200);
      await eventually(() => bridge.events.length === before + 1);
    });

    it('lets many events in at once', async () => {
      const before = bridge.events.length;
      const answers = await Promise.all(Array.from({ length: 20 }, () => post(event())));
      expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
      await eventually(() => bridge.events.length === before + 20);
    });

    it('leaves it to the bridge to refuse a wrong signature', async () => {
      const { rejected } = bridge.listener.counters();
      const other = headersOf(signed({ signature: signed({ sequence: '9' }).signature }));
      expect((await post(other)).status).toBe(401);
      expect(bridge.listener.counters().rejected.bad_signature).toBe(rejected.bad_signature + 1);
    });

    it('answers as the documentation tells people to check', async () => {
      expect((await proxy.ask('/', { method: 'HEAD' })).status).toBe(404);
      const seen = await proxy.ask(CALLBACK);
      expect(seen.status).toBe(200);
      expect(guide).toContain(seen.text.trim());
      expect(seen.headers.location).toBeUndefined();
    });

    it('lets a login come back with everything that it brings', async () => {
      const answer = await proxy.ask(`${REDIRECT}?state=a%2Fb&code=${CODE}`);
      expect(answer).toMatchObject({ status: 200, text: 'linked' });
      expect(logins).toEqual([`state=a%2Fb&code=${CODE}`]);
    });

    it.each([
      '/health/ready',
      '/metrics',
      '/login',
      '/sonos',
      `${CALLBACK}/`,
      `${CALLBACK.slice(0, -1)}X`,
      `${REDIRECT}/more`,
      `/oauth/..${CALLBACK}`,
      '/sonos/events/../../metrics',
    ])('has nothing to show at %s', async (path) => {
      const before = bridge.events.length;
      expect((await post(event(), BODY, path)).status).toBe(404);
      expect((await proxy.ask(path)).status).toBe(404);
      expect(bridge.events).toHaveLength(before);
    });

    it('does not even ask the bridge for anything else', async () => {
      await bridge.listener.stop();
      for (const path of ['/', '/metrics', '/login', '/sonos', `${REDIRECT}/more`, '/oauth', '/x']) {
        expect((await proxy.ask(path)).status, path).toBe(404);
      }
    });

    it('writes neither the secret path nor a login down, also when the bridge does not answer', async () => {
      await bridge.listener.stop();
      expect((await post(event())).status).toBe(502);
      expect((await proxy.ask(`${REDIRECT}?code=${CODE}`)).status).toBe(502);
      await proxy.stop();
      const all = await written(folder);
      expect(all).toContain('BEGIN CERTIFICATE');
      expect(all).not.toContain(CALLBACK.split('/').at(-1));
      expect(all).not.toContain(CODE);
    });
  });
}

describe('the settings for cloudflared in the documentation', () => {
  const rule = z.strictObject({
    hostname: z.string().optional(),
    path: z.string().optional(),
    service: z.string(),
  });
  const settings = z
    .strictObject({ tunnel: z.uuid(), 'credentials-file': z.string(), ingress: z.array(rule).min(2) })
    .parse(parse(blockOf('yaml')));
  // What fits no rule would make cloudflared refuse the file.
  const serviceOf = (host: string, path: string): string | undefined =>
    settings.ingress.find(
      (each) =>
        (each.hostname === undefined || each.hostname === host) &&
        (each.path === undefined || new RegExp(each.path).test(path)),
    )?.service;

  it.each([CALLBACK, REDIRECT])('lead %s to the public listener', (path) => {
    expect(serviceOf(NAME, path)).toBe('http://localhost:8787');
  });

  it.each(['/', '/metrics', '/health/ready', '/x/sonos/events/1', '/oauth/callback/more'])(
    'lead %s nowhere',
    (path) => {
      expect(serviceOf(NAME, path)).toBe('http_status:404');
      expect(serviceOf('other.example.org', CALLBACK)).toBe('http_status:404');
    },
  );

  it('end with a rule for everything, and name the tunnel and its credentials alike', () => {
    expect(settings.ingress.at(-1)).toEqual({ service: 'http_status:404' });
    expect(settings['credentials-file']).toContain(settings.tunnel);
  });
});
