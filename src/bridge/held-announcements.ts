import type { Item } from './announcement-item.ts';
import type { Cancel, Clock } from './ports.ts';

/**
 * Announcements whose household is not known yet: from an earlier run, or come right after the start. One that does not
 * come back leaves nobody waiting for an answer.
 */
export class HeldAnnouncements {
  readonly #clock: Clock;
  readonly #late: (item: Item) => void;
  readonly #held = new Map<Item, Cancel>();

  /** `late` is told of one that was held for longer than it is worth. */
  constructor(clock: Clock, late: (item: Item) => void) {
    this.#clock = clock;
    this.#late = late;
  }

  /** In the order in which they came. */
  get items(): readonly Item[] {
    return [...this.#held.keys()];
  }

  hold(item: Item): void {
    const { elapsed, now } = item.expires;
    const left = Math.min(elapsed - this.#clock.elapsed(), now - this.#clock.now());
    const expire = (): void => {
      this.#held.delete(item);
      this.#late(item);
    };
    this.#held.set(item, this.#clock.after(Math.max(0, left), expire));
  }

  /** Gives out those that fit, and holds them no longer. */
  release(fits: (item: Item) => boolean): readonly Item[] {
    const released = this.items.filter(fits);
    for (const item of released) {
      this.#held.get(item)?.();
      this.#held.delete(item);
    }
    return released;
  }

  /** No timer is left; what is held stays held. */
  stop(): void {
    for (const cancel of this.#held.values()) cancel();
  }
}
