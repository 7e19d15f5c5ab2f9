import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { builtProgram } from '../support/built-program.ts';
import { mosquittoIsInstalled } from '../support/mosquitto.ts';
import { passwordsCanBeMade } from '../support/mosquitto-passwords.ts';
import { listens } from '../support/ports.ts';
import type { Program } from './daemon.ts';
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

/** How many messages the bridge has refused, by reason. */
async function refusedBy({ place }: RelayHouse): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(new URL('/metrics', place.page))).text();
  const found = [...text.matchAll(/^sonos_bridge_events_rejected\w*\{reason="(\w+)"\} (\d+)$/gm)];
  expect(found.length).toBeGreaterThan(5);
  return Object.fromEntries(found.map(([, reason = '', count]) => [reason, Number(count)]));
}

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
  const refused = () => refusedBy(house);
  // Its numbers are ours from here on, and those of Sonos look old.
  const player = () => house.place.sonos.world.room('Terrace').id;
  const household = () => house.place.sonos.world.household().id;
  const topic = () => `sonos-relay/${household()}`;
  const message = (different: {
    sequence: string;
    volume: number;
    at?: number;
    secret?: string;
    signedAs?: string;
  }): string => {
    const { sonos } = house.place;
    const { sequence, volume, at = Date.now(), secret = sonos.clientSecret, signedAs } = different;
    const headers = volumeHeaders(house.place, {
      household: household(),
      player: player(),
      sequence,
      signedAs,
    });
    const body = JSON.stringify({ volume, muted: false, fixed: false });
    return sealed({ received_at: new Date(at).toISOString(), headers, body }, sonos.clientId, secret);
  };

  const statuses = (since: number): number[] => house.balancer.tries.slice(since).flat();

  it('brings every event to the house, which listens on no port', async () => {
    house.place.sonos.world.setVolume('Office', 17);
    await holds(house, 'office', 17);
    expect(await listens(house.publicPort)).toBe(false);
    expect(house.bridge.stdout).not.toContain('public_port');
    expect(statuses(0).every((status) => status === 200)).toBe(true);
  });

  it('ends what comes twice at its number, whichever relay it came by', async () => {
    const since = house.observer.messages.length;
    house.balancer.isDoubling = true;
    const last = await stream(house, 'Office', () => {});
    await holds(house, 'office', last);
    await house.place.sonos.delivered();
    house.balancer.isDoubling = false;
    const volumes = house.observer.messages
      .slice(since)
      .filter((each) => each.topic.endsWith('office/volume'));
    expect(volumes.length).toBeLessThanOrEqual(last + 1);
    expect(volumes.at(-1)?.payload).toBe(String(last));
    const doubled = house.balancer.tries.filter((tries) => tries.length === 2);
    expect(doubled.length).toBeGreaterThan(10);
    expect(doubled.flat().every((status) => status === 200)).toBe(true);
  });

  it('takes what was sealed with the secret, and was not taken before', async () => {
    const guest = await enter('sonos-relay', 'nothing');
    await guest.send(topic(), message({ sequence: '100001', volume: 61 }));
    await holds(house, 'terrace', 61);
    // The same once more, when it is no longer so.
    await guest.send(topic(), message({ sequence: '100003', volume: 62 }));
    await holds(house, 'terrace', 62);
    await guest.send(topic(), message({ sequence: '100001', volume: 61 }));
    await guest.send(topic(), message({ sequence: '100004', volume: 63 }));
    await holds(house, 'terrace', 63);
    expect(house.observer.messages.filter((each) => each.payload === '61')).toHaveLength(1);
  });

  const FORGERIES: readonly (readonly [what: string, reason: string, made: () => string])[] = [
    [
      'sealed with another secret',
      'relay_forged',
      () => message({ sequence: '200001', volume: 99, secret: 'guessed' }),
    ],
    [
      'with another body than the one that was sealed',
      'relay_forged',
      () => message({ sequence: '200002', volume: 12 }).replace('\\"volume\\":12', '\\"volume\\":99'),
    ],
    ['without a seal', 'relay_forged', () => `{${message({ sequence: '200003', volume: 99 }).slice(54)}`],
    ['that is no JSON', 'relay_forged', () => 'volume 99'],
    ['that is empty', 'relay_forged', () => ''],
    [
      'that is ten minutes old',
      'relay_stale',
      () => message({ sequence: '200004', volume: 99, at: Date.now() - 600_000 }),
    ],
    [
      'sealed by somebody with the secret, with a signature that does not fit',
      'bad_signature',
      () => message({ sequence: '200005', volume: 99, signedAs: '200006' }),
    ],
  ];
  it.each(FORGERIES)('does nothing with a message %s', async (_what, reason, made) => {
    const before = await refused();
    const guest = await enter('sonos-relay', 'nothing');
    const text = made();
    expect(text).not.toContain('undefined');
    await guest.send(topic(), text);
    const volume = 20 + Math.floor(Math.random() * 50);
    house.place.sonos.world.setVolume('Kitchen', volume);
    await holds(house, 'kitchen', volume);
    expect(await refused()).toEqual({ ...before, [reason]: (before[reason] ?? 0) + 1 });
    expect(house.volume('terrace')).not.toBe(99);
  });

  it('does nothing with a message that the broker keeps, nor with one in the place of another household', async () => {
    const before = await refused();
    const guest = await enter('sonos-relay', 'nothing');
    await guest.send(topic(), message({ sequence: '300001', volume: 99 }), { retain: true });
    await guest.send(topic(), '', { retain: true });
    await guest.send('sonos-relay/Sonos_other', message({ sequence: '300002', volume: 99 }));
    house.place.sonos.world.setVolume('Kitchen', 8);
    await holds(house, 'kitchen', 8);
    const { relay_kept: kept = 0, relay_forged: forged = 0 } = before;
    expect(await refused()).toEqual({ ...before, relay_kept: kept + 1, relay_forged: forged + 1 });
    expect(house.volume('terrace')).not.toBe(99);
  });

  it('is not slowed by somebody who floods the topic', async () => {
    const guest = await enter('sonos-relay', 'nothing');
    const text = message({ sequence: '400001', volume: 99, secret: 'guessed' });
    for (let count = 0; count < 3_000; count += 1) guest.client.publish(topic(), text, { qos: 0 });
    const start = performance.now();
    house.place.sonos.world.setVolume('Kitchen', 33);
    await holds(house, 'kitchen', 33);
    expect(performance.now() - start).toBeLessThan(4_000);
    expect(house.volume('terrace')).not.toBe(99);
  });

  it('lets nobody else read the events', async () => {
    const guest = await enter('house', 'sonos-relay/#');
    const everything = await enter('house', '#');
    house.place.sonos.world.setVolume('Kitchen', 34);
    await everything.until((each) => each.topic === 'sonos/home/kitchen', 'what the event changed');
    const read = [guest, everything].flatMap(({ messages }) => messages);
    expect(read.map((each) => each.topic)).toContain('sonos/home/kitchen');
    expect(read.filter((each) => each.topic.startsWith('sonos-relay'))).toEqual([]);
  });

  it('loses nothing when one of the relays is killed while events come in', async () => {
    const lost = house.place.sonos.pushCounts().lost;
    const since = house.balancer.tries.length;
    const last = await stream(house, 'Office', (step) => {
      if (step === 20) house.relays[0]?.child.kill('SIGKILL');
    });
    const start = performance.now();
    await holds(house, 'office', last);
    expect(performance.now() - start).toBeLessThan(1_000);
    await house.place.sonos.delivered();
    expect(house.relays[0]?.hasEnded).toBe(true);
    expect(statuses(since)).toContain(0);
    expect(house.place.sonos.pushCounts().lost).toBe(lost);
    expect(house.observer.json('sonos/bridge/state').reconcile).toMatchObject({ corrections: 0 });
  });

  it('is right again when the broker was started anew, and asks Sonos to wait meanwhile', async () => {
    const since = house.balancer.tries.length;
    await house.mosquitto.kill();
    house.place.sonos.world.setVolume('Office', 71);
    await eventually(
      () => (statuses(since).includes(503) ? true : undefined),
      '503',
      () => statuses(since),
    );
    expect((await fetch(`http://127.0.0.1:${house.relayPorts[1]}/health`)).status).toBe(503);
    await house.mosquitto.restart();
    await holds(house, 'office', 71);
    house.place.sonos.world.setVolume('Office', 72);
    await holds(house, 'office', 72);
    expect((await fetch(`http://127.0.0.1:${house.relayPorts[1]}/health`)).status).toBe(200);
  }, 40_000);

  it('keeps an event until the bridge is back, for as long as Sonos tries', async () => {
    house.bridge.child.kill('SIGKILL');
    await house.bridge.end;
    const since = house.balancer.tries.length;
    house.place.sonos.world.setVolume('Office', 44);
    await eventually(
      () => (statuses(since).includes(503) ? true : undefined),
      '503, since nobody listens',
      () => statuses(since),
    );
    await house.startBridge();
    await holds(house, 'office', 44);
  }, 40_000);

  it('ends in order: what is under way is answered, and nothing is lost', async () => {
    const relay = await house.startRelay(0);
    const lost = house.place.sonos.pushCounts().lost;
    const endings: ReturnType<Program['stop']>[] = [];
    const last = await stream(house, 'Office', (step) => {
      if (step === 20) endings.push(relay.stop('SIGTERM'));
    });
    const [end] = await Promise.all(endings);
    expect(end).toMatchObject({ code: 0, signal: null });
    expect(end?.milliseconds).toBeLessThan(5_000);
    await holds(house, 'office', last);
    await house.place.sonos.delivered();
    expect(house.place.sonos.pushCounts().lost).toBe(lost);
    expect(relay.stdout).toMatch(/events passed on/);
  });

  it('tells its secrets to nobody', async () => {
    const listener = await enter('sonos-bridge', '#');
    house.place.sonos.world.setVolume('Office', 5);
    await holds(house, 'office', 5);
    const events = listener.messages.filter((each) => each.topic === topic());
    expect(events.length).toBeGreaterThan(0);
    const said = [...house.relays, house.bridge].map((program) => program.said).join('\n');
    const everywhere = said + JSON.stringify([...listener.messages, ...house.observer.messages]);
    expect(said).toContain('The relay runs.');
    for (const secret of [PATH, house.place.sonos.clientSecret, 'relay-password', 'bridge-password']) {
      expect(everywhere).not.toContain(secret);
      expect(everywhere).not.toContain(Buffer.from(secret).toString('base64url'));
    }
    // What opens a door: nobody but the bridge reads it.
    const { headers } = JSON.parse(events[0]?.payload ?? '{}') as { headers: string[] };
    expect(said).not.toContain(headers.at(-1));
  });
});

