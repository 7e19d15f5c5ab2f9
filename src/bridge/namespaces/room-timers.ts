import { z } from 'zod';
import type { Household } from '../state.ts';
import { timerHappening } from '../timer-happening.ts';
import { defineNamespace, roomPart } from './define.ts';

/** When a room falls asleep and when it wakes, by wall time; null when it does not. */
export interface TimesAhead {
  readonly sleepAt: number | null;
  readonly wakeAt: number | null;
}

const roomSchema = z.object({
  timers: z.object({
    sleep_at: z.iso.datetime().nullable().describe('When its `sleep` ends the music; null when it does not.'),
    wake_at: z.iso.datetime().nullable().describe('When its `wake` begins next; null when it does not.'),
  }),
});

const iso = (at: number | null | undefined): string | null =>
  at == null ? null : new Date(at).toISOString();

/** What a room will do by itself. It is the bridge that remembers it; Sonos knows nothing of it. */
export const roomTimers = defineNamespace<TimesAhead>({
  name: 'roomTimers',
  target: 'player',
  subscribes: () => false,
  room: roomPart(roomSchema, (slice) => ({
    timers: { sleep_at: iso(slice?.sleepAt), wake_at: iso(slice?.wakeAt) },
  })),
  happenings: { timer: timerHappening },
});

/** The household in which a room has these times ahead. */
export function withTimesAhead(household: Household, playerId: string, times: TimesAhead): Household {
  if (household.topology?.players.has(playerId) !== true) return household;
  const players = household.players.with(playerId, {
    ...household.players.get(playerId),
    [roomTimers.name]: times,
  });
  return { ...household, players };
}
