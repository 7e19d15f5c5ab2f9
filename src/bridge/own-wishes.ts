import { type CommandError, commandError } from './command-error.ts';
import type { Wish } from './intake.ts';
import type { OwnCommand } from './own-commands.ts';
import type { Clock } from './ports.ts';
import { type Answered, type Ask, lateness } from './replies.ts';
import { readRoom } from './room-name.ts';
import { slug } from './slug.ts';
import type { Household, Room } from './state.ts';

/** Where one is told of a room that there is not, when the word for it makes no address. */
const NOWHERE = 'unknown';

/** Takes wishes for commands that the house carries out itself. */
export class OwnWishes {
  readonly #clock: Clock;
  readonly #answered: Answered;

  constructor(clock: Clock, answered: Answered) {
    this.#clock = clock;
    this.#answered = answered;
  }

  /** Takes one wish for the rooms it addresses, and for those that its value names. */
  take(household: Household, own: OwnCommand, { raw }: Wish, asks: ReadonlyMap<Room, Ask>): void {
    const read = own.value.read(raw);
    const fit = new Map<Room, Ask>();
    const all = read.ok ? this.#withFurther(household, own.rooms(read.value), asks) : asks;
    for (const [room, ask] of all) {
      if (this.#answered.repeated(ask)) continue;
      const error = read.ok
        ? (lateness(ask, this.#clock) ?? own.objection(household, room, read.value))
        : commandError('invalid_payload', read.error.message, read.error.advice);
      if (error === null) fit.set(room, ask);
      else this.#fail(ask, error);
    }
    if (read.ok && fit.size > 0) own.run(household, read.value, fit);
  }

  /** The rooms that were addressed, and those that the value names; one that there is not is told so at its address. */
  #withFurther(
    household: Household,
    words: readonly string[],
    asks: ReadonlyMap<Room, Ask>,
  ): ReadonlyMap<Room, Ask> {
    const all = new Map(asks);
    for (const model of [...asks.values()].slice(0, 1)) {
      for (const word of words) {
        const room = readRoom(household, word);
        if (room.ok && all.has(room.value)) continue;
        const ask = { ...model, room: room.ok ? room.value.address : slug(word) || NOWHERE };
        if (room.ok) all.set(room.value, ask);
        else if (!this.#answered.repeated(ask)) this.#fail(ask, room.error);
      }
    }
    return all;
  }

  #fail(ask: Ask, error: CommandError): void {
    this.#answered.settle(ask, 'failed', { error });
  }
}
