import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { systemClock, systemRandom } from '../src/system.ts';

const DAY = 24 * 3_600_000;
/** The longest timer of Node; a longer one fires at once. */
const LONGEST = 2 ** 31 - 1;

describe('a timer of the machine', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** How often a timer of this length has fired at some moments. */
  function fired(length: number) {
    let times = 0;
    let at = 0;
    const cancel = systemClock.after(length, () => {
      times += 1;
    });
    return {
      cancel,
      yet: () => times,
      by: (moment: number) => {
        vi.advanceTimersByTime(moment - at);
        at = moment;
        return times;
      },
    };
  }

  it('would fire at once beyond 2^31 ms if it were one of Node alone', () => {
    let isDone = false;
    setTimeout(() => {
      isDone = true;
    }, LONGEST + 1);
    vi.advanceTimersByTime(10);
    expect(isDone).toBe(true);
  });

  it.each([
    1,
    LONGEST - 1,
    LONGEST,
    LONGEST + 1,
    LONGEST + 2,
    2 * LONGEST,
    2 * LONGEST + 1,
    30 * DAY,
    365 * DAY,
    3_653 * DAY,
  ])('of %i ms fires once, neither early nor late', (length) => {
    const { by } = fired(length);
    expect(by(length - 1)).toBe(0);
    expect(by(length)).toBe(1);
    expect(by(length + 3 * LONGEST)).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('fires once at its moment, however long it is and however time passes', () => {
    const length = fc.integer({ min: 1, max: 20 * LONGEST });
    const steps = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });
    fc.assert(
      fc.property(length, steps, (wait, parts) => {
        const { by } = fired(wait);
        for (const part of parts.sort((a, b) => a - b)) expect(by(Math.floor(part * (wait - 1)))).toBe(0);
        expect(by(wait - 1)).toBe(0);
        expect(by(wait)).toBe(1);
        expect(vi.getTimerCount()).toBe(0);
      }),
    );
  });

  it.each([0, 1, LONGEST - 1, LONGEST, LONGEST + 1, 3 * LONGEST, 4 * LONGEST + 8])(
    'never fires when it was cancelled %i ms after it was set, and leaves nothing behind',
    (moment) => {
      const { by, cancel } = fired(4 * LONGEST + 9);
      expect(by(moment)).toBe(0);
      cancel();
      expect(vi.getTimerCount()).toBe(0);
      expect(by(9 * LONGEST)).toBe(0);
      cancel();
    },
  );

  it('is not harmed by being cancelled too late, or by its own work', () => {
    const long = fired(LONGEST + 5);
    expect(long.by(LONGEST + 5)).toBe(1);
    long.cancel();
    let times = 0;
    const own = systemClock.after(5, () => {
      times += 1;
      own();
    });
    const other = fired(6);
    expect(other.by(6)).toBe(1);
    expect(times).toBe(1);
  });

  it.each([0, -1, -DAY, Number.NEGATIVE_INFINITY])(
    'whose time has passed (%d ms) fires at once, but not before its caller is through',
    (length) => {
      const { by, yet } = fired(length);
      expect(yet()).toBe(0);
      expect(by(1)).toBe(1);
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it('without end never fires, and can be cancelled', () => {
    const { by, cancel } = fired(Number.POSITIVE_INFINITY);
    expect(by(3_653 * DAY)).toBe(0);
    expect(vi.getTimerCount()).toBe(1);
    cancel();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('of no length at all is a mistake in the program, and none is set', () => {
    expect(() => systemClock.after(Number.NaN, () => {})).toThrow(RangeError);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('the clocks of the machine', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([3_600_000, -3_600_000, DAY, -DAY, 3_653 * DAY, -3_653 * DAY])(
    'differ when the calendar is set by %i ms: the stopwatch goes on as if nothing were',
    (jump) => {
      const [wall, elapsed] = [systemClock.now(), systemClock.elapsed()];
      vi.useFakeTimers({ toFake: ['Date'], now: wall + jump });
      expect(systemClock.now()).toBe(wall + jump);
      const passed = systemClock.elapsed() - elapsed;
      expect(passed).toBeGreaterThanOrEqual(0);
      expect(passed).toBeLessThan(3_600_000 / 2);
    },
  );

  it('never go back on the stopwatch, wherever the calendar is set in between', () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4e12 }), { minLength: 2, maxLength: 50 }),
        (calendar) => {
          let last = systemClock.elapsed();
          for (const now of calendar) {
            vi.setSystemTime(now);
            expect(systemClock.now()).toBe(now);
            expect(systemClock.elapsed()).toBeGreaterThanOrEqual(last);
            last = systemClock.elapsed();
          }
        },
      ),
    );
  });

  it('fire their timers by the stopwatch', async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    const set = systemClock.elapsed();
    await new Promise<void>((resolve) => {
      systemClock.after(30, resolve);
      vi.setSystemTime(Date.now() - 3_653 * DAY);
    });
    // Node rounds what has passed to milliseconds.
    expect(systemClock.elapsed() - set).toBeGreaterThan(28);
  });
});

describe('the chance of the machine', () => {
  it('makes ids of 128 bits that fit into a URL, and never the same twice', () => {
    const ids = Array.from({ length: 1000 }, () => systemRandom.id());
    for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('makes fractions from 0 to 1, all over', () => {
    const parts = new Set<number>();
    for (let times = 0; times < 1000; times += 1) {
      const fraction = systemRandom.fraction();
      expect(fraction).toBeGreaterThanOrEqual(0);
      expect(fraction).toBeLessThan(1);
      parts.add(Math.floor(fraction * 10));
    }
    expect(parts.size).toBe(10);
  });
});
