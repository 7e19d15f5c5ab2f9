import type { Clock } from '../bridge/ports.ts';
import type { Knobs } from './knobs.ts';

/** A request too many: what the 429 says. */
export interface Excess {
  readonly headers: Readonly<Record<string, string>>;
}

const MINUTE_MS = 60_000;
const SECOND_MS = 1000;

/** Sonos' quota per minute and spike arrest per second, over all accounts of the key ("Quotas and spike arrests"). */
export class Quota {
  readonly #clock: Clock;
  readonly #knobs: Knobs;
  #minuteStart = Number.NEGATIVE_INFINITY;
  #minuteCount = 0;
  #second: number[] = [];

  constructor(clock: Clock, knobs: Knobs) {
    this.#clock = clock;
    this.#knobs = knobs;
  }

  /** Counts a request; null when it may pass. */
  count(): Excess | null {
    const now = this.#clock.elapsed();
    if (now - this.#minuteStart >= MINUTE_MS) {
      this.#minuteStart = now;
      this.#minuteCount = 0;
    }
    this.#second = this.#second.filter((at) => now - at < SECOND_MS);
    this.#minuteCount += 1;
    this.#second.push(now);
    const { quotaPerMinute, spikePerSecond } = this.#knobs;
    if (this.#minuteCount > quotaPerMinute) {
      const reset = String(Math.ceil((this.#minuteStart + MINUTE_MS - now) / SECOND_MS));
      const limits = {
        'RateLimit-Limit': String(quotaPerMinute),
        'RateLimit-Remaining': '0',
        'RateLimit-Reset': reset,
      };
      return { headers: { ...limits, 'Retry-After': reset } };
    }
    return this.#second.length > spikePerSecond ? { headers: { 'Retry-After': '1' } } : null;
  }
}
