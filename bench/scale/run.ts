import type { Options } from '../part.ts';
import { memoryOf, openFloor, openRow, type Row, type RunningHouse, renew, republish } from './measure.ts';
import type { Fed, Renewed, Republished } from './messages.ts';

/** Whether all events are about one household among many, or about all of them in turn. */
export const SPREADS = ['one', 'all'] as const;
export type Spread = (typeof SPREADS)[number];

/** How much is done. */
export interface Size {
  /** Households of each house; the first is what the others are compared with. */
  readonly households: readonly number[];
  readonly rounds: number;
  readonly events: number;
  readonly warmUp: number;
  /** Households whose subscriptions are renewed, and rooms of each. */
  readonly renewing: readonly (readonly [households: number, roomsEach: number])[];
}

/** So many have some 2,000 topics, which the goal of publishing again is about; the report tells how many. */
const REPUBLISHING = 80;

/** A small house with many households, and a hundred thousand subscriptions in households as large as they can be. */
const RENEWING = [
  [1_000, 1],
  [614, 32],
] as const;

const sizeOf = ({ isShort, rounds }: Options): Size =>
  isShort
    ? { households: [1, 1_000], rounds: 4, events: 300, warmUp: 1_500, renewing: [] }
    : {
        households: [1, 10, 100, 1_000, 10_000],
        rounds: Math.max(5, rounds),
        events: 2_000,
        warmUp: 8_000,
        renewing: RENEWING,
      };

type Houses = readonly RunningHouse[];

/** What each house of one round had to do for an event. */
export type Round = Readonly<Record<Spread, readonly Fed[]>>;

export interface Again {
  readonly topics: number;
  readonly bytes: number;
  readonly window: number;
  readonly bridge: readonly Republished[];
  readonly floor: readonly Republished[];
}

/** Everything that was measured. */
export interface Measured {
  readonly size: Size;
  readonly houses: readonly {
    readonly households: number;
    readonly opened: RunningHouse['opened'];
    /** After all events. */
    readonly heapBytes: number;
    readonly residentBytes: number;
  }[];
  readonly rounds: readonly Round[];
  readonly again: Again;
  /** The largest house of all. */
  readonly wholeAgain: Republished | null;
  readonly renewed: readonly Renewed[];
}

async function warmUp(houses: Houses, { warmUp, events }: Size): Promise<void> {
  for (const house of houses) {
    for (let fed = 0; fed < warmUp; fed += events)
      await house.feed(events, SPREADS[(fed / events) % 2] ?? 'one');
  }
}

/** One round: every house in turn, there or back. */
async function roundOf(houses: Houses, { events }: Size, isBack: boolean): Promise<Round> {
  const fed: Record<Spread, Fed[]> = { one: [], all: [] };
  for (const spread of SPREADS) {
    for (const house of isBack ? houses.toReversed() : houses)
      fed[spread].push(await house.feed(events, spread));
    if (isBack) fed[spread].reverse();
  }
  return fed;
}

async function feedRounds(houses: Houses, size: Size): Promise<Round[]> {
  await warmUp(houses, size);
  const rounds: Round[] = [];
  for (let round = 0; round < size.rounds; round += 1) {
    rounds.push(await roundOf(houses, size, round % 2 === 1));
  }
  return rounds;
}

/** Publishes everything of a house again, by the bridge and by the floor in turns. */
async function againOf(house: RunningHouse, { broker }: Row, rounds: number): Promise<Again> {
  const floor = await openFloor(house, broker);
  const bridge: Republished[] = [];
  const floors: Republished[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const steps = [
      async () => void bridge.push(await republish(house, broker)),
      async () => void floors.push(await floor.republish()),
    ];
    for (const step of round % 2 === 0 ? steps : steps.toReversed()) await step();
  }
  await floor.stop();
  const { topics, window } = house.opened;
  return { topics, window, bytes: floor.learned.bytes, bridge, floor: floors };
}

/** Measures everything, one after another. */
export async function measureAll(options: Options): Promise<Measured> {
  const size = sizeOf(options);
  const row = await openRow([REPUBLISHING, ...size.households]);
  try {
    const [sample, ...running] = row.houses;
    if (sample === undefined) throw new Error('there is no house');
    const again = await againOf(sample, row, size.rounds);
    const rounds = await feedRounds(running, size);
    const houses = [];
    for (const house of running) {
      houses.push({ households: house.households, opened: house.opened, ...(await memoryOf(house)) });
    }
    const largest = running.at(-1);
    const wholeAgain = options.isShort || largest === undefined ? null : await republish(largest, row.broker);
    await row.stop();
    const renewed: Renewed[] = [];
    for (const [households, roomsEach] of size.renewing) renewed.push(await renew(households, roomsEach));
    return { size, houses, rounds, again, wholeAgain, renewed };
  } finally {
    await row.stop();
  }
}
