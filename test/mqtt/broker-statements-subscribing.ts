import { expect } from 'vitest';
import { packet } from './broker-fixtures.ts';
import {
  expectEnd,
  heardSoFar,
  type Judge,
  lines,
  nextMessage,
  publish,
  type Statement,
  subscribed,
} from './broker-statements.ts';
import { field, number, PINGREQ, subscribeOf, unsubscribeOf } from './broker-wire.ts';

/** Has a message published, not retained and with QoS 0 unless it says otherwise. */
const say = (judge: Judge, topic: string, payload: string, qos = 0, retain = false): Promise<void> =>
  publish(judge, topic, payload, qos, retain);

/** SUBSCRIBE and UNSUBSCRIBE. */
export const SUBSCRIBING: readonly Statement[] = [
  {
    number: 'MQTT-3.8.3-3',
    says: 'a SUBSCRIBE without a filter closes the connection',
    holds: (judge) => expectEnd(judge, subscribeOf(1)),
  },
  {
    number: 'MQTT-3-8.3-4',
    says: 'a SUBSCRIBE with QoS 3 or a reserved bit closes the connection',
    holds: (judge) =>
      expectEnd(judge, subscribeOf(1, ['a', 3]), subscribeOf(1, ['a', 4]), subscribeOf(1, ['a', 0x80])),
  },
  {
    number: 'MQTT-3.8.4-2',
    says: 'SUBACK carries the id of the SUBSCRIBE',
    async holds(judge) {
      const client = await judge.connect();
      for (const id of [1, 0x1234, 0xffff]) {
        client.send(subscribeOf(id, ['a', 0]));
        expect(await client.hex()).toBe(
          packet(0x90, Buffer.concat([number(id), Buffer.from([0])])).toString('hex'),
        );
      }
    },
  },
  {
    number: 'MQTT-3.8.4-3',
    says: 'a filter subscribed again takes the place of the first, and retained messages come again',
    async holds(judge, base) {
      await say(judge, `${base}/x`, 'kept', 1, true);
      const client = await subscribed(judge, [`${base}/+`, 0]);
      expect(lines(await heardSoFar(client, judge, `${base}/x`))).toEqual(['x=kept 0 retained']);
      client.send(subscribeOf(2, [`${base}/+`, 1]));
      expect(await client.hex()).toBe('9003000201');
      expect(lines(await heardSoFar(client, judge, `${base}/x`))).toEqual(['x=kept 1 retained']);
      await say(judge, `${base}/x`, 'live', 1);
      expect(lines(await heardSoFar(client, judge, `${base}/x`))).toEqual(['x=live 1']);
      client.send(subscribeOf(3, [`${base}/+`, 0]));
      expect(await client.hex()).toBe('9003000300');
      await heardSoFar(client, judge, `${base}/x`);
      await say(judge, `${base}/x`, 'live', 1);
      expect(lines(await heardSoFar(client, judge, `${base}/x`))).toEqual(['x=live 0']);
    },
  },
  {
    number: 'MQTT-3.8.4-4',
    says: 'several filters in one SUBSCRIBE are as good as several SUBSCRIBEs',
    async holds(judge, base) {
      const client = await subscribed(judge, [`${base}/a`, 0], [`${base}/b`, 1], [`${base}/c`, 2]);
      for (const topic of ['a', 'b', 'c', 'd']) await say(judge, `${base}/${topic}`, topic, 2);
      expect(lines(await heardSoFar(client, judge, `${base}/a`)).toSorted()).toEqual([
        'a=a 0',
        'b=b 1',
        'c=c 2',
      ]);
    },
  },
  {
    number: 'MQTT-3.8.4-5',
    says: 'SUBACK has a code for each filter, also when one stands there twice',
    async holds(judge, base) {
      const client = await judge.connect();
      client.send(subscribeOf(1, [`${base}/a`, 0], [`${base}/b`, 1], [`${base}/a`, 2]));
      expect(await client.hex()).toBe('90050001000102');
    },
    embedded: {
      why: 'aedes takes the last of two equal filters and answers for that one alone. The subscriptions are right; no client we know of asks twice in one packet.',
      async holds(judge, base) {
        const client = await judge.connect();
        client.send(subscribeOf(1, [`${base}/a`, 0], [`${base}/b`, 1], [`${base}/a`, 2]));
        expect(await client.hex()).toBe('900400010201');
        await say(judge, `${base}/a`, '1', 2);
        expect(lines([await nextMessage(client)])).toEqual(['a=1 2']);
      },
    },
  },
  {
    number: 'MQTT-3.8.4-6',
    says: 'a message is sent with the lower of its own QoS and the granted one, retained or live, wildcard or none',
    async holds(judge, base) {
      for (const sent of [0, 1, 2]) {
        const topic = `${base}/${sent}`;
        await say(judge, topic, 'kept', sent, true);
        for (const granted of [0, 1, 2]) {
          const qos = Math.min(sent, granted);
          for (const filter of [topic, `${base}/${sent}/#`]) {
            const client = await subscribed(judge, [filter, granted]);
            expect(lines(await heardSoFar(client, judge, topic))).toEqual([`${sent}=kept ${qos} retained`]);
            await say(judge, topic, 'live', sent);
            expect(lines(await heardSoFar(client, judge, topic))).toEqual([`${sent}=live ${qos}`]);
          }
        }
      }
    },
  },
  {
    number: 'MQTT-3.9.3-1',
    says: 'the codes in SUBACK stand in the order of the filters',
    async holds(judge, base) {
      await subscribed(
        judge,
        [`${base}/a`, 2],
        [`${base}/b/#`, 0],
        [`${base}/+/c`, 1],
        [`${base}/d`, 2],
        [`${base}/e`, 0],
      );
    },
  },
  {
    number: 'MQTT-3.9.3-2',
    says: 'a filter that is not granted gets code 128, and the others are granted',
    async holds(judge, base) {
      const client = await judge.connect();
      client.send(subscribeOf(1, [`${base}/a`, 1], ['$share/group/a', 1], [`${base}/b`, 2]));
      expect(await client.hex()).toBe('90050001018002');
      await say(judge, `${base}/b`, '1');
      expect(lines([await nextMessage(client)])).toEqual(['b=1 0']);
    },
    mosquitto: {
      why: 'It is open to everybody here, and grants shared subscriptions.',
      async holds(judge, base) {
        const client = await judge.connect();
        client.send(subscribeOf(1, [`${base}/a`, 1], [`${base}/b`, 2]));
        expect(await client.hex()).toBe('900400010102');
      },
    },
  },
  {
    number: 'MQTT-3.10.3-2',
    says: 'an UNSUBSCRIBE without a filter closes the connection',
    holds: (judge) => expectEnd(judge, unsubscribeOf(1)),
    embedded: {
      why: 'It is answered: there was nothing to give up, and nothing was.',
      async holds(judge) {
        const client = await judge.connect();
        client.send(unsubscribeOf(5));
        expect(await client.hex()).toBe('b0020005');
      },
    },
  },
  {
    number: 'MQTT-3.10.4-1',
    says: 'a filter is given up only by the very same characters',
    async holds(judge, base) {
      const client = await subscribed(judge, [`${base}/+`, 0]);
      client.send(unsubscribeOf(2, `${base}/x`, `${base}/#`, `${base}/+/`, `${base}/`));
      expect(await client.hex()).toBe('b0020002');
      await say(judge, `${base}/x`, '1');
      expect(lines([await nextMessage(client)])).toEqual(['x=1 0']);
    },
  },
  {
    number: 'MQTT-3.10.4-2',
    says: 'after UNSUBACK nothing more comes for the filter',
    async holds(judge, base) {
      const client = await subscribed(judge, [`${base}/#`, 1], ['other', 0]);
      client.send(unsubscribeOf(2, `${base}/#`));
      expect(await client.hex()).toBe('b0020002');
      await say(judge, `${base}/x`, '1', 1);
      expect(await heardSoFar(client, judge, 'other')).toEqual([]);
    },
  },
  {
    number: 'MQTT-3.10.4-5',
    says: 'UNSUBACK comes with the same id, also when nothing was subscribed',
    async holds(judge) {
      const client = await judge.connect();
      client.send(unsubscribeOf(0xbeef, 'never/subscribed'));
      expect(await client.hex()).toBe('b002beef');
    },
  },
  {
    number: 'MQTT-3.10.4-6',
    says: 'several filters in one UNSUBSCRIBE are all given up, with one UNSUBACK',
    async holds(judge, base) {
      const client = await subscribed(judge, [`${base}/a`, 0], [`${base}/b`, 0], [`${base}/c`, 0]);
      client.send(unsubscribeOf(2, `${base}/a`, `${base}/c`), PINGREQ);
      expect([await client.hex(), await client.hex()].toSorted()).toEqual(['b0020002', 'd000']);
      for (const topic of ['a', 'b', 'c']) await say(judge, `${base}/${topic}`, '1');
      expect(lines(await heardSoFar(client, judge, `${base}/b`))).toEqual(['b=1 0']);
    },
  },
  {
    number: 'MQTT-4.8.0-1',
    says: 'a SUBSCRIBE whose fields do not fill its length closes the connection',
    holds: (judge) =>
      expectEnd(
        judge,
        packet(0x82, Buffer.concat([number(1), field('a')])),
        packet(0x82, Buffer.concat([number(1), field('a'), Buffer.from([0, 0])])),
        packet(0x82, Buffer.concat([number(1), number(9), Buffer.from('a\0')])),
      ),
  },
];
