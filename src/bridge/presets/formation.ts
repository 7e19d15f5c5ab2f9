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

/** Trying more orders and hosts than so many would take too long. */
const MOST_TRIES = 2_000;

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

/** The rooms that may be told: the one whose music goes on, or else any, first those that throw the fewest others out. */
function hostsOf(cells: readonly Cell[], { playerIds, keepsMusic }: Wanted): readonly string[] {
  const strangers = (id: string): number =>
    cellWith(cells, id)?.playerIds.filter((other) => !playerIds.includes(other)).length ?? 0;
  if (keepsMusic) return [playerIds[0]];
  return playerIds.toSorted((a, b) => strangers(a) - strangers(b));
}

/** In how many ways groups can be formed one after another. */
const waysOf = (all: readonly Wanted[]): number =>
  all.reduce((ways, { playerIds }, index) => ways * playerIds.length * (index + 1), 1);

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
  const most = waysOf(left) > MOST_TRIES ? 1 : Number.POSITIVE_INFINITY;
  const tries = left.slice(0, most).flatMap((wanted) =>
    hostsOf(cells, wanted)
      .slice(0, most)
      .map((host) => ({ wanted, host })),
  );
  let best: Formed<W> | null = null;
  for (const forming of tries) {
    const others = left.filter((each) => each !== forming.wanted);
    const rest = formed(after(cells, forming), others);
    const formings = [forming, ...rest.formings];
    if (best === null || formings.length < best.formings.length) best = { formings, cells: rest.cells };
  }
  return best ?? { formings: [], cells };
}
