import type { Announcement } from './announcement.ts';
import { askOf, askRecordOf, type ItemRecord } from './announcement-record.ts';
import type { Moment } from './clip-queue.ts';
import { FETCH_MS, MARGIN_MS, type Stage, type Turn, UNKNOWN_MS } from './clip-turn.ts';
import type { Clock } from './ports.ts';
import type { Ask } from './replies.ts';
import { type ReadySound, UNMADE } from './sounds.ts';

/** One announcement in one room. */
export interface Item {
  readonly household: string;
  readonly playerId: string;
  /** The room's address when it came. */
  readonly room: string;
  readonly ask: Ask;
  readonly announcement: Announcement;
  readonly expires: Moment;
  /** `UNMADE` while it is made. */
  sound: ReadySound;
  phase: ItemRecord['phase'];
  clipId: string | null;
  /** Wall time at which it has been heard for sure; 0 while it waits. */
  endsAt: number;
  /** What the sender was told of how it went; null before. */
  answered: ItemRecord['answered'];
}

/** When an announcement that comes now is not worth saying any more: when its sender says, and at the latest when we do. */
export function expiryOf({ expiresAt, lifeMs }: Ask, expireMs: number, clock: Clock): Moment {
  return {
    elapsed: clock.elapsed() + Math.min(lifeMs, expireMs),
    now: Math.min(expiresAt ?? Number.POSITIVE_INFINITY, clock.now() + expireMs),
  };
}

/** An announcement as it is kept. */
export const recordOf = (item: Item): ItemRecord => ({
  household: item.household,
  playerId: item.playerId,
  announcement: item.announcement,
  ask: askRecordOf(item.ask),
  answered: item.answered,
  expiresAt: item.expires.now,
  phase: item.phase,
  clipId: item.clipId,
  endsAt: item.endsAt,
});

/** The same in a later run, whose calendar may be far behind: the stopwatch sees to it that it waits no longer than any. */
export function restoredItem(record: ItemRecord, expireMs: number, clock: Clock): Item {
  const { household, playerId, announcement, phase, clipId, endsAt, answered, expiresAt } = record;
  const ask = askOf(record, clock);
  return {
    ...{
      household,
      playerId,
      room: record.ask.room,
      ask,
      announcement,
      phase,
      clipId,
      endsAt,
      answered,
      sound: UNMADE,
    },
    expires: { now: expiresAt, elapsed: clock.elapsed() + Math.min(ask.lifeMs, expireMs) },
  };
}

/** When it will have been heard for sure, from a stage on; wall time. */
export const endOfStage = (stage: Stage, sound: ReadySound, now: number): number =>
  now + (stage === 'playing' ? 0 : FETCH_MS) + (sound.lengthMs ?? UNKNOWN_MS) + MARGIN_MS;

/** For no longer is a room kept silent for one of an earlier run, of which nobody tells. */
const LONGEST_MS = 300_000;

/** The turn of one that Sonos had in an earlier run: it may be heard still, and is not said again. */
export const resumedTurn = (item: Item, clock: Clock): Turn<Item> => ({
  ...{ key: item, clipId: item.clipId, id: item.ask.id, sound: { lengthMs: null, isOurs: false } },
  phase: item.phase === 'playing' ? 'playing' : 'unsure',
  askedAt: null,
  // A calendar that is behind would have it wait for days.
  deadline: clock.elapsed() + Math.min(Math.max(0, item.endsAt - clock.now()), LONGEST_MS),
  isCancelled: false,
  before: new Set(),
});

/** Stages after which more comes. */
export type OpenStage = 'sent' | 'playing' | 'unsure';

/** Stages after which nothing more comes. */
export type LastStage = Exclude<Stage, OpenStage>;

/** Whether nothing more comes after a stage. */
export const isLast = (stage: Stage): stage is LastStage =>
  stage !== 'sent' && stage !== 'playing' && stage !== 'unsure';
