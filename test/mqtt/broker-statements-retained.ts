import { expect } from 'vitest';
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
import { publishOf } from './broker-wire.ts';

const keep = (judge: Judge, topic: string, payload: string, qos = 1): Promise<void> =>
  publish(judge, topic, payload, qos, true);

/** What a new subscriber is given at once. */
async function given(judge: Judge, filter: string, topic: string, qos = 2): Promise<string[]> {
  const client = await subscribed(judge, [filter, qos]);
  return lines(await heardSoFar(client, judge, topic));
}

/** Messages that the broker keeps. */
export const RETAINED: readonly Statement[] = [
  {
    number: 'MQTT-3.3.1-5',
    says: 'a retained message is kept with its QoS, in the place of the one before',
    async holds(judge, base) {
      for (const qos of [0, 1, 2]) {
        await keep(judge, `${base}/${qos}`, 'old', 2);
        await keep(judge, `${base}/${qos}`, 'new', qos);
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
      await keep(judge, topic, '30');
      expect(await given(judge, topic, topic)).toEqual(['home/kitchen/set/volume=30 1 retained']);
    },
    embedded: {
      why: 'A retained command would be carried out again at every connect. The connection is closed, the one way in which MQTT 3.1.1 can refuse a PUBLISH.',
      async holds(judge) {
        const topic = 'sonos/home/kitchen/set/volume';
        await expectEnd(judge, publishOf({ topic, payload: '30', qos: 1, retain: true }));
        await keep(judge, topic, '', 1);
        expect(await given(judge, topic, topic)).toEqual([]);
      },
    },
  },
  {
    number: 'MQTT-3.3.1-6',
    says: 'a new subscriber is given every retained message that its filter matches',
    async holds(judge, base) {
      for (const topic of ['a', 'a/b', 'a/b/c']) await keep(judge, `${base}/${topic}`, topic);
      const heard = await given(judge, `${base}/a/#`, `${base}/a`);
      expect(heard.toSorted()).toEqual(['a/b/c=a/b/c 1 retained', 'a/b=a/b 1 retained', 'a=a 1 retained']);
      expect(await given(judge, `${base}/a/+`, `${base}/a/z`)).toEqual(['a/b=a/b 1 retained']);
    },
  },
  {
    number: 'MQTT-3.3.1-9',
    says: 'a message is marked as retained for a new subscriber, and for nobody who was there before',
    async holds(judge, base) {
      const there = await subscribed(judge, [`${base}/#`, 2]);
      await keep(judge, `${base}/x`, '1');
      expect(lines([await nextMessage(there)])).toEqual(['x=1 1']);
      expect(await given(judge, `${base}/#`, `${base}/x`)).toEqual(['x=1 1 retained']);
    },
  },
  {
    number: 'MQTT-3.3.1-10',
    says: 'an empty retained message clears the topic, and is heard as an ordinary one',
    async holds(judge, base) {
      await keep(judge, `${base}/x`, '1');
      const there = await subscribed(judge, [`${base}/#`, 2]);
      await keep(judge, `${base}/x`, '');
      expect(lines(await heardSoFar(there, judge, `${base}/x`))).toEqual(['x=1 1 retained', 'x= 1']);
      expect(await given(judge, `${base}/#`, `${base}/x`)).toEqual([]);
    },
  },
  {
    number: 'MQTT-3.3.1-12',
    says: 'a message that is not retained leaves the retained one alone',
    async holds(judge, base) {
      await keep(judge, `${base}/x`, 'kept');
      await publish(judge, `${base}/x`, 'passing', 1);
      await publish(judge, `${base}/x`, '', 1);
      expect(await given(judge, `${base}/#`, `${base}/x`)).toEqual(['x=kept 1 retained']);
    },
  },
];
