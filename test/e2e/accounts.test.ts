import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { HouseholdSpec } from '../../src/sim/index.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { expectContractKept } from './contract.ts';
import {
  cleared,
  eventually,
  flowing,
  linkAccount,
  Observer,
  type RunningHouse,
  startHouse,
} from './house.ts';

const TOWN = 'Sonos_TownHouse00000000000000.Place00';
const LAKE = 'Sonos_LakeHouse00000000000000.Place00';

const home = (id: string, name: string | null, ...rooms: readonly string[]): HouseholdSpec => ({
  id,
  name,
  players: rooms.map((room) => ({ name: room })),
});

const households = [home(TOWN, 'Town', 'Kitchen', 'Office'), home(LAKE, null, 'Kitchen', 'Sauna')];
const account = (id: string, ...ids: readonly string[]) => ({ id, name: id, households: ids });

/** The part of an observer's topics that stands below an alias. */
const below = (observer: Observer, alias: string): string[] =>
  [...observer.topics.keys()].filter(
    (topic) => topic === `sonos/${alias}` || topic.startsWith(`sonos/${alias}/`),
  );

const accountStatus = (observer: Observer) =>
  (observer.json('sonos/bridge/state').account as { status?: string } | undefined)?.status;

describe('two households of one account', () => {
  let house: RunningHouse;
  let observer: Observer;

  beforeAll(async () => {
    house = await startHouse({ sonos: { households } });
    observer = await Observer.connect(house.brokerPort);
    await observer.until(({ topic }) => topic === 'sonos/home/office/volume', 'the first');
    await observer.until(({ topic }) => topic === 'sonos/home-2/sauna/volume', 'the second');
    await flowing(house);
  });
  afterAll(async () => {
    await observer?.end();
    await house?.stop();
  });

  it('have an alias each, and rooms of the same name do not meet', async () => {
    expect(observer.json('sonos/home')).toMatchObject({
      id: TOWN,
      name: 'Town',
      rooms: ['kitchen', 'office'],
    });
    expect(observer.json('sonos/home-2')).toMatchObject({
      id: LAKE,
      name: null,
      rooms: ['kitchen', 'sauna'],
    });
    const { world } = house.sonos;
    const [town, lake] = [world.household(TOWN), world.household(LAKE)].map(
      (each) => each.players().find(({ name }) => name === 'Kitchen')?.id ?? '',
    );
    const answers = await observer.command('sonos/home-2/kitchen/set/volume', { value: 61 });
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed', room: 'kitchen' });
    expect([world.room(town ?? '').volume, world.room(lake ?? '').volume]).toEqual([20, 61]);
    await observer.holds('sonos/home-2/kitchen/volume', '61');
    expect(observer.topics.get('sonos/home/kitchen/volume')).toBe('20');
  });

  it('answer a command for all rooms in their own rooms only', async () => {
    const since = observer.messages.length;
    await observer.send('sonos/home-2/all/set/mute', '{"value": true, "id": "hush"}');
    for (const room of ['kitchen', 'sauna']) await observer.holds(`sonos/home-2/${room}/muted`, 'true');
    const replies = observer.messages.slice(since).filter(({ payload }) => payload.includes('"status"'));
    expect(new Set(replies.map(({ topic }) => topic))).toEqual(
      new Set(['sonos/home-2/kitchen/reply', 'sonos/home-2/sauna/reply']),
    );
    expect(observer.topics.get('sonos/home/kitchen/muted')).toBe('false');
  });

  it('do not form groups with each other', async () => {
    const [refused] = await observer.command('sonos/home/office/set/join', { value: 'sauna' });
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'unknown_room' } });
  });

  it('say nothing that is not in the contract', () => expectContractKept(observer, house.brokerPort));
});

