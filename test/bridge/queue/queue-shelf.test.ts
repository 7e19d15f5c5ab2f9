import { describe, expect, it } from 'vitest';
import { QueueProgress } from '../../../src/bridge/queue/queue-progress.ts';
import { newRecord, type QueueRecord } from '../../../src/bridge/queue/queue-record.ts';
import { QueueShelf } from '../../../src/bridge/queue/queue-shelf.ts';
import { type Household, newHousehold } from '../../../src/bridge/state.ts';

const record = (number: number, household = 'home'): QueueRecord => {
  const address = { key: `key-${number}`, baseUrl: '', authorization: null };
  const made = newRecord(address, { name: 'Queue', household, playerId: 'player' }, 'q', []);
  return Object.assign(made, { session: `session-${number}`, group: `group-${number}` });
};

const playing = (count: number): Household => ({
  ...newHousehold('home', 'home'),
  sessions: new Map(
    Array.from({ length: count }, (_, index) => [
      `session-${index}`,
      { group: `group-${index}`, purpose: 'queue' as const, suspended: false },
    ]),
  ),
});

describe('the shelf of queues', () => {
  it('lets the oldest go when all are played', () => {
    const home = playing(100);
    const shelf = new QueueShelf();
    for (let number = 0; number < 65; number += 1) shelf.add(record(number), () => home);
    expect(shelf.find('key-0')).toBeNull();
    expect(shelf.find('key-1')).not.toBeNull();
    expect(shelf.of(home, 'group-7')?.address.key).toBe('key-7');
    expect(shelf.of(home, undefined)).toBeUndefined();
  });

  it('lets those of a household go that is no more', () => {
    const home = playing(100);
    const shelf = new QueueShelf();
    shelf.add(record(0), () => home);
    shelf.add(record(1, 'gone'), () => home);
    for (let number = 2; number < 65; number += 1)
      shelf.add(record(number), (id) => (id === 'home' ? home : undefined));
    expect([shelf.find('key-0'), shelf.find('key-1')]).toEqual([expect.anything(), null]);
  });

  it('knows no queue of a session that plays a stream by now', () => {
    const home = playing(1);
    const shelf = new QueueShelf();
    shelf.add(record(0), () => home);
    const session = { group: 'group-0', purpose: 'stream' as const, suspended: false };
    expect(shelf.played({ ...home, sessions: new Map([['session-0', session]]) })).toEqual([]);
  });
});

describe('progress', () => {
  it('is told to nobody when neither the group nor the room is there', () => {
    const told: unknown[] = [];
    const progress = new QueueProgress({
      household: () => newHousehold('home', 'home'),
      happened: (...all) => told.push(all),
    });
    const report = { itemId: 'q-1', isFinal: true, positionMs: null, playedMs: null, error: null };
    progress.reported(record(0), report);
    progress.looked(newHousehold('home', 'home'), record(0));
    expect(told).toEqual([]);
  });
});
