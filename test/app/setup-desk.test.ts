import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type IntegrationRecord,
  integrationSchema,
  keptIn,
  type SourcedSettings,
  withKept,
} from '../../src/app/integration.ts';
import { createSetupDesk } from '../../src/app/setup-desk.ts';
import { keyOf } from '../../src/app/sonos-side.ts';
import { readConfig } from '../../src/config/read.ts';
import { createSecrets } from '../../src/secrets.ts';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { openStore } from '../../src/store/store.ts';
import { systemClock, systemRandom } from '../../src/system.ts';
import { notebook } from '../web/house.ts';

const SECRET = 'c4nary-of-the-integration';
const KEY = { client_id: 'the-key', client_secret: SECRET };
const PATH = '/sonos/events/0123456789abcdef';

let folder: string;
const closing: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'setup-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});

async function settingsOf(argv: readonly string[], env: Record<string, string>): Promise<SourcedSettings> {
  const read = await readConfig({ argv: ['--data_dir', folder, ...argv], env, cwd: folder });
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

async function openDesk(
  options: { argv?: readonly string[]; env?: Record<string, string>; disk?: Disk; fixed?: boolean } = {},
) {
  const given = await settingsOf(options.argv ?? [], options.env ?? {});
  const secrets = createSecrets();
  const log = notebook();
  const { disk = systemDisk } = options;
  const opened = await openStore({ folder, clock: systemClock, random: systemRandom, log, disk });
  if (!opened.ok) throw new Error(opened.error.message);
  closing.push(() => opened.value.close());
  const kept = await opened.value.document<IntegrationRecord>('integration', integrationSchema, {});
  let changes = 0;
  const changed = (): void => {
    changes += 1;
  };
  const desk = createSetupDesk({
    ground: { given, isAddon: false, changed: options.fixed === true ? null : changed },
    ...{ kept, callbackPath: PATH, webPort: () => 8788, callbackPort: () => 8787, secrets },
    clock: { ...systemClock, after: (_wait, work) => systemClock.after(0, work) },
  });
  return { desk, kept, given, secrets, log, changes: () => changes };
}

const soon = () => new Promise((resolve) => setTimeout(resolve, 30));

describe('an empty bridge', () => {
  it('proposes a redirect URI, and shows where events will go', async () => {
    const { desk } = await openDesk();
    expect(desk.view()).toEqual({
      client_id: { value: null, from: null },
      client_secret: { is_set: false, from: null },
      redirect_uri: { value: 'http://localhost:8788/oauth/callback', from: 'default' },
      public_url: { value: null, from: null },
      callback_url: null,
      callback_path: PATH,
      callback_port: 8787,
      is_addon: false,
    });
  });

  it('takes a key with the proposed redirect URI, keeps it privately, and opens anew once', async () => {
    const { desk, kept, given, changes } = await openDesk();
    expect(await desk.take(KEY)).toEqual({ ok: true, value: { restarting: true } });
    expect(kept.value).toEqual({ ...KEY, redirect_uri: 'http://localhost:8788/oauth/callback' });
    expect((await stat(join(folder, 'integration.json'))).mode & 0o777).toBe(0o600);
    expect(await keptIn(folder)).toEqual(kept.value);
    expect(keyOf(withKept(given, kept.value).config)).toMatchObject({ clientId: 'the-key' });
    // What comes while it leaves is told to wait.
    expect(await desk.take({ public_url: 'https://other.example.org' })).toMatchObject({
      error: { kind: 'busy' },
    });
    await soon();
    expect(changes()).toBe(1);
  });

  it('never shows or says the secret', async () => {
    const { desk, secrets, log } = await openDesk();
    await desk.take(KEY);
    expect(JSON.stringify(desk.view())).not.toContain(SECRET);
    expect(desk.view().client_secret).toEqual({ is_set: true, from: 'page' });
    expect(secrets.clean(`it is ${SECRET}`)).toBe('it is [secret]');
    expect(secrets.clean(btoa(`${KEY.client_id}:${SECRET}`))).toBe('[secret]');
    expect(JSON.stringify(log.lines)).not.toContain(SECRET);
  });

  it('goes on collecting while something is missing', async () => {
    const { desk, changes } = await openDesk();
    const url = 'https://bridge.example.org/';
    expect(await desk.take({ public_url: url })).toEqual({ ok: true, value: { restarting: false } });
    expect(desk.view()).toMatchObject({
      public_url: { value: 'https://bridge.example.org', from: 'page' },
      redirect_uri: { value: 'https://bridge.example.org/oauth/callback', from: 'default' },
      callback_url: `https://bridge.example.org${PATH}`,
    });
    expect(await desk.take({ public_url: '' })).toMatchObject({ ok: true });
    expect(desk.view().public_url).toEqual({ value: null, from: null });
    await soon();
    expect(changes()).toBe(0);
  });

  it.each([
    [{ client_id: '' }, 'key'],
    [{ client_id: 'two words' }, 'key'],
    [{ client_id: 'ключ' }, 'key'],
    [{ client_id: 'x'.repeat(201) }, 'key'],
    [{ client_id: 'ring\u0007' }, 'key'],
    [{ client_secret: '  ' }, 'secret'],
    [{ client_secret: `${SECRET}\n${SECRET}` }, 'secret'],
    [{ redirect_uri: 'http://192.168.1.4:8788/oauth/callback' }, 'redirect URI'],
    [{ redirect_uri: 'https://bridge.example.org' }, 'redirect URI'],
    [{ redirect_uri: 'https://bridge.example.org/' }, 'redirect URI'],
    [{ redirect_uri: 'https://bridge.example.org/back?to=me' }, 'redirect URI'],
    [{ redirect_uri: 'https://bridge.example.org/back#here' }, 'redirect URI'],
    [{ redirect_uri: 'https://me:word@bridge.example.org/back' }, 'redirect URI'],
    [{ redirect_uri: 'javascript:alert(1)' }, 'redirect URI'],
    [{ redirect_uri: 'ftp://bridge.example.org/back' }, 'redirect URI'],
    [{ redirect_uri: '/oauth/callback' }, 'redirect URI'],
    [{ redirect_uri: `https://bridge.example.org/${'x'.repeat(500)}` }, 'redirect URI'],
    [{ public_url: 'http://bridge.example.org' }, 'public address'],
    [{ public_url: 'bridge.example.org' }, 'public address'],
    [{ public_url: 'https://bridge.example.org?x' }, 'public address'],
  ])('refuses %j with what is expected, and keeps nothing', async (wish, words) => {
    const { desk, kept, secrets } = await openDesk();
    const taken = await desk.take(wish);
    expect(taken).toMatchObject({
      ok: false,
      error: { kind: 'invalid', message: expect.stringContaining(words) },
    });
    expect(JSON.stringify(taken)).not.toContain(SECRET);
    expect(kept.value).toEqual({});
    // A value that was refused is none of ours to mask.
    expect(secrets.clean(SECRET)).toBe(SECRET);
  });

  it.each([
    ['http://localhost:8788/oauth/callback'],
    ['http://127.0.0.1:9/x'],
    ['http://[::1]:8788/oauth/callback'],
    ['https://bridge.example.org/sonos'],
  ])('takes %s as redirect URI, letter by letter', async (uri) => {
    const { desk, kept } = await openDesk();
    expect(await desk.take({ ...KEY, redirect_uri: ` ${uri} ` })).toMatchObject({ ok: true });
    expect(kept.value.redirect_uri).toBe(uri);
  });

  it('refuses a secret without its key, and a redirect URI that is the callback', async () => {
    const { desk, kept } = await openDesk();
    expect(await desk.take({ client_secret: SECRET })).toMatchObject({ error: { kind: 'invalid' } });
    expect(await desk.take({ client_id: 'the-key' })).toMatchObject({ error: { kind: 'invalid' } });
    const redirect_uri = `https://bridge.example.org${PATH}`;
    expect(await desk.take({ ...KEY, redirect_uri })).toMatchObject({
      error: { kind: 'invalid', message: expect.stringContaining('event callback') },
    });
    expect(kept.value).toEqual({});
  });
});

describe('a bridge that is set up', () => {
  it('takes another secret or address alone, but no other key without its secret', async () => {
    const first = await openDesk();
    await first.desk.take(KEY);
    await closing.pop()?.();
    const { desk, kept, changes } = await openDesk();
    expect(await desk.take({ client_id: 'another-key' })).toMatchObject({ error: { kind: 'invalid' } });
    expect(await desk.take({ ...KEY })).toEqual({ ok: true, value: { restarting: false } });
    expect(await desk.take({ client_secret: 'a-new-secret' })).toMatchObject({ value: { restarting: true } });
    expect(kept.value).toMatchObject({ client_id: 'the-key', client_secret: 'a-new-secret' });
    await soon();
    expect(changes()).toBe(1);
  });
});

describe('settings', () => {
  const env = { BRIDGE_SONOS_CLIENT_ID: 'of-settings', BRIDGE_SONOS_CLIENT_SECRET: 'secret-of-settings' };

  it('win over what the page has kept', async () => {
    const first = await openDesk();
    await first.desk.take({ ...KEY, public_url: 'https://page.example.org' });
    await closing.pop()?.();
    const { desk, given, kept } = await openDesk({ env });
    expect(desk.view()).toMatchObject({
      client_id: { value: 'of-settings', from: 'settings' },
      client_secret: { is_set: true, from: 'settings' },
      public_url: { value: 'https://page.example.org', from: 'page' },
    });
    expect(keyOf(withKept(given, kept.value).config)).toMatchObject({
      clientId: 'of-settings',
      clientSecret: 'secret-of-settings',
    });
    expect(withKept(given, kept.value).sources.get('callback.public_url')).toBe('the page');
  });

  it.each([
    [{ client_id: 'another' }, 'sonos.client_id', 'BRIDGE_SONOS_CLIENT_ID'],
    // Not even the same, or one could try secrets out here.
    [{ client_secret: 'secret-of-settings' }, 'sonos.client_secret', 'BRIDGE_SONOS_CLIENT_SECRET'],
    [{ redirect_uri: 'https://a.example.org/b' }, 'sonos.redirect_uri', '--sonos.redirect_uri'],
  ])('cannot be changed by %j, and it is told where they stand', async (wish, setting, where) => {
    const argv = ['--sonos.redirect_uri', 'http://localhost:8788/oauth/callback'];
    const { desk, kept } = await openDesk({ env, argv });
    expect(await desk.take(wish)).toMatchObject({
      error: { kind: 'fixed', message: expect.stringContaining(`${setting} is in the settings (${where})`) },
    });
    expect(kept.value).toEqual({});
  });

  it('may come back from the page as they are', async () => {
    const { desk, kept } = await openDesk({ env });
    const redirect_uri = 'http://localhost:1/x';
    expect(await desk.take({ client_id: 'of-settings', redirect_uri })).toMatchObject({ ok: true });
    expect(kept.value).toEqual({ redirect_uri });
  });

  it('of a demo cannot be changed at all', async () => {
    const { desk } = await openDesk({ fixed: true });
    expect(await desk.take(KEY)).toMatchObject({ error: { kind: 'fixed' } });
  });
});

describe('a disk that refuses', () => {
  it('is told, and nothing comes into force later by itself', async () => {
    let isFull = false;
    const disk: Disk = {
      ...systemDisk,
      create: (path, bytes) =>
        isFull && path.includes('integration')
          ? Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }))
          : systemDisk.create(path, bytes),
    };
    const { desk, kept, changes } = await openDesk({ disk });
    isFull = true;
    expect(await desk.take(KEY)).toMatchObject({ error: { kind: 'not_saved' } });
    expect(kept.value).toEqual({});
    isFull = false;
    expect(await desk.take(KEY)).toMatchObject({ value: { restarting: true } });
    await soon();
    expect(changes()).toBe(1);
    expect(await readFile(join(folder, 'integration.json'), 'utf8')).toContain(SECRET);
  });
});
