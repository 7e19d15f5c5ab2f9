import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { addressOf } from '../app/address-of.ts';
import { type Visit, visitBroker } from '../app/broker-visit.ts';
import { AppRefused } from '../app/refused.ts';
import { ok, type Result } from '../bridge/result.ts';
import type { Config } from '../config/schema.ts';
import { adviceFor, type ConnectionFailure } from '../mqtt/connection-failure.ts';
import { systemClock } from '../system.ts';
import {
  type Command,
  type Context,
  DONE,
  FAILED,
  openLog,
  readSettings,
  WRONG_USAGE,
  wordsOf,
} from './context.ts';
import { type DemoHouse, openDemoHouse } from './demo-house.ts';
import { type DemoPorts, findDemoPorts } from './demo-ports.ts';
import { createSpread } from './demo-spread.ts';
import { type DemoPlaces, invitation, welcome } from './demo-words.ts';
import { createLiveView, type LiveView } from './live-view.ts';
import { paintFor } from './paint.ts';

/** Beside the program, so that the demo runs from any folder. */
const SETTINGS = fileURLToPath(new URL('../../config/demo.yaml', import.meta.url));

/** Rooms show themselves in well under a second; a slow machine gets this long. */
const SETTLE_MS = 8_000;
const DEFAULT_WIDTH = 100;

interface Stage {
  readonly context: Context;
  readonly ports: DemoPorts;
  readonly folder: string;
}

/** Resolves when the demo is to end: a signal, a closed terminal, or nobody left who reads. */
function untilOver(context: Context): Promise<unknown> {
  const hungUp = new Promise((resolve) => process.once('SIGHUP', resolve));
  const unread = new Promise((resolve) => process.stdout.on('error', resolve));
  return Promise.race([context.untilSignal, hungUp, unread]);
}

/** Where one reaches the broker of the demo, and as whom. */
function brokerOf({ mqtt, broker }: Config) {
  const [user] = broker.users ?? [];
  if (mqtt.url === undefined) {
    return { url: addressOf('mqtt', broker.host, broker.port), protocol: 4 as const, ...user, isOurs: true };
  }
  const { url, username, password, tls, protocol } = mqtt;
  return { url, username, password, tls, protocol, isOurs: false };
}

function watch(
  { config }: DemoPorts,
  view: LiveView,
  complain: Context['complain'],
): Promise<Result<Visit, ConnectionFailure>> {
  const { url, username, password, protocol } = brokerOf(config);
  return visitBroker({
    ...{ url, username, password, protocol, tls: config.mqtt.tls },
    clientId: `sonos-mqtt-bridge-demo-${process.pid}`,
    filters: [`${config.mqtt.base_topic}/#`],
    clock: systemClock,
    onMessage: (message) => view.take(message),
    onEnd: ({ seen }) => complain(` The view lost the broker (${seen}). Start the demo again to see more.`),
  });
}

function placesOf(stage: Stage, house: DemoHouse): DemoPlaces {
  const { config, moved } = stage.ports;
  const { url, isOurs } = brokerOf(config);
  const { hostname, port } = new URL(url);
  const websocket = house.app.mqtt.broker?.websocketPort ?? null;
  return {
    mqtt: { host: hostname, port: Number(port || 1883), isOurs },
    websocket: websocket === null ? null : addressOf('ws', config.broker.host, websocket),
    page: addressOf('http', config.web.host, house.app.privatePort),
    simulator: house.simulatorUrl,
    base: config.mqtt.base_topic,
    moved,
  };
}

async function show(stage: Stage, house: DemoHouse): Promise<number> {
  const { context, ports } = stage;
  const paint = paintFor(context);
  const view = createLiveView({
    base: ports.config.mqtt.base_topic,
    clock: systemClock,
    paint,
    width: () => process.stdout.columns ?? DEFAULT_WIDTH,
    say: context.say,
  });
  const visit = await watch(ports, view, context.complain);
  if (!visit.ok) {
    context.complain(`The demo cannot watch its broker: ${visit.error.seen}. ${adviceFor(visit.error)}`);
    return FAILED;
  }
  const places = placesOf(stage, house);
  const over = untilOver(context);
  context.say(welcome(places, paint));
  await Promise.race([view.settled(SETTLE_MS), over]);
  context.say(`\n${view.table()}`);
  context.say(invitation(places, paint));
  view.follow();
  await over;
  context.say('');
  view.stop();
  await visit.value.close();
  return DONE;
}

async function perform(stage: Stage): Promise<number> {
  const { context, ports, folder } = stage;
  const opened = openLog(context, ports.config, join(folder, 'bridge.log'));
  // The log goes with the folder, so the last words have to be heard here.
  context.onFatal((error) => context.complain(wordsOf(error, context.secrets)));
  try {
    const paint = paintFor(context);
    const onSound = createSpread(systemClock, (sentence) => context.say(` ${paint.dim(`♪ ${sentence}`)}`));
    const house = await openDemoHouse({ ...opened, ...ports, onSound, folder: join(folder, 'data') });
    try {
      return await show(stage, house);
    } finally {
      await house.stop();
    }
  } catch (error) {
    if (!(error instanceof AppRefused)) throw error;
    context.complain(error.message);
    return FAILED;
  } finally {
    await opened.log.close();
  }
}

/** The settings of the demo: its own file and the flags. Variables are for the real bridge, and so left aside. */
async function demoSettings(context: Context): Promise<Result<Config, number>> {
  if (context.argv.some((flag) => flag === '--config' || flag.startsWith('--config='))) {
    context.complain('The demo has its own settings; change single ones, for instance --broker.port 1884.');
    return { ok: false, error: WRONG_USAGE };
  }
  const settings = await readSettings({ ...context, env: {} }, ['--config', SETTINGS, ...context.argv]);
  return settings === null ? { ok: false, error: WRONG_USAGE } : ok(settings.config);
}

/** The daemon against a simulated household, all in one process, and what it says as it happens. */
export const demo: Command = async (context) => {
  const settings = await demoSettings(context);
  if (!settings.ok) return settings.error;
  const folder = await mkdtemp(join(tmpdir(), 'sonos-mqtt-bridge-demo-'));
  const clean = (): void => rmSync(folder, { recursive: true, force: true });
  // Whoever asks twice, or a bug, ends the process at once.
  process.once('exit', clean);
  try {
    return await perform({ context, folder, ports: await findDemoPorts(settings.value) });
  } finally {
    await rm(folder, { recursive: true, force: true });
    process.off('exit', clean);
  }
};
