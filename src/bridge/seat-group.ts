import { type CommandError, commandError } from './command-error.ts';
import { groupPath } from './paths.ts';
import { err, ok, type Result } from './result.ts';
import type { Seat } from './state.ts';

/** The path of the group that the room is in at this moment; an error while Sonos lists none for it. */
export function groupPathOf(seat: Seat): Result<string, CommandError> {
  if (seat.group !== null) return ok(groupPath(seat.group.id));
  const message = `Sonos lists no group for "${seat.room.address}".`;
  return err(commandError('not_capable', message, 'Send "refresh" to the room, then try again.'));
}
