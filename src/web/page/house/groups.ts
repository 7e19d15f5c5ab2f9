import type { RoomView } from '../../api/messages.ts';

/** A room with its address. */
export interface Room {
  readonly address: string;
  readonly view: RoomView;
}

/** Rooms that play together, or one that plays alone. */
export interface Group {
  /** The address of the room that leads it, by which commands reach all of it. */
  readonly lead: Room;
  /** The leading room first, then by name. */
  readonly members: readonly Room[];
}

/** How long a group that was paused keeps its place among those that play: nothing moves away under the finger. */
const STAYS_MS = 600_000;

const byName = (one: Room, other: Room): number =>
  one.view.name.localeCompare(other.view.name, undefined, { numeric: true }) ||
  (one.address < other.address ? -1 : 1);

/** Rooms that are there, as they are grouped; sorted by name. */
export function groupsOf(rooms: Readonly<Record<string, RoomView>>): readonly Group[] {
  const together = new Map<string, Room[]>();
  for (const [address, view] of Object.entries(rooms)) {
    if (!view.online) continue;
    const key = view.group?.coordinator ?? view.group?.members[0] ?? address;
    together.set(key, [...(together.get(key) ?? []), { address, view }]);
  }
  const groups = [...together].flatMap(([key, members]) => {
    const sorted = members.sort(byName);
    const lead = sorted.find(({ address }) => address === key) ?? sorted[0];
    return lead === undefined ? [] : [{ lead, members: [lead, ...sorted.filter((each) => each !== lead)] }];
  });
  return groups.sort((one, other) => byName(one.lead, other.lead));
}

/** Rooms of which Sonos lists no player, by name. */
export const awayIn = (rooms: Readonly<Record<string, RoomView>>): readonly Room[] =>
  Object.entries(rooms)
    .flatMap(([address, view]) => (view.online ? [] : [{ address, view }]))
    .sort(byName);

/** Whether music, a film or an announcement is heard there. */
export const isHeard = ({ state }: RoomView): boolean => state === 'playing' || state === 'buffering';

/** Whether something is loaded that could be played on. */
export const isLoaded = ({ source, track }: RoomView): boolean =>
  track !== null || (source !== null && source.kind !== 'none');

/** Groups in two lots: those that are large on the page, and the rest. */
export interface Lots {
  readonly large: readonly Group[];
  readonly small: readonly Group[];
  /** When each group was last heard, by the address of its leading room. */
  readonly heard: ReadonlyMap<string, number>;
}

/** Parts groups that play, or did a moment ago, from the rest; `now` in milliseconds. */
export function lotsOf(groups: readonly Group[], earlier: ReadonlyMap<string, number>, now: number): Lots {
  const heard = new Map<string, number>();
  for (const { lead } of groups) {
    const last = isHeard(lead.view) ? now : earlier.get(lead.address);
    if (last !== undefined) heard.set(lead.address, last);
  }
  const isLarge = ({ lead }: Group): boolean =>
    isHeard(lead.view) || (isLoaded(lead.view) && now - (heard.get(lead.address) ?? -STAYS_MS) < STAYS_MS);
  return { large: groups.filter(isLarge), small: groups.filter((group) => !isLarge(group)), heard };
}
