import type { Clock } from './ports.ts';

/** Events follow a subscription at once; what did not come by then is read (docs.sonos.com, "Subscribe"). */
export const SNAPSHOT_WAIT_MS = 2_500;
/** A slice is read because of an event that was not news at most so often. */
const DOUBT_PAUSE_MS = 60_000;

/** What the doubts are reckoned with. Times are `Clock.elapsed`. */
interface Options {
  readonly clock: Clock;
  /** When the last event about a slice came. */
  readonly heardAt: (key: string) => number | undefined;
}

/** The slices of one household that are to be read because of the events about them: one was not news, or none came. */
export class Doubts {
  readonly #options: Options;
  readonly #doubted = new Set<string>();
  /** From when on each may be read for an event that was not news again. */
  readonly #again = new Map<string, number>();
  /** Subscriptions that Sonos took, and when: the state should follow. */
  readonly #awaited = new Map<string, number>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** An event about the slice was late, or came twice; false when it was doubted for that a moment ago. */
  notNews(key: string): boolean {
    const now = this.#options.clock.elapsed();
    for (const [each, at] of this.#again) if (at <= now) this.#again.delete(each);
    if (this.#again.has(key)) return false;
    this.#again.set(key, now + DOUBT_PAUSE_MS);
    this.#doubted.add(key);
    return true;
  }

  /** Sonos took the subscription that was asked for then. */
  subscribed(key: string, since: number): void {
    this.#awaited.set(key, since);
  }

  /** Looks what should have been told by now: between the loss of a subscription and its return something may have changed. */
  look(isSilent: boolean): void {
    const { clock, heardAt } = this.#options;
    for (const [key, since] of this.#awaited) {
      const isTold = (heardAt(key) ?? Number.NEGATIVE_INFINITY) >= since;
      const isLate = since + SNAPSHOT_WAIT_MS <= clock.elapsed();
      if (isTold || isLate) this.#awaited.delete(key);
      // While no events arrive, everything is read anyway.
      if (isLate && !isTold && !isSilent) this.#doubted.add(key);
    }
  }

  /** What is to be read now; it counts as read. */
  take(): ReadonlySet<string> {
    const doubted = new Set(this.#doubted);
    this.#doubted.clear();
    return doubted;
  }

  /** When there is something to read, or to look at. */
  get dueAt(): number {
    return this.#doubted.size > 0 ? 0 : Math.min(...this.#awaited.values()) + SNAPSHOT_WAIT_MS;
  }
}
