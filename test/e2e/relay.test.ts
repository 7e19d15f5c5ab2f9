import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { mosquittoIsInstalled } from '../support/mosquitto.ts';
import { passwordsCanBeMade } from '../support/mosquitto-passwords.ts';
import { listens } from '../support/ports.ts';
import { eventually, type Observer } from './house.ts';
import { openRelayHouse, PATH, type RelayHouse, sealed, volumeHeaders } from './relay-house.ts';

beforeAll(async () => {
  await builtProgram();
}, 150_000);

const canRun = mosquittoIsInstalled && passwordsCanBeMade;

/** Many changes of one room, one after another, and the last of them. */
async function stream(house: RelayHouse, room: string, meanwhile: (step: number) => void): Promise<number> {
  for (let step = 1; step <= 40; step += 1) {
    house.place.sonos.world.setVolume(room, step);
    meanwhile(step);
    await wait(15);
  }
  return 40;
}

const holds = (house: RelayHouse, room: string, volume: number): Promise<true> =>
  eventually(
    () => (house.volume(room) === volume ? true : undefined),
    `volume ${volume}`,
    () => [house.volume(room), house.balancer.tries.slice(-5), house.callback()],
  );

describe.skipIf(!canRun)('two relays, a broker and a house without an open port', () => {
  let house: RelayHouse;
  const guests: Observer[] = [];

  beforeAll(async () => {
    house = await openRelayHouse();
  }, 60_000);
  afterEach(async () => {
    for (const guest of guests.splice(0)) await guest.end();
  });
  afterAll(async () => {
    await house?.leave();
  });

  const enter = async (...[user, filter]: Parameters<RelayHouse['enter']>): Promise<Observer> => {
    const guest = await house.enter(user, filter);
    guests.push(guest);
    return guest;
  };
  const rejected = async (count: number): Promise<void> => {
    await eventually(
      () => (house.callback().rejected >= count ? true : undefined),
      `${count} refused`,
      () => house.callback(),
      // The state is published at most once a second, and counts alone once a minute.
      70_000,
    );
  };
  const player = () => house.place.sonos.world.room('Office').id;
  const household = () => house.place.sonos.world.households()[0]?.id ?? '';
  const topic = () => `sonos/relay/${household()}`;
  const message = (different: { sequence: string; volume: number; at?: number; secret?: string }): string => {
    const { sonos } = house.place;
    const { sequence, volume, at = Date.now(), secret = sonos.clientSecret } = different;
    const headers = volumeHeaders(house.place, { household: household(), player: player(), sequence });
    const body = JSON.stringify({ volume, muted: false, fixed: false });
    return sealed({ received_at: new Date(at).toISOString(), headers, body }, sonos.clientId, secret);
  };

  it('brings every event to the house, which listens on no port', async () => {
    house.place.sonos.world.setVolume('Office', 17);
    await holds(house, 'office', 17);
    expect(await listens(house.publicPort)).toBe(false);
    expect(house.bridge.stdout).not.toContain('public_port');
    expect(house.balancer.tries.flat().every((status) => status === 200)).toBe(true);
  });
});
