import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { type Child, PROJECT, startChild } from './child.ts';
import type { Home } from './home.ts';
import { until } from './proc.ts';

/** The path that the bench has Sonos post to. */
export const CALLBACK_PATH = '/sonos/events/bench-0123456789abcdef';

/** What happened to the events, by the daemon's own metrics. */
export interface Counted {
  readonly accepted: number;
  readonly dropped: number;
  readonly ignored: number;
}

/** The real daemon, running. */
export interface Daemon {
  readonly child: Child;
  readonly port: number;
  /** Wall time just before it was started, milliseconds. */
  readonly startedAt: number;
  /** Resolves when Sonos holds every subscription, and what follows from them is over. */
  settled(): Promise<void>;
  counted(): Promise<Counted>;
  stop(): Promise<void>;
}

/** How a daemon differs from the delivered one. */
interface Start {
  /** Without it, the embedded broker is used. */
  readonly brokerPort?: number;
  readonly nodeFlags?: readonly string[];
  /** What stands for `main.js start`. */
  readonly program?: readonly string[];
  /** Variables that go before the usual ones. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts daemons that are linked already, each on a copy of the same data folder. */
export interface Garage {
  start(options?: Start): Promise<Daemon>;
  close(): Promise<void>;
}

interface Ports {
  readonly public: number;
  readonly web: number;
  readonly broker: number;
}

const QUIET_MS = 700;
const DELIVERED = [join(PROJECT, 'dist/main.js'), 'start'];

function environment(home: Home, ports: Ports, dataDir: string, brokerPort?: number): Record<string, string> {
  return {
    BRIDGE_DATA_DIR: dataDir,
    BRIDGE_SONOS_CLIENT_ID: home.sonos.clientId,
    BRIDGE_SONOS_CLIENT_SECRET: home.sonos.clientSecret,
    BRIDGE_SONOS_REDIRECT_URI: `http://127.0.0.1:${ports.public}/oauth/callback`,
    BRIDGE_SONOS_API_URL: home.apiUrl,
    BRIDGE_SONOS_LOGIN_URL: home.loginUrl,
    BRIDGE_SONOS_REQUESTS_PER_SECOND: '100',
    BRIDGE_SONOS_REQUESTS_PER_MINUTE: '1000',
    BRIDGE_SONOS_HOUSEHOLDS: JSON.stringify({ [home.household]: { alias: 'home' } }),
    BRIDGE_CALLBACK_HOST: '127.0.0.1',
    BRIDGE_CALLBACK_PORT: String(ports.public),
    BRIDGE_CALLBACK_PATH: CALLBACK_PATH,
    BRIDGE_WEB_PORT: String(ports.web),
    BRIDGE_SPEECH_CLIP_HOST: '127.0.0.1',
    BRIDGE_SPEECH_CLIP_PORT: '0',
    // Nothing is read while the bench posts: it would be the simulated house's word against the bench's.
    BRIDGE_POLL_SECONDS: '0',
    BRIDGE_RECONCILE_MINUTES: '100000',
    ...(brokerPort === undefined
      ? { BRIDGE_BROKER_PORT: String(ports.broker) }
      : { BRIDGE_MQTT_URL: `mqtt://127.0.0.1:${brokerPort}` }),
  };
}

const metric = (text: string, pattern: string): number =>
  [...text.matchAll(new RegExp(`^${pattern} (\\d+)$`, 'gm'))].reduce(
    (sum, match) => sum + Number(match[1]),
    0,
  );

async function metrics(web: number): Promise<string | null> {
  try {
    return await (await fetch(`http://127.0.0.1:${web}/metrics`)).text();
  } catch {
    return null;
  }
}

function daemonOf(
  home: Home,
  ports: Ports,
  child: Child,
  startedAt: number,
  cleanUp: () => Promise<void>,
): Daemon {
  const { sonos } = home;
  return {
    child,
    startedAt,
    port: ports.public,
    settled: async () => {
      await until('all subscriptions', async () => {
        if (!child.isAlive()) throw new Error(`the daemon ended: ${child.said().slice(-2000)}`);
        const text = (await metrics(ports.web)) ?? '';
        const held = metric(text, 'sonos_bridge_subscriptions_held');
        // More than one for each player, so that a daemon which has only begun is not taken for one that has done.
        return held > home.places.length && held === metric(text, 'sonos_bridge_subscriptions_wanted')
          ? true
          : null;
      });
      await sonos.delivered();
      await until('Sonos to be left alone', () =>
        Date.now() - (sonos.requests.at(-1)?.at ?? 0) > QUIET_MS ? true : null,
      );
    },
    counted: async () => {
      const text = (await metrics(ports.web)) ?? '';
      return {
        accepted: metric(text, 'sonos_bridge_events_accepted_total'),
        dropped: metric(text, 'sonos_bridge_events_dropped_total'),
        ignored: metric(text, 'sonos_bridge_events_ignored_total\\{[^}]*\\}'),
      };
    },
    stop: async () => {
      await child.stop();
      await cleanUp();
    },
  };
}

/** Links a first daemon as a person would, through the login page, and keeps what it remembers for those that follow. */
export async function openGarage(home: Home): Promise<Garage> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-daemon-'));
  const template = join(folder, 'linked');
  const ports = { public: await freePort(), web: await freePort(), broker: await freePort() };
  let count = 0;

  function launch(
    dataDir: string,
    cleanUp: () => Promise<void>,
    { brokerPort, nodeFlags = [], program = DELIVERED, env = {} }: Start,
  ) {
    const startedAt = Date.now();
    const child = startChild({
      args: [...nodeFlags, ...program],
      env: { ...environment(home, ports, dataDir, brokerPort), ...env },
      isUnderTest: true,
    });
    return daemonOf(home, ports, child, startedAt, cleanUp);
  }

  home.sonos.registerCallback(`http://127.0.0.1:${ports.public}${CALLBACK_PATH}`);
  const first = launch(template, async () => {}, {});
  await until('the login page', async () => (await metrics(ports.web)) && true);
  const answer = await fetch(`http://127.0.0.1:${ports.web}/login`);
  if (!answer.ok) throw new Error(`The login was answered with ${answer.status}: ${await answer.text()}`);
  await first.settled();
  await first.stop();

  return {
    start: async (options = {}) => {
      count += 1;
      const dataDir = join(folder, `run-${count}`);
      await cp(template, dataDir, { recursive: true });
      const cleanUp = () => rm(dataDir, { recursive: true, force: true });
      return launch(dataDir, cleanUp, options);
    },
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
