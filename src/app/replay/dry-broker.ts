import type { Clock } from '../../bridge/ports.ts';
import type { OneOff } from '../../mqtt/one-off-queue.ts';
import type { Outbox } from '../../mqtt/outbox.ts';

/** One message, as a broker would have had it. */
export interface DryMessage {
  /** Milliseconds since the record began. */
  readonly t: number;
  /** Wall time. */
  readonly at: number;
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
}

/** A broker to which nothing is sent: it remembers what it would have been told. */
export class DryBroker implements Outbox {
  readonly #clock: Clock;
  /** What is retained. */
  readonly topics = new Map<string, string>();
  /** Every change of a retained topic and everything that was said once, in order. */
  readonly messages: DryMessage[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  retain(topic: string, payload: string): void {
    if ((this.topics.get(topic) ?? '') === payload) return;
    if (payload === '') this.topics.delete(topic);
    else this.topics.set(topic, payload);
    this.#note(topic, payload, true);
  }

  clear(topics: Iterable<string>): Promise<void> {
    for (const topic of topics) this.retain(topic, '');
    return Promise.resolve();
  }

  send({ topic, payload }: OneOff): void {
    this.#note(topic, payload, false);
  }

  /** Nobody comes late to a broker that is not there. */
  repeat(): void {}

  whenRoom(work: () => void): void {
    work();
  }

  #note(topic: string, payload: string, retained: boolean): void {
    this.messages.push({ t: this.#clock.elapsed(), at: this.#clock.now(), topic, payload, retained });
  }
}
