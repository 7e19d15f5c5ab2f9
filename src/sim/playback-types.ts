import type { JsonObject } from './model.ts';

/** Sonos' `playbackState`. */
export type PlaybackState =
  | 'PLAYBACK_STATE_IDLE'
  | 'PLAYBACK_STATE_BUFFERING'
  | 'PLAYBACK_STATE_PAUSED'
  | 'PLAYBACK_STATE_PLAYING';

/** Sonos' playMode object. */
export interface PlayModes {
  readonly repeat: boolean;
  readonly repeatOne: boolean;
  readonly shuffle: boolean;
  readonly crossfade: boolean;
}

/** Who hears of changes: the group that holds this deck. */
export interface DeckListener {
  status(): void;
  metadata(): void;
  failed(body: JsonObject): void;
  /** The source was replaced by another one. */
  replaced(): void;
}

/** As a fresh player has them. */
export const NO_MODES: PlayModes = { repeat: false, repeatOne: false, shuffle: false, crossfade: false };
