import { valueAt } from './same.ts';
import type { RoomPicture } from './state.ts';

/** Who plays in the words of the speakers' own protocol, which older bridges show. */
const TRANSPORT: ReadonlyMap<string, string> = new Map([
  ['playing', 'PLAYING'],
  ['paused', 'PAUSED_PLAYBACK'],
  ['idle', 'STOPPED'],
  ['buffering', 'TRANSITIONING'],
]);

/** The contract's state of a room in those words; null while it is unknown. */
export const transportState = (picture: RoomPicture): string | null =>
  TRANSPORT.get(textAt(picture, 'state') ?? '') ?? null;

/** How a queue goes on. */
export interface QueueModes {
  readonly shuffle: boolean;
  readonly repeat: 'off' | 'all' | 'one';
}

/** The play modes of that protocol. `SHUFFLE` repeats everything, too. */
const PLAY_MODES: Readonly<Record<string, QueueModes>> = {
  NORMAL: { shuffle: false, repeat: 'off' },
  REPEAT_ALL: { shuffle: false, repeat: 'all' },
  REPEAT_ONE: { shuffle: false, repeat: 'one' },
  SHUFFLE_NOREPEAT: { shuffle: true, repeat: 'off' },
  SHUFFLE: { shuffle: true, repeat: 'all' },
  SHUFFLE_REPEAT_ONE: { shuffle: true, repeat: 'one' },
};

/** Every play mode's name. */
export const PLAY_MODE_NAMES: readonly string[] = Object.keys(PLAY_MODES);

const playModes: ReadonlyMap<string, QueueModes> = new Map(Object.entries(PLAY_MODES));

/** What a play mode means; null when there is none of that name. */
export const readPlayMode = (name: string): QueueModes | null => playModes.get(name) ?? null;

/** The name of a room's play mode; null while it is unknown. */
export function playMode(picture: RoomPicture): string | null {
  const shuffle = flagAt(picture, 'play_modes.shuffle');
  const repeat = textAt(picture, 'play_modes.repeat');
  const found = Object.entries(PLAY_MODES).find(
    ([, modes]) => modes.shuffle === shuffle && modes.repeat === repeat,
  );
  return found?.[0] ?? null;
}

/** Seconds as `H:MM:SS`, with so many digits for the hours. */
export function clockText(seconds: number, hourDigits: 1 | 2): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (part: number): string => String(part).padStart(2, '0');
  const hours = String(Math.floor(whole / 3600)).padStart(hourDigits, '0');
  return `${hours}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}`;
}

/** A text of a room's state; null when there is none. */
export function textAt(picture: RoomPicture, path: string): string | null {
  const value = valueAt(picture, path);
  return typeof value === 'string' ? value : null;
}

/** A number of a room's state. */
export function numberAt(picture: RoomPicture, path: string): number | null {
  const value = valueAt(picture, path);
  return typeof value === 'number' ? value : null;
}

/** A yes or no of a room's state. */
export function flagAt(picture: RoomPicture, path: string): boolean | null {
  const value = valueAt(picture, path);
  return typeof value === 'boolean' ? value : null;
}

/** When a track was where the room's state says, milliseconds since 1970; null when that is unknown. */
export function positionToldAt(picture: RoomPicture): number | null {
  const at = textAt(picture, 'position.at');
  return at === null ? null : Date.parse(at);
}
