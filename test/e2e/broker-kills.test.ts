import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createChance } from '../../src/sim/random.ts';
import { figure, sized } from '../support/figures.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { becomesTrue, expectTruth, holdings, live, logLines, passwordLine } from './broker-trouble.ts';
import { expectContract } from './contract.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

const SEED = Number(process.env.SEED ?? 20_261_122);
const TROUBLES = sized(40, 200);
/** Troubles after which the process holds what it will ever hold. */
const WARM = 10;
/** How fast the bridge's time passes while its link is down, and where silence is waited for. */
const HURRY = 40;
const CHANGES_PER_SECOND = 20;
/** Its volume is moved by commands alone. */
const ROOM = 'Terrace';
const LISTENER = { username: 'listener', password: 'open sesame', keepalive: 0 };
const PASSWORDS = { bridge: 'a long password', listener: LISTENER.password };

const passwords = (given: typeof PASSWORDS): string =>
  Object.entries(given)
    .map(([user, password]) => passwordLine(user, password))
    .join('');

describe.skipIf(!mosquittoIsInstalled)('a house whose mosquitto fails over and over', () => {
  const clock = createHurriedClock();
  const chance = createChance(SEED);
  let mosquitto: Mosquitto;
  let house: RunningHouse;
  /** Ids of commands, each time the bridge was handed one. */
  const taken: string[] = [];
  let returns = 0;
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown) => rejections.push(reason);

  beforeAll(async () => {
    process.on('unhandledRejection', onRejection);
    const lines = ['allow_anonymous false', 'password_file FOLDER/passwords', 'sys_interval 1'];
    mosquitto = await startMosquitto(lines, { passwords: passwords(PASSWORDS) });
    house = await startHouse({
      brokerPort: mosquitto.port,
      clock,
      settings: {
        mqtt: { username: 'bridge', password: PASSWORDS.bridge },
        log: { level: 'info' },
        commands: { confirm_seconds: 100 },
      },
      // Hurried time must not make Sonos impatient.
      sonos: { knobs: { bufferMs: 5, answerMs: 600_000, quotaPerMinute: 100_000, spikePerSecond: 10_000 } },
    });
    await flowing(house);
    const { link } = house.app.mqtt;
    link.onMessage(({ payload }) => {
      taken.push(String(JSON.parse(Buffer.from(payload).toString()).id));
    });
    link.onStatus(({ connected }) => {
      if (connected) returns += 1;
      clock.rate(connected ? 1 : HURRY);
    });
    await eventually(
      () => (link.status.connected ? true : undefined),
      'the broker',
      () => link.status,
    );
  });

  afterAll(async () => {
    process.off('unhandledRejection', onRejection);
    clock.rate(1);
    await house?.stop();
    await mosquitto?.stop();
  });

  const isDown = () =>
    eventually(
      () => (house.app.mqtt.link.status.connected ? undefined : true),
      'the link to go down',
      () => house.app.mqtt.link.status,
    );
  const isUp = () =>
    eventually(
      () => (house.app.mqtt.link.status.connected ? true : undefined),
      'the link to come up',
      () => house.app.mqtt.link.status,
    );

  async function wasRefused(): Promise<void> {
    const before = (await logLines(house)).length;
    await mosquitto.write('passwords', passwords({ ...PASSWORDS, bridge: 'another password' }));
    await mosquitto.restart();
    for (const end = performance.now() + 10_000; ; await wait(20)) {
      const said = (await logLines(house)).slice(before).map(({ msg }) => msg);
      if (said.some((msg) => msg.includes('Check mqtt.username'))) return;
      if (performance.now() > end) throw new Error(`expected a refusal; instead ${said.join('\n')}`);
    }
  }

  /** Each ends with a mosquitto that serves again. */
  const troubles: Readonly<Record<string, () => Promise<void>>> = {
    'killed, and back at once': async () => {
      await mosquitto.kill();
      await mosquitto.restart();
    },
    'killed, and away for a while': async () => {
      await mosquitto.kill();
      await isDown();
      await wait(chance.integer(0, 400));
      await mosquitto.restart();
    },
    'held for a moment': async () => {
      mosquitto.signal('SIGSTOP');
      await wait(chance.integer(1, 300));
      mosquitto.signal('SIGCONT');
    },
    'held until the bridge gave up': async () => {
      mosquitto.signal('SIGSTOP');
      clock.rate(HURRY);
      await isDown();
      await wait(chance.integer(0, 400));
      mosquitto.signal('SIGCONT');
    },
    'held, and killed then': async () => {
      mosquitto.signal('SIGSTOP');
      clock.rate(HURRY);
      if (chance.fraction() < 0.5) await isDown();
      else await wait(chance.integer(1, 300));
      await mosquitto.kill();
      await mosquitto.restart();
    },
    'refusing us for a while': async () => {
      await wasRefused();
      await wait(chance.integer(0, 200));
      await mosquitto.write('passwords', passwords(PASSWORDS));
      if (chance.fraction() < 0.5) mosquitto.signal('SIGHUP');
      else await mosquitto.restart();
    },
    'stopped in order, and started again': async () => {
      await mosquitto.kill('SIGTERM');
      await wait(chance.integer(0, 200));
      await mosquitto.restart();
    },
  };

  /** A step of the volume, asked for as the broker fails and again when it is back, as one does who heard no answer. */
  async function suffer(number: number, name: string): Promise<void> {
    const id = `step-${number}`;
    const payload = JSON.stringify({ id, value: number % 2 === 0 ? '+1' : '-1' });
    const topic = 'sonos/home/terrace/set/volume';
    const expected = house.sonos.world.room(ROOM).volume + (number % 2 === 0 ? 1 : -1);
    const life = live(house, chance, CHANGES_PER_SECOND, [ROOM]);
    const before = await Observer.connect(mosquitto.port, { ...LISTENER, reconnectPeriod: 0 });
    before.client.publish(topic, payload, { qos: 1 });
    await wait(chance.integer(0, 30));
    await troubles[name]?.();
    await isUp();
    await wait(50);
    life.stop();
    await before.end();
    clock.rate(1);

    const after = await Observer.connect(mosquitto.port, LISTENER);
    await after.send(topic, payload);
    const probe = `probe-${number}`;
    await after.send('sonos/home/office/set/nothing', JSON.stringify({ id: probe }));
    await after.until((seen) => seen.topic.endsWith('/office/reply'), `the answer to ${probe}`);
    const isAnswer = (seen: { topic: string; payload: string }) =>
      seen.topic.endsWith('/terrace/reply') &&
      seen.payload.includes(id) &&
      !seen.payload.includes('accepted');
    await after.until(isAnswer, `the answer to ${id}`);
    await becomesTrue(house, after);
    await expectTruth(house, mosquitto.port, LISTENER);
    expect(after.topics.get('sonos/bridge/availability')).toBe('online');
    expect(house.sonos.world.room(ROOM).volume).toBe(expected);
    // There is one subscription that it fits, and one bridge.
    expect(taken.filter((each) => each === probe)).toHaveLength(1);
    const answers = after.messages.filter(isAnswer).map((seen) => JSON.parse(seen.payload).status);
    expect(new Set(answers)).toEqual(new Set(['confirmed']));
    expectContract(after);
    await after.end();
  }

  it(
    `is right again after each of ${TROUBLES} kills, pauses and refusals`,
    async () => {
      figure('seed of the troubles (SEED)', SEED);
      const names = Object.keys(troubles);
      const happened = new Map<string, number>();
      let warm = await holdings();
      const began = performance.now();
      for (let number = 0; number < TROUBLES; number += 1) {
        // Each of them at least once, then in any order.
        const name = names[number] ?? chance.pick(names);
        try {
          await suffer(number, name);
        } catch (error) {
          throw new Error(`trouble ${number}, ${name}, with SEED=${SEED}`, { cause: error });
        }
        happened.set(name, (happened.get(name) ?? 0) + 1);
        // Mostly a link that held long enough to be tried again soon; else the pauses grow.
        if (chance.fraction() < 0.8) clock.skip(31_000);
        if (number === WARM - 1) warm = await holdings();
      }
      figure('troubles of mosquitto', `${TROUBLES} in ${Math.round((performance.now() - began) / 1000)} s`);
      for (const [name, times] of happened) figure(`mosquitto ${name}`, times);
      figure('times the link came back', returns);
      await flowing(house);
      const held = house.app.bridge.status().reduce((sum, status) => sum + status.held, 0);
      expect(house.sonos.subscriptions()).toHaveLength(held);
      expect(rejections).toEqual([]);

      const cold = await holdings();
      figure(
        'heap after the warm-up and at the end, MiB',
        `${warm.heapMiB.toFixed(1)} ${cold.heapMiB.toFixed(1)}`,
      );
      figure('handles at the end', JSON.stringify(Object.fromEntries(cold.handles)));
      expect(cold.heapMiB - warm.heapMiB).toBeLessThan(8);
      // HTTP connections come and go; one handle left behind by each trouble would be many more.
      for (const [kind, count] of cold.handles) {
        expect([kind, count - (warm.handles.get(kind) ?? 0) <= 12]).toEqual([kind, true]);
      }
    },
    60_000 + TROUBLES * 10_000,
  );

  it('is one client with one set of subscriptions to the broker', async () => {
    const observer = await Observer.connect(mosquitto.port, LISTENER, '$SYS/broker/#');
    for (const [topic, count] of [
      ['$SYS/broker/clients/connected', 2],
      // The bridge's five for commands, that for Home Assistant's birth, and this one.
      ['$SYS/broker/subscriptions/count', 7],
    ] as const) {
      await observer.holds(topic, String(count));
    }
    await observer.end();
  });

  it('said of each loss that it came and that it went, and little else', async () => {
    const read = async (): Promise<string[]> =>
      (await logLines(house)).filter(({ room }) => room === 'mqtt').map(({ msg }) => msg);
    const isLoss = (msg: string): boolean => msg.startsWith('Lost the MQTT broker');
    const isReturn = (msg: string): boolean => msg.includes('is back after');
    // A machine that has much to do may lose it once more, and finds it again.
    await expect
      .poll(async () => (await read()).findLast((msg) => isLoss(msg) || isReturn(msg)), { timeout: 10_000 })
      .toSatisfy((last: string) => isReturn(last));
    const said = await read();
    const lost = said.filter(isLoss);
    const back = said.filter(isReturn);
    const failed = said.filter((msg) => msg.startsWith('No connection'));
    figure(
      'lines of loss, of return, of failed attempts',
      `${lost.length}, ${back.length}, ${failed.length}`,
    );
    expect(back).toHaveLength(lost.length);
    expect(lost.length).toBeGreaterThan(TROUBLES / 2);
    // At most one for each kind of failure in one outage: refused, silent, hung up.
    expect(failed.length).toBeLessThanOrEqual(3 * lost.length);
    // An answer that nobody could have for a minute is dropped, which is said once for all of an outage.
    const dropped = said.filter((msg) => msg.includes('waited too long for the broker'));
    figure('lines of answers that were dropped', dropped.length);
    expect(dropped.length).toBeLessThanOrEqual(lost.length);
    const others = said.filter((msg) => ![...lost, ...back, ...failed, ...dropped].includes(msg));
    expect(others.filter((msg) => !msg.startsWith('Connected to'))).toEqual([]);
  });
});
