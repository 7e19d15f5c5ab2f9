import type { AnnouncementsRecord } from './announcement-record.ts';
import { Announcements } from './announcements.ts';
import type { BridgeRequest } from './bridge-commands.ts';
import type { BridgePorts } from './bridge-ports.ts';
import type { Told } from './command-spec.ts';
import { Commands } from './commands.ts';
import type { Households } from './households.ts';
import type { CommandRequest, Wish } from './intake.ts';
import { withAnnouncing } from './namespaces/audio-clip.ts';
import { favorites } from './namespaces/favorites.ts';
import { playlists } from './namespaces/playlists.ts';
import { createOwnCommands } from './own-commands.ts';
import type { PresetsRecord } from './presets/preset-record.ts';
import { Presets } from './presets/presets.ts';
import { CloudQueues } from './queue/cloud-queues.ts';
import type { Raw } from './readers.ts';
import type { RoomReads } from './room-reads.ts';
import { RoomTimers } from './room-timers.ts';
import { payloadOf, type Schedule, Schedules, type SchedulesRecord } from './schedules.ts';
import type { Household, Room, Seat } from './state.ts';
import type { TimersRecord } from './timer-record.ts';
import { ceilingOf } from './volume-ceilings.ts';
import { lacks } from './wanted.ts';
import type { Witnesses } from './witness.ts';

/** What the engines stand on. */
interface Ground {
  readonly ports: BridgePorts;
  /** Why no call can be made for a household, or for any; null when one can. */
  readonly obstacle: BridgePorts['obstacle'];
  readonly households: Households;
  readonly roomReads: RoomReads;
  readonly witnesses: Witnesses;
  /** Reads who plays with whom. */
  readonly readTopology: (household: string) => Promise<void>;
  /** Takes in what a call says of a target. */
  readonly told: (household: string, told: Told) => void;
  /** A command that the house gives itself by the calendar. */
  readonly take: (request: CommandRequest) => void;
  readonly takeForBridge: (request: BridgeRequest) => void;
}

/** What the engines remember of the last run. */
export interface EngineMemory {
  readonly announcements: AnnouncementsRecord;
  readonly schedules: SchedulesRecord;
  readonly timers: TimersRecord;
  readonly presets: PresetsRecord;
}

/** What carries out what people ask for, and what the house does by itself, for all households. */
export class Engines {
  readonly #ground: Ground;
  readonly announcements: Announcements;
  readonly presets: Presets;
  readonly queues: CloudQueues;
  readonly timers: RoomTimers;
  readonly commands: Commands;
  readonly schedules: Schedules;

  constructor(ground: Ground, memory: EngineMemory) {
    this.#ground = ground;
    this.announcements = this.#openAnnouncements();
    this.presets = this.#openPresets(memory.presets);
    this.queues = this.#openQueues();
    this.timers = this.#openTimers(memory.timers);
    this.commands = this.#openCommands();
    for (const { ask, answered } of this.announcements.restore(memory.announcements))
      this.commands.resume(ask, answered);
    const { ports } = ground;
    this.schedules = new Schedules(
      {
        ...{ ...ports, schedules: ports.settings.schedules, save: ports.saveSchedules },
        isReady: (schedule) => this.#isReady(schedule),
        take: (schedule, id) => this.#takeScheduled(schedule, id),
      },
      memory.schedules,
    );
  }

  start(): void {
    this.presets.show();
    this.schedules.start();
    this.timers.start();
  }

  /** Ends all work; whoever waits for an answer gets one. */
  stop(): void {
    this.schedules.stop();
    this.timers.stop();
    this.commands.stop();
    this.announcements.stop();
  }

  /** Who plays with whom has changed in a household, or is known at last. */
  regrouped(household: Household): void {
    this.announcements.known(household);
    this.schedules.nudge();
    this.timers.known(household);
  }

