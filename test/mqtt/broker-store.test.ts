import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createReplay, type RetainedMessage } from '../../src/mqtt/broker-replay.ts';
import { figure, sized } from '../support/figures.ts';
import { internal, openHouse } from './broker-fixtures.ts';
import { connectOf, PINGREQ, publicationOf, publishOf, subscribeOf } from './broker-wire.ts';
import { openWire, type WireClient } from './broker-wire-client.ts';

async function enter(port: number, words: Parameters<typeof connectOf>[0]): Promise<WireClient> {
  const client = await openWire(port);
  client.send(connectOf(words));
  expect(await client.hex()).toBe('20020000');
  return client;
}

describe('a new subscriber', () => {
  test('ends with what the topics hold, however much changes while it is told', async () => {
    const { port } = await openHouse();
    const bridge = await enter(port, {
      clientId: 'bridge',
      username: internal.username,
      password: internal.password,
    });
    const topics = Array.from({ length: 200 }, (_, at) => `sonos/home/${at}`);
    const rounds = sized(10, 200);
    let changed = 0;
    for (let round = 0; round < rounds; round += 1) {
      const say = (payload: string, rest: readonly string[]) =>
        bridge.send(...rest.map((topic) => publishOf({ topic, payload, retain: true })), PINGREQ);
      say(`old ${round}`, topics);
      await bridge.next();
      const panel = await enter(port, { clientId: `panel-${round}` });
      panel.send(subscribeOf(1, ['sonos/#', 1]), subscribeOf(2, ['last', 1]));
      // In the middle of it, sooner or later.
      for (let turns = round % 10; turns > 0; turns -= 1) await turn();
      say(`new ${round}`, topics);
      await bridge.next();
      say('', topics.slice(0, 50));
      await bridge.next();
      bridge.send(publishOf({ topic: 'last', payload: 'end' }));
      const holds = new Map<string, string>();
      await vi.waitFor(() => {
        for (const frame of panel.taken()) {
          if (frame.first >> 4 !== 3) continue;
          const { topic, payload, retain } = publicationOf(frame);
          holds.set(topic, payload);
          if (retain && payload === `new ${round}`) changed += 1;
        }
        expect(holds.get('last')).toBe('end');
      }, 10_000);
      await wait(20);
      for (const frame of panel.taken()) {
        const { topic, payload } = publicationOf(frame);
        holds.set(topic, payload);
      }
      const outdated = topics.filter(
        (topic, at) => (holds.get(topic) ?? '') !== (at < 50 ? '' : `new ${round}`),
      );
      expect(outdated).toEqual([]);
      panel.drop();
    }
    figure('rounds of 200 retained topics that change while a subscriber is told', rounds);
    // It was in the middle of it.
    expect(changed).toBeGreaterThan(0);
  });

  test('holds the bridge up for no moment, also when thousands of its filters are looked up', async () => {
    const { port } = await openHouse({ limits: { subscriptions: 5_000 } });
    const bridge = await enter(port, {
      clientId: 'bridge',
      username: internal.username,
      password: internal.password,
    });
    bridge.send(
      ...Array.from({ length: 2_000 }, (_, at) =>
        publishOf({ topic: `sonos/home/${at}/volume`, payload: 'x', retain: true }),
      ),
      PINGREQ,
    );
    await bridge.next();
    const panel = await enter(port, { clientId: 'panel' });
    const filters = Array.from({ length: 3_000 }, (_, at): [string, number] => [`+/home/${at}/+/never`, 0]);
    panel.send(subscribeOf(1, ...filters, ['sonos/home/7/volume', 0]));
    expect((await panel.next()).first).toBe(0x90);
    // Six million comparisons are under way; each ping has its turn among them.
    for (let count = 0; count < 10; count += 1) {
      bridge.send(PINGREQ);
      expect(await bridge.hex()).toBe('d000');
      expect(panel.taken()).toEqual([]);
    }
  });
});

