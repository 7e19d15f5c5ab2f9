import { bridgeState } from '../../src/app/bridge-state.ts';
import { type FurtherRecord, furtherSchema, noFurther } from '../../src/app/further-side.ts';
import { createMarksSaver } from '../../src/app/marks-saver.ts';
import { type MqttSide, openMqttSide } from '../../src/app/mqtt-side.ts';
import { createStateTicker } from '../../src/app/state-ticker.ts';
import { addressBookSchema, emptyAddressBook } from '../../src/bridge/address-book.ts';
import { announcementsSchema, noAnnouncements } from '../../src/bridge/announcement-record.ts';
import { Bridge } from '../../src/bridge/bridge.ts';
import { noPresets } from '../../src/bridge/presets/preset-record.ts';
import { marksSchema } from '../../src/bridge/sequence-marks.ts';
import type { Sounds } from '../../src/bridge/sounds.ts';
import { noTimers } from '../../src/bridge/timer-record.ts';
import { urlPolicy } from '../../src/bridge/url-policy.ts';
import { type Config, settings } from '../../src/config/schema.ts';
import { createIntake, type Intake } from '../../src/events/intake.ts';
import { createLog } from '../../src/log.ts';
import { createSecrets } from '../../src/secrets.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { systemClock as clock, systemRandom as random } from '../../src/system.ts';
import { countedWire, type WireCounts } from './counted-wire.ts';
import { KEY } from './signed-events.ts';
import type { InstantSonos } from './sonos.ts';

/** Work that is done beside the events: how often, and the processor's time for all of it, milliseconds. */
export interface Beside {
  times: number;
  milliseconds: number;
}

/** Everything of the daemon but its listeners and its calls to Sonos, joined as `src/app` joins it. */
export interface House {
  readonly bridge: Bridge;
  readonly intake: Intake;
  readonly mqtt: MqttSide;
  readonly wire: WireCounts;
  /** Of looking at the bridge's own state, and of saving the sequence marks. */
  readonly beside: { readonly looks: Beside; readonly saves: Beside };
  /** Makes the link believe that its connection held for long, so that it comes back soon after it is lost. */
  heldForLong(): void;
  stop(): Promise<void>;
}

interface Options {
  readonly brokerPort: number;
  readonly baseTopic: string;
  readonly folder: string;
  readonly sonos: InstantSonos;
}

const nobodySpeaks: Sounds = {
  objection: () => null,
  prepare: () => Promise.reject(new Error('nothing is announced here')),
};

function configOf({ brokerPort, baseTopic, folder }: Options): Config {
  return settings.parse({
    data_dir: folder,
    mqtt: { url: `mqtt://127.0.0.1:${brokerPort}`, base_topic: baseTopic },
    home_assistant: { prefix: `${baseTopic}-homeassistant` },
  });
}

async function openMemory(folder: string, log: ReturnType<typeof createLog>) {
  const opened = await openStore({ folder, clock, random, log: log.child('store') });
  if (!opened.ok) throw new Error(opened.error.message);
  const store: Store = opened.value;
  return {
    store,
    book: await store.document('addresses', addressBookSchema, emptyAddressBook),
    marks: await store.document('sequence-marks', marksSchema, {}),
    announcements: await store.document('announcements', announcementsSchema, noAnnouncements),
    further: await store.document<FurtherRecord>('further-topics', furtherSchema, noFurther),
  };
}

const LONG_MS = 60_000;

/** The machine's clock, but that some time can be skipped; nothing fires earlier for that. */
function createSkewedClock() {
  let skipped = 0;
  return {
    ...clock,
    elapsed: () => clock.elapsed() + skipped,
    skip: () => {
      skipped += LONG_MS;
    },
  };
}

const newBeside = (): Beside => ({ times: 0, milliseconds: 0 });

/** Does the work, and counts it. */
function timed<T>(beside: Beside, work: () => T): T {
  const from = performance.now();
  const result = work();
  beside.times += 1;
  beside.milliseconds += performance.now() - from;
  return result;
}

