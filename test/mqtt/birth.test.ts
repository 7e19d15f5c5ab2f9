import { describe, expect, it } from 'vitest';
import { Birth } from '../../src/mqtt/birth.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function setUp(fraction: number) {
  const clock = createFakeClock();
  let repeated = 0;
  const random = { fraction: () => fraction, id: () => 'id' };
  const birth = new Birth(clock, random, () => {
    repeated += 1;
  });
  return { clock, birth, times: () => repeated };
}

describe('when Home Assistant says that it starts', () => {
  it.each([
    [0, 1_000],
    [0.5, 5_500],
    [0.999_99, 10_000],
  ])('everything is said again after a moment of our own: %s of it', async (fraction, milliseconds) => {
    const { clock, birth, times } = setUp(fraction);
    birth.heard(bytes('online'));
    await clock.advance(milliseconds - 1);
    expect(times()).toBe(0);
    await clock.advance(1);
    expect(times()).toBe(1);
    birth.heard(bytes('online'));
    await clock.advance(10_000);
    expect(times()).toBe(2);
  });

  it('twice in that moment, it is said again once', async () => {
    const { clock, birth, times } = setUp(1);
    birth.heard(bytes('online'));
    await clock.advance(500);
    birth.heard(bytes('online'));
    await clock.advance(30_000);
    expect(times()).toBe(1);
  });

  it('nothing follows from its leaving, from other words, or after the stop', async () => {
    const { clock, birth, times } = setUp(0);
    for (const word of ['offline', '', 'online and more', 'x'.repeat(100_000)]) birth.heard(bytes(word));
    birth.heard(bytes('online'));
    birth.stop();
    await clock.advance(30_000);
    expect(times()).toBe(0);
  });
});
