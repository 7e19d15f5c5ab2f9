import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../src/app/replay/virtual-clock.ts';

describe('the clock of a replay', () => {
  it('fires timers in their order, each after what the one before set off has settled', async () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.after(20, () => fired.push(`late at ${clock.elapsed()}`));
    clock.after(10, () => {
      void Promise.resolve()
        .then(() => {})
        .then(() => {
          fired.push('promised');
          clock.after(5, () => fired.push(`between at ${clock.elapsed()}`));
        });
    });
    clock.after(10, () => fired.push('second of one moment'));
    const cancel = clock.after(12, () => fired.push('never'));
    cancel();
    await clock.advanceTo(15.5);
    expect(fired).toEqual(['promised', 'second of one moment', 'between at 15']);
    expect(clock.elapsed()).toBe(15.5);
    await clock.advanceTo(100);
    expect(fired.at(-1)).toBe('late at 20');
  });

  it('has the calendar of the record, which may jump while the stopwatch does not', async () => {
    const clock = new VirtualClock();
    clock.setCalendar(1_000_000);
    await clock.advanceTo(10.7);
    expect(clock.now()).toBe(1_000_010);
    clock.setCalendar(5);
    await clock.advanceTo(20.7);
    expect([clock.now(), clock.elapsed()]).toEqual([15, 20.7]);
  });
});
