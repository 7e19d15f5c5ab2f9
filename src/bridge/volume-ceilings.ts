import { type CommandError, commandError } from './command-error.ts';
import { groupVolume } from './namespaces/group-volume.ts';
import { playerVolume } from './namespaces/player-volume.ts';
import type { Amount } from './readers.ts';
import { err, ok, type Result } from './result.ts';
import { type Room, type Seat, seatOf } from './state.ts';
import { isBetween } from './zoned-time.ts';

/** How loud the bridge makes some rooms at most. */
export interface Ceiling {
  /** Addresses or player ids; null: all rooms. */
  readonly rooms: readonly string[] | null;
  readonly max: number;
  /** Times of day, `HH:MM`, and their zone (null: the system's); null: always. */
  readonly hours: { readonly from: string; readonly to: string; readonly timezone: string | null } | null;
}

/** A command's value as far as the ceilings let it go. */
export interface Limited {
  readonly value: unknown;
  /** Where it was stopped; null when it was not. */
  readonly to: number | null;
}

/** The lowest ceiling over a room at a moment (wall time); null when there is none. */
export function ceilingOf(ceilings: readonly Ceiling[], room: Room, at: number): number | null {
  const over = ceilings.filter(
    ({ rooms, hours }) =>
      (rooms === null || rooms.includes(room.address) || rooms.includes(room.playerId)) &&
      (hours === null || isBetween(hours, at)),
  );
  return over.length === 0 ? null : Math.min(...over.map(({ max }) => max));
}

const unknown = (seat: Seat): CommandError =>
  commandError(
    'not_capable',
    `The volume of "${seat.room.address}" has a ceiling and is not known yet, so no step can be made.`,
    'Send an absolute volume, or "refresh" to the room first.',
  );

/** A volume or step that ends at a ceiling at the latest. Steps down are steps, also from above. */
function below(
  amount: Amount,
  level: number | null,
  ceiling: number,
  seat: Seat,
): Result<Limited, CommandError> {
  if ('to' in amount)
    return ok(amount.to > ceiling ? { value: { to: ceiling }, to: ceiling } : { value: amount, to: null });
  if (amount.by <= 0) return ok({ value: amount, to: null });
  if (level === null) return err(unknown(seat));
  return ok(
    level + amount.by > ceiling ? { value: { to: ceiling }, to: ceiling } : { value: amount, to: null },
  );
}

const volumeOf = (seat: Seat): number | null =>
  playerVolume.slice(seat.household.players.get(seat.player.id))?.volume ?? null;

const isFixed = (seat: Seat): boolean =>
  playerVolume.slice(seat.household.players.get(seat.player.id))?.fixed === true;

/** How loud a group may become at most so that none of its members passes its ceiling; null when none has one. */
function groupCeiling(
  ceilings: readonly Ceiling[],
  seat: Seat,
  level: number | null,
  at: number,
): number | null {
  const { household, group } = seat;
  const bounds = (group?.playerIds ?? []).flatMap((playerId) => {
    const member = seatOf(household, playerId);
    const ceiling = member && ceilingOf(ceilings, member.room, at);
    if (member === null || ceiling === null || isFixed(member)) return [];
    const own = volumeOf(member);
    // Sonos moves the members in proportion. Of silent ones, and of those that are not known, nobody can tell how they will move.
    if (own === null || level === null || own === 0 || level === 0) return [ceiling];
    if (own >= ceiling) return [level];
    return [Math.floor(Math.min((ceiling * level) / own, level + ceiling - own))];
  });
  return bounds.length === 0 ? null : Math.min(...bounds);
}

/** A clip's own volume. */
interface Loud {
  readonly body: { readonly volume?: unknown };
}

/** What a command of a room comes to under the ceilings at a moment. Others than volumes and clips are not touched. */
export function limited(
  ceilings: readonly Ceiling[],
  command: string,
  value: unknown,
  seat: Seat,
  at: number,
): Result<Limited, CommandError> {
  const free: Result<Limited, CommandError> = ok({ value, to: null });
  if (ceilings.length === 0) return free;
  if (command === 'group_volume') {
    const level = (seat.group && groupVolume.slice(seat.household.groups.get(seat.group.id))?.volume) ?? null;
    const ceiling = groupCeiling(ceilings, seat, level, at);
    return ceiling === null ? free : below(value as Amount, level, ceiling, seat);
  }
  const ceiling = ceilingOf(ceilings, seat.room, at);
  if (ceiling === null) return free;
  if (command === 'volume') return below(value as Amount, volumeOf(seat), ceiling, seat);
  if (command !== 'clip') return free;
  const clip = value as Loud;
  const loud = typeof clip.body.volume === 'number' ? clip.body.volume : volumeOf(seat);
  if (loud !== null && loud <= ceiling) return free;
  return ok({ value: { ...clip, body: { ...clip.body, volume: ceiling } }, to: ceiling });
}
