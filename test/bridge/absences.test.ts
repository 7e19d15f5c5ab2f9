import { describe, expect, it } from 'vitest';
import { Absences } from '../../src/bridge/absences.ts';
import type { Household } from '../../src/bridge/state.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { house, NOON, regrouped, room } from '../support/house.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const TEN_YEARS = 3_653 * DAY;

const JUMPS = [HOUR, -HOUR, DAY, -DAY, TEN_YEARS, -TEN_YEARS].map((jump) => ({ jump, days: jump / DAY }));

/** A bridge that runs in a house of two rooms. */
function run() {
  const clock = createFakeClock(NOON);
  const absences = new Absences(clock);
  const both = house(['Kitchen'], ['Den']);
  let now: Household = both;
  const become = (next: Household): void => {
    absences.changed(now, next);
    now = next;
  };
  return {
    clock,
    leave: () => become(regrouped(now, [['Kitchen']], {}, clock.now())),
    comeBack: () => become(regrouped(now, [['Kitchen'], ['Den']], {}, clock.now())),
    days: (name = 'Den') => absences.ageOf(room(now, name)) / DAY,
  };
}

/** The den, as an earlier run wrote it down ten days ago. */
const remembered = () =>
  room(regrouped(house(['Kitchen'], ['Den']), [['Kitchen']], {}, NOON - 10 * DAY), 'Den');

describe('a room that leaves', () => {
  it('has been gone for as long as the stopwatch says', async () => {
    const { clock, leave, days } = run();
    leave();
    expect([days(), days('Kitchen')]).toEqual([0, 0]);
    await clock.advance(3 * DAY);
    expect([days(), days('Kitchen')]).toEqual([3, 0]);
  });

  it.each(JUMPS)('is not gone for longer when the calendar jumps by $days days', async ({ jump }) => {
    const { clock, leave, days } = run();
    leave();
    await clock.advance(DAY);
    clock.jumpNow(jump);
    expect(days()).toBe(1);
    await clock.advance(DAY);
    clock.jumpNow(-jump);
    expect(days()).toBe(2);
  });

  it.each(JUMPS)('while the calendar is off by $days days is timed in the same way', async ({ jump }) => {
    const { clock, leave, days } = run();
    clock.jumpNow(jump);
    leave();
    await clock.advance(DAY);
    clock.jumpNow(-jump);
    expect(days()).toBe(1);
  });

  it('and comes back begins anew when it leaves again', async () => {
    const { clock, leave, comeBack, days } = run();
    leave();
    await clock.advance(5 * DAY);
    comeBack();
    expect(days()).toBe(0);
    await clock.advance(5 * DAY);
    leave();
    await clock.advance(DAY);
    expect(days()).toBe(1);
  });
});

describe('a room that left in an earlier run', () => {
  it('has been gone for as long as the calendar says', async () => {
    const clock = createFakeClock(NOON);
    const absences = new Absences(clock);
    expect(absences.ageOf(remembered()) / DAY).toBe(10);
    await clock.advance(DAY);
    expect(absences.ageOf(remembered()) / DAY).toBe(11);
  });

  it.each(JUMPS)('is not gone for longer when the calendar jumps by $days days', async ({ jump }) => {
    const clock = createFakeClock(NOON);
    const absences = new Absences(clock);
    clock.jumpNow(jump);
    await clock.advance(DAY);
    expect(absences.ageOf(remembered()) / DAY).toBe(11 + Math.min(0, jump / DAY));
  });

  it('is not kept in mind when it is forgotten', async () => {
    const clock = createFakeClock(NOON);
    const absences = new Absences(clock);
    const both = house(['Kitchen'], ['Den']);
    const one = regrouped(both, [['Kitchen']], {}, NOON);
    absences.changed(both, one);
    absences.changed(one, { ...one, rooms: new Map() });
    await clock.advance(2 * DAY);
    clock.jumpNow(-DAY);
    // Its age is asked of the calendar again.
    expect(absences.ageOf(room(one, 'Den')) / DAY).toBe(1);
  });
});
