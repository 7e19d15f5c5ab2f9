import type { Household } from '../state.ts';
import type { QueueBook, ServedQueue } from './queue-ports.ts';
import type { QueueRecord } from './queue-record.ts';

/** So many queues are kept; groups play one each, and what was replaced is asked for a little longer. */
const MOST_QUEUES = 64;

/** Whether a group of the household plays it: its session is ours, and nothing else was loaded there. */
const isPlayed = ({ session, isCleared }: QueueRecord, { sessions }: Household): boolean =>
  !isCleared && sessions.get(session)?.purpose === 'queue';

/** The queues there are, oldest first. They live in memory alone. */
export class QueueShelf implements Pick<QueueBook, 'find' | 'endingIn'> {
  readonly #records = new Map<string, QueueRecord>();

  /** A queue that players may ask for from now on; `household` tells which of the others are played. */
  add(record: QueueRecord, household: (id: string) => Household | undefined): void {
    const others = [...this.#records.values()];
    this.#records.set(record.address.key, record);
    if (this.#records.size <= MOST_QUEUES) return;
    const spare = others.find((each) => {
      const home = household(each.household);
      return home === undefined || !isPlayed(each, home);
    });
    for (const each of spare === undefined ? others.slice(0, 1) : [spare]) this.remove(each);
  }

  remove(record: QueueRecord): void {
    this.#records.delete(record.address.key);
  }

  record(key: string): QueueRecord | undefined {
    return this.#records.get(key);
  }

  /** The queues that groups of a household play, the newest first. */
  played(household: Household): QueueRecord[] {
    const own = [...this.#records.values()].filter((record) => record.household === household.id);
    return own.filter((record) => isPlayed(record, household)).reverse();
  }

  /** The queue that a group plays. */
  of(household: Household, group: string | undefined): QueueRecord | undefined {
    return this.played(household).find(({ session }) => household.sessions.get(session)?.group === group);
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

const servedOf = ({ queue, name, address, household, group }: QueueRecord): ServedQueue => ({
  ...{ queue, name, household },
  authorization: address.authorization,
  group,
});
