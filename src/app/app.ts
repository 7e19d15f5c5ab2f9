import { type AddressBook, addressBookSchema, emptyAddressBook } from '../bridge/address-book.ts';
import {
  type AnnouncementsRecord,
  announcementsSchema,
  noAnnouncements,
} from '../bridge/announcement-record.ts';
import { Bridge } from '../bridge/bridge.ts';
import type { BridgeSettings } from '../bridge/bridge-ports.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import { type MarksRecord, marksSchema } from '../bridge/sequence-marks.ts';
import type { Sounds } from '../bridge/sounds.ts';
import { within } from '../bridge/within.ts';
import type { Config } from '../config/schema.ts';
import type { EventCounters } from '../events/tally.ts';
import type { LogOutput } from '../log.ts';
import type { Secrets } from '../secrets.ts';
import { type Document, openStore, type Store, StoreError } from '../store/store.ts';
import { systemClock, systemRandom } from '../system.ts';
import type { AccessMemory } from '../web/access/access.ts';
import { type Asked, createAsked } from './asked.ts';
import { type BridgeState, bridgeState } from './bridge-state.ts';
import { bridgeView } from './bridge-view.ts';
import { type Doors, systemDoors } from './doors.ts';
import { type FurtherRecord, furtherSchema, noFurther } from './further-side.ts';
import { openGenerated } from './generated.ts';
import { INTEGRATION, type IntegrationRecord, integrationSchema, withKept } from './integration.ts';
import { LinkedHouseholds } from './linked-households.ts';
import { openPrivateListener, openPublicListener } from './listeners.ts';
import { createMarksSaver } from './marks-saver.ts';
import { type MqttSide, openMqttSide } from './mqtt-side.ts';
import { openPageSide } from './page-side.ts';
import type { Parts } from './parts.ts';
import { createSetupDesk, type SetupGround } from './setup-desk.ts';
import { type Key, obstacleOf, openSonosSide, type SonosSide } from './sonos-side.ts';
import { announcementSettings, openSpeechSide, soundPolicy } from './speech-side.ts';
import { createStateTicker } from './state-ticker.ts';
import { openAccess } from './web-access.ts';

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
  readonly publicPort: number;
  readonly privatePort: number;
  /** The secret path of the event callback. */
  readonly callbackPath: string;
  readonly loginUrl: string;
  state(): BridgeState;
  /** Ends within five seconds, `offline` published. */
  stop(): Promise<void>;
}

/** The house could not be opened; the message says why and what to do. */
export class AppRefused extends Error {}

/** Steps of the tearing down, done in reverse order of the building up. */
class Teardown {
  readonly #steps: (() => Promise<void> | void)[] = [];

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step);
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) await step();
  }
}

const OPEN_WITHIN_MS = 60_000;
const CLOSE_WITHIN_MS = 5_000;
/** Who asks over HTTP is answered so much later than the evidence for a command is given up at the latest. */
const ASKED_LONGER_MS = 2_000;
/** Polling may use so much of the request budget; the rest is for commands. */
const READ_SHARE = 0.3;

function settingsOf(config: Config): BridgeSettings {
  const aliases = Object.entries(config.sonos.households).flatMap(([id, { alias }]) =>
    alias === undefined ? [] : [[id, alias] as const],
  );
  return {
    confirmMs: config.commands.confirm_seconds * 1000,
    reconcileMs: config.reconcile_minutes * 60_000,
    pollMs: config.poll_seconds * 1000,
    readsPerMinute: config.sonos.requests_per_minute * READ_SHARE,
    forgetMs: config.forget_days * 86_400_000,
    aliases: new Map(aliases),
    announcements: announcementSettings(config),
  };
}

const ignoredHouseholds = (config: Config): Set<string> =>
  new Set(Object.entries(config.sonos.households).flatMap(([id, { ignore }]) => (ignore ? [id] : [])));

const opened = <T>(
  result: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string },
): T => {
  if (result.ok) return result.value;
  throw new AppRefused(result.error);
};

/** Waits for the data folder and throws `AppRefused` after a minute: a disk can hang for ever, and a house that neither opens nor refuses helps nobody. */
export async function inTime<T>(clock: Clock, work: Promise<T>, folder: string): Promise<T> {
  if (await within(clock, OPEN_WITHIN_MS, work)) return work;
  const seen = `The data folder ${folder} did not answer within ${OPEN_WITHIN_MS / 1000} s.`;
  throw new AppRefused(`${seen} Check the disk, or the network that it hangs on.`);
}

/** What the house remembers between runs. */
interface Memory {
  readonly store: Store;
  readonly mqttClient: string;
  readonly callbackPath: string;
  readonly book: Document<AddressBook>;
  readonly marks: Document<MarksRecord>;
  readonly announcements: Document<AnnouncementsRecord>;
  readonly further: Document<FurtherRecord>;
  readonly clipSecret: string;
  readonly access: AccessMemory;
  readonly integration: Document<IntegrationRecord>;
}

