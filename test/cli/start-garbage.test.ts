import { describe, expect, it } from 'vitest';
import { collectStartGarbage } from '../../src/cli/start-garbage.ts';
import { createFakeClock } from '../support/fake-clock.ts';

function open() {
  const clock = createFakeClock();
  const seen = { used: 500, collected: 0, compacted: 0 };
  const cancel = collectStartGarbage({
    clock,
    used: () => seen.used,
    collect: (compact) => {
      if (compact) seen.compacted += 1;
      else seen.collected += 1;
      // A collection takes time itself, and is not what keeps the house busy.
      seen.used += 50;
    },
  });
  return { clock, seen, cancel };
}

describe('the garbage of the start', () => {
  it('is collected once the house rests, compacted in the end, and then left alone', async () => {
    const { clock, seen } = open();
    await clock.advance(2_000);
    expect(seen.collected).toBe(1);
    await clock.advance(6_000);
    expect(seen).toMatchObject({ collected: 2, compacted: 0 });
    await clock.advance(2_000);
    expect(seen).toMatchObject({ collected: 2, compacted: 1 });
    await clock.advance(60_000);
    expect(seen).toMatchObject({ collected: 2, compacted: 1 });
    expect(clock.timers).toBe(0);
  });

  it('waits while the house is busy', async () => {
    const { clock, seen } = open();
    for (let second = 0; second < 60; second += 1) {
      seen.used += 6;
      await clock.advance(1_000);
    }
    expect(seen.collected).toBe(0);
    await clock.advance(10_000);
    expect(seen).toMatchObject({ collected: 2, compacted: 1 });
  });

  it('is left alone when the house ends before', async () => {
    const { clock, seen, cancel } = open();
    await clock.advance(2_000);
    cancel();
    await clock.advance(60_000);
    expect(seen.collected).toBe(1);
  });

  it('is collected for real', async () => {
    const clock = createFakeClock();
    const kept = { house: new WeakRef(Array.from({ length: 10_000 }, (_, room) => ({ room }))) };
    collectStartGarbage({ clock, used: () => 0 });
    await clock.advance(10_000);
    expect(kept.house.deref()).toBeUndefined();
  });
});
