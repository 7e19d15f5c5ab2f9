import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Knobs } from './knobs.ts';
import type { JsonObject } from './model.ts';
import type { Chance } from './random.ts';
import { commandFailed, globalError, type Refusal } from './refusal.ts';

/** What a loadAudioClip asks for, already checked. */
export interface ClipOrder {
  readonly name: string;
  readonly appId: string;
  readonly priority: 'LOW' | 'HIGH';
  readonly clipType: string;
  readonly streamUrl?: string;
  readonly httpAuthorization?: string;
  readonly volume?: number;
}

/** A clip that a player knows of. */
export interface Clip extends ClipOrder {
  readonly id: string;
  status: 'ACTIVE' | 'INACTIVE' | 'DONE' | 'DISMISSED' | 'INTERRUPTED' | 'ERROR';
  errorCode?: string;
}

/** The player gets the sound: its length in milliseconds, or null when there is none to be had. */
export type FetchClip = (url: string, authorization: string | undefined) => Promise<number | null>;

const LISTED = 3;
const REMEMBERED = 20;
const UNINTERRUPTED_MS = 10_000;

/** The clips of one player, with Sonos' rules of who interrupts whom (documentation namespace "audioClip"). */
export class ClipDeck {
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #knobs: Knobs;
  readonly #changed: () => void;
  readonly #fetch: FetchClip | undefined;
  /** Oldest first. */
  #clips: Clip[] = [];
  #playing: { clip: Clip; since: number } | null = null;
  #end: Cancel | null = null;

  constructor(clock: Clock, chance: Chance, knobs: Knobs, changed: () => void, fetch?: FetchClip) {
    this.#clock = clock;
    this.#chance = chance;
    this.#knobs = knobs;
    this.#changed = changed;
    this.#fetch = fetch;
  }

  /** Every clip the player remembers, oldest first. */
  all(): readonly Readonly<Clip>[] {
    return this.#clips;
  }

  load(order: ClipOrder): { readonly clip: Clip } | { readonly refusal: Refusal } {
    const waits = this.#mustWait(order);
    if (waits && order.priority === 'LOW' && this.#knobs.lowDuringHigh === 'refuse') {
      return { refusal: commandFailed('A clip of higher priority is playing.') };
    }
    const clip: Clip = { ...order, id: this.#chance.text(24), status: 'INACTIVE' };
    this.#clips = [...this.#clips, clip].slice(-REMEMBERED);
    if (waits) {
      this.#changed();
    } else {
      this.#silence('INTERRUPTED');
      this.#begin(clip);
    }
    return { clip };
  }

  cancel(id: string): Refusal | null {
    const clip = this.#clips.find((known) => known.id === id);
    if (clip === undefined || (clip.status !== 'ACTIVE' && clip.status !== 'INACTIVE')) {
      return globalError(499, 'ERROR_AUDIO_CLIP_ID_NOT_FOUND', 'The clip is unknown or has finished.');
    }
    if (this.#playing?.clip === clip) {
      this.#finish('DISMISSED');
    } else {
      clip.status = 'DISMISSED';
      this.#changed();
    }
    return null;
  }

  /** The playing clip ends as something went wrong. */
  failPlaying(errorCode: string): void {
    const clip = this.#playing?.clip;
    if (clip === undefined) return;
    clip.errorCode = errorCode;
    this.#finish('ERROR');
  }

  /** Sonos' audioClipStatus: at most three, the latest. */
  statusBody(): JsonObject {
    const clips = this.#clips.slice(-LISTED);
    return { _objectType: 'audioClipStatus', audioClips: clips.map(clipBody) };
  }

  /** The player is gone: nothing plays, nothing is remembered. */
  dispose(): void {
    this.#end?.();
    this.#playing = null;
    this.#clips = [];
  }

  #mustWait(order: ClipOrder): boolean {
    if (this.#playing === null || this.#playing.clip.priority === 'LOW') return false;
    const run = this.#clock.elapsed() - this.#playing.since;
    return order.priority === 'LOW' || run <= UNINTERRUPTED_MS;
  }

  #begin(clip: Clip): void {
    clip.status = 'ACTIVE';
    this.#playing = { clip, since: this.#clock.elapsed() };
    const url = clip.streamUrl;
    if (url !== undefined && this.#fetch !== undefined && this.#knobs.fetchClips) {
      this.#fetchAndPlay(clip, url, this.#fetch);
    } else {
      this.#endAfter(url === undefined ? this.#knobs.chimeMs : this.#knobs.clipMs);
    }
    this.#changed();
  }

  #fetchAndPlay(clip: Clip, url: string, fetch: FetchClip): void {
    const arrived = (length: number | null): void => {
      if (this.#playing?.clip !== clip) return;
      if (length === null) this.failPlaying('ERROR_AUDIO_CLIP_MEDIA_ERROR');
      else this.#endAfter(length);
    };
    // The credential goes to HTTPS addresses only, as documented.
    const authorization = url.startsWith('https:') ? clip.httpAuthorization : undefined;
    fetch(url, authorization).then(arrived, () => arrived(null));
  }

  #endAfter(milliseconds: number): void {
    this.#end = this.#clock.after(milliseconds, () => this.#finish('DONE'));
  }

  #silence(status: 'DONE' | 'DISMISSED' | 'INTERRUPTED' | 'ERROR'): void {
    this.#end?.();
    this.#end = null;
    if (this.#playing !== null) this.#playing.clip.status = status;
    this.#playing = null;
  }

  #finish(status: 'DONE' | 'DISMISSED' | 'ERROR'): void {
    this.#silence(status);
    const waiting = this.#clips.filter((clip) => clip.status === 'INACTIVE');
    const next = waiting.find((clip) => clip.priority === 'HIGH') ?? waiting[0];
    if (next === undefined) this.#changed();
    else this.#begin(next);
  }
}

/** Sonos' audioClip object. */
export function clipBody(clip: Clip): JsonObject {
  const { id, name, appId, priority, clipType, status, errorCode } = clip;
  const error = errorCode === undefined ? {} : { errorCode };
  return { _objectType: 'audioClip', id, name, appId, priority, clipType, status, ...error };
}
