import type { Cancel, Clock, Random } from '../bridge/ports.ts';

/** Everybody's bridges answer the birth message of Home Assistant; a moment of their own each keeps them from answering at once. */
const SOONEST_MS = 1_000;
const LATEST_MS = 10_000;

/** Hears Home Assistant start, and has everything published again a moment later. */
export class Birth {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #repeat: () => void;
  #timer: Cancel | null = null;

  constructor(clock: Clock, random: Random, repeat: () => void) {
    this.#clock = clock;
    this.#random = random;
    this.#repeat = repeat;
  }

  /** A message came at the status topic. */
  heard(payload: Uint8Array): void {
    if (new TextDecoder().decode(payload.subarray(0, 16)) !== 'online' || this.#timer !== null) return;
    const wait = SOONEST_MS + this.#random.fraction() * (LATEST_MS - SOONEST_MS);
    this.#timer = this.#clock.after(wait, () => {
      this.#timer = null;
      this.#repeat();
    });
  }

  stop(): void {
    this.#timer?.();
    this.#timer = null;
  }
}
