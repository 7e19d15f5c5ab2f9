import { setTimeout as wait } from 'node:timers/promises';
import mqtt from 'mqtt';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ServedOutbox } from '../../src/mqtt/outbox.ts';
import { type FaultProxy, type Flow, startFaultProxy } from '../support/fault-proxy.ts';
import { figure, sized } from '../support/figures.ts';
import { createHurriedClock } from '../support/hurried-clock.ts';
import { type Mosquitto, mosquittoIsInstalled, startMosquitto } from '../support/mosquitto.ts';
import { becomesTrue, knowsAll } from './broker-trouble.ts';
import { expectContract } from './contract.ts';
import { eventually, flowing, Observer, type RunningHouse, startHouse } from './house.ts';

/** Longer than the longest pause between two attempts. */
const PAUSE_MS = 31_000;
const TOPIC = 'sonos/home/office/set/volume';
const REPLY = 'sonos/home/office/reply';
/** Longer than it takes until all is said about a command. */
const PATIENCE_MS = 300;
/** A PUBACK without a reason. */
const PUBACK_BYTES = 4;

/** Every so many bytes a connection is cut; about the ends of packets it is done at every byte. */
const COARSE = sized(11, 1);

/** Positions from the first to the last byte, in steps. */
const positions = (last: number, step: number): number[] =>
  Array.from({ length: Math.floor(last / step) + 1 }, (_, index) => index * step);

