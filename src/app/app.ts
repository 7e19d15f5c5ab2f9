import type { Bridge } from '../bridge/bridge.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import { within } from '../bridge/within.ts';
import type { Config } from '../config/schema.ts';
import type { EventCounters } from '../events/tally.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { type Store, StoreError } from '../store/store.ts';
import { systemClock, systemRandom } from '../system.ts';
import { type Asked, createAsked } from './asked.ts';
import { type BridgeState, bridgeState } from './bridge-state.ts';
import { bridgeView } from './bridge-view.ts';
import { type Doors, systemDoors } from './doors.ts';
import { withKept } from './integration.ts';
import { openPrivateListener, openPublicListener } from './listeners.ts';
import { type Memory, openMemory } from './memory.ts';
import { openBridge } from './middle.ts';
import { type MqttSide, openMqttSide } from './mqtt-side.ts';
import { openPageSide } from './page-side.ts';
import type { Parts } from './parts.ts';
import { openQueueSide } from './queue-side.ts';
import { openRecording } from './recording.ts';
import { AppRefused, inTime, opened } from './refused.ts';
import type { EventWay } from './relayed-events.ts';
import { createSetupDesk, type SetupGround } from './setup-desk.ts';
import { type Key, openSonosSide, type SonosSide } from './sonos-side.ts';
import { openSpeechSide } from './speech-side.ts';
import { createStateTicker } from './state-ticker.ts';
import { Teardown } from './teardown.ts';

/** What the house is built from. */
export interface AppOptions {
  readonly config: Config;
  readonly key: Key;
  readonly log: LogOutput;
  readonly secrets: Secrets;
  /** For the set-up by the page; without it, the page shows the settings and changes none. */
  readonly setup?: SetupGround;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly doors?: Doors;
}

type Tools = Required<Omit<AppOptions, 'setup'>> & { readonly setup: SetupGround };

/** The house, running. */
export interface App {
  readonly bridge: Bridge;
  readonly sonos: SonosSide;
  readonly mqtt: MqttSide;
  readonly store: Store;
  /** Null when events come by a relay, and no public listener is open. */
  readonly publicPort: number | null;
  readonly privatePort: number;
  /** The secret path of the event callback. */
  readonly callbackPath: string;
  readonly loginUrl: string;
  state(): BridgeState;
  /** Ends within five seconds, `offline` published. */
  stop(): Promise<void>;
}

const CLOSE_WITHIN_MS = 5_000;
/** Who asks over HTTP is answered so much later than the evidence for a command is given up at the latest. */
const ASKED_LONGER_MS = 2_000;
/** What is there only after something that asks for it was built. */
interface Late {
  loginUrl: string;
  counters: (() => EventCounters) | null;
  bridge: Bridge | null;
  publicPort: number | null;
  privatePort: number;
}

function openSetup(
  { setup: ground, secrets, clock }: Tools,
  memory: Memory,
  late: Late,
): Pick<Parts, 'setup' | 'sources'> {
  const { integration: kept, callbackPath } = memory;
  const callbackPort = (): number => late.publicPort ?? ground.given.config.callback.port;
  const ports = { webPort: () => late.privatePort, callbackPort };
  return {
    setup: createSetupDesk({ ground, kept, callbackPath, ...ports, secrets, clock }),
    sources: withKept(ground.given, kept.value).sources,
  };
}

const openAsked = (tools: Tools, late: Late): Asked =>
  createAsked({
    ...tools,
    patienceMs: tools.config.commands.confirm_seconds * 1000 + ASKED_LONGER_MS,
    take: (request) => late.bridge?.take(request),
    takeForBridge: (request) => late.bridge?.takeForBridge(request),
  });

interface StateParts {
  readonly startedAt: number;
  readonly config: Config;
  readonly late: Late;
  readonly mqtt: MqttSide;
  readonly sonos: SonosSide;
  readonly bridge: Bridge;
}

const stateOf = ({ startedAt, config, late, mqtt, sonos, bridge }: StateParts): BridgeState =>
  bridgeState({
    ...{ startedAt, loginUrl: late.loginUrl },
    mqttProtocol: mqtt.link.status.protocol,
    account: sonos.accounts.status(),
    counters: late.counters?.() ?? null,
    upkeep: bridge.status(),
    budgetPerMinute: config.sonos.requests_per_minute,
    usedLastMinute: sonos.budget.usedLastMinute(),
  });

/** Opens the way that events come; it is decided at the start. */
async function openEvents(parts: Parts): Promise<EventWay> {
  if (parts.config.callback.relay) {
    // Loaded by those who need it.
    const { openRelayedEvents } = await import('./relayed-events.ts');
    return openRelayedEvents(parts);
  }
  const { listener, port } = opened(await openPublicListener(parts));
  return { port, counters: () => listener.counters(), stop: () => listener.stop() };
}

