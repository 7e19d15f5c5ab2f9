import { once } from 'node:events';
import { createServer, Server, Socket } from 'node:net';
import mqtt from 'mqtt';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import WebSocket from 'ws';
import { createBroker } from '../../src/mqtt/broker.ts';
import { isLoopback, isOriginWelcome } from '../../src/mqtt/broker-sockets.ts';
import {
  CONNACK_ACCEPTED,
  closed,
  connectPacket,
  createMemoryLog,
  createStillClock,
  DISCONNECT,
  internal,
  listenTo,
  openHouse,
  packet,
  publishPacket,
  reach,
} from './broker-fixtures.ts';

const settle = () => new Promise((resolve) => setTimeout(resolve, 50));

function prepare(options: Partial<Parameters<typeof createBroker>[0]>) {
  const settings = {
    host: '127.0.0.1',
    port: 0,
    websocketPort: null,
    users: [],
    baseTopic: 'sonos',
    internal,
  };
  const broker = createBroker({ ...settings, clock: createStillClock(), log: createMemoryLog(), ...options });
  onTestFinished(() => broker.stop());
  return broker;
}

describe('opening and closing', () => {
  test.each([
    '0.0.0.0',
    '::',
    '192.168.1.10',
    'example.org',
    '128.0.0.1',
    '::ffff:10.0.0.1',
    'localhost.example',
  ])('on %s it refuses to open without users, and says what to do', async (host) => {
    const started = await prepare({ host }).start();
    expect(started).toMatchObject({ ok: false, error: { reason: 'users_required' } });
    expect(started.ok ? '' : started.error.message).toContain('broker.users');
  });

  test.each([
    '127.0.0.1',
    '127.9.9.9',
    '::1',
    '[::1]',
    '0:0:0:0:0:0:0:1',
    'localhost',
    'LOCALHOST',
    '::ffff:127.0.0.1',
  ])('%s is loopback', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  test('with users it opens on every address', async () => {
    const broker = prepare({ host: '0.0.0.0', users: [{ username: 'anna', password: 'secret' }] });
    expect(await broker.start()).toMatchObject({ ok: true });
  });

  test('a port that is taken is said, and nothing stays open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    expect(await prepare({ port }).start()).toMatchObject({ ok: false, error: { reason: 'port_taken' } });

    const listening = vi.spyOn(Server.prototype, 'close');
    const half = prepare({ websocketPort: port });
    expect(await half.start()).toMatchObject({ ok: false, error: { reason: 'port_taken' } });
    expect(listening).toHaveBeenCalledOnce();
    listening.mockRestore();
  });

  test('an address of another machine is said', async () => {
    const users = [{ username: 'anna', password: 'secret' }];
    const started = await prepare({ host: '192.0.2.1', users }).start();
    expect(started).toMatchObject({ ok: false, error: { reason: 'address_unavailable' } });
  });

  test('a start that fails in a way of no known kind is thrown', async () => {
    await expect(prepare({ port: 70_000 }).start()).rejects.toThrow();
  });

  test('it can be stopped without a start, and twice, but not started twice', async () => {
    const broker = prepare({});
    await broker.stop();
    await broker.start();
    await expect(broker.start()).rejects.toThrow('before');
    await broker.stop();
    await broker.stop();
  });

  test('stopping closes every client, finished or not, and frees both ports', async () => {
    const house = await openHouse({ websocketPort: 0 });
    const client = await house.client();
    await client.subscribeAsync('#');
    const silent = await house.socket();
    const gone = Promise.all([closed(client), closed(silent)]);
    await house.broker.stop();
    await gone;
    const again = prepare({ port: house.port, websocketPort: house.websocketPort });
    expect(await again.start()).toMatchObject({ ok: true, value: { port: house.port } });
  });

  test('every connection has Nagle switched off', async () => {
    const accepted: Socket[] = [];
    const emit = Server.prototype.emit;
    const spy = vi.spyOn(Server.prototype, 'emit').mockImplementation(function (
      this: Server,
      ...args: unknown[]
    ) {
      if (args[0] === 'connection' && args[1] instanceof Socket) accepted.push(args[1]);
      return Reflect.apply(emit, this, args);
    });
    onTestFinished(() => spy.mockRestore());
    const house = await openHouse({ websocketPort: 0 });
    await house.client();
    const websocket = mqtt.connect(`ws://127.0.0.1:${house.websocketPort}`, { protocolVersion: 4 });
    onTestFinished(() => void websocket.end(true));
    await reach(websocket);
    expect(accepted).toHaveLength(2);
    for (const socket of accepted) {
      // Node keeps what it told the system under this symbol.
      const noDelay = Object.getOwnPropertySymbols(socket).find(
        ({ description }) => description === 'kSetNoDelay',
      );
      expect(noDelay === undefined ? undefined : Reflect.get(socket, noDelay)).toBe(true);
    }
  });
});

