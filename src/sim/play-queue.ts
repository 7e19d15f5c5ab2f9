import type { QueueSource, Track } from './model.ts';
import type { Chance } from './random.ts';

/** Tracks, the order in which they are played, and which of them is the current one. */
export class PlayQueue {
  source: QueueSource;
  /** How many skips the service still allows. */
  skipsLeft: number;
  readonly #chance: Chance;
  /** Indexes of `source.tracks`. */
  #order: number[];
  #at = 0;

  constructor(source: QueueSource, chance: Chance) {
    this.source = source;
    this.skipsLeft = source.skipsLeft ?? Number.POSITIVE_INFINITY;
    this.#chance = chance;
    this.#order = source.tracks.map((_, index) => index);
  }

  current(): Track | null {
    return this.#track(this.#order[this.#at]);
  }

  /** The track after this one; null at the end unless the queue repeats. */
  following(repeat: boolean): Track | null {
    return this.#track(this.#order[this.#at + 1] ?? (repeat ? this.#order[0] : undefined));
  }

  /** One forward; false at the end, where a repeating queue begins again. */
  forward(repeat: boolean): boolean {
    if (this.following(repeat) === null) return false;
    this.#at = (this.#at + 1) % this.#order.length;
    return true;
  }

  /** One back; the first track stays the first unless the queue repeats. */
  back(repeat: boolean): void {
    if (this.#at > 0) this.#at -= 1;
    else if (repeat) this.#at = Math.max(0, this.#order.length - 1);
  }

  rewind(): void {
    this.#at = 0;
  }

  /** Mixes what follows the current track, or puts the tracks back into the order of the queue. */
  shuffle(on: boolean): void {
    const current = this.#order[this.#at];
    if (current === undefined) return;
    const others = this.#order.filter((index) => index !== current);
    this.#order = on ? [current, ...this.#chance.shuffled(others)] : [...this.#order].sort((a, b) => a - b);
    this.#at = this.#order.indexOf(current);
  }

  /** Puts tracks behind the current one, or at the end. */
  insert(added: readonly Track[], where: 'next' | 'end'): void {
    const { tracks } = this.source;
    const index = where === 'end' ? tracks.length : (this.#order[this.#at] ?? -1) + 1;
    const moved = this.#order.map((old) => (old >= index ? old + added.length : old));
    const place = where === 'end' ? moved.length : this.#at + 1;
    moved.splice(place, 0, ...added.map((_, offset) => index + offset));
    this.#order = moved;
    this.source = { ...this.source, tracks: [...tracks.slice(0, index), ...added, ...tracks.slice(index)] };
  }

  /** Other tracks in place of these; the current one stays when it is among them, by its item id. */
  refill(source: QueueSource): void {
    const current = this.current()?.itemId;
    this.source = source;
    this.#order = source.tracks.map((_, index) => index);
    this.#at = Math.max(
      0,
      source.tracks.findIndex(({ itemId }) => itemId === current),
    );
  }

  /** The track with this item id becomes the current one. */
  goTo(itemId: string): void {
    const index = this.source.tracks.findIndex((track) => track.itemId === itemId);
    this.#at = Math.max(0, this.#order.indexOf(index));
  }

  #track(index: number | undefined): Track | null {
    return index === undefined ? null : (this.source.tracks[index] ?? null);
  }
}
