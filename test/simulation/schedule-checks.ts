import { nextRun } from '../../src/bridge/cron-runs.ts';
import { readCron } from '../../src/config/cron.ts';
import { type House, SCHEDULES, type Scheduled } from './house.ts';

const MINUTE_MS = 60_000;
/** What is due in such a stretch is not too late yet when it ends, and may have been had a minute before it begins. */
const MARGIN_MS = 2 * MINUTE_MS;
/** See docs/schedules.md. */
const LATE_MS = 5 * MINUTE_MS;
const SLACK_MS = 3_000;

/** When the schedules are due between two moments of the calendar, told without the bridge's engine: by its table of times alone. */
function dueBetween(from: number, to: number): { readonly cron: string; readonly due: string }[] {
  return SCHEDULES.flatMap(({ cron, timezone }) => {
    const read = readCron(cron);
    if (!read.ok) throw new Error(read.error);
    const found: { cron: string; due: string }[] = [];
    let at = nextRun(read.value, timezone, from);
    while (at !== null && at <= to) {
      found.push({ cron, due: new Date(at).toISOString() });
      at = nextRun(read.value, timezone, at);
    }
    return found;
  });
}

/** Keeps account of what the bridge does by the calendar. */
export class Calendar {
  readonly #house: House;
  /** Times that were had, and how often. */
  readonly #had = new Map<string, number>();
  /** Times of which anything was told. */
  readonly #told = new Set<string>();
  count = 0;
  missed = 0;
  #news: Scheduled[] = [];

  constructor(house: House) {
    this.#house = house;
  }

  /** Takes note of what was said since somebody last looked. */
  note(): void {
    const { schedules } = this.#house;
    for (const said of schedules) {
      const key = `${said.cron} ${said.due}`;
      this.#told.add(key);
      if (said.isMissed) this.missed += 1;
      else {
        this.count += 1;
        this.#had.set(key, (this.#had.get(key) ?? 0) + 1);
      }
    }
    this.#news.push(...schedules);
    this.#house.schedules = [];
  }

  /** What is wrong after a stretch in which nothing troubled the house, which began at such a moment of the calendar. */
  wrongAfterQuiet(from: number): string[] {
    this.note();
    const to = this.#house.machine.calendar;
    const due = dueBetween(from + MARGIN_MS, to - MARGIN_MS);
    // What a calendar that was ahead had, or had passed, is not due again when it comes back.
    const absent = due.filter(({ cron, due: at }) => !this.#told.has(`${cron} ${at}`));
    return absent.map(({ cron, due: at }) => `the schedule ${cron} was due at ${at}, and nothing came of it`);
  }

  /**
   * What is wrong with what was done since somebody last asked. `mayRepeat`: the calendar was set back by days, or what was done could
   * not be kept.
   */
  wrong(mayRepeat: boolean, mayBeOff: boolean): string[] {
    this.note();
    const found: string[] = [];
    for (const [key, times] of this.#had) {
      if (times > 1 && !mayRepeat) found.push(`the schedule ${key} was carried out ${times} times`);
    }
    for (const { isMissed, at, due, cron } of this.#news) {
      const late = this.#calendarAt(at) - new Date(due).getTime();
      if (mayBeOff) continue;
      if (!isMissed && (late < -SLACK_MS || late > LATE_MS + SLACK_MS))
        found.push(`the schedule ${cron} of ${due} was carried out ${late} ms late`);
      if (isMissed && late <= LATE_MS)
        found.push(`the schedule ${cron} of ${due} was given up after ${late} ms`);
    }
    if (mayRepeat) this.#had.clear();
    this.#news = [];
    return found;
  }

  #calendarAt(at: number): number {
    const { machine, time } = this.#house;
    return machine.calendar - time.now + at;
  }
}
