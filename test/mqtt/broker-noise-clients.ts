import { once } from 'node:events';
import { connect as dial, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import type { BrokerPorts } from '../../src/mqtt/broker.ts';
import { type Chance, createChance, noiseOf, type Role } from './broker-noise.ts';
import { unsubscribeOf } from './broker-wire.ts';

/** Somebody on one of the brokers. */
export interface Part extends Role {
  readonly ports: BrokerPorts;
}

/** What became of the noise. */
export interface Outcome {
  packets: number;
  connections: number;
  /** Connections by WebSocket. */
  websockets: number;
  /** Clients that were let in. */
  accepted: number;
  /** Clients that the broker threw out. */
  thrownOut: number;
  /** Bytes that the brokers answered. */
  answered: number;
  /** Connections that were still there ten seconds after the client had ended them. */
  stuck: number;
  readonly kinds: Map<string, number>;
}

// Whole networks of clients: all of 127/8 is this machine on Linux.
const ADDRESSES =
  process.platform === 'linux' ? Array.from({ length: 8 }, (_, at) => `127.0.0.${at + 1}`) : ['127.0.0.1'];

const UPGRADE = Buffer.from(
  'GET / HTTP/1.1\r\nHost: house\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n',
);

/** A WebSocket frame as a client sends it, with a mask that changes nothing. */
export function frameOf(first: number, payload: Buffer): Buffer {
  const size = payload.length;
  const head =
    size < 126
      ? Buffer.from([first, 0x80 | size])
      : Buffer.from([
          first,
          0xff,
          0,
          0,
          0,
          0,
          size >>> 24,
          (size >>> 16) & 0xff,
          (size >>> 8) & 0xff,
          size & 0xff,
        ]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

/** The HTTP request that opens a WebSocket. */
export const upgradeRequest = (): Buffer => UPGRADE;

// Text, continuations of nothing, pings, closes, reserved bits, and lengths that no frame has.
const oddFrame = (chance: Chance): Buffer =>
  chance.one([
    frameOf(0x81, Buffer.from('text')),
    frameOf(0x80, Buffer.from([0xc0, 0])),
    frameOf(0x89, chance.bytes(100)),
    frameOf(0x88, chance.bytes(4)),
    frameOf(0xf2, Buffer.from([0xc0, 0])),
    frameOf(0x02, Buffer.from([0xc0])),
    Buffer.from([0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
    Buffer.from([0x82, 2, 0xc0, 0]),
    chance.bytes(50),
  ]);

function inPieces(packets: readonly Buffer[], chance: Chance): Buffer[] {
  const way = chance.below(4);
  if (way === 0) return [...packets];
  const all = Buffer.concat(packets);
  if (way < 3 || all.length > 100_000) return [all];
  const pieces: Buffer[] = [];
  for (let at = 0; at < all.length; ) {
    const end = at + 1 + chance.below(60);
    pieces.push(all.subarray(at, end));
    at = end;
  }
  return pieces;
}

function inFrames(pieces: readonly Buffer[], chance: Chance): Buffer[] {
  const frames = pieces.map((piece) => frameOf(0x82, piece));
  if (chance.below(5) === 0) frames.splice(chance.below(frames.length + 1), 0, oddFrame(chance));
  // Now and then without waiting for the answer.
  return chance.below(3) === 0 ? [Buffer.concat([UPGRADE, ...frames])] : [UPGRADE, ...frames];
}

/** Unlike `once` of node:events it is not ended by an error, which for a client that is thrown out is nothing special. */
const told = (socket: Socket, event: 'drain' | 'close'): Promise<void> =>
  new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once(event, () => resolve());
  });

async function open(port: number, chance: Chance): Promise<Socket> {
  const socket = dial({ port, host: '127.0.0.1', localAddress: chance.one(ADDRESSES), noDelay: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** How one client goes; true when its connection is still there after ten seconds. */
async function leave(socket: Socket, chance: Chance, lingering: Socket[]): Promise<boolean> {
  switch (chance.below(6)) {
    case 0:
      socket.resetAndDestroy();
      return false;
    case 1:
      socket.destroy();
      return false;
    case 2:
      // It stays, and hears what others say, until it has to make room.
      lingering.push(socket);
      if (lingering.length > 12) lingering.shift()?.destroy();
      return false;
    default: {
      socket.end();
      if (socket.closed) return false;
      const patience = new AbortController();
      const gone = told(socket, 'close').then(() => false);
      const late = wait(10_000, true, { signal: patience.signal });
      const stuck = await Promise.race([gone, late]);
      patience.abort();
      await late.catch(() => undefined);
      if (stuck) socket.destroy();
      return stuck;
    }
  }
}

// Answered when all that went before has been read.
const LAST = unsubscribeOf(0xfffe, 'last');
const LAST_ANSWER = Buffer.from([0xb0, 2, 0xff, 0xfe]);

/** Listens to one client's line: how it begins, how it ends. */
function overhear(socket: Socket, outcome: Outcome) {
  let beginning: Buffer = Buffer.alloc(0);
  let end: Buffer = Buffer.alloc(0);
  let through: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    through = resolve;
  });
  socket.on('data', (chunk: Buffer) => {
    outcome.answered += chunk.length;
    if (beginning.length < 400) beginning = Buffer.concat([beginning, chunk]).subarray(0, 400);
    end = Buffer.concat([end.subarray(-3), chunk]);
    if (end.includes(LAST_ANSWER)) through();
  });
  return {
    isAccepted: (websocket: boolean): boolean =>
      beginning.includes(Buffer.from(websocket ? [0x82, 4, 0x20, 2, 0, 0] : [0x20, 2, 0, 0])),
    /** Resolves when the broker has read everything or has closed; or waits in vain, as for the rest of a packet. */
    async untilThrough(): Promise<void> {
      const patience = new AbortController();
      const waited = wait(300, undefined, { signal: patience.signal });
      await Promise.race([answered, told(socket, 'close'), waited]);
      patience.abort();
      await waited.catch(() => undefined);
    },
  };
}

/** One client from its first byte to its last. What it does follows from the seed and its number alone. */
async function visit(
  parts: readonly Part[],
  seed: number,
  lingering: Socket[],
  outcome: Outcome,
): Promise<void> {
  const chance = createChance(seed + Math.imul(outcome.connections + 1, 0x9e3779b1));
  const part = chance.one(parts);
  const { port, websocketPort } = part.ports;
  const websocket = websocketPort !== null && chance.below(5) === 0;
  const packets = noiseOf(chance, part, outcome.connections, outcome.kinds);
  const patient = chance.below(10) > 0;
  if (patient) packets.push(LAST);
  const pieces = inPieces(packets, chance);
  outcome.connections += 1;
  outcome.packets += packets.length;
  if (websocket) outcome.websockets += 1;
  const socket = await open(websocket ? websocketPort : port, chance);
  const line = overhear(socket, outcome);
  for (const piece of websocket ? inFrames(pieces, chance) : pieces) {
    if (!socket.writable) break;
    if (!socket.write(piece)) await Promise.race([told(socket, 'drain'), told(socket, 'close')]);
    else await turn();
  }
  if (patient) await line.untilThrough();
  if (line.isAccepted(websocket)) outcome.accepted += 1;
  if (socket.closed) outcome.thrownOut += 1;
  if (await leave(socket, chance, lingering)) outcome.stuck += 1;
}

/** Sends that many packets, as that many clients at a time. */
export async function makeNoise(
  parts: readonly Part[],
  seed: number,
  packets: number,
  atATime: number,
): Promise<Outcome> {
  const outcome: Outcome = {
    packets: 0,
    connections: 0,
    websockets: 0,
    accepted: 0,
    thrownOut: 0,
    answered: 0,
    stuck: 0,
    kinds: new Map(),
  };
  const lingering: Socket[] = [];
  const one = async (): Promise<void> => {
    while (outcome.packets < packets) await visit(parts, seed, lingering, outcome);
  };
  await Promise.all(Array.from({ length: atATime }, one));
  const gone = lingering.map((socket) => told(socket, 'close'));
  for (const socket of lingering) socket.destroy();
  await Promise.all(gone);
  return outcome;
}
