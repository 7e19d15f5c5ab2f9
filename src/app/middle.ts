import type { Bridge } from '../bridge/bridge.ts';
import type { BridgeSettings } from '../bridge/bridge-ports.ts';
import type { Clock, Random } from '../bridge/ports.ts';
import type { QueueSupply } from '../bridge/queue/queue-ports.ts';
import type { Schedule } from '../bridge/schedules.ts';
import type { Sounds } from '../bridge/sounds.ts';
import type { Ceiling } from '../bridge/volume-ceilings.ts';
import type { Config } from '../config/schema.ts';
import type { LogOutput } from '../log.ts';
import type { Accounts } from '../sonos/accounts.ts';
import { LinkedHouseholds } from './linked-households.ts';
import { createMarksSaver } from './marks-saver.ts';
import type { MiddleMemory } from './middle-memory.ts';
import type { MqttSide } from './mqtt-side.ts';
import { notRecorded, type Recording } from './recording.ts';
import { schedulesOf } from './scheduled.ts';
import { obstacleOf, type SonosSide } from './sonos-side.ts';
import { announcementSettings, soundPolicy } from './speech-side.ts';
import type { Teardown } from './teardown.ts';

/** What the middle needs to know of the accounts. */
export type KnownAccounts = Pick<Accounts, 'accountOf' | 'households' | 'list' | 'onChange' | 'status'>;

interface Options {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: LogOutput;
  readonly memory: MiddleMemory;
  readonly sonos: Pick<SonosSide, 'send'> & { readonly accounts: KnownAccounts };
  readonly mqtt: Pick<MqttSide, 'publisher'>;
  readonly sounds: Sounds;
  readonly queueSupply: QueueSupply;
  readonly recording?: Recording;
  readonly loginUrl: () => string;
}

/** Polling may use so much of the request budget; the rest is for commands. */
const READ_SHARE = 0.3;

/** A ceiling of the settings, as the bridge's middle knows it. */
const ceilingOf = ({ rooms, max, from, to, timezone }: Config['volume']['ceilings'][number]): Ceiling => ({
  ...{ rooms: rooms ?? null, max },
  hours: from === undefined || to === undefined ? null : { from, to, timezone: timezone ?? null },
});

function settingsOf(config: Config, schedules: readonly Schedule[]): BridgeSettings {
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
    schedules,
    ceilings: config.volume.ceilings.map(ceilingOf),
    presets: new Map(Object.entries(config.presets)),
  };
}

const ignoredHouseholds = (config: Config): Set<string> =>
  new Set(Object.entries(config.sonos.households).flatMap(([id, { ignore }]) => (ignore ? [id] : [])));

/** Opens the middle of the house, with the households that its accounts have. */
export async function openBridge(
  {
    config,
    clock,
    random,
    log,
    memory,
    sonos,
    mqtt,
    sounds,
    queueSupply,
    recording = notRecorded,
    loginUrl,
  }: Options,
  down: Teardown,
): Promise<Bridge> {
  const schedules = await schedulesOf(config);
  const saver = createMarksSaver(memory.marks, clock);
  down.add(() => saver.flush());
  const send = recording.tape?.calling(sonos.send) ?? sonos.send;
  const bridge = recording.bridge(
    {
      ...mqtt.publisher,
      clock,
      random,
      log: log.child('bridge'),
      send,
      policy: soundPolicy(config),
      ...{ sounds, queueSupply },
      obstacle: (household) => obstacleOf(sonos.accounts, household, loginUrl()),
      saveBook: (book) => memory.book.save(book),
      saveMarks: (marks) => saver.save(marks),
      saveAnnouncements: (record) => memory.announcements.save(record),
      saveTimers: (record) => memory.timers.save(record),
      saveSchedules: (record) => memory.schedules.save(record),
      settings: settingsOf(config, schedules),
      savePresets: (record) => memory.presets.save(record),
    },
    {
      book: memory.book.value,
      marks: memory.marks.value,
      announcements: memory.announcements.value,
      schedules: memory.schedules.value,
      timers: memory.timers.value,
      presets: memory.presets.value,
    },
  );
  down.add(() => bridge.stop());
  // Before anybody acts on it.
  recording.tape?.accounts(sonos.accounts);
  const households = new LinkedHouseholds({
    ...sonos,
    send,
    bridge,
    clock,
    ignored: ignoredHouseholds(config),
  });
  down.add(() => households.stop());
  down.add(sonos.accounts.onChange(() => households.changed()));
  households.start();
  return bridge;
}
