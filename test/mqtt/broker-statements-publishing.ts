import { expect } from 'vitest';
import {
  expectEnd,
  heardBefore,
  heardSoFar,
  lines,
  nextMessage,
  publish,
  type Statement,
  subscribed,
} from './broker-statements.ts';
import { answerOf, connectOf, PINGREQ, publicationOf, publishOf, subscribeOf } from './broker-wire.ts';

/** PUBLISH, and what answers it. */
export const PUBLISHING: readonly Statement[] = [
  {
    number: 'MQTT-3.3.1-2',
    says: 'a message with QoS 0 is never marked as sent again, also when it came marked so',
    async holds(judge, base) {
      const subscriber = await subscribed(judge, [`${base}/#`, 0]);
      const sender = await judge.connect();
      sender.send(publishOf({ topic: `${base}/x`, payload: '1', qos: 1, dup: true }));
      expect(lines([await nextMessage(subscriber)])).toEqual(['x=1 0']);
    },
  },
  {
    number: 'MQTT-3.3.1-3',
    says: 'whether a message came for the second time is not told to those it is for',
    async holds(judge, base) {
      const subscriber = await subscribed(judge, [`${base}/#`, 2]);
      const sender = await judge.connect();
      sender.send(publishOf({ topic: `${base}/x`, payload: '1', qos: 1, dup: true }));
      expect(lines([await nextMessage(subscriber)])).toEqual(['x=1 1']);
      sender.send(publishOf({ topic: `${base}/x`, payload: '2', qos: 2, dup: true, id: 2 }));
      sender.send(answerOf(0x62, 2));
      expect(lines([await nextMessage(subscriber)])).toEqual(['x=2 2']);
    },
  },
  {
    number: 'MQTT-3.3.1-4',
    says: 'a PUBLISH with QoS 3 closes the connection',
    holds: (judge) => expectEnd(judge, publishOf({ topic: 'a', qos: 3 })),
  },
  {
    number: 'MQTT-3.3.2-2',
    says: 'a PUBLISH to a topic with a wildcard closes the connection',
    holds: (judge) =>
      expectEnd(
        judge,
        ...['#', '+', 'a/#', 'a/+/b', 'a+'].map((topic) => publishOf({ topic, payload: '1' })),
      ),
  },
  {
    number: 'MQTT-3.3.5-1',
    says: 'a client whose filters overlap is sent a message with the highest QoS of those that match',
    async holds(judge, base) {
      await publish(judge, `${base}/x`, 'kept', 2, true);
      for (const order of [
        [0, 1],
        [1, 0],
      ] as const) {
        const filters: [string, number][] = [
          [`${base}/#`, 0],
          [`${base}/x`, 2],
        ];
        const client = await judge.connect();
        client.send(subscribeOf(1, filters[order[0]] ?? ['', 0], filters[order[1]] ?? ['', 0]));
        expect(await client.hex()).toBe(`900400010${filters[order[0]]?.[1]}0${filters[order[1]]?.[1]}`);
        await heardSoFar(client, judge, `${base}/x`);
        await publish(judge, `${base}/x`, 'live', 2);
        expect(lines(await heardSoFar(client, judge, `${base}/x`))).toEqual(['x=live 2']);
      }
    },
  },
  {
    number: 'MQTT-3.3.5-2',
    says: 'a PUBLISH that is not allowed is acknowledged or the connection closed, and it reaches nobody',
    async holds(judge) {
      const client = await judge.connect();
      client.send(publishOf({ topic: '$SYS/x', payload: '1', qos: 1 }));
      expect(await client.hex()).toBe('40020001');
    },
    embedded: {
      why: 'Whoever is refused silently looks for the fault elsewhere; a closed connection and a line in the log are seen.',
      holds: (judge) => expectEnd(judge, publishOf({ topic: '$SYS/x', payload: '1', qos: 1 })),
    },
  },
  {
    number: 'MQTT-4.3.2-2',
    says: 'a PUBLISH with QoS 1 is answered with PUBACK of the same id, each time it comes',
    async holds(judge, base) {
      const subscriber = await subscribed(judge, [`${base}/#`, 1]);
      const sender = await judge.connect();
      const words = { topic: `${base}/x`, payload: '1', qos: 1, id: 0xabcd };
      sender.send(publishOf(words));
      expect(await sender.hex()).toBe('4002abcd');
      sender.send(publishOf({ ...words, dup: true }));
      expect(await sender.hex()).toBe('4002abcd');
      expect(lines(await heardSoFar(subscriber, judge, `${base}/x`))).toEqual(['x=1 1', 'x=1 1']);
    },
  },
  {
    number: 'MQTT-4.3.3-2',
    says: 'a PUBLISH with QoS 2 is handed on once, however often it comes before its PUBREL',
    async holds(judge, base) {
      const subscriber = await subscribed(judge, [`${base}/#`, 2]);
      const words = { topic: `${base}/x`, payload: '1', qos: 2, id: 0xabcd };
      const again = publishOf({ ...words, dup: true });
      for (const inOnePiece of [true, false]) {
        const sender = await judge.connect();
        sender.send(publishOf(words), ...(inOnePiece ? [again] : []));
        expect(await sender.hex()).toBe('5002abcd');
        if (!inOnePiece) sender.send(again);
        expect(await sender.hex()).toBe('5002abcd');
        sender.send(answerOf(0x62, 0xabcd));
        expect(await sender.hex()).toBe('7002abcd');
        sender.send(answerOf(0x62, 0xabcd));
        expect(await sender.hex()).toBe('7002abcd');
        // The handshake is through, so the id is free for another message.
        sender.send(publishOf({ ...words, payload: '2' }));
        expect(await sender.hex()).toBe('5002abcd');
        sender.send(answerOf(0x62, 0xabcd));
        expect(await sender.hex()).toBe('7002abcd');
        expect(lines(await heardSoFar(subscriber, judge, `${base}/x`))).toEqual(['x=1 2', 'x=2 2']);
      }
    },
  },
  {
    number: 'MQTT-4.3.3-2',
    says: 'a PUBREL or PUBREC for an id that nobody knows is answered all the same',
    async holds(judge) {
      const client = await judge.connect();
      client.send(answerOf(0x62, 0x1234));
      expect(await client.hex()).toBe('70021234');
      client.send(answerOf(0x50, 0x1234));
      expect(await client.hex()).toBe('62021234');
    },
  },
  {
    number: 'MQTT-4.3.3-1',
    says: 'a message with QoS 2 goes to a subscriber in four steps',
    async holds(judge, base) {
      const subscriber = await subscribed(judge, [`${base}/#`, 2]);
      await publish(judge, `${base}/x`, '1', 2);
      const { id, dup } = await nextMessage(subscriber);
      expect([id === null || id === 0, dup]).toEqual([false, false]);
      subscriber.send(answerOf(0x50, id ?? 0));
      expect(await subscriber.hex()).toBe(answerOf(0x62, id ?? 0).toString('hex'));
      subscriber.send(answerOf(0x70, id ?? 0), PINGREQ);
      expect(await subscriber.hex()).toBe('d000');
    },
  },
  {
    number: 'MQTT-4.4.0-1',
    says: 'what a client with a kept session did not acknowledge comes again, marked so',
    async holds(judge, base) {
      const words = { clientId: `again-${judge.name}`, clean: false };
      const first = await judge.connect(words);
      first.send(subscribeOf(1, [`${base}/#`, 1]));
      await first.hex();
      await publish(judge, `${base}/x`, '1', 1);
      expect(lines([await nextMessage(first)])).toEqual(['x=1 1']);
      first.drop();
      const again = await judge.open();
      again.send(connectOf(words));
      expect(await again.hex()).toBe('20020100');
      expect(lines([publicationOf(await again.next())])).toEqual(['x=1 1 again']);
    },
    embedded: {
      why: 'No session outlives its connection; whoever needs a value finds it retained.',
      async holds(judge, base) {
        const words = { clientId: 'not-again', clean: false };
        const first = await judge.connect(words);
        first.send(subscribeOf(1, [`${base}/#`, 1]));
        await first.hex();
        await publish(judge, `${base}/x`, '1', 1);
        expect(lines([await nextMessage(first)])).toEqual(['x=1 1']);
        first.drop();
        const again = await judge.connect(words);
        again.send(subscribeOf(1, [`${base}/#`, 1]));
        expect(await again.hex()).toBe('9003000101');
        expect(await heardSoFar(again, judge, `${base}/x`)).toEqual([]);
      },
    },
  },
  {
    number: 'MQTT-4.5.0-1',
    says: 'every message reaches every subscriber, however those of one moment differ in QoS and retain flag',
    async holds(judge, base) {
      const subscriber = await subscribed(judge, [`${base}/#`, 2]);
      const sender = await judge.connect();
      const kinds = [0, 1, 2].flatMap((qos) => [true, false].map((retain) => ({ qos, retain })));
      const packets = kinds.flatMap((one, at) =>
        kinds.map((other, to) => {
          const [first, second] = [`${at}-${to}-1`, `${at}-${to}-2`];
          const id = (at * kinds.length + to) * 2 + 1;
          return [
            publishOf({ ...one, topic: `${base}/${first}`, payload: '1', id }),
            publishOf({ ...other, topic: `${base}/${second}`, payload: '2', id: id + 1 }),
          ];
        }),
      );
      for (const pair of packets) {
        sender.send(...pair);
        // PUBACK; PUBREC and PUBCOMP.
        let answers = pair.reduce((count, [first = 0]) => count + ((first >> 1) & 3), 0);
        for (; answers > 0; answers -= 1) {
          const { first, body } = await sender.next();
          if (first === 0x50) sender.send(answerOf(0x62, body.readUInt16BE(0)));
        }
      }
      const heard = await heardSoFar(subscriber, judge, `${base}/end`);
      expect(new Set(heard.map(({ topic }) => topic)).size).toBe(kinds.length * kinds.length * 2);
    },
  },
  {
    number: 'MQTT-4.6.0-5',
    says: 'messages of one client on one topic arrive in the order in which they were sent',
    async holds(judge, base) {
      for (const qos of [0, 1, 2]) {
        const subscriber = await subscribed(judge, [`${base}/${qos}`, qos]);
        const sender = await judge.connect();
        const numbers = Array.from({ length: 100 }, (_, index) => index + 1);
        const words = { topic: `${base}/${qos}`, qos };
        const heard = heardBefore(subscriber, 'end');
        sender.send(
          ...numbers.map((id) => publishOf({ ...words, payload: `${id}`, id, retain: id % 3 === 0 })),
        );
        for (const id of qos === 2 ? numbers : []) {
          expect(await sender.hex()).toBe(answerOf(0x50, id).toString('hex'));
        }
        if (qos === 2) sender.send(...numbers.map((id) => answerOf(0x62, id)));
        for (const id of qos === 2 ? numbers : []) {
          expect(await sender.hex()).toBe(answerOf(0x70, id).toString('hex'));
        }
        sender.send(publishOf({ ...words, payload: 'end', id: 101 }), answerOf(0x62, 101));
        expect((await heard).map(({ payload }) => payload)).toEqual(numbers.map(String));
      }
    },
  },
];