describe.skipIf(!mosquittoIsInstalled)(
  'a step of the volume, sent by one whose wishes may come twice',
  () => {
    const clock = createHurriedClock();
    let mosquitto: Mosquitto;
    /** Between mosquitto and the bridge, and between mosquitto and the sender. */
    let ours: FaultProxy;
    let theirs: FaultProxy;
    let house: RunningHouse;
    let observer: Observer;
    let number = 0;
    let probes = 0;
    /** The steps that the bridge was handed. */
    const taken: string[] = [];

    beforeAll(async () => {
      mosquitto = await startMosquitto();
      ours = await startFaultProxy(mosquitto.port);
      theirs = await startFaultProxy(mosquitto.port);
      house = await startHouse({
        brokerPort: ours.port,
        clock,
        sonos: {
          knobs: { bufferMs: 5, answerMs: 6_000_000, quotaPerMinute: 1_000_000, spikePerSecond: 10_000 },
        },
      });
      await flowing(house);
      observer = await Observer.connect(mosquitto.port, { protocolVersion: 5 });
      const { link } = house.app.mqtt;
      link.onStatus(({ connected }) => {
        // The pause before the next attempt is over at once.
        if (!connected) clock.skip(PAUSE_MS);
      });
      link.onMessage(({ topic, payload }) => {
        if (topic === TOPIC) taken.push(Buffer.from(payload).toString());
      });
    });

    afterAll(async () => {
      await observer?.end();
      await house?.stop();
      await ours?.stop();
      await theirs?.stop();
      await mosquitto?.stop();
    });

    const volume = () => house.sonos.world.room('Office').volume;

    /** A step away from the nearer end, with an id of its own or without one. */
    function nextStep(hasId: boolean) {
      number += 1;
      const by = number % 2 === 0 ? 1 : -1;
      const id = hasId ? `step-${number}` : null;
      return { id, by, payload: JSON.stringify({ id, value: by > 0 ? '+1' : '-1' }) };
    }

    /** Terminal answers to the steps, not to the probes. */
    const answers = () =>
      observer.messages
        .filter(({ topic }) => topic === REPLY)
        .map(({ payload }) => JSON.parse(payload))
        .filter(({ status, command }) => command === 'volume' && status !== 'accepted');

    /** Everything sent so far has reached the bridge and was answered, and nothing is under way. */
    async function quiet(): Promise<void> {
      probes += 1;
      const id = `probe-${probes}`;
      await observer.send('sonos/home/office/set/nothing', JSON.stringify({ id }));
      await observer.until(
        ({ topic, payload }) => topic === REPLY && payload.includes(id),
        `the answer to ${id}`,
      );
      await eventually(
        () => (answers().length >= taken.length ? true : undefined),
        'an answer to each command',
        () => [taken, observer.messages.slice(-5)],
      );
      await house.sonos.delivered();
      await knowsAll(house);
      await becomesTrue(house, observer);
      // What was not acknowledged would rightly be said again.
      const outbox = house.app.mqtt.link.outbox as ServedOutbox;
      await eventually(
        () => (outbox.size.unacknowledged + outbox.size.waiting === 0 ? true : undefined),
        'nothing unacknowledged',
        () => outbox.size,
      );
    }

    /** The length of a PUBLISH with a step: header, topic, packet id, payload; MQTT 5 adds one byte. */
    const publishBytes = (hasId: boolean): number =>
      2 + 2 + TOPIC.length + 2 + nextStep(hasId).payload.length;

    function forget(): void {
      observer.messages.length = 0;
      taken.length = 0;
    }

    /** How many bytes pass in a direction while a command is sent and answered. */
    async function measured(flow: Flow): Promise<number> {
      await quiet();
      const before = flow.passed;
      forget();
      await observer.send(TOPIC, nextStep(true).payload);
      await eventually(
        () => (answers().length > 0 ? true : undefined),
        'an answer',
        () => observer.messages.slice(-5),
      );
      const bytes = flow.passed - before;
      await quiet();
      return bytes;
    }

    /** Cuts the bridge's connection about a command; says how often the bridge had been handed it then. */
    async function cutOurs(flow: Flow, bytes: number, hasId: boolean): Promise<number> {
      forget();
      const before = volume();
      const step = nextStep(hasId);
      const connections = ours.accepted;
      const cut = flow.cutAfter(bytes);
      await observer.send(TOPIC, step.payload);
      // Where nothing more was to be said, it ends now.
      await Promise.race([cut, wait(PATIENCE_MS)]);
      flow.heal();
      if (ours.accepted === connections) ours.reset();
      await eventually(
        () => (ours.accepted > connections && house.app.mqtt.link.status.connected ? true : undefined),
        'a new connection',
        () => [ours.accepted, house.app.mqtt.link.status],
      );
      await quiet();
      const first = taken.length;
      // Mosquitto delivers nothing again: our session ended with the connection.
      expect(first).toBeLessThanOrEqual(1);
      expect(volume()).toBe(before + step.by * first);
      if (!hasId) return first;
      // Who heard no answer asks again; it is done now, or it was done before.
      await observer.send(TOPIC, step.payload);
      await quiet();
      expect(taken).toHaveLength(first + 1);
      expect(volume()).toBe(before + step.by);
      expect(new Set(answers().map(({ id, status }) => `${id} ${status}`))).toEqual(
        new Set([`${step.id} confirmed`]),
      );
      return first;
    }

    it('is taken once when the bridge’s connection ends at any byte between delivery and acknowledgement', {
      timeout: sized(120_000, 3_600_000),
    }, async () => {
      await quiet();
      const down = await measured(ours.down);
      const up = await measured(ours.up);
      const points = [
        ...positions(down, COARSE).map((bytes) => [ours.down, bytes] as const),
        // About the last byte of the command, and its acknowledgement.
        ...positions(8, 1).map((bytes) => [ours.down, publishBytes(true) - 4 + bytes] as const),
        ...positions(PUBACK_BYTES * 2, 1).map((bytes) => [ours.up, bytes] as const),
        ...positions(up, sized(301, 1)).map((bytes) => [ours.up, bytes] as const),
      ];
      let lost = 0;
      for (const [flow, bytes] of points) {
        try {
          lost += 1 - (await cutOurs(flow, bytes, true));
        } catch (error) {
          throw new Error(`cut ${flow === ours.up ? 'up' : 'down'} after ${bytes} bytes`, { cause: error });
        }
      }
      figure('cuts of the bridge’s connection around a command with an id', points.length);
      figure('of these, commands that were lost and done when they came again', lost);
      // Both happened: cut before it had come, and after.
      expect(lost).toBeGreaterThan(5);
      expect(lost).toBeLessThan(points.length);
    });

    it('is taken once or not at all when it has no id and its sender does not repeat it', {
      timeout: sized(120_000, 3_600_000),
    }, async () => {
      await quiet();
      const down = await measured(ours.down);
      const points = [
        ...positions(down, COARSE).map((bytes) => [ours.down, bytes] as const),
        ...positions(PUBACK_BYTES, 1).map((bytes) => [ours.up, bytes] as const),
      ];
      let came = 0;
      for (const [flow, bytes] of points) came += await cutOurs(flow, bytes, false);
      figure('cuts around a command without an id, of which came', `${points.length}, ${came}`);
      expect(came).toBeGreaterThan(0);
      expect(came).toBeLessThan(points.length);
    });

    /** A sender with QoS 1 that repeats until it is acknowledged; the connection of its first try is cut. */
    async function cutTheirs(flow: Flow, bytes: number, hasId: boolean): Promise<number> {
      observer.messages.length = 0;
      taken.length = 0;
      const before = volume();
      const step = nextStep(hasId);
      const client = mqtt.connect(theirs.url, { reconnectPeriod: 5 });
      client.on('error', () => {});
      try {
        await eventually(
          () => (client.connected ? true : undefined),
          'the sender',
          () => null,
        );
        const cut = flow.cutAfter(bytes);
        const acknowledged = client.publishAsync(TOPIC, step.payload, { qos: 1 });
        await cut;
        await acknowledged;
      } finally {
        await client.endAsync(true);
      }
      await quiet();
      const times = taken.length;
      expect(times).toBeGreaterThan(0);
      expect(volume()).toBe(before + step.by * (hasId ? 1 : times));
      // With an id there is one answer, told as often as it was asked for; without, each is a command of its own.
      expect(answers().map(({ status }) => status)).toEqual(Array.from({ length: times }, () => 'confirmed'));
      expect(new Set(answers().map(({ id }) => id)).size).toBe(hasId ? 1 : times);
      return times;
    }

    it.each([
      { hasId: true, what: 'once when it has an id, however often it comes' },
      { hasId: false, what: 'as often as it comes when it has none' },
    ])(
      'is taken $what, when the sender’s connection ends at any byte',
      { timeout: sized(120_000, 3_600_000) },
      async ({ hasId }) => {
        await quiet();
        await quiet();
        const points = [
          ...positions(publishBytes(hasId), COARSE).map((bytes) => [theirs.up, bytes] as const),
          ...positions(PUBACK_BYTES - 1, 1).map((bytes) => [theirs.down, bytes] as const),
        ];
        let twice = 0;
        for (const [flow, bytes] of points) {
          try {
            if ((await cutTheirs(flow, bytes, hasId)) === 2) twice += 1;
          } catch (error) {
            throw new Error(`cut ${flow === theirs.up ? 'up' : 'down'} after ${bytes} bytes`, {
              cause: error,
            });
          }
        }
        figure(
          `cuts of a sender’s connection ${hasId ? 'with' : 'without'} an id, of which came twice`,
          `${points.length}, ${twice}`,
        );
        // Whenever its PUBACK was lost on the way.
        expect(twice).toBeGreaterThanOrEqual(PUBACK_BYTES);
      },
    );

    it('and all that was answered is as the contract says', () => {
      expectContract(observer);
    });
  },
);
