import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { checkHouseholds, checkToken } from '../../../src/app/checks/account.ts';
import { checkBroker } from '../../../src/app/checks/broker.ts';
import type { BrokerSeen, StateSeen } from '../../../src/app/checks/broker-seen.ts';
import { checkDataFolder } from '../../../src/app/checks/data-folder.ts';
import { checkPage } from '../../../src/app/checks/page.ts';
import { createReach, unreachable } from '../../../src/app/checks/reach.ts';
import { checkSubscriptions } from '../../../src/app/checks/subscriptions.ts';
import type { World } from '../../../src/app/checks/world.ts';
import { holderText, lookAtFolder } from '../../../src/app/data-folder.ts';
import { ok } from '../../../src/bridge/result.ts';
import { readConfig } from '../../../src/config/read.ts';
import { systemClock, systemRandom } from '../../../src/system.ts';
import { freePort } from '../../support/ports.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'checks-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const HELD = {
  kind: 'held',
  holder: { pid: 4711, since: '2026-11-21T20:00:00.000Z', inThisSpace: true },
  isPrivate: true,
} as const;

const STATE: StateSeen = {
  account: { status: 'linked', login_url: null, token_expires_at: '2026-11-22T20:00:00.000Z' },
  callback: { last_event_at: null, accepted: 0, rejected: 0 },
  subscriptions: { wanted: 17, held: 17 },
};

const SEEN: BrokerSeen = {
  ...{ url: 'mqtt://broker.example.org:1883', isEmbedded: false, visit: ok({ version: 5 }) },
  ...{ refused: [], readBack: 'came', availability: 'online', state: STATE, households: [] },
};

/** A world in which a bridge runs and everything is well, with these parts changed. */
async function world(changes: Partial<World> = {}, seen: Partial<BrokerSeen> = {}): Promise<World> {
  const read = await readConfig({ argv: [], env: {}, cwd: folder });
  if (!read.ok) throw new Error('The defaults cannot be read.');
  return {
    ...read.value,
    ...{ folder: HELD, refusal: null, sonos: null, callbackPath: null, notReady: null },
    key: { clientId: 'a', clientSecret: 'b', redirectUri: 'http://127.0.0.1/' },
    reach: async () => ({ ok: false, error: 'ECONNREFUSED' }),
    broker: async () => ({ ...SEEN, ...seen }),
    clock: { ...systemClock, now: () => Date.parse('2026-11-22T00:00:00.000Z') },
    random: systemRandom,
    ...changes,
  };
}

const account = (changes: Partial<StateSeen['account']>): Partial<BrokerSeen> => ({
  state: { ...STATE, account: { ...STATE.account, ...changes } },
});

describe('the token of a running bridge', () => {
  it.each([
    [{}, 'well', 'good for 20 hours'],
    [{ token_expires_at: '2026-11-22T00:12:00.000Z' }, 'well', 'good for 12 minutes'],
    [{ token_expires_at: '2026-11-21T23:59:00.000Z' }, 'well', 'has ended'],
    [{ token_expires_at: null }, 'well', 'is in force'],
    [{ status: 'unreachable' }, 'wrong', 'cannot reach Sonos'],
    [{ status: 'needs_login' }, 'wrong', 'asks for a new login'],
  ])('%o', async (changes, verdict, words) => {
    const finding = await checkToken(await world({}, account(changes)));
    expect(finding).toMatchObject({ verdict, seen: expect.stringContaining(words) });
  });

  it('is not looked at when the bridge does not tell', async () => {
    expect(await checkToken(await world({}, { state: null }))).toMatchObject({ verdict: 'note' });
  });
});

describe('what a running bridge holds', () => {
  it('fewer subscriptions than wanted is told', async () => {
    const subscriptions = { wanted: 17, held: 9 };
    const finding = await checkSubscriptions(await world({}, { state: { ...STATE, subscriptions } }));
    expect(finding).toMatchObject({ verdict: 'wrong', seen: 'Sonos holds 9 of 17' });
  });

  it('households are counted by their rooms', async () => {
    const households = [
      { alias: 'home', rooms: 6 },
      { alias: 'home-2', rooms: 1 },
    ];
    const finding = await checkHouseholds(await world({}, { households }));
    expect(finding.seen).toBe('home (6 rooms), home-2 (1 room)');
  });
});

