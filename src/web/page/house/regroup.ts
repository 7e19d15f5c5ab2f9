import type { Group } from './groups.ts';

/** One command of those that change who plays with whom. */
export interface Move {
  readonly room: string;
  readonly name: 'group' | 'join' | 'leave';
  readonly value: readonly string[] | string | null;
}

const addresses = ({ members }: Group): readonly string[] => members.map(({ address }) => address);

const sameRooms = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every((each) => others.includes(each));

/** What makes a group consist of the wished rooms: nothing when it does, or when no room is wished. */
export function movesTo(group: Group, wished: readonly string[]): readonly Move[] {
  const [now, lead] = [addresses(group), group.lead.address];
  const [first] = wished;
  if (first === undefined || sameRooms(now, wished)) return [];
  if (wished.includes(lead)) {
    return [{ room: lead, name: 'group', value: wished.filter((each) => each !== lead) }];
  }
  // The music must stay, so one of those that shall have it takes it over before the leading room goes.
  const heir = wished.find((each) => now.includes(each)) ?? first;
  const joins: Move[] = now.includes(heir) ? [] : [{ room: heir, name: 'join', value: lead }];
  return [
    ...joins,
    { room: lead, name: 'leave', value: null },
    { room: heir, name: 'group', value: wished.filter((each) => each !== heir) },
  ];
}

/** Where a dragged room is let go: on the group of a room, or where it is to be alone. */
export type Drop = { readonly onto: string } | 'alone';

/** What dropping a room does; null when it is there already. */
export function moveFor(groups: readonly Group[], room: string, drop: Drop): Move | null {
  const from = groups.find((group) => addresses(group).includes(room));
  if (drop === 'alone') {
    return from === undefined || from.members.length < 2 ? null : { room, name: 'leave', value: null };
  }
  const to = groups.find((group) => addresses(group).includes(drop.onto));
  return to === undefined || to === from ? null : { room, name: 'join', value: to.lead.address };
}
