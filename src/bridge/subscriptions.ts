import type { Clock, Random } from './ports.ts';
import type { SendCall, SonosError } from './sonos.ts';
import type { WantedSubscription } from './wanted.ts';

/** Sonos ends a subscription after three days (docs.sonos.com, "Subscribe"); a day leaves two spare tries. */
const RENEW_MS = 24 * 3_600_000;
const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;

interface Held {
  readonly path: string;
  /** `Clock.elapsed` of the last time that Sonos took it; null while it never did. */
  since: number | null;
  /** `Clock.elapsed` from which it is asked for, again or for the first time. */
  due: number;
  failures: number;
}

interface Options {
  readonly household: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly send: SendCall;
}

/** The subscriptions of one household that Sonos holds for us, and when each is due. Times are `Clock.elapsed`. */
export class Subscriptions {
  readonly #options: Options;
  readonly #held = new Map<string, Held>();

  constructor(options: Options) {
    this.#options = options;
  }

  /** Keeps the table to what is wanted: new ones are due at once, what is gone needs no goodbye. */
  want(subscriptions: readonly WantedSubscription[]): void {
    const wanted = new Set(subscriptions.map(({ key }) => key));
    for (const key of this.#held.keys()) if (!wanted.has(key)) this.#held.delete(key);
    for (const { key, path } of subscriptions) {
      if (!this.#held.has(key)) this.#held.set(key, { path, since: null, due: 0, failures: 0 });
    }
  }

  /** Those that are to be asked for now. */
  due(): string[] {
    const now = this.#options.clock.elapsed();
    return [...this.#held].flatMap(([key, held]) => (held.due <= now ? [key] : []));
  }

  /** When the next one is due; infinite when there is none. */
  nextDue(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#held.values()].map((held) => held.due));
  }

  /** Those that were never asked for, so that their first state is still to come. */
  neverAsked(): string[] {
    return [...this.#held].flatMap(([key, held]) =>
      held.since === null && held.failures === 0 ? [key] : [],
    );
  }

  /** When Sonos last took it; null while it did not. */
  heldSince(key: string): number | null {
    return this.#held.get(key)?.since ?? null;
  }

  /** Asks Sonos for one, for the first time or again; what went wrong, or null. */
  async ask(key: string): Promise<SonosError | null> {
    const held = this.#held.get(key);
    if (held === undefined) return null;
    const { clock, random, send, household } = this.#options;
    const call = {
      method: 'POST',
      path: held.path,
      household,
      priority: 'housekeeping',
      repeatable: true,
    } as const;
    const answer = await send(call);
    if (answer.ok) {
      held.since = clock.elapsed();
      held.failures = 0;
      // Spread out, so that a day later they do not all come at once.
      held.due = held.since + RENEW_MS * (0.8 + 0.2 * random.fraction());
      return null;
    }
    const wait = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** held.failures);
    held.failures += 1;
    held.due =
      clock.elapsed() + Math.max(wait * (0.75 + 0.5 * random.fraction()), answer.error.retryAfterMs ?? 0);
    return answer.error;
  }

  /** There is a sign that Sonos no longer holds these: they are asked for again. */
  lost(isLost: (key: string) => boolean): void {
    for (const [key, held] of this.#held) if (isLost(key)) held.due = 0;
  }

  /** What failed may work again: it is asked for now, without waiting out its pause. */
  tryAgain(): void {
    for (const held of this.#held.values()) if (held.failures > 0) held.due = 0;
  }

  /** Whether Sonos refused one when it was last asked. */
  get failing(): boolean {
    return [...this.#held.values()].some((held) => held.failures > 0);
  }

  /** Gives all back to Sonos, as far as it listens. */
  async unsubscribe(): Promise<void> {
    const { send, household } = this.#options;
    const paths = [...this.#held.values()].filter((held) => held.since !== null).map((held) => held.path);
    this.#held.clear();
    await Promise.all(
      paths.map((path) =>
        send({ method: 'DELETE', path, household, priority: 'housekeeping', repeatable: true }),
      ),
    );
  }

  /** All that are wanted, and when Sonos last took each; null while it did not. */
  get all(): readonly (readonly [key: string, since: number | null])[] {
    return [...this.#held].map(([key, { since }]) => [key, since] as const);
  }

  /** How many are wanted and held, and since when the oldest was not renewed (`Clock.elapsed`). */
  count(): { readonly wanted: number; readonly held: number; readonly oldest: number | null } {
    let held = 0;
    let oldest: number | null = null;
    for (const { since } of this.#held.values()) {
      if (since === null) continue;
      held += 1;
      oldest = oldest === null ? since : Math.min(oldest, since);
    }
    return { wanted: this.#held.size, held, oldest };
  }
}
