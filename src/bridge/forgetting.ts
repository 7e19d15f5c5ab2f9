import { type CommandError, commandError } from './command-error.ts';
import { suggestion } from './nearest.ts';
import { quoted } from './quoted.ts';
import type { Register } from './register.ts';
import type { Household, Room } from './state.ts';

/** Rooms and households that are gone, and how they are forgotten: after a while, or at once by command. */
export class Forgetting {
  readonly #register: Register;
  readonly #households: ReadonlyMap<string, Household>;
  readonly #replace: (before: Household, after: Household) => void;

  constructor(
    register: Register,
    households: ReadonlyMap<string, Household>,
    replace: (before: Household, after: Household) => void,
  ) {
    this.#register = register;
    this.#households = households;
    this.#replace = replace;
  }

  /** Forgets rooms that have been gone for longer than so many milliseconds. */
  forgetOld(milliseconds: number, ageOf: (room: Room) => number): void {
    for (const household of [...this.#households.values()]) {
      const old = [...household.rooms.values()].filter((room) => ageOf(room) > milliseconds);
      if (old.length > 0) this.#forgetRooms(household, old);
    }
  }

  /** Forgets what a person names: `kitchen`, `home/kitchen`, a player id, or the alias of a household. */
  forget(word: string): CommandError | null {
    const dormant = this.#register.dormant().find(({ id, alias }) => id === word || alias === word);
    if (dormant !== undefined) {
      this.#register.forget(dormant);
      return null;
    }
    const found = [...this.#households.values()].flatMap((household) =>
      [...household.rooms.values()]
        .filter((room) => isNamed(household, room, word))
        .map((room) => ({ household, room })),
    );
    const [first, second] = found;
    if (first === undefined) return this.#unknown(word);
    if (second !== undefined) {
      const advice = `Send ${found.map(({ household, room }) => `"${household.alias}/${room.address}"`).join(' or ')}.`;
      return commandError('ambiguous_name', `More than one room is called ${quoted(word)}.`, advice);
    }
    if (
      first.room.goneSince === null &&
      first.household.topology?.players.has(first.room.playerId) !== false
    ) {
      const message = `"${first.room.address}" is still there; only what is gone can be forgotten.`;
      return commandError('invalid_payload', message, 'Remove it in the Sonos app first.');
    }
    this.#forgetRooms(first.household, [first.room]);
    return null;
  }

  #forgetRooms(household: Household, gone: readonly Room[]): void {
    const rooms = new Map(household.rooms);
    for (const room of gone) rooms.delete(room.playerId);
    this.#replace(household, { ...household, rooms });
  }

  #unknown(word: string): CommandError {
    const gone = [...this.#households.values()].flatMap((household) =>
      [...household.rooms.values()]
        .filter((room) => room.goneSince !== null)
        .map((room) => `${household.alias}/${room.address}`),
    );
    const known = [...gone, ...this.#register.dormant().map(({ alias }) => alias)];
    const message = `Nothing that is gone is called ${quoted(word)}.`;
    return commandError('unknown_room', message, suggestion(word, known));
  }
}

const isNamed = (household: Household, room: Room, word: string): boolean =>
  [room.address, room.playerId, `${household.alias}/${room.address}`].includes(word);
