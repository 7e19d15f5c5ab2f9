import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planOf } from '../../../src/bridge/presets/plan.ts';
import type { Preset, Together } from '../../../src/bridge/presets/preset.ts';
import type { Step } from '../../../src/bridge/presets/steps.ts';
import { figure, sized } from '../../support/figures.ts';
import { carryOut, FAVORITES, householdOf, type Model, PLAYLISTS, preset } from './model.ts';

const ROOMS = ['attic', 'bath', 'cellar', 'den', 'foyer'];
const RUNS = sized(400, 20_000);
const seed = Number(process.env.SEED ?? Date.now() % 1_000_000);

const music = fc.record({
  container: fc.constantFrom(null, ...FAVORITES, ...PLAYLISTS, 'Something'),
  state: fc.constantFrom('PLAYING' as const, 'PAUSED' as const, 'IDLE' as const),
  shuffle: fc.boolean(),
  repeat: fc.constantFrom('off' as const, 'all' as const, 'one' as const),
  crossfade: fc.boolean(),
});

/** A number for each room: those with the same one play together. */
const places = fc.array(fc.nat(3), { minLength: ROOMS.length, maxLength: ROOMS.length });
const orders = fc.shuffledSubarray(ROOMS, { minLength: ROOMS.length });

const together = (order: readonly string[], at: readonly number[]): string[][] =>
  [0, 1, 2, 3]
    .map((place) => order.filter((_, index) => at[index] === place))
    .filter((rooms) => rooms.length > 0);

const model: fc.Arbitrary<Model> = fc
  .tuple(
    orders,
    places,
    fc.array(music, { minLength: 4, maxLength: 4 }),
    fc.array(fc.record({ volume: fc.nat(100), muted: fc.boolean() }), { minLength: 5, maxLength: 5 }),
  )
  .map(([order, at, all, speakers]) => ({
    groups: together(order, at).map((rooms, index) => ({ rooms, music: { ...all[index] } as never })),
    rooms: Object.fromEntries(ROOMS.map((name, index) => [name, { ...speakers[index] } as never])),
  }));

const wantedMusic = fc
  .record(
    {
      content: fc.oneof(
        fc.constant({}),
        fc.record({ favorite: fc.constantFrom(...FAVORITES) }),
        fc.record({ playlist: fc.constantFrom(...PLAYLISTS) }),
      ),
      modes: fc.record(
        { shuffle: fc.boolean(), repeat: fc.constantFrom('off', 'all', 'one'), crossfade: fc.boolean() },
        { requiredKeys: [] },
      ),
      play: fc.record({ play: fc.boolean() }, { requiredKeys: [] }),
    },
    { noNullPrototype: true },
  )
  .map(({ content, modes, play }) => ({ ...content, ...modes, ...play }));

const wanted: fc.Arbitrary<Preset> = fc
  .tuple(
    orders,
    places,
    fc.subarray([0, 1, 2, 3]),
    fc.array(wantedMusic, { minLength: 4, maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(...ROOMS),
      fc.record({ volume: fc.nat(100), muted: fc.boolean() }, { requiredKeys: [], noNullPrototype: true }),
      { noNullPrototype: true },
    ),
  )
  .map(([order, at, chosen, all, rooms]) => {
    const groups = together(order, at).filter((_, index) => chosen.includes(index));
    return preset({ rooms, groups: groups.map((members, index) => ({ rooms: members, ...all[index] })) });
  });

const nothingLoaded = () => null;
const planned = (house: Model, goal: Preset): readonly Step[] =>
  planOf(householdOf(house), goal, nothingLoaded).steps;

const carried = (house: Model, steps: readonly Step[]): Model => {
  const copy = structuredClone(house);
  for (const step of steps) carryOut(copy, step);
  return copy;
};

/** Told by the house itself, not by the bridge's planner: whether everything is as the preset says. */
function isSo(house: Model, goal: Preset): boolean {
  const groupIsSo = ({ rooms, favorite, playlist, play, ...modes }: Together): boolean => {
    const group = house.groups.find((each) => each.rooms.toSorted().join() === rooms.toSorted().join());
    if (group === undefined) return false;
    const content = favorite ?? playlist ?? group.music.container;
    const plays = play === undefined || (group.music.state === 'PLAYING') === play;
    return (
      group.music.container === content &&
      plays &&
      Object.entries(modes).every(([mode, value]) => group.music[mode as 'shuffle'] === value)
    );
  };
  return (
    (goal.groups ?? []).every(groupIsSo) &&
    Object.entries(goal.rooms ?? {}).every(([name, settings]) =>
      Object.entries(settings).every(([key, value]) => house.rooms[name]?.[key as 'volume'] === value),
    )
  );
}

describe('the plan from any house to any preset', () => {
  it('leads there, is empty then, and none of its steps is one too many', () => {
    let steps = 0;
    fc.assert(
      fc.property(model, wanted, (house, goal) => {
        const plan = planned(house, goal);
        steps += plan.length;
        const there = carried(house, plan);
        expect(isSo(there, goal)).toBe(true);
        expect(planned(there, goal)).toEqual([]);
        for (const step of plan) {
          const without = plan.filter((each) => each !== step);
          expect(isSo(carried(house, without), goal), `without ${step.command} in ${step.room}`).toBe(false);
        }
        expect(plan.length === 0).toBe(isSo(house, goal));
      }),
      { numRuns: RUNS, seed },
    );
    figure(`presets planned, seed ${seed}`, `${RUNS} pairs, ${steps} steps`);
  });

  it('never makes anything louder before the music is right', () => {
    fc.assert(
      fc.property(model, wanted, (house, goal) => {
        const plan = planned(house, goal);
        const isMusic = ({ phase }: Step): boolean => ['group', 'content', 'modes', 'play'].includes(phase);
        const last = plan.findLastIndex(isMusic);
        const copy = structuredClone(house);
        for (const step of plan.slice(0, last + 1)) {
          const before = structuredClone(copy.rooms);
          carryOut(copy, step);
          for (const [name, { volume, muted }] of Object.entries(copy.rooms)) {
            expect(volume).toBeLessThanOrEqual(before[name]?.volume ?? 0);
            expect(muted || before[name]?.muted === false).toBe(true);
          }
        }
      }),
      { numRuns: RUNS, seed },
    );
  });

  it('forms its groups in as few calls as anybody could, where music that is there need not go on', () => {
    fc.assert(
      fc.property(model, wanted, (house, goal) => {
        const groups = (goal.groups ?? []).map(({ rooms }) => ({ rooms, favorite: 'Jazz' }));
        const only = preset({ groups });
        const made = planned(house, only).filter(({ command }) => command === 'group').length;
        expect(made).toBe(fewest(house, groups));
      }),
      { numRuns: sized(150, 5_000), seed },
    );
  });
});

/** The fewest setGroupMembers calls, found by trying every order and every host. */
function fewest(house: Model, groups: readonly { readonly rooms: readonly string[] }[]): number {
  const key = (rooms: readonly string[]): string => rooms.toSorted().join();
  const open = groups.filter(({ rooms }) => !house.groups.some((each) => key(each.rooms) === key(rooms)));
  return open.reduce((least, group) => {
    const tries = group.rooms.map((room) => {
      const value = group.rooms.filter((other) => other !== room);
      const base = { phase: 'group', command: 'group', fields: {}, together: 0 } as const;
      const others = open.filter((each) => each !== group);
      return 1 + fewest(carried(house, [{ ...base, room, value }]), others);
    });
    return Math.min(least, ...tries);
  }, open.length);
}
