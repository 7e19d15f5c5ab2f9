import type { Cancel, Clock, Log, Random } from '../bridge/ports.ts';
import { backOff } from './back-off.ts';

const FIRST_PAUSE_MS = 5000;
const LONGEST_PAUSE_MS = 15 * 60_000;

/** Work that is tried until it succeeds, once at a time for every account. */
export interface Learning {
  /** Starts it for this account, unless it is already under way. */
  want(accountId: string): void;
  /** No further tries; a try under way ends by itself. */
  stop(): void;
}

/** What learning needs. `learn` is false when it has to be tried again; it never rejects. */
export interface LearningOptions {
  readonly learn: (accountId: string) => Promise<boolean>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

/** Asks Sonos for an account's households again and again, with growing pauses. */
export function createLearning({ learn, clock, random, log }: LearningOptions): Learning {
  const underWay = new Map<string, Cancel>();
  let stopped = false;

  async function run(accountId: string, failures: number): Promise<void> {
    const learnt = await learn(accountId);
    if (learnt || stopped) {
      underWay.delete(accountId);
      return;
    }
    const wait = backOff(failures + 1, FIRST_PAUSE_MS, LONGEST_PAUSE_MS, random);
    log.debug('The households of an account are not known yet', { account: accountId, againInMs: wait });
    underWay.set(
      accountId,
      clock.after(wait, () => void run(accountId, failures + 1)),
    );
  }

  return {
    want(accountId) {
      if (stopped || underWay.has(accountId)) return;
      underWay.set(accountId, () => {});
      void run(accountId, 0);
    },
    stop() {
      stopped = true;
      for (const cancel of underWay.values()) cancel();
      underWay.clear();
    },
  };
}
