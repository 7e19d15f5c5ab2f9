import type { AnnouncementPriority } from './announcement.ts';
import type { ClipStatus } from './clip.ts';
import {
  askedTurn,
  cancelledTurn,
  endedTurn,
  type Failure,
  lateTurn,
  type Stage,
  seenTurn,
  sentTurn,
  type Turn,
  type TurnSound,
  type TurnStep,
} from './clip-turn.ts';

/** A moment by both clocks: the calendar may jump, and the stopwatch stands still while a machine sleeps. */
export interface Moment {
  readonly elapsed: number;
  readonly now: number;
}

/** An announcement that waits in a room; `Key` is whatever the caller knows it by, and never the same twice. */
export interface Entry<Key = string> {
  readonly key: Key;
  /** The sender's. */
  readonly id: string;
  readonly priority: AnnouncementPriority;
  /** After this, by either clock, it is not said any more; infinite for never. */
  readonly expires: Moment;
  /** Null while the sound is made. */
  readonly sound: TurnSound | null;
}

/**
 * The announcements of one room, one after another: a value. Sonos lets a new LOW clip cut the playing one off, and gives
 * no order to two of them (docs.sonos.com, "loadAudioClip"); so at most one clip of ours is on a player, and the next one
 * waits for its end.
 */
export interface ClipQueue<Key = string> {
  /** In the order in which they will be heard. */
  readonly waiting: readonly Entry<Key>[];
  readonly turn: Turn<Key> | null;
  /** The clips that the player told of last. */
  readonly clips: readonly ClipStatus[];
  /** Other clips that are heard now, by id, and until when (`elapsed`) that is believed: their end may go untold. */
  readonly foreign: ReadonlyMap<string, number>;
}

/** A room in which nothing is said. */
export const emptyQueue: ClipQueue<never> = { waiting: [], turn: null, clips: [], foreign: new Map() };

/** What happened. */
export type Input<Key = string> =
  | { readonly kind: 'add'; readonly entry: Entry<Key> }
  | { readonly kind: 'ready'; readonly key: Key; readonly sound: TurnSound }
  /** It cannot be said: there is no sound, or Sonos refused. Whoever says so has told the sender. */
  | { readonly kind: 'withdraw'; readonly key: Key }
  /** Sonos took it; null when its answer was lost, and with it the clip's id. */
  | { readonly kind: 'sent'; readonly key: Key; readonly clipId: string | null }
  /** One that was taken in an earlier run has its turn still. */
  | { readonly kind: 'resume'; readonly turn: Turn<Key> }
  /** The player came for the sound. */
  | { readonly kind: 'asked'; readonly key: Key }
  /** The player told of its clips. */
  | { readonly kind: 'clips'; readonly clips: readonly ClipStatus[] }
  /** Somebody wants one no longer; null: all of them. */
  | { readonly kind: 'cancel'; readonly id: string | null }
  /** Sonos was asked to end the clip, and answered. */
  | { readonly kind: 'ended'; readonly key: Key }
  | { readonly kind: 'tick' };

/** What is to be done. */
export type Effect<Key = string> =
  | { readonly kind: 'send'; readonly key: Key }
  | { readonly kind: 'end'; readonly key: Key; readonly clipId: string }
  | { readonly kind: 'tell'; readonly key: Key; readonly stage: Stage; readonly failure?: Failure };

/** The next value, and what is to be done, in order. */
export interface Step<Key = string> {
  readonly queue: ClipQueue<Key>;
  readonly effects: readonly Effect<Key>[];
  /** `elapsed` at which to look again; null when only something new can change anything. */
  readonly wakeAt: number | null;
}

/** How long a clip of somebody else is believed to be heard. */
export const FOREIGN_MS = 30_000;

const isOver = ({ expires }: Entry<unknown>, at: Moment): boolean =>
  at.elapsed >= expires.elapsed || at.now >= expires.now;

/** Whether one more may wait; one of high priority takes the place of the last normal one. */
export const hasPlace = (
  { waiting }: ClipQueue<unknown>,
  priority: AnnouncementPriority,
  most: number,
): boolean =>
  waiting.length < most || (priority === 'high' && waiting.some((entry) => entry.priority === 'normal'));

/** One step of a queue, while it is made. */
class Draft<Key> {
  #queue: ClipQueue<Key>;
  readonly #effects: Effect<Key>[] = [];
  readonly #at: Moment;
  readonly #most: number;

  constructor(queue: ClipQueue<Key>, at: Moment, most: number) {
    this.#queue = queue;
    this.#at = at;
    this.#most = most;
  }

