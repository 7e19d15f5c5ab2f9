import { expect } from 'vitest';
import {
  expectEnd,
  heardSoFar,
  type Judge,
  nextMessage,
  publish,
  type Statement,
  subscribed,
} from './broker-statements.ts';
import { publishOf, subscribeOf, unsubscribeOf } from './broker-wire.ts';

/** §4.7 in examples: a filter, and topics that it matches and does not. */
const EXAMPLES: [string, string[], string[]][] = [
  [
    'sport/tennis/player1/#',
    ['sport/tennis/player1', 'sport/tennis/player1/ranking', 'sport/tennis/player1/score/wimbledon'],
    ['sport/tennis/player2', 'sport/tennis', 'sport/tennis/player11'],
  ],
  [
    'sport/tennis/+',
    ['sport/tennis/player1', 'sport/tennis/'],
    ['sport/tennis/player1/ranking', 'sport/tennis'],
  ],
  ['sport/+', ['sport/', 'sport/x'], ['sport', 'sport/x/y']],
  ['+/tennis/#', ['/tennis', 'a/tennis/b'], ['tennis', 'a/b/tennis']],
  ['+/+', ['/finance', 'a/b', '/'], ['finance', 'a/b/c']],
  ['/+', ['/finance', '/'], ['finance', '/finance/x']],
  ['+', ['finance'], ['/finance', 'a/b']],
  ['a/+/c', ['a/b/c', 'a//c'], ['a/c', 'a/b/c/d', 'a/b/C']],
  ['a/#', ['a', 'a/', 'a/b'], ['b/a', 'ab']],
  ['Accounts', ['Accounts'], ['ACCOUNTS', 'accounts', 'Accounts ', '/Accounts', 'Accounts/']],
  ['caf\u00e9', ['caf\u00e9'], ['cafe\u0301', 'cafe']],
  ['a b/c d', ['a b/c d'], ['ab/cd']],
];

/** Has a message published, not retained and with QoS 0 unless it says otherwise. */
const say = (judge: Judge, topic: string, payload: string, qos = 0, retain = false): Promise<void> =>
  publish(judge, topic, payload, qos, retain);

/** Which filter matches which topic. */
export const MATCHING: readonly Statement[] = [
  {
    number: 'MQTT-4.7.1-2',
    says: 'a filter with "#" anywhere but alone in its last level closes the connection',
    holds: (judge) =>
      expectEnd(judge, ...['a#', '#/a', 'a/#/b', '##'].map((filter) => subscribeOf(1, [filter, 0]))),
    embedded: {
      why: 'Where it can, it answers with code 128: whoever mistyped one filter keeps the others.',
      holds: (judge) => expectNotGranted(judge, 'a#', '#/a', 'a/#/b', '##'),
    },
  },
  {
    number: 'MQTT-4.7.1-3',
    says: 'a filter with "+" beside anything else in a level closes the connection',
    holds: (judge) =>
      expectEnd(judge, ...['a+', '+a', 'b/a+/c', '++'].map((filter) => subscribeOf(1, [filter, 0]))),
    embedded: {
      why: 'As with "#": code 128 where it can.',
      holds: (judge) => expectNotGranted(judge, 'a+', '+a', 'b/a+/c', '++'),
    },
  },
  {
    number: 'MQTT-4.7.2-1',
    says: 'topics that begin with "$" are matched by no filter that begins with a wildcard',
    async holds(judge, base) {
      const wild = await subscribed(judge, ['#', 0], ['+/#', 0], ['+/broker/#', 0], ['+/+/new/#', 0]);
      await heardSoFar(wild, judge, base);
      const named = await subscribed(judge, ['$SYS/#', 0]);
      await judge.connect();
      expect((await nextMessage(named)).topic).toMatch(/^\$SYS\//);
      const heard = await heardSoFar(wild, judge, base);
      expect(heard.filter(({ topic }) => topic.startsWith('$'))).toEqual([]);
    },
  },
  {
    number: 'MQTT-4.7.3-1',
    says: 'an empty topic or filter closes the connection',
    holds: (judge) =>
      expectEnd(judge, publishOf({ topic: '' }), subscribeOf(1, ['', 0]), unsubscribeOf(1, '')),
  },
  {
    number: 'MQTT-4.7.3-3',
    says: 'a topic may have 65,535 bytes',
    async holds(judge, base) {
      const topic = base.padEnd(0xffff, 'x');
      const client = await subscribed(judge, [topic, 0]);
      await say(judge, topic, '1');
      expect((await nextMessage(client)).topic).toBe(topic);
    },
    embedded: {
      why: 'A topic of more than 1,024 bytes or 32 levels has no use in a house, and much use in an attack.',
      async holds(judge, base) {
        const topic = base.padEnd(0x400, 'x');
        const client = await subscribed(judge, [topic, 0]);
        await say(judge, topic, '1');
        expect((await nextMessage(client)).topic).toBe(topic);
        await expectEnd(judge, publishOf({ topic: `${topic}x` }), publishOf({ topic: '/'.repeat(32) }));
        await expectNotGranted(judge, `${topic}x`);
      },
    },
  },
  {
    number: 'MQTT-4.7.3-4',
    says: 'a filter matches the topics it should, character by character, and no other',
    async holds(judge, base) {
      for (const [filter, yes, no] of EXAMPLES) {
        const client = await judge.connect();
        client.send(subscribeOf(1, [filter, 0], [base, 0]));
        expect(await client.hex()).toBe('900400010000');
        await heardSoFar(client, judge, base);
        for (const topic of [...yes, ...no]) await say(judge, topic, filter);
        const heard = await heardSoFar(client, judge, base);
        expect([filter, heard.filter(({ payload }) => payload === filter).map(({ topic }) => topic)]).toEqual(
          [filter, yes],
        );
      }
    },
  },
];

/** Each filter alone gets code 128 or costs the connection, and is not granted. */
async function expectNotGranted(judge: Judge, ...filters: string[]): Promise<void> {
  for (const filter of filters) {
    const client = await judge.connect();
    client.send(subscribeOf(1, [filter, 0]));
    expect(['9003000180', 'closed']).toContain(await client.hex());
  }
}
