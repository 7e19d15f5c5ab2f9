import { expect } from 'vitest';
import {
  expectEnd,
  heardBefore,
  heardSoFar,
  type Judge,
  lines,
  nextMessage,
  type Statement,
} from './broker-statements.ts';
import { answerOf, connectOf, PINGREQ, publicationOf, publishOf, subscribeOf } from './broker-wire.ts';
import { type WireClient } from './broker-wire-client.ts';

async function listen(judge: Judge, filter: string, qos = 2): Promise<WireClient> {
  const client = await judge.connect();
  client.send(subscribeOf(1, [filter, qos]));
  expect(await client.hex()).toBe(`900300010${qos}`);
  return client;
}

/** Has a message published with that QoS, to the end of the handshake. */
async function publish(judge: Judge, topic: string, payload: string, qos = 1, retain = true): Promise<void> {
  const client = await judge.connect();
  client.send(publishOf({ topic, payload, qos, retain, id: 7 }), PINGREQ);
  const answers = [await client.hex(), ...(qos > 0 ? [await client.hex()] : [])];
  expect(answers.toSorted()).toEqual([['d000'], ['40020007', 'd000'], ['50020007', 'd000']][qos]);
  if (qos < 2) return;
  client.send(answerOf(0x62, 7));
  expect(await client.hex()).toBe('70020007');
}

/** What a new subscriber is given at once. */
async function given(judge: Judge, filter: string, topic: string, qos = 2): Promise<string[]> {
  const client = await listen(judge, filter, qos);
  return lines(await heardSoFar(client, judge, topic));
}

/** Messages that the broker keeps. */
export const RETAINED: readonly Statement[] = [
  {
    number: 'MQTT-3.3.1-5',
    says: 'a retained message is kept with its QoS, in the place of the one before',
    async holds(judge, base) {
      for (const qos of [0, 1, 2]) {
        await publish(judge, `${base}/${qos}`, 'old', 2);
        await publish(judge, `${base}/${qos}`, 'new', qos);
        expect(await given(judge, `${base}/${qos}`, `${base}/${qos}`)).toEqual([
          `${qos}=new ${qos} retained`,
        ]);
      }
    },
  },
  {
    number: 'MQTT-3.3.1-5',
    says: 'a retained message is kept on every topic, command topics as well',
    async holds(judge) {
      const topic = 'sonos/home/kitchen/set/volume';
      await publish(judge, topic, '30');
      expect(await given(judge, topic, topic)).toEqual(['home/kitchen/set/volume=30 1 retained']);
    },
    embedded: {
      why: 'A retained command would be carried out again at every connect. The connection is closed, the one way in which MQTT 3.1.1 can refuse a PUBLISH.',
      async holds(judge) {
        const topic = 'sonos/home/kitchen/set/volume';
        await expectEnd(judge, publishOf({ topic, payload: '30', qos: 1, retain: true }));
        await publish(judge, topic, '', 1);
        expect(await given(judge, topic, topic)).toEqual([]);
      },
    },
  },
  {
    number: 'MQTT-3.3.1-6',
    says: 'a new subscriber is given every retained message that its filter matches',
    async holds(judge, base) {
      for (const topic of ['a', 'a/b', 'a/b/c']) await publish(judge, `${base}/${topic}`, topic);
      const heard = await given(judge, `${base}/a/#`, `${base}/a`);
      expect(heard.toSorted()).toEqual(['a/b/c=a/b/c 1 retained', 'a/b=a/b 1 retained', 'a=a 1 retained']);
      expect(await given(judge, `${base}/a/+`, `${base}/a/z`)).toEqual(['a/b=a/b 1 retained']);
    },
  },
  {
    number: 'MQTT-3.3.1-9',
    says: 'a message is marked as retained for a new subscriber, and for nobody who was there before',
    async holds(judge, base) {
      const there = await listen(judge, `${base}/#`);
      await publish(judge, `${base}/x`, '1');
      expect(lines([await nextMessage(there)])).toEqual(['x=1 1']);
      expect(await given(judge, `${base}/#`, `${base}/x`)).toEqual(['x=1 1 retained']);
    },
  },
  {
    number: 'MQTT-3.3.1-10',
    says: 'an empty retained message clears the topic, and is heard as an ordinary one',
    async holds(judge, base) {
      await publish(judge, `${base}/x`, '1');
      const there = await listen(judge, `${base}/#`);
      await publish(judge, `${base}/x`, '');
      expect(lines(await heardSoFar(there, judge, `${base}/x`))).toEqual(['x=1 1 retained', 'x= 1']);
      expect(await given(judge, `${base}/#`, `${base}/x`)).toEqual([]);
    },
  },
  {
    number: 'MQTT-3.3.1-12',
    says: 'a message that is not retained leaves the retained one alone',
    async holds(judge, base) {
      await publish(judge, `${base}/x`, 'kept');
      await publish(judge, `${base}/x`, 'passing', 1, false);
      await publish(judge, `${base}/x`, '', 1, false);
      expect(await given(judge, `${base}/#`, `${base}/x`)).toEqual(['x=kept 1 retained']);
    },
  },
];
