import { nextRun } from './cron-runs.ts';
import type { Happening } from './namespaces/define.ts';
import { type TimesAhead, withTimesAhead } from './namespaces/room-timers.ts';
import type { Perform } from './own-command.ts';
import type { Cancel, Clock, Log } from './ports.ts';
import { type Household, type Room, type Seat, seatOf } from './state.ts';
import type { Sleep, Wake, WakeAt } from './timer-readers.ts';
import type { TimerRecord, TimersRecord, WakeRecord } from './timer-record.ts';
import { type TimerEnd, TimerRun } from './timer-run.ts';
import { Glides, levelOf } from './volume-glide.ts';
import { within } from './within.ts';

interface Ports {
  readonly clock: Clock;
  readonly log: Log;
  readonly household: (id: string) => Household | undefined;
  readonly perform: Perform;
  /** Makes durable what rooms are to do by themselves. */
  readonly save: (record: TimersRecord) => Promise<void>;
  readonly happened: (household: Household, room: Room, happening: Happening) => void;
  /** Changes what is shown of a household. */
  readonly update: (id: string, change: (household: Household) => Household) => void;
}

type Kind = TimerRecord['kind'];

const LOOK_EVERY_MS = 60_000;
const SHORTEST_MS = 20;
/** Beyond that, people are up already, or asleep in silence. */
const TOO_LATE_MS = { sleep: 60 * 60_000, wake: 10 * 60_000 } as const;
const SAVE_MS = 2_000;
const DAY_MS = 86_400_000;
const HELD_MS = 2_000;
const MOST_HOLDS = 5;

/** When a time of some days comes next. */
function nextTime({ time, timezone, days }: Extract<WakeAt, { kind: 'time' }>, now: number): number | null {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const isOn = (day: number): boolean => days === null || days.includes(new Date(day).getUTCDay());
  return nextRun({ minutes: [hours * 60 + minutes], isEveryHour: false, isOn }, timezone, now);
}

/** When a `wake` is meant to begin, wall time; null when that has passed. */
export function momentOf(when: WakeAt, now: number): number | null {
  if (when.kind === 'after') return now + when.minutes * 60_000;
  if (when.kind === 'moment') return when.at > now ? when.at : null;
  return nextTime(when, now);
}

/** What rooms are to do by themselves: fall asleep, wake up. */
export class RoomTimers {
  readonly glides: Glides;
  readonly #ports: Ports;
  readonly #run: TimerRun;
  #timers: readonly TimerRecord[];
  /** Under way. */
  readonly #begun = new Set<TimerRecord>();
  /** Groups and rooms in which one is under way. */
  readonly #busy = new Set<string>();
  /** Due, and held until the volume is known: how often. */
  readonly #held = new Map<TimerRecord, number>();
  #cancel: Cancel = () => {};
  #isStopped = false;

