import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventHeaders } from '../../src/events/headers.ts';
import { BODY, CALLBACK, HEADER_NAMES, signed } from '../events/house.ts';
import { startRelayed } from '../events/relay-listener-house.ts';
import { freePort } from '../support/ports.ts';
import { findProgram } from '../support/programs.ts';
import { makeCertificate, type RunningProxy, startProxy } from '../support/reverse-proxy.ts';

const page = readFileSync(join(import.meta.dirname, '../../docs/relay.md'), 'utf8');
const block = /^```nginx\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';
const NAME = 'sonos.example.org';
const file = findProgram('nginx', 'nginx-light');

/** The block of the page, changed only in what cannot be so here. */
function changed(changes: Readonly<Record<string, string>>): string {
  return Object.entries(changes).reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replaceAll(from, to);
  }, block);
}

async function startNginx(folder: string, relays: readonly number[]): Promise<RunningProxy> {
  const port = await freePort();
  const certificate = await makeCertificate(folder, NAME);
  const settings = changed({
    'server 127.0.0.1:8787 ': `server 127.0.0.1:${relays[0]} `,
    'server 127.0.0.1:8788 ': `server 127.0.0.1:${relays[1]} `,
    'listen 443 ssl;': `listen 127.0.0.1:${port} ssl;`,
    [`/etc/letsencrypt/live/${NAME}/`]: `${folder}/`,
  });
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${folder}/${kind};`,
  );
  const main = [
    process.getuid?.() === 0 ? 'user root;' : '',
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/main-error.log;`,
    'events { worker_connections 64; }',
    `http { access_log ${folder}/access.log; ${temporary.join(' ')}`,
    ...[settings, '}'],
  ];
  await writeFile(join(folder, 'nginx.conf'), main.join('\n'));
  const words = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'start.log')];
  return startProxy({ name: NAME, file: file ?? '', words, port, folder, certificate });
}

const headersOf = (event: EventHeaders): Record<string, string> =>
  Object.fromEntries(
    Object.entries(HEADER_NAMES).map(([field, name]) => [name, event[field as keyof EventHeaders]]),
  );

describe.skipIf(file === null || findProgram('openssl') === null)(
  'nginx in front of relays, as the page has it',
  () => {
    let relays: Awaited<ReturnType<typeof startRelayed>>[];
    let folder: string;
    let proxy: RunningProxy;
    let sequence = 1;
    const isOpen = [true, true];

    beforeAll(async () => {
      relays = [
        await startRelayed({ canPass: () => isOpen[0] === true }),
        await startRelayed({ canPass: () => isOpen[1] === true }),
      ];
      folder = await mkdtemp(join(tmpdir(), 'relay-nginx-'));
      proxy = await startNginx(
        folder,
        relays.map(({ port }) => port),
      );
    });
    afterAll(async () => {
      await proxy?.stop();
      for (const relay of relays) await relay.listener.stop();
      await rm(folder, { recursive: true, force: true });
    });

    const post = (body = BODY, path = CALLBACK) => {
      sequence += 1;
      const headers = {
        'Content-Type': 'application/json',
        ...headersOf(signed({ sequence: String(sequence) })),
      };
      return proxy.ask(path, { method: 'POST', headers, body });
    };
    const passed = () => relays.map(({ listener }) => listener.counters().accepted);
    const many = async (body = BODY) => {
      const before = passed();
      const answers = await Promise.all(Array.from({ length: 20 }, () => post(body)));
      const statuses = [...new Set(answers.map(({ status }) => status))];
      return { statuses, more: passed().map((count, index) => count - (before[index] ?? 0)) };
    };

    it('shares the events out', async () => {
      const { statuses, more } = await many();
      expect(statuses).toEqual([200]);
      expect(Math.min(...more)).toBeGreaterThan(0);
    });

    it('asks the next when one cannot pass events on, also for large ones', async () => {
      isOpen[0] = false;
      expect(await many()).toEqual({ statuses: [200], more: [0, 20] });
      const large = JSON.stringify({ ...JSON.parse(BODY), more: 'x'.repeat(500_000) });
      expect(await many(large)).toEqual({ statuses: [200], more: [0, 20] });
      isOpen[0] = true;
    });

    it('lets Sonos come again when none can', async () => {
      isOpen.fill(false);
      expect((await many()).statuses).toEqual([503]);
      isOpen.fill(true);
      expect((await many()).statuses).toEqual([200]);
    });

    it.each(['/', '/health', '/metrics', '/sonos', '/sonos/events'])('has nothing at %s', async (path) => {
      expect((await proxy.ask(path)).status).toBe(404);
    });

    it('leaves it to the relays to refuse', async () => {
      expect((await proxy.ask(CALLBACK, { method: 'POST', body: BODY })).status).toBe(401);
      expect((await post(BODY, `${CALLBACK.slice(0, -1)}X`)).status).toBe(404);
    });

    it('asks the next when one is gone, and writes the secret path down nowhere', async () => {
      await relays[0]?.listener.stop();
      expect(await many()).toEqual({ statuses: [200], more: [0, 20] });
      await relays[1]?.listener.stop();
      expect((await many()).statuses).toEqual([502]);
      await proxy.stop();
      const names = (await readdir(folder, { withFileTypes: true })).filter((each) => each.isFile());
      const texts = await Promise.all(names.map(({ name }) => readFile(join(folder, name), 'utf8')));
      expect(texts.join('\n')).not.toContain(CALLBACK.split('/').at(-1));
    });
  },
);
