import type { Seat } from '../state.ts';
import type { SourceKind } from './source-kind.ts';

/** What is remembered of a group's playback. */
export interface Playback {
  /** Home Assistant's words; null for a state that Sonos did not have when this was written. */
  readonly state: 'playing' | 'paused' | 'idle' | 'buffering' | null;
  /** What the last event said that was news, and when (wall time, milliseconds). */
  readonly position: { readonly seconds: number; readonly at: number } | null;
  readonly itemId: string | null;
  readonly modes: {
    readonly shuffle: boolean | null;
    readonly repeat: 'off' | 'all' | 'one' | null;
    readonly crossfade: boolean | null;
  };
  /** Null while no event said it. */
  readonly actions: readonly string[] | null;
  /** Why it cannot play, as Sonos told since it last tried to; null when nothing went wrong. Not shown. */
  readonly error: PlaybackError | null;
}

/** A `playbackError` of a group, and when it came (wall time, milliseconds). */
export interface PlaybackError {
  readonly code: string;
  readonly reason: string | null;
  readonly at: number;
}

/** What is remembered of what a group plays. */
export interface Metadata {
  readonly source: {
    readonly kind: SourceKind;
    readonly name: string | null;
    readonly service: string | null;
    readonly image: string | null;
  };
  readonly track: Track | null;
  readonly next: Track | null;
  /** Tells one loaded container from another, and one item from another; not shown. */
  readonly containerId: string | null;
  readonly itemId: string | null;
}

/** A track as it is shown; what is unknown is null. The duration is in seconds. */
export interface Track {
  readonly title: string | null;
  readonly artist: string | null;
  readonly album: string | null;
  readonly image: string | null;
  readonly duration: number | null;
}

const slice = (seat: Seat, namespace: string): unknown =>
  seat.group === null ? undefined : seat.household.groups.get(seat.group.id)?.[namespace];

/** The playback of the room's group; null when not known. Only the `playback` row writes that slice. */
export const playbackAt = (seat: Seat): Playback | null =>
  (slice(seat, 'playback') as Playback | undefined) ?? null;

/** What the room's group plays; null when not known. Only the `playbackMetadata` row writes that slice. */
export const metadataAt = (seat: Seat): Metadata | null =>
  (slice(seat, 'playbackMetadata') as Metadata | undefined) ?? null;
