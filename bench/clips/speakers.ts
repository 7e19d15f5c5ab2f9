import type { Cancel, Clock } from '../../src/bridge/ports.ts';
import type { FetchClip } from '../../src/sim/clip.ts';
import { fetchClip } from '../../src/sim/clip-fetch.ts';
import type { HeardClip } from '../../src/sim/index.ts';

/** How the speakers of one announcement behave. */
export interface Manners {
  /** How late each of them asks, in the order in which Sonos calls them: milliseconds. */
  readonly late: readonly number[];
  /** Whether they ask by the paths that they were given, and so are held until all are there. */
  readonly isHeld: boolean;
}

/** What the speakers of one announcement did: when each asked and began, by the clock's `elapsed`. */
export interface Hearing {
  readonly asked: readonly number[];
  readonly began: readonly number[];
}

/** The ears and manners of a simulated house. */
export interface Speakers {
  readonly fetchClip: FetchClip;
  readonly onClip: (heard: HeardClip) => void;
  /** From now on they behave so; resolves when each of them has begun. */
  listen(manners: Manners): Promise<Hearing>;
}

const PATIENCE_MS = 10_000;

/** The same sound by a path that the bridge has given to nobody, so that nobody is waited for. */
const withoutTicket = (url: string): string => url.replace(/[^/]+(\.\w+)$/, 'nobody$1');

/** Speakers that ask late, as they are told. */
export function createSpeakers(clock: Clock): Speakers {
  let isHeld = true;
  let late: number[] = [];
  let asked: number[] = [];
  let began: number[] = [];
  let heard: (() => void) | null = null;

  return {
    fetchClip: (url, headers, download) => {
      let hangUp: Cancel | null = null;
      const cancel = clock.after(late.shift() ?? 0, () => {
        asked.push(clock.elapsed());
        hangUp = fetchClip(isHeld ? url : withoutTicket(url), headers, download);
      });
      return () => {
        cancel();
        hangUp?.();
      };
    },
    onClip: ({ startedAt, endedAt }) => {
      if (endedAt !== null) return;
      began.push(startedAt);
      heard?.();
    },
    listen: (manners) => {
      const count = manners.late.length;
      isHeld = manners.isHeld;
      late = [...manners.late];
      asked = [];
      began = [];
      return new Promise((resolve, reject) => {
        const giveUp = clock.after(PATIENCE_MS, () =>
          reject(new Error(`${began.length} of ${count} speakers began within ${PATIENCE_MS / 1000} s`)),
        );
        heard = () => {
          if (began.length < count) return;
          giveUp();
          resolve({ asked, began });
        };
      });
    },
  };
}
