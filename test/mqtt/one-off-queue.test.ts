import { describe, expect, it } from 'vitest';
import { OneOffQueue } from '../../src/mqtt/one-off-queue.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { recordingLog } from './link-fixtures.ts';

const MOST = 1000;

function setUp() {
  const clock = createFakeClock();
  const log = recordingLog();
  const queue = new OneOffQueue(clock, log);
  const fill = (count: number): void => {
    for (let index = 0; index < count; index += 1) queue.add({ topic: 'e', payload: String(index) });
  };
  return { clock, log, queue, fill };
}

describe('an event that waits for the broker', () => {
  it('is worth sending until its time is over, with at least a second left', async () => {
    const { clock, queue } = setUp();
    for (let count = 0; count < 2; count += 1) queue.add({ topic: 'e', payload: 'x', expirySeconds: 10 });
    await clock.advance(9_999);
    expect(queue.take()?.secondsLeft).toBe(1);
    await clock.advance(1);
    expect(queue.take()).toBeNull();
  });

  it('falls out when a thousand newer ones wait, which is said once until all have left', () => {
    const { log, queue, fill } = setUp();
    fill(MOST);
    expect([queue.size, log.lines.length]).toEqual([MOST, 0]);
    fill(1);
    expect(queue.size).toBe(MOST);
    expect(JSON.stringify(log.lines)).toMatch(/More than 1000 events .* Check that the broker is up/);
    // Some room, though not all: it is the same trouble still.
    for (let count = 0; count < 10; count += 1) queue.take();
    fill(20);
    expect(log.lines).toHaveLength(1);
    while (queue.take() !== null);
    fill(MOST + 1);
    expect(log.lines).toHaveLength(2);
  });
});
