import { type CommandError, commandError, offline } from '../command-error.ts';
import type { Raw } from '../readers.ts';
import { readRoom } from '../room-name.ts';
import type { Json } from '../sonos.ts';
import { type Household, type Seat, seatOf } from '../state.ts';

/** When a step is done. What makes it quieter goes first, what makes it louder last, so that nothing bursts out. */
export const PHASES = ['quieter', 'group', 'content', 'modes', 'play', 'louder'] as const;
export type Phase = (typeof PHASES)[number];

/** One command of a room that leads towards a preset. */
export interface Step {
  readonly phase: Phase;
  /** The address of the room. */
  readonly room: string;
  readonly command: string;
  readonly value: Json;
  /** What stands beside the value. */
  readonly fields: { readonly [key: string]: Json };
  /** Which group of the preset it is for: without the group or its content, what follows makes no sense. */
  readonly together: number | null;
}

/** Something that cannot be done, because there is no such room, or it is away. */
export interface Unreachable {
  /** As the preset names it. */
  readonly room: string;
  readonly command: string;
  readonly error: CommandError;
}

/** Tells one step from another: the same command with the same value in the same room is the same. */
export const stepKey = ({ room, command, value, fields }: Step): string =>
  JSON.stringify([room, command, value, fields]);

/** The payload of a step's command. */
export const rawOf = ({ value, fields }: Step): Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? {
        kind: 'json',
        value: undefined,
        fields: { ...(value as { readonly [key: string]: Json }), ...fields },
      }
    : { kind: 'json', value, fields };

const twice = (word: string): CommandError =>
  commandError('invalid_payload', `The preset names the room "${word}" twice.`, 'Name it once.');

/** Resolves the rooms that a preset names, each of them once. */
export function createRoomFinder(household: Household) {
  const taken = new Set<string>();
  return (word: string): Seat | CommandError => {
    const room = readRoom(household, word);
    if (!room.ok) return room.error;
    if (taken.has(room.value.playerId)) return twice(word);
    taken.add(room.value.playerId);
    return seatOf(household, room.value.playerId) ?? offline;
  };
}

/** Whether a room was found. */
export const isSeat = (found: Seat | CommandError): found is Seat => 'player' in found;
