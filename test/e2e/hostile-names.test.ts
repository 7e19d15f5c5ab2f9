import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { list, sign, track } from '../../src/sim/index.ts';
import { figure, sized } from '../support/figures.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { expectContractKept } from './contract.ts';
import { LONG, name } from './hostile-names.ts';
import { eventually, flowing, isPassing, Observer, type RunningHouse, startHouse } from './house.ts';

const ROOMS = 6;
const SEED = Number(process.env.SEED ?? 20_261_121);
const RENAMINGS = sized(30, 300);

const rooms = fc
  .record({
    short: fc.array(name, { minLength: ROOMS, maxLength: ROOMS }),
    long: fc.option(fc.constantFrom(...LONG)),
    at: fc.nat(ROOMS - 1),
  })
  .map(({ short, long, at }) => short.map((each, i) => (i === at ? (long ?? each) : each)));

const names = fc.record({
  rooms,
  favorite: name,
  playlist: name,
  title: name,
  volume: fc.integer({ min: 1, max: 99 }),
});

type Names = typeof names extends fc.Arbitrary<infer Value> ? Value : never;

const brokers = [
  { broker: 'the embedded broker', isMosquitto: false },
  { broker: 'mosquitto', isMosquitto: true },
];

describe.each(brokers)('a house of hostile names on $broker', ({ isMosquitto }) => {
  describe.skipIf(isMosquitto && !mosquittoIsInstalled)('where people rename everything', () => {
    let house: RunningHouse;
    let observer: Observer;
    let stopBroker = async (): Promise<void> => {};
    const clock = createHurriedClock();
    let drops = 0;
    let players: readonly string[] = [];

    beforeAll(async () => {
      const mosquitto = isMosquitto ? await startMosquitto() : null;
      stopBroker = async () => mosquitto?.stop();
      house = await startHouse({ clock, ...(mosquitto === null ? {} : { brokerPort: mosquitto.port }) });
      observer = await Observer.connect(house.brokerPort, isMosquitto ? { protocolVersion: 5 } : {});
      await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
      await flowing(house);
      house.app.mqtt.link.onStatus(({ connected }) => {
        if (!connected) drops += 1;
      });
      players = house.sonos.world.rooms().map(({ id }) => id);
    });

    afterAll(async () => {
      await observer?.end();
      await house?.stop();
      await stopBroker();
    });

    const household = () => house.app.bridge.households[0];

    /** What the house shows of a player: by the address that the bridge has for it. */
    function shown(player: string) {
      const address = household()?.rooms.get(player)?.address ?? '';
      const payload = observer.topics.get(`sonos/home/${address}`);
      return { address, picture: payload === undefined ? null : JSON.parse(payload) };
    }

    async function expectShown({ rooms, title, favorite, playlist }: Names): Promise<void> {
      const [first = ''] = players;
      await eventually(
        () => {
          const all = players.map(shown);
          const isRight = all.every(({ picture }, i) => picture?.name === rooms[i]);
          return isRight && shown(first).picture?.track?.title === title ? true : undefined;
        },
        'every room under its new name',
        () => [rooms, title, players.map((id) => [shown(id).address, shown(id).picture?.name])].map(brief),
      );
      for (const [list, wanted] of [
        ['favorites', favorite],
        ['playlists', playlist],
      ] as const) {
        await eventually(
          () =>
            JSON.stringify(observer.json(`sonos/home/${list}`)).includes(JSON.stringify(wanted))
              ? true
              : undefined,
          `${list} to show its new name`,
          () => brief(observer.json(`sonos/home/${list}`)),
        );
      }
    }

    /** Addresses are what the contract says, one for each, and nothing is left at those of before. */
    async function expectAddresses(): Promise<void> {
      const addresses = players.map((player) => shown(player).address);
      expect(new Set(addresses).size).toBe(ROOMS);
      for (const address of addresses) {
        expect(address).toMatch(/^(?=.{1,48}$)[a-z0-9]+(-[a-z0-9]+)*$/);
        expect([
          'all',
          'groups',
          'favorites',
          'playlists',
          'set',
          'reply',
          'event',
          'availability',
        ]).not.toContain(address);
      }
      const households = ['groups', 'favorites', 'playlists'];
      const known = new Set([...households, ...addresses]);
      const left = () =>
        [...observer.topics.keys()].filter(
          (topic) =>
            topic.startsWith('sonos/home/') && !isPassing(topic) && !known.has(topic.split('/')[2] ?? ''),
        );
      await eventually(() => (left().length === 0 ? true : undefined), 'nothing at old addresses', left);
      expect(observer.json('sonos/home').rooms).toEqual([...addresses].sort());
    }

    async function live(given: Names): Promise<void> {
      const { world } = house.sonos;
      given.rooms.forEach((each, i) => {
        world.rename(players[i] ?? '', each);
      });
      const home = world.household();
      world.renameFavorite(home.favorites.all()[0]?.id ?? '', given.favorite);
      home.playlists.rename(home.playlists.all()[0]?.id ?? '', given.playlist);
      home.voice.version('playlists');
      const odd = track(given.title, given.favorite, given.playlist, 100);
      world.load(players[0] ?? '', list(given.title, 'playlist', [odd]));
      await expectShown(given);
      await expectAddresses();
      // By its id, a room takes commands whatever it is called.
      const player = players[given.volume % ROOMS] ?? '';
      const reply = `sonos/home/${shown(player).address}/reply`;
      const answers = await observer.command(
        `sonos/home/${player}/set/volume`,
        { value: given.volume },
        reply,
      );
      expect(answers.at(-1)).toMatchObject({ status: 'confirmed', room: shown(player).address });
      expect(world.room(player).volume).toBe(given.volume);
      expect([drops, observer.closed]).toEqual([0, 0]);
      // Sonos lets nobody read its lists this often.
      clock.skip(2_000);
    }

    it(
      'stays connected, tells every room at a topic of its own, and takes commands',
      async () => {
        const settings = { numRuns: RENAMINGS, seed: SEED, endOnFailure: true };
        await fc.assert(fc.asyncProperty(names, live), settings);
        // Rooms, a favorite, a playlist and a title each time.
        figure('hostile names, one by one', RENAMINGS * (ROOMS + 3));
      },
      30_000 + RENAMINGS * 2_000,
    );

    it('takes names from signed events that no app would let through', async () => {
      const { clientId, clientSecret, world } = house.sonos;
      const home = household();
      const name = '+/#\u0000\uD800';
      const body = {
        groups: [...(home?.topology?.groups.values() ?? [])].map((group) => ({ ...group, name })),
        players: [...(home?.topology?.players.values() ?? [])].map((player) => ({ ...player, name })),
      };
      const parts = {
        sequence: '1000000',
        namespace: 'groups',
        type: 'groups',
        targetType: 'householdId',
        target: world.household().id,
      };
      const { status } = await fetch(`http://127.0.0.1:${house.app.publicPort}${house.app.callbackPath}`, {
        method: 'POST',
        headers: {
          'X-Sonos-Household-Id': parts.target,
          'X-Sonos-Namespace': parts.namespace,
          'X-Sonos-Type': parts.type,
          'X-Sonos-Target-Type': parts.targetType,
          'X-Sonos-Target-Value': parts.target,
          'X-Sonos-Event-Seq-Id': parts.sequence,
          'X-Sonos-Event-Signature': sign(parts, clientId, clientSecret),
        },
        body: JSON.stringify(body),
      });
      expect(status).toBe(200);
      await eventually(
        () => (players.every((player) => shown(player).picture?.name === name) ? true : undefined),
        'the name',
        () => players.map(shown).map(brief),
      );
      await expectAddresses();
      // Nothing of the name is left over, so each is called by the last digits of its hardware.
      expect(players.map((player) => shown(player).address)).toEqual(
        players.map((player) => player.slice(13, 19).toLowerCase()),
      );
      expect([drops, observer.closed]).toEqual([0, 0]);
    });

    it('says nothing that is not in the contract', async () => {
      await expectContractKept(observer, house.brokerPort);
    });
  });
});

function brief(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 600);
}
