import { type CommandError, commandError, fromSonos } from '../command-error.ts';
import type { SonosError } from '../sonos.ts';
import type { Household, Seat } from '../state.ts';
import type { PlayerSettings } from './settings-slice.ts';
import type { Volume } from './volume.ts';

/**
 * A line-out can be at a fixed level, at which Sonos refuses every volume; or it can pass volumes through: then its level stays as
 * it is, and Sonos takes volumes to tell of them by event, so that an amplifier follows (docs.sonos.com, "settings").
 */

const slice = (household: Household, playerId: string, namespace: string): unknown =>
  household.players.get(playerId)?.[namespace];

/** The settings of a player; null when not known. Only the `settings` row writes that slice. */
export const settingsAt = (household: Household, playerId: string): PlayerSettings | null =>
  (slice(household, playerId, 'settings') as PlayerSettings | undefined) ?? null;

const toldBy = (volume: unknown): boolean | null => (volume as Volume | undefined)?.fixed ?? null;

/**
 * Whether a player's volume is fixed; null when nobody knows. Of volumes there are events, so they are believed before settings,
 * which are only read now and then; but a player that passes through is not fixed, whatever its volume says.
 */
function fixedness(household: Household, playerId: string): boolean | null {
  const mode = settingsAt(household, playerId)?.mode ?? null;
  if (mode === 'pass_through') return false;
  return toldBy(slice(household, playerId, 'playerVolume')) ?? (mode === null ? null : mode === 'fixed');
}

/** A group is fixed when all of its players are; what its volume said may be of the players that it had before. */
function groupIsFixed({ household, group }: Seat): boolean {
  if (group === null) return false;
  const known = group.playerIds.map((id) => fixedness(household, id));
  if (known.includes(false)) return false;
  return (
    toldBy(household.groups.get(group.id)?.groupVolume) === true ||
    (known.length > 0 && !known.includes(null))
  );
}

const ofPlayer = ({ room }: Seat): CommandError =>
  commandError(
    'not_capable',
    `The volume of "${room.address}" is fixed.`,
    'Set it at the amplifier, or make the line-out variable in the Sonos app.',
  );

const ofGroup = ({ room }: Seat): CommandError =>
  commandError(
    'not_capable',
    `The volume of every room in the group of "${room.address}" is fixed.`,
    'Set it at the amplifiers, or make a line-out variable in the Sonos app.',
  );

/** Why no volume of the room can be set; null when one can, as far as anyone knows. */
export const fixedPlayer = (seat: Seat): CommandError | null =>
  fixedness(seat.household, seat.player.id) === true ? ofPlayer(seat) : null;

/** The same for the volume of the room's group. */
export const fixedGroup = (seat: Seat): CommandError | null => (groupIsFixed(seat) ? ofGroup(seat) : null);

/** Whether it may have become fixed without anybody telling. */
const mayBeFixed = ({ household }: Seat, playerId: string): boolean =>
  fixedness(household, playerId) !== false ||
  household.topology?.players.get(playerId)?.capabilities.includes('FIXED_VOLUME') === true;

const said = (error: SonosError, meaning: CommandError): CommandError | null =>
  error.errorCode === 'ERROR_COMMAND_FAILED' ? { ...fromSonos(error), ...meaning } : null;

/** What Sonos' refusal of a room's volume means (docs.sonos.com, "playerVolume"); null when it says so itself. */
export const refusedPlayer = (error: SonosError, seat: Seat): CommandError | null =>
  mayBeFixed(seat, seat.player.id) ? said(error, ofPlayer(seat)) : null;

/** The same for the volume of the room's group. */
export const refusedGroup = (error: SonosError, seat: Seat): CommandError | null =>
  seat.group?.playerIds.every((id) => mayBeFixed(seat, id)) === true ? said(error, ofGroup(seat)) : null;
