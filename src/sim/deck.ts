import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Knobs } from './knobs.ts';
import type {
  Container,
  JsonObject,
  LiveSource,
  QueueSource,
  Source,
  StationMoment,
  Track,
} from './model.ts';
import { PlayQueue } from './play-queue.ts';
import { type DeckListener, NO_MODES, type PlaybackState, type PlayModes } from './playback-types.ts';
import type { Chance } from './random.ts';
import { playbackErrorBody } from './refusal.ts';

/**
 * What is loaded, where it stands, and how it moves on by itself: buffering, playing, the next track, the next
 * thing a station says. What people and apps can tell it is in `Transport`.
 */
export class Deck {
  /** Null while nobody holds the deck. */
  listener: DeckListener | null = null;
  state: PlaybackState = 'PLAYBACK_STATE_IDLE';
  modes: PlayModes = NO_MODES;
  /** What an idle room still shows: a container named like the room. */
  leftover: Container;
  /** True while Spotify Connect shows its almost empty opening. */
  opening = false;
  previous: { readonly itemId?: string; readonly positionMillis: number } = { positionMillis: 0 };
  /** The group's own queue stays when something else plays; APPEND goes there. */
  protected queue: PlayQueue | null = null;
  /** What plays when it can be skipped and sought: the group's queue, or one that Spotify Connect brought. */
  protected playingQueue: PlayQueue | null = null;
  protected live: LiveSource | null = null;
  readonly #clock: Clock;
  readonly #chance: Chance;
  readonly #knobs: Knobs;
  #moment = 0;
  #base = 0;
  #since = 0;
  #timer: Cancel | null = null;
  #openingTimer: Cancel | null = null;

  constructor(clock: Clock, chance: Chance, knobs: Knobs, roomName: string) {
    this.#clock = clock;
    this.#chance = chance;
    this.#knobs = knobs;
    this.leftover = { name: roomName, type: 'item' };
  }

  get source(): Source | null {
    return this.live ?? this.playingQueue?.source ?? null;
  }

  protected get isRunning(): boolean {
    return this.state === 'PLAYBACK_STATE_PLAYING' || this.state === 'PLAYBACK_STATE_BUFFERING';
  }

  /** The queue's current track; null for stations, inputs and silence. */
  track(): Track | null {
    return this.playingQueue?.current() ?? null;
  }

  nextTrack(): Track | null {
    return this.playingQueue?.following(this.modes.repeat) ?? null;
  }

