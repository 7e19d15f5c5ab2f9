import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

const SUBACK = 9;
/** Reason codes from here on are refusals, in 3.1.1 and in 5. */
const REFUSED = 0x80;

interface Packet {
  readonly type: number;
  /** What follows the length. */
  readonly body: Buffer;
}

/** Cuts a stream of bytes into MQTT packets. */
function createReader(): (chunk: Buffer) => Packet[] {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const packets: Packet[] = [];
    for (;;) {
      let length = 0;
      let at = 1;
      let isWhole = false;
      for (; at < rest.length && !isWhole; at += 1) {
        const byte = rest[at] ?? 0;
        length += (byte & 0x7f) * 128 ** (at - 1);
        isWhole = byte < 0x80;
      }
      if (!isWhole || rest.length < at + length) return packets;
      packets.push({ type: (rest[0] ?? 0) >> 4, body: rest.subarray(at, at + length) });
      rest = rest.subarray(at + length);
    }
  };
}

/** How many subscriptions a SUBACK grants. Behind its id MQTT 5 has properties, here never more than 127 bytes. */
function grantedBy(body: Buffer, isFive: boolean): number {
  const codes = body.subarray(isFive ? 3 + (body[2] ?? 0) : 2);
  return codes.filter((code) => code < REFUSED).length;
}

/** The line between Node-RED and a broker, on which one can see when its subscriptions stand. */
export interface Wire {
  readonly port: number;
  /** Subscriptions that the broker granted on the present connection. */
  readonly granted: number;
  /** Connections so far. */
  readonly connections: number;
  /** Breaks it, and everything that is tried from now on. */
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

/** Lays a line to a broker's port on this machine, for 3.1.1 or 5. */
export async function layWire(brokerPort: number, isFive: boolean): Promise<Wire> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let granted = 0;
  let connections = 0;
  const server = createServer((near) => {
    if (isCut) {
      near.destroy();
      return;
    }
    connections += 1;
    granted = 0;
    const far = connect(brokerPort, '127.0.0.1');
    const read = createReader();
    far.on('data', (chunk: Buffer) => {
      for (const { type, body } of read(chunk)) if (type === SUBACK) granted += grantedBy(body, isFive);
    });
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket);
      socket.once('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.on('error', () => other.destroy());
      socket.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('expected a port');
  const breakAll = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: address.port,
    get granted() {
      return granted;
    },
    get connections() {
      return connections;
    },
    cut() {
      isCut = true;
      breakAll();
    },
    mend() {
      isCut = false;
    },
    async close() {
      breakAll();
      server.close();
      await once(server, 'close');
    },
  };
}
