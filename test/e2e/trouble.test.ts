import { afterEach, describe, expect, it } from 'vitest';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { expectContract, expectContractKept } from './contract.ts';
import {
  cleared,
  eventually,
  flowing,
  linkAccount,
  Observer,
  type RunningHouse,
  startHouse,
} from './house.ts';

describe('a house in trouble', () => {
  const ends: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  async function move(
    options: Parameters<typeof startHouse>[0] = {},
  ): Promise<{ house: RunningHouse; observer: Observer }> {
    const house = await startHouse(options);
    ends.push(() => house.stop());
    const observer = await Observer.connect(house.brokerPort);
    ends.push(async () => {
      expectContract(observer);
      await observer.end();
    });
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    return { house, observer };
  }

  it('sends a command to the room’s new group when it was regrouped at that moment', async () => {
    const { house, observer } = await move();
    await flowing(house);
    house.sonos.knobs.deliver = false;
    // The bridge does not know yet that Terrace joined Office, and that Terrace's own group is dead.
    house.sonos.world.playFavorite('Office', 'Village Stream');
    house.sonos.world.group('Office', 'Terrace');
    const answers = await observer.command('sonos/home/terrace/set/pause', {});
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
    const pauses = house.sonos.requests.filter(({ path }) => path.endsWith('/playback/pause'));
    expect(pauses.map(({ status }) => status)).toEqual([410, 200]);
  });

  it('moves a renamed room to its new address and clears the old one', async () => {
    const { house, observer } = await move();
    await flowing(house);
    house.sonos.world.rename('Office', 'Bücherzimmer');
    await observer.until(({ topic }) => topic === 'sonos/home/bucherzimmer/volume', 'the new address');
    await cleared(observer, 'sonos/home/office');
    await expectContractKept(observer, house.brokerPort);
  });

  it('shows a room that left as offline, and finds it again under its address', async () => {
    const { house, observer } = await move();
    await flowing(house);
    const volume = observer.topics.get('sonos/home/terrace/volume');
    house.sonos.world.unplug('Terrace');
    await observer.holds('sonos/home/terrace/availability', 'offline');
    expect(observer.json('sonos/home/terrace')).toMatchObject({ online: false, volume: Number(volume) });
    const [refused] = await observer
      .command('sonos/home/terrace/set/volume', { value: 3 })
      .then((all) => all.slice(-1));
    expect(refused).toMatchObject({ status: 'failed', error: { code: 'not_capable' } });
    house.sonos.world.plugIn('Terrace');
    await observer.holds('sonos/home/terrace/availability', 'online');
    house.sonos.world.setVolume('Terrace', 17);
    await observer.holds('sonos/home/terrace/volume', '17');
  });

  it('is right although no event ever arrives, and says so', async () => {
    const { house, observer } = await move({ hasCallback: false, settings: { poll_seconds: 0.3, mqtt: {} } });
    house.sonos.world.setVolume('Office', 44);
    await observer.holds('sonos/home/office/volume', '44');
    const answers = await observer.command('sonos/home/office/set/volume', { value: 12 });
    expect(answers.map(({ status }) => status)).toEqual(['accepted', 'confirmed']);
    expect(observer.json('sonos/bridge/state')).toMatchObject({ callback: { last_event_at: null } });
  });

  it('finds what lost events would have told, and counts it', async () => {
    const { house, observer } = await move({ settings: { poll_seconds: 0.5, reconcile_minutes: 0.01 } });
    await flowing(house);
    house.sonos.knobs.deliver = false;
    house.sonos.world.setVolume('Office', 66);
    await observer.holds('sonos/home/office/volume', '66');
    await eventually(
      () => (house.app.state().reconcile.corrections > 0 ? true : undefined),
      'a correction',
      () => house.app.state(),
    );
    house.sonos.knobs.deliver = true;
    house.sonos.world.setVolume('Office', 67);
    await observer.holds('sonos/home/office/volume', '67');
  });

  it('logs in again by itself when its token is refused', async () => {
    const { house, observer } = await move();
    house.sonos.expireAccessTokens();
    const answers = await observer.command('sonos/home/kitchen/set/volume', { value: 9 });
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
  });

  it('asks for a login when the grant was revoked, and lives again after it', async () => {
    const { house, observer } = await move();
    house.sonos.revoke();
    await observer.command('sonos/home/kitchen/set/volume', { value: 9 });
    await eventually(
      () =>
        (observer.json('sonos/bridge/state').account as { status?: string }).status === 'needs_login'
          ? true
          : undefined,
      'needs_login',
      () => observer.json('sonos/bridge/state'),
    );
    expect(observer.json('sonos/home/kitchen')).toMatchObject({ stale: true });
    const [failed] = await observer.command('sonos/home/kitchen/set/volume', { value: 9 });
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'not_linked' } });
    await linkAccount(house.app, house.sonos);
    const answers = await observer.command('sonos/home/kitchen/set/volume', { value: 10 });
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
    await eventually(
      () => (observer.json('sonos/home/kitchen').stale === false ? true : undefined),
      'no doubt',
      () => observer.json('sonos/home/kitchen'),
    );
  });

  it('does not do twice what Sonos did without answering', async () => {
    const { house, observer } = await move();
    await flowing(house);
    await observer.command('sonos/home/kitchen/set/playlist', 'Dinner for Five');
    house.sonos.failNext({ match: /skipToNextTrack/, answer: 'lose-reply' });
    const answers = await observer.command('sonos/home/kitchen/set/next', {});
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
    expect(house.sonos.requests.filter(({ path }) => path.endsWith('skipToNextTrack'))).toHaveLength(1);
  });

  it('comes back as it was after a restart, without asking for a login', async () => {
    const { house, observer } = await move();
    const before = observer.json('sonos/home').rooms;
    await house.restart();
    const again = await Observer.connect(house.brokerPort);
    ends.push(() => again.end());
    await again.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    expect(again.json('sonos/home').rooms).toEqual(before);
  });

  it('clears a household that is unlinked, and gives its subscriptions back', async () => {
    const { house, observer } = await move();
    await flowing(house);
    const [account] = house.app.sonos.accounts.list();
    const address = `http://127.0.0.1:${house.app.privatePort}/api/accounts/${account?.id}/unlink`;
    expect((await fetch(address, { method: 'POST' })).status).toBe(204);
    await cleared(observer, 'sonos/home');
    await expectContractKept(observer, house.brokerPort);
    expect(house.sonos.subscriptions()).toEqual([]);
  });
});

