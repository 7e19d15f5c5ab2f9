import { withDevices } from './hardware.ts';
import type { AnswerSpec, Doubt, Happening, Namespace } from './namespaces/define.ts';
import { groups } from './namespaces/groups.ts';
import { namespaceOf } from './namespaces/index.ts';
import { roomPicture } from './room-picture.ts';
import { withAbsent, withPlayers } from './rooms.ts';
import { type Session, sessionsOf, withSession } from './session.ts';
import { type SlicesByTarget, slicesByTarget } from './slices-by-target.ts';
import type { SonosEvent } from './sonos.ts';
import { type Household, hasTargetOf, type Slices, sliceKey } from './state.ts';
import type { Group, Topology } from './topology.ts';

/** What an event makes of a household. The household is the same reference when nothing changed. */
export interface Reduction {
  readonly household: Household;
  /** What happened, and to which player's room. */
  readonly happenings: readonly { readonly playerId: string; readonly happening: Happening }[];
  readonly doubt: Doubt;
}

const replaced = (all: SlicesByTarget, id: string, name: string, slice: unknown): SlicesByTarget =>
  all.with(id, { ...all.get(id), [name]: slice });

/**
 * The group before the regrouping whose music this one goes on with: the same id, or else the same coordinator,
 * when that group is gone: a coordinator that leaves a group which stays takes no music along.
 */
const predecessor = (before: Topology | null, now: Topology, group: Group): Group | undefined =>
  before?.groups.get(group.id) ??
  [...(before?.groups.values() ?? [])].find(
    (earlier) => earlier.coordinatorId === group.coordinatorId && !now.groups.has(earlier.id),
  );

/** The slices of the groups that are there now. What a new group takes over from its predecessor is only presumed. */
function regrouped(household: Household, topology: Topology): Pick<Household, 'groups' | 'presumed'> {
  const slices = new Map<string, Slices>();
  const presumed = new Set(
    [...household.presumed].filter((key) => hasTargetOf({ ...household, topology }, key)),
  );
  for (const group of topology.groups.values()) {
    const from = predecessor(household.topology, topology, group);
    const remembered = from && household.groups.get(from.id);
    if (remembered === undefined) continue;
    slices.set(group.id, remembered);
    if (from?.id !== group.id)
      for (const name of Object.keys(remembered)) presumed.add(sliceKey(name, group.id));
  }
  return { groups: slicesByTarget(slices), presumed };
}

/** The household after its topology changed: slices of what is gone are forgotten, rooms keep or get their address. */
function settled(before: Household, topology: Topology, at: number): Household {
  const pictureOf = (room: Parameters<typeof roomPicture>[1]) => roomPicture(before, room);
  const left = topology.isComplete ? withAbsent(before.rooms, topology.players, at, pictureOf) : before.rooms;
  const rooms = withPlayers(left, topology.players);
  const players = slicesByTarget(
    [...topology.players.keys()].flatMap((id) => {
      const slices = before.players.get(id);
      return slices === undefined ? [] : [[id, slices] as const];
    }),
  );
  const sessions = sessionsOf(before.sessions, topology.groups);
  return { ...before, topology, rooms, players, sessions, ...regrouped(before, topology) };
}

/** A session whose group went before the answer came is over already. */
function withSessionOf(household: Household, id: string, session: Session | null): Household {
  if (session !== null && household.topology?.groups.has(session.group) !== true) return household;
  return { ...household, sessions: withSession(household.sessions, id, session) };
}

function remembered(household: Household, row: Namespace, event: SonosEvent, slice: unknown): Household {
  const { target, at } = event;
  if (row.target === 'group')
    return { ...household, groups: replaced(household.groups, target, row.name, slice) };
  if (row.target === 'player')
    return { ...household, players: replaced(household.players, target, row.name, slice) };
  // Only the row of sessions has this target, so what it remembers is one.
  if (row.target === 'session') return withSessionOf(household, target, slice as Session | null);
  const next = { ...household, own: { ...household.own, [row.name]: slice } };
  const topology = groups.slice(next.own);
  return topology === null || topology === household.topology ? next : settled(next, topology, at);
}

function sliceOf(household: Household, row: Namespace, target: string): unknown {
  if (row.target === 'group') return row.slice(household.groups.get(target));
  if (row.target === 'session') return household.sessions.get(target) ?? null;
  return row.slice(row.target === 'player' ? household.players.get(target) : household.own);
}

/** The players to whom something happened: those of the group, also a session's, or the one player. */
const playersOf = ({ topology, sessions }: Household, target: string): readonly string[] =>
  topology?.groups.get(sessions.get(target)?.group ?? target)?.playerIds ?? [target];

const unknownTarget = (household: Household, row: Namespace, target: string): boolean =>
  (row.target === 'group' && household.topology?.groups.has(target) !== true) ||
  (row.target === 'player' && household.topology?.players.has(target) !== true);

/** What was heard is no longer presumed. */
function heard(household: Household, key: string): Household {
  if (!household.presumed.has(key)) return household;
  return { ...household, presumed: new Set([...household.presumed].filter((each) => each !== key)) };
}

/** How an event is remembered; what only our own calls tell has no number. */
function specOf(
  { events, answers }: Namespace,
  { type, sequence }: SonosEvent,
): AnswerSpec<unknown> | undefined {
  if (Object.hasOwn(events, type)) return events[type];
  return sequence === null && Object.hasOwn(answers, type) ? answers[type] : undefined;
}

/** The next household, and what happened on the way. An event of an unknown type or target changes nothing. */
export function reduce(household: Household, event: SonosEvent): Reduction {
  const row = namespaceOf(event.namespace);
  const spec = row === null ? undefined : specOf(row, event);
  if (row === null || spec === undefined || unknownTarget(household, row, event.target)) {
    return { household, happenings: [], doubt: 'nothing' };
  }
  const earlier = sliceOf(household, row, event.target);
  const slice = spec.remember(earlier, event.body, event.at);
  const next = slice === earlier ? household : remembered(household, row, event, slice);
  const happened = spec.happened(earlier, event.body, event.at);
  const happenings = happened.flatMap((happening) =>
    playersOf(household, event.target).map((playerId) => ({ playerId, happening })),
  );
  return {
    household: heard(withDevices(next, row.devices(event.body)), sliceKey(row.name, event.target)),
    happenings,
    doubt: row.doubts(event.body),
  };
}
