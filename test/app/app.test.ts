import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type AppOptions, startApp } from '../../src/app/app.ts';
import { systemDoors } from '../../src/app/doors.ts';
import { AppRefused } from '../../src/app/refused.ts';
import { keyOf, obstacleOf } from '../../src/app/sonos-side.ts';
import { settings } from '../../src/config/schema.ts';
import { createLog } from '../../src/log.ts';
import { createSecrets } from '../../src/secrets.ts';
import type { Accounts } from '../../src/sonos/accounts.ts';
import { type Disk, systemDisk } from '../../src/store/disk.ts';
import { systemClock } from '../../src/system.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from '../e2e/house.ts';

const ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function move(options: Parameters<typeof startHouse>[0] = {}): Promise<RunningHouse> {
  const house = await startHouse(options);
  ends.push(() => house.stop());
  return house;
}

const at = (house: RunningHouse, path: string): string => `http://127.0.0.1:${house.app.privatePort}${path}`;

async function ready(house: RunningHouse): Promise<{ status: number; text: string }> {
  const answer = await fetch(at(house, '/health/ready'));
  return { status: answer.status, text: await answer.text() };
}

describe('a house', () => {
  it('is alive but not ready before an account is linked, and says why', async () => {
    const house = await move({ isLinked: false });
    expect((await fetch(at(house, '/health/live'))).status).toBe(200);
    await eventually(
      () => (house.app.mqtt.link.status.connected ? true : undefined),
      'the broker',
      () => house.app.mqtt.link.status,
    );
    const { status, text } = await ready(house);
    expect(status).toBe(503);
    expect(text).toContain('needs a login');
    expect(text).toContain('no subscription');
    expect(text).not.toContain('broker');
    expect(house.app.state().account).toMatchObject({ status: 'unlinked', login_url: house.app.loginUrl });
  });

  it('is ready when events flow, and tells Prometheus so', async () => {
    const house = await move();
    await flowing(house);
    expect((await ready(house)).status).toBe(200);
    const metrics = await (await fetch(at(house, '/metrics'))).text();
    const value = (name: string): number => Number(new RegExp(`^${name} (.*)$`, 'm').exec(metrics)?.[1]);
    expect(value('sonos_bridge_mqtt_connected')).toBe(1);
    expect(value('sonos_bridge_account_linked')).toBe(1);
    expect(value('sonos_bridge_store_trouble')).toBe(0);
    expect(value('sonos_bridge_households')).toBe(1);
    expect(value('sonos_bridge_subscriptions_held')).toBe(value('sonos_bridge_subscriptions_wanted'));
    expect(value('sonos_bridge_subscriptions_held')).toBeGreaterThan(10);
    expect(value('sonos_bridge_events_accepted_total')).toBeGreaterThan(10);
    expect(value('sonos_bridge_requests_last_minute')).toBeGreaterThan(10);
    expect(metrics).toContain('sonos_bridge_events_rejected_total{reason="bad_signature"} 0');
    expect(metrics.trimEnd().endsWith('# EOF')).toBe(true);
  });

  it('counts and refuses what strangers send to its callback', async () => {
    const house = await move();
    const callback = `http://127.0.0.1:${house.app.publicPort}${house.app.callbackPath}`;
    expect((await fetch(callback, { method: 'POST', body: '{}' })).status).toBe(401);
    expect(house.app.state().callback.rejected).toBe(1);
    const elsewhere = await fetch(`http://127.0.0.1:${house.app.publicPort}/metrics`);
    expect(elsewhere.status).toBe(404);
  });

  it('takes the redirect of a login on the public listener as well', async () => {
    const house = await move({ isLinked: false });
    house.sonos.knobs.autoApprove = 'account-1';
    const { url } = house.app.sonos.accounts.startLogin();
    const back = await fetch(url, { redirect: 'manual' });
    const { pathname, search } = new URL(back.headers.get('location') ?? '');
    const page = await fetch(`http://127.0.0.1:${house.app.publicPort}${pathname}${search}`);
    expect(page.status).toBe(200);
    expect(house.app.sonos.accounts.status().status).toBe('linked');
    // The same address again opens nothing.
    await fetch(`http://127.0.0.1:${house.app.publicPort}${pathname}${search}`);
    expect(house.app.sonos.accounts.list()).toHaveLength(1);
  });

  it('has its callback at the configured path', async () => {
    const house = await move({ settings: { callback: { path: '/events/here' } } });
    expect(house.app.callbackPath).toBe('/events/here');
    await flowing(house);
  });

  it('publishes its warnings on the log topic, without secrets', async () => {
    const house = await move();
    const observer = await Observer.connect(house.brokerPort);
    ends.push(() => observer.end());
    await fetch(`http://127.0.0.1:${house.app.publicPort}${house.app.callbackPath}`, { method: 'POST' });
    const { payload } = await observer.until(({ topic }) => topic === 'sonos/bridge/log', 'a line');
    expect(JSON.parse(payload)).toMatchObject({ level: 'warn', reason: 'header_missing' });
    expect(payload).not.toContain(house.app.callbackPath);
  });

  it.each([
    ['0.0.0.0', 'http://localhost:'],
    ['::1', 'http://[::1]:'],
    ['127.0.0.1', 'http://127.0.0.1:'],
  ])('with its page on %s can be logged in at an address that a browser takes', async (host, url) => {
    const house = await move({
      isLinked: false,
      settings: { web: { host, password: 'a long password' } },
    });
    expect(house.app.loginUrl).toBe(`${url}${house.app.privatePort}/login`);
  });

  it('reaches its own broker wherever that listens, also with WebSockets', async () => {
    const users = [{ username: 'u', password: 'a long password', publish: [], subscribe: ['#'] }];
    for (const host of ['0.0.0.0', '::1', '::']) {
      const house = await startHouse({
        isLinked: false,
        settings: { broker: { host, port: 0, websocket_port: 0, users } },
      });
      try {
        await eventually(
          () => (house.app.mqtt.link.status.connected ? true : undefined),
          `a link to the broker on ${host}`,
          () => house.app.mqtt.link.status,
        );
        expect(house.app.mqtt.broker?.websocketPort).toBeGreaterThan(0);
      } finally {
        await house.stop();
      }
    }
  });
});

