import { describe, expect, it } from 'vitest';
import { joined } from '../../bench/commands/joined.ts';
import { wantedAt } from '../../bench/commands/messages.ts';

const listOf = (...entries: readonly (readonly [room: number, at: number])[]) => ({
  room: Uint8Array.from(entries.map(([room]) => room)),
  at: Float64Array.from(entries.map(([, at]) => at)),
});

describe('commands and the calls that they became', () => {
  it('are joined by room, the nth with the nth', () => {
    const sent = listOf([0, 10], [1, 11], [0, 20], [1, 25]);
    expect(joined(sent, listOf([1, 14], [0, 15], [0, 29], [1, 26]))).toEqual({
      latencies: [5, 3, 9, 1],
      lost: 0,
      unasked: 0,
    });
  });

  it('are lost, or came unasked', () => {
    const { lost, latencies } = joined(listOf([0, 1], [0, 2], [3, 3]), listOf([0, 5]));
    expect([lost, latencies]).toEqual([2, [4]]);
    expect(joined(listOf([0, 1]), listOf([0, 5], [0, 6], [2, 7])).unasked).toBe(2);
  });

  it('change something each time, or nothing', () => {
    expect([0, 1, 2].map((count) => wantedAt(count, true))).toEqual([true, false, true]);
    expect([0, 1, 2].map((count) => wantedAt(count, false))).toEqual([false, false, false]);
  });
});
