import type { Cancel } from '../bridge/ports.ts';
import type { JsonObject } from './model.ts';

/** What a loadAudioClip asks for, already checked. */
export interface ClipOrder {
  readonly name: string;
  readonly appId: string;
  readonly priority: 'LOW' | 'HIGH';
  readonly clipType: string;
  readonly streamUrl?: string;
  readonly httpAuthorization?: string;
  readonly volume?: number;
  /** How long it sounds where nothing is fetched; the knobs say it when absent. */
  readonly milliseconds?: number;
}

/** A clip that a player knows of. INACTIVE: it waits, or its sound is being fetched. */
export interface Clip extends ClipOrder {
  readonly id: string;
  status: 'ACTIVE' | 'INACTIVE' | 'DONE' | 'DISMISSED' | 'INTERRUPTED' | 'ERROR';
  errorCode?: string;
}

/** What comes of a download: bytes as they arrive, and its end. Nothing is told after it was cancelled. */
export interface Download {
  came(bytes: Uint8Array): void;
  /** Once. `whole` is false when there was nothing to be had, or not all of it. */
  ended(whole: boolean): void;
}

/** Begins to get a sound, and streams it. */
export type FetchClip = (
  url: string,
  headers: Readonly<Record<string, string>>,
  download: Download,
) => Cancel;

/** How a clip that sounded came to its end; UNPLUGGED is told to nobody. */
export type ClipEnd = 'DONE' | 'DISMISSED' | 'INTERRUPTED' | 'ERROR' | 'UNPLUGGED';

/** What came out of one box: a clip that really sounded there. */
export interface HeardClip {
  readonly room: string;
  /** The player's id, or that of a box that is bonded to it. */
  readonly deviceId: string;
  readonly clipId: string;
  readonly name: string;
  readonly appId: string;
  /** Null for a built-in sound. */
  readonly url: string | null;
  readonly priority: 'LOW' | 'HIGH';
  /** As ordered, else the room's at that moment. */
  readonly volume: number;
  /** By the clock's `elapsed`, as `endedAt`. */
  readonly startedAt: number;
  /** Null while it sounds. */
  readonly endedAt: number | null;
  readonly outcome: ClipEnd | null;
}

/** What ails the clips of a room. */
export interface ClipTrouble {
  /** Clips are accepted, and nothing more is heard of them. */
  jammed: boolean;
  /** Clips are refused with this code. */
  refuses: string | null;
  /** That a clip is done is never told. */
  losesDone: boolean;
}

/** Sonos' audioClip object. */
export function clipBody(clip: Clip): JsonObject {
  const { id, name, appId, priority, clipType, status, errorCode } = clip;
  const error = errorCode === undefined ? {} : { errorCode };
  return { _objectType: 'audioClip', id, name, appId, priority, clipType, status, ...error };
}
