import type { Cancel, Clock } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { CallPriority } from '../bridge/sonos.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;
/** The part of the minute that housekeeping leaves to people. */
const RESERVE = 0.2;
/** After so long housekeeping goes ahead of people, so that a flow run wild cannot make subscriptions lapse … */
const OVERDUE_MS = 10_000;
/** … but only with this part of the minute. */
const TRICKLE = 0.02;

/** Why a request may not go out. `too_long`: not within the caller's patience. */
export interface BudgetRefusal {
  readonly kind: 'too_long' | 'queue_full' | 'closed';
  /** How long all requests are paused from now on, when they are; null otherwise. */
  readonly pausedMs: number | null;
}

/** Our own ceiling on requests, below the quota that all accounts of one API key share (Sonos, "Quotas and spike arrests"). */
export interface Budget {
  /** Waits for its turn, at most so many milliseconds; each success stands for one request, sent at once. */
  take(priority: CallPriority, maxWaitMs: number): Promise<Result<void, BudgetRefusal>>;
  /** Lets nothing out for so many milliseconds (`Retry-After`); a longer pause in force stays. */
  pause(milliseconds: number): void;
  /** Requests of the last 60 seconds. */
  usedLastMinute(): number;
  /** Callers that wait for their turn. */
  waiting(): number;
  /** Refuses everybody, now and later. */
  close(): void;
}

/** What a budget is made of: at most `perMinute` in any 60 s and `perSecond` in any 1 s; `maxWaiting` per priority. */
export interface BudgetOptions {
  readonly clock: Clock;
  readonly perMinute: number;
  readonly perSecond: number;
  readonly maxWaiting?: number;
}

interface Waiter {
  readonly since: number;
  readonly deadline: number;
  readonly settle: (outcome: Result<void, BudgetRefusal>) => void;
}

interface Lane {
  readonly queue: Waiter[];
  /** The moment from which this lane's first caller may go, as far as is known now. */
  readonly readyAt: () => number;
}

/**
 * A budget with sliding windows. Turns go by priority (announcement, command, housekeeping), first come first served
 * within one. Housekeeping stays out of the last fifth of the minute, save for a trickle once it is overdue.
 */
export function createBudget(options: BudgetOptions): Budget {
  return new SlidingBudget(options);
}

class SlidingBudget implements Budget {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #perSecond: number;
  readonly #maxWaiting: number;
  readonly #queues: Record<CallPriority, Waiter[]> = { announcement: [], command: [], housekeeping: [] };
  readonly #all = createHistory();
  readonly #upkeep = createHistory();
  readonly #lanes: readonly Lane[];
  #pausedUntil = 0;
  #closed = false;
  #cancel: Cancel = () => {};

  constructor({ clock, perMinute, perSecond, maxWaiting = 500 }: BudgetOptions) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#perSecond = perSecond;
    this.#maxWaiting = maxWaiting;
    const upkeepLimit = Math.max(1, Math.floor(perMinute * (1 - RESERVE)));
    const { announcement, command, housekeeping } = this.#queues;
    this.#lanes = [
      { queue: housekeeping, readyAt: () => this.#overdueAt() },
      { queue: announcement, readyAt: () => this.#roomAt(perMinute) },
      { queue: command, readyAt: () => this.#roomAt(perMinute) },
      { queue: housekeeping, readyAt: () => this.#roomAt(upkeepLimit) },
    ];
  }

  take(priority: CallPriority, maxWaitMs: number): Promise<Result<void, BudgetRefusal>> {
    if (this.#closed) return Promise.resolve(this.#refusal('closed'));
    const queue = this.#queues[priority];
    if (queue.length >= this.#maxWaiting) return Promise.resolve(this.#refusal('queue_full'));
    const now = this.#clock.elapsed();
    return new Promise((settle) => {
      queue.push({ since: now, deadline: now + maxWaitMs, settle });
      this.#advance();
    });
  }

  pause(milliseconds: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.elapsed() + milliseconds);
    this.#advance();
  }

  usedLastMinute(): number {
    this.#all.forget(this.#clock.elapsed() - MINUTE_MS);
    return this.#all.size();
  }

  waiting(): number {
    return Object.values(this.#queues).reduce((sum, queue) => sum + queue.length, 0);
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
    for (const queue of Object.values(this.#queues)) {
      for (const waiter of queue.splice(0)) waiter.settle(this.#refusal('closed'));
    }
  }

  #roomAt(perMinute: number): number {
    const room = Math.max(
      this.#all.freeAt(this.#perSecond, SECOND_MS),
      this.#all.freeAt(perMinute, MINUTE_MS),
    );
    return Math.max(this.#pausedUntil, room);
  }

  #overdueAt(): number {
    const since = this.#queues.housekeeping[0]?.since ?? Number.POSITIVE_INFINITY;
    const share = Math.max(1, Math.floor(this.#perMinute * TRICKLE));
    return Math.max(since + OVERDUE_MS, this.#roomAt(this.#perMinute), this.#upkeep.freeAt(share, MINUTE_MS));
  }

  /** Serves whoever may go now, then sleeps until something can change. */
  #advance(): void {
    this.#cancel();
    const now = this.#clock.elapsed();
    this.#all.forget(now - MINUTE_MS);
    this.#upkeep.forget(now - MINUTE_MS);
    for (;;) {
      const lane = this.#lanes.find(({ queue, readyAt }) => queue.length > 0 && readyAt() <= now);
      const waiter = lane?.queue.shift();
      if (waiter === undefined) break;
      this.#all.add(now);
      if (lane?.queue === this.#queues.housekeeping) this.#upkeep.add(now);
      waiter.settle(ok(undefined));
    }
    this.#giveUp(now);
    const busy = this.#lanes.filter(({ queue }) => queue.length > 0);
    if (busy.length === 0) return;
    const moments = busy.flatMap(({ queue, readyAt }) => [readyAt(), ...queue.map((one) => one.deadline)]);
    this.#cancel = this.#clock.after(Math.min(...moments) - now, () => this.#advance());
  }

  /** Refuses those who cannot be served in time. */
  #giveUp(now: number): void {
    for (const queue of Object.values(this.#queues)) {
      const late = queue.filter((one) => one.deadline <= now || one.deadline < this.#pausedUntil);
      for (const waiter of late) {
        queue.splice(queue.indexOf(waiter), 1);
        waiter.settle(this.#refusal('too_long'));
      }
    }
  }

  #refusal(kind: BudgetRefusal['kind']): Result<void, BudgetRefusal> {
    const left = this.#pausedUntil - this.#clock.elapsed();
    return err({ kind, pausedMs: left > 0 ? left : null });
  }
}

/** The moments of past requests, oldest first. */
function createHistory() {
  const moments: number[] = [];
  return {
    size: () => moments.length,
    add: (moment: number) => moments.push(moment),
    /** When one more than `limit - 1` requests within `span` becomes possible. */
    freeAt: (limit: number, span: number) => (moments.at(-limit) ?? Number.NEGATIVE_INFINITY) + span,
    forget(until: number) {
      while ((moments[0] ?? Number.POSITIVE_INFINITY) <= until) moments.shift();
    },
  };
}
