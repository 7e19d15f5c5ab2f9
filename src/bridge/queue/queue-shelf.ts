import type { QueueBook, ServedQueue } from './queue-ports.ts';
import type { QueueRecord } from './queue-record.ts';

/** So many queues are kept; groups play one each, and what was replaced is asked for a little longer. */
const MOST_QUEUES = 64;

/** The queues there are, oldest first. They live in memory alone. */
export class QueueShelf implements Pick<QueueBook, 'find' | 'endingIn'> {
  readonly #records = new Map<string, QueueRecord>();
  /** The queue that a group plays, by group id. */
  readonly #playing = new Map<string, QueueRecord>();

  /** A queue that players may ask for from now on. */
  add(record: QueueRecord): void {
    this.#records.set(record.place.key, record);
    if (this.#records.size <= MOST_QUEUES) return;
    const others = [...this.#records.values()].filter((each) => each !== record);
    const played = new Set(this.#playing.values());
    const spare = others.find((each) => !played.has(each)) ?? others[0];
    if (spare !== undefined) this.remove(spare);
  }

  /** A group plays this queue from now on. */
  plays(group: string, record: QueueRecord): void {
    this.#playing.set(group, record);
  }

  /** The queue that a group plays. */
  of(group: string | undefined): QueueRecord | undefined {
    return group === undefined ? undefined : this.#playing.get(group);
  }

  /** Its group plays something else; players may still ask for it, and report. */
  release(record: QueueRecord): void {
    for (const [group, each] of this.#playing) if (each === record) this.#playing.delete(group);
  }

  remove(record: QueueRecord): void {
    this.release(record);
    this.#records.delete(record.place.key);
  }

  record(key: string): QueueRecord | undefined {
    return this.#records.get(key);
  }

  /** The queues that groups of a household play. */
  playing(household: string): QueueRecord[] {
    return [...this.#playing.values()].filter((record) => record.household === household);
  }

  find(key: string): ServedQueue | null {
    const record = this.#records.get(key);
    return record === undefined ? null : servedOf(record);
  }

  endingIn(path: string): ReturnType<QueueBook['endingIn']> {
    // The newest first: the same file may stand in several.
    for (const record of [...this.#records.values()].reverse()) {
      const item = record.queue.items.find((each) => each.url.endsWith(path));
      if (item !== undefined) return { served: servedOf(record), itemId: item.id };
    }
    return null;
  }
}

const servedOf = ({ queue, name, place, household, group }: QueueRecord): ServedQueue => ({
  ...{ queue, name, household },
  authorization: place.authorization,
  group: group ?? '',
});