describe.skipIf(!canRun)('relays and a house that speak MQTT 3.1.1', () => {
  let house: RelayHouse;
  beforeAll(async () => {
    house = await openRelayHouse({ protocol: 4 });
  }, 60_000);
  afterAll(async () => {
    await house?.leave();
  });

  it('bring every event, and do nothing with one that the broker hands out at every connect', async () => {
    const { sonos } = house.place;
    sonos.world.setVolume('Office', 17);
    await holds(house, 'office', 17);
    const relay = await house.enter('sonos-relay', 'nothing');
    const household = sonos.world.household().id;
    const fields = { household, player: sonos.world.room('Office').id, sequence: '100001' };
    const rest = {
      received_at: new Date().toISOString(),
      headers: volumeHeaders(house.place, fields),
      body: JSON.stringify({ volume: 99, muted: false, fixed: false }),
    };
    house.bridge.child.kill('SIGKILL');
    await house.bridge.end;
    const text = sealed(rest, sonos.clientId, sonos.clientSecret);
    await relay.send(`sonos-relay/${household}`, text, { retain: true });
    await relay.end();
    await house.startBridge();
    sonos.world.setVolume('Office', 18);
    await holds(house, 'office', 18);
    expect(await refusedBy(house)).toMatchObject({ relay_kept: 1, relay_forged: 0 });
    expect(house.observer.messages.filter(({ payload }) => payload === '99')).toEqual([]);
  }, 40_000);
});
