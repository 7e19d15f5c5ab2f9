interface Entry {
  readonly topic: string;
  wanted: string;
  /** What the broker acknowledged on this connection; null when that is not known. */
  shown: string | null;
  /** What is on its way; at most one value per topic, so that an older one never arrives last. */
  sending: string | null;
  /** Told when the clearing is acknowledged. */
  waiting: (() => void)[];
  /** The topic has lost its meaning: once it is cleared, it is forgotten. One that merely holds nothing now is remembered. */
  retired: boolean;
}

/** One value to publish, retained; '' clears. */
export interface RetainedValue {
  readonly topic: string;
  readonly payload: string;
}

function release(entry: Entry): void {
  if (entry.waiting.length === 0) return;
  const waiting = entry.waiting;
  entry.waiting = [];
  for (const done of waiting) done();
}

/**
 * What every retained topic should hold, against what the broker is known to hold. Only the newest value of a
 * topic is kept, so its size is the number of topics, however long the broker is away.
 */
export class RetainedTopics {
  readonly #entries = new Map<string, Entry>();
  /** Those whose newest value the broker refused. */
  readonly #refused = new Set<Entry>();
  /** Those to send, in order; none of them has a value on its way. */
  #due = new Set<Entry>();
  /** Where the next of them stands: a Set that is read from its beginning every time passes over all that were taken. */
  #next = this.#due.values();

  /** Topics remembered, clearings included. */
  get size(): number {
    return this.#entries.size;
  }

  /** How many values wait to be sent. */
  get due(): number {
    return this.#due.size;
  }

  /** Whether the topic is known, and so was found valid before. */
  has(topic: string): boolean {
    return this.#entries.has(topic);
  }

  /** Wants the topic to hold that value; '' is nothing. */
  want(topic: string, payload: string): void {
    const entry = this.#entry(topic);
    entry.wanted = payload;
    entry.retired = false;
    // A clearing that is no longer wanted has nothing left to wait for.
    if (payload !== '') release(entry);
    if (entry.sending !== null) return;
    if (entry.shown === payload) this.#due.delete(entry);
    else this.#due.add(entry);
  }

  /** Wants the topic cleared and forgotten, and says when the broker acknowledged that. */
  clear(topic: string, done: () => void): void {
    const entry = this.#entry(topic);
    entry.waiting.push(done);
    this.want(topic, '');
    entry.retired = true;
  }

  /** Takes the next value to send; `settle` must follow, or `restart`. */
  take(): RetainedValue | null {
    let next = this.#next.next();
    if (next.done) {
      // What became due after the last one was taken stands in a new reading.
      this.#next = this.#due.values();
      next = this.#next.next();
    }
    if (next.done) return null;
    const entry = next.value;
    this.#due.delete(entry);
    entry.sending = entry.wanted;
    return { topic: entry.topic, payload: entry.wanted };
  }

  /** What the broker refused is due again: its reason may have passed. */
  tryAgain(): void {
    for (const entry of this.#refused) {
      if (entry.sending === null) this.#due.add(entry);
    }
    this.#refused.clear();
  }

  /** The value taken for the topic arrived, or (false) was refused and waits for `tryAgain` or another connection. */
  settle(topic: string, arrived: boolean): void {
    const entry = this.#entries.get(topic);
    if (entry === undefined || entry.sending === null) return;
    const payload = entry.sending;
    entry.sending = null;
    entry.shown = arrived ? payload : null;
    if (arrived) this.#refused.delete(entry);
    else this.#refused.add(entry);
    if (entry.wanted !== payload) {
      this.#due.add(entry);
    } else if (payload === '' && arrived) {
      release(entry);
      if (entry.retired) this.#entries.delete(topic);
    }
  }

  /** Everything is due again, as for one who just came; the topics that `isFirst` names go ahead. */
  repeat(isFirst: (topic: string) => boolean): void {
    const held = [...this.#entries.values()].filter(({ sending }) => sending === null);
    for (const entry of held) entry.shown = null;
    this.#dueAre([...held.filter(({ topic }) => isFirst(topic)), ...held]);
  }

  /** A new connection: nothing is known of the broker, so everything is due again, and `last` after all of it. */
  restart(last: RetainedValue): void {
    this.#entries.delete(last.topic);
    this.#refused.clear();
    for (const entry of this.#entries.values()) {
      entry.sending = null;
      entry.shown = null;
    }
    this.#dueAre(this.#entries.values());
    this.want(last.topic, last.payload);
  }

  #dueAre(entries: Iterable<Entry>): void {
    this.#due = new Set(entries);
    this.#next = this.#due.values();
  }

  #entry(topic: string): Entry {
    const known = this.#entries.get(topic);
    if (known !== undefined) return known;
    const entry: Entry = { topic, wanted: '', shown: null, sending: null, waiting: [], retired: false };
    this.#entries.set(topic, entry);
    return entry;
  }
}