describe('a broker', () => {
  it('that refuses the subscription is told', async () => {
    const finding = await checkBroker(await world({}, { refused: ['sonos/+'] }));
    expect(finding).toMatchObject({
      verdict: 'wrong',
      seen: expect.stringContaining('subscribe to sonos/+'),
    });
  });

  it('that knows the bridge as offline is told', async () => {
    const finding = await checkBroker(await world({}, { availability: 'offline' }));
    expect(finding).toMatchObject({ verdict: 'wrong', seen: expect.stringContaining('as offline') });
  });

  it('where a bridge of another machine is online is told, without alarm', async () => {
    const finding = await checkBroker(await world({ folder: { kind: 'free', isPrivate: true } }));
    expect(finding).toMatchObject({ verdict: 'well', seen: expect.stringContaining('a bridge elsewhere') });
  });

  it('of its own whose user may not read everything is no alarm', async () => {
    const seen = { isEmbedded: true, refused: ['sonos/+'], readBack: null, availability: null };
    expect(await checkBroker(await world({}, seen))).toMatchObject({ verdict: 'well' });
  });
});

describe('a bridge in another container', () => {
  const elsewhere = { ...HELD, holder: { ...HELD.holder, inThisSpace: false } };

  it('is not expected to be reached from here', async () => {
    expect(await checkPage(await world({ folder: elsewhere }))).toMatchObject({
      verdict: 'note',
      advice: expect.stringContaining('docker compose exec'),
    });
    expect(holderText(elsewhere.holder)).toContain('of another container');
  });
});

describe('the data folder', () => {
  it('that nobody may look into, or that nobody may make, is told', async () => {
    const closed = await checkDataFolder(await world({ folder: { kind: 'closed', code: 'EACCES' } }));
    expect(closed).toMatchObject({ verdict: 'wrong', seen: expect.stringContaining('EACCES') });
    const absent = { kind: 'absent', parent: '/', canBeMade: false } as const;
    expect(await checkDataFolder(await world({ folder: absent }))).toMatchObject({ verdict: 'wrong' });
  });

  it('is looked at without being changed', async () => {
    const path = join(folder, 'deep', 'below');
    expect(await lookAtFolder(path)).toEqual({ kind: 'absent', parent: folder, canBeMade: true });
    await mkdir(path, { recursive: true, mode: 0o700 });
    expect(await lookAtFolder(path)).toEqual({ kind: 'free', isPrivate: true });
    await symlink(path, join(folder, 'link'));
    expect(await lookAtFolder(join(folder, 'link'))).toEqual({ kind: 'free', isPrivate: true });
    await writeFile(join(folder, 'file'), '');
    expect(await lookAtFolder(join(folder, 'file'))).toEqual({ kind: 'not_a_folder' });
    await symlink('round', join(folder, 'round'));
    expect(await lookAtFolder(join(folder, 'round'))).toMatchObject({ kind: 'closed', code: 'ELOOP' });
  });
});

describe('reaching an address', () => {
  async function serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const address = server.address();
    return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
  }

  it('gives the answer, and of a long one the beginning', async () => {
    const url = await serve((_request, response) => {
      response.writeHead(418);
      response.end('x'.repeat(1_000_000));
    });
    const answer = await createReach(systemClock)({ url });
    expect(answer.ok && answer.value.status).toBe(418);
    expect(answer.ok && answer.value.text.length).toBeLessThan(200_000);
  });

  it('ends when no answer comes', async () => {
    const url = await serve(() => {});
    expect(await createReach(systemClock, 100)({ url })).toEqual({ ok: false, error: 'TIMEOUT' });
    expect(unreachable('TIMEOUT', 'it').seen).toBe('no answer came in time');
  });

  it('tells why there is none', async () => {
    const reach = createReach(systemClock);
    const port = await freePort();
    expect(await reach({ url: `http://127.0.0.1:${port}` })).toEqual({ ok: false, error: 'ECONNREFUSED' });
    // A name with two addresses, neither of which answers.
    expect(await reach({ url: `http://localhost:${port}` })).toEqual({ ok: false, error: 'ECONNREFUSED' });
    const plain = await serve((_request, response) => response.end());
    const spoken = await reach({ url: plain.replace('http:', 'https:') });
    expect(spoken.ok).toBe(false);
    if (!spoken.ok) expect(unreachable(spoken.error, 'it').seen).toContain('does not speak TLS');
    // A port that no browser and no `fetch` asks.
    expect(await reach({ url: 'http://127.0.0.1:1/' })).toEqual({ ok: false, error: 'no error code' });
    const rude = createNetServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(rude, 'listening');
    onTestFinished(() => void rude.close());
    const address = rude.address();
    const dropped = await reach({
      url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    });
    expect(dropped.ok).toBe(false);
  });

  it.each([
    ['ENOTFOUND', 'name server'],
    ['EAI_AGAIN', 'name server'],
    ['CERT_HAS_EXPIRED', 'clock of this machine'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'known authority'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'certificate for its name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'https'],
    ['ECONNREFUSED', 'passes the port on'],
    ['EHOSTUNREACH', 'network'],
  ])('%s comes with advice', (code, words) => {
    expect(unreachable(code, 'the server').advice).toContain(words);
  });
});