describe('two accounts with a household each', () => {
  let house: RunningHouse;
  let observer: Observer;

  beforeAll(async () => {
    house = await startHouse({
      sonos: { households, accounts: [account('account-1', TOWN), account('account-2', LAKE)] },
    });
    observer = await Observer.connect(house.brokerPort);
    await observer.until(({ topic }) => topic === 'sonos/home/office/volume', 'the first');
  });
  afterAll(async () => {
    await observer?.end();
    await house?.stop();
  });

  const confirmed = async (topic: string, value: number): Promise<void> => {
    const answers = await observer.command(`sonos/${topic}/set/volume`, { value });
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
  };

  it('come one after the other, and the second takes nothing from the first', async () => {
    expect(below(observer, 'home-2')).toEqual([]);
    const since = observer.messages.length;
    const held = new Set(below(observer, 'home'));
    await linkAccount(house.app, house.sonos, 'account-2');
    await observer.until(({ topic }) => topic === 'sonos/home-2/sauna/volume', 'the second');
    await flowing(house);
    await confirmed('home/office', 31);
    await confirmed('home-2/sauna', 32);
    const clearings = observer.messages
      .slice(since)
      .filter(({ topic, payload }) => held.has(topic) && payload === '');
    expect(held.size).toBeGreaterThan(10);
    expect(clearings).toEqual([]);
    // Each household is called with its own account's token.
    const callers = (end: string) =>
      new Set(house.sonos.requests.filter(({ body }) => body === end).map((request) => request.account));
    expect(callers('{"volume":31}')).toEqual(new Set(['account-1']));
    expect(callers('{"volume":32}')).toEqual(new Set(['account-2']));
  });

  it('fail one at a time: the other one works on, and is not in doubt', async () => {
    house.sonos.revoke('account-2');
    await observer.command('sonos/home-2/sauna/set/volume', { value: 33 });
    await eventually(
      () => (accountStatus(observer) === 'needs_login' ? true : undefined),
      'needs_login',
      () => observer.json('sonos/bridge/state'),
    );
    expect(observer.json('sonos/bridge/state').account).toMatchObject({ login_url: house.app.loginUrl });
    const [failed] = await observer.command('sonos/home-2/sauna/set/volume', { value: 34 });
    expect(failed).toMatchObject({
      status: 'failed',
      error: { code: 'not_linked', advice: expect.stringContaining(house.app.loginUrl) },
    });
    await confirmed('home/office', 35);
    await eventually(
      () => (observer.json('sonos/home-2/sauna').stale === true ? true : undefined),
      'doubt about what nobody can ask for',
      () => observer.json('sonos/home-2/sauna'),
    );
    expect(observer.json('sonos/home/office')).toMatchObject({ stale: false, volume: 35 });
  });

  it('heal with a login, under the same address', async () => {
    await linkAccount(house.app, house.sonos, 'account-2');
    await confirmed('home-2/sauna', 36);
    await eventually(
      () => (observer.json('sonos/home-2/sauna').stale === false ? true : undefined),
      'no doubt',
      () => observer.json('sonos/home-2/sauna'),
    );
    await eventually(
      () => (accountStatus(observer) === 'linked' ? true : undefined),
      'linked',
      () => observer.json('sonos/bridge/state'),
    );
    expect(below(observer, 'home-3')).toEqual([]);
    expect(house.app.sonos.accounts.list()).toHaveLength(2);
  });

  it('take their household along when one is unlinked; its alias waits until it is forgotten', async () => {
    const lake = house.app.sonos.accounts.list().find((each) => each.households.includes(LAKE));
    await house.app.sonos.accounts.unlink(lake?.id ?? '');
    await cleared(observer, 'sonos/home-2');
    await confirmed('home/office', 37);
    const forgotten = await observer.command('sonos/bridge/set/forget', 'home-2', 'sonos/bridge/reply');
    expect(forgotten.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    const again = await observer.command('sonos/bridge/set/forget', 'home-2', 'sonos/bridge/reply');
    expect(again.at(-1)).toMatchObject({ status: 'failed', error: { code: 'unknown_room' } });
  });

  it('say nothing that is not in the contract', () => expectContractKept(observer, house.brokerPort));
});

describe('commands to the bridge itself', () => {
  let house: RunningHouse;
  let observer: Observer;

  beforeAll(async () => {
    house = await startHouse({ sonos: { households: [home(TOWN, 'Town', 'Kitchen', 'Office', 'Terrace')] } });
    observer = await Observer.connect(house.brokerPort);
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    await flowing(house);
  });
  afterAll(async () => {
    await observer?.end();
    await house?.stop();
  });

  const toBridge = (command: string, payload: object | string = {}) =>
    observer.command(`sonos/bridge/set/${command}`, payload, 'sonos/bridge/reply');

  it('read everything again', async () => {
    house.sonos.knobs.deliver = false;
    house.sonos.world.setVolume('Office', 48);
    const answers = await toBridge('refresh');
    expect(answers).toMatchObject([{ status: 'accepted' }, { status: 'confirmed', command: 'refresh' }]);
    expect(answers.every((answer) => !('room' in answer))).toBe(true);
    await observer.holds('sonos/home/office/volume', '48');
    house.sonos.knobs.deliver = true;
  });

  it('subscribe to everything again', async () => {
    house.sonos.wipeSubscriptions();
    const answers = await toBridge('resubscribe');
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    const wanted = house.app.bridge.status().reduce((sum, each) => sum + each.wanted, 0);
    await eventually(
      () => (house.sonos.subscriptions().length === wanted ? true : undefined),
      'all subscriptions',
      () => house.sonos.subscriptions().length,
    );
    house.sonos.world.setVolume('Office', 49);
    await observer.holds('sonos/home/office/volume', '49');
  });

  it('do not forget a room that is there', async () => {
    const answers = await toBridge('forget', 'terrace');
    expect(answers.at(-1)).toMatchObject({ status: 'failed', error: { code: 'invalid_payload' } });
    expect(observer.topics.has('sonos/home/terrace')).toBe(true);
  });

  it('forget a room that is gone, which comes back as if it were new', async () => {
    const [terrace] = house.sonos.world.rooms().filter(({ name }) => name === 'Terrace');
    house.sonos.world.unplug('Terrace');
    await observer.holds('sonos/home/terrace/availability', 'offline');
    const answers = await toBridge('forget', 'home/terrace');
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    await cleared(observer, 'sonos/home/terrace');
    expect(observer.json('sonos/home').rooms).toEqual(['kitchen', 'office']);
    house.sonos.world.plugIn('Terrace');
    await observer.holds('sonos/home/terrace/availability', 'online');
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'its volume');
    expect(observer.json('sonos/home/terrace').id).toBe(terrace?.id);
  });

  it('are answered once for the same id', async () => {
    const since = observer.messages.length;
    for (const _ of [1, 2]) await observer.send('sonos/bridge/set/refresh', '{"id": "twice"}');
    const replies = () =>
      observer.messages.slice(since).filter(({ topic }) => topic === 'sonos/bridge/reply');
    await eventually(
      () =>
        replies().filter(({ payload }) => payload.includes('confirmed')).length === 2 ? true : undefined,
      'an answer for each',
      replies,
    );
  });

  it('say nothing that is not in the contract', () => expectContractKept(observer, house.brokerPort));
});

