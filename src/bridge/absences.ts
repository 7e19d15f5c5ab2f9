import type { Clock } from './ports.ts';
import type { Household, Room } from './state.ts';

/**
 * How long rooms have been gone. The calendar may jump by years, and no room shall be forgotten for that: one that left
 * in this run is timed by the stopwatch, and for one that left before, the calendar counts only as far as the stopwatch
 * has followed it since the start.
 */
export class Absences {
  readonly #clock: Clock;
  readonly #start: { readonly wall: number; readonly elapsed: number };
  /** `Clock.elapsed` at which rooms left in this run, by player id. */
  readonly #left = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#start = { wall: clock.now(), elapsed: clock.elapsed() };
  }

  /** A household has other rooms, or other ones are there. */
  changed(before: Household, after: Household): void {
    for (const [playerId, { goneSince }] of before.rooms) {
      const now = after.rooms.get(playerId);
      if (now === undefined || now.goneSince === null) this.#left.delete(playerId);
      else if (goneSince === null) this.#left.set(playerId, this.#clock.elapsed());
    }
  }

  /** For how long a room has been gone, milliseconds; 0 for one that is there. */
  ageOf({ playerId, goneSince }: Room): number {
    const { wall, elapsed } = this.#start;
    const left = this.#left.get(playerId);
    if (left !== undefined) return this.#clock.elapsed() - left;
    const calendar = Math.min(this.#clock.now(), wall + this.#clock.elapsed() - elapsed);
    return goneSince === null ? 0 : calendar - goneSince;
  }
}
