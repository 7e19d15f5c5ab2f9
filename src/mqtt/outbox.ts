import type { Cancel, Clock, Log } from '../bridge/ports.ts';
import { createFoldedLine, type FoldedLine } from './folded-log.ts';
import type { OneOff, QueuedOneOff } from './one-off-queue.ts';
import { OneOffQueue } from './one-off-queue.ts';
import type { RetainedValue } from './retained-topics.ts';
import { RetainedTopics } from './retained-topics.ts';
import { expectedOfTopic, readTopic } from './valid-topic.ts';
import type { Publication, Wire } from './wire.ts';

export type { OneOff } from './one-off-queue.ts';

/** How the house hands over what it wants to say. None of these throws or waits; a wrong topic is logged and left out. */
export interface Outbox {
  /** Wants the topic to hold that value, retained; '' clears it. Only the newest value of a topic is kept. */
  retain(topic: string, payload: string): void;
  /**
   * Clears the topics and resolves when the broker acknowledged all of them, across reconnects. One that is
   * wanted again in the meantime counts as done. Stays pending for ever when the link is stopped before.
   */
  clear(topics: Iterable<string>): Promise<void>;
  /** Publishes everything retained once more, for one who just came; what `isFirst` names goes ahead. */
  repeat(isFirst: (topic: string) => boolean): void;
  /** Says something once, not retained. At most 1,000 wait, none longer than 60 s. It may arrive twice. */
  send(message: OneOff): void;
  /**
   * Calls at once, or when the broker has acknowledged enough of what is under way for more to leave: what is drawn then
   * need not be drawn again for what came meanwhile. Only the latest work waits.
   */
  whenRoom(work: () => void): void;
}

/** The outbox with the side that the link serves. */
export interface ServedOutbox extends Outbox {
  /** A new connection: sends everything retained, then `last`, then the one-offs. */
  attach(wire: Wire, last: RetainedValue): void;
  /** The connection is gone; what it did not acknowledge is sent again on the next. */
  detach(): void;
  /** The publish that has waited longest for its acknowledgement; null when none waits. */
  oldestUnacknowledged(): { readonly topic: string; readonly milliseconds: number } | null;
  /** Tells once when a publish has waited so many milliseconds for its acknowledgement, and for how long. */
  watch(milliseconds: number, wedged: (milliseconds: number) => void): Cancel;
  /** Calls once, as soon as everything handed over is sent and acknowledged. */
  whenIdle(work: () => void): Cancel;
  /** How much is remembered: retained topics, waiting one-offs, unacknowledged publishes. */
  readonly size: { readonly topics: number; readonly waiting: number; readonly unacknowledged: number };
}

/** The longest payload we publish, bytes. */
export const LONGEST_PAYLOAD_BYTES = 256 * 1024;

/** When a retained message that the broker refused is tried again. */
const REFUSED_AGAIN_MS = 600_000;

/** Room for the fixed header, packet id, lengths and the other properties of a PUBLISH. */
const PACKET_OVERHEAD_BYTES = 64;

/** Somebody who waits no longer than so for an acknowledgement. */
interface Patience {
  readonly milliseconds: number;
  readonly wedged: (milliseconds: number) => void;
  cancel: Cancel | null;
}

interface Flight {
  readonly topic: string;
  readonly since: number;
  readonly oneOff: QueuedOneOff | null;
}

/** A topic or text from outside, safe for a log line; not at all when it is long, for half a secret passes the filter. */
const shown = (text: string): string =>
  text.length > 120 ? `"…" (${text.length} characters)` : JSON.stringify(text);

function packetBytes(publication: Publication): number {
  return (
    PACKET_OVERHEAD_BYTES +
    Buffer.byteLength(publication.topic) +
    Buffer.byteLength(publication.payload) +
    (publication.correlationData?.byteLength ?? 0) +
    Buffer.byteLength(publication.contentType ?? '')
  );
}