  constructor(ports: Ports, record: TimersRecord) {
    this.#ports = ports;
    this.#timers = record.timers;
    const seat = (household: string, playerId: string): Seat | null => {
      const house = ports.household(household);
      return house === undefined ? null : seatOf(house, playerId);
    };
    this.glides = new Glides({ ...ports, seat });
    this.#run = new TimerRun({
      ...ports,
      seat,
      glide: (glide) => this.glides.run(glide),
      saved: () => this.#saved(),
    });
  }

  start(): void {
    this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel();
    this.glides.stop();
  }

  /** It is known who is there. */
  known(household: Household): void {
    for (const playerId of new Set(this.#of(household.id).map((timer) => timer.playerId)))
      this.#show(household.id, playerId);
    this.#look();
  }

  /** Sets a room's `sleep`, or ends it; settles with when it comes, once that is kept. */
  async sleep(household: Household, { playerId }: Room, sleep: Sleep, id: string): Promise<number | null> {
    const at = sleep === null ? null : this.#ports.clock.now() + sleep.minutes * 60_000;
    const place = { household: household.id, playerId, id };
    const timer =
      sleep === null || at === null
        ? null
        : ({ kind: 'sleep', ...place, at, fadeSeconds: sleep.fadeSeconds, volumes: [] } as const);
    await this.#set('sleep', household.id, playerId, timer === null ? null : { ...timer, volumes: [] });
    return at;
  }

  /** Sets a room's `wake` for a moment, or ends it; settles when that is kept. */
  async wake(
    household: Household,
    { playerId }: Room,
    wake: Wake,
    at: number | null,
    id: string,
  ): Promise<void> {
    const place = { household: household.id, playerId, id };
    if (wake === null || at === null) return this.#set('wake', household.id, playerId, null);
    const { when, source, volume, fadeSeconds } = wake;
    const comesAgain = when.kind === 'time' ? when : { time: null, timezone: null, days: null };
    const { time, timezone, days } = comesAgain;
    await this.#set('wake', household.id, playerId, {
      ...{ kind: 'wake', ...place, at, time, timezone, days: days === null ? null : [...days] },
      ...{ source: { ...source }, volume, fadeSeconds, isBegun: false },
    });
  }

  #of(household: string): readonly TimerRecord[] {
    return this.#timers.filter((timer) => timer.household === household);
  }

  /** A room has one of each kind; one that is under way goes on to its end. */
  async #set(kind: Kind, household: string, playerId: string, timer: TimerRecord | null): Promise<void> {
    const isOther = (each: TimerRecord): boolean =>
      each.kind !== kind ||
      each.household !== household ||
      each.playerId !== playerId ||
      this.#begun.has(each);
    this.#timers = [...this.#timers.filter(isOther), ...(timer === null ? [] : [timer])];
    this.#show(household, playerId);
    await this.#saved();
    this.#look();
  }

  #show(household: string, playerId: string): void {
    const atOf = (kind: Kind): number | null =>
      this.#timers.find(
        (timer) =>
          timer.kind === kind &&
          timer.household === household &&
          timer.playerId === playerId &&
          !this.#begun.has(timer),
      )?.at ?? null;
    const times: TimesAhead = { sleepAt: atOf('sleep'), wakeAt: atOf('wake') };
    this.#ports.update(household, (house) => withTimesAhead(house, playerId, times));
  }

  #look(): void {
    this.#cancel();
    const waiting = this.#timers.filter((timer) => !this.#begun.has(timer));
    if (this.#isStopped || waiting.length === 0) return;
    const now = this.#ports.clock.now();
    for (const timer of waiting) if (timer.at <= now) this.#due(timer, now - timer.at);
    const isHeld = waiting.some((timer) => this.#held.has(timer));
    const latest = now + (isHeld ? HELD_MS : LOOK_EVERY_MS);
    const soonest = Math.min(latest, ...waiting.map(({ at }) => at).filter((at) => at > now));
    this.#cancel = this.#ports.clock.after(Math.max(SHORTEST_MS, soonest - now), () => this.#look());
  }

  #due(timer: TimerRecord, late: number): void {
    if (late > TOO_LATE_MS[timer.kind]) return void this.#over(timer, 'missed');
    const household = this.#ports.household(timer.household);
    // Right after a start, nobody knows yet who is there and what plays.
    if (household?.topology == null) return;
    if (this.#isHeld(timer, household)) return;
    const group = household.topology.groupByPlayer.get(timer.playerId)?.id ?? timer.playerId;
    // Two rooms of one group fall asleep one after the other: the second finds silence.
    if (this.#busy.has(group)) return;
    this.#busy.add(group);
    this.#begun.add(timer);
    this.#show(timer.household, timer.playerId);
    this.#tell(timer, 'started');
    void this.#carryOut(timer, late).then((end) => {
      this.#busy.delete(group);
      // What was cut off is taken up by the next run.
      if (this.#isStopped) return;
      void this.#over(timer, end.outcome, end.error);
    });
  }

  /** Right after a start, volumes are known a moment later than who is there. */
  #isHeld(timer: TimerRecord, household: Household): boolean {
    const seat = seatOf(household, timer.playerId);
    const holds = this.#held.get(timer) ?? 0;
    const isHeld = seat !== null && levelOf(seat) === null && holds < MOST_HOLDS;
    if (isHeld) this.#held.set(timer, holds + 1);
    else this.#held.delete(timer);
    return isHeld;
  }

  #carryOut(timer: TimerRecord, late: number): Promise<TimerEnd> {
    return timer.kind === 'sleep' ? this.#run.sleep(timer, late) : this.#run.wake(timer, late);
  }

  async #over(timer: TimerRecord, outcome: TimerEnd['outcome'] | 'missed', error?: TimerEnd['error']) {
    this.#begun.delete(timer);
    const again = timer.kind === 'wake' ? this.#again(timer) : null;
    const isReplaced = this.#timers.some(
      (each) => each !== timer && each.kind === timer.kind && each.playerId === timer.playerId,
    );
    this.#timers = [
      ...this.#timers.filter((each) => each !== timer),
      ...(again === null || isReplaced ? [] : [again]),
    ];
    if (outcome === 'missed') {
      const due = new Date(timer.at).toISOString();
      this.#ports.log.warn(`A ${timer.kind} was missed, and is not made up for.`, { due, id: timer.id });
    }
    this.#tell(timer, outcome, error);
    this.#show(timer.household, timer.playerId);
    await this.#saved();
    this.#look();
  }

  /** The next time of one that comes on several days. */
  #again(timer: WakeRecord): WakeRecord | null {
    const { time, timezone, days } = timer;
    if (time === null || days === null) return null;
    const from = Math.min(Math.max(timer.at, this.#ports.clock.now()), timer.at + 400 * DAY_MS);
    const at = nextTime({ kind: 'time', time, timezone, days }, from);
    return at === null ? null : { ...timer, at, isBegun: false };
  }

  #tell(
    timer: TimerRecord,
    outcome: TimerEnd['outcome'] | 'started' | 'missed',
    error?: TimerEnd['error'],
  ): void {
    const household = this.#ports.household(timer.household);
    const room = household?.rooms.get(timer.playerId);
    if (household === undefined || room === undefined) return;
    this.#ports.happened(household, room, {
      ...{ event_type: 'timer', kind: timer.kind, id: timer.id, outcome },
      ...(error === undefined ? {} : { error: { ...error } }),
    });
  }

  /** A disk that refuses is told of by the store, and holds nothing up. */
  async #saved(): Promise<void> {
    const saving = this.#ports.save({ timers: [...this.#timers] }).catch(() => {});
    await within(this.#ports.clock, SAVE_MS, saving);
  }
}
