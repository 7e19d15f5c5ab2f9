import { frameOf, upgradeRequest } from './broker-noise-clients.ts';

const MIB = 1024 * 1024;

/** What is poured in. */
export const body = Buffer.alloc(64 * 1024, 0x61);
/** The beginning of a CONNECT that says it is so long. */
export const declared = (length: number): Buffer => {
  const digits: number[] = [];
  for (let left = length; digits.length === 0 || left > 0; left = Math.floor(left / 128)) {
    digits.push((left % 128) + (left >= 128 ? 128 : 0));
  }
  return Buffer.from([0x10, ...digits]);
};

/** The largest and smallest of each class of Remaining Length (MQTT 3.1.1 §2.2.3), and those at our own limit. */
const SIZES = [0, 1, 127, 128, 8_191, 8_192, 8_193, 16_383, 16_384, 2_097_151, 2_097_152, 268_435_455];

/** Something to begin with, and what follows again and again. */
export interface Attack {
  readonly name: string;
  readonly first: Buffer;
  readonly more: Buffer;
  readonly sockets: number;
  readonly bytesEach: number;
}

/** By TCP. */
export const TCP_ATTACKS: readonly Attack[] = [
  { name: 'ten CONNECTs of 20 MiB', first: declared(20 * MIB), more: body, sockets: 10, bytesEach: 20 * MIB },
  ...SIZES.map((size) => ({
    name: `CONNECTs of ${size} bytes`,
    first: declared(size),
    more: body,
    sockets: 10,
    bytesEach: 2 * MIB,
  })),
  {
    name: 'lengths without end',
    first: Buffer.from([0x10]),
    more: Buffer.alloc(64 * 1024, 0xff),
    sockets: 10,
    bytesEach: 4 * MIB,
  },
  {
    name: 'lengths longer than they need be',
    first: Buffer.from([0x10, 0x80, 0x80, 0x80, 0x00]),
    more: body,
    sockets: 10,
    bytesEach: 4 * MIB,
  },
  {
    name: 'other packets',
    first: Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]),
    more: body,
    sockets: 10,
    bytesEach: 4 * MIB,
  },
];

/** One binary message. */
export const inFrame = (bytes: Buffer): Buffer => frameOf(0x82, bytes);

/** By WebSocket, where frames and HTTP can be left unfinished as well. */
export const WEBSOCKET_ATTACKS: readonly Attack[] = [
  ...TCP_ATTACKS.map(({ name, first, more, ...counts }) => ({
    name: `${name}, in frames`,
    first: Buffer.concat([upgradeRequest(), inFrame(first)]),
    more: inFrame(more),
    ...counts,
  })),
  {
    name: 'frames of a terabyte',
    first: Buffer.concat([upgradeRequest(), Buffer.from([0x82, 0xff, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0])]),
    more: body,
    sockets: 10,
    bytesEach: 4 * MIB,
  },
  {
    name: 'frames of 200 KiB that are never finished',
    first: Buffer.concat([
      upgradeRequest(),
      Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 3, 0x20, 0, 0, 0, 0, 0]),
    ]),
    more: body.subarray(0, 1024),
    sockets: 50,
    bytesEach: 190 * 1024,
  },
  {
    name: 'messages of frames without end',
    first: Buffer.concat([upgradeRequest(), frameOf(0x02, body)]),
    more: frameOf(0x00, body),
    sockets: 10,
    bytesEach: 4 * MIB,
  },
  {
    name: 'pings without end',
    first: upgradeRequest(),
    more: Buffer.concat(Array.from({ length: 400 }, () => frameOf(0x89, body.subarray(0, 125)))),
    sockets: 10,
    bytesEach: 4 * MIB,
  },
  {
    name: 'HTTP headers without end',
    first: Buffer.from('GET / HTTP/1.1\r\n'),
    more: Buffer.from(`x: ${'y'.repeat(60_000)}\r\n`),
    sockets: 10,
    bytesEach: 4 * MIB,
  },
];