describe.skipIf(!mosquittoIsInstalled)('households by the settings', () => {
  let mosquitto: Mosquitto;
  const ends: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    mosquitto = await startMosquitto();
  });
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  afterAll(() => mosquitto?.stop());

  const sonosSettings = (settings: Readonly<Record<string, unknown>>, base: string) => ({
    sonos: { households: settings },
    mqtt: { base_topic: base },
  });

  async function move(settings: Readonly<Record<string, unknown>>, base: string) {
    const house = await startHouse({
      brokerPort: mosquitto.port,
      settings: sonosSettings(settings, base),
      sonos: { households },
    });
    ends.push(() => house.stop());
    const observer = await Observer.connect(mosquitto.port, { protocolVersion: 5 }, `${base}/#`);
    ends.push(() => observer.end());
    return { house, observer };
  }

  it('that are to be ignored are not shown, not asked for, not commanded', async () => {
    const { house, observer } = await move({ [TOWN]: { ignore: true } }, 'ignoring');
    await observer.until(({ topic }) => topic === 'ignoring/home/sauna/volume', 'the other one');
    await flowing(house);
    expect(observer.json('ignoring/home')).toMatchObject({ id: LAKE });
    expect([...observer.topics.keys()].filter((topic) => topic.includes('office'))).toEqual([]);
    const office = house.sonos.world.room('Office').id;
    const [refused] = await observer.command(
      `ignoring/home/${office}/set/volume`,
      { value: 3 },
      `ignoring/home/${office}/reply`,
    );
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'unknown_room' } });
    const asked = house.sonos.requests.filter(({ path }) => decodeURIComponent(path).includes(TOWN));
    expect(asked).toEqual([]);
    await expectContractKept(observer, mosquitto.port);
  });

  it('have the alias that was configured; a new one clears the topics of the old one', async () => {
    const { house, observer } = await move({ [LAKE]: { alias: 'lake' } }, 'naming');
    await observer.until(({ topic }) => topic === 'naming/lake/sauna/volume', 'the lake');
    await observer.until(({ topic }) => topic === 'naming/home/office/volume', 'the town');
    const rooms = observer.json('naming/lake').rooms;

    await house.restart(sonosSettings({ [LAKE]: { alias: 'cabin' } }, 'naming'));
    await observer.until(({ topic }) => topic === 'naming/cabin/sauna/volume', 'the cabin');
    await cleared(observer, 'naming/lake');
    expect(observer.json('naming/cabin')).toMatchObject({ id: LAKE, rooms });
    const answers = await observer.command('naming/cabin/sauna/set/volume', { value: 19 });
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
    const [refused] = await observer.command('naming/lake/sauna/set/volume', { value: 18 });
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'unknown_room' } });

    await expectContractKept(observer, mosquitto.port);
  });

  it('that are ignored from now on leave nothing behind', async () => {
    const { house, observer } = await move({}, 'leaving');
    await observer.until(({ topic }) => topic === 'leaving/home-2/sauna/volume', 'the lake');
    await house.restart(sonosSettings({ [LAKE]: { ignore: true } }, 'leaving'));
    await observer.until(({ topic }) => topic === 'leaving/home/office/volume', 'the town');
    await cleared(observer, 'leaving/home-2');
    await expectContractKept(observer, mosquitto.port);
  });
});