describe('everyday use', () => {
  test('publishes, retained state, wildcards, QoS 2 and wills work for real clients', async () => {
    const house = await openHouse();
    const bridge = await house.client({
      ...internal,
      will: { topic: 'sonos/bridge/availability', payload: Buffer.from('offline'), qos: 1, retain: true },
    });
    await bridge.publishAsync('sonos/home/kitchen/volume', '23', { qos: 1, retain: true });
    await bridge.subscribeAsync('sonos/+/+/set/#', { qos: 1 });
    const commands = listenTo(bridge);

    const panel = await house.client();
    const states = listenTo(panel);
    await panel.subscribeAsync(['sonos/#', 'lamp'], { qos: 2 });
    await panel.publishAsync('sonos/home/kitchen/set/volume', '25', { qos: 2 });
    await panel.publishAsync('sonos/home/kitchen/set/play', '', { qos: 0 });
    await panel.publishAsync('lamp', 'on', { qos: 1 });
    await vi.waitFor(() => {
      expect(commands).toEqual(['sonos/home/kitchen/set/volume=25', 'sonos/home/kitchen/set/play=']);
      expect(states).toContain('sonos/home/kitchen/volume=23!');
      expect(states).toContain('lamp=on');
    });
    bridge.stream.destroy();
    await vi.waitFor(() => expect(states).toContain('sonos/bridge/availability=offline'));
  });

  test('a client that asks for MQTT 5 is told code 1, so that it can try 3.1.1', async () => {
    const house = await openHouse();
    await expect(house.client({ protocolVersion: 5 })).rejects.toMatchObject({ code: 1 });
  });

  test('a client that sends everything in one go, behind its CONNECT, is heard', async () => {
    const house = await openHouse();
    const listener = await house.client();
    await listener.subscribeAsync('burst/#');
    const heard = listenTo(listener);
    const socket = await house.socket();
    const burst = Array.from({ length: 500 }, (_, index) => publishPacket(`burst/${index}`, 'x'));
    socket.end(Buffer.concat([connectPacket('burst'), ...burst, DISCONNECT]));
    await vi.waitFor(() => expect(heard).toHaveLength(500));
    expect(heard[499]).toBe('burst/499=x');
  });

  test('a session ends with its connection, whatever the client asks for', async () => {
    const house = await openHouse();
    const first = await house.client({ clientId: 'forgetful', clean: false });
    await first.subscribeAsync('news', { qos: 1 });
    await first.endAsync();
    const reporter = await house.client();
    await reporter.publishAsync('news', 'old', { qos: 1 });
    const again = await house.client({ clientId: 'forgetful', clean: false, resubscribe: false });
    const heard = listenTo(again);
    await reporter.publishAsync('news', 'new', { qos: 1 });
    await settle();
    expect(heard).toEqual([]);
  });
});

