import {
  airplay,
  createSimulatedSonos,
  livingHousehold,
  type SimulatedSonos,
  spotifyConnect,
  track,
} from '../../src/sim/index.ts';
import { type Chance, createChance } from '../../src/sim/random.ts';
import { systemClock } from '../../src/system.ts';

const MODELS = ['one', 'one-sl', 'five', 'move', 'arc', 'amp', 'port', 'beam'];
const PHONE = track('Postcard Weather', 'Juno Abernathy', 'Blue Umbrella', 192);

/** A household of so many players, and the Sonos that it is linked to. */
export function createHome(players: number, seed: number): SimulatedSonos {
  const rooms = Array.from({ length: players }, (_, index) => ({
    name: `Room ${String(index + 1).padStart(2, '0')}`,
    model: MODELS[index % MODELS.length] ?? 'one',
    volume: 25,
  }));
  return createSimulatedSonos({
    clock: systemClock,
    seed,
    households: [{ ...livingHousehold(), players: rooms, groups: [] }],
    knobs: { autoApprove: 'account-1' },
  });
}

type Deed = (sonos: SimulatedSonos, room: string, other: string, chance: Chance) => void;

const level = (chance: Chance): number => chance.integer(5, 45);

/** What people do, each as often as it stands here. Groups come and go, and with them their ids. */
const DEEDS: readonly Deed[] = [
  ({ world }, room, _, chance) => world.setVolume(room, level(chance)),
  ({ world }, room, _, chance) => world.setVolume(room, level(chance)),
  ({ world }, room, _, chance) => world.setGroupVolume(room, level(chance)),
  ({ world }, room, _, chance) => world.mute(room, chance.fraction() < 0.3),
  ({ world }, room) => world.playFavorite(room, 'Morning Coffee'),
  ({ world }, room) => world.playPlaylist(room, 'Dinner for Five'),
  ({ world }, room, _, chance) =>
    world.load(room, chance.fraction() < 0.5 ? airplay(PHONE) : spotifyConnect('Phone', [PHONE])),
  ({ world }, room) => world.next(room),
  ({ world }, room) => world.pause(room),
  ({ world }, room) => world.play(room),
  ({ world }, room, _, chance) => world.setModes(room, { shuffle: chance.fraction() < 0.5 }),
  ({ world }, room, other) => world.group(room, other),
  ({ world }, room) => world.ungroup(room),
  ({ world }, room) => void world.clip(room),
];

/** The people of the house: they do so many things a second, until told otherwise. */
export function moveIn(sonos: SimulatedSonos, seed: number, deedsPerSecond: number): () => void {
  const chance = createChance(seed);
  const names = sonos.world.rooms().map(({ name }) => name);
  const timer = setInterval(() => {
    const [room, other] = chance.shuffled(names);
    if (room === undefined || other === undefined) return;
    try {
      chance.pick(DEEDS)(sonos, room, other, chance);
    } catch {
      // A speaker that refuses, or is not plugged in, is part of life.
    }
  }, 1000 / deedsPerSecond);
  sonos.life.start();
  return () => {
    clearInterval(timer);
    sonos.life.stop();
  };
}
