import { Doubts } from './doubts.ts';
import { FirstReads } from './first-reads.ts';
import { inParallel } from './in-parallel.ts';
import { global } from './namespaces/global.ts';
import type { Cancel, Random } from './ports.ts';
import { ReadBack, type ReadBackPorts, type ReadBackStatus } from './read-back.ts';
import { RefusalLog } from './refusal-log.ts';
import type { CallPriority, SendCall, SonosError } from './sonos.ts';
import { type Household, targetOfKey } from './state.ts';
import { Subscriptions } from './subscriptions.ts';
import { readable, wanted } from './wanted.ts';

/** Reads of the topology that events cause are at least so far apart. */
const TOPOLOGY_PAUSE_MS = 5_000;
const TOPOLOGY_DEBOUNCE_MS = 1_000;
const RETRY_READ_MS = 10_000;
const NUDGE_MS = 50;

/** How one household is kept true. */
export interface UpkeepStatus extends ReadBackStatus {
  readonly wanted: number;
  readonly held: number;
  readonly oldestAgeMs: number | null;
}

/** A subscription that Sonos should hold, and how fresh it is; ages in milliseconds. */
export interface SubscriptionStatus {
  readonly namespace: string;
  /** Household, group or player id. */
  readonly target: string;
  /** Since Sonos took it or renewed it; null while it did not. */
  readonly ageMs: number | null;
  /** Since the last event of it; null when none came. */
  readonly silentMs: number | null;
}

/** What the upkeep of a household needs. */
export interface UpkeepPorts extends Omit<ReadBackPorts, 'missed'> {
  readonly random: Random;
  readonly send: SendCall;
  /** Sonos no longer has a playback session of ours. */
  readonly sessionGone: (id: string) => void;
}

/**
 * Keeps one household true: moves the subscriptions that Sonos holds, and the snapshots that we have, towards what
 * the state wants; reads back what events may have missed. Works from its own timer, never from inside an event.
 * All times are `Clock.elapsed`.
 */
export class Upkeep {
  readonly #ports: UpkeepPorts;
  readonly #subscriptions: Subscriptions;
  readonly #readBack: ReadBack;
  readonly #firstReads: FirstReads;
  readonly #doubts: Doubts;
  readonly #refusals: RefusalLog;
  #wake: Cancel = () => {};
  #wakesAt = Number.POSITIVE_INFINITY;
  #isRunning = false;
  #isStopped = false;
  #topologyDue = 0;
  #topologyReadAt = Number.NEGATIVE_INFINITY;
  /** Groups that Sonos called gone or moved, until the topology has been read. */
  readonly #ended = new Set<string>();

  constructor(ports: UpkeepPorts) {
    this.#ports = ports;
    const { clock, random, send, id } = ports;
    this.#subscriptions = new Subscriptions({ household: id, clock, random, send });
    const subscriptions = this.#subscriptions;
    this.#readBack = new ReadBack({ ...ports, missed: () => this.lost(() => true) });
    this.#firstReads = new FirstReads({ ...ports, subscriptions, isSilent: () => this.#isSilent });
    this.#doubts = new Doubts(ports);
    this.#refusals = new RefusalLog({ ...ports, subscriptions });
  }