describe('the rules at work', () => {
  const users = [
    { username: 'anna', password: 'secret' },
    { username: 'wall', password: 'panel', publish: [], subscribe: ['sonos/#'] },
  ];
  const anna = { username: 'anna', password: 'secret' };

  test('a wrong or missing password is refused with its code, and said once per address', async () => {
    const house = await openHouse({ users });
    await expect(house.client({ username: 'anna', password: 'wrong' })).rejects.toMatchObject({ code: 4 });
    await expect(house.client()).rejects.toMatchObject({ code: 4 });
    await house.client(anna);
    expect(house.log.warnings()).toHaveLength(1);
    expect(JSON.stringify(house.log.lines)).not.toContain('wrong"');
    house.clock.move(60_000);
    await expect(house.client()).rejects.toThrow();
    expect(house.log.lines.findLast(({ level }) => level === 'warn')).toMatchObject({
      fields: { left_out: 1, address: '127.0.0.1' },
    });
  });

  test('a refused publish closes the connection, reaches nobody, and is said once per client', async () => {
    const house = await openHouse();
    const listener = await house.client();
    await listener.subscribeAsync('#');
    const heard = listenTo(listener);
    for (let round = 0; round < 3; round += 1) {
      const client = await house.client({ clientId: 'meddler' });
      const gone = closed(client);
      client.publish('sonos/home/kitchen/volume', '99');
      await gone;
    }
    await settle();
    expect(heard).toEqual([]);
    expect(house.log.warnings()).toHaveLength(1);
    expect(house.log.lines.find(({ level }) => level === 'warn')).toMatchObject({
      fields: { client: 'meddler', topic: 'sonos/home/kitchen/volume', reason: 'not_allowed' },
    });
  });

  test('a publish to $SYS is refused, also for the bridge', async () => {
    const house = await openHouse();
    for (const options of [{}, internal]) {
      const client = await house.client(options);
      const gone = closed(client);
      client.publish('$SYS/x', '1');
      await gone;
    }
    expect(house.log.warnings()).toHaveLength(2);
  });

  test('a retained command is refused; an empty one is acknowledged and reaches nobody', async () => {
    const house = await openHouse();
    const bridge = await house.client(internal);
    await bridge.subscribeAsync('sonos/+/+/set/#');
    const commands = listenTo(bridge);
    const clearer = await house.client();
    for (const qos of [0, 1, 2] as const) {
      await clearer.publishAsync('sonos/home/kitchen/set/play', '', { retain: true, qos });
    }
    const client = await house.client();
    const gone = closed(client);
    client.publish('sonos/home/kitchen/set/volume', '99', { retain: true });
    await gone;
    await clearer.publishAsync('sonos/home/kitchen/set/volume', '10', { qos: 1 });
    await vi.waitFor(() => expect(commands).toEqual(['sonos/home/kitchen/set/volume=10']));
    const later = await house.client();
    const replayed = listenTo(later);
    await later.subscribeAsync('#');
    await settle();
    expect(replayed).toEqual([]);
    expect(clearer.connected).toBe(true);
  });

  test('a subscription outside what a user may read is refused, and the client stays', async () => {
    const house = await openHouse({ users });
    const wall = await house.client({ username: 'wall', password: 'panel' });
    await expect(wall.subscribeAsync('#')).rejects.toThrow();
    await expect(wall.subscribeAsync('$SYS/#')).rejects.toThrow();
    await expect(wall.subscribeAsync('lamp')).rejects.toThrow();
    expect(await wall.subscribeAsync('sonos/home/+/volume')).toMatchObject([{ qos: 0 }]);
    expect(house.log.warnings()).toHaveLength(1);
    const other = await house.client(anna);
    const heard = listenTo(wall);
    await other.publishAsync('lamp', 'on', { qos: 1 });
    await settle();
    expect(heard).toEqual([]);
  });

  test('no more subscriptions than the limit, and giving one up makes room', async () => {
    const house = await openHouse({ limits: { subscriptions: 2 } });
    const client = await house.client();
    await client.subscribeAsync(['a', 'b']);
    await expect(client.subscribeAsync('c')).rejects.toThrow();
    await client.subscribeAsync('a', { qos: 1 });
    await client.unsubscribeAsync('b');
    await client.subscribeAsync('c');
  });

  test.each(['sonos/home/kitchen/volume', '$SYS/x', 'a/+', ''])(
    'a client whose last will is on %j is refused',
    async (topic) => {
      const house = await openHouse();
      const text = (value: string) => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
      const socket = await house.socket();
      const body = [text('MQTT'), Buffer.from([4, 0x06, 0, 0]), text('w'), text(topic), text('x')];
      socket.write(packet(0x10, Buffer.concat(body)));
      const [answer] = await once(socket, 'data');
      expect(answer).toEqual(Buffer.from([0x20, 2, 0, 5]));
      expect(house.log.warnings()).toHaveLength(1);
    },
  );

  test('retained messages of others are bounded in number and bytes; the bridge has no bound', async () => {
    const house = await openHouse({ limits: { retainedTopics: 3, retainedBytes: 1_000 } });
    const bridge = await house.client(internal);
    for (let index = 0; index < 5; index += 1) {
      await bridge.publishAsync(`sonos/home/${index}`, 'x'.repeat(500), { qos: 1, retain: true });
    }
    const client = await house.client({ clientId: 'hoarder' });
    for (const topic of ['a', 'b', 'c', 'c']) await client.publishAsync(topic, '1', { qos: 1, retain: true });
    await client.publishAsync('c', '', { qos: 1, retain: true });
    await client.publishAsync('d', '1', { qos: 1, retain: true });
    // A topic that the bridge takes over is the bridge's.
    await bridge.publishAsync('d', '2', { qos: 1, retain: true });
    await client.publishAsync('e', '1', { qos: 1, retain: true });
    await client.publishAsync('f', 'not retained', { qos: 1 });
    const gone = closed(client);
    client.publish('f', '1', { retain: true });
    await gone;
    const big = await house.client({ clientId: 'big' });
    const bigGone = closed(big);
    big.publish('a', 'x'.repeat(1_000), { retain: true });
    await bigGone;
    const kept = await house.client();
    const heard = listenTo(kept);
    await kept.subscribeAsync('+');
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(['a=1!', 'b=1!', 'd=2!', 'e=1!']));
    const reasons = house.log.lines
      .filter(({ level }) => level === 'warn')
      .map(({ fields }) => fields.reason);
    expect(reasons).toEqual(['retained_full', 'retained_full']);
  });

  test('two clients with one id that throw each other out are named in the log, once a minute', async () => {
    const house = await openHouse();
    for (let round = 0; round < 6; round += 1) await house.client({ clientId: 'twin' });
    const fights = () => house.log.warnings().filter((message) => message.includes('same client id'));
    expect(fights()).toHaveLength(1);
    house.clock.move(60_000);
    await house.client({ clientId: 'twin' });
    await house.client({ clientId: 'twin' });
    expect(fights()).toHaveLength(1);
    await house.client({ clientId: 'twin' });
    expect(fights()).toHaveLength(2);
  });

  test("nobody can throw the bridge or another user out by taking its client's id", async () => {
    const house = await openHouse({ users });
    const bridge = await house.client({ ...internal, clientId: 'bridge' });
    await expect(house.client({ ...anna, clientId: 'bridge' })).rejects.toMatchObject({ code: 2 });
    expect(bridge.connected).toBe(true);
    await bridge.endAsync();
    await settle();
    await house.client({ ...anna, clientId: 'bridge' });
  });
});

