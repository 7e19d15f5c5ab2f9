import { expect } from 'vitest';
import { DISCONNECT } from './broker-fixtures.ts';
import {
  ACCEPTED,
  expectEnd,
  heardBefore,
  heardSoFar,
  lines,
  nextMessage,
  refuses,
  type Statement,
} from './broker-statements.ts';
import { connectOf, PINGREQ, publishOf, subscribeOf } from './broker-wire.ts';

/** CONNECT and CONNACK, the will, the keep-alive. */
export const CONNECTION: readonly Statement[] = [
  {
    number: 'MQTT-3.1.0-1',
    says: 'a connection whose first packet is not CONNECT is closed',
    async holds(judge) {
      for (const first of [PINGREQ, DISCONNECT, publishOf({ topic: 'a' }), subscribeOf(1, ['a', 0])]) {
        const client = await judge.open();
        client.send(first);
        expect(await client.hex()).toBe('closed');
      }
    },
  },
  {
    number: 'MQTT-3.1.0-2',
    says: 'a second CONNECT closes the connection',
    holds: (judge) => expectEnd(judge, connectOf({ clientId: 'second' })),
  },
  {
    number: 'MQTT-3.1.2-1',
    says: 'a protocol of another name gets no further',
    async holds(judge) {
      for (const name of ['MQTX', '', 'mqtt']) {
        const client = await judge.open();
        client.send(connectOf({ clientId: 'x', name }), PINGREQ);
        expect([name, await client.hex()]).toEqual([name, 'closed']);
      }
    },
  },
  {
    number: 'MQTT-3.1.2-2',
    says: 'a protocol level that is not spoken is answered with code 1, and the connection closed',
    async holds(judge) {
      for (const words of [{ level: 6 }, { level: 0 }, { level: 3 }, { name: 'MQIsdp', level: 4 }]) {
        const client = await judge.open();
        client.send(connectOf({ clientId: 'x', ...words }));
        expect([words, await client.hex(), await client.hex()]).toEqual([words, '20020001', 'closed']);
      }
    },
  },
  {
    number: 'MQTT-3.1.2-3',
    says: 'a CONNECT with its reserved flag set closes the connection',
    holds: refuses({ flip: 0x01 }),
  },
  {
    number: 'MQTT-3.1.2-4',
    says: 'a session is kept for a client that asks for it',
    async holds(judge, base) {
      const words = { clientId: `kept-${judge.name}`, clean: false };
      const first = await judge.connect(words);
      first.send(subscribeOf(1, [`${base}/#`, 1]));
      await first.hex();
      first.drop();
      const again = await judge.open();
      again.send(connectOf(words));
      expect(await again.hex()).toBe('20020100');
      expect(await heardSoFar(again, judge, `${base}/x`)).toEqual([]);
    },
    embedded: {
      why: 'A queue for a client that never returns grows for ever, and a command kept for later comes as a surprise. The client is told by session present 0.',
      async holds(judge, base) {
        const words = { clientId: 'not-kept', clean: false };
        const first = await judge.connect(words);
        first.send(subscribeOf(1, [`${base}/#`, 1]));
        await first.hex();
        first.drop();
        const again = await judge.connect(words);
        const sender = await judge.connect();
        sender.send(publishOf({ topic: `${base}/x`, payload: '1' }), PINGREQ);
        await sender.hex();
        again.send(subscribeOf(2, [`${base}/y`, 0]));
        expect(await again.hex()).toBe('9003000200');
        expect(await heardSoFar(again, judge, `${base}/y`)).toEqual([]);
      },
    },
  },
  {
    number: 'MQTT-3.1.2-6',
    says: 'a clean session begins with nothing of an earlier one',
    async holds(judge, base) {
      const words = { clientId: `clean-${judge.name}` };
      const first = await judge.connect({ ...words, clean: false });
      first.send(subscribeOf(1, [`${base}/#`, 1]));
      await first.hex();
      const again = await judge.connect(words);
      again.send(subscribeOf(1, [`${base}/other`, 0]));
      expect(await again.hex()).toBe('9003000100');
      const sender = await judge.connect();
      sender.send(publishOf({ topic: `${base}/x`, payload: '1' }), PINGREQ);
      await sender.hex();
      expect(await heardSoFar(again, judge, `${base}/other`)).toEqual([]);
    },
  },
  {
    number: 'MQTT-3.1.2-8',
    says: 'the will of a client that goes without a DISCONNECT is published',
    async holds(judge, base) {
      const watcher = await judge.connect();
      watcher.send(subscribeOf(1, [`${base}/#`, 2]));
      await watcher.hex();
      for (const qos of [0, 1, 2]) {
        const gone = await judge.connect({ will: { topic: `${base}/gone`, payload: `${qos}`, qos } });
        gone.drop();
        const broke = await judge.connect({ will: { topic: `${base}/broke`, payload: `${qos}`, qos } });
        expect(lines([await nextMessage(watcher)])).toEqual([`gone=${qos} ${qos}`]);
        broke.send(publishOf({ topic: `${base}/x`, qos: 3 }));
        expect(lines([await nextMessage(watcher)])).toEqual([`broke=${qos} ${qos}`]);
      }
    },
  },
  {
    number: 'MQTT-3.1.2-10',
    says: 'after a DISCONNECT there is no will',
    async holds(judge, base) {
      const watcher = await judge.connect();
      watcher.send(subscribeOf(1, [`${base}/#`, 0]));
      await watcher.hex();
      const polite = await judge.connect({ will: { topic: `${base}/will`, payload: 'polite' } });
      polite.send(DISCONNECT);
      await polite.closed();
      const rude = await judge.connect({ will: { topic: `${base}/will`, payload: 'rude' } });
      rude.drop();
      expect(await heardBefore(watcher, 'rude')).toEqual([]);
    },
  },
  {
    number: 'MQTT-3.1.2-13',
    says: 'a QoS for a will that is not there closes the connection',
    holds: refuses({ flip: 0x08 }, { flip: 0x10 }),
  },
  {
    number: 'MQTT-3.1.2-14',
    says: 'a will of QoS 3 closes the connection',
    holds: refuses({ will: { topic: 'will', qos: 3 } }),
  },
  {
    number: 'MQTT-3.1.2-15',
    says: 'a retain flag for a will that is not there closes the connection',
    holds: refuses({ flip: 0x20 }),
  },
  {
    number: 'MQTT-3.1.2-17',
    says: 'a will is retained when it asks for it, and only then',
    async holds(judge, base) {
      for (const retain of [true, false]) {
        const watcher = await judge.connect();
        watcher.send(subscribeOf(1, [`${base}/${retain}`, 1]));
        await watcher.hex();
        const client = await judge.connect({ will: { topic: `${base}/${retain}`, qos: 1, retain } });
        client.drop();
        expect(lines([await nextMessage(watcher)])).toEqual([`${retain}=will 1`]);
      }
      const late = await judge.connect();
      late.send(subscribeOf(1, [`${base}/#`, 1]));
      await late.hex();
      expect(lines(await heardSoFar(late, judge, `${base}/x`))).toEqual(['true=will 1 retained']);
    },
  },
  {
    number: 'MQTT-3.1.2-22',
    says: 'a password without a user name closes the connection',
    holds: refuses({ password: 'secret' }),
  },
  {
    number: 'MQTT-3.1.2-24',
    says: 'a client that is silent for one and a half times its keep-alive is taken for gone, one that pings is not',
    async holds(judge, base) {
      const watcher = await judge.connect();
      watcher.send(subscribeOf(1, [`${base}/#`, 0]));
      await watcher.hex();
      const pinging = await judge.connect({ keepAlive: 2 });
      const started = performance.now();
      const silent = await judge.connect({ keepAlive: 2, will: { topic: `${base}/silent` } });
      const pings = setInterval(() => pinging.send(PINGREQ), 500);
      try {
        expect(await silent.closed()).toEqual([]);
      } finally {
        clearInterval(pings);
      }
      expect(performance.now() - started).toBeGreaterThan(2_990);
      expect(lines([await nextMessage(watcher)])).toEqual(['silent=will 0']);
      const answers = pinging.taken();
      expect(answers.length).toBeGreaterThan(1);
      expect(answers.every(({ first }) => first === 0xd0)).toBe(true);
      pinging.send(PINGREQ);
      expect((await pinging.next()).first).toBe(0xd0);
    },
  },
  {
    number: 'MQTT-3.1.3-5',
    says: 'a client id of 23 letters and digits is taken',
    async holds(judge) {
      await judge.connect({ clientId: '0123456789abcdefghABCDE' });
    },
  },
  {
    number: 'MQTT-3.1.3-6',
    says: 'a client without an id is given one of its own',
    async holds(judge) {
      const [one, two] = [await judge.connect({ clientId: '' }), await judge.connect({ clientId: '' })];
      one.send(PINGREQ);
      two.send(PINGREQ);
      expect([await one.hex(), await two.hex()]).toEqual(['d000', 'd000']);
    },
  },
  {
    number: 'MQTT-3.1.3-8',
    says: 'a client without an id that asks for its session to be kept is refused with code 2',
    async holds(judge) {
      const client = await judge.open();
      client.send(connectOf({ clientId: '', clean: false }), PINGREQ);
      expect([await client.hex(), await client.hex()]).toEqual(['20020002', 'closed']);
    },
  },
  {
    number: 'MQTT-3.1.4-2',
    says: 'a client that comes with the id of another takes its place',
    async holds(judge, base) {
      const watcher = await judge.connect();
      watcher.send(subscribeOf(1, [`${base}/#`, 0]));
      await watcher.hex();
      const clientId = `twin-${judge.name}`;
      const first = await judge.connect({ clientId, will: { topic: `${base}/will`, payload: 'first' } });
      first.send(subscribeOf(1, [`${base}/twin`, 0]));
      await first.hex();
      const second = await judge.connect({ clientId });
      expect(await first.closed()).toEqual([]);
      expect(lines([await nextMessage(watcher)])).toEqual(['will=first 0']);
      second.send(PINGREQ);
      expect(await second.hex()).toBe('d000');
    },
  },
  {
    number: 'MQTT-3.1.4-5',
    says: 'nothing is done of what a client sends behind a CONNECT that is refused',
    async holds(judge, base) {
      const watcher = await judge.connect();
      watcher.send(subscribeOf(1, [`${base}/#`, 0]));
      await watcher.hex();
      const refused = await judge.open();
      const words = { clientId: '', clean: false };
      refused.send(connectOf(words), publishOf({ topic: `${base}/x`, payload: 'refused', retain: true }));
      await refused.closed();
      expect(await heardSoFar(watcher, judge, `${base}/x`)).toEqual([]);
    },
  },
  {
    number: 'MQTT-3.2.0-1',
    says: 'the first answer is CONNACK, with no session present after a clean start',
    async holds(judge) {
      const client = await judge.open();
      client.send(judge.hello(), PINGREQ, subscribeOf(1, ['a', 0]));
      expect([await client.hex(), await client.hex(), await client.hex()]).toEqual([
        ACCEPTED,
        'd000',
        '9003000100',
      ]);
    },
  },
];