  /** The household that a schedule means: the one that it names, or the only one. */
  #scheduledFor({ household }: Schedule): Household | undefined {
    if (household !== null) return this.#ground.households.named(household);
    return this.#ground.households.all.length === 1 ? this.#ground.households.all[0] : undefined;
  }

  #isReady(schedule: Schedule): boolean {
    return schedule.room === null || this.#scheduledFor(schedule)?.topology != null;
  }

  #takeScheduled(schedule: Schedule, id: string): void {
    const { room, command } = schedule;
    const message = {
      payload: payloadOf(schedule, id),
      retained: false,
      responseTo: null,
      expirySeconds: null,
    };
    if (room === null) this.#ground.takeForBridge({ command, ...message });
    // One that has gone since it was found ready is answered as any that there is not.
    else
      this.#ground.take({ household: String(this.#scheduledFor(schedule)?.id), room, command, ...message });
  }

  #openTimers(record: TimersRecord): RoomTimers {
    return new RoomTimers(
      {
        ...this.#ground.ports,
        household: (id) => this.#ground.households.get(id),
        perform: (household, room, wish) => this.commands.perform(household, room, wish),
        save: this.#ground.ports.saveTimers,
        update: (id, change) => this.#ground.households.update(id, change),
      },
      record,
    );
  }

  #openCommands(): Commands {
    return new Commands({
      ...this.#ground.ports,
      obstacle: this.#ground.obstacle,
      witnesses: this.#ground.witnesses,
      ceilings: this.#ground.ports.settings.ceilings,
      household: (word) => this.#ground.households.named(word),
      aliases: () => this.#ground.households.all.map((household) => household.alias),
      lacks,
      readTopology: this.#ground.readTopology,
      readList: (household, namespace) => this.#ground.roomReads.list(household, namespace),
      mayHaveChanged: (seat, spec) => this.#ground.roomReads.mayHaveChanged(seat, spec),
      told: (id, told) => this.#ground.told(id, told),
      carried: ({ command, raw }, before) => this.#carried(command, raw, before),
      own: createOwnCommands({
        send: this.#ground.ports.send,
        lacks,
        readList: (household, namespace) => this.#ground.roomReads.list(household, namespace),
        household: (id) => this.#ground.households.get(id),
        announcements: this.announcements,
        queues: this.queues,
        settle: (ask, status, outcome) => this.commands.settle(ask, status, outcome),
        obstacle: this.#ground.obstacle,
        refresh: (id, playerId) => this.#ground.roomReads.refresh(id, playerId),
        clock: this.#ground.ports.clock,
        timers: this.timers,
      }),
    });
  }

  #openPresets(record: PresetsRecord): Presets {
    const { obstacle, ports: given } = this.#ground;
    const { clock, settings, savePresets, showPresets } = given;
    const ports = {
      ...{ clock, obstacle, save: savePresets, show: showPresets, settings: settings.presets },
      household: (word: string) => this.#ground.households.named(word),
      households: () => this.#ground.households.all,
      prepare: (id: string) => this.#readForPlan(id),
      perform: (household: Household, room: Room, wish: Wish) => this.commands.perform(household, room, wish),
    };
    return new Presets(ports, record);
  }

  /** Reads who plays with whom and the lists of names, as far as they are not known. */
  async #readForPlan(id: string): Promise<void> {
    if (this.#ground.households.get(id)?.topology === null) await this.#ground.readTopology(id);
    for (const list of [favorites.name, playlists.name]) {
      const household = this.#ground.households.get(id);
      if (household !== undefined && lacks(household, list))
        await this.#ground.roomReads.list(household, list);
    }
  }

  #carried(command: string, raw: Raw | undefined, before: Seat): void {
    const household = this.#ground.households.get(before.household.id);
    if (household !== undefined && raw !== undefined)
      this.presets.loads.carried(command, raw, before, household);
  }

  #openAnnouncements(): Announcements {
    const { saveAnnouncements, settings, clock } = this.#ground.ports;
    return new Announcements({
      ...this.#ground.ports,
      obstacle: this.#ground.obstacle,
      settings: settings.announcements,
      ceiling: (room) => ceilingOf(settings.ceilings, room, clock.now()),
      household: (id) => this.#ground.households.get(id),
      save: saveAnnouncements,
      settle: (ask, status, outcome) => this.commands.settle(ask, status, outcome),
      announcing: (id, playerId, announcement) => this.#announcing(id, playerId, announcement),
    });
  }

  #openQueues(): CloudQueues {
    return new CloudQueues({
      ...this.#ground.ports,
      supply: this.#ground.ports.queueSupply,
      household: (id) => this.#ground.households.get(id),
      settle: (ask, status, outcome) => this.commands.settle(ask, status, outcome),
      carry: (household, room, spec, record) => this.commands.carry(household, room, 'queue', spec, record),
      looked: (id) => this.#ground.witnesses.changed(id),
    });
  }

  #announcing(id: string, playerId: string, announcement: string | null): void {
    this.#ground.households.update(id, (household) => withAnnouncing(household, playerId, announcement));
  }
}
