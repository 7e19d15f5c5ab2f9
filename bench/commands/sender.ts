import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { setNoDelay } from '../harness/mqtt-stream.ts';
import { microseconds } from '../harness/proc.ts';
import { type Sent, senderRequest, wantedAt } from './messages.ts';

// The process that sends commands, as a home automation would: over MQTT, at QoS 0.

const LONGEST_SLEEP_MS = 0.2;
const SEEN_WITHIN_MS = 5_000;
const ANSWERED_WITHIN_MS = 10_000;
const QUIET_MS = 300;

let client: MqttClient | null = null;
let topics: readonly string[] = [];
let room: number[] = [];
let at: number[] = [];
let counts: number[] = [];
let outstanding: number[] = [];
let whenSeen: (room: number) => void = () => {};
let replies = { accepted: 0, confirmed: 0, unconfirmed: 0, failed: 0 };
let repliedAt = 0;

function send(index: number, isChange: boolean): void {
  const count = counts[index] ?? 0;
  counts[index] = count + 1;
  outstanding[index] = (outstanding[index] ?? 0) + 1;
  const payload = String(wantedAt(count, isChange));
  room.push(index);
  at.push(microseconds());
  client?.publish(topics[index] ?? '', payload, { qos: 0 });
}

/** Whether nothing is to be heard any more; by then nothing more is missing, or it is lost. */
async function settled(): Promise<void> {
  const begun = performance.now();
  const isSeen = (): boolean => outstanding.every((count) => count === 0);
  while (!isSeen() && performance.now() - begun < SEEN_WITHIN_MS) await wait(5);
  const seen = microseconds();
  const isQuiet = (): boolean => microseconds() - Math.max(seen, repliedAt) > QUIET_MS * 1000;
  while (!isQuiet() && performance.now() - begun < ANSWERED_WITHIN_MS) await wait(10);
}

async function runClosed(seconds: number, isChange: boolean): Promise<void> {
  const end = microseconds() + seconds * 1e6;
  whenSeen = (index) => {
    if (microseconds() < end) send(index, isChange);
  };
  for (const index of topics.keys()) send(index, isChange);
  await wait(seconds * 1000);
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Sleeps much more exactly than a timer does. */
const sleep = (milliseconds: number): void => void Atomics.wait(sleeper, 0, 0, milliseconds);

function runOpen(seconds: number, isChange: boolean, perSecond: number): Promise<void> {
  whenSeen = () => {};
  const gap = (): number => (-Math.log(1 - Math.random()) / perSecond) * 1e6;
  const end = microseconds() + seconds * 1e6;
  let due = microseconds() + gap();
  let next = 0;
  return new Promise((resolve) => {
    const turn = (): void => {
      // First, so that what was published in the last turn has left by now.
      sleep(Math.min(LONGEST_SLEEP_MS, Math.max(0, (due - microseconds()) / 1000)));
      for (const now = microseconds(); due <= now && due < end; due += gap()) {
        send(next, isChange);
        next = (next + 1) % topics.length;
      }
      if (due >= end) resolve();
      else setImmediate(turn);
    };
    turn();
  });
}

async function listenForSignals(): Promise<number> {
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('data', (indexes: Buffer) => {
      for (const index of indexes) {
        outstanding[index] = (outstanding[index] ?? 0) - 1;
        whenSeen(index);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

const STATUS = /"status":"(accepted|confirmed|unconfirmed|failed)"/;

function heard(payload: Buffer): void {
  const status = STATUS.exec(payload.toString())?.[1];
  if (status !== 'accepted' && status !== 'confirmed' && status !== 'unconfirmed' && status !== 'failed')
    throw new Error(`no reply: ${payload.toString()}`);
  replies[status] += 1;
  repliedAt = microseconds();
}

async function connectTo(brokerPort: number): Promise<object> {
  client = await connectAsync({ host: '127.0.0.1', port: brokerPort, protocol: 'mqtt', reconnectPeriod: 0 });
  client.on('error', (error) => {
    throw error;
  });
  setNoDelay(client);
  client.on('message', (_topic, payload) => heard(payload));
  await client.subscribeAsync('sonos/+/+/reply', { qos: 0 });
  return { signalPort: await listenForSignals() };
}

async function answer(message: unknown): Promise<object> {
  const request = senderRequest.parse(message);
  if (request.ask === 'connect') {
    topics = request.topics;
    return connectTo(request.brokerPort);
  }
  [room, at, replies] = [[], [], { accepted: 0, confirmed: 0, unconfirmed: 0, failed: 0 }];
  counts = topics.map(() => 0);
  outstanding = topics.map(() => 0);
  if (request.ask === 'closed') await runClosed(request.seconds, request.isChange);
  else await runOpen(request.seconds, request.isChange, request.perSecond);
  await settled();
  const sent: Sent = { room: Uint8Array.from(room), at: Float64Array.from(at), replies };
  return sent;
}

process.on('message', (message) => void answer(message).then((reply) => process.send?.(reply)));
process.on('disconnect', () => process.exit());
