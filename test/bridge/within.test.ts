import { describe, expect, it } from 'vitest';
import { within } from '../../src/bridge/within.ts';
import { createFakeClock } from '../support/fake-clock.ts';

describe('work that has a time', () => {
  it('is waited for until it is done, and leaves no timer behind', async () => {
    const clock = createFakeClock();
    let finish = (): void => {};
    let isOver = false;
    const work = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const waited = within(clock, 1_000, work).then(() => {
      isOver = true;
    });
    await clock.advance(999);
    expect(isOver).toBe(false);
    finish();
    await waited;
    expect(clock.timers).toBe(0);
  });

  it('is not waited for any longer when its time is up', async () => {
    const clock = createFakeClock();
    const waited = within(clock, 1_000, new Promise(() => {}));
    await clock.advance(1_000);
    await waited;
    expect(clock.timers).toBe(0);
  });

  it('is told of as done or not, and fails as it fails', async () => {
    const clock = createFakeClock();
    const late = within(clock, 1_000, new Promise(() => {}));
    await clock.advance(1_000);
    expect(await late).toBe(false);
    expect(await within(clock, 1_000, Promise.resolve())).toBe(true);
    await expect(within(clock, 1_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect(clock.timers).toBe(0);
  });
});