/** Opens the ways in: that of the events, and the private listener. */
async function openWays(parts: Parts, down: Teardown, late: Late): Promise<void> {
  const outside = await openEvents(parts);
  down.add(() => outside.stop());
  late.counters = () => outside.counters();
  late.publicPort = outside.port;
  const inside = opened(await openPrivateListener(parts, () => outside.counters()));
  down.add(() => inside.listener.stop());
  late.loginUrl = inside.loginUrl;
  late.privatePort = inside.port;
}

/** Opens what speakers fetch from us: announcements and queues. */
async function openSound(
  tools: Tools,
  { clipSecret }: Memory,
  late: Late,
  requested: Parameters<typeof openQueueSide>[0]['requested'],
): Promise<Pick<Parts, 'queues' | 'speech'>> {
  const queues = openQueueSide({
    ...{ ...tools, clipSecret, requested, bridge: () => late.bridge },
    clipAddress: () => speech.address(),
  });
  const speech = opened(await openSpeechSide({ ...tools, clipSecret, beside: queues.besideClips }));
  return { queues, speech };
}

/** Opens the house from the cellar up, so that what needs what can be read from top to bottom. */
async function open(tools: Tools, down: Teardown): Promise<App> {
  const { config, clock } = tools;
  const startedAt = clock.now();
  const memory = await inTime(clock, openMemory(tools, down), config.data_dir);
  const recording = await openRecording({ ...tools, memory }, down);
  const called = await inTime(clock, openSonosSide({ ...tools, store: memory.store }), config.data_dir);
  down.add(() => called.stop());
  const mqtt = opened(
    await openMqttSide({ ...tools, recording, further: memory.further, clientId: memory.mqttClient }),
  );
  down.add(() => mqtt.stop());
  const late: Late = { loginUrl: '', counters: null, bridge: null, publicPort: null, privatePort: 0 };
  const page = openPageSide({
    ...{ ...tools, ...memory, apiUrl: config.sonos.api_url },
    bridge: () => late.bridge,
    view: () => bridgeView(parts),
  });
  const ticker = createStateTicker(clock, () => state(), mqtt.publisher.bridgeState);
  const nudge = (): void => {
    ticker.nudge();
    page.live.nudge();
  };
  down.add(() => ticker.stop());
  down.add(called.accounts.onChange(nudge));
  down.add(mqtt.link.onStatus(nudge));
  const sonos: SonosSide = { ...called, send: page.calling((call) => called.send(call).finally(nudge)) };
  const { queues, speech } = await openSound(tools, memory, late, page.trace.player);
  down.add(() => speech.stop());
  const asked = openAsked(tools, late);
  const heard = { ...mqtt, publisher: page.beside(asked.beside(mqtt.publisher)) };
  const [{ sounds }, { supply: queueSupply }] = [speech, queues];
  const loginUrl = (): string => late.loginUrl;
  const bridge = await openBridge(
    { ...tools, recording, memory, sonos, mqtt: heard, sounds, queueSupply, loginUrl },
    down,
  );
  late.bridge = bridge;
  const state = (): BridgeState => stateOf({ startedAt, config, late, mqtt, sonos, bridge });

  const own = { asked, bridge, sonos, mqtt, speech, queues, page, recording, state, nudge };
  const parts = { ...tools, ...memory, ...openSetup(tools, memory, late), ...own };
  await openWays(parts, down, late);
  down.add(() => asked.stop());
  down.add(() => page.live.stop());

  mqtt.start(bridge, await speech.chimes());
  bridge.start();
  sonos.accounts.start();
  ticker.start();
  const { store, callbackPath } = memory;
  const told = { loginUrl: late.loginUrl, publicPort: late.publicPort, privatePort: late.privatePort, state };
  return { bridge, sonos, mqtt, store, callbackPath, ...told, stop: () => down.run() };
}

/** Builds the house and starts it. Throws `AppRefused` after closing what was opened, also when the disk refuses. */
export async function startApp(options: AppOptions): Promise<App> {
  const down = new Teardown();
  const given = { config: options.config, sources: new Map<string, string>() };
  const setup: SetupGround = { given, isAddon: false, changed: null };
  const tools = { clock: systemClock, random: systemRandom, doors: systemDoors, setup, ...options };
  try {
    return await open(tools, down);
  } catch (error) {
    // A disk that hangs would hold up the closing of its documents, too.
    await within(tools.clock, CLOSE_WITHIN_MS, down.run());
    // A document that cannot be read is the disk's doing and not a bug; its message says what to do.
    throw error instanceof StoreError ? new AppRefused(error.message) : error;
  }
}
