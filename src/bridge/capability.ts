import { type CommandError, commandError } from './command-error.ts';
import { type Household, type Seat, seatOf } from './state.ts';

/** The addresses of the rooms that have a capability, sorted. */
const roomsWith = (household: Household, capability: string): string[] =>
  [...household.rooms.keys()]
    .flatMap((playerId) => seatOf(household, playerId) ?? [])
    .filter(({ player }) => player.capabilities.includes(capability))
    .map(({ room }) => room.address)
    .sort();

/** The error for a room that lacks a capability, which names those that have it; null when it has it itself. */
export function withoutCapability(
  { household, player }: Seat,
  capability: string,
  message: string,
): CommandError | null {
  if (player.capabilities.includes(capability)) return null;
  const able = roomsWith(household, capability);
  const advice = able.length === 0 ? 'No room of the household can.' : `These can: ${able.join(', ')}.`;
  return commandError('not_capable', message, advice);
}
