import { readdirSync, readlinkSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type Child, startChild } from '../../bench/harness/child.ts';
import { until } from '../../bench/harness/proc.ts';
import type { SimulatedSonos } from '../../src/sim/index.ts';
import { freePort } from '../support/ports.ts';

/** Where the program and its probe lie. */
export interface Files {
  /** The built program, `dist/main.js`. */
  readonly program: string;
  /** `test/soak/probe.mjs`. */
  readonly probe: string;
}

const probed = z.object({ heapUsed: z.number(), code: z.number(), external: z.number(), handles: z.int() });

/** What the daemon takes of the machine. */
export interface Sample {
  /** All of the heap. */
  readonly heap: number;
  /** The heap without compiled code: for hours, V8 compiles and optimises what is run seldom. */
  readonly held: number;
  readonly external: number;
  readonly rss: number;
  readonly handles: number;
  readonly sockets: number;
  readonly events: number;
}

/** The built daemon, running and linked. */
export interface Daemon {
  readonly page: string;
  readonly callback: string;
  isAlive(): boolean;
  /** What it said last. */
  lastWords(): string;
  sample(): Promise<Sample>;
  /** Ends it, and removes what it kept; true when it ended in order. */
  stop(): Promise<boolean>;
}

const MEGABYTE = 1e6;
const CALLBACK_PATH = '/sonos/events/soak-0123456789abcdef';
const ENDS_IN_ORDER = /"msg":"The bridge ends\."/;

function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      // It was open a moment ago.
      return false;
    }
  }).length;
}

async function eventsOf(page: string): Promise<number> {
  const text = await (await fetch(new URL('/metrics', page))).text();
  return Number(/^sonos_bridge_events_accepted_total (\d+)$/m.exec(text)?.[1]);
}

function daemonOf(child: Child, page: string, callback: string, folder: string): Daemon {
  return {
    page,
    callback,
    isAlive: () => child.isAlive(),
    lastWords: () => child.said().split('\n').slice(-10).join('\n'),
    async sample() {
      const { heapUsed, code, external, handles } = probed.parse(await child.ask({}));
      return {
        heap: heapUsed / MEGABYTE,
        held: (heapUsed - code) / MEGABYTE,
        external: external / MEGABYTE,
        handles,
        rss: child.resident().now,
        sockets: socketsOf(child.pid),
        events: await eventsOf(page),
      };
    },
    async stop() {
      await child.stop();
      await rm(folder, { recursive: true, force: true });
      return ENDS_IN_ORDER.test(child.said());
    },
  };
}

/** Starts the daemon as it is delivered and links it as a person would, through the login page. */
export async function startDaemon(
  files: Files,
  sonos: SimulatedSonos,
  urls: { readonly apiUrl: string; readonly loginUrl: string; readonly broker: string },
): Promise<Daemon> {
  const folder = await mkdtemp(join(tmpdir(), 'soak-daemon-'));
  await mkdir(join(folder, 'data'), { mode: 0o700 });
  const [callbackPort, webPort] = [await freePort(), await freePort()];
  const callback = `http://127.0.0.1:${callbackPort}${CALLBACK_PATH}`;
  sonos.registerCallback(callback);
  const child = startChild({
    args: ['--expose-gc', '--import', files.probe, files.program, 'start'],
    talks: true,
    env: {
      BRIDGE_DATA_DIR: join(folder, 'data'),
      BRIDGE_SONOS_CLIENT_ID: sonos.clientId,
      BRIDGE_SONOS_CLIENT_SECRET: sonos.clientSecret,
      BRIDGE_SONOS_REDIRECT_URI: `http://127.0.0.1:${callbackPort}/oauth/callback`,
      BRIDGE_SONOS_API_URL: urls.apiUrl,
      BRIDGE_SONOS_LOGIN_URL: urls.loginUrl,
      BRIDGE_SONOS_REQUESTS_PER_MINUTE: '900',
      BRIDGE_CALLBACK_HOST: '127.0.0.1',
      BRIDGE_CALLBACK_PORT: String(callbackPort),
      BRIDGE_CALLBACK_PATH: CALLBACK_PATH,
      BRIDGE_WEB_PORT: String(webPort),
      BRIDGE_MQTT_URL: urls.broker,
    },
  });
  const page = `http://127.0.0.1:${webPort}/`;
  await until('the daemon to run', () => (child.said().includes('The bridge runs.') ? true : null));
  const login = await fetch(new URL('/login', page));
  if (!login.ok) throw new Error(`The login was answered with ${login.status}: ${await login.text()}`);
  return daemonOf(child, page, callback, folder);
}
