import { type CommandError, commandError } from './command-error.ts';
import { suggestion } from './nearest.ts';
import { quoted } from './quoted.ts';
import { err, ok, type Result } from './result.ts';
import type { Household, Room } from './state.ts';

/** The room that is meant by its address, its player id (`RINCON_…`) or, in any case, its name. */
export function findRoom(household: Household, word: string): Room | null {
  const wanted = word.trim();
  const rooms = [...household.rooms.values()];
  return (
    rooms.find((room) => room.address === wanted) ??
    household.rooms.get(wanted) ??
    rooms.find((room) => room.name.toLowerCase() === wanted.toLowerCase()) ??
    null
  );
}

/** The same as an outcome, with what there is when it is not one of them. */
export function readRoom(household: Household, word: string): Result<Room, CommandError> {
  const room = findRoom(household, word);
  if (room !== null) return ok(room);
  const known = [...household.rooms.values()].map((each) => each.address).sort();
  return err(
    commandError(
      'unknown_room',
      `No room of "${household.alias}" is called ${quoted(word)}.`,
      suggestion(word, known),
    ),
  );
}
