import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ServedOutbox } from '../../src/mqtt/outbox.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { figure, sized } from '../support/figures.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { expectTruth, knowsAll, logLines } from './broker-trouble.ts';
import { expectContract } from './contract.ts';
import { eventually, flowing, Observer, type RunningHouse, type Seen, startHouse } from './house.ts';

/** For each version of MQTT. */
const RECONNECTS = sized(75, 500);
/** Longer than the longest pause between two attempts. */
const PAUSE_MS = 31_000;

/** What somebody left at the broker: where, what, and where it is answered. */
const KEPT = [
  ['home/office/set/volume', '99', 'home/office/reply'],
  ['home/office/set/mute', '{"value": "toggle", "id": "the same each time"}', 'home/office/reply'],
  ['home/terrace/set', '{"volume": "+5", "play": true}', 'home/terrace/reply'],
  ['home/kitchen/set/leave', 'PRESS', 'home/kitchen/reply'],
  ['home/all/set/volume', '100', 'home/all/reply'],
  ['home/nowhere/set/play', '{', 'home/nowhere/reply'],
  ['home/bedroom/set/nothing', '\u0000\uFFFF', 'home/bedroom/reply'],
  ['elsewhere/office/set/play', '{}', 'elsewhere/office/reply'],
  ['bridge/set/refresh', '{"id": "refresh"}', 'bridge/reply'],
  ['bridge/set/forget', 'home/office', 'bridge/reply'],
] as const;

const replySchema = z.object({
  id: z.string(),
  status: z.string(),
  error: z.object({ code: z.string(), message: z.string(), advice: z.string().optional() }).optional(),
});

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** How much the outbox remembers. */
const sizeOf = ({ app }: RunningHouse) => (app.mqtt.link.outbox as ServedOutbox).size;

/** What people did to Sonos: everything but reading and keeping subscriptions. */
const deeds = ({ sonos }: RunningHouse): string[] =>
  sonos.requests
    .filter(
      ({ method, path }) => method !== 'GET' && path.startsWith('/control/') && !/\/subscription$/.test(path),
    )
    .map(({ method, path, body }) => `${method} ${path} ${body}`);

describe.skipIf(!mosquittoIsInstalled).each([
  { name: 'MQTT 5, with retain as published', protocol: 5 as const },
  { name: 'MQTT 3.1.1', protocol: 4 as const },
])('commands that the broker keeps, in $name', ({ protocol }) => {
  it(`are refused at each of ${RECONNECTS} connects and never carried out`, {
    timeout: 30_000 + RECONNECTS * 300,
  }, async () => {
    const clock = createHurriedClock();
    const mosquitto = await startMosquitto();
    ends.push(() => mosquitto.stop());
    const sender = await Observer.connect(mosquitto.port);
    for (const [topic, payload] of KEPT) await sender.send(`sonos/${topic}`, payload, { retain: true });
    await sender.end();
    const proxy = await startFaultProxy(mosquitto.port);
    ends.push(() => proxy.stop());
    const house = await startHouse({ brokerPort: proxy.port, clock, settings: { mqtt: { protocol } } });
    ends.push(() => house.stop());
    const { link } = house.app.mqtt;
    await flowing(house);
    await eventually(
      () => (link.status.connected ? true : undefined),
      'the broker',
      () => link.status,
    );
    expect(link.status.protocol).toBe(protocol);
    const before = house.sonos.world.rooms();
    const observer = await Observer.connect(mosquitto.port, { protocolVersion: 5 });
    let delivered = 0;
    const stopCounting = link.onMessage(({ retained }) => {
      expect(retained).toBe(true);
      delivered += 1;
    });

    const answers = () => observer.messages.filter(({ topic }) => topic.endsWith('/reply'));
    const perTopic = new Map<string, number>();
    for (const [, , reply] of KEPT) perTopic.set(`sonos/${reply}`, (perTopic.get(`sonos/${reply}`) ?? 0) + 1);
    for (let number = 0; number < RECONNECTS; number += 1) {
      // The pause before the next attempt is over at once.
      const cancel = link.onStatus(({ connected }) => {
        if (!connected) clock.skip(PAUSE_MS);
      });
      // What was not acknowledged would rightly be said again.
      await expect.poll(() => sizeOf(house)).toMatchObject({ waiting: 0, unacknowledged: 0 });
      observer.messages.length = 0;
      proxy.reset();
      await eventually(
        () => (answers().length >= KEPT.length ? true : undefined),
        `an answer to each kept command after reconnect ${number}`,
        () => answers(),
      );
      cancel();
      // Each command has one answer, on the topic where it belongs, and it is this one.
      const counts = new Map<string, number>();
      for (const { topic } of answers()) counts.set(topic, (counts.get(topic) ?? 0) + 1);
      expect(counts).toEqual(perTopic);
      for (const { payload } of answers()) {
        expect(replySchema.parse(JSON.parse(payload))).toMatchObject({
          status: 'failed',
          error: { code: 'retained' },
        });
      }
      if (number % 25 === 0) expect(deeds(house)).toEqual([]);
    }
    figure(`reconnects in MQTT ${protocol}, kept commands handed out`, `${RECONNECTS}, ${delivered}`);
    expect(delivered).toBe(KEPT.length * RECONNECTS);
    expect(deeds(house)).toEqual([]);
    await knowsAll(house);
    const steady = ({ id, name, volume, muted, members, state }: (typeof before)[number]) =>
      JSON.stringify({ id, name, volume, muted, members, state });
    expect(house.sonos.world.rooms().map(steady)).toEqual(before.map(steady));
    stopCounting();
    // Who sends the same without the flag is heard, whatever was answered to the kept one.
    const done = await observer.command('sonos/home/office/set/volume', { value: 41 });
    expect(done.at(-1)).toMatchObject({ status: 'confirmed' });
    expect(house.sonos.world.room('Office').volume).toBe(41);
    await expectKeptAtOnce(house, observer);
    expectContract(observer);
    await observer.end();
    if (protocol === 5) await clearKept(house, mosquitto.port);
    await expectWarned(
      house,
      KEPT.map(([topic]) => `sonos/${topic}`),
    );
  });
});

