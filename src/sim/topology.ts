import type { Session } from './sessions.ts';
import type { Transport } from './transport.ts';

/** Rooms that play the same. */
export interface Group {
  /** `<playerId of the creator>:<number>`. */
  readonly id: string;
  coordinatorId: string;
  /** In the order they came; the coordinator is not always the first. */
  playerIds: string[];
  transport: Transport;
  session: Session | null;
}

/** What a group was before a change, to tell afterwards what became of it. */
export interface GroupPicture {
  readonly id: string;
  readonly coordinatorId: string;
  readonly members: string;
}

/** What became of a group, in Sonos' words (`GROUP_STATUS_…`). */
export interface GroupFate {
  readonly id: string;
  readonly fate: 'GONE' | 'MOVED' | 'UPDATED';
}

/** What became of the groups that were there before; those that stayed as they were are left out. */
export function groupFates(before: readonly GroupPicture[], after: readonly GroupPicture[]): GroupFate[] {
  const now = new Map(after.map((picture) => [picture.id, picture]));
  return before.flatMap(({ id, coordinatorId, members }): GroupFate[] => {
    const group = now.get(id);
    if (group === undefined) return [{ id, fate: 'GONE' }];
    if (group.coordinatorId !== coordinatorId) return [{ id, fate: 'MOVED' }];
    return group.members === members ? [] : [{ id, fate: 'UPDATED' }];
  });
}

/**
 * Who is grouped with whom, by Sonos' rules: a player that joins gives up its group, a player that leaves gets a
 * new group id, a group whose coordinator leaves goes on with its music under another member.
 */
export class Topology {
  readonly #groups = new Map<string, Group>();
  readonly #createGroup: (playerId: string) => Group;

  /** `createGroup` makes a silent group of one, with an id never used before. */
  constructor(createGroup: (playerId: string) => Group) {
    this.#createGroup = createGroup;
  }

  all(): Group[] {
    return [...this.#groups.values()];
  }

  get(id: string): Group | undefined {
    return this.#groups.get(id);
  }

  groupOf(playerId: string): Group | undefined {
    return this.all().find((group) => group.playerIds.includes(playerId));
  }

  pictures(): GroupPicture[] {
    return this.all().map(({ id, coordinatorId, playerIds }) => ({
      id,
      coordinatorId,
      members: [...playerIds].sort().join(),
    }));
  }

  /** A new silent group of this player alone. */
  standAlone(playerId: string): Group {
    this.detach(playerId);
    const group = this.#createGroup(playerId);
    this.#groups.set(group.id, group);
    return group;
  }

  join(playerId: string, group: Group): void {
    if (group.playerIds.includes(playerId)) return;
    this.detach(playerId);
    group.playerIds.push(playerId);
  }

  /** Leaves its group without getting another one; the last to leave ends the group. */
  detach(playerId: string): void {
    const group = this.groupOf(playerId);
    if (group === undefined) return;
    group.playerIds = group.playerIds.filter((id) => id !== playerId);
    const heir = group.playerIds[0];
    if (heir === undefined) {
      this.#groups.delete(group.id);
      group.transport.dispose();
    } else if (group.coordinatorId === playerId) {
      group.coordinatorId = heir;
    }
  }

  /** The group becomes exactly these players; those who are left out stand alone. */
  setMembers(group: Group, playerIds: readonly string[]): void {
    for (const id of playerIds) this.join(id, group);
    for (const id of group.playerIds) if (!playerIds.includes(id)) this.standAlone(id);
  }
}
