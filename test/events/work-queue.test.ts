import { describe, expect, it, onTestFinished } from 'vitest';
import { createWorkQueue } from '../../src/events/work-queue.ts';

function openQueue(maxItems = 10_000, work?: (item: number) => void) {
  const done: number[] = [];
  let losses = 0;
  const queue = createWorkQueue<number>({
    maxItems,
    maxSize: 1_000_000,
    work:
      work ??
      ((item) => {
        done.push(item);
      }),
    lost: () => {
      losses += 1;
    },
  });
  return { queue, done, losses: () => losses };
}

describe('the queue of events', () => {
  it('never works while somebody is pushing', async () => {
    const { queue, done } = openQueue();
    for (let item = 0; item < 250; item += 1) queue.push(item, 1);
    expect(done).toEqual([]);
    await queue.idle();
    expect(done).toEqual(Array.from({ length: 250 }, (_, item) => item));
  });

  it('lets the sockets have their turn between batches', async () => {
    const { queue, done } = openQueue();
    for (let item = 0; item < 1_000; item += 1) queue.push(item, 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(done.length).toBeGreaterThan(0);
    expect(done.length).toBeLessThan(1_000);
    await queue.idle();
    expect(done.length).toBe(1_000);
  });

  it('lets the sockets have their turn sooner when the items are large', async () => {
    const { queue, done } = openQueue();
    for (let item = 0; item < 3; item += 1) queue.push(item, 300_000);
    for (const count of [1, 2, 3]) {
      await new Promise((resolve) => setImmediate(resolve));
      expect(done).toHaveLength(count);
    }
  });

  it('drops the oldest when there are too many, and says so when it begins and when it is over', async () => {
    const { queue, done, losses } = openQueue(5);
    for (let item = 0; item < 20; item += 1) queue.push(item, 1);
    expect(queue.dropped()).toBe(15);
    expect(losses()).toBe(1);
    await queue.idle();
    expect(done).toEqual([15, 16, 17, 18, 19]);
    expect(losses()).toBe(2);
    queue.push(20, 1);
    await queue.idle();
    expect(losses()).toBe(2);
  });

  it('goes on behind an item that is a bug', async () => {
    // The listeners of the test runner would take the error for a failure of the test.
    const before = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const seen: unknown[] = [];
    process.on('uncaughtException', (error) => seen.push(error));
    onTestFinished(() => {
      process.removeAllListeners('uncaughtException');
      for (const listener of before) process.on('uncaughtException', listener);
    });
    const done: number[] = [];
    const { queue } = openQueue(10, (item) => {
      if (item === 1) throw new Error('a bug');
      done.push(item);
    });
    for (const item of [0, 1, 2]) queue.push(item, 1);
    await queue.idle();
    expect(done).toEqual([0, 2]);
    expect(seen).toEqual([new Error('a bug')]);
  });

  it('takes nothing more once it is closed, and keeps nobody waiting', async () => {
    const { queue, done, losses } = openQueue(2);
    for (const item of [0, 1, 2]) queue.push(item, 1);
    const idle = queue.idle();
    queue.close();
    await idle;
    queue.push(3, 1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual([]);
    expect(losses()).toBe(1);
  });
});
