import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readTopic } from '../../src/mqtt/valid-topic.ts';
import { livingHousehold } from '../../src/sim/index.ts';
import { figure, sized } from '../support/figures.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { becomesTrue, expectTruth } from './broker-trouble.ts';
import { expectContractKept } from './contract.ts';
import { LONG, NASTY, name } from './hostile-names.ts';
import { eventually, flowing, isPassing, Observer, type RunningHouse, startHouse } from './house.ts';

// As many rooms as Sonos lets one have, so that names get in each other's way: many of them give the same slug.

const SEED = Number(process.env.SEED ?? 20_261_124);
const ROOMS = 32;
const LISTED = 12;
const RENAMINGS = sized(12, 180);

/** Names that are one and the same as a slug, or nearly. */
const ALIKE = [
  ...['Kitchen', 'KITCHEN', 'kitchén', ' kitchen ', '/kitchen/', 'kitchen#', '+kitchen', 'Kitchen\u0000'],
  ...[
    'kitchen-2',
    'Kitchen 2',
    'kitchen-3',
    'kitchen-02',
    'kitchen-',
    'ｋｉｔｃｈｅｎ',
    'ki\u0301tchen',
    'Kitchen\uD800',
  ],
  ...[
    'all',
    'All',
    'set',
    'SET!',
    'reply',
    'event',
    'availability',
    'groups',
    'favorites',
    'playlists',
    'all-2',
  ],
  ...[
    '',
    '🛋️',
    '厨房',
    '…',
    '000101',
    'a'.repeat(48),
    'a'.repeat(49),
    `${'a'.repeat(48)}-2`,
    `${'a'.repeat(46)}-2`,
  ],
] as const;

const roomName = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...ALIKE) },
  { weight: 2, arbitrary: name },
  { weight: 1, arbitrary: fc.constantFrom(...NASTY) },
);

const crowd = fc.record({
  rooms: fc.array(roomName, { minLength: ROOMS, maxLength: ROOMS }),
  long: fc.option(fc.constantFrom(...LONG), { freq: 3 }),
  favorites: fc.array(name, { minLength: LISTED, maxLength: LISTED }),
  playlists: fc.array(name, { minLength: LISTED, maxLength: LISTED }),
});

type Crowd = typeof crowd extends fc.Arbitrary<infer Value> ? Value : never;

/** Half of the players have the same last six hardware digits, which stand in for a name that gives no slug. */
const playerId = (index: number): string =>
  `RINCON_A0B0${(0x10 + index).toString(16).toUpperCase()}${index % 2 === 0 ? '000101' : String(index).padStart(6, '0')}01400`;

const palace = () => {
  const source = livingHousehold();
  const [favorite] = source.favorites ?? [];
  const [playlist] = source.playlists ?? [];
  if (favorite === undefined || playlist === undefined) throw new Error('expected something to copy');
  const some = <T>(thing: T) => Array.from({ length: LISTED }, () => thing);
  return {
    id: source.id,
    players: Array.from({ length: ROOMS }, (_, index) => ({
      ...{ id: playerId(index), name: `Room ${index}`, model: 'one', volume: index },
    })),
    groups: [
      ['Room 0', 'Room 1', 'Room 2'],
      ['Room 3', 'Room 31'],
    ],
    favorites: some(favorite),
    playlists: some(playlist),
  };
};

