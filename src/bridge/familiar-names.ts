import { type CommandError, commandError } from './command-error.ts';
import { suggestion } from './nearest.ts';
import { quoted } from './quoted.ts';
import { err, ok, type Result } from './result.ts';
import type { Household, Room } from './state.ts';

/** A room, and whose it is. */
export interface Place {
  readonly household: Household;
  readonly room: Room;
}

/** A room's name as sonos2mqtt writes it: lower case, each blank a hyphen. */
export const familiarName = (name: string): string => name.toLowerCase().replace(/\s/g, '-');

/** The ways to call a room, the surest first. */
const CALLED: readonly ((room: Room) => string)[] = [
  (room) => room.playerId.toLowerCase(),
  (room) => room.name.toLowerCase(),
  (room) => familiarName(room.name),
  (room) => room.address,
];

/** The room that is meant by its id, its name, that name with hyphens, or its address, in any case. */
export function familiarRoom(households: readonly Household[], word: string): Result<Place, CommandError> {
  const wanted = word.trim().toLowerCase();
  const places = households.flatMap((household) =>
    [...household.rooms.values()].map((room): Place => ({ household, room })),
  );
  for (const called of CALLED) {
    const found = places.filter(({ room }) => called(room) === wanted);
    const [only, ...others] = found;
    if (only === undefined) continue;
    if (others.length === 0) return ok(only);
    const ids = found.map(({ room }) => room.playerId).sort();
    const message = `More than one room is called ${quoted(word)}.`;
    return err(commandError('ambiguous_name', message, `Name it by its id: ${ids.join(', ')}.`));
  }
  const known = places.map(({ room }) => familiarName(room.name)).sort();
  return err(commandError('unknown_room', `No room is called ${quoted(word)}.`, suggestion(wanted, known)));
}
