import type { Cancel, Clock } from '../bridge/ports.ts';
import type { Chance } from './random.ts';
import { airplay, PHONE_MUSIC, spotifyConnect } from './scenario.ts';
import type { World } from './world.ts';

/** People at home: there is music, and now and then someone does a small thing. */
export interface Life {
  start(): void;
  stop(): void;
}

const LEAST_PAUSE_MS = 5000;
const MOST_PAUSE_MS = 12_000;
const COMFORT = { least: 8, most: 45, step: 6 };

type Deed = (world: World, chance: Chance) => void;

const someone = (world: World, chance: Chance): string =>
  chance.pick(world.rooms().filter(({ online, fixed }) => online && !fixed)).id;

const changeVolume: Deed = (world, chance) => {
  const room = someone(world, chance);
  const step = chance.integer(-COMFORT.step, COMFORT.step);
  world.setVolume(room, Math.min(COMFORT.most, Math.max(COMFORT.least, world.room(room).volume + step)));
};

const playSomething: Deed = (world, chance) => {
  const room = someone(world, chance);
  const { home } = world.find(room);
  const favorites = home.favorites.all();
  if (favorites.length > 0) world.playFavorite(room, chance.pick(favorites).id);
};

const skip: Deed = (world, chance) => {
  const playing = world
    .rooms()
    .filter(({ state, source }) => state === 'PLAYBACK_STATE_PLAYING' && source?.kind === 'queue');
  if (playing.length > 0) world.next(chance.pick(playing).id);
};

const pauseOrPlay: Deed = (world, chance) => {
  const loaded = world.rooms().filter(({ source }) => source !== null);
  if (loaded.length === 0) return;
  const { id, state } = chance.pick(loaded);
  if (state === 'PLAYBACK_STATE_PLAYING') world.pause(id);
  else world.play(id);
};

const regroup: Deed = (world, chance) => {
  const room = someone(world, chance);
  if (world.room(room).members.length > 1) {
    world.ungroup(room);
    return;
  }
  const { household, id } = world.room(room);
  const others = world
    .rooms()
    .filter((other) => other.household === household && other.online && other.id !== id);
  if (others.length > 0) world.group(chance.pick(others).id, room);
};

const watchTv: Deed = (world, chance) => {
  const sets = world
    .rooms()
    .filter(({ id, online }) => online && world.find(id).player.model.capabilities.includes('HDMI'));
  if (sets.length > 0) world.tvOn(chance.pick(sets).id);
};

const usePhone: Deed = (world, chance) => {
  const room = someone(world, chance);
  const source =
    chance.fraction() < 0.5 ? airplay(chance.pick(PHONE_MUSIC)) : spotifyConnect('On the Phone', PHONE_MUSIC);
  world.load(room, source);
};

/** Each as often as it stands here. */
const DEEDS: readonly Deed[] = [
  changeVolume,
  changeVolume,
  changeVolume,
  changeVolume,
  playSomething,
  playSomething,
  skip,
  skip,
  pauseOrPlay,
  pauseOrPlay,
  regroup,
  watchTv,
  usePhone,
];

/** Calm: one thing each 5–12 s. */
export function createLife(world: World, clock: Clock, chance: Chance): Life {
  let cancel: Cancel | null = null;
  const next = (): void => {
    cancel = clock.after(chance.integer(LEAST_PAUSE_MS, MOST_PAUSE_MS), () => {
      try {
        chance.pick(DEEDS)(world, chance);
      } catch {
        // A speaker that refuses (the last track cannot be skipped) is part of life.
      }
      next();
    });
  };
  return {
    start: () => {
      if (cancel !== null) return;
      playSomething(world, chance);
      playSomething(world, chance);
      next();
    },
    stop: () => {
      cancel?.();
      cancel = null;
    },
  };
}