class MqttOutbox implements ServedOutbox {
  readonly #clock: Clock;
  readonly #warn: FoldedLine;
  readonly #retained = new RetainedTopics();
  readonly #oneOffs: OneOffQueue;
  readonly #flights = new Set<Flight>();
  readonly #idleWork = new Set<() => void>();
  #wire: Wire | null = null;
  #patience: Patience | null = null;
  #cancelRetry: Cancel | null = null;
  #pumping = false;
  #roomWork: (() => void) | null = null;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#warn = createFoldedLine(clock, (message, fields) => log.warn(message, fields));
    this.#oneOffs = new OneOffQueue(clock, log);
  }

  get size() {
    return {
      topics: this.#retained.size,
      waiting: this.#oneOffs.size,
      unacknowledged: this.#flights.size,
    };
  }

  retain(topic: string, payload: string): void {
    if (!this.#mayPublish(topic, payload)) return;
    this.#retained.want(topic, payload);
    this.#pump();
  }

  async clear(topics: Iterable<string>): Promise<void> {
    const cleared: Promise<void>[] = [];
    for (const topic of new Set(topics)) {
      if (!this.#mayPublish(topic, '')) continue;
      cleared.push(new Promise((resolve) => this.#retained.clear(topic, resolve)));
    }
    this.#pump();
    await Promise.all(cleared);
  }

  repeat(isFirst: (topic: string) => boolean): void {
    this.#retained.repeat(isFirst);
    this.#pump();
  }

  send(message: OneOff): void {
    if (!this.#mayPublish(message.topic, message.payload)) return;
    this.#oneOffs.add(message);
    this.#pump();
  }

  attach(wire: Wire, last: RetainedValue): void {
    this.detach();
    this.#wire = wire;
    this.#retained.restart(last);
    this.#pump();
  }

  whenRoom(work: () => void): void {
    this.#roomWork = work;
    this.#pump();
  }

  detach(): void {
    this.#wire = null;
    this.#workInRoom();
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    const unacknowledged = [...this.#flights].flatMap(({ oneOff }) => (oneOff === null ? [] : [oneOff]));
    this.#flights.clear();
    if (unacknowledged.length > 0) this.#oneOffs.putBack(unacknowledged);
  }

  oldestUnacknowledged() {
    for (const { topic, since } of this.#flights)
      return { topic, milliseconds: this.#clock.elapsed() - since };
    return null;
  }

  watch(milliseconds: number, wedged: (milliseconds: number) => void): Cancel {
    const patience: Patience = { milliseconds, wedged, cancel: null };
    this.#patience = patience;
    this.#expectAcknowledgement();
    return () => {
      patience.cancel?.();
      if (this.#patience === patience) this.#patience = null;
    };
  }

  /** There is a timer only while something waits. */
  #expectAcknowledgement(): void {
    const patience = this.#patience;
    if (patience === null || patience.cancel !== null || this.#flights.size === 0) return;
    const waited = this.oldestUnacknowledged()?.milliseconds ?? 0;
    patience.cancel = this.#clock.after(patience.milliseconds - waited, () => {
      patience.cancel = null;
      const now = this.oldestUnacknowledged()?.milliseconds ?? 0;
      if (now >= patience.milliseconds) patience.wedged(now);
      else this.#expectAcknowledgement();
    });
  }

  whenIdle(work: () => void): Cancel {
    this.#idleWork.add(work);
    this.#pump();
    return () => this.#idleWork.delete(work);
  }

  #mayPublish(topic: string, payload: string): boolean {
    const read = this.#retained.has(topic) ? null : readTopic(topic);
    if (read !== null && !read.ok) {
      this.#warn(
        `topic:${read.error}`,
        `Nothing was published to the topic ${shown(topic)}: expected ${expectedOfTopic(read.error)}. Check the name it is made from, or the response topic that a command asked for.`,
      );
      return false;
    }
    // A UTF-16 unit is at most three bytes, so most payloads need no counting.
    if (payload.length * 3 <= LONGEST_PAYLOAD_BYTES) return true;
    const bytes = Buffer.byteLength(payload);
    if (bytes <= LONGEST_PAYLOAD_BYTES) return true;
    this.#tooLarge(topic, bytes, LONGEST_PAYLOAD_BYTES, 'the longest payload that the bridge publishes');
    return false;
  }

  #tooLarge(topic: string, bytes: number, most: number, whose: string): void {
    this.#warn(
      `size:${whose}`,
      `The message for ${shown(topic)} was not published: it has ${bytes} bytes, expected at most ${most}, ${whose}. The topic keeps what it held before.`,
    );
  }

  /** Sends what is due while the window has room. Never runs inside itself, whatever the wire calls back. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      while (this.#hasRoom() && ((this.#wire !== null && this.#sendNext(this.#wire)) || this.#workInRoom()));
    } finally {
      this.#pumping = false;
    }
    this.#tellIdle();
  }

  /** Without a connection there is room for anything: what is handed over waits here. */
  #hasRoom(): boolean {
    return this.#wire === null || this.#flights.size < this.#wire.window;
  }

  /** Does the work that waited for room; false when there was none. */
  #workInRoom(): boolean {
    const work = this.#roomWork;
    this.#roomWork = null;
    work?.();
    return work !== null;
  }

  #sendNext(wire: Wire): boolean {
    const value = this.#retained.take();
    if (value !== null) {
      const publication = {
        ...value,
        retain: true,
        expirySeconds: null,
        correlationData: null,
        contentType: null,
      };
      this.#publish(wire, publication, null);
      return true;
    }
    const taken = this.#oneOffs.take();
    if (taken === null) return false;
    const { topic, payload, correlationData = null, contentType = null } = taken.queued.message;
    const expirySeconds = taken.secondsLeft;
    this.#publish(
      wire,
      { topic, payload, retain: false, expirySeconds, correlationData, contentType },
      taken.queued,
    );
    return true;
  }

  /** The one way to the wire. */
  #publish(wire: Wire, publication: Publication, oneOff: QueuedOneOff | null): void {
    const { topic, retain } = publication;
    const bytes = packetBytes(publication);
    if (bytes > wire.largestPacketBytes) {
      this.#tooLarge(topic, bytes, wire.largestPacketBytes, 'the longest packet that the broker takes');
      if (retain) this.#retained.settle(topic, false);
      return;
    }
    const flight: Flight = { topic, since: this.#clock.elapsed(), oneOff };
    this.#flights.add(flight);
    this.#expectAcknowledgement();
    wire.publish(publication, (refusal) => {
      // False for the answer of a connection that is gone.
      if (!this.#flights.delete(flight)) return;
      if (refusal !== null) this.#refused(topic, refusal);
      if (refusal !== null && retain) this.#tryAgainLater();
      if (retain) this.#retained.settle(topic, refusal === null);
      this.#pump();
    });
  }

  #refused(topic: string, refusal: string): void {
    this.#warn(
      'refused',
      `The broker refused a message for ${shown(topic)}: ${refusal}. Check that the bridge's user may publish there; it is tried again in ten minutes, and on the next connection or change.`,
    );
  }

  /** A quota passes, and rules are mended, without a new connection. */
  #tryAgainLater(): void {
    this.#cancelRetry ??= this.#clock.after(REFUSED_AGAIN_MS, () => {
      this.#cancelRetry = null;
      this.#retained.tryAgain();
      this.#pump();
    });
  }

  #tellIdle(): void {
    if (this.#idleWork.size === 0 || this.#wire === null) return;
    if (this.#flights.size + this.#retained.due + this.#oneOffs.size > 0) return;
    const work = [...this.#idleWork];
    this.#idleWork.clear();
    for (const tell of work) tell();
  }
}

/** An outbox with nothing in it and no connection. */
export const createOutbox = (options: { readonly clock: Clock; readonly log: Log }): ServedOutbox =>
  new MqttOutbox(options.clock, options.log);
