import type { CommandSpec, Evidence } from './command-spec.ts';
import type { Cancel, Clock } from './ports.ts';
import { type Household, type Seat, seatOf } from './state.ts';

/** A command that Sonos took, waiting for its effect to show. */
export interface Watch {
  readonly household: string;
  readonly playerId: string;
  readonly spec: CommandSpec;
  readonly value: unknown;
  /** The room when the call was sent. */
  readonly before: Seat;
  /** Sonos' answer to the call. */
  readonly answer: unknown;
}

/** How it ended: the effect showed, it went wrong after all, or no evidence came. */
export type Ending = Exclude<Evidence, 'not_yet'> | 'no_evidence';

interface Options {
  readonly clock: Clock;
  readonly household: (id: string) => Household | undefined;
  /** How long evidence is waited for. */
  readonly patienceMs: number;
  /** Reads what would show the effect. */
  readonly look: (watch: Watch) => void;
  /** Whether events arrive, so that reading at once would be waste. */
  readonly eventsArrive: (household: string) => boolean;
}

/** Looks for the effects of commands in every new state. */
export interface Witnesses {
  /** Settles when the effect shows, or when patience ends. */
  watch(watch: Watch): Promise<Ending>;
  /** A household has a new state. */
  changed(household: string): void;
  stop(): void;
}

/** When to read for evidence that no event brought, in parts of the patience: sooner where no events arrive. */
const LOOKS = { withEvents: [0.2, 0.6], without: [0.05, 0.2, 0.6] } as const;

/** Waits for evidence, by event or read. */
export function createWitnesses({ clock, household, patienceMs, look, eventsArrive }: Options): Witnesses {
  const open = new Map<Watch, (ending: Ending) => void>();
  let isStopped = false;

  function judged(watch: Watch): Evidence {
    const house = household(watch.household);
    const now = house && seatOf(house, watch.playerId);
    if (now == null) return 'not_yet';
    return watch.spec.seen({
      value: watch.value,
      before: watch.before,
      now,
      answer: watch.answer,
      at: clock.now(),
    });
  }

  return {
    watch(watch) {
      const at = judged(watch);
      if (at !== 'not_yet') return Promise.resolve(at);
      if (isStopped) return Promise.resolve('no_evidence');
      return new Promise((resolve) => {
        const looks = eventsArrive(watch.household) ? LOOKS.withEvents : LOOKS.without;
        const timers: Cancel[] = looks.map((part) => clock.after(part * patienceMs, () => look(watch)));
        const end = (ending: Ending): void => {
          open.delete(watch);
          for (const cancel of timers) cancel();
          resolve(ending);
        };
        timers.push(clock.after(patienceMs, () => end('no_evidence')));
        open.set(watch, end);
      });
    },
    changed(id) {
      for (const [watch, end] of [...open]) {
        const evidence = watch.household === id ? judged(watch) : 'not_yet';
        if (evidence !== 'not_yet') end(evidence);
      }
    },
    stop() {
      isStopped = true;
      for (const end of [...open.values()]) end('no_evidence');
    },
  };
}
