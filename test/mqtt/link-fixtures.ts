import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import { connect as connectSocket, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import type { Client } from 'aedes';
import { Aedes } from 'aedes';
import type { IClientOptions, MqttClient } from 'mqtt';
import { connectAsync } from 'mqtt';
import { afterEach, expect } from 'vitest';
import type { Clock, Fields } from '../../src/bridge/ports.ts';
import type { MqttLink, MqttLinkOptions, MqttLinkStatus } from '../../src/mqtt/link.ts';
import { createMqttLink } from '../../src/mqtt/link.ts';
import { systemClock, systemRandom } from '../../src/system.ts';

export const AVAILABILITY = 'sonos/bridge/availability';

const undo: (() => unknown)[] = [];

/** Ends something after the test, in reverse order. */
export function afterwards(work: () => unknown): void {
  undo.push(work);
}

afterEach(async () => {
  for (const work of undo.splice(0).reverse()) await work();
});

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Fields;
}

export function recordingLog() {
  const lines: Line[] = [];
  const at =
    (level: Line['level']) =>
    (message: string, fields: Fields = {}) => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    /** What an operator at the usual level sees. */
    said: () => lines.filter(({ level }) => level !== 'debug').map(({ message }) => message),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}

/** The machine's clock, so many times as fast. */
export const fasterClock = (times: number): Clock => ({
  now: () => systemClock.now(),
  elapsed: () => systemClock.elapsed() * times,
  after: (milliseconds, work) => systemClock.after(milliseconds / times, work),
});

export interface TestLink {
  readonly link: MqttLink;
  readonly log: ReturnType<typeof recordingLog>;
  readonly statuses: MqttLinkStatus[];
}

/** A started link with a recording log, stopped after the test. */
export function startLink(options: Partial<MqttLinkOptions> & Pick<MqttLinkOptions, 'url'>): TestLink {
  const log = recordingLog();
  const link = createMqttLink({
    protocol: 'auto',
    availabilityTopic: AVAILABILITY,
    filters: ['sonos/+/+/set/#'],
    clock: systemClock,
    random: systemRandom,
    log,
    ...options,
  });
  const statuses: MqttLinkStatus[] = [];
  link.onStatus((status) => statuses.push(status));
  afterwards(() => link.stop());
  link.start();
  return { link, log, statuses };
}

const PATIENCE = { timeout: 15_000, interval: 20 };

/** Waits until the link is up. */
export async function isUp({ link }: TestLink): Promise<void> {
  await expect.poll(() => link.status.connected, PATIENCE).toBe(true);
}

/** Waits until the link has gone down and come up again so many times in all. */
export async function hasComeUp({ statuses }: TestLink, times: number): Promise<void> {
  await expect.poll(() => statuses.filter(({ connected }) => connected).length, PATIENCE).toBe(times);
}

export interface Heard {
  readonly topic: string;
  readonly payload: string;
  readonly retained: boolean;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A client of its own that hears everything below `sonos/`, and whatever else it is asked to. */
export async function observe(
  url: string,
  options: IClientOptions = {},
  filters: readonly string[] = ['sonos/#'],
) {
  const client: MqttClient = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0, ...options });
  afterwards(() => client.endAsync(true));
  const heard: Heard[] = [];
  client.on('message', (topic, payload, packet) => {
    heard.push({
      topic,
      payload: payload.toString(),
      retained: packet.retain,
      properties: { ...packet.properties },
    });
  });
  await client.subscribeAsync([...filters], { qos: 1 });
  return { client, heard, says: () => heard.map(({ topic, payload }) => `${topic}=${payload}`) };
}

/** What the broker keeps below `sonos/`, as one who subscribes now hears it, once it has so many topics. */
export async function keptBy(
  url: string,
  topics: number,
  options: IClientOptions = {},
): Promise<Map<string, string>> {
  const kept = new Map<string, string>();
  const look = async () => {
    const { client, heard } = await observe(url, options);
    for (let before = -1; before < heard.length; await wait(100)) before = heard.length;
    await client.endAsync(true);
    kept.clear();
    for (const { topic, payload, retained } of heard) if (retained) kept.set(topic, payload);
    return kept.size;
  };
  await expect.poll(look, PATIENCE).toBeGreaterThanOrEqual(topics);
  return kept;
}

