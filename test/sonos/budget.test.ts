import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallPriority } from '../../src/bridge/sonos.ts';
import { createBudget } from '../../src/sonos/budget.ts';
import { fakeClock, settle } from './fakes.ts';

interface Grant {
  readonly at: number;
  readonly priority: CallPriority;
  readonly index: number;
}

function house(perMinute: number, perSecond: number, maxWaiting = 500) {
  const clock = fakeClock();
  const budget = createBudget({ clock, perMinute, perSecond, maxWaiting });
  const grants: Grant[] = [];
  const refusals: { index: number; kind: string; at: number }[] = [];
  let index = 0;
  const ask = (priority: CallPriority, maxWaitMs: number) => {
    const mine = index;
    index += 1;
    return budget.take(priority, maxWaitMs).then((turn) => {
      if (turn.ok) grants.push({ at: clock.elapsed(), priority, index: mine });
      else refusals.push({ index: mine, kind: turn.error.kind, at: clock.elapsed() });
    });
  };
  return { clock, budget, grants, refusals, ask };
}

/** The most moments that any half-open window of this length holds. */
function densest(moments: readonly number[], span: number): number {
  return Math.max(0, ...moments.map((from) => moments.filter((at) => at >= from && at < from + span).length));
}

const priority = fc.constantFrom<CallPriority>('announcement', 'command', 'housekeeping');

describe('the request budget', () => {
  it('holds in every minute and every second, and answers everybody', async () => {
    const step = fc.record({
      wait: fc.integer({ min: 0, max: 20_000 }),
      calls: fc.array(fc.record({ priority, patience: fc.integer({ min: 0, max: 200_000 }) }), {
        maxLength: 12,
      }),
      pause: fc.option(fc.integer({ min: 1, max: 90_000 }), { freq: 10 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(step, { maxLength: 12 }),
        async (perMinute, perSecond, steps) => {
          const { clock, budget, grants, refusals, ask } = house(perMinute, perSecond);
          const asked: Promise<void>[] = [];
          const pauses: [number, number][] = [];
          for (const { wait, calls, pause } of steps) {
            await clock.advance(wait);
            if (pause !== null) {
              budget.pause(pause);
              pauses.push([clock.elapsed(), clock.elapsed() + pause]);
            }
            for (const call of calls) asked.push(ask(call.priority, call.patience));
          }
          await clock.advance(600_000);
          await Promise.all(asked);
          const moments = grants.map(({ at }) => at);
          expect(densest(moments, 60_000)).toBeLessThanOrEqual(perMinute);
          expect(densest(moments, 1000)).toBeLessThanOrEqual(perSecond);
          expect(grants.length + refusals.length).toBe(asked.length);
          for (const at of moments) expect(pauses.some(([from, to]) => at > from && at < to)).toBe(false);
          for (const one of ['announcement', 'command', 'housekeeping'] as const) {
            const order = grants.filter((grant) => grant.priority === one).map((grant) => grant.index);
            expect(order).toEqual([...order].sort((a, b) => a - b));
          }
          expect(budget.waiting()).toBe(0);
          expect(clock.timers()).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('serves an announcement before a command and a command before housekeeping', async () => {
    const { clock, grants, ask } = house(600, 1);
    void ask('housekeeping', 60_000);
    for (const kind of ['housekeeping', 'command', 'announcement', 'command', 'announcement'] as const) {
      void ask(kind, 60_000);
    }
    await clock.advance(6000);
    expect(grants.map((grant) => grant.priority)).toEqual([
      'housekeeping',
      'announcement',
      'announcement',
      'command',
      'command',
      'housekeeping',
    ]);
    expect(grants.map((grant) => grant.at)).toEqual([0, 1000, 2000, 3000, 4000, 5000]);
  });

  it('keeps the last fifth of the minute for people', async () => {
    const { clock, budget, grants, ask } = house(100, 100);
    for (let call = 0; call < 90; call += 1) void ask('housekeeping', 5000);
    await settle();
    expect(budget.usedLastMinute()).toBe(80);
    for (let call = 0; call < 30; call += 1) void ask('command', 500);
    await settle();
    expect(budget.usedLastMinute()).toBe(100);
    expect(grants.filter((grant) => grant.priority === 'command')).toHaveLength(20);
    await clock.advance(60_000);
    expect(budget.usedLastMinute()).toBe(0);
  });

  it('lets a trickle of housekeeping through a flow of commands run wild, and no more', async () => {
    const { clock, grants, ask } = house(100, 2);
    for (let turn = 0; turn < 600; turn += 1) {
      for (let call = 0; call < 3; call += 1) void ask('command', 1000);
      if (turn === 110) for (let call = 0; call < 40; call += 1) void ask('housekeeping', 600_000);
      await clock.advance(500);
    }
    const upkeep = grants.filter((grant) => grant.priority === 'housekeeping');
    // Two in each of the four minutes that were left.
    expect(upkeep).toHaveLength(8);
    expect(
      densest(
        upkeep.map((grant) => grant.at),
        60_000,
      ),
    ).toBeLessThanOrEqual(2);
  });

  it('refuses at once what a pause would keep waiting for too long', async () => {
    const { clock, budget, refusals, grants, ask } = house(100, 100);
    budget.pause(30_000);
    void ask('command', 8000);
    void ask('housekeeping', 60_000);
    await settle();
    expect(refusals).toEqual([{ index: 0, kind: 'too_long', at: 0 }]);
    expect(await budget.take('command', 10)).toEqual({
      ok: false,
      error: { kind: 'too_long', pausedMs: 30_000 },
    });
    await clock.advance(30_000);
    expect(grants).toEqual([{ at: 30_000, priority: 'housekeeping', index: 1 }]);
  });

  it('a shorter pause does not end a longer one', async () => {
    const { clock, budget, grants, ask } = house(100, 100);
    budget.pause(10_000);
    budget.pause(1000);
    void ask('command', 60_000);
    await clock.advance(20_000);
    expect(grants.map((grant) => grant.at)).toEqual([10_000]);
  });

  it('gives up after the patience of the caller', async () => {
    const { clock, refusals, ask } = house(1, 1);
    void ask('command', 8000);
    void ask('command', 8000);
    await clock.advance(8000);
    expect(refusals).toEqual([{ index: 1, kind: 'too_long', at: 8000 }]);
    expect(clock.timers()).toBe(0);
  });

  it('does not let more wait than it can remember, and keeps the kinds apart', async () => {
    const { refusals, clock, ask } = house(1, 1, 2);
    for (let call = 0; call < 4; call += 1) void ask('housekeeping', 60_000);
    void ask('command', 120_000);
    await settle();
    expect(refusals.map(({ kind, index }) => [kind, index])).toEqual([['queue_full', 3]]);
    await clock.advance(200_000);
    expect(clock.timers()).toBe(0);
  });

  it('refuses everybody once it is closed', async () => {
    const { budget, clock, refusals, ask } = house(1, 1);
    void ask('command', 8000);
    void ask('command', 8000);
    budget.close();
    void ask('announcement', 8000);
    await settle();
    expect(refusals.map(({ kind }) => kind).sort()).toEqual(['closed', 'closed']);
    expect(clock.timers()).toBe(0);
  });
});
