import { type CommandError, commandError } from './command-error.ts';
import { groupPath } from './paths.ts';
import { err, ok, type Result } from './result.ts';
import type { Seat } from './state.ts';
import type { Group } from './topology.ts';

/** The group that the room is in at this moment; an error while Sonos lists none for it. */
export function groupAt(seat: Seat): Result<Group, CommandError> {
  if (seat.group !== null) return ok(seat.group);
  const message = `Sonos lists no group for "${seat.room.address}".`;
  return err(commandError('not_capable', message, 'Send "refresh" to the room, then try again.'));
}

/** The path of that group. */
export function groupPathOf(seat: Seat): Result<string, CommandError> {
  const group = groupAt(seat);
  return group.ok ? ok(groupPath(group.value.id)) : group;
}
