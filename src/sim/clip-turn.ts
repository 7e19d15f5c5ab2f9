import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Clip, FetchClip } from './clip.ts';
import type { Knobs } from './knobs.ts';
import { isSound, soundLength, TELLING_BYTES } from './sound.ts';

/** What a clip needs to sound. */
export interface TurnPorts {
  readonly clock: Clock;
  readonly knobs: Knobs;
  readonly fetchClip?: FetchClip;
  /** Of the box that fetches. */
  readonly userAgent: string;
}

/** Who waits for the clip; each is told at most once, and nothing after `stop`. */
export interface TurnListener {
  begins(): void;
  ends(status: 'DONE' | 'ERROR', errorCode?: string): void;
}

/** How long a player waits for the next byte. */
const PATIENCE_MS = 5000;
const MOST_BYTES = 20 * 1024 * 1024;

/** One clip from its turn to its end: the sound is fetched, begins with its first bytes, and lasts its length. */
export class ClipTurn {
  readonly clip: Clip;
  readonly #ports: TurnPorts;
  readonly #listener: TurnListener;
  #bytes: Buffer[] = [];
  #size = 0;
  #since: number | null = null;
  #over = false;
  #timer: Cancel | null = null;
  #abort: Cancel | null = null;

  constructor(clip: Clip, ports: TurnPorts, listener: TurnListener) {
    this.clip = clip;
    this.#ports = ports;
    this.#listener = listener;
  }

  /** Whether its sound has to be fetched first. */
  get mustFetch(): boolean {
    const { fetchClip, knobs } = this.#ports;
    return this.clip.streamUrl !== undefined && fetchClip !== undefined && knobs.fetchClips;
  }

  /** How long it has sounded by now. */
  ran(): number {
    return this.#since === null ? 0 : this.#ports.clock.elapsed() - this.#since;
  }

  start(): void {
    if (this.mustFetch) {
      this.#wait();
      this.#download();
      return;
    }
    const { chimeMs, clipMs } = this.#ports.knobs;
    const { milliseconds, streamUrl } = this.clip;
    this.#begin();
    this.#endAfter(milliseconds ?? (streamUrl === undefined ? chimeMs : clipMs));
  }

  /** Silence at once; a download is broken off. */
  stop(): void {
    this.#over = true;
    this.#timer?.();
    this.#abort?.();
    this.#bytes = [];
  }

  #download(): void {
    const { httpAuthorization, streamUrl = '' } = this.clip;
    const { fetchClip, userAgent } = this.#ports;
    // The credential goes to HTTPS addresses only, as documented.
    const isTrusted = streamUrl.startsWith('https:') && httpAuthorization !== undefined;
    const headers = { 'User-Agent': userAgent, ...(isTrusted ? { Authorization: httpAuthorization } : {}) };
    const abort = fetchClip?.(streamUrl, headers, {
      came: (bytes) => this.#came(bytes),
      ended: (whole) => this.#arrived(whole),
    });
    this.#abort = abort ?? null;
    // It may have ended before it could be broken off.
    if (this.#over) abort?.();
  }

  #came(bytes: Uint8Array): void {
    if (this.#over) return;
    this.#wait();
    this.#bytes.push(Buffer.from(bytes));
    this.#size += bytes.length;
    if (this.#size > MOST_BYTES) this.#fail();
    else if (this.#since === null && this.#size >= TELLING_BYTES) this.#look();
  }

  #look(): void {
    if (isSound(Buffer.concat(this.#bytes))) this.#begin();
    else this.#refuse();
  }

  #arrived(whole: boolean): void {
    if (this.#over) return;
    this.#timer?.();
    this.#abort = null;
    const length = soundLength(Buffer.concat(this.#bytes));
    this.#bytes = [];
    if (!whole) this.#fail();
    else if (length === null || this.#since === null) this.#refuse();
    else this.#endAfter(length - this.ran());
  }

  #begin(): void {
    this.#since = this.#ports.clock.elapsed();
    this.#listener.begins();
  }

  #wait(): void {
    this.#timer?.();
    this.#timer = this.#ports.clock.after(PATIENCE_MS, () => this.#fail());
  }

  #endAfter(milliseconds: number): void {
    // Whoever heard it begin may have ended it.
    if (this.#over) return;
    this.#timer = this.#ports.clock.after(Math.max(0, milliseconds), () => this.#end('DONE'));
  }

  /** Neither MP3 nor WAV. */
  #refuse(): void {
    if (this.#ports.knobs.unsupportedMedia === 'silence') this.#end('DONE');
    else this.#fail();
  }

  #fail(): void {
    this.#end('ERROR', 'ERROR_AUDIO_CLIP_MEDIA_ERROR');
  }

  #end(status: 'DONE' | 'ERROR', errorCode?: string): void {
    this.stop();
    this.#listener.ends(status, errorCode);
  }
}
