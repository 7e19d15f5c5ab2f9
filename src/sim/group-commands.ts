import type { Household } from './household.ts';
import { invalidParameter, type Refusal } from './refusal.ts';
import type { Group } from './topology.ts';

/** Ids that name no room that is plugged in. */
const unknownIds = (home: Household, ids: readonly string[]): string[] =>
  ids.filter((id) => !home.player(id)?.online);

function refuseUnknown(home: Household, ids: readonly string[]): Refusal | null {
  const unknown = unknownIds(home, ids);
  if (unknown.length === 0) return null;
  return invalidParameter('Unknown players.', { playerIds: unknown });
}

/** Either the group that came of it, or why not. */
export type Grouping = { readonly group: Group } | { readonly refusal: Refusal };

/**
 * A group of these rooms: silent, or with the music of `context`. The group whose music it takes is extended
 * under its own id when its coordinator is among the rooms.
 */
export function createGroup(home: Household, playerIds: readonly string[], context?: Group): Grouping {
  const refusal = refuseUnknown(home, playerIds);
  const [first] = playerIds;
  if (refusal !== null) return { refusal };
  if (first === undefined) return { refusal: invalidParameter('playerIds is empty.') };
  if (context !== undefined && playerIds.includes(context.coordinatorId))
    return setMembers(home, context, playerIds);
  const own = home.topology.groupOf(first);
  if (context === undefined && home.ports.knobs.createGroupExtends && own?.coordinatorId === first) {
    const result = setMembers(home, own, playerIds);
    own.transport.empty({ name: home.player(first)?.name ?? '', type: 'item' });
    return result;
  }
  const group = home.regroup(() => {
    const fresh = home.topology.standAlone(first);
    if (context !== undefined) home.takeMusic(context, fresh);
    home.topology.setMembers(fresh, playerIds);
    return fresh;
  });
  // The rooms that gave their music away have something new to say: silence.
  if (context !== undefined && home.group(context.id) !== undefined) {
    context.transport.listener?.status();
    context.transport.listener?.metadata();
  }
  return { group };
}

/** The group becomes exactly these rooms. */
export function setMembers(home: Household, group: Group, playerIds: readonly string[]): Grouping {
  const refusal = refuseUnknown(home, playerIds);
  if (refusal !== null) return { refusal };
  if (playerIds.length === 0) return { refusal: invalidParameter('playerIds is empty.') };
  home.regroup(() => home.topology.setMembers(group, playerIds));
  return { group };
}

/** Adds first, then removes; unknown ids to remove are ignored. */
export function modifyMembers(
  home: Household,
  group: Group,
  add: readonly string[],
  remove: readonly string[],
): Grouping {
  const refusal = refuseUnknown(home, add);
  if (refusal !== null) return { refusal };
  const { coordinatorId } = group;
  home.regroup(() => {
    for (const id of add) home.topology.join(id, group);
    for (const id of remove) {
      if (group.playerIds.includes(id) && group.playerIds.length > 1) home.topology.standAlone(id);
    }
  });
  return { group: home.group(group.id) ?? home.topology.groupOf(coordinatorId) ?? group };
}
