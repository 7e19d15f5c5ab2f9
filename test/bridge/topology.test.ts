import { describe, expect, it } from 'vitest';
import { groupOf, hasTarget, merged, type Player, topologyOf } from '../../src/bridge/topology.ts';
import { house, idOf, regrouped, seat } from '../support/house.ts';

const player = (id: string): Player => ({ id, name: id, capabilities: [], deviceIds: [] });
const group = (id: string, ...playerIds: string[]) => ({
  id,
  name: id,
  coordinatorId: playerIds.slice(0, 1).join(),
  playerIds,
});

describe('who plays with whom', () => {
  const topology = topologyOf(
    [player('a'), player('b'), player('c')],
    [group('1', 'a', 'b'), group('2', 'b')],
    true,
  );

  it('is known for every player, and the later of two groups has a player that both claim', () => {
    expect(['a', 'b', 'c'].map((id) => groupOf(topology, id)?.id)).toEqual(['1', '2', undefined]);
    expect(groupOf(null, 'a')).toBeNull();
  });

  it('tells whether a target of an event is of the household', () => {
    expect(hasTarget(topology, 'group', '1')).toBe(true);
    expect(hasTarget(topology, 'group', 'a')).toBe(false);
    expect(hasTarget(topology, 'player', 'a')).toBe(true);
    expect(hasTarget(topology, 'player', '1')).toBe(false);
    expect(hasTarget(null, 'group', '1')).toBe(false);
    expect(hasTarget(null, 'player', 'a')).toBe(false);
  });
});

describe('an incomplete list', () => {
  const before = topologyOf(
    ['a', 'b', 'c', 'd'].map(player),
    [group('1', 'a', 'b'), group('2', 'c'), group('3', 'd')],
    true,
  );

  it('leaves what it does not name as it was', () => {
    const after = merged(before, [], [group('2', 'c', 'd')]);
    expect([...after.players.keys()]).toEqual(['a', 'b', 'c', 'd']);
    expect([...after.groups.values()].map(({ id, playerIds }) => [id, playerIds])).toEqual([
      ['1', ['a', 'b']],
      ['2', ['c', 'd']],
    ]);
    expect(after.isComplete).toBe(true);
  });

  it('takes players out of the groups in which they were', () => {
    const after = merged(before, [], [group('9', 'b', 'd')]);
    expect([...after.groups.values()].map(({ id, playerIds }) => [id, playerIds])).toEqual([
      ['1', ['a']],
      ['2', ['c']],
      ['9', ['b', 'd']],
    ]);
  });

  it('adds new players and renames known ones', () => {
    const after = merged(before, [{ ...player('a'), name: 'Attic' }, player('e')], []);
    expect([...after.players.values()].map((each) => each.name)).toEqual(['Attic', 'b', 'c', 'd', 'e']);
  });

  it('reaches the house as the event that it is', () => {
    const home = regrouped(house(['Kitchen', 'Bath'], ['Den']), [['Den', 'Bath']], {
      partial: true,
      generation: 2,
    });
    expect(seat(home, 'Kitchen').group?.playerIds).toEqual([idOf('Kitchen')]);
    expect(seat(home, 'Bath').group?.id).toBe(seat(home, 'Den').group?.id);
  });
});
