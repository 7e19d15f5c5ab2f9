import { station } from '../../src/sim/index.ts';
import type { HouseholdSpec, PlayerSpec, Source } from '../../src/sim/model.ts';
import { isCapable } from '../../src/sim/player.ts';
import type { Chance } from '../../src/sim/random.ts';
import type { World } from '../../src/sim/world.ts';

const NAMES = ['Kitchen', 'Living Room', 'Bedroom', 'Küche', 'Bad/Flur', 'kitchen', '+', '客厅', 'Attic #2'];
const MODELS = ['one', 'arc', 'five', 'move', 'amp'];

/** Long tracks, so that music that plays on costs little. */
const album = (name: string): Source => ({
  kind: 'queue',
  container: { name, type: 'album', id: { objectId: `album:${name}`, serviceId: '9', accountId: 'sn_1' } },
  tracks: [1, 2, 3, 4, 5].map((number) => ({
    name: `${name} ${number}`,
    artist: 'The Lanterns',
    album: name,
    durationMillis: 3_600_000 + number * 60_000,
    id: { objectId: `${name}:${number}`, serviceId: '9', accountId: 'sn_1' },
    service: { name: 'Riverbank', id: '9' },
  })),
});

/** A household that chance made: two to four rooms, some together, names that are no topics. */
export function household(chance: Chance, index: number): HouseholdSpec {
  const names = chance.shuffled(NAMES).slice(0, chance.integer(2, 4));
  const players: PlayerSpec[] = names.map((name) => ({
    name,
    model: chance.pick(MODELS),
    volume: chance.integer(5, 60),
  }));
  const [first = '', second = ''] = names;
  return {
    id: `Sonos_Simulated${index}.Home${index}`,
    players,
    groups: chance.fraction() < 0.5 ? [[first, second]] : [],
    favorites: ['Morning', 'Evening'].map((name) => ({ name, resourceType: 'ALBUM', source: album(name) })),
    playlists: [
      { name: 'Dinner', tracks: album('Dinner').kind === 'queue' ? tracksOf(album('Dinner')) : [] },
    ],
  };
}

const tracksOf = (source: Source) => (source.kind === 'queue' ? source.tracks : []);

type Deed = (world: World, chance: Chance, room: string) => void;

const somebodyElse = (world: World, chance: Chance, room: string): string => {
  const { household: home } = world.room(room);
  const others = world.rooms().filter((each) => each.household === home && each.online && each.id !== room);
  return chance.pick(others).id;
};

/** What people do with the Sonos app, the buttons and the plugs; what a speaker refuses, it refuses. */
const DEEDS: readonly Deed[] = [
  (world, chance, room) => world.setVolume(room, chance.integer(0, 100)),
  (world, chance, room) => world.setVolume(room, chance.integer(0, 100)),
  (world, chance, room) => world.setGroupVolume(room, chance.integer(0, 100)),
  (world, chance, room) => world.mute(room, chance.fraction() < 0.5),
  (world, chance, room) => world.load(room, album(chance.pick(['Morning', 'Evening', 'Night']))),
  (world, chance, room) => world.load(room, station(chance.pick(['One', 'Two']), ['Now', 'Then'])),
  (world, _chance, room) => world.play(room),
  (world, _chance, room) => world.pause(room),
  (world, _chance, room) => world.next(room),
  (world, chance, room) => world.seek(room, chance.integer(0, 3_000_000)),
  (world, chance, room) => world.setModes(room, { shuffle: chance.fraction() < 0.5 }),
  (world, chance, room) => world.group(room, somebodyElse(world, chance, room)),
  (world, chance, room) => world.group(somebodyElse(world, chance, room), room),
  (world, _chance, room) => world.ungroup(room),
];

/** What happens seldom. */
const RARE_DEEDS: readonly Deed[] = [
  (world, chance, room) => world.rename(room, chance.pick(NAMES)),
  (world, chance, room) => {
    const other = somebodyElse(world, chance, room);
    const [ours, theirs] = [world.room(room).name, world.room(other).name];
    world.rename(room, theirs);
    world.rename(other, ours);
  },
  (world, _chance, room) => world.unplug(room),
  (world, chance) => {
    const away = world.rooms().filter(({ online }) => !online);
    world.plugIn(chance.pick(away).id);
  },
  (world, chance, room) =>
    world.addFavorite(
      { name: chance.text(5), source: station(chance.text(4), ['x']) },
      world.room(room).household,
    ),
  (world, _chance, room) => world.removeFavorite('Evening', world.room(room).household),
];

/** Somebody does something somewhere; says what, or null when nothing could be done. */
export function act(world: World, chance: Chance): string | null {
  const rooms = world.rooms().filter(({ online }) => online);
  if (rooms.length === 0) return null;
  const room = chance.pick(rooms);
  const deeds = chance.fraction() < 0.12 ? RARE_DEEDS : DEEDS;
  const number = chance.integer(0, deeds.length - 1);
  try {
    deeds[number]?.(world, chance, room.id);
    return `${deeds === DEEDS ? 'deed' : 'rare deed'} ${number} in ${room.name}`;
  } catch {
    // A speaker that refuses is part of life.
    return null;
  }
}

/**
 * Somebody sets the sound of a TV, or how loud a room gets at most, in the Sonos app. Sonos tells nobody of it, so it is only
 * shown when everything was read again.
 */
export function setUp(world: World, chance: Chance): string | null {
  const rooms = world.rooms().filter(({ online }) => online);
  if (rooms.length === 0) return null;
  const { id, name } = chance.pick(rooms);
  const [nightMode, enhanceDialog] = [chance.fraction() < 0.5, chance.fraction() < 0.5];
  world.setUp(id, { volumeScalingFactor: chance.integer(1, 100) / 100 });
  if (isCapable(world.find(id).player, 'HT_PLAYBACK'))
    world.setTheaterOptions(id, { nightMode, enhanceDialog });
  return `set up ${name}`;
}

/** Everybody goes to bed: what plays is paused, so that the nights are cheap to simulate. */
export function silence(world: World): void {
  for (const { id, state } of world.rooms()) {
    if (state !== 'PLAYBACK_STATE_PLAYING' && state !== 'PLAYBACK_STATE_BUFFERING') continue;
    try {
      world.pause(id);
    } catch {
      // It has ended by itself.
    }
  }
}
