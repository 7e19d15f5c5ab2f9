import type { Cancel, Clock } from '../../src/bridge/ports.ts';
import { type Timer, TimerHeap } from '../support/timer-heap.ts';

/** No house has so many things to do within one millisecond. */
const MOST_AT_ONCE = 100_000;

/** The time of a simulated world: one heap of timers, and nothing moves but by the soonest of them. */
export class VirtualTime {
  readonly #timers = new TimerHeap();
  #now = 0;
  #order = 0;
  /** How many timers have fired so far. */
  fired = 0;

  /** Milliseconds since the world began. */
  get now(): number {
    return this.#now;
  }

  /** Does the work once, so many milliseconds from now; like Node's own, in whole ones of which there is at least one. */
  after(milliseconds: number, work: () => void): Cancel {
    this.#order += 1;
    const timer: Timer = { at: this.#now + Math.max(1, Math.trunc(milliseconds)), order: this.#order, work };
    this.#timers.push(timer);
    return () => {
      timer.work = null;
    };
  }

  /** Resolves so many milliseconds later. */
  pause(milliseconds: number): Promise<void> {
    return new Promise((resolve) => this.after(milliseconds, resolve));
  }

  /**
   * Moves on by so many milliseconds, timer by timer; whatever promises and immediates one set off has settled before
   * the next fires. What a timer throws ends the run.
   */
  advance(milliseconds: number): Promise<void> {
    const end = this.#now + milliseconds;
    let atOnce = 0;
    return new Promise((resolve, reject) => {
      const step = (): void => {
        const next = this.#timers.peek();
        if (next === undefined || next.at > end) {
          this.#now = end;
          resolve();
          return;
        }
        this.#timers.pop();
        atOnce = next.at > this.#now ? 0 : atOnce + 1;
        if (atOnce > MOST_AT_ONCE) {
          reject(new Error('Time stands still: too much happens at one moment.'));
          return;
        }
        this.#now = Math.max(this.#now, next.at);
        this.fired += 1;
        try {
          next.work?.();
        } catch (error) {
          reject(error);
          return;
        }
        // Twice: an immediate that a promise set off stands behind the first one.
        setImmediate(() => setImmediate(step));
      };
      setImmediate(() => setImmediate(() => setImmediate(step)));
    });
  }
}

/** Wall time at which every simulated world begins. */
const BEGINNING = Date.UTC(2026, 10, 21, 20);

/** The true time, as Sonos has it. */
export const trueClock = (time: VirtualTime): Clock => ({
  now: () => BEGINNING + time.now,
  elapsed: () => time.now,
  after: (milliseconds, work) => time.after(milliseconds, work),
});

/** The machine that a bridge runs on: its calendar may be wrong, and it may sleep. */
export class Machine {
  readonly #time: VirtualTime;
  /** By how much the calendar is off, milliseconds. */
  calendarOff = 0;
  /** Time slept before the last sleep, and that one. */
  #slept = 0;
  #fellAsleepAt = 0;
  #wakesAt = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get isAsleep(): boolean {
    return this.#time.now < this.#wakesAt;
  }

  /** The stopwatch, which stands still in sleep. */
  get elapsed(): number {
    const lastSleep = Math.min(this.#time.now, this.#wakesAt) - this.#fellAsleepAt;
    return this.#time.now - this.#slept - lastSleep;
  }

  get calendar(): number {
    return BEGINNING + this.#time.now + this.calendarOff;
  }

  /** The lid is closed for so long. */
  sleep(milliseconds: number): void {
    if (this.isAsleep) return;
    this.#slept += this.#wakesAt - this.#fellAsleepAt;
    this.#fellAsleepAt = this.#time.now;
    this.#wakesAt = this.#time.now + milliseconds;
  }

  /** Does the work now, or when the machine wakes. */
  whenAwake(work: () => void): void {
    if (this.isAsleep) this.#time.after(this.#wakesAt - this.#time.now, () => this.whenAwake(work));
    else work();
  }
}

/** One run of the bridge on a machine: what it set off dies with it. */
export class Process implements Clock {
  readonly #time: VirtualTime;
  readonly #machine: Machine;
  readonly #timers = new Set<Cancel>();
  #isAlive = true;

  constructor(time: VirtualTime, machine: Machine) {
    this.#time = time;
    this.#machine = machine;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** How many timers wait. */
  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#machine.calendar;
  }

  elapsed(): number {
    return this.#machine.elapsed;
  }

  after(milliseconds: number, work: () => void): Cancel {
    if (!this.#isAlive) return () => {};
    const fire = (): void => {
      if (this.#timers.delete(cancel)) work();
    };
    const stop = this.#time.after(milliseconds, () => this.#machine.whenAwake(fire));
    const cancel = (): void => {
      if (this.#timers.delete(cancel)) stop();
    };
    this.#timers.add(cancel);
    return cancel;
  }

  /** Something comes in from outside: heard when the machine is awake, and never after the end. */
  hear(work: () => void): void {
    this.#machine.whenAwake(() => {
      if (this.#isAlive) work();
    });
  }

  /** The end, without a word. */
  die(): void {
    this.#isAlive = false;
    for (const cancel of [...this.#timers]) cancel();
  }
}