async function openMemory(options: Tools, down: Teardown): Promise<Memory> {
  const { config, log, secrets, clock, random, doors } = options;
  const { disk, processes } = doors;
  const folder = config.data_dir;
  const opening = await openStore({ folder, clock, random, log: log.child('store'), disk, processes });
  if (!opening.ok) throw new AppRefused(opening.error.message);
  const store = opening.value;
  down.add(() => store.close());
  const generated = await openGenerated(store, random);
  const callbackPath = config.callback.path ?? `/sonos/events/${generated.callback_secret}`;
  secrets.add(callbackPath);
  // Also on its own, without the path around it.
  secrets.add(generated.callback_secret);
  secrets.add(generated.clip_secret);
  return {
    store,
    callbackPath,
    mqttClient: generated.mqtt_client,
    book: await store.document('addresses', addressBookSchema, emptyAddressBook),
    marks: await store.document('sequence-marks', marksSchema, {}),
    announcements: await store.document('announcements', announcementsSchema, noAnnouncements),
    further: await store.document('further-topics', furtherSchema, noFurther),
    clipSecret: generated.clip_secret,
    access: await openAccess(store),
    integration: await store.document(INTEGRATION, integrationSchema, {}),
  };
}

function openBridge(
  tools: Tools,
  memory: Memory,
  sonos: SonosSide,
  mqtt: MqttSide,
  sounds: Sounds,
  loginUrl: () => string,
  down: Teardown,
): Bridge {
  const { config, clock, random, log } = tools;
  const saver = createMarksSaver(memory.marks, clock);
  down.add(() => saver.flush());
  const bridge = new Bridge(
    {
      ...mqtt.publisher,
      clock,
      random,
      log: log.child('bridge'),
      send: sonos.send,
      policy: soundPolicy(config),
      sounds,
      obstacle: (household) => obstacleOf(sonos.accounts, household, loginUrl()),
      saveBook: (book) => memory.book.save(book),
      saveMarks: (marks) => saver.save(marks),
      saveAnnouncements: (record) => memory.announcements.save(record),
      settings: settingsOf(config),
    },
    {
      book: memory.book.value,
      marks: memory.marks.value,
      announcements: memory.announcements.value,
    },
  );
  down.add(() => bridge.stop());
  const households = new LinkedHouseholds({ ...sonos, bridge, clock, ignored: ignoredHouseholds(config) });
  down.add(() => households.stop());
  down.add(sonos.accounts.onChange(() => households.changed()));
  households.start();
  return bridge;
}

/** What is there only after something that asks for it was built. */
interface Late {
  loginUrl: string;
  counters: (() => EventCounters) | null;
  bridge: Bridge | null;
  publicPort: number;
  privatePort: number;
}

function openSetup(
  { setup: ground, secrets, clock }: Tools,
  memory: Memory,
  late: Late,
): Pick<Parts, 'setup' | 'sources'> {
  const { integration: kept, callbackPath } = memory;
  const ports = { webPort: () => late.privatePort, callbackPort: () => late.publicPort };
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

/** Opens the house from the cellar up, so that what needs what can be read from top to bottom. */
async function open(tools: Tools, down: Teardown): Promise<App> {
  const { config, clock } = tools;
  const startedAt = clock.now();
  const memory = await inTime(clock, openMemory(tools, down), config.data_dir);
  const called = await inTime(clock, openSonosSide({ ...tools, store: memory.store }), config.data_dir);
  down.add(() => called.stop());
  const mqtt = opened(await openMqttSide({ ...tools, further: memory.further, clientId: memory.mqttClient }));
  down.add(() => mqtt.stop());
  const late: Late = { loginUrl: '', counters: null, bridge: null, publicPort: 0, privatePort: 0 };
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
  const speech = opened(await openSpeechSide({ ...tools, clipSecret: memory.clipSecret }));
  down.add(() => speech.stop());
  const asked = openAsked(tools, late);
  const heard = { ...mqtt, publisher: page.beside(asked.beside(mqtt.publisher)) };
  const bridge = openBridge(tools, memory, sonos, heard, speech.sounds, () => late.loginUrl, down);
  late.bridge = bridge;
  const state = (): BridgeState => stateOf({ startedAt, config, late, mqtt, sonos, bridge });

  const own = { asked, bridge, sonos, mqtt, speech, page, state, nudge };
  const parts = { ...tools, ...memory, ...openSetup(tools, memory, late), ...own };
  const outside = opened(await openPublicListener(parts));
  down.add(() => outside.listener.stop());
  late.counters = () => outside.listener.counters();
  late.publicPort = outside.port;
  const inside = opened(await openPrivateListener(parts, () => outside.listener.counters()));
  down.add(() => inside.listener.stop());
  down.add(() => asked.stop());
  down.add(() => page.live.stop());
  late.loginUrl = inside.loginUrl;
  late.privatePort = inside.port;

  mqtt.start(bridge, await speech.chimes());
  bridge.start();
  sonos.accounts.start();
  ticker.start();
  const { store, callbackPath } = memory;
  const { loginUrl, publicPort, privatePort } = late;
  const told = { loginUrl, publicPort, privatePort, state };
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
