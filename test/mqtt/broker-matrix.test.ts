import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { topicsOf } from '../../src/mqtt/topics.ts';
import { figure, isLong } from '../support/figures.ts';
import { internal } from './broker-fixtures.ts';
import {
  BROKEN_FILTERS,
  type Fate,
  FILTERS,
  fateOf,
  isGranted,
  matches,
  ROLES,
  TOPICS,
} from './broker-matrix.ts';
import {
  enter,
  listen,
  nextSuback,
  openFor,
  publish,
  retainedIn,
  told,
  users,
} from './broker-matrix-house.ts';
import { connectOf, PINGREQ, publicationOf, publishOf, subscribeOf } from './broker-wire.ts';
import { openWire, type WireClient } from './broker-wire-client.ts';

const QOS = [0, 1, 2] as const;
const FORMS = [
  { name: 'live', retain: false, empty: false },
  { name: 'empty', retain: false, empty: true },
  { name: 'retained', retain: true, empty: false },
  { name: 'clearing', retain: true, empty: true },
] as const;
const every = Object.values(TOPICS).flat();
const insiders = ROLES.filter(({ isRefused }) => isRefused !== true);
let cells = 0;

describe.each(insiders.map((role) => [role.name, role] as const))('%s', (_name, role) => {
  test('is heard, unheard or thrown out for a message, as the rules say', { timeout: 120_000 }, async () => {
    const house = await openFor(role);
    const witness = await listen(house);
    const held = new Map<string, string>();
    const expected: string[] = [];
    const seen: [string, Fate][] = [];
    const wanted: [string, Fate][] = [];
    let client: WireClient | null = null;
    for (const topic of every) {
      for (const { name, retain, empty } of FORMS) {
        for (const qos of QOS) {
          cells += 1;
          const payload = empty ? '' : `cell ${cells}`;
          const fate = fateOf(role, topic, retain, empty);
          wanted.push([`${name} ${qos} ${topic}`, fate]);
          if (fate === 'heard') expected.push(`${topic}=${payload}`);
          if (fate === 'heard' && retain) held.set(topic, payload);
          if (empty) held.delete(fate === 'heard' && retain ? topic : '');
          client ??= (await enter(house, { ...role.who, clientId: 'sender' }))[0];
          const stays = await publish(client, { topic, payload, qos, retain });
          seen.push([
            `${name} ${qos} ${topic}`,
            stays ? (fate === 'unheard' ? 'unheard' : 'heard') : 'refused',
          ]);
          if (!stays) client = null;
        }
      }
    }
    expect(seen).toEqual(wanted);
    await publish((await enter(house, { ...internal, clientId: 'bell' }))[0], {
      topic: 'bell',
      payload: 'end',
      qos: 1,
    });
    const heard: string[] = [];
    for (let line = ''; line !== 'bell=end'; heard.push(line))
      line = told(publicationOf(await witness.next()));
    expect(heard.slice(0, -1)).toEqual(expected);
    expect(await retainedIn(house, held)).toEqual(held);
  });

  test('is let in with a last will that it may publish, and not with another', {
    timeout: 240_000,
  }, async () => {
    const house = await openFor(role);
    const witness = await listen(house);
    const held = new Map<string, string>();
    let turn = 0;
    for (const topic of every) {
      for (const { name, retain, empty } of FORMS) {
        turn += 1;
        // In turn, or each of them.
        for (const qos of isLong ? QOS : [turn % 3]) {
          cells += 1;
          const payload = empty ? '' : `cell ${cells}`;
          const fate = fateOf(role, topic, retain, empty);
          const [client, answer] = await enter(house, {
            ...role.who,
            clientId: 'mortal',
            will: { topic, payload, qos, retain },
          });
          expect([name, qos, topic, answer]).toEqual([
            name,
            qos,
            topic,
            fate === 'refused' ? '20020005' : '20020000',
          ]);
          client.drop();
          if (fate === 'heard') expect(told(publicationOf(await witness.next()))).toBe(`${topic}=${payload}`);
          if (fate === 'heard' && retain && empty) held.delete(topic);
          else if (fate === 'heard' && retain) held.set(topic, payload);
        }
      }
    }
    expect(witness.taken()).toEqual([]);
    expect(await retainedIn(house, held)).toEqual(held);
  });

  test('is granted what it may read, with the QoS it asks for, and hears nothing else', {
    timeout: 120_000,
  }, async () => {
    const house = await openFor(role);
    const granted: string[] = [];
    const [client] = await enter(house, { ...role.who, clientId: 'reader' });
    const seen: [string, string][] = [];
    const wanted: [string, string][] = [];
    for (const filter of FILTERS) {
      for (const qos of QOS) {
        cells += 1;
        const isOpen = isGranted(role, filter);
        if (isOpen && qos === 2) granted.push(filter);
        client.send(subscribeOf(3, [filter, qos]));
        wanted.push([`${qos} ${filter}`, `90030003${isOpen ? `0${qos}` : '80'}`]);
        seen.push([`${qos} ${filter}`, await nextSuback(client)]);
      }
    }
    expect(seen).toEqual(wanted);
    const [bridge] = await enter(house, { ...internal, clientId: 'speaker' });
    const said = every.filter(
      (topic) => fateOf({ ...role, isBridge: true }, topic, false, false) === 'heard',
    );
    for (const topic of said) await publish(bridge, { topic, payload: 'said', qos: 1 });
    client.send(PINGREQ);
    const heard: string[] = [];
    for (let frame = await client.next(); frame.first !== 0xd0; frame = await client.next()) {
      if (frame.first >> 4 === 3) heard.push(publicationOf(frame).topic);
    }
    await vi.waitFor(() => {
      heard.push(...client.taken().map((frame) => publicationOf(frame).topic));
      const open = said.filter((topic) => granted.some((filter) => matches(filter, topic)));
      expect(heard.filter((topic) => !topic.startsWith('$')).toSorted()).toEqual(open.toSorted());
    });
    expect(
      heard.filter((topic) => topic.startsWith('$') && !granted.some((filter) => matches(filter, topic))),
    ).toEqual([]);
  });

  test('is not granted what is no filter', async () => {
    const house = await openFor(role);
    for (const filter of BROKEN_FILTERS) {
      cells += 1;
      const [client] = await enter(house, { ...role.who, clientId: 'reader' });
      client.send(subscribeOf(3, [filter, 1]));
      expect(['9003000380', 'closed']).toContain(await client.hex());
    }
  });
});

