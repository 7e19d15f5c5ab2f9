import { APP_ID, type ClipStatus } from './clip.ts';

/** How far an announcement in a room is (§6 of the contract). `unsure`: it may be heard, but nobody tells; it is no event. */
export type Stage =
  | 'sent'
  | 'playing'
  | 'unsure'
  | 'done'
  | 'interrupted'
  | 'dismissed'
  | 'failed'
  | 'expired'
  | 'cancelled';

/** Why one failed although Sonos had taken it, or nobody had asked Sonos. */
export type Failure =
  | { readonly kind: 'not_fetched' }
  | { readonly kind: 'displaced' }
  | { readonly kind: 'player'; readonly errorCode: string | null; readonly wasFetched: boolean };

/** What is known of a sound before it is heard. */
export interface TurnSound {
  readonly lengthMs: number | null;
  /** Whether the player fetches it from us, so that we see it do so. */
  readonly isOurs: boolean;
}

/** The announcement of a room that has its turn: a value. Times are `Clock.elapsed`; `Key` is whatever the caller knows it by. */
export interface Turn<Key = string> {
  readonly key: Key;
  readonly id: string;
  readonly sound: TurnSound;
  /**
   * `sending`: Sonos is being asked. `sent`: Sonos took it; nothing is heard yet. `playing`: it is heard. `unsure`: it may
   * be heard, but nobody tells.
   */
  readonly phase: 'sending' | 'sent' | 'playing' | 'unsure';
  /** Null until Sonos answered, or when its answer was lost. */
  readonly clipId: string | null;
  /** When the player came for the sound; null before. */
  readonly askedAt: number | null;
  /** When the phase is over without a word; null while Sonos is being asked. */
  readonly deadline: number | null;
  readonly isCancelled: boolean;
  /** Clips that the player had before, so that ours is known from them when the answer was lost. */
  readonly before: ReadonlySet<string>;
}

/** What a step made of a turn: null when it is over; what is to be told, in order; the clip that Sonos is to end. */
export interface TurnStep<Key = string> {
  readonly turn: Turn<Key> | null;
  readonly told: readonly { readonly stage: Stage; readonly failure?: Failure }[];
  readonly end: string | null;
}

/** How long a player has to come for a sound. */
export const FETCH_MS = 10_000;
/** A player that came for the sound and tells nothing is believed to play it after so long. */
export const PRESUME_MS = 2_000;
/** How much later than its length says a sound is believed to have ended. */
export const MARGIN_MS = 3_000;
/** How long a sound of unknown length is believed to be heard. */
export const UNKNOWN_MS = 60_000;
/** How long Sonos has to end a clip. */
export const END_MS = 5_000;

type Still<Key> = TurnStep<Key> & { readonly turn: Turn<Key> };

const still = <Key>(turn: Turn<Key>): Still<Key> => ({ turn, told: [], end: null });

const over = (stage: Stage, failure?: Failure): TurnStep<never> => ({
  turn: null,
  told: [{ stage, ...(failure === undefined ? {} : { failure }) }],
  end: null,
});

const endOf = (turn: Turn<unknown>, from: number): number =>
  from + (turn.sound.lengthMs ?? UNKNOWN_MS) + MARGIN_MS;

/** What comes after a step, told in order. */
function then<Key>(first: Still<Key>, next: (turn: Turn<Key>) => TurnStep<Key>): TurnStep<Key> {
  const second = next(first.turn);
  return { turn: second.turn, told: [...first.told, ...second.told], end: second.end ?? first.end };
}

/** It is heard, since `from`. */
function playing<Key>(turn: Turn<Key>, from: number): Still<Key> {
  if (turn.phase === 'playing') return still(turn);
  if (turn.isCancelled) return still({ ...turn, phase: 'playing' });
  const next: Turn<Key> = { ...turn, phase: 'playing', deadline: endOf(turn, from) };
  return { turn: next, told: [{ stage: 'playing' }], end: null };
}

/** The player has the sound: it will be heard soon, whether it tells or not. */
const presumed = <Key>(turn: Turn<Key>, askedAt: number): Turn<Key> =>
  turn.phase === 'sent' && !turn.isCancelled ? { ...turn, deadline: askedAt + PRESUME_MS } : turn;

