import { setTimeout as wait } from 'node:timers/promises';
import { createChance } from '../../src/sim/random.ts';
import { systemClock } from '../../src/system.ts';
import { startBroker } from '../harness/broker.ts';
import { openGarage } from '../harness/daemon.ts';
import { type Home, openHome } from '../harness/home.ts';
import { type Announcer, openAnnouncer } from './announcer.ts';
import { createSpeakers, type Speakers } from './speakers.ts';

/** What came of one announcement, milliseconds. */
export interface Trial {
  /** Between the first speaker and the last one. */
  readonly askedApart: number;
  readonly beganApart: number;
  /** From the MQTT publish until the first speaker began, and the last one. */
  readonly first: number;
  readonly last: number;
}

/** A house with its own simulated Sonos, broker and daemon. */
export interface House {
  readonly players: number;
  /** Has all rooms announce something, each speaker so late, and ends it when all have begun. */
  announce(message: object, late: readonly number[], isHeld: boolean): Promise<Trial>;
  /** Has one room announce something, whose speaker asks at once. */
  announceInOne(message: object): Promise<Trial>;
  close(): Promise<void>;
}

/** How long Sonos takes to answer a call, at least and at most. */
export const ANSWER_MS = [30, 150] as const;

const PAUSE_MS = 10;

const apart = (times: readonly number[]): number => Math.max(...times) - Math.min(...times);

interface Parts {
  readonly home: Home;
  readonly speakers: Speakers;
  readonly announcer: Announcer;
}

async function trial(
  { home, speakers, announcer }: Parts,
  rooms: readonly string[],
  message: object,
  manners: Parameters<Speakers['listen']>[0],
): Promise<Trial> {
  const isOne = rooms.length === 1;
  const hearing = speakers.listen(manners);
  const address = isOne ? (home.places[0]?.address ?? '') : 'all';
  const { at, ends } = announcer.announce(address, message, rooms.length);
  const { asked, began } = await hearing;
  // Nobody wants to hear the rest.
  await wait(PAUSE_MS);
  for (const room of rooms) home.sonos.world.dismissClip(room);
  const statuses = await ends;
  const strange = statuses.find((status) => status !== 'dismissed');
  if (strange !== undefined) throw new Error(`an announcement that was dismissed ended as "${strange}"`);
  await wait(PAUSE_MS);
  return {
    askedApart: apart(asked),
    beganApart: apart(began),
    first: Math.min(...began) - at,
    last: Math.max(...began) - at,
  };
}

/** Opens a house of so many speakers. */
export async function openHouse(players: number, seed: number): Promise<House> {
  const speakers = createSpeakers(systemClock);
  const chance = createChance(seed);
  const home: Home = await openHome({
    players,
    clips: {
      onClip: speakers.onClip,
      fetchClip: (...call) => {
        // A speaker begins to fetch while its call is being carried out, so this is about the answer to that call.
        home.sonos.knobs.replyDelayMs = chance.integer(...ANSWER_MS);
        return speakers.fetchClip(...call);
      },
    },
  });
  const garage = await openGarage(home);
  const broker = await startBroker();
  const daemon = await garage.start({ brokerPort: broker.port });
  await daemon.settled();
  const parts = { home, speakers, announcer: await openAnnouncer(broker.port, systemClock) };
  const rooms = home.sonos.world.rooms().map(({ name }) => name);
  return {
    players,
    announce: (message, late, isHeld) => trial(parts, rooms, message, { late, isHeld }),
    announceInOne: (message) => trial(parts, rooms.slice(0, 1), message, { late: [0], isHeld: true }),
    close: async () => {
      await parts.announcer.close();
      await daemon.stop();
      await broker.stop();
      await garage.close();
      await home.sonos.stop();
    },
  };
}
