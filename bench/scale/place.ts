/** A room that is a group of its own, by its ids at Sonos. */
export interface Place {
  readonly index: number;
  readonly household: string;
  readonly player: string;
  readonly group: string;
}

/** The nth household. */
export const householdOf = (index: number): string => `Sonos_scale${String(index).padStart(8, '0')}`;

/** The nth room of households that have so many each; always the same. */
export function placeOf(index: number, roomsEach = 1): Place {
  const player = `RINCON_${(0x5c_aa_fd_00_00_00 + index).toString(16).toUpperCase().padStart(12, '0')}01400`;
  return { index, household: householdOf(Math.floor(index / roomsEach)), player, group: `${player}:1` };
}
