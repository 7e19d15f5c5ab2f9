import { describe, expect, it } from 'vitest';
import { inParallel } from '../../src/bridge/in-parallel.ts';

describe('work for many', () => {
  it('is begun in order, at most six beside each other, and all of it is done', async () => {
    const begun: number[] = [];
    let running = 0;
    let most = 0;
    await inParallel(
      Array.from({ length: 20 }, (_, n) => n),
      async (n) => {
        begun.push(n);
        running += 1;
        most = Math.max(most, running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
      },
    );
    expect(begun).toEqual(Array.from({ length: 20 }, (_, n) => n));
    expect(most).toBe(6);
    expect(running).toBe(0);
  });

  it('is nothing when there is none', async () => {
    await inParallel([], async () => {
      throw new Error('there is nothing to do');
    });
  });

  it('passes a bug on', async () => {
    await expect(
      inParallel([1], async () => {
        throw new Error('a bug');
      }),
    ).rejects.toThrow('a bug');
  });
});
