import type { RoomView } from '../../api/messages.ts';
import type { IconName } from '../icons.tsx';
import { t, type Word } from '../words.ts';
import { isLoaded } from './groups.ts';

const KINDS: Readonly<Record<string, readonly [Word, IconName]>> = {
  tv: ['play.kind_tv', 'tv'],
  airplay: ['play.kind_airplay', 'airplay'],
  line_in: ['play.kind_line_in', 'line_in'],
  alarm: ['play.kind_alarm', 'alarm'],
  spotify_connect: ['play.kind_spotify_connect', 'music'],
  stream: ['play.kind_stream', 'radio'],
  radio: ['play.kind_radio', 'radio'],
  queue: ['play.kind_queue', 'list'],
  none: ['play.kind_none', 'speaker'],
};

/** A kind of source in words, and the drawing for it. */
export function kindOf(view: RoomView): { readonly words: string; readonly icon: IconName } {
  const kind = isLoaded(view) ? (view.source?.kind ?? 'other') : 'none';
  const [word, icon] = (Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined) ?? ['play.kind_other', 'music'];
  return { words: t(word), icon };
}

const STATES: Readonly<Record<NonNullable<RoomView['state']>, Word>> = {
  playing: 'room.playing',
  paused: 'room.paused',
  idle: 'room.idle',
  buffering: 'room.buffering',
};

/** A room's state in words. */
export const stateWords = ({ state }: RoomView): string => t(state === null ? 'room.unknown' : STATES[state]);
