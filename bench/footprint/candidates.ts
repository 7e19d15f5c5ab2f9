import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../test/support/ports.ts';
import { type Child, script, startChild } from '../harness/child.ts';
import { CALLBACK_PATH, type Garage } from '../harness/daemon.ts';
import type { Home } from '../harness/home.ts';
import { startNodeRed } from '../harness/node-red.ts';
import { until } from '../harness/proc.ts';
import { type Place, placeOf } from '../scale/place.ts';
import { KEY } from '../scale/signed-events.ts';
import { idleFlow } from './node-red.ts';

/** Where events can be posted to a program, and which it believes. */
export interface Target {
  readonly port: number;
  readonly path: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly places: readonly Place[];
}

/** A program that was just started. */
export interface Started {
  readonly child: Child;
  readonly startedAt: number;
  /** When it listened and was connected, wall time; null when that is not comparable, or not yet known. */
  readyAt(): number | null;
  /** Resolves when it has nothing to do any more. */
  settled(): Promise<void>;
  readonly target: Target | null;
  stop(): Promise<void>;
}

/** Something whose footprint is measured. */
export interface Candidate {
  readonly name: string;
  /** Whether its start is measured; one that is started by code starts otherwise. */
  readonly isStartMeasured: boolean;
  start(): Promise<Started>;
}

/** When the last of these lines was written by the program's own clock: milliseconds. Null while one is missing. */
function timeOf(said: string, lines: readonly RegExp[]): number | null {
  const times = lines.map((line) => {
    const found = said.split('\n').find((each) => line.test(each));
    const time = /"time":"([^"]+)"/.exec(found ?? '')?.[1];
    return time === undefined ? null : Date.parse(time);
  });
  return times.includes(null) ? null : Math.max(...times.map(Number));
}

/** One of the bench's own programs, which says when it is ready. */
export const own = (name: string, file: string, brokerPort: number): Candidate => ({
  name,
  isStartMeasured: true,
  start: async () => {
    const startedAt = Date.now();
    const env = { BROKER_PORT: String(brokerPort) };
    const child = startChild({ args: [script(`footprint/${file}`)], env, isUnderTest: true });
    return {
      ...{ child, startedAt, target: null },
      readyAt: () => timeOf(child.said(), [/"ready"/]),
      settled: async () => {},
      stop: () => child.stop(),
    };
  },
});

/** Its log says when it listens, and when the broker let it in. */
const DAEMON_LINES = [/"The bridge runs\."/, /"Connected to the MQTT broker/];

/** The daemon as it is delivered, with the players of a house. */
export const daemon = (name: string, home: Home, garage: Garage, brokerPort?: number): Candidate => ({
  name,
  isStartMeasured: true,
  start: async () => {
    const running = await garage.start(brokerPort === undefined ? {} : { brokerPort });
    const { clientId, clientSecret } = home.sonos;
    const places = home.places.map(({ player, group }, index) => ({
      ...{ index, household: home.household, player, group },
    }));
    return {
      ...running,
      readyAt: () => timeOf(running.child.said(), DAEMON_LINES),
      target: { port: running.port, path: CALLBACK_PATH, clientId, clientSecret, places },
    };
  },
});

/** Node-RED, idle; its log tells no milliseconds, so the arrival of its lines counts. */
export const nodeRed = (brokerPort: number): Candidate => ({
  name: 'Node-RED 4, an mqtt and an http node',
  isStartMeasured: true,
  start: async () => {
    const running = await startNodeRed(idleFlow(brokerPort));
    return {
      ...running,
      readyAt: () => (running.isReady() ? Date.now() : null),
      settled: async () => {},
      target: null,
    };
  },
});

/** Households of so many players each. */
export interface Many {
  readonly households: number;
  readonly roomsEach: number;
}

async function metric(port: number, name: string): Promise<number> {
  const text = await fetch(`http://127.0.0.1:${port}/metrics`)
    .then((answer) => answer.text())
    .catch(() => '');
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** The whole daemon with thousands of players, see `many.ts`. */
export const many = (name: string, { households, roomsEach }: Many, brokerPort?: number): Candidate => ({
  name,
  isStartMeasured: false,
  start: async () => {
    const dataDir = join(await mkdtemp(join(tmpdir(), 'bench-many-')), 'data');
    const [port, web, broker] = [await freePort(), await freePort(), await freePort()];
    const startedAt = Date.now();
    const child = startChild({
      args: [script('footprint/many')],
      env: {
        MANY: JSON.stringify({ households, roomsEach, dataDir }),
        BRIDGE_DATA_DIR: dataDir,
        BRIDGE_SONOS_CLIENT_ID: KEY.clientId,
        BRIDGE_SONOS_CLIENT_SECRET: KEY.clientSecret,
        BRIDGE_SONOS_REDIRECT_URI: KEY.redirectUri,
        BRIDGE_CALLBACK_HOST: '127.0.0.1',
        BRIDGE_CALLBACK_PORT: String(port),
        BRIDGE_CALLBACK_PATH: CALLBACK_PATH,
        BRIDGE_WEB_PORT: String(web),
        BRIDGE_SPEECH_CLIP_HOST: '127.0.0.1',
        BRIDGE_SPEECH_CLIP_PORT: '0',
        BRIDGE_POLL_SECONDS: '0',
        BRIDGE_RECONCILE_MINUTES: '100000',
        ...(brokerPort === undefined
          ? { BRIDGE_BROKER_PORT: String(broker) }
          : { BRIDGE_MQTT_URL: `mqtt://127.0.0.1:${brokerPort}` }),
      },
      isUnderTest: true,
    });
    const held = households * roomsEach;
    return {
      ...{ child, startedAt, readyAt: () => null },
      settled: async () => {
        await until(
          'all subscriptions',
          async () => {
            const wanted = await metric(web, 'sonos_bridge_subscriptions_wanted');
            return wanted > held && wanted === (await metric(web, 'sonos_bridge_subscriptions_held'))
              ? true
              : null;
          },
          120_000,
        );
      },
      target: {
        ...{ port, path: CALLBACK_PATH, clientId: KEY.clientId, clientSecret: KEY.clientSecret },
        places: Array.from({ length: held }, (_, index) => placeOf(index, roomsEach)),
      },
      stop: async () => {
        await child.stop();
        await rm(join(dataDir, '..'), { recursive: true, force: true });
      },
    };
  },
});
