import type { AddressBook } from './address-book.ts';
import { type BridgeActions, type BridgeRequest, createBridgeCommands } from './bridge-commands.ts';
import type { BridgePorts } from './bridge-ports.ts';
import { type CommandError, commandError } from './command-error.ts';
import type { Told } from './command-spec.ts';
import { type EngineMemory, Engines } from './engines.ts';
import { Households } from './households.ts';
import type { CommandRequest } from './intake.ts';
import { audioClip, clipsOf } from './namespaces/audio-clip.ts';
import type { TargetKind } from './namespaces/define.ts';
import { namespaceOf } from './namespaces/index.ts';
import type { Cancel } from './ports.ts';
import type { QueueBook } from './queue/queue-ports.ts';
import { Reads } from './reads.ts';
import { reduce } from './reduce.ts';
import type { Outcome } from './replies.ts';
import { RoomReads } from './room-reads.ts';
import { type MarksRecord, SequenceMarks } from './sequence-marks.ts';
import { sessionGone } from './session-calls.ts';
import { createSleepWatch } from './sleep-watch.ts';
import type { SonosEvent } from './sonos.ts';
import { type Household, hasTargetOf, sliceKey } from './state.ts';
import { hasTarget } from './topology.ts';
import { type SubscriptionStatus, Upkeep, type UpkeepStatus } from './upkeep.ts';
import { createWitnesses, type Witnesses } from './witness.ts';

/** What was remembered from the last run. */
export interface Memory extends EngineMemory {
  readonly book: AddressBook;
  readonly marks: MarksRecord;
}

/** What came of an event: it changed what is remembered, or why it did not. */
export type EventOutcome = 'applied' | 'unchanged' | 'duplicate' | 'late' | 'unknown_household';

const FORGET_EVERY_MS = 3_600_000;

const stopping = commandError(
  'internal',
  'The bridge is stopping, so nothing was done.',
  'Send it again when the bridge is online.',
);

const outcomeOf = (error: CommandError | null): Outcome => (error === null ? {} : { error });

/** What stands for one household beside its state. */
interface Running {
  readonly upkeep: Upkeep;
  /** `Clock.elapsed` of the last event, by slice. */
  readonly heard: Map<string, number>;
}

/** The middle of the house: takes events and commands in, keeps every household's state, and has it shown. */
export class Bridge {
  readonly #ports: BridgePorts;
  readonly #households: Households;
  readonly #running = new Map<string, Running>();
  readonly #marks: SequenceMarks;
  readonly #reads: Reads;
  readonly #roomReads: RoomReads;
  readonly #witnesses: Witnesses;
  readonly #engines: Engines;
  readonly #takeForBridge: (request: BridgeRequest) => void;
  readonly #sleepWatch: ReturnType<typeof createSleepWatch>;
  #isFirstList = true;
  #isStopped = false;
  #forgetTimer: Cancel = () => {};

