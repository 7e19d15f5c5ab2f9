import { type Playback, playbackAt } from '../namespaces/playback-slice.ts';
import { findRoom } from '../room-name.ts';
import type { Json } from '../sonos.ts';
import type { Household, Seat } from '../state.ts';
import { type LoadedAt, plays } from './content.ts';
import { contentWordOf, type Music, modesOf } from './preset.ts';
import type { Step } from './steps.ts';

/** A group that has its rooms: the room that is told, and one that tells what plays; null when it is silent. */
export interface Stage {
  readonly host: Seat;
  readonly origin: Seat | null;
  /** Its place among the groups of the preset. */
  readonly together: number;
}

/** The address of a room that a preset names; its own word when there is none, which the command will tell. */
const addressOf = (household: Household, word: string): string => findRoom(household, word)?.address ?? word;

/** The step that loads what is wanted; null when nothing is. */
function loading(music: Music, { host, together }: Stage): Step | null {
  const word = contentWordOf(music);
  if (word === null) return null;
  const step = { together, phase: 'content', room: host.room.address, command: word, fields: {} } as const;
  switch (word) {
    case 'tv':
      return { ...step, room: addressOf(host.household, String(music.tv)), value: null };
    case 'line_in':
      return { ...step, value: addressOf(host.household, String(music.line_in)) };
    case 'stream':
      return { ...step, value: music.stream as Json };
    default:
      return { ...step, value: String(music[word]), fields: { play: music.play ?? true, ...modesOf(music) } };
  }
}

/** What a room that was put out of its group is taken for, until Sonos tells. */
const SILENT: Pick<Playback, 'state' | 'modes'> = {
  state: 'idle',
  modes: { shuffle: false, repeat: 'off', crossfade: false },
};

const isPlaying = (playback: Pick<Playback, 'state'> | null): boolean | null =>
  playback?.state == null ? null : playback.state === 'playing' || playback.state === 'buffering';

/** The steps to a group's content, play modes and playing, as far as they are not so. */
export function musicSteps(music: Music, stage: Stage, loadedAt: LoadedAt): readonly Step[] {
  const { host, origin, together } = stage;
  const word = contentWordOf(music);
  const base = { together, room: host.room.address, fields: {} } as const;
  const play = (wanted: boolean): Step => ({
    ...base,
    ...{ phase: 'play', command: wanted ? 'play' : 'pause', value: null },
  });
  const load = loading(music, stage);
  if (load !== null && (origin === null || !plays(origin, music, loadedAt))) {
    // Favorites and playlists are told at once how they play; what has no queue begins by itself.
    const beginsAnyway = word === 'stream' || word === 'line_in';
    return beginsAnyway && music.play === false ? [load, play(false)] : [load];
  }
  const now = origin === null ? SILENT : playbackAt(origin);
  const modes = Object.entries(modesOf(music)).flatMap(([command, value]): Step[] =>
    now?.modes[command as keyof Playback['modes']] === value
      ? []
      : [{ ...base, phase: 'modes', command, value }],
  );
  const isSo = word === 'tv' || music.play === undefined || isPlaying(now) === music.play;
  return isSo ? modes : [...modes, play(music.play === true)];
}
