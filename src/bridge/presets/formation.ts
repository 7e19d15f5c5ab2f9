import { type Household, type Seat, seatOf } from '../state.ts';

/** Players that play together, and a room that tells what they play; null when they were left silent. */
export interface Cell {
  readonly playerIds: readonly string[];
  readonly origin: Seat | null;
}

/** Players that are to play together. */
export interface Wanted {
  /** In the order in which they were named; the first one leads. */
  readonly playerIds: readonly [string, ...string[]];
  /** Whether what they play now is to go on, or will be replaced anyway. */
  readonly keepsMusic: boolean;
}

/** One call that makes a group: `host` is told to play with exactly the others. */
export interface Forming<W extends Wanted = Wanted> {
  readonly wanted: W;
  readonly host: string;
}

/** Trying all orders of more than so many groups would take too long. */
const MOST_IN_ANY_ORDER = 5;

/** Who plays with whom now. */
export const cellsOf = (household: Household): readonly Cell[] =>
  [...(household.topology?.groups.values() ?? [])].map(({ playerIds, coordinatorId }) => ({
    playerIds,
    origin: [coordinatorId, ...playerIds].flatMap((id) => seatOf(household, id) ?? [])[0] ?? null,
  }));

const cellWith = (cells: readonly Cell[], playerId: string): Cell | undefined =>
  cells.find((cell) => cell.playerIds.includes(playerId));

const isSo = (cells: readonly Cell[], { playerIds }: Wanted): boolean =>
  cells.some(
    (cell) =>
      cell.playerIds.length === playerIds.length && playerIds.every((id) => cell.playerIds.includes(id)),
  );

/** The room that is told: the one whose music goes on, or else the one that throws the fewest others out. */
function hostOf(cells: readonly Cell[], { playerIds, keepsMusic }: Wanted): string {
  const strangers = (id: string): number =>
    cellWith(cells, id)?.playerIds.filter((other) => !playerIds.includes(other)).length ?? 0;
  const [first, ...others] = playerIds;
  if (keepsMusic) return first;
  return others.reduce((best, id) => (strangers(id) < strangers(best) ? id : best), first);
}

/** Who plays with whom after the call: whom the host's group loses is alone and silent, other groups lose whoever joined. */
function after(cells: readonly Cell[], { wanted: { playerIds }, host }: Forming): readonly Cell[] {
  const own = cellWith(cells, host);
  const left = (own?.playerIds ?? []).filter((id) => !playerIds.includes(id));
  const others = cells
    .filter((cell) => cell !== own)
    .map((cell) => ({ ...cell, playerIds: cell.playerIds.filter((id) => !playerIds.includes(id)) }))
    .filter((cell) => cell.playerIds.length > 0);
  return [
    { playerIds, origin: own?.origin ?? null },
    ...left.map((id) => ({ playerIds: [id], origin: null })),
    ...others,
  ];
}

/** How groups are formed, and who plays with whom then. */
export interface Formed<W extends Wanted = Wanted> {
  readonly formings: readonly Forming<W>[];
  readonly cells: readonly Cell[];
}

/** Forms disjoint groups with the fewest calls: making one can make another by the way. */
export function formed<W extends Wanted>(cells: readonly Cell[], all: readonly W[]): Formed<W> {
  const left = all.filter((wanted) => !isSo(cells, wanted));
  const firsts = left.length > MOST_IN_ANY_ORDER ? left.slice(0, 1) : left;
  let best: Formed<W> = { formings: [], cells };
  for (const [tried, wanted] of firsts.entries()) {
    const forming = { wanted, host: hostOf(cells, wanted) };
    const others = left.filter((each) => each !== wanted);
    const rest = formed(after(cells, forming), others);
    const formings = [forming, ...rest.formings];
    if (tried === 0 || formings.length < best.formings.length) best = { formings, cells: rest.cells };
  }
  return best;
}
