import { z } from 'zod';
import { type CronPattern, nextRun } from './cron-runs.ts';
import type { Cancel, Clock, Log } from './ports.ts';
import type { Json } from './sonos.ts';
import { within } from './within.ts';

/** A command that is carried out by the calendar. */
export interface Schedule {
  /** As it stands in the settings. */
  readonly cron: string;
  readonly pattern: CronPattern;
  /** Null: the system's. */
  readonly timezone: string | null;
  /** By alias or id; null: the only one. */
  readonly household: string | null;
  /** Address, name or `all`; null: the bridge itself. */
  readonly room: string | null;
  readonly command: string;
  /** Undefined for a command that takes none. */
  readonly value: Json | undefined;
}

/** Wall time up to which each schedule has been seen to, by what it says. */
export const schedulesSchema = z.record(z.string(), z.number());

export type SchedulesRecord = z.output<typeof schedulesSchema>;

/** The payload of a schedule's command, as a sender would write it. */
export function payloadOf({ value }: Schedule, id: string): Uint8Array {
  const isMap = typeof value === 'object' && value !== null && !Array.isArray(value);
  const fields = isMap ? value : value === undefined ? {} : { value };
  return new TextEncoder().encode(JSON.stringify({ ...fields, id }));
}

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly schedules: readonly Schedule[];
  /** Makes durable what was seen to. */
  readonly save: (record: SchedulesRecord) => Promise<void>;
  /** Whether the schedule's household, and who is in it, is known. */
  readonly isReady: (schedule: Schedule) => boolean;
  /** Has the command carried out, as one that came from MQTT. */
  readonly take: (schedule: Schedule, id: string) => void;
}

/** What was missed by so much is still done, once. */
const LATE_MS = 5 * 60_000;
/** A calendar that was set back by more than that is another one. */
const SET_BACK_MS = 2 * 3_600_000;
const LOOK_EVERY_MS = 60_000;
/** The stopwatch may be a little ahead of the calendar. */
const SHORTEST_MS = 20;
/** A disk that does not answer holds a schedule up for no longer than this. */
const SAVE_MS = 2_000;

interface State {
  readonly schedule: Schedule;
  readonly key: string;
  readonly number: number;
  /** Wall time up to which it has been seen to. */
  until: number;
  /** When it is due next, by wall time; null when never. */
  next: number | null;
}

const keyOf = ({ cron, timezone, household, room, command, value }: Schedule): string =>
  JSON.stringify([cron, timezone, household, room, command, value ?? null]);

/** A schedule as the log names it. */
const wordsOf = ({ cron, command, room }: Schedule) => ({ cron, command, room: room ?? 'bridge' });

const iso = (at: number): string => new Date(at).toISOString();

/** Has commands carried out by the calendar: each time once, and not at all when it is too late for it. */
export class Schedules {
  readonly #ports: Ports;
  readonly #states: readonly State[];
  #timer: Cancel = () => {};
  #isRunning = false;

  constructor(ports: Ports, record: SchedulesRecord) {
    this.#ports = ports;
    const now = ports.clock.now();
    this.#states = ports.schedules.map((schedule, index) => {
      const key = keyOf(schedule);
      // What was not there before was not missed.
      const until = record[key] ?? now;
      const next = nextRun(schedule.pattern, schedule.timezone, until);
      return { schedule, key, number: index + 1, until, next };
    });
  }

  start(): void {
    if (this.#states.length === 0) return;
    this.#isRunning = true;
    void this.#saved();
    this.#look();
  }

  stop(): void {
    this.#isRunning = false;
    this.#timer();
  }

  /** Something is known for which a schedule may have waited. */
  nudge(): void {
    if (this.#isRunning) this.#look();
  }

  #look(): void {
    this.#timer();
    const now = this.#ports.clock.now();
    let soonest = now + LOOK_EVERY_MS;
    for (const state of this.#states) {
      if (state.until > now + SET_BACK_MS) this.#seenTo(state, now);
      if (state.next !== null && state.next <= now) this.#due(state, state.next, now);
      if (state.next !== null && state.next > now) soonest = Math.min(soonest, state.next);
    }
    this.#timer = this.#ports.clock.after(Math.max(SHORTEST_MS, soonest - now), () => this.#look());
  }

  #seenTo(state: State, until: number): void {
    state.until = until;
    state.next = nextRun(state.schedule.pattern, state.schedule.timezone, until);
  }

  /** It was due once or oftener since it was seen to. */
  #due(state: State, first: number, now: number): void {
    const { schedule } = state;
    const last = this.#lastInTime(schedule, Math.max(state.until, now - LATE_MS - 1), now);
    // Right after a start, nobody knows yet which rooms there are.
    if (last !== null && !this.#ports.isReady(schedule)) return;
    this.#seenTo(state, now);
    if (last === null || first < now - LATE_MS) {
      this.#ports.log.warn('A schedule was missed, and is not made up for.', {
        ...wordsOf(schedule),
        due: iso(first),
      });
    }
    if (last === null) void this.#saved();
    else void this.#run(state, last);
  }

  /** The last time at which it was due of those that are not too long ago; null when there is none. */
  #lastInTime({ pattern, timezone }: Schedule, from: number, now: number): number | null {
    let last: number | null = null;
    for (let at = nextRun(pattern, timezone, from); at !== null && at <= now; ) {
      last = at;
      at = nextRun(pattern, timezone, at);
    }
    return last;
  }

  /** What was begun is not begun again after a crash, so that is kept first. */
  async #run({ schedule, number }: State, due: number): Promise<void> {
    await this.#saved();
    if (!this.#isRunning) return;
    this.#ports.log.info('A schedule is carried out.', { ...wordsOf(schedule), due: iso(due) });
    this.#ports.take(schedule, `schedule-${number}-${iso(due)}`);
  }

  /** A disk that refuses is told of by the store, and holds nothing up. */
  async #saved(): Promise<void> {
    const record = Object.fromEntries(this.#states.map(({ key, until }) => [key, until]));
    const saving = this.#ports.save(record).catch(() => {});
    await within(this.#ports.clock, SAVE_MS, saving);
  }
}