  /** What a station says at this moment. */
  moment(): StationMoment | null {
    const programme = this.live?.programme ?? [];
    return programme[this.#moment % Math.max(1, programme.length)] ?? null;
  }

  /** The id a stream has; queues of music services and Spotify Connect show none. */
  itemId(): string | undefined {
    return this.live?.itemId ?? this.track()?.itemId;
  }

  /** Where the music stands now, in whole milliseconds. */
  position(): number {
    const run = this.state === 'PLAYBACK_STATE_PLAYING' ? this.#clock.elapsed() - this.#since : 0;
    const duration = this.track()?.durationMillis ?? Number.POSITIVE_INFINITY;
    return Math.floor(Math.min(this.#base + run, duration));
  }

  /** Puts another source in place of the present one; silent unless `play`. */
  load(source: Source, play: boolean): void {
    this.#forget();
    this.live = source.kind === 'queue' ? null : source;
    this.playingQueue = source.kind === 'queue' ? this.#wind(source) : null;
    if (this.playingQueue !== null && !this.playingQueue.source.connect) this.queue = this.playingQueue;
    this.#moment = 0;
    this.state = 'PLAYBACK_STATE_IDLE';
    this.listener?.replaced();
    if (source.kind === 'queue' && source.connect) this.#open();
    if (play) this.start();
    else this.announce();
  }

  /** Nothing is loaded any more; `leftover` is what still shows. */
  empty(leftover: Container): void {
    this.#forget();
    this.live = null;
    this.queue = null;
    this.playingQueue = null;
    this.leftover = leftover;
    this.state = 'PLAYBACK_STATE_IDLE';
    this.announce();
  }

  /** The source breaks off: IDLE first, then the playbackError event. */
  fail(errorCode: string, more: JsonObject = {}): void {
    this.stop();
    this.listener?.failed(playbackErrorBody(errorCode, more));
  }

  /** Something went wrong, and it goes on all the same. */
  complain(errorCode: string, more: JsonObject = {}): void {
    this.listener?.failed(playbackErrorBody(errorCode, more));
  }

  /** The queue that plays has other tracks now; it goes on with the current one. */
  refill(source: QueueSource): void {
    const queue = this.playingQueue;
    if (queue === null) return;
    const before = queue.current()?.itemId;
    queue.refill(source);
    if (queue.current()?.itemId !== before) this.#base = 0;
    if (queue.current()?.itemId !== before) this.#since = this.#clock.elapsed();
    if (this.state === 'PLAYBACK_STATE_PLAYING') this.#watchEnd();
    this.announce();
  }

  /** Goes to an item of the queue that plays, without a word. */
  goTo(itemId: string, positionMillis: number): void {
    this.playingQueue?.goTo(itemId);
    this.#base = positionMillis;
  }

  /** The station says the next thing; without `moment` the next of its programme. */
  say(moment?: StationMoment): void {
    if (this.live === null) return;
    if (moment === undefined) this.#moment += 1;
    else this.live = { ...this.live, programme: [moment] };
    this.listener?.metadata();
  }

  /** The input shows another format or name. */
  retitle(container: Container): void {
    if (this.live === null) return;
    this.live = { ...this.live, container };
    this.listener?.metadata();
  }

  /** Nobody holds this deck any more. */
  dispose(): void {
    this.listener = null;
    this.#forget();
  }

  /** A new queue, not yet played. */
  protected fill(source: QueueSource): void {
    this.queue = this.#wind(source);
  }

  /** Leaves what plays for the queue that waits. */
  protected returnToQueue(): void {
    this.#forget();
    this.live = null;
    this.playingQueue = this.queue;
    this.listener?.replaced();
    this.start();
  }

  protected start(): void {
    this.#become('PLAYBACK_STATE_BUFFERING');
    this.listener?.metadata();
    this.#timer = this.#clock.after(this.#knobs.bufferMs, () => {
      if (this.source?.broken) this.fail('ERROR_PLAYBACK_FAILED', { reason: 'ERROR_LOST_CONNECTION' });
      else this.#sound();
    });
  }

  /** Keeps the place. */
  protected rest(): void {
    this.#base = this.position();
    this.#become('PLAYBACK_STATE_PAUSED');
  }

  /** Loses the place. */
  protected stop(): void {
    this.#base = 0;
    this.#become('PLAYBACK_STATE_IDLE');
    this.listener?.metadata();
  }

  protected jump(positionMillis: number): void {
    this.#base = Math.max(0, positionMillis);
    this.#since = this.#clock.elapsed();
    if (this.state === 'PLAYBACK_STATE_PLAYING') this.#watchEnd();
    this.listener?.status();
  }

  /** Gapless: the next track plays without buffering; at the end of the queue the group is IDLE. */
  protected endTrack(): void {
    const queue = this.playingQueue;
    this.leaveTrack();
    if (!this.modes.repeatOne && queue?.forward(this.modes.repeat) !== true) {
      queue?.rewind();
      this.stop();
      return;
    }
    this.#since = this.#clock.elapsed();
    if (this.state === 'PLAYBACK_STATE_PLAYING') this.#watchEnd();
    this.announce();
  }

  /** Notes where the former item stood. */
  protected leaveTrack(): void {
    const itemId = this.itemId();
    this.previous = { ...(itemId === undefined ? {} : { itemId }), positionMillis: this.position() };
    this.#base = 0;
  }

  protected announce(): void {
    this.listener?.status();
    this.listener?.metadata();
  }

  #wind(source: QueueSource): PlayQueue {
    const queue = new PlayQueue(source, this.#chance);
    if (this.modes.shuffle) queue.shuffle(true);
    return queue;
  }

  #sound(): void {
    this.#since = this.#clock.elapsed();
    this.#become('PLAYBACK_STATE_PLAYING');
    this.#watchEnd();
  }

  #watchEnd(): void {
    this.#timer?.();
    this.#timer = null;
    const duration = this.track()?.durationMillis;
    if (duration !== undefined) {
      this.#timer = this.#clock.after(Math.max(0, duration - this.position()), () => this.endTrack());
    } else if ((this.live?.programme.length ?? 0) > 1) {
      this.#timer = this.#clock.after(this.#knobs.stationMomentMs, () => {
        this.say();
        this.#watchEnd();
      });
    }
  }

  #open(): void {
    this.opening = true;
    this.#openingTimer = this.#clock.after(this.#knobs.connectOpeningMs, () => {
      this.opening = false;
      this.listener?.metadata();
    });
  }

  #become(state: PlaybackState): void {
    this.#timer?.();
    this.#timer = null;
    this.state = state;
    this.listener?.status();
  }

  #forget(): void {
    this.leaveTrack();
    this.#timer?.();
    this.#timer = null;
    this.#openingTimer?.();
    this.#openingTimer = null;
    this.opening = false;
  }
}
