import {
  createSimulatedSonos,
  livingHousehold,
  type SimulatedSonos,
  type SimulatedSonosOptions,
} from '../../src/sim/index.ts';
import { systemClock } from '../../src/system.ts';

/** As many players as Sonos allows in one household, each a group of its own: the usual house of the bench. */
export const PLAYERS = 32;

/** A room of the household, by its address in the topics and its ids at Sonos. */
export interface Place {
  readonly address: string;
  readonly player: string;
  readonly group: string;
}

/** The simulated Sonos that the daemon is linked to and reads its topology from. */
export interface Home {
  readonly sonos: SimulatedSonos;
  readonly apiUrl: string;
  readonly loginUrl: string;
  readonly household: string;
  readonly places: readonly Place[];
}

const MODELS = ['one', 'one-sl', 'five', 'move', 'arc', 'amp', 'port', 'beam'];

const player = (index: number) => ({
  name: `Room ${String(index + 1).padStart(2, '0')}`,
  model: MODELS[index % MODELS.length] ?? 'one',
  volume: 25,
});

/** How the house differs from the usual one. */
export interface HomeOptions {
  readonly players?: number;
  /** How its players fetch the sounds of clips, and who hears them; without it they play clips unfetched. */
  readonly clips?: Pick<SimulatedSonosOptions, 'fetchClip' | 'onClip'>;
}

/** Builds the house and lets it listen. */
export async function openHome({ players = PLAYERS, clips }: HomeOptions = {}): Promise<Home> {
  const spec = {
    ...livingHousehold(),
    players: Array.from({ length: players }, (_, index) => player(index)),
    groups: [],
  };
  // A login and some two hundred subscriptions within a few seconds, again and again.
  const calm = { autoApprove: 'account-1', quotaPerMinute: 1_000_000, spikePerSecond: 1_000_000 };
  const knobs = { ...calm, fetchClips: clips !== undefined };
  const sonos = createSimulatedSonos({ ...clips, clock: systemClock, households: [spec], knobs });
  const { apiUrl, loginUrl } = await sonos.start();
  const places = sonos.world.rooms().map(({ id, name, groupId }) => {
    if (groupId === null) throw new Error(`${name} is in no group`);
    return { address: name.toLowerCase().replace(' ', '-'), player: id, group: groupId };
  });
  return { sonos, apiUrl, loginUrl, household: spec.id, places };
}
