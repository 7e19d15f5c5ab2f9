import type { Clock, Random } from '../bridge/ports.ts';
import { backOff } from './back-off.ts';

const FIRST_MS = 5000;
const LONGEST_MS = 15 * 60_000;
/** A login that was refused is still tried now and then: such refusals have been seen to pass by themselves. */
const FIRST_REFUSED_MS = 15 * 60_000;
const LONGEST_REFUSED_MS = 24 * 3_600_000;

/** When the next refresh may be asked for. */
export interface RefreshPauses {
  /** What is left of the pause, milliseconds; 0 or less when there is none. */
  leftMs(): number;
  /** A refresh failed; `lost` when the login itself is no longer accepted. Answers how many failed in a row. */
  failed(lost: boolean): number;
  /** A refresh went well; `forced` when it was asked for because Sonos had refused the token. */
  succeeded(forced: boolean): void;
  /** Sonos accepted the token that the last refresh brought. */
  proven(): void;
  /** A new login: nothing of the past counts. */
  clear(): void;
  /** Failed refreshes in a row. */
  failures(): number;
}

/**
 * Pauses that double from 5 s to 15 min, and for a lost login from 15 min to a day. When Sonos refuses even the tokens it
 * has just given out, they grow in the same way, so that every call does not cause another refresh.
 */
export function createRefreshPauses(clock: Clock, random: Random): RefreshPauses {
  let failures = 0;
  let forced = 0;
  let until = Number.NEGATIVE_INFINITY;
  const pause = (times: number, first: number, longest: number) => {
    until = times === 0 ? Number.NEGATIVE_INFINITY : clock.elapsed() + backOff(times, first, longest, random);
  };
  return {
    leftMs: () => until - clock.elapsed(),
    failed(lost) {
      failures += 1;
      if (lost) pause(failures, FIRST_REFUSED_MS, LONGEST_REFUSED_MS);
      else pause(failures, FIRST_MS, LONGEST_MS);
      return failures;
    },
    succeeded(wasForced) {
      failures = 0;
      forced = wasForced ? forced + 1 : 0;
      pause(forced, FIRST_MS, LONGEST_MS);
    },
    proven() {
      forced = 0;
      if (failures === 0) pause(0, FIRST_MS, LONGEST_MS);
    },
    clear() {
      failures = 0;
      forced = 0;
      pause(0, FIRST_MS, LONGEST_MS);
    },
    failures: () => failures,
  };
}
