import { z } from 'zod';

/** A room's volume as it was before something lowered it. */
const volumeBefore = z.object({ playerId: z.string(), volume: z.number() });

const sleepRecord = z.object({
  kind: z.literal('sleep'),
  household: z.string(),
  playerId: z.string(),
  /** The command's id. */
  id: z.string(),
  /** Wall time at which it happens. */
  at: z.number(),
  fadeSeconds: z.number(),
  /** What is put back once the music is silent; empty before it begins. */
  volumes: z.array(volumeBefore),
});

const wakeRecord = z.object({
  kind: z.literal('wake'),
  household: z.string(),
  playerId: z.string(),
  id: z.string(),
  at: z.number(),
  /** `HH:MM`, for one that comes again; null for one that comes once. */
  time: z.string().nullable(),
  timezone: z.string().nullable(),
  /** Days of the week, 0 is Sunday; null for the next time only. */
  days: z.array(z.int().min(0).max(6)).nullable(),
  source: z.object({ command: z.enum(['favorite', 'playlist', 'play']), value: z.string().nullable() }),
  volume: z.int().min(0).max(100),
  fadeSeconds: z.number(),
  /** Whether the music was begun, so that only the volume is left to be raised. */
  isBegun: z.boolean(),
});

const timerRecord = z.discriminatedUnion('kind', [sleepRecord, wakeRecord]);

/** What rooms are to do by themselves, as it is kept over a restart. */
export const timersSchema = z.object({ timers: z.array(timerRecord) });

export type TimersRecord = z.output<typeof timersSchema>;
export type TimerRecord = z.output<typeof timerRecord>;
export type SleepRecord = z.output<typeof sleepRecord>;
export type WakeRecord = z.output<typeof wakeRecord>;

/** What is kept when no room has a timer. */
export const noTimers: TimersRecord = { timers: [] };
