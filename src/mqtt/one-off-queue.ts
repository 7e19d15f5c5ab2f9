import type { Clock, Log } from '../bridge/ports.ts';

/** A message that is said once and not retained: an event, or the reply to a command. */
export interface OneOff {
  readonly topic: string;
  readonly payload: string;
  /** Seconds after which nobody wants it any more; 60 unless given, and at most that. */
  readonly expirySeconds?: number | null;
  /** MQTT 5: handed back to whoever asked; left out under 3.1.1. */
  readonly correlationData?: Uint8Array | null;
  /** MQTT 5: e.g. `application/json`; left out under 3.1.1. */
  readonly contentType?: string | null;
}

/** A one-off that waits, with the moment (`Clock.elapsed`) after which it is worth nothing. */
export interface QueuedOneOff {
  readonly message: OneOff;
  readonly worthlessAt: number;
}

/** How many one-offs wait at most. */
const MOST_WAITING = 1000;

/** How long a one-off is worth sending, seconds. */
const LONGEST_WORTH_SECONDS = 60;

/** The one-offs that wait for the broker: in order, bounded, none older than it is worth. */
export class OneOffQueue {
  readonly #clock: Clock;
  readonly #log: Log;
  #waiting: QueuedOneOff[] = [];
  #overflowing = false;

  constructor(clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** Queues it behind the others; the oldest falls out when there are too many. */
  add(message: OneOff): void {
    const asked = message.expirySeconds ?? LONGEST_WORTH_SECONDS;
    const worth = Math.min(Math.max(asked, 0), LONGEST_WORTH_SECONDS) * 1000;
    this.#waiting.push({ message, worthlessAt: this.#clock.elapsed() + worth });
    this.#bound();
  }

  /** Puts back, ahead of all others, what was sent and never acknowledged. */
  putBack(messages: readonly QueuedOneOff[]): void {
    this.#waiting = [...messages, ...this.#waiting];
    this.#bound();
  }

  /** The next one still worth sending, with the whole seconds it has left; null when there is none. */
  take(): { readonly queued: QueuedOneOff; readonly secondsLeft: number } | null {
    let worthless = 0;
    let found: { readonly queued: QueuedOneOff; readonly secondsLeft: number } | null = null;
    while (found === null) {
      const queued = this.#waiting.shift();
      if (queued === undefined) break;
      const left = queued.worthlessAt - this.#clock.elapsed();
      if (left > 0) found = { queued, secondsLeft: Math.ceil(left / 1000) };
      else worthless += 1;
    }
    if (worthless > 0) {
      this.#log.warn(
        `${worthless} events and replies had waited too long for the broker and were dropped; the retained state is complete.`,
      );
    }
    if (this.#waiting.length === 0) this.#overflowing = false;
    return found;
  }

  #bound(): void {
    const tooMany = this.#waiting.length - MOST_WAITING;
    if (tooMany <= 0) return;
    this.#waiting.splice(0, tooMany);
    if (this.#overflowing) return;
    this.#overflowing = true;
    this.#log.warn(
      `More than ${MOST_WAITING} events and replies wait for the broker, so the oldest are dropped from now on. Retained state is not affected. Check that the broker is up and takes messages.`,
    );
  }
}
