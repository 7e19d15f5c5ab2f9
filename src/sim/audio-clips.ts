import type { Clip, ClipEnd, ClipOrder, ClipTrouble, HeardClip } from './clip.ts';
import { clipBody } from './clip.ts';
import { ClipTurn, type TurnPorts } from './clip-turn.ts';
import type { JsonObject } from './model.ts';
import type { Chance } from './random.ts';
import { commandFailed, globalError, type Refusal } from './refusal.ts';

/** What a box needs to play clips. */
export interface ClipPorts extends TurnPorts {
  readonly chance: Chance;
  readonly trouble: Readonly<ClipTrouble>;
  /** Where the box stands, and how loud it is, now. */
  place(): Pick<HeardClip, 'room' | 'deviceId' | 'volume'>;
  /** The list of clips is another one. */
  changed(): void;
  /** A clip begins to sound, or is silent again. */
  sounds(clip: HeardClip): void;
}

const LISTED = 3;
const REMEMBERED = 20;
const UNINTERRUPTED_MS = 10_000;

/** The clips of one box, with Sonos' rules of who interrupts whom (documentation namespace "audioClip"). */
export class ClipDeck {
  readonly #ports: ClipPorts;
  /** Oldest first. */
  #clips: Clip[] = [];
  /** The same, in the order of their latest changes. */
  #recent: Clip[] = [];
  readonly #jammed = new WeakSet<Clip>();
  /** The clip that sounds, or is fetched to sound. */
  #turn: ClipTurn | null = null;
  #heard: HeardClip | null = null;

  constructor(ports: ClipPorts) {
    this.#ports = ports;
  }

  /** Every clip the player remembers, oldest first. */
  all(): readonly Readonly<Clip>[] {
    return this.#clips;
  }

  load(order: ClipOrder): { readonly clip: Clip } | { readonly refusal: Refusal } {
    const { chance, knobs, trouble } = this.#ports;
    if (trouble.refuses !== null)
      return { refusal: globalError(499, trouble.refuses, 'The player refuses clips.') };
    const waits = this.#mustWait(order);
    if (waits && order.priority === 'LOW' && knobs.lowDuringHigh === 'refuse') {
      return { refusal: commandFailed('A clip of higher priority is playing.') };
    }
    const clip: Clip = { ...order, id: chance.text(24), status: 'INACTIVE' };
    this.#clips = [...this.#clips, clip].slice(-REMEMBERED);
    this.#recent = [...this.#recent, clip].slice(-REMEMBERED);
    if (trouble.jammed) this.#jammed.add(clip);
    if (trouble.jammed || waits) {
      this.#ports.changed();
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
    if (this.#turn?.clip === clip) {
      this.#finish('DISMISSED');
    } else if (this.#jammed.has(clip)) {
      this.#forget(clip);
    } else {
      this.#mark(clip, 'DISMISSED');
      this.#ports.changed();
    }
    return null;
  }

  /** Someone presses the button on the box; harmless when nothing sounds. */
  dismissPlaying(): void {
    if (this.#turn?.clip.status === 'ACTIVE') this.#finish('DISMISSED');
  }

  /** The clip that plays, or is fetched, ends as something went wrong. */
  failPlaying(errorCode: string): void {
    if (this.#turn !== null) this.#finish('ERROR', errorCode);
  }

  /** Sonos' audioClipStatus: at most three, those that changed last. */
  statusBody(): JsonObject {
    const listed = this.#recent.slice(-LISTED);
    const clips = this.#clips.filter((clip) => listed.includes(clip));
    return { _objectType: 'audioClipStatus', audioClips: clips.map(clipBody) };
  }

  /** The box is gone: nothing plays, nothing is remembered. */
  dispose(): void {
    this.#silence('UNPLUGGED');
    this.#clips = [];
    this.#recent = [];
  }

  #mustWait(order: ClipOrder): boolean {
    if (this.#turn === null || this.#turn.clip.priority === 'LOW') return false;
    return order.priority === 'LOW' || this.#turn.ran() <= UNINTERRUPTED_MS;
  }

  #begin(clip: Clip): void {
    const turn = new ClipTurn(clip, this.#ports, {
      begins: () => {
        this.#mark(clip, 'ACTIVE');
        this.#hear(clip);
        this.#ports.changed();
      },
      ends: (status, errorCode) => this.#finish(status, errorCode),
    });
    this.#turn = turn;
    if (turn.mustFetch) this.#ports.changed();
    turn.start();
  }

  #hear(clip: Clip): void {
    const { clock, place, sounds } = this.#ports;
    const { id: clipId, name, appId, priority, streamUrl: url = null } = clip;
    const { room, deviceId, volume } = place();
    this.#heard = {
      ...{ room, deviceId, clipId, name, appId, url, priority, volume: clip.volume ?? volume },
      ...{ startedAt: clock.elapsed(), endedAt: null, outcome: null },
    };
    sounds(this.#heard);
  }

  #mark(clip: Clip, status: Clip['status']): void {
    clip.status = status;
    if (this.#recent.includes(clip)) this.#recent = [...this.#recent.filter((each) => each !== clip), clip];
  }

  #forget(clip: Clip): void {
    this.#clips = this.#clips.filter((each) => each !== clip);
    this.#recent = this.#recent.filter((each) => each !== clip);
    this.#jammed.delete(clip);
  }

  #silence(outcome: ClipEnd): void {
    const clip = this.#turn?.clip;
    const heard = this.#heard;
    this.#turn?.stop();
    this.#turn = null;
    this.#heard = null;
    if (clip !== undefined && outcome !== 'UNPLUGGED') this.#mark(clip, outcome);
    if (heard !== null) this.#ports.sounds({ ...heard, endedAt: this.#ports.clock.elapsed(), outcome });
  }

  #finish(status: 'DONE' | 'DISMISSED' | 'ERROR', errorCode?: string): void {
    const clip = this.#turn?.clip;
    if (clip !== undefined && errorCode !== undefined) clip.errorCode = errorCode;
    this.#silence(status);
    const isLost = status === 'DONE' && this.#ports.trouble.losesDone;
    if (isLost && clip !== undefined) this.#forget(clip);
    const waiting = this.#clips.filter((each) => each.status === 'INACTIVE' && !this.#jammed.has(each));
    const next = waiting.find((each) => each.priority === 'HIGH') ?? waiting[0];
    if (next !== undefined) this.#begin(next);
    else if (!isLost) this.#ports.changed();
  }
}
