import { z } from 'zod';
import { type CommandError, commandError } from '../../bridge/command-error.ts';
import { favorites } from '../../bridge/namespaces/favorites.ts';
import { playlists } from '../../bridge/namespaces/playlists.ts';
import { readJson } from '../../bridge/read-json.ts';
import { err, ok, type Result } from '../../bridge/result.ts';
import type { Json } from '../../bridge/sonos.ts';
import type { Household } from '../../bridge/state.ts';

/** A command of the contract with its payload. */
export interface Meant {
  readonly command: string;
  readonly payload: { readonly [key: string]: Json };
}

const media = z.object({ media_type: z.string().nullish(), media_id: z.string() });

const ADVICE =
  'Send {"media_type": "music", "media_id": …}: the name of a favorite or playlist, or the address of a WAV or MP3 file, or with the type channel that of a live stream.';

const misread = (message: string): { readonly ok: false; readonly error: CommandError } =>
  err(commandError('invalid_payload', message, ADVICE));

const LISTS = { favorite: favorites, playlist: playlists } as const;

const has = (household: Household | undefined, list: keyof typeof LISTS, wanted: string): boolean =>
  household !== undefined &&
  LISTS[list]
    .slice(household.own)
    ?.items.some(({ id, name }) => id === wanted || name.toLowerCase() === wanted.toLowerCase()) === true;

/**
 * What playing a piece of media means. A `channel`, Home Assistant's word for a station, at an address is played as a live
 * stream. Any other address is announced: the integration does not say whether it speaks or plays music, and Sonos plays no
 * file as a stream, so a sound over the music is what there is. Anything else is a name.
 */
export function readPlayMedia(text: string, household: Household | undefined): Result<Meant, CommandError> {
  const read = readJson(media, text);
  if (read === null) return misread('That is no piece of media.');
  const wanted = read.media_id.trim();
  if (wanted === '') return misread('The media has no id.');
  if (/^https?:\/\//i.test(wanted)) {
    const command = read.media_type?.toLowerCase() === 'channel' ? 'stream' : 'announce';
    return ok({ command, payload: { url: wanted } });
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(wanted))
    return misread(
      'The bridge cannot open that kind of address; Home Assistant must give it as http or https.',
    );
  const isPlaylist = read.media_type?.toLowerCase() === 'playlist';
  const [first, second] = isPlaylist
    ? (['playlist', 'favorite'] as const)
    : (['favorite', 'playlist'] as const);
  // A name in neither list is told by the command itself, which knows what is like it.
  const command = !has(household, first, wanted) && has(household, second, wanted) ? second : first;
  return ok({ command, payload: { value: wanted } });
}
