import type { Cancel, Clock, Log } from '../bridge/ports.ts';
import { createFoldedLine, type FoldedLine } from './folded-log.ts';
import type { Freight } from './link.ts';
import type { Publication, Wire } from './wire.ts';

/** What became of a message; `lost` may have arrived or not. */
export type Posted = 'taken' | 'lost' | 'too_large';

/** What the post needs. */
export interface RelayPostOptions {
  /** The broker has to acknowledge within so long, milliseconds. */
  readonly withinMs: number;
  /** MQTT 5: the broker keeps a message for nobody longer than so. */
  readonly expirySeconds: number;
  readonly longestBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Hands messages to the broker, each once and at once, and knows what became of it. */
export interface RelayPost extends Freight {
  /** Whether a message could leave now. */
  isOpen(): boolean;
  /** Publishes, at QoS 1 and never retained; tells `done` once, in time. */
  send(topic: string, payload: string, done: (what: Posted) => void): void;
}

interface Letter {
  readonly topic: string;
  readonly payload: string;
  readonly bytes: number;
  readonly since: number;
  done: (what: Posted) => void;
  cancel: Cancel;
}

/** What waits at most, and what it may hold, the messages under way among it. */
const MOST_OPEN = 1_000;
const MOST_OPEN_BYTES = 16 * 1024 * 1024;

/** Room for the fixed header, packet id, lengths and properties of a PUBLISH. */
const PACKET_OVERHEAD_BYTES = 64;

class BrokerPost implements RelayPost {
  readonly #options: RelayPostOptions;
  readonly #warn: FoldedLine;
  readonly #waiting = new Set<Letter>();
  readonly #flights = new Set<Letter>();
  readonly #idleWork = new Set<() => void>();
  #bytes = 0;
  #wire: Wire | null = null;
  #pumping = false;

  constructor(options: RelayPostOptions) {
    this.#options = options;
    this.#warn = createFoldedLine(options.clock, (message, fields) => options.log.warn(message, fields));
  }

  isOpen(): boolean {
    const slowest = this.oldestUnacknowledged()?.milliseconds ?? 0;
    const hasRoom = this.#waiting.size + this.#flights.size < MOST_OPEN && this.#bytes < MOST_OPEN_BYTES;
    // A broker that did not answer the last one in time would let the next wait as long for nothing.
    return this.#wire !== null && hasRoom && slowest < this.#options.withinMs;
  }

  send(topic: string, payload: string, done: (what: Posted) => void): void {
    const bytes = PACKET_OVERHEAD_BYTES + Buffer.byteLength(topic) + Buffer.byteLength(payload);
    const most = Math.min(this.#wire?.largestPacketBytes ?? bytes, this.#options.longestBytes);
    if (bytes > most) {
      this.#warn(
        'large',
        `An event was too large to be passed on: ${bytes} bytes, expected at most ${most}.`,
      );
      done('too_large');
      return;
    }
    if (!this.isOpen()) {
      done('lost');
      return;
    }
    const { clock, withinMs } = this.#options;
    const letter: Letter = { topic, payload, bytes, since: clock.elapsed(), done, cancel: () => {} };
    letter.cancel = clock.after(withinMs, () => this.#late(letter));
    this.#bytes += bytes;
    this.#waiting.add(letter);
    this.#pump();
  }

  attach(wire: Wire): void {
    this.#wire = wire;
  }

  detach(): void {
    this.#wire = null;
    const open = [...this.#flights, ...this.#waiting];
    this.#flights.clear();
    this.#waiting.clear();
    for (const letter of open) this.#settle(letter, 'lost');
    this.#tellIdle();
  }

  farewell(): void {}

  oldestUnacknowledged() {
    for (const { topic, since } of this.#flights) {
      return { topic, milliseconds: this.#options.clock.elapsed() - since };
    }
    return null;
  }

  watch(milliseconds: number, wedged: (milliseconds: number) => void): Cancel {
    const { clock } = this.#options;
    let cancel: Cancel = () => {};
    const look = (): void => {
      const waited = this.oldestUnacknowledged()?.milliseconds ?? 0;
      if (waited >= milliseconds) wedged(waited);
      else cancel = clock.after(milliseconds - waited, look);
    };
    look();
    return () => cancel();
  }

  whenIdle(work: () => void): Cancel {
    this.#idleWork.add(work);
    this.#tellIdle();
    return () => this.#idleWork.delete(work);
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    for (const letter of this.#waiting) {
      if (this.#wire === null || this.#flights.size >= this.#wire.window) break;
      this.#waiting.delete(letter);
      this.#flights.add(letter);
      this.#publish(this.#wire, letter);
    }
    this.#pumping = false;
    this.#tellIdle();
  }

  #publish(wire: Wire, letter: Letter): void {
    const { topic, payload } = letter;
    const publication: Publication = {
      ...{ topic, payload, retain: false, contentType: 'application/json', correlationData: null },
      expirySeconds: this.#options.expirySeconds,
    };
    wire.publish(publication, (refusal, isUnheard = false) => {
      // False for the answer of a connection that is gone.
      if (!this.#flights.delete(letter)) return;
      if (refusal !== null) this.#refused(topic, refusal);
      else if (isUnheard) this.#unheard(topic);
      this.#settle(letter, refusal === null && !isUnheard ? 'taken' : 'lost');
      this.#pump();
    });
  }

  /** It stays in flight, since its packet id is taken; but nobody waits for it any more. */
  #late(letter: Letter): void {
    this.#waiting.delete(letter);
    this.#warn('late', `The broker did not acknowledge an event within ${this.#options.withinMs} ms.`);
    this.#settle(letter, 'lost');
  }

  #settle(letter: Letter, what: Posted): void {
    const { done } = letter;
    letter.cancel();
    letter.done = () => {};
    if (!this.#flights.has(letter)) this.#bytes -= letter.bytes;
    done(what);
  }

  #refused(topic: string, refusal: string): void {
    this.#warn(
      'refused',
      `The broker refused an event: ${refusal}. Check that the relay's user may publish to the topic.`,
      { topic },
    );
  }

  #unheard(topic: string): void {
    this.#warn(
      'unheard',
      'The broker has nobody who listens to the events of a household, so Sonos is asked to send them again. Does a bridge with callback.relay run, on the same broker and with the same topic, and may it subscribe?',
      { topic },
    );
  }

  #tellIdle(): void {
    if (this.#waiting.size + this.#flights.size > 0) return;
    const work = [...this.#idleWork];
    this.#idleWork.clear();
    for (const tell of work) tell();
  }
}

/** A post without a connection and with nothing in it. */
export const createRelayPost = (options: RelayPostOptions): RelayPost => new BrokerPost(options);
