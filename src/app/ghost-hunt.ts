import type { Cancel, Clock, Log } from '../bridge/ports.ts';
import type { Household } from '../bridge/state.ts';
import { ghostFilters, ghostsAmong } from '../mqtt/ghosts.ts';
import type { MqttLink } from '../mqtt/link.ts';
import type { Topics } from '../mqtt/topics.ts';

/** By then everything that the house wants to show is on its way. */
const AFTER_MS = 10_000;
const AGAIN_MS = 300_000;

interface Options {
  readonly link: () => Pick<MqttLink, 'look' | 'outbox' | 'status'>;
  readonly topics: Topics;
  /** Where devices are told to Home Assistant. */
  readonly prefix: string;
  readonly households: () => readonly Household[];
  /** Whether a topic beside the contract's is wanted. */
  readonly isWanted: (topic: string) => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Looks once, when every household is known, what the broker still keeps of rooms that nobody knows, and clears it: after
 * the data folder was lost nothing else remembers them.
 */
export class GhostHunt {
  readonly #options: Options;
  #isDone = false;
  #timer: Cancel | null = null;

  constructor(options: Options) {
    this.#options = options;
  }

  /** A household has another state. */
  nudge(): void {
    if (this.#isDone || this.#timer !== null || !this.#isEverybodyKnown()) return;
    this.#timer = this.#options.clock.after(AFTER_MS, () => void this.#look());
  }

  stop(): void {
    this.#isDone = true;
    this.#timer?.();
  }

  #isEverybodyKnown(): boolean {
    const households = this.#options.households();
    return households.length > 0 && households.every(({ topology }) => topology?.isComplete === true);
  }

  async #look(): Promise<void> {
    const { link, topics, prefix, households, isWanted, clock, log } = this.#options;
    const kept = await link().look(ghostFilters(topics, prefix));
    if (this.#isDone) return;
    this.#timer = null;
    if (kept === null || !this.#isEverybodyKnown()) {
      this.#timer = clock.after(AGAIN_MS, () => void this.#look());
      return;
    }
    this.#isDone = true;
    const ghosts = ghostsAmong(kept, topics, households(), isWanted);
    if (ghosts.length === 0) return;
    log.info('The broker kept topics of rooms that nobody knows any more; they are cleared.', {
      topics: ghosts.length,
    });
    await link().outbox.clear(ghosts);
  }
}