describe.each([
  { broker: 'the embedded broker', isMosquitto: false },
  { broker: 'mosquitto', isMosquitto: true },
])('a palace on $broker', ({ isMosquitto }) => {
  describe.skipIf(isMosquitto && !mosquittoIsInstalled)('whose rooms are all renamed at once', () => {
    let house: RunningHouse;
    let observer: Observer;
    let stopBroker = async (): Promise<void> => {};
    const clock = createHurriedClock();
    let drops = 0;

    beforeAll(async () => {
      const mosquitto = isMosquitto ? await startMosquitto() : null;
      stopBroker = async () => mosquitto?.stop();
      house = await startHouse({
        ...(mosquitto === null ? {} : { brokerPort: mosquitto.port }),
        clock,
        sonos: { households: [palace()], knobs: { bufferMs: 5, answerMs: 60_000 } },
      });
      // Sonos lets nobody subscribe to so much in a few seconds.
      clock.rate(20);
      observer = await Observer.connect(house.brokerPort, isMosquitto ? { protocolVersion: 5 } : {});
      await flowing(house);
      await becomesTrue(house, observer);
      clock.rate(1);
      house.app.mqtt.link.onStatus(({ connected }) => {
        if (!connected) drops += 1;
      });
    });

    afterAll(async () => {
      await observer?.end();
      await house?.stop();
      await stopBroker();
    });

    const listed = (topic: string): unknown[] => {
      const { items } = observer.json(`sonos/home/${topic}`);
      return Array.isArray(items) ? items.map((item) => item.name) : [];
    };

    async function expectLists({ favorites, playlists }: Crowd): Promise<void> {
      for (const [topic, wanted] of Object.entries({ favorites, playlists })) {
        await eventually(
          () => (JSON.stringify(listed(topic)) === JSON.stringify(wanted) ? true : undefined),
          `${topic} as they are`,
          () => [listed(topic), wanted],
        );
      }
    }

    /** Every topic is one that any broker takes, every room has its own, and no other ones are left. */
    function expectTopics(): void {
      const retained = [...observer.topics.keys()].filter((topic) => !isPassing(topic));
      expect(retained.filter((topic) => !readTopic(topic).ok)).toEqual([]);
      const rooms = observer.json('sonos/home').rooms;
      const addresses = Array.isArray(rooms) ? rooms : [];
      expect(new Set(addresses).size).toBe(ROOMS);
      for (const address of addresses) expect(address).toMatch(/^(?=.{1,48}$)[a-z0-9]+(-[a-z0-9]+)*$/);
      const known = new Set<unknown>(['groups', 'favorites', 'playlists', ...addresses]);
      expect(known.size).toBe(ROOMS + 3);
      const homely = retained.filter((topic) => topic.startsWith('sonos/home/'));
      expect(homely.filter((topic) => !known.has(topic.split('/')[2]))).toEqual([]);
    }

    async function renameAll(given: Crowd): Promise<void> {
      const { world, knobs } = house.sonos;
      const home = world.household();
      // Only the last renaming is told, and with it all of them.
      knobs.deliver = false;
      const names = given.long === null ? given.rooms : [given.long, ...given.rooms.slice(1)];
      for (const [index, each] of names.entries()) {
        if (index === names.length - 1) {
          world.rename(playerId(index), 'not yet its name');
          knobs.deliver = true;
        }
        world.rename(playerId(index), each);
      }
      for (const [list, wanted] of [
        [home.favorites, given.favorites],
        [home.playlists, given.playlists],
      ] as const) {
        list.all().forEach(({ id }, index) => {
          list.rename(id, wanted[index] ?? '');
        });
      }
      home.voice.version('favorites');
      home.voice.version('playlists');
      await becomesTrue(house, observer);
      await expectLists(given);
      expectTopics();
      expect([drops, observer.closed]).toEqual([0, 0]);
      // Nobody looks at what was said long ago.
      observer.messages.splice(0, observer.messages.length - 5000);
    }

    it(
      'has a topic for each of them and nothing at the old ones, and nobody is thrown out',
      async () => {
        await fc.assert(fc.asyncProperty(crowd, renameAll), {
          numRuns: RENAMINGS,
          seed: SEED,
          endOnFailure: true,
        });
        figure('hostile names, all at once', RENAMINGS * (ROOMS + 2 * LISTED));
        await expectTruth(house, house.brokerPort);
      },
      30_000 + RENAMINGS * 5_000,
    );

    it('says nothing that is not in the contract', async () => {
      await expectContractKept(observer, house.brokerPort);
    });
  });
});