/** Has Sonos end the clip; one whose id is not known ends by itself. */
function ending<Key>(turn: Turn<Key>, at: number): TurnStep<Key> {
  if (turn.clipId === null) return over('cancelled');
  return { turn: { ...turn, deadline: at + END_MS }, told: [], end: turn.clipId };
}

/** Somebody wants it no longer. */
export function cancelledTurn<Key>(turn: Turn<Key>, at: number): TurnStep<Key> {
  if (turn.isCancelled) return still(turn);
  const next = { ...turn, isCancelled: true };
  return turn.phase === 'sending' ? still(next) : ending(next, at);
}

/** Sonos was asked to end it, and answered. */
export const endedTurn = <Key>(turn: Turn<Key>): TurnStep<Key> =>
  turn.isCancelled ? over('cancelled') : still(turn);

/** The player came for the sound. */
export const askedTurn = <Key>(turn: Turn<Key>, at: number): TurnStep<Key> =>
  still(turn.askedAt === null ? presumed({ ...turn, askedAt: at }, at) : turn);

/** Sonos took it; `clips` are those that the player told of last, perhaps before Sonos had answered. */
export function sentTurn<Key>(
  turn: Turn<Key>,
  clipId: string | null,
  clips: readonly ClipStatus[],
  at: number,
): TurnStep<Key> {
  const next: Turn<Key> = { ...turn, clipId, phase: 'sent', deadline: at + FETCH_MS };
  if (turn.isCancelled) return ending(next, at);
  const sent = turn.askedAt === null ? next : presumed(next, turn.askedAt);
  return then({ turn: sent, told: [{ stage: 'sent' }], end: null }, (taken) => seenTurn(taken, clips, at));
}

/** What the player says of its clips. */
export function seenTurn<Key>(turn: Turn<Key>, clips: readonly ClipStatus[], at: number): TurnStep<Key> {
  if (turn.phase === 'sending') return still(turn);
  const isOurs = ({ id, appId }: ClipStatus): boolean =>
    turn.clipId === null ? appId === APP_ID && !turn.before.has(id) : id === turn.clipId;
  const clip = clips.find(isOurs);
  return clip === undefined ? still(turn) : followed({ ...turn, clipId: clip.id }, clip, at);
}

function followed<Key>(turn: Turn<Key>, { status, errorCode }: ClipStatus, at: number): TurnStep<Key> {
  switch (status) {
    case 'ACTIVE':
      return playing(turn, at);
    case 'DONE':
    case 'INTERRUPTED':
      return then(playing(turn, at), () => closed(turn, status === 'DONE' ? 'done' : 'interrupted'));
    case 'DISMISSED':
      return closed(turn, 'dismissed');
    case 'ERROR': {
      const wasFetched = turn.askedAt !== null || !turn.sound.isOurs;
      return closed(turn, 'failed', { kind: 'player', errorCode, wasFetched });
    }
    default:
      return still(turn);
  }
}

const closed = (turn: Turn<unknown>, stage: Stage, failure?: Failure): TurnStep<never> =>
  turn.isCancelled ? over('cancelled') : over(stage, failure);

/** Its deadline passed without a word. */
export function lateTurn<Key>(turn: Turn<Key>, at: number): TurnStep<Key> {
  if (turn.deadline === null || turn.deadline > at) return still(turn);
  if (turn.isCancelled) return over('cancelled');
  if (turn.phase !== 'sent') return over('done');
  if (turn.askedAt !== null) return playing(turn, turn.askedAt);
  if (!turn.sound.isOurs) {
    // It fetches the sound elsewhere, and tells nothing.
    const unsure: Turn<Key> = { ...turn, phase: 'unsure', deadline: endOf(turn, at - FETCH_MS) };
    return { turn: unsure, told: [{ stage: 'unsure' }], end: null };
  }
  // It must not be heard later, in the middle of the next one.
  return { ...over('failed', { kind: 'not_fetched' }), end: turn.clipId };
}
