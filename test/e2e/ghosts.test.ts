import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LIVING_HOUSEHOLD_ID } from '../../src/sim/scenario.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import {
  cleared,
  eventually,
  flowing,
  linkAccount,
  Observer,
  type RunningHouse,
  startHouse,
} from './house.ts';

describe.skipIf(!mosquittoIsInstalled)('after the data folder was lost', () => {
  const clock = createHurriedClock();
  let mosquitto: Mosquitto;
  let house: RunningHouse;
  let observer: Observer;

  beforeAll(async () => {
    mosquitto = await startMosquitto();
    house = await startHouse({
      ...{ brokerPort: mosquitto.port, clock },
      settings: { sonos: { households: { [LIVING_HOUSEHOLD_ID]: { alias: 'cabin' } } } },
    });
    observer = await Observer.connect(mosquitto.port, {}, '#');
    await flowing(house);
  });

  afterAll(async () => {
    await observer?.end();
    await house?.stop();
    await mosquitto?.stop();
  });

  it('what nobody knows any more is cleared, and what others keep stays', async () => {
    const others = { 'sonos/connected': '2', 'sonos/cabin/attic': 'somebody else’s', 'house/door': 'open' };
    for (const [topic, payload] of Object.entries(others))
      await observer.send(topic, payload, { retain: true });
    await observer.holds('sonos/cabin/kitchen/availability', 'online');
    await rm(house.config.data_dir, { recursive: true });
    const app = await house.restart({ sonos: {} });
    await linkAccount(app, house.sonos);
    await observer.holds('sonos/home/kitchen/availability', 'online');
    expect(observer.topics.has('sonos/cabin/kitchen')).toBe(true);
    clock.rate(20);
    await eventually(
      () => (observer.topics.has('sonos/cabin/kitchen/volume') ? undefined : true),
      'no cabin any more',
      () => [...observer.topics.keys()].filter((topic) => topic.startsWith('sonos/cabin')),
    );
    clock.rate(1);
    await observer.send('sonos/cabin/attic', '', { retain: true });
    await cleared(observer, 'sonos/cabin');
    expect(observer.topics.get('sonos/connected')).toBe('2');
    expect(observer.topics.get('house/door')).toBe('open');
    await observer.holds('sonos/home/kitchen/availability', 'online');
  });
});
