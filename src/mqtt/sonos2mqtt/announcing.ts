import type { CommandError } from '../../bridge/command-error.ts';
import { commandError } from '../../bridge/command-error.ts';
import { textAt } from '../../bridge/familiar-words.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import { roomPicture } from '../../bridge/room-picture.ts';
import type { Json } from '../../bridge/sonos.ts';
import type { Household, Room } from '../../bridge/state.ts';
import { field, type Input, isObject, misread } from './inputs.ts';

/** What is to be heard, and whether only where something plays. */
export interface Wanted {
  readonly payload: { readonly [key: string]: Json };
  readonly onlyWhenPlaying: boolean;
}

const withoutNothing = (fields: {
  readonly [key: string]: Json | undefined;
}): { readonly [key: string]: Json } =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  );

const isYes = (value: Json | undefined): boolean => value === true || value === 'true';

/** What `notify` takes: a URL, or an object with `trackUri`. */
export function readNotify(input: Input): Result<Wanted, CommandError> {
  const given = typeof input === 'string' ? { trackUri: input } : input;
  const url = isObject(given) ? field(given, 'trackUri') : undefined;
  if (!isObject(given) || typeof url !== 'string')
    return misread('No sound was named.', 'Send {"trackUri": "http://…/sound.mp3", "volume": 20}.');
  return ok({
    payload: withoutNothing({ url, volume: field(given, 'volume') }),
    onlyWhenPlaying: isYes(field(given, 'onlyWhenPlaying')),
  });
}

/** What `speak` takes: an object with `text`. A bare text will do. */
export function readSpeak(input: Input): Result<Wanted, CommandError> {
  const given = typeof input === 'string' ? { text: input } : input;
  const text = isObject(given) ? field(given, 'text') : undefined;
  if (!isObject(given) || typeof text !== 'string')
    return misread('There is no text.', 'Send {"text": "Dinner is ready", "lang": "en-US", "volume": 20}.');
  return ok({
    payload: withoutNothing({ text, language: field(given, 'lang'), volume: field(given, 'volume') }),
    onlyWhenPlaying: isYes(field(given, 'onlyWhenPlaying')),
  });
}

/** Whether something plays in a room, as far as is known. */
export function plays(household: Household, room: Room): boolean {
  const picture = roomPicture(household, room);
  return picture?.online === true && textAt(picture, 'state') === 'playing';
}

/** Nothing is to be heard, because nothing plays. */
export const silent = err(
  commandError(
    'blocked',
    'Nothing plays there, and onlyWhenPlaying was asked for.',
    'Leave onlyWhenPlaying out.',
  ),
);