describe.skipIf(!mosquittoIsInstalled)('a broker in trouble', () => {
  it('gets everything again after it was killed and has forgotten all', async () => {
    const mosquitto = await startMosquitto();
    const house = await startHouse({ brokerPort: mosquitto.port });
    const observer = await Observer.connect(mosquitto.port);
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    await mosquitto.kill();
    house.sonos.world.setVolume('Office', 55);
    await mosquitto.restart();
    const again = await Observer.connect(mosquitto.port);
    await again.holds('sonos/home/office/volume', '55');
    await again.holds('sonos/bridge/availability', 'online');
    await expectContractKept(again, mosquitto.port);
    const answers = await again.command('sonos/home/office/set/volume', { value: 21 });
    expect(answers.at(-1)).toMatchObject({ status: 'confirmed' });
    await observer.end();
    await again.end();
    await house.stop();
    await mosquitto.stop();
  });

  it('never has its retained commands carried out', async () => {
    const mosquitto = await startMosquitto();
    const before = await Observer.connect(mosquitto.port);
    await before.send('sonos/home/office/set/volume', '{"value": 99, "id": "old"}', { retain: true });
    const house = await startHouse({ brokerPort: mosquitto.port });
    const reply = await before.until(({ topic }) => topic.endsWith('/office/reply'), 'an answer');
    expect(JSON.parse(reply.payload)).toMatchObject({
      id: 'old',
      status: 'failed',
      error: { code: 'retained' },
    });
    expect(house.sonos.world.room('Office').volume).not.toBe(99);
    expectContract(before);
    await before.end();
    await house.stop();
    await mosquitto.stop();
  });

  it('carries an answer to the MQTT 5 response topic with its correlation data', async () => {
    const mosquitto = await startMosquitto();
    const house = await startHouse({ brokerPort: mosquitto.port });
    const observer = await Observer.connect(mosquitto.port, { protocolVersion: 5 }, '#');
    await observer.until(({ topic }) => topic === 'sonos/home/terrace/volume', 'the rooms');
    const correlations: string[] = [];
    observer.client.on('message', (topic, _payload, packet) => {
      if (topic === 'my/answers') correlations.push(String(packet.properties?.correlationData));
    });
    await observer.send('sonos/home/office/set/volume', '31', {
      properties: { responseTopic: 'my/answers', correlationData: Buffer.from('c-1') },
    });
    await observer.until(
      ({ topic, payload }) => topic === 'my/answers' && payload.includes('confirmed'),
      'the answer',
    );
    expect(correlations).toEqual(['c-1', 'c-1']);
    await observer.end();
    await house.stop();
    await mosquitto.stop();
  });
});