  get status(): UpkeepStatus {
    const { wanted: count, held, oldest } = this.#subscriptions.count();
    const oldestAgeMs = oldest === null ? null : this.#ports.clock.elapsed() - oldest;
    return { wanted: count, held, oldestAgeMs, ...this.#readBack.status };
  }

  /** Every subscription that Sonos should hold. */
  get subscriptions(): readonly SubscriptionStatus[] {
    const now = this.#ports.clock.elapsed();
    const age = (at: number | null | undefined): number | null => (at == null ? null : now - at);
    return this.#subscriptions.all.map(([key, since]) => ({
      namespace: key.slice(0, key.indexOf(' ')),
      target: targetOfKey(key),
      ageMs: age(since),
      silentMs: age(this.#ports.heardAt(key)),
    }));
  }

  get #isSilent(): boolean {
    return this.#readBack.status.isSilent;
  }

  /** Begins, or looks soon whether there is something to do. */
  nudge(): void {
    this.#sleepUntil(this.#ports.clock.elapsed() + NUDGE_MS);
  }

  stop(): void {
    this.#isStopped = true;
    this.#wake();
    this.#readBack.stop();
  }

  /** A verified event has come. */
  eventArrived(): void {
    this.#readBack.eventArrived();
    this.#sleepUntil(this.#readBack.dueAt);
  }

  /** Who plays with whom may have changed: it is read soon, but not more often than every five seconds. */
  doubtTopology(): void {
    const soon = this.#ports.clock.elapsed() + TOPOLOGY_DEBOUNCE_MS;
    this.#topologyDue = Math.min(this.#topologyDue, Math.max(soon, this.#topologyReadAt + TOPOLOGY_PAUSE_MS));
    this.#sleepUntil(this.#topologyDue);
  }

  /** A group is gone, or has another coordinator, and lost its subscriptions: which of both, the topology tells. */
  groupEnded(id: string): void {
    this.#ended.add(id);
    this.doubtTopology();
  }

  /** An event about the slice was late, or came twice: it is read soon, but not more often than every minute. */
  doubtSlice(key: string): void {
    if (!this.#doubts.notNews(key)) return;
    // There is nothing to read of a group's fate but the topology.
    if (key.startsWith(`${global.name} `)) this.groupEnded(targetOfKey(key));
    this.nudge();
  }

  /** There is a sign that Sonos no longer holds these subscriptions. */
  lost(isLost: (key: string) => boolean): void {
    this.#subscriptions.lost(isLost);
    this.nudge();
  }

  /** Reads the topology now; what went wrong, or null. */
  async readTopology(priority: CallPriority = 'command'): Promise<SonosError | null> {
    const household = this.#ports.household();
    const read = household && readable(household).find((each) => each.namespace === 'groups');
    this.#topologyDue = Number.POSITIVE_INFINITY;
    this.#topologyReadAt = this.#ports.clock.elapsed();
    const outcome = read && (await this.#ports.reads.read(this.#ports.id, read, priority));
    if (outcome === undefined || outcome.ok) {
      this.lost((key) => this.#ended.has(this.#groupOf(targetOfKey(key))));
      this.#ended.clear();
      return null;
    }
    this.#topologyDue = Math.min(this.#topologyDue, this.#ports.clock.elapsed() + RETRY_READ_MS);
    this.#sleepUntil(this.#topologyDue);
    return outcome.error;
  }

  /** Everything is read again, and what Sonos refused is asked for again, soon. */
  readAll(): void {
    this.#readBack.soon();
    this.#firstReads.tryAgain();
    this.#subscriptions.tryAgain();
    this.nudge();
  }

  /** The machine slept: events were missed, and subscriptions may have lapsed. */
  slept(): void {
    this.#topologyDue = 0;
    this.#readBack.soon();
    this.lost(() => true);
  }

  unsubscribe(): Promise<void> {
    return this.#subscriptions.unsubscribe();
  }

  #sleepUntil(at: number): void {
    if (this.#isStopped || at >= this.#wakesAt) return;
    this.#wake();
    this.#wakesAt = at;
    const wait = Math.max(0, at - this.#ports.clock.elapsed());
    this.#wake = this.#ports.clock.after(wait, () => {
      this.#wakesAt = Number.POSITIVE_INFINITY;
      // A round that throws is a bug: its rejection ends the process.
      void this.#round();
    });
  }

  async #round(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    await this.#work();
    this.#isRunning = false;
    this.#sleepUntil(this.#nextDue());
  }

  async #work(): Promise<void> {
    const { clock, household } = this.#ports;
    if (this.#topologyDue <= clock.elapsed()) await this.readTopology('housekeeping');
    const now = household();
    if (now === undefined || now.topology === null || this.#isStopped) return;
    this.#subscriptions.want(wanted(now).subscriptions);
    this.#doubts.look(this.#isSilent);
    await this.#readDoubted(now);
    await inParallel(this.#firstReads.due(now, clock.elapsed()), async (read) => {
      const error = await this.#firstReads.read(now.id, read);
      if (error?.kind === 'group_gone') this.doubtTopology();
    });
    await inParallel(this.#subscriptions.due(), (key) => this.#subscribe(key));
    this.#refusals.look();
    if (!this.#isStopped) await this.#readBack.work(this.#subscriptions.count().held);
  }

  async #readDoubted(household: Household): Promise<void> {
    const lacking = new Set(wanted(household).snapshots.map(({ key }) => key));
    const doubted = this.#doubts.take();
    const reads = readable(household).filter(({ key }) => doubted.has(key) && !lacking.has(key));
    await inParallel(reads, async (read) => {
      await this.#ports.reads.read(household.id, read, 'housekeeping');
    });
  }

  async #subscribe(key: string): Promise<void> {
    const since = this.#ports.clock.elapsed();
    const error = await this.#subscriptions.ask(key);
    if (error === null) this.#doubts.subscribed(key, since);
    else if (error.kind === 'group_gone') this.#gone(targetOfKey(key));
    else this.#refusals.refused(key, error);
  }

  /** A session can end alone; it is none of the groups' business. */
  #gone(target: string): void {
    if (this.#ports.household()?.sessions.has(target)) this.#ports.sessionGone(target);
    else this.doubtTopology();
  }

  /** The group of a session; any other target is its own. */
  #groupOf(target: string): string {
    return this.#ports.household()?.sessions.get(target)?.group ?? target;
  }

  #nextDue(): number {
    const now = this.#ports.clock.elapsed();
    return Math.max(this.#due(), now + NUDGE_MS);
  }

  #due(): number {
    const household = this.#ports.household();
    // Without a topology there is nothing else to do yet.
    if (household === undefined || household.topology === null) return this.#topologyDue;
    return Math.min(
      this.#topologyDue,
      this.#subscriptions.nextDue(),
      this.#readBack.dueAt,
      this.#doubts.dueAt,
      this.#firstReads.dueAt(household),
    );
  }
}
