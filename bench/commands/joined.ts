import type { Arrivals, Sent } from './messages.ts';

/** What became of commands that were sent. */
export interface Joined {
  /** From the publish to the arrival of its call, microseconds, of those that arrived. */
  readonly latencies: readonly number[];
  readonly lost: number;
  /** Calls beyond those that were sent. */
  readonly unasked: number;
}

/** Joins commands with calls: the nth command to a room with the nth call for it, since a room's commands keep their order. */
export function joined(sent: Pick<Sent, 'room' | 'at'>, arrivals: Pick<Arrivals, 'room' | 'at'>): Joined {
  const waiting = new Map<number, number[]>();
  for (const [index, room] of arrivals.room.entries()) {
    const at = arrivals.at[index] ?? Number.NaN;
    const list = waiting.get(room);
    if (list === undefined) waiting.set(room, [at]);
    else list.push(at);
  }
  const next = new Map<number, number>();
  const latencies: number[] = [];
  for (const [index, room] of sent.room.entries()) {
    const place = next.get(room) ?? 0;
    const at = waiting.get(room)?.[place];
    if (at === undefined) continue;
    next.set(room, place + 1);
    latencies.push(at - (sent.at[index] ?? Number.NaN));
  }
  const [found, all] = [latencies.length, arrivals.room.length];
  return { latencies, lost: sent.room.length - found, unasked: all - found };
}
