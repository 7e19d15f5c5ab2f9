import { describe, expect, it } from 'vitest';
import { inEachOthersWay, isOverruled, type Job, mergedJob } from '../../src/bridge/job.ts';
import { roomCommands } from '../../src/bridge/namespaces/index.ts';
import { seatOf } from '../../src/bridge/state.ts';
import { house } from '../support/house.ts';

const household = house(['Kitchen', 'Bath'], ['Den']);

const player = (room: string): string => {
  const found = [...household.rooms.values()].find(({ name }) => name === room);
  if (found === undefined || seatOf(household, found.playerId) === null) throw new Error(`no room ${room}`);
  return found.playerId;
};

/** A command for some rooms, each with the moment at which it expires. */
function job(command: string, value: unknown, rooms: Readonly<Record<string, number | null>>): Job {
  const spec = roomCommands.get(command);
  if (spec === undefined) throw new Error(`there is no command ${command}`);
  const errands = Object.entries(rooms).map(([room, expiresAt]) => ({
    playerId: player(room),
    asks: [
      {
        ...{ id: `${command} ${room}`, idIsSenders: true, command, household: 'home', room },
        ...{ responseTo: null, expiresAt, lifeMs: Number.POSITIVE_INFINITY, since: 0 },
      },
    ],
  }));
  return { command, spec, value, errands };
}

describe('two commands', () => {
  const volume = (...rooms: string[]) =>
    job('volume', { to: 1 }, Object.fromEntries(rooms.map((r) => [r, null])));
  const next = (...rooms: string[]) => job('next', null, Object.fromEntries(rooms.map((r) => [r, null])));

  it.each([
    ['volumes of two rooms of a group', volume('Kitchen'), volume('Bath'), false],
    ['volumes of one room', volume('Kitchen'), volume('Kitchen'), true],
    ['music of two rooms of a group', next('Kitchen'), next('Bath'), true],
    ['music of two groups', next('Kitchen'), next('Den'), false],
    ['a volume and the music of its group', volume('Kitchen'), next('Bath'), true],
    ['music and a volume in its group', next('Bath'), volume('Kitchen'), true],
    ['a volume and the music of another group', volume('Kitchen'), next('Den'), false],
    ['one that touches the other with one of its rooms', volume('Kitchen'), volume('Den', 'Kitchen'), true],
    ['one that touches none of the other’s rooms', volume('Kitchen'), volume('Den', 'Bath'), false],
    ['a regrouping and anything', job('leave', null, { Den: null }), volume('Kitchen'), true],
    ['anything and a regrouping', volume('Kitchen'), job('leave', null, { Den: null }), true],
  ])('are in each other’s way or not: %s', (_what, earlier, later, are) => {
    expect(inEachOthersWay(household, earlier, later)).toBe(are);
  });
});

describe('two volumes for several rooms', () => {
  const level = (kitchen: number | null, bath: number | null) =>
    job('volume', { to: 10 }, { Kitchen: kitchen, Bath: bath });

  it('become one when whoever expires first still outlives everyone of the earlier', () => {
    expect(mergedJob(level(10, 20), level(20, 30))).not.toBeNull();
    expect(mergedJob(level(10, 20), level(19, 30))).toBeNull();
    expect(mergedJob(level(20, 10), level(null, 15))).toBeNull();
    expect(mergedJob(level(10, null), level(null, null))).not.toBeNull();
    expect(mergedJob(level(null, 10), level(15, 20))).toBeNull();
  });

  it('are overruled by a level alone', () => {
    const toggle = job('mute', 'toggle', { Kitchen: null });
    expect(isOverruled(toggle, toggle)).toBe(false);
    expect(isOverruled(level(null, null), { ...level(null, null), value: { to: 11 } })).toBe(true);
  });
});