  constructor(ports: BridgePorts, memory: Memory) {
    this.#ports = ports;
    const { clock, settings } = ports;
    const obstacle: BridgePorts['obstacle'] = (household) =>
      this.#isStopped ? stopping : ports.obstacle(household);
    this.#marks = new SequenceMarks(memory.marks);
    this.#households = new Households(ports, memory.book);
    this.#reads = new Reads({
      ...ports,
      accept: (event) => this.#apply(event),
    });
    this.#roomReads = new RoomReads({
      reads: this.#reads,
      household: (id) => this.#households.get(id),
      readTopology: async (id) => (await this.#running.get(id)?.upkeep.readTopology()) ?? null,
      // A read that brought nothing new may still be the evidence: what was so already, is so.
      looked: (id) => this.#witnesses.changed(id),
      presume: (before, after) => {
        this.#households.replace(before, after);
        this.#running.get(after.id)?.upkeep.nudge();
      },
    });
    this.#witnesses = createWitnesses({
      clock,
      household: (id) => this.#households.get(id),
      patienceMs: settings.confirmMs,
      look: (watch) => void this.#roomReads.look(watch),
      eventsArrive: (id) => this.#running.get(id)?.upkeep.status.isSilent === false,
    });
    this.#engines = new Engines(
      {
        ...{ ports, obstacle, households: this.#households, roomReads: this.#roomReads },
        witnesses: this.#witnesses,
        readTopology: async (id) => void (await this.#running.get(id)?.upkeep.readTopology()),
        told: (id, told) => this.#told(id, told),
        take: (request) => this.take(request),
        takeForBridge: (request) => this.takeForBridge(request),
      },
      memory,
    );
    this.#sleepWatch = createSleepWatch(clock, (milliseconds) => {
      const minutes = Math.round(milliseconds / 60_000);
      ports.log.info('The calendar jumped ahead; everything is subscribed and read again.', { minutes });
      this.#everywhere((upkeep) => upkeep.slept());
    });
    this.#takeForBridge = createBridgeCommands(ports, this.#actions(obstacle));
  }

  /** Every household, as it stands now. */
  get households(): readonly Household[] {
    return this.#households.all;
  }

  /** The state of one household, by id or alias; undefined when no account has it. */
  household(word: string): Household | undefined {
    return this.#households.named(word);
  }

  /** How the households are kept true. */
  status(): readonly UpkeepStatus[] {
    return [...this.#running.values()].map(({ upkeep }) => upkeep.status);
  }

  /** Every subscription that Sonos should hold for a household. */
  subscriptions(id: string): readonly SubscriptionStatus[] {
    return this.#running.get(id)?.upkeep.subscriptions ?? [];
  }

  /** How many commands wait to be sent. */
  get waiting(): number {
    return this.#engines.commands.waiting;
  }

  /** How many announcements are not over, counted by room. */
  get announcements(): number {
    return this.#engines.announcements.waiting;
  }

  /** The queues that players get from us. */
  get queues(): QueueBook {
    return this.#engines.queues.book;
  }

  start(): void {
    const tick = (): void => {
      this.#households.forgetOld(this.#ports.settings.forgetMs);
      this.#forgetTimer = this.#ports.clock.after(FORGET_EVERY_MS, tick);
    };
    tick();
    this.#sleepWatch.start();
    this.#engines.start();
  }

  /** Ends all work; settles when what was to be saved is handed over. Commands that come later are refused. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#forgetTimer();
    this.#sleepWatch.stop();
    this.#engines.stop();
    this.#witnesses.stop();
    for (const { upkeep } of this.#running.values()) upkeep.stop();
    this.#ports.saveMarks(this.#marks.all);
    await this.#households.settled();
  }

  /** These are the households that the accounts have: new ones are taken in, those that are gone are cleared. */
  setHouseholds(ids: readonly { readonly id: string; readonly name: string | null }[]): void {
    const wanted = new Set(ids.map(({ id }) => id));
    for (const household of this.households) if (!wanted.has(household.id)) this.#drop(household);
    for (const { id, name } of ids) if (this.#households.adopt(id, name)) this.#start(id);
    if (this.#isFirstList) this.#households.clearDormant();
    this.#isFirstList = false;
  }

  /** Gives the subscriptions of a household back to Sonos, while there still is a token to do so. */
  async unsubscribe(id: string): Promise<void> {
    this.#running.get(id)?.upkeep.stop();
    await this.#running.get(id)?.upkeep.unsubscribe();
  }

  /** The households whose account needs a login: what is shown of them is in doubt until it has one. */
  setTroubled(ids: ReadonlySet<string>): void {
    for (const id of this.#households.setTroubled(ids)) this.#running.get(id)?.upkeep.readAll();
  }

  /** Whether an event's target is one of ours. */
  knows(household: string, kind: Exclude<TargetKind, 'account'>, target: string): boolean {
    const known = this.#households.get(household);
    if (known === undefined) return false;
    if (kind === 'session') return known.sessions.has(target);
    return kind === 'household' ? target === household : hasTarget(known.topology, kind, target);
  }

  /** Takes in an event of a known household and target whose signature was right; what came of it. */
  accept(event: SonosEvent): EventOutcome {
    const running = this.#running.get(event.household);
    if (running === undefined) return 'unknown_household';
    const key = sliceKey(event.namespace, event.target);
    const verdict = this.#marks.judge(event);
    if (verdict !== 'newer') running.upkeep.doubtSlice(key);
    if (verdict === 'duplicate' || verdict === 'late') return verdict;
    this.#ports.saveMarks(this.#marks.all);
    running.heard.set(key, this.#ports.clock.elapsed());
    this.#reads.heard(event.household, key);
    const isNews = this.#apply(event);
    running.upkeep.eventArrived();
    return isNews ? 'applied' : 'unchanged';
  }

  /** Events were dropped unread: everything is read again. */
  lostEvents(): void {
    this.#everywhere((upkeep) => upkeep.readAll());
  }

  /** A command for a room. */
  take(request: CommandRequest): void {
    this.#engines.commands.take(request);
  }

  /** A command for the bridge itself. */
  takeForBridge(request: BridgeRequest): void {
    this.#takeForBridge(request);
  }

  /** What the commands to the bridge itself do. */
  #actions(obstacle: BridgePorts['obstacle']): BridgeActions {
    return {
      refresh: async () => outcomeOf(obstacle(null) ?? this.#everywhere((upkeep) => upkeep.readAll())),
      resubscribe: async () =>
        outcomeOf(obstacle(null) ?? this.#everywhere((upkeep) => upkeep.lost(() => true))),
      forget: async (word) => outcomeOf(this.#isStopped ? stopping : await this.#households.forget(word)),
      ...this.#engines.presets.actions,
    };
  }

  /** True when the event changed what is remembered. */
  #apply(event: SonosEvent): boolean {
    const before = this.#households.get(event.household);
    const running = this.#running.get(event.household);
    if (before === undefined || running === undefined) return false;
    const { household, happenings, doubt } = reduce(before, event);
    for (const { playerId, happening } of happenings) {
      const room = household.rooms.get(playerId);
      if (room !== undefined) this.#ports.happened(household, room, happening);
    }
    if (doubt === 'topology') running.upkeep.doubtTopology();
    if (doubt === 'subscriptions') running.upkeep.groupEnded(event.target);
    if (household === before) return false;
    this.#households.replace(before, household);
    if (event.namespace === audioClip.name) {
      const { clips } = clipsOf(household, event.target);
      this.#engines.announcements.heard(household.id, event.target, clips);
    }
    if (household.topology !== before.topology) this.#regrouped(household, running);
    else if (household.sessions !== before.sessions) this.#pruned(household, running);
    else if (this.#isOvertaken(household, event)) running.upkeep.nudge();
    this.#engines.queues.changed(household);
    this.#witnesses.changed(household.id);
    return true;
  }

  /** A versionChanged is the only event that says no more than that there is something to read. */
  #isOvertaken(household: Household, { namespace }: SonosEvent): boolean {
    const row = namespaceOf(namespace);
    const slice = row?.target === 'household' ? row.slice(household.own) : null;
    return slice !== null && row?.overtaken(slice) === true;
  }

  #regrouped(household: Household, running: Running): void {
    this.#pruned(household, running);
    this.#engines.regrouped(household);
  }

  /** Targets came or went: what is kept of those that went is dropped, and subscriptions follow. */
  #pruned(household: Household, running: Running): void {
    this.#marks.prune(household);
    for (const key of running.heard.keys()) if (!hasTargetOf(household, key)) running.heard.delete(key);
    running.upkeep.nudge();
  }

  /** Takes in what a call says of a target: it is so when the call was answered. */
  #told(household: string, told: Told): void {
    this.#apply({ household, ...told, sequence: null, at: this.#ports.clock.now() });
  }

  #start(id: string): void {
    const { settings } = this.#ports;
    const heard = new Map<string, number>();
    const upkeep = new Upkeep({
      ...this.#ports,
      id,
      reads: this.#reads,
      household: () => this.#households.get(id),
      heardAt: (key) => heard.get(key),
      sessionGone: (session) => this.#told(id, sessionGone(session)),
      doubt: (isStale) => this.#households.setStale(id, isStale),
      reconcileMs: settings.reconcileMs,
      pollMs: settings.pollMs,
      requestsPerMinute: settings.readsPerMinute,
    });
    this.#running.set(id, { upkeep, heard });
    upkeep.nudge();
  }

  #drop(household: Household): void {
    this.#running.get(household.id)?.upkeep.stop();
    this.#running.delete(household.id);
    this.#marks.forget(household.id);
    this.#engines.announcements.dropped(household.id);
    this.#households.drop(household);
  }

  #everywhere(work: (upkeep: Upkeep) => void): null {
    for (const { upkeep } of this.#running.values()) work(upkeep);
    return null;
  }
}
