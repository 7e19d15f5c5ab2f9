import { inParallel } from './in-parallel.ts';
import { global } from './namespaces/global.ts';
import type { Cancel, Fields, Random } from './ports.ts';
import { ReadBack, type ReadBackPorts, type ReadBackStatus } from './read-back.ts';
import type { CallPriority, SendCall, SonosError } from './sonos.ts';
import { type Household, targetOfKey } from './state.ts';
import { Subscriptions } from './subscriptions.ts';
import { readable, type WantedSnapshot, wanted } from './wanted.ts';

/** Events follow a subscription at once; what did not come by then is read (docs.sonos.com, "Subscribe"). */
const SNAPSHOT_WAIT_MS = 2_500;
/** Reads of the topology that events cause are at least so far apart. */
const TOPOLOGY_PAUSE_MS = 5_000;
const TOPOLOGY_DEBOUNCE_MS = 1_000;
const RETRY_READ_MS = 10_000;
const LONGEST_RETRY_MS = 300_000;
/** An event that overtakes a read may say no more than that there is something to read. */
const OVERTAKEN_MS = 1_000;
/** A slice is read because of an event that was not news at most so often. */
const DOUBT_PAUSE_MS = 60_000;
const NUDGE_MS = 50;
/** A person is told at most so often that subscriptions are refused. */
const TELL_EVERY_MS = 1_800_000;

/** How one household is kept true. */
export interface UpkeepStatus extends ReadBackStatus {
  readonly wanted: number;
  readonly held: number;
  readonly oldestAgeMs: number | null;
}

/** What the upkeep of a household needs. */
export interface UpkeepPorts extends Omit<ReadBackPorts, 'missed'> {
  readonly random: Random;
  readonly send: SendCall;
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
  #wake: Cancel = () => {};
  #wakesAt = Number.POSITIVE_INFINITY;
  #isRunning = false;
  #isStopped = false;
  /** When a person was told that subscriptions are refused; null while they are not. */
  #refusedAt: number | null = null;
  #topologyDue = 0;
  #topologyReadAt = Number.NEGATIVE_INFINITY;
  /** Reads of what lacks that did not bring it: when they may be tried again. */
  readonly #notBefore = new Map<string, { readonly at: number; readonly failures: number }>();
  /** Groups that Sonos called gone or moved, until the topology has been read. */
  readonly #ended = new Set<string>();
  /** Subscriptions that Sonos just took: what they are about is read when no event has told it by then. */
  readonly #awaited = new Map<string, number>();
  /** Slices that are to be read because an event about them was not news, or because the one that should come did not. */
  readonly #doubted = new Set<string>();
  /** From when on each may be read for such a reason again. */
  readonly #doubtAgain = new Map<string, number>();

  constructor(ports: UpkeepPorts) {
    this.#ports = ports;
    const { clock, random, send, id } = ports;
    this.#subscriptions = new Subscriptions({ household: id, clock, random, send });
    this.#readBack = new ReadBack({ ...ports, missed: () => this.lost(() => true) });
  }