/** Builds the house; it knows no household yet, and the broker let it in. */
export async function openHouse(options: Options): Promise<House> {
  const config = configOf(options);
  const secrets = createSecrets();
  const log = createLog({ level: config.log.level, secrets });
  const memory = await openMemory(options.folder, log);
  const { open, counts } = countedWire();
  const linkClock = createSkewedClock();
  const opened = await openMqttSide({
    ...{ config, log, secrets, random, further: memory.further, clientId: options.baseTopic },
    clock: linkClock,
    doors: { openConnection: open },
  });
  if (!opened.ok) throw new Error(opened.error);
  const mqtt = opened.value;
  const beside = { looks: newBeside(), saves: newBeside() };
  const saver = createMarksSaver(
    {
      get value() {
        return memory.marks.value;
      },
      save: (marks) => timed(beside.saves, () => memory.marks.save(marks)),
    },
    clock,
  );
  const startedAt = clock.now();
  const state = () =>
    timed(beside.looks, () =>
      bridgeState({
        ...{ startedAt, loginUrl: null, mqttProtocol: mqtt.link.status.protocol },
        account: { status: 'linked', tokenExpiresAt: null },
        counters: intake.counters(),
        upkeep: bridge.status(),
        ...{ budgetPerMinute: config.sonos.requests_per_minute, usedLastMinute: 0 },
      }),
    );
  const ticker = createStateTicker(clock, state, mqtt.publisher.bridgeState);
  const bridge = new Bridge(
    {
      ...mqtt.publisher,
      ...{ clock, random, log: log.child('bridge'), send: options.sonos.send, policy: urlPolicy(null) },
      sounds: nobodySpeaks,
      queueSupply: {
        mostItems: 0,
        objection: () => null,
        gather: () => Promise.reject(new Error('no queue is played here')),
        address: () => Promise.reject(new Error('no queue is played here')),
      },
      obstacle: () => null,
      saveBook: (book) => memory.book.save(book),
      saveMarks: (marks) => saver.save(marks),
      saveAnnouncements: (record) => memory.announcements.save(record),
      saveSchedules: async () => {},
      saveTimers: async () => {},
      savePresets: async () => {},
      settings: settingsOf(config),
    },
    {
      ...{ book: memory.book.value, marks: memory.marks.value, announcements: memory.announcements.value },
      ...{ schedules: {}, timers: noTimers, presets: noPresets },
    },
  );
  const intake = createIntake({
    credentials: () => KEY,
    accept: (event) => bridge.accept(event),
    lost: () => bridge.lostEvents(),
    knows: (household, kind, target) => bridge.knows(household, kind, target),
    counted: ticker.nudge,
    clock,
    log: log.child('events'),
  });
  mqtt.start(bridge, []);
  bridge.start();
  ticker.start();
  return {
    ...{ bridge, intake, mqtt, wire: counts, beside, heldForLong: linkClock.skip },
    async stop() {
      ticker.stop();
      intake.close();
      await bridge.stop();
      await mqtt.stop();
      await memory.store.close();
      await log.close();
    },
  };
}

/** The settings as they come, but that nothing is read back while the bench measures. */
const settingsOf = (config: Config): ConstructorParameters<typeof Bridge>[0]['settings'] => ({
  confirmMs: config.commands.confirm_seconds * 1000,
  reconcileMs: 1e9,
  pollMs: 0,
  readsPerMinute: 1e9,
  forgetMs: config.forget_days * 86_400_000,
  ...{ aliases: new Map(), schedules: [], ceilings: [], presets: new Map() },
  announcements: {
    ...{ volume: null, volumes: new Map(), maxVolume: 100, maxQueue: 20, expireMs: 300_000 },
    ...{ quietHours: [], notWhileTv: false, repeatMs: 0, devices: 'primary' },
  },
});
