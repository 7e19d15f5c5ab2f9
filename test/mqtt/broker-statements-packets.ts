import { expect } from 'vitest';
import { packet } from './broker-fixtures.ts';
import { expectEnd, lines, nextMessage, refuses, type Statement } from './broker-statements.ts';
import { number, PINGREQ, publishOf, subscribeOf, unsubscribeOf } from './broker-wire.ts';

const ILL_FORMED = [
  ['a byte that never occurs', Buffer.from([0x61, 0xff])],
  ['a surrogate', Buffer.from([0xed, 0xa0, 0x80])],
  ['an overlong slash', Buffer.from([0xc0, 0xaf])],
] as const;

/** What holds for every packet; PINGREQ and DISCONNECT. */
export const PACKETS: readonly Statement[] = [
  {
    number: 'MQTT-1.5.3-1',
    says: 'ill-formed UTF-8 closes the connection, wherever a string stands',
    async holds(judge, base) {
      for (const [, bytes] of ILL_FORMED) {
        await refuses({ clientId: bytes }, { will: { topic: bytes } })(judge, base);
        await expectEnd(judge, publishOf({ topic: bytes }), subscribeOf(1, [bytes, 0]));
      }
    },
  },
  {
    number: 'MQTT-1.5.3-2',
    says: 'the character U+0000 closes the connection, wherever a string stands',
    async holds(judge, base) {
      await refuses({ clientId: 'a\0b' }, { will: { topic: 'a\0b' } }, { username: 'a\0b' })(judge, base);
      await expectEnd(judge, publishOf({ topic: 'a\0b' }), subscribeOf(1, ['a\0b', 0]));
    },
  },
  {
    number: 'MQTT-1.5.3-3',
    says: 'a byte order mark is part of the string',
    async holds(judge, base) {
      const client = await judge.connect();
      client.send(subscribeOf(1, [`${base}/#`, 0]), publishOf({ topic: `${base}/\uFEFFx`, payload: '1' }));
      await client.hex();
      expect((await nextMessage(client)).topic).toBe(`${base}/\uFEFFx`);
    },
  },
  {
    number: 'MQTT-2.2.2-2',
    says: 'a packet with reserved flags set otherwise closes the connection',
    holds: (judge) =>
      expectEnd(
        judge,
        packet(0x80, subscribeOf(1, ['a', 0]).subarray(2)),
        packet(0xa0, unsubscribeOf(1, 'a').subarray(2)),
        packet(0x60, number(1)),
        packet(0xe1),
      ),
  },
  {
    number: 'MQTT-2.3.1-1',
    says: 'a PUBLISH with QoS 1 or 2 and packet id 0 closes the connection',
    holds: (judge) =>
      expectEnd(judge, publishOf({ topic: 'a', qos: 1, id: 0 }), publishOf({ topic: 'a', qos: 2, id: 0 })),
  },
  {
    number: 'MQTT-2.3.1-1',
    says: 'a SUBSCRIBE or UNSUBSCRIBE with packet id 0 closes the connection',
    holds: (judge) => expectEnd(judge, subscribeOf(0, ['a', 0]), unsubscribeOf(0, 'a')),
    embedded: {
      why: 'The answer carries the number that the client chose, and nothing else hangs on it.',
      async holds(judge) {
        const client = await judge.connect();
        client.send(subscribeOf(0, ['a', 0]), unsubscribeOf(0, 'a'));
        expect([await client.hex(), await client.hex()]).toEqual(['9003000000', 'b0020000']);
      },
    },
  },
  {
    number: 'MQTT-3.12.4-1',
    says: 'a PINGREQ is answered',
    async holds(judge) {
      const client = await judge.connect();
      client.send(PINGREQ);
      expect(await client.hex()).toBe('d000');
    },
  },
  {
    number: 'MQTT-3.14.1-1',
    says: 'a DISCONNECT with flags set is none, and the will is published',
    async holds(judge, base) {
      const watcher = await judge.connect();
      watcher.send(subscribeOf(1, [`${base}/#`, 0]));
      await watcher.hex();
      const client = await judge.connect({ will: { topic: `${base}/will` } });
      client.send(packet(0xe1));
      expect(await client.closed()).toEqual([]);
      expect(lines([await nextMessage(watcher)])).toEqual(['will=will 0']);
    },
  },
  {
    number: 'MQTT-4.8.0-1',
    says: 'a packet that only a broker sends, or of no known type, closes the connection',
    holds: (judge) => expectEnd(judge, packet(0x20, number(0)), packet(0x00), packet(0xf0)),
  },
];