  get status(): UpkeepStatus {
    const { wanted: count, held, oldest } = this.#subscriptions.count();
    const oldestAgeMs = oldest === null ? null : this.#ports.clock.elapsed() - oldest;
    return { wanted: count, held, oldestAgeMs, ...this.#readBack.status };
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
    const now = this.#ports.clock.elapsed();
    for (const [each, at] of this.#doubtAgain) if (at <= now) this.#doubtAgain.delete(each);
    if (this.#doubtAgain.has(key)) return;
    this.#doubtAgain.set(key, now + DOUBT_PAUSE_MS);
    this.#doubted.add(key);
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
      this.lost((key) => this.#ended.has(targetOfKey(key)));
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
    this.#doubtUntold();
    await this.#readDoubted(now);
    await inParallel(this.#lacking(now, clock.elapsed()), (read) => this.#readLacking(now.id, read));
    await inParallel(this.#subscriptions.due(), (key) => this.#subscribe(key));
    this.#tellOfReturn();
    if (!this.#isStopped) await this.#readBack.work(this.#subscriptions.count().held);
  }

  /** When a snapshot that lacks is read: at once while no events arrive, else when none came after subscribing. */
  #readAt(key: string): number {
    const since = this.#subscriptions.heldSince(key);
    const isAwaited = since !== null && (this.#ports.heardAt(key) ?? Number.NEGATIVE_INFINITY) < since;
    const patience = isAwaited && !this.#readBack.status.isSilent ? since + SNAPSHOT_WAIT_MS : 0;
    return Math.max(patience, this.#notBefore.get(key)?.at ?? 0);
  }

  #lacking(household: Household, until: number): WantedSnapshot[] {
    const lacking = wanted(household).snapshots;
    const keys = new Set(lacking.map((read) => read.key));
    for (const key of this.#notBefore.keys()) if (!keys.has(key)) this.#notBefore.delete(key);
    // What is about to be subscribed comes by itself, unless that fails.
    const comes = new Set(this.#readBack.status.isSilent ? [] : this.#subscriptions.neverAsked());
    return lacking.filter((read) => !comes.has(read.key) && this.#readAt(read.key) <= until);
  }

  async #readLacking(household: string, read: WantedSnapshot): Promise<void> {
    const { clock, reads } = this.#ports;
    const outcome = await reads.read(household, read, 'housekeeping');
    const failures = (this.#notBefore.get(read.key)?.failures ?? 0) + (outcome.ok ? 0 : 1);
    const isOvertaken = outcome.ok && outcome.value === 'overtaken';
    const backOff = Math.min(LONGEST_RETRY_MS, RETRY_READ_MS * 2 ** Math.max(0, failures - 1));
    const pause = isOvertaken ? OVERTAKEN_MS : backOff;
    this.#notBefore.set(read.key, { at: clock.elapsed() + pause, failures });
    if (!outcome.ok && outcome.error.kind === 'group_gone') this.doubtTopology();
  }

  /** Between the loss of a subscription and its return something may have changed. */
  #doubtUntold(): void {
    for (const [key, since] of this.#awaited) {
      const isTold = (this.#ports.heardAt(key) ?? Number.NEGATIVE_INFINITY) >= since;
      const isLate = since + SNAPSHOT_WAIT_MS <= this.#ports.clock.elapsed();
      if (isTold || isLate) this.#awaited.delete(key);
      // While no events arrive, everything is read anyway.
      if (isLate && !isTold && !this.#readBack.status.isSilent) this.#doubted.add(key);
    }
  }

  async #readDoubted(household: Household): Promise<void> {
    const lacking = new Set(wanted(household).snapshots.map(({ key }) => key));
    const reads = readable(household).filter(({ key }) => this.#doubted.has(key) && !lacking.has(key));
    this.#doubted.clear();
    await inParallel(reads, async (read) => {
      await this.#ports.reads.read(household.id, read, 'housekeeping');
    });
  }

  async #subscribe(key: string): Promise<void> {
    const since = this.#ports.clock.elapsed();
    const error = await this.#subscriptions.ask(key);
    if (error === null) {
      this.#awaited.set(key, since);
      return;
    }
    if (error.kind === 'group_gone') this.doubtTopology();
    else this.#tellOfRefusal(key, error);
  }

  /** One line stands for all of them: what hinders one subscription mostly hinders the others. */
  #tellOfRefusal(key: string, error: SonosError): void {
    if (this.#refusedAt !== null) return;
    this.#refusedAt = this.#ports.clock.elapsed();
    this.#ports.log.warn('Sonos did not take a subscription; it is tried again later.', told(key, error));
  }

  /** One that fails now and then is not worth two lines each time. */
  #tellOfReturn(): void {
    const { wanted: count, held } = this.#subscriptions.count();
    if (this.#refusedAt === null || this.#subscriptions.failing || held < count) return;
    if (this.#ports.clock.elapsed() - this.#refusedAt < TELL_EVERY_MS) return;
    this.#refusedAt = null;
    this.#ports.log.info('Sonos takes all subscriptions again.', { household: this.#ports.id });
  }

  #nextDue(): number {
    const now = this.#ports.clock.elapsed();
    return Math.max(this.#due(), now + NUDGE_MS);
  }

  #due(): number {
    const household = this.#ports.household();
    // Without a topology there is nothing else to do yet.
    if (household === undefined || household.topology === null) return this.#topologyDue;
    const reads = this.#lacking(household, Number.POSITIVE_INFINITY).map((read) => this.#readAt(read.key));
    const doubted = this.#doubted.size > 0 ? 0 : Number.POSITIVE_INFINITY;
    const untold = Math.min(...this.#awaited.values()) + SNAPSHOT_WAIT_MS;
    const own = [this.#topologyDue, this.#subscriptions.nextDue(), this.#readBack.dueAt, doubted, untold];
    return Math.min(...own, ...reads);
  }
}

const told = (key: string, error: SonosError): Fields => ({
  namespace: key.slice(0, key.indexOf(' ')),
  target: targetOfKey(key),
  kind: error.kind,
  status: error.status,
  errorCode: error.errorCode,
  ...(error.kind === 'forbidden'
    ? { advice: 'Is the Event Callback URL registered on the developer portal?' }
    : {}),
});