describe('WebSocket', () => {
  const open = async (options = {}) => {
    const house = await openHouse({ websocketPort: 0, ...options });
    const url = `ws://127.0.0.1:${house.websocketPort}/mqtt`;
    const websocket = (protocol: string[], headers = {}) => {
      const socket = new WebSocket(url, protocol, { headers });
      socket.on('error', () => undefined);
      onTestFinished(() => socket.terminate());
      return socket;
    };
    return { ...house, url, websocket };
  };
  const refusal = async (socket: WebSocket): Promise<number> => {
    const [, response] = await once(socket, 'unexpected-response');
    response.resume();
    return response.statusCode;
  };

  test('a client on WebSocket and one on TCP hear each other', async () => {
    const house = await open();
    const browser = mqtt.connect(house.url, { protocolVersion: 4, reconnectPeriod: 0 });
    onTestFinished(() => void browser.end(true));
    await reach(browser);
    const panel = await house.client();
    const [here, there] = [listenTo(browser), listenTo(panel)];
    await browser.subscribeAsync('a', { qos: 1 });
    await panel.subscribeAsync('b', { qos: 1 });
    const long = 'x'.repeat(200_000);
    await panel.publishAsync('a', long, { qos: 1 });
    await browser.publishAsync('b', long, { qos: 1 });
    await vi.waitFor(() => {
      expect(here).toEqual([`a=${long}`]);
      expect(there).toEqual([`b=${long}`]);
    });
    const gone = closed(browser);
    browser.publish('sonos/home/kitchen/volume', '1');
    await gone;
  });

  test.each([
    [undefined, true],
    ['http://localhost:8788', true],
    ['http://127.0.0.1', true],
    ['http://[::1]:80', true],
    ['https://evil.example', false],
    ['http://127.0.0.1.evil.example', false],
    ['http://192.168.1.2', false],
    ['null', false],
    ['', false],
  ])('without users a page of origin %s is welcome: %s', (origin, welcome) => {
    expect(isOriginWelcome(origin)).toBe(welcome);
  });

  test('a page from elsewhere is refused without users, and may try its password with them', async () => {
    const headers = { Origin: 'https://evil.example' };
    const free = await open();
    expect(await refusal(free.websocket(['mqtt'], headers))).toBe(403);
    await once(free.websocket(['mqtt'], { Origin: 'http://localhost:8788' }), 'open');
    const guarded = await open({ users: [{ username: 'anna', password: 'secret' }] });
    await once(guarded.websocket(['mqtt'], headers), 'open');
  });

  test('the subprotocol must be that of MQTT, and plain HTTP is told what the port is for', async () => {
    const house = await open();
    expect(await refusal(house.websocket([]))).toBe(400);
    expect(await refusal(house.websocket(['chat']))).toBe(400);
    const old = house.websocket(['chat', 'mqttv3.1']);
    await once(old, 'open');
    expect(old.protocol).toBe('mqttv3.1');
    const answer = await fetch(house.url.replace('ws:', 'http:'));
    expect(answer.status).toBe(426);
    expect(await answer.text()).toContain('MQTT');
  });

  test('the guard stands in front of WebSocket too', async () => {
    const house = await open();
    const hostile: [string, Buffer | string, boolean][] = [
      ['not MQTT', Buffer.from('GET /'), true],
      ['a CONNECT too large', Buffer.from([0x10, 0x80, 0x80, 0x80, 0x0a]), true],
      ['more than a client may send before it is let in', Buffer.alloc(200_000, 0x10), true],
      ['a frame larger than any packet', Buffer.alloc(400_000, 0x10), true],
      ['text', connectPacket('t').toString('latin1'), false],
    ];
    for (const [, bytes, binary] of hostile) {
      const socket = house.websocket(['mqtt']);
      await once(socket, 'open');
      const gone = once(socket, 'close');
      socket.send(bytes, { binary });
      await gone;
    }
    const late = house.websocket(['mqtt']);
    await once(late, 'open');
    const gone = once(late, 'close');
    house.clock.move(5_000);
    await gone;
    const fine = house.websocket(['mqtt']);
    await once(fine, 'open');
    fine.send(connectPacket('fine'));
    expect((await once(fine, 'message'))[0]).toEqual(CONNACK_ACCEPTED);
  });
});