describe('a house that cannot be opened', () => {
  /** Starts a second app on the folder of a house that is stopped, or on other settings. */
  async function second(
    house: RunningHouse,
    changed: Readonly<Record<string, unknown>> = {},
    more: Partial<AppOptions> = {},
  ) {
    const config = settings.parse({ ...house.config, ...changed });
    const key = keyOf(config);
    if (key === null) throw new Error('no key');
    const log = createLog({
      level: 'warn',
      secrets: createSecrets(),
      destination: join(house.folder, 'second.log'),
    });
    ends.push(() => log.close());
    return startApp({ config, key, log, secrets: createSecrets(), ...more });
  }

  async function taken(): Promise<number> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    ends.push(async () => {
      server.close();
      await once(server, 'close');
    });
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  it('because another one has the folder says who', async () => {
    const house = await move({ isLinked: false });
    const refused = await second(house).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppRefused);
    expect(String(refused)).toContain(String(process.pid));
  });

  it('because the disk does not keep a document says which', async () => {
    const house = await move({ isLinked: false });
    await house.app.stop();
    // Nothing can be renamed onto a folder, so the last good copy cannot be put in its place.
    const file = join(house.config.data_dir, 'generated.json.good');
    await rm(file, { force: true });
    await mkdir(file, { mode: 0o700 });
    const refused = await second(house).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(AppRefused);
    expect(String(refused)).toContain('generated.json');
    await rm(file, { recursive: true });
  });

  it.each(['lock', 'generated.json', 'addresses.json', 'sequence-marks.json', 'accounts.json'])(
    'because the disk does not answer when %s is looked at says so within a minute',
    async (name) => {
      const house = await move({ isLinked: false });
      await house.app.stop();
      let asked = 0;
      const hangs = (path: string): boolean => path.endsWith(`/${name}`);
      const disk: Disk = {
        ...systemDisk,
        read: (path, limit) => {
          asked += hangs(path) ? 1 : 0;
          return hangs(path) ? new Promise(() => {}) : systemDisk.read(path, limit);
        },
        link: (from, to) => (hangs(to) ? new Promise(() => {}) : systemDisk.link(from, to)),
      };
      const clock = {
        ...systemClock,
        after: (wait: number, work: () => void) => systemClock.after(wait / 100, work),
      };
      const refused = await second(house, {}, { clock, doors: { ...systemDoors, disk } }).catch(
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(AppRefused);
      expect(String(refused)).toContain(`${house.config.data_dir} did not answer within 60 s`);
      expect(asked + Number(name === 'lock')).toBeGreaterThan(0);
    },
  );

  it.each(['callback', 'web', 'broker'] as const)(
    'because the port of its %s is taken says so, and gives everything back',
    async (section) => {
      const house = await move({ isLinked: false });
      await house.app.stop();
      const port = await taken();
      const refused = await second(house, { [section]: { ...house.config[section], port } }).catch(
        (error: unknown) => error,
      );
      expect(refused).toBeInstanceOf(AppRefused);
      expect(String(refused)).toContain(String(port));
      expect(String(refused)).toMatch(
        section === 'broker' ? /set broker\.port to another/ : `${section}.port`,
      );
      // The folder is free again, so the next start works.
      const app = await second(house);
      await app.stop();
    },
  );
});

describe('the key', () => {
  it.each(['client_id', 'client_secret', 'redirect_uri'] as const)('is none without %s', (missing) => {
    const sonos = { client_id: 'a', client_secret: 'b', redirect_uri: 'http://localhost:1/x' };
    expect(keyOf(settings.parse({ sonos }))).toEqual({
      clientId: 'a',
      clientSecret: 'b',
      redirectUri: 'http://localhost:1/x',
    });
    const { [missing]: _, ...rest } = sonos;
    expect(keyOf(settings.parse({ sonos: rest }))).toBeNull();
  });
});

describe('what hinders a call', () => {
  const view = (id: string, status: 'linked' | 'needs_login' | 'unreachable', household: string) => ({
    ...{ id, status, tokenExpiresAt: 0, linkedAt: 0 },
    households: [household],
  });
  const accounts = (...list: readonly ReturnType<typeof view>[]): Accounts =>
    ({
      list: () => list,
      accountOf: (household: string) => list.find((each) => each.households.includes(household))?.id ?? null,
      status: () => ({ status: list[0]?.status ?? 'unlinked', tokenExpiresAt: null }),
    }) satisfies Pick<Accounts, 'list' | 'accountOf' | 'status'> as unknown as Accounts;

  it('is that nobody is linked, or that the household’s own account needs a login', () => {
    const none = obstacleOf(accounts(), null, 'http://here/login');
    expect(none).toMatchObject({ code: 'not_linked', advice: 'Open http://here/login.' });
    const two = accounts(view('a', 'needs_login', 'Sonos_1'), view('b', 'linked', 'Sonos_2'));
    expect(obstacleOf(two, 'Sonos_1', null)).toMatchObject({ code: 'not_linked' });
    expect(obstacleOf(two, 'Sonos_2', null)).toBeNull();
  });

  it('is not that Sonos cannot be reached at the moment', () => {
    expect(obstacleOf(accounts(view('a', 'unreachable', 'Sonos_1')), 'Sonos_1', null)).toBeNull();
  });
});