describe.each(ROLES.filter(({ isRefused }) => isRefused === true).map((role) => [role.name, role] as const))(
  '%s',
  (_name, role) => {
    test('is not let in, and nothing of what it sends behind its CONNECT is done', async () => {
      const house = await openFor(role);
      const witness = await listen(house);
      const all = every.flatMap((topic) =>
        QOS.map((qos) => publishOf({ topic, payload: 'sneaked in', qos, retain: true, id: 5 })),
      );
      const asks = FILTERS.map((filter) => subscribeOf(3, [filter, 1]));
      for (const behind of [all, asks, []]) {
        cells += Math.max(1, behind.length);
        for (const will of [{}, { will: { topic: 'lamp', retain: true } }]) {
          const client = await openWire(house.port);
          client.send(connectOf({ ...role.who, clientId: 'stranger', ...will }), ...behind);
          const answers = [await client.hex(), await client.hex()];
          // A connection that is closed over unread bytes may take the answer with it.
          expect([
            ['20020004', 'closed'],
            ['closed', 'closed'],
          ]).toContainEqual(answers);
        }
      }
      await publish((await enter(house, { ...internal, clientId: 'bell' }))[0], {
        topic: 'bell',
        payload: 'end',
        qos: 1,
      });
      expect(told(publicationOf(await witness.next()))).toBe('bell=end');
      expect(await retainedIn(house, new Map())).toEqual(new Map());
    });
  },
);

describe('the matrix', () => {
  const topics = topicsOf('sonos');

  test('has every kind of topic that the bridge can name', () => {
    // A new kind of topic makes this fail; it belongs into TOPICS.
    expect(Object.keys(topics).toSorted()).toEqual(
      [
        'availability',
        'base',
        'bridgeCommand',
        'bridgeLog',
        'bridgePresets',
        'bridgeReply',
        'bridgeState',
        'commandFilters',
        'household',
        'read',
        'retainedBelow',
        'room',
      ].toSorted(),
    );
    const named = Object.values(topics).filter((value) => typeof value === 'string');
    expect(
      [...named, ...topics.retainedBelow('home'), ...topics.retainedBelow('home/kitchen')].filter(
        (topic) => !every.includes(topic),
      ),
    ).toEqual([]);
    for (const filter of topics.commandFilters)
      expect(every.filter((topic) => matches(filter, topic))).not.toEqual([]);
    const read = new Set(every.map((topic) => topics.read(topic)?.kind));
    expect(read).toEqual(new Set(['bridge', 'room', undefined]));
    // Whatever the bridge would carry out is a command by the rules here: never retained.
    const carriedOut = every.filter((topic) =>
      topics.commandFilters.some((filter) => matches(filter, topic)),
    );
    const guest = ROLES.find(({ name }) => name === 'guest');
    expect(carriedOut.map((topic) => (guest === undefined ? '' : fateOf(guest, topic, true, false)))).toEqual(
      carriedOut.map(() => 'refused'),
    );
  });

  test('has every role: with and without users, with and without lists, and the bridge', () => {
    const kinds = new Set(
      ROLES.map(({ house, isBridge, isRefused, publish, subscribe }) =>
        [house, isBridge === true, isRefused === true, publish === null, subscribe === null].join(),
      ),
    );
    expect(kinds.size).toBeGreaterThanOrEqual(6);
    expect(users.map(({ username }) => username)).toEqual(
      insiders
        .filter(({ house, isBridge }) => house === 'guarded' && isBridge !== true)
        .map(({ name }) => name),
    );
    // Every rule decides about somebody, and no rule about everybody.
    for (const fate of ['heard', 'unheard', 'refused'] as const) {
      const deciding = insiders.filter((role) =>
        every.some((topic) => FORMS.some(({ retain, empty }) => fateOf(role, topic, retain, empty) === fate)),
      );
      expect(deciding.length).toBeGreaterThan(4);
    }
    onTestFinished(() => {
      figure(
        'roles, topics, filters of the matrix',
        `${ROLES.length}, ${every.length}, ${FILTERS.length + BROKEN_FILTERS.length}`,
      );
      figure('cells of the matrix', cells);
    });
  });
});