describe('what is retained, handed out', () => {
  const message = (topic: string): RetainedMessage => ({ topic, payload: topic, qos: 0 });
  const holding = (...topics: string[]) => new Map(topics.map((topic) => [topic, message(topic)]));
  const topicsOf = async (stream: AsyncIterable<RetainedMessage>): Promise<string[]> => {
    const topics: string[] = [];
    for await (const { topic } of stream) topics.push(topic);
    return topics;
  };

  test('filter by filter, and twice when two filters ask for it', async () => {
    const replay = createReplay(holding('a', 'a/b', 'b', 'a/b/c'));
    expect(await topicsOf(replay.stream(['a/#', 'b', 'a/+', 'c', '#']))).toEqual([
      'a',
      'a/b',
      'a/b/c',
      'b',
      'a/b',
      'a',
      'a/b',
      'b',
      'a/b/c',
    ]);
  });

  test('to nobody who has gone', async () => {
    const client = { closed: false };
    const replay = createReplay(holding(...Array.from({ length: 100 }, (_, at) => `t/${at}`)));
    replay.announce(client);
    const stream = replay.stream(['#']);
    const heard: string[] = [];
    for await (const { topic } of stream) {
      heard.push(topic);
      client.closed = true;
    }
    expect(heard.length).toBeLessThan(40);
  });

  test('to a few subscriptions of a client at a time, and to another client all the while', async () => {
    const replay = createReplay(holding('a'));
    const [greedy, modest] = [{ closed: false }, { closed: false }];
    let admitted = 0;
    const streams: AsyncIterable<RetainedMessage>[] = [];
    for (let count = 0; count < 1_000; count += 1) {
      replay.admit(greedy, () => {
        admitted += 1;
        replay.announce(greedy);
        streams.push(replay.stream(['a']));
      });
    }
    for (let turns = 0; turns < 50; turns += 1) await turn();
    expect(admitted).toBe(32);
    let other = 0;
    replay.admit(modest, () => {
      other += 1;
    });
    expect(other).toBe(1);
    // Each that is through makes room for one more.
    for (let stream = streams.shift(); stream !== undefined; stream = streams.shift()) {
      expect(await topicsOf(stream)).toEqual(['a']);
      await turn();
    }
    expect(admitted).toBe(1_000);
  });

  test('to none of the subscriptions that still wait when their client goes', async () => {
    const replay = createReplay(holding());
    const client = { closed: false };
    let admitted = 0;
    for (let count = 0; count < 100; count += 1) {
      replay.admit(client, () => {
        admitted += 1;
      });
    }
    expect(admitted).toBe(32);
    client.closed = true;
    for (let turns = 0; turns < 20; turns += 1) await turn();
    expect(admitted).toBe(32);
  });
});

describe('a last will', () => {
  test('is not published while its client is there, however the clock of the machine leaps', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => {
      vi.useRealTimers();
      vi.restoreAllMocks();
    });
    const { port } = await openHouse();
    const watcher = await enter(port, { clientId: 'watcher' });
    watcher.send(subscribeOf(1, ['#', 0]));
    await watcher.next();
    const bridge = await enter(port, { clientId: 'bridge', will: { topic: 'will', payload: 'gone' } });
    // An hour at every look, as after a sleep or when a machine without a clock learns the time.
    let now = Date.now();
    vi.spyOn(Date, 'now').mockImplementation(() => {
      now += 3_600_000;
      return now;
    });
    for (let minutes = 0; minutes < 30; minutes += 1) {
      vi.advanceTimersByTime(60_000);
      await turn();
    }
    bridge.send(publishOf({ topic: 'alive', payload: 'yes', qos: 1 }));
    expect(await bridge.hex()).toBe('40020001');
    expect(publicationOf(await watcher.next()).topic).toBe('alive');
    bridge.drop();
    expect(publicationOf(await watcher.next()).topic).toBe('will');
  });
});