export async function listening(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  return address.port;
}

/** Closes a server and everything that is connected to it, after the test. */
export function closeAfterwards(server: Server): void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  afterwards(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    if (server.listening) await once(server, 'close');
  });
}

/** An aedes broker (MQTT 3.1.1 only) on an ephemeral port. */
export async function startAedes() {
  const broker = await Aedes.createBroker();
  const server = createServer((socket) => broker.handle(socket));
  closeAfterwards(server);
  const port = await listening(server);
  afterwards(() => new Promise<void>((resolve) => broker.close(() => resolve())));
  const clients: Client[] = [];
  broker.on('client', (client) => clients.push(client));
  const hangUp = () => {
    for (const client of clients.splice(0)) client.close();
  };
  /** `hangUp` closes every connection there is. */
  return { broker, port, url: `mqtt://127.0.0.1:${port}`, hangUp };
}

/** A relay to a broker that can be told to go silent without closing, as a lost network does. */
export async function startRelay(target: number) {
  let silent = false;
  const bytes: Buffer[] = [];
  const server = createServer((near) => {
    const far = connectSocket(target, '127.0.0.1');
    const hushed = () => silent;
    near.on('data', (chunk) => {
      if (hushed()) return;
      bytes.push(chunk);
      far.write(chunk);
    });
    far.on('data', (chunk) => {
      if (!hushed()) near.write(chunk);
    });
    near.on('error', () => far.destroy());
    far.on('error', () => near.destroy());
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
  });
  closeAfterwards(server);
  const port = await listening(server);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    /** Everything that the bridge said. */
    said: () => Buffer.concat(bytes),
    goSilent: () => {
      silent = true;
    },
    speakAgain: () => {
      silent = false;
    },
  };
}

/** One packet of a raw connection: its type (1 CONNECT, 3 PUBLISH, 8 SUBSCRIBE, 14 DISCONNECT …) and its body. */
export type RawHandler = (packet: { readonly type: number; readonly body: Buffer }, socket: Socket) => void;

/** A broker made by hand, for answers that no real one gives on request. */
export async function startRawBroker(handler: RawHandler, allowHalfOpen = false) {
  const versions: number[] = [];
  const server = createServer({ allowHalfOpen }, (socket) => {
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (;;) {
        let length = 0;
        let at = 1;
        let more = true;
        for (; more && at < pending.length; at += 1) {
          const byte = pending.readUInt8(at);
          length += (byte & 127) * 128 ** (at - 1);
          more = byte >= 128;
        }
        if (more || pending.length < at + length) return;
        const type = pending.readUInt8(0) >> 4;
        const body = pending.subarray(at, at + length);
        pending = pending.subarray(at + length);
        if (type === 1) versions.push(body.readUInt8(6));
        handler({ type, body }, socket);
      }
    });
  });
  closeAfterwards(server);
  const port = await listening(server);
  /** `versions`: the protocol version of every CONNECT. */
  return { url: `mqtt://127.0.0.1:${port}`, versions };
}

export const CONNACK_5 = Buffer.from([0x20, 3, 0, 0, 0]);
export const CONNACK_4 = Buffer.from([0x20, 2, 0, 0]);

/** The PUBACK to a publish. */
export function puback(body: Buffer): Buffer {
  const at = 2 + body.readUInt16BE(0);
  return Buffer.from([0x40, 2, body.readUInt8(at), body.readUInt8(at + 1)]);
}

/** A SUBACK that grants one filter, or refuses it. */
export const suback5 = (body: Buffer, code = 1): Buffer =>
  Buffer.from([0x90, 4, body.readUInt8(0), body.readUInt8(1), 0, code]);
