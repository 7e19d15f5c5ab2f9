import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import type { Clock, Fields, Log } from '../../src/bridge/ports.ts';
import { type Broker, type BrokerOptions, type BrokerPorts, createBroker } from '../../src/mqtt/broker.ts';

/** A clock that stands still until it is moved. */
export interface StillClock extends Clock {
  move(milliseconds: number): void;
  readonly waiting: number;
}

export function createStillClock(): StillClock {
  let time = 0;
  const timers = new Set<{ due: number; work: () => void }>();
  return {
    now: () => time,
    elapsed: () => time,
    after(milliseconds, work) {
      const timer = { due: time + milliseconds, work };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    move(milliseconds) {
      time += milliseconds;
      for (const timer of timers) {
        if (timer.due > time) continue;
        timers.delete(timer);
        timer.work();
      }
    },
    get waiting() {
      return timers.size;
    },
  };
}

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Fields;
}

/** A log that remembers. */
export function createMemoryLog(): Log & { readonly lines: Line[]; warnings(): string[] } {
  const lines: Line[] = [];
  const writer =
    (level: Line['level']) =>
    (message: string, fields: Fields = {}): void => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    warnings: () => lines.filter(({ level }) => level === 'warn').map(({ message }) => message),
    debug: writer('debug'),
    info: writer('info'),
    warn: writer('warn'),
    error: writer('error'),
  };
}

export const internal = { username: 'bridge-internal', password: 'generated' };

export interface House extends BrokerPorts {
  readonly broker: Broker;
  readonly clock: StillClock;
  readonly log: ReturnType<typeof createMemoryLog>;
  /** A connected client; it does not come back when it is thrown out. */
  client(options?: IClientOptions): Promise<MqttClient>;
  /** A plain connection, to the MQTT port and from the broker's own address unless others are named. */
  socket(to?: number | null, localAddress?: string): Promise<Socket>;
}

/** An open broker that is closed, clients first, when the test ends. */
export async function openHouse(options: Partial<BrokerOptions> = {}): Promise<House> {
  const clock = createStillClock();
  const log = createMemoryLog();
  const settings = { host: '127.0.0.1', port: 0, websocketPort: null, users: [], baseTopic: 'sonos' };
  const broker = createBroker({ ...settings, internal, clock, log, ...options });
  const started = await broker.start();
  if (!started.ok) throw new Error(started.error.message);
  const { port } = started.value;
  const clients: MqttClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.end(true);
    await broker.stop();
  });
  return {
    ...started.value,
    broker,
    clock,
    log,
    async client(wanted = {}) {
      const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, {
        protocolVersion: 4,
        reconnectPeriod: 0,
        connectTimeout: 5_000,
        ...wanted,
      });
      clients.push(client);
      await reach(client);
      return client;
    },
    async socket(to = port, localAddress = '127.0.0.1') {
      const socket = dial({ port: to ?? port, host: '127.0.0.1', localAddress });
      socket.on('error', () => undefined);
      onTestFinished(() => void socket.destroy());
      await once(socket, 'connect');
      return socket;
    },
  };
}

/** Resolves when the client is connected; rejects with what the broker said. */
export function reach(client: MqttClient): Promise<void> {
  return new Promise((resolve, reject) => {
    client.once('connect', () => {
      client.on('error', () => undefined);
      resolve();
    });
    client.once('error', reject);
    client.once('close', () => reject(new Error('closed')));
  });
}

/** Every message that arrives from now on, as `topic=payload`, with `!` for the retained flag. */
export function listenTo(client: MqttClient): string[] {
  const heard: string[] = [];
  client.on('message', (topic, payload, { retain }) => heard.push(`${topic}=${payload}${retain ? '!' : ''}`));
  return heard;
}

/** Resolves when the connection is gone. What a socket still brings is read and dropped, or its end would not be seen. */
export function closed(connection: MqttClient | Socket): Promise<void> {
  return new Promise((resolve) => {
    if ('closed' in connection && connection.closed) return resolve();
    connection.once('close', () => resolve());
    if ('resume' in connection) connection.resume();
  });
}

const text = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value as string);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
};

/** A fixed header (MQTT 3.1.1 §2.2) and what follows. */
export function packet(type: number, body: Buffer = Buffer.alloc(0)): Buffer {
  const header = [type];
  let left = body.length;
  do {
    header.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>= 7;
  } while (left > 0);
  return Buffer.concat([Buffer.from(header), body]);
}

/** A CONNECT, anonymous, with a clean session and no keep-alive, or with so many bytes of will. */
export function connectPacket(clientId: string, willBytes: number | null = null): Buffer {
  const flags = willBytes === null ? 0x02 : 0x06;
  const will = willBytes === null ? [] : [text('will/topic'), text(Buffer.alloc(willBytes, 0x77))];
  return packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, flags, 0, 0]), text(clientId), ...will]));
}

/** A PUBLISH with QoS 0. */
export const publishPacket = (topic: string, payload: string | Buffer): Buffer =>
  packet(0x30, Buffer.concat([text(topic), Buffer.from(payload as string)]));

export const CONNACK_ACCEPTED = Buffer.from([0x20, 2, 0, 0]);
export const DISCONNECT = packet(0xe0);