  take(input: Input<Key>): void {
    switch (input.kind) {
      case 'add':
        this.#add(input.entry);
        break;
      case 'ready':
        this.#ready(input.key, input.sound);
        break;
      case 'withdraw':
        this.#drop(input.key);
        if (this.#queue.turn?.key === input.key) this.#queue = { ...this.#queue, turn: null };
        break;
      case 'resume':
        this.#queue = { ...this.#queue, turn: input.turn };
        break;
      case 'clips':
        this.#clips(input.clips);
        break;
      case 'cancel':
        this.#cancel(input.id);
        break;
      case 'tick':
        break;
      default:
        this.#turn(input.key, (turn) => this.#turned(turn, input));
    }
  }

  #turned(turn: Turn<Key>, input: Extract<Input<Key>, { kind: 'sent' | 'asked' | 'ended' }>): TurnStep<Key> {
    if (input.kind === 'asked') return askedTurn(turn, this.#at.elapsed);
    if (input.kind === 'ended') return endedTurn(turn);
    return sentTurn(turn, input.clipId, this.#queue.clips, this.#at.elapsed);
  }

  /** What follows from everything so far: what is late ends, and the next one has its turn. */
  finish(): Step<Key> {
    const { elapsed } = this.#at;
    this.#turn(null, (turn) => lateTurn(turn, elapsed));
    for (const { key } of this.#queue.waiting.filter((entry) => isOver(entry, this.#at))) {
      this.#drop(key);
      this.#effects.push({ kind: 'tell', key, stage: 'expired' });
    }
    const own = this.#queue.turn?.clipId;
    const foreign = [...this.#queue.foreign].filter(([id, until]) => until > elapsed && id !== own);
    this.#queue = { ...this.#queue, foreign: new Map(foreign) };
    this.#next();
    return { queue: this.#queue, effects: this.#effects, wakeAt: this.#wakeAt() };
  }

  #wait(waiting: readonly Entry<Key>[]): void {
    this.#queue = { ...this.#queue, waiting };
  }

  #drop(key: Key): void {
    this.#wait(this.#queue.waiting.filter((entry) => entry.key !== key));
  }

  #add(entry: Entry<Key>): void {
    const last = this.#queue.waiting.findLast(({ priority }) => priority === 'normal');
    if (this.#queue.waiting.length >= this.#most) {
      const out = entry.priority === 'high' && last !== undefined ? last : entry;
      this.#effects.push({ kind: 'tell', key: out.key, stage: 'failed', failure: { kind: 'displaced' } });
      if (out === entry) return;
      this.#drop(out.key);
    }
    const { waiting } = this.#queue;
    const first = waiting.findIndex(({ priority }) => priority === 'normal');
    const place = entry.priority === 'high' && first >= 0 ? first : waiting.length;
    this.#wait(waiting.toSpliced(place, 0, entry));
  }

  #ready(key: Key, sound: TurnSound): void {
    this.#wait(this.#queue.waiting.map((each) => (each.key === key ? { ...each, sound } : each)));
  }

  #clips(clips: readonly ClipStatus[]): void {
    const { foreign } = this.#queue;
    const until = (id: string): number => foreign.get(id) ?? this.#at.elapsed + FOREIGN_MS;
    const heard = clips.filter(({ status }) => status === 'ACTIVE').map(({ id }) => [id, until(id)] as const);
    this.#queue = { ...this.#queue, clips, foreign: new Map(heard) };
    this.#turn(null, (turn) => seenTurn(turn, clips, this.#at.elapsed));
  }

  #cancel(id: string | null): void {
    for (const entry of this.#queue.waiting.filter((each) => id === null || each.id === id)) {
      this.#drop(entry.key);
      this.#effects.push({ kind: 'tell', key: entry.key, stage: 'cancelled' });
    }
    const { turn } = this.#queue;
    if (id === null || turn?.id === id) this.#turn(null, (each) => cancelledTurn(each, this.#at.elapsed));
  }

  /** Makes a step of the turn; null is whichever there is. */
  #turn(key: Key | null, step: (turn: Turn<Key>) => TurnStep<Key>): void {
    const { turn } = this.#queue;
    if (turn === null || (key !== null && turn.key !== key)) return;
    const next = step(turn);
    this.#queue = { ...this.#queue, turn: next.turn };
    if (next.end !== null) this.#effects.push({ kind: 'end', key: turn.key, clipId: next.end });
    for (const told of next.told) this.#effects.push({ kind: 'tell', key: turn.key, ...told });
  }

  #next(): void {
    const { waiting, turn, foreign, clips } = this.#queue;
    const [first] = waiting;
    if (first === undefined || first.sound === null || turn !== null || foreign.size > 0) return;
    const { key, id, sound } = first;
    const before = new Set(clips.map((clip) => clip.id));
    const made: Turn<Key> = {
      ...{ key, id, sound, before, phase: 'sending', clipId: null, askedAt: null, deadline: null },
      isCancelled: false,
    };
    this.#queue = { ...this.#queue, waiting: waiting.slice(1), turn: made };
    this.#effects.push({ kind: 'send', key });
  }

  #wakeAt(): number | null {
    const { waiting, turn, foreign } = this.#queue;
    const { elapsed, now } = this.#at;
    const soonest = Math.min(
      ...waiting.map(({ expires }) => Math.min(expires.elapsed, elapsed + (expires.now - now))),
      turn?.deadline ?? Number.POSITIVE_INFINITY,
      ...(waiting.length > 0 ? foreign.values() : []),
    );
    return Number.isFinite(soonest) ? soonest : null;
  }
}

/** What an input makes of a queue in which at most so many may wait. */
export function stepped<Key>(queue: ClipQueue<Key>, input: Input<Key>, at: Moment, most: number): Step<Key> {
  const draft = new Draft<Key>(queue, at, most);
  draft.take(input);
  return draft.finish();
}
