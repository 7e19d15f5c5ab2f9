import type { Clock } from '../bridge/ports.ts';
import type { Knobs } from './knobs.ts';
import type { SonosSays } from './model.ts';

/** One subscription: per household, namespace and target. */
export interface Subscription {
  readonly household: string;
  readonly namespace: string;
  readonly targetType: SonosSays['targetType'];
  readonly target: string;
  /** Wall time of the first call and of the latest, milliseconds. */
  readonly since: number;
  readonly renewedAt: number;
  readonly renewals: number;
}

/** What names a subscription. */
export type SubscriptionKey = Pick<Subscription, 'household' | 'namespace' | 'target'>;

const GROUP_NAMESPACES = ['playback', 'playbackMetadata', 'groupVolume'];

/** Which targets post events, and until when; a lapse is measured on a clock that never jumps. */
export class Subscriptions {
  readonly #clock: Clock;
  readonly #knobs: Knobs;
  readonly #held = new Map<string, { subscription: Subscription; started: number }>();

  constructor(clock: Clock, knobs: Knobs) {
    this.#clock = clock;
    this.#knobs = knobs;
  }

  /** Begins it, or renews it. */
  add(key: SubscriptionKey, targetType: SonosSays['targetType']): void {
    const old = this.#find(key);
    const now = this.#clock.now();
    const { household, namespace, target } = key;
    const since = old?.since ?? now;
    const renewals = old === null ? 0 : old.renewals + 1;
    const subscription = { household, namespace, target, targetType, since, renewedAt: now, renewals };
    this.#held.set(this.#key(key), { subscription, started: this.#clock.elapsed() });
  }

  remove(key: SubscriptionKey): void {
    this.#held.delete(this.#key(key));
  }

  has(key: SubscriptionKey): boolean {
    return this.#find(key) !== null;
  }

  /** True when any group namespace of this group is subscribed: such a subscriber gets the global events too. */
  hasGroup(household: string, target: string): boolean {
    return GROUP_NAMESPACES.some((namespace) => this.has({ household, namespace, target }));
  }

  /** The target is no more: a group that ended or moved, a player that is gone. */
  dropTarget(household: string, target: string): void {
    for (const [key, { subscription }] of this.#held) {
      const isIts = subscription.target === target || this.#isSessionOf(subscription, target);
      if (subscription.household === household && isIts) this.#held.delete(key);
    }
  }

  /** A power cut at Sonos. */
  wipe(): void {
    this.#held.clear();
  }

  /** Those that have not lapsed. */
  all(): Subscription[] {
    const keys = [...this.#held.values()].map(({ subscription }) => subscription);
    return keys.filter((subscription) => this.has(subscription));
  }

  #isSessionOf({ targetType, target }: Subscription, group: string): boolean {
    return targetType === 'sessionId' && target.startsWith(`${group}@`);
  }

  #find(key: SubscriptionKey): Subscription | null {
    const held = this.#held.get(this.#key(key));
    if (held === undefined) return null;
    if (this.#clock.elapsed() - held.started < this.#knobs.subscriptionSeconds * 1000)
      return held.subscription;
    this.#held.delete(this.#key(key));
    return null;
  }

  #key({ household, namespace, target }: SubscriptionKey): string {
    return [household, namespace, target].join(' ');
  }
}
