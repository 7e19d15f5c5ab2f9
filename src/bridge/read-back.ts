import { inParallel } from './in-parallel.ts';
import type { Cancel, Clock, Log } from './ports.ts';
import type { Reads } from './reads.ts';
import type { Household } from './state.ts';
import { readable, type WantedSnapshot, wanted } from './wanted.ts';

/** How long an event may come after a read that saw the same, before it counts as missed. */
const LATE_EVENT_MS = 3_000;
/** How long the first event is waited for before a person is told. */
const PATIENCE_MS = 60_000;
/** How soon a read-back is tried again that did not go through. */
const RETRY_MS = 60_000;
/** Lists, and what Sonos tells no events of, change seldom: they are read back at this pace even while everything else is polled. */
const SELDOM_EVERY_MS = 600_000;

/** What the read-back found so far. */
export interface ReadBackStatus {
  /** How often it found something that no event had told. */
  readonly corrections: number;
  /** Wall time at which everything was last read; null when it never was. */
  readonly lastReadBackAt: number | null;
  /** True while no events arrive, so that everything is read every few seconds. */
  readonly isSilent: boolean;
}

/** What the read-back needs. */
export interface ReadBackPorts {
  readonly id: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly reads: Reads;
  readonly household: () => Household | undefined;
  /** `Clock.elapsed` of the last event about a slice. */
  readonly heardAt: (key: string) => number | undefined;
  /** There is reason to doubt what is shown, or no longer. */
  readonly doubt: (isStale: boolean) => void;
  /** An event was missed, so that others may be, too. */
  readonly missed: () => void;
  /** How often everything is read while events arrive. */
  readonly reconcileMs: number;
  /** How often while none do; 0 reads no more often than otherwise. */
  readonly pollMs: number;
  /** Requests a minute that reading may use at most. */
  readonly requestsPerMinute: number;
}

const lackingIn = (household: Household): ReadonlySet<string> =>
  new Set(wanted(household).snapshots.map(({ key }) => key));

/** Reads the truth now and then, and often while no events arrive; finds what events missed. */
export class ReadBack {
  readonly #ports: ReadBackPorts;
  readonly #timers = new Set<Cancel>();
  readonly #startedAt: number;
  #dueAt: number;
  #lastAt: number | null = null;
  #seldomReadAt: number;
  #corrections = 0;
  #isSilent = true;
  /** Somebody wants everything read, so that no other reason may put it off. */
  #isAsked = false;
  #wasTold = false;

  constructor(ports: ReadBackPorts) {
    this.#ports = ports;
    this.#startedAt = ports.clock.elapsed();
    this.#seldomReadAt = this.#startedAt;
    // At the start everything lacks and is read anyway.
    this.#dueAt = this.#startedAt + (ports.pollMs || ports.reconcileMs);
  }

  /** `Clock.elapsed` of the next read-back. */
  get dueAt(): number {
    return this.#dueAt;
  }