/** A live command with the flag: MQTT 5 shows the flag, and it is refused; 3.1.1 hides it, and it is like any other. */
async function expectKeptAtOnce({ app, sonos }: RunningHouse, observer: Observer): Promise<void> {
  const isFive = app.mqtt.link.status.protocol === 5;
  const payload = '{"value": 17, "id": "with the flag"}';
  await observer.send('sonos/home/office/set/volume', payload, { retain: true });
  const isLast = (seen: Seen) =>
    seen.payload.includes('with the flag') && /confirmed|failed/.test(seen.payload);
  const { payload: answer } = await observer.until(
    (seen) => seen.topic.endsWith('/reply') && isLast(seen),
    'an answer',
  );
  expect(JSON.parse(answer)).toMatchObject(
    isFive ? { status: 'failed', error: { code: 'retained' } } : { status: 'confirmed' },
  );
  expect(sonos.world.room('Office').volume).toBe(isFive ? 41 : 17);
}

/** With MQTT 5 the topics can be cleared while the bridge is up, which asks for nothing; then only the truth is kept. */
async function clearKept(house: RunningHouse, port: number): Promise<void> {
  const before = deeds(house);
  const sender = await Observer.connect(port);
  for (const [topic] of KEPT) await sender.send(`sonos/${topic}`, '', { retain: true });
  await sender.end();
  await expectTruth(house, port);
  expect(deeds(house)).toEqual(before);
}

/** The operator is told of each kept command once, of each loss once, and of little else. */
async function expectWarned(house: RunningHouse, topics: readonly string[]): Promise<void> {
  const lines = async () => (await logLines(house)).map(({ msg, topic }) => ({ msg, topic }));
  // Lines are written in batches.
  await expect.poll(async () => (await lines()).length).toBeGreaterThanOrEqual(RECONNECTS + topics.length);
  const all = await lines();
  const told = all.filter(({ msg }) => msg.includes('retained flag')).map(({ topic }) => topic);
  expect(told.sort()).toEqual([...topics].sort());
  expect(all.filter(({ msg }) => msg.startsWith('Lost the MQTT broker'))).toHaveLength(RECONNECTS);
  figure('warnings in the log, beside one for each reconnect', all.length - RECONNECTS);
  expect(all.length - RECONNECTS).toBeLessThanOrEqual(topics.length + 5);
}
