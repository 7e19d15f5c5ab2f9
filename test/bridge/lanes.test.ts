import { describe, expect, it } from 'vitest';
import type { CommandSpec } from '../../src/bridge/command-spec.ts';
import { isOverruled, type Job, mergedJob } from '../../src/bridge/job.ts';
import { createLanes } from '../../src/bridge/lanes.ts';
import { roomCommands } from '../../src/bridge/namespaces/index.ts';
import type { Ask } from '../../src/bridge/replies.ts';
import { newHousehold } from '../../src/bridge/state.ts';
import { createFakeClock } from '../support/fake-clock.ts';

const spec = (command: string): CommandSpec => {
  const found = roomCommands.get(command);
  if (found === undefined) throw new Error(`there is no command ${command}`);
  return found;
};

const askFor = (id: string, expiresAt: number | null = null): Ask => ({
  id,
  idIsSenders: true,
  command: 'volume',
  household: 'home',
  room: 'kitchen',
  responseTo: null,
  expiresAt,
  lifeMs: Number.POSITIVE_INFINITY,
  since: 0,
});

const job = (
  command: string,
  value: unknown,
  rooms: readonly string[] = ['p1'],
  expiresAt: number | null = null,
): Job => ({
  command,
  spec: spec(command),
  value,
  errands: rooms.map((playerId) => ({
    playerId,
    asks: [askFor(`${playerId}-${JSON.stringify(value)}`, expiresAt)],
  })),
});

describe('two volumes in a row', () => {
  it('become one for the same rooms, in whatever order they are named', () => {
    const merged = mergedJob(job('volume', { to: 10 }, ['p1', 'p2']), job('volume', { by: 5 }, ['p2', 'p1']));
    expect(merged?.value).toEqual({ to: 15 });
    expect(merged?.errands.map(({ playerId, asks }) => [playerId, asks.map(({ id }) => id)])).toEqual([
      ['p1', ['p1-{"to":10}', 'p1-{"by":5}']],
      ['p2', ['p2-{"to":10}', 'p2-{"by":5}']],
    ]);
  });

  it.each([
    ['another command', job('volume', { to: 1 }), job('group_volume', { to: 1 })],
    ['another room', job('volume', { to: 1 }), job('volume', { to: 1 }, ['p2'])],
    ['more rooms', job('volume', { to: 1 }), job('volume', { to: 1 }, ['p1', 'p2'])],
    ['what has no volume', job('next', null), job('next', null)],
    ['a level that expires sooner', job('volume', { to: 1 }), job('volume', { to: 2 }, ['p1'], 5)],
    ['a step that expires sooner', job('volume', { by: 1 }), job('volume', { by: 2 }, ['p1'], 5)],
    ['a step that lives longer', job('volume', { by: 1 }, ['p1'], 5), job('volume', { by: 2 })],
  ])('stay two for %s', (_what, earlier, later) => {
    expect(mergedJob(earlier, later)).toBeNull();
  });

  it('become one when the level that wins lives at least as long', () => {
    expect(mergedJob(job('volume', { to: 1 }, ['p1'], 5), job('volume', { to: 2 }))?.value).toEqual({
      to: 2,
    });
    expect(
      mergedJob(job('volume', { by: 1 }, ['p1'], 5), job('volume', { by: 2 }, ['p1'], 5))?.value,
    ).toEqual({ by: 3 });
  });

  it('overrule the earlier one only when they ask for something else than it did', () => {
    const level = job('volume', { to: 10 });
    expect(isOverruled(level, job('volume', { to: 11 }))).toBe(true);
    expect(isOverruled(level, job('volume', { to: 10 }))).toBe(false);
    expect(isOverruled(job('volume', { by: 1 }), job('volume', { by: 3 }))).toBe(false);
    expect(isOverruled(job('next', null), job('next', null))).toBe(false);
  });
});

describe('lanes', () => {
  it('take nothing in for a household that is gone', () => {
    const lanes = createLanes({ clock: createFakeClock(), household: () => undefined, run: async () => {} });
    expect(lanes.add(job('next', null), () => {})).toBe(false);
    expect(lanes.waiting).toBe(0);
  });

  it('let a regrouping wait for everything before it, and everything after it for the regrouping', async () => {
    const clock = createFakeClock();
    const begun: string[] = [];
    const ends: (() => void)[] = [];
    const lanes = createLanes({
      clock,
      household: () => newHousehold('h', 'home', null),
      run: ({ command, errands }) => {
        begun.push(`${command} ${errands[0]?.playerId}`);
        return new Promise((resolve) => ends.push(resolve));
      },
    });
    lanes.add(job('next', null, ['p1']), () => {});
    lanes.add(job('leave', null, ['p2']), () => {});
    lanes.add(job('next', null, ['p3']), () => {});
    expect(begun).toEqual(['next p1']);
    expect(lanes.waiting).toBe(2);
    ends[0]?.();
    await clock.advance(0);
    expect(begun).toEqual(['next p1', 'leave p2']);
    ends[1]?.();
    await clock.advance(0);
    expect(begun).toEqual(['next p1', 'leave p2', 'next p3']);
    lanes.stop();
  });
});