  get status(): ReadBackStatus {
    return { corrections: this.#corrections, lastReadBackAt: this.#lastAt, isSilent: this.#isSilent };
  }

  stop(): void {
    for (const cancel of this.#timers) cancel();
  }

  soon(): void {
    this.#isAsked = true;
    this.#dueAt = 0;
    this.#seldomReadAt = Number.NEGATIVE_INFINITY;
  }

  eventArrived(): void {
    if (!this.#isSilent) return;
    this.#isSilent = false;
    if (this.#wasTold) this.#ports.log.info('Events from Sonos arrive.', { household: this.#ports.id });
    this.#wasTold = false;
    if (this.#isAsked) return;
    // After a loss everything is looked at once more; at the start it was just read.
    this.#dueAt =
      this.#ports.clock.elapsed() + (this.#corrections > 0 ? LATE_EVENT_MS : this.#ports.reconcileMs);
  }

  /** Reads everything back when it is time to. */
  async work(held: number): Promise<void> {
    const { clock, household } = this.#ports;
    if (this.#isSilent && held > 0 && clock.elapsed() - this.#startedAt > PATIENCE_MS) this.#tellOfSilence();
    const now = household();
    if (this.#dueAt > clock.elapsed() || now === undefined) return;
    this.#isAsked = false;
    const reads = this.#readsOf(now);
    const isWhole = await this.#readAll(now, reads);
    if (isWhole) this.#lastAt = clock.now();
    const pause = this.#pauseAfter(reads.length);
    // Whoever asked while this was under way wants what is true after it.
    this.#dueAt = this.#isAsked ? 0 : clock.elapsed() + (isWhole ? pause : Math.min(pause, RETRY_MS));
  }

  #readsOf(household: Household): WantedSnapshot[] {
    const { clock } = this.#ports;
    const all = readable(household);
    if (clock.elapsed() - this.#seldomReadAt < SELDOM_EVERY_MS && this.#isSilent) {
      return all.filter(
        (read) => read.isTold && (read.target !== household.id || read.namespace === 'groups'),
      );
    }
    this.#seldomReadAt = clock.elapsed();
    // A player may have none of what it never told: that is asked for less and less often (see `FirstReads`).
    const lacking = lackingIn(household);
    return all.filter((read) => read.isTold || !lacking.has(read.key));
  }

  #pauseAfter(reads: number): number {
    const { pollMs, reconcileMs, requestsPerMinute } = this.#ports;
    if (!this.#isSilent || pollMs === 0) return reconcileMs;
    return Math.max(pollMs, (reads / requestsPerMinute) * 60_000);
  }

  /** True when every read went well. */
  async #readAll(household: Household, reads: readonly WantedSnapshot[]): Promise<boolean> {
    const { clock, reads: door } = this.#ports;
    const wasSilent = this.#isSilent;
    // What was known to be lacking is no surprise.
    const lacking = lackingIn(household);
    let failures = 0;
    const suspects: WantedSnapshot[] = [];
    const since = clock.elapsed();
    await inParallel(reads, async (read) => {
      const outcome = await door.read(household.id, read, 'housekeeping');
      // A change that no event tells of is no event missed, and a player that does not tell it makes nothing else doubtful.
      if (!read.isTold) return;
      if (!outcome.ok) failures += outcome.error.kind === 'group_gone' ? 0 : 1;
      else if (outcome.value === 'changed' && !wasSilent && !lacking.has(read.key)) suspects.push(read);
    });
    if (suspects.length > 0) this.#later(() => this.#judge(suspects, since, failures === 0));
    if (failures > 0) this.#ports.doubt(true);
    else if (suspects.length === 0) this.#ports.doubt(false);
    return failures === 0;
  }

  #later(work: () => void): void {
    const cancel = this.#ports.clock.after(LATE_EVENT_MS, () => {
      this.#timers.delete(cancel);
      work();
    });
    this.#timers.add(cancel);
  }

  /** What changed by a read and was not told by an event soon after was missed. */
  #judge(suspects: readonly WantedSnapshot[], since: number, isWhole: boolean): void {
    const { heardAt, log, id, missed, doubt } = this.#ports;
    const lost = suspects.filter(({ key }) => (heardAt(key) ?? Number.NEGATIVE_INFINITY) < since);
    if (lost.length === 0) {
      if (isWhole) doubt(false);
      return;
    }
    this.#corrections += lost.length;
    this.#isSilent = true;
    this.#dueAt = Math.min(this.#dueAt, this.#ports.clock.elapsed() + this.#pauseAfter(suspects.length));
    if (!this.#wasTold) {
      log.warn(
        'Sonos did not tell of a change; it was found by reading. Reading goes on until events arrive again.',
        {
          household: id,
          namespaces: [...new Set(lost.map((read) => read.namespace))],
        },
      );
    }
    this.#wasTold = true;
    doubt(true);
    missed();
  }

  #tellOfSilence(): void {
    if (this.#wasTold) return;
    this.#wasTold = true;
    this.#ports.log.warn(
      'No event from Sonos has arrived yet; the state is found out by reading instead. ' +
        'Check that the Event Callback URL of the integration leads to the public listener.',
      { household: this.#ports.id },
    );
  }
}
