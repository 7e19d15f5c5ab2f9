import { isUtf8 } from 'node:buffer';

/**
 * Why a complete CONNECT is turned down before the broker sees it. `malformed_connect`: not what MQTT 3.1.1 §3.1 allows.
 * `protocol_level`: another MQTT than 3.1 and 3.1.1. `client_id_missing`: no client id, but a session to be kept for it.
 */
export type ConnectFault = 'malformed_connect' | 'protocol_level' | 'client_id_missing';

// MQTT 3.1.1 §3.2.2.3
const RETURN_CODES: ReadonlyMap<string, number> = new Map([
  ['protocol_level', 1],
  ['client_id_missing', 2],
]);

/** The CONNACK that tells the client of a refusal; null where the standard has the connection closed without one. */
export function connackFor(refusal: string): Buffer | null {
  const code = RETURN_CODES.get(refusal);
  return code === undefined ? null : Buffer.from([0x20, 2, 0, code]);
}

const LEVELS: ReadonlyMap<string, number> = new Map([
  ['MQIsdp', 3],
  ['MQTT', 4],
]);
// mosquitto sets it on the level when it connects as a bridge.
const BRIDGE = 0x80;

const FLAG = { reserved: 0x01, clean: 0x02, will: 0x04, willDetails: 0x38, password: 0x40, username: 0x80 };
const willQos = (flags: number): number => (flags >> 3) & 3;

/** Reads fields one after another; null from the first that is not there, or is no text, on. */
function createFieldReader(body: Buffer) {
  let at = 0;
  const take = (length: number): Buffer | null => {
    const end = at + length;
    const taken = end <= body.length ? body.subarray(at, end) : null;
    at = taken === null ? Number.POSITIVE_INFINITY : end;
    return taken;
  };
  const bytes = (): Buffer | null => {
    const length = take(2);
    return length === null ? null : take(length.readUInt16BE(0));
  };
  return {
    take,
    bytes,
    text(): string | null {
      const field = bytes();
      return field !== null && isUtf8(field) && !field.includes(0) ? field.toString() : null;
    },
    isAtEnd: () => at === body.length,
  };
}

function bodyOf(packet: Buffer): Buffer {
  let at = 1;
  while (((packet[at] ?? 0) & 0x80) !== 0) at += 1;
  return packet.subarray(at + 1);
}

function areFlagsInOrder(flags: number): boolean {
  if ((flags & FLAG.reserved) !== 0) return false;
  if ((flags & FLAG.will) === 0 && (flags & FLAG.willDetails) !== 0) return false;
  if (willQos(flags) === 3) return false;
  return (flags & FLAG.password) === 0 || (flags & FLAG.username) !== 0;
}

/**
 * What is wrong with a complete CONNECT packet; null when it is in order. The broker's own parser lets much of this
 * pass: text that is no UTF-8, for instance, and a last will of QoS 3, which it cannot deliver to anybody.
 */
export function findConnectFault(packet: Buffer): ConnectFault | null {
  const read = createFieldReader(bodyOf(packet));
  const level = LEVELS.get(read.text() ?? '');
  const [asked, flags] = [read.take(1)?.[0], read.take(1)?.[0]];
  if (level === undefined || asked === undefined) return 'malformed_connect';
  // What follows the level depends on it.
  if ((asked & ~BRIDGE) !== level) return 'protocol_level';
  if (flags === undefined || !areFlagsInOrder(flags) || read.take(2) === null) return 'malformed_connect';
  const clientId = read.text();
  if (clientId === null) return 'malformed_connect';
  if ((flags & FLAG.will) !== 0 && (read.text() === null || read.bytes() === null))
    return 'malformed_connect';
  if ((flags & FLAG.username) !== 0 && read.text() === null) return 'malformed_connect';
  if ((flags & FLAG.password) !== 0 && read.bytes() === null) return 'malformed_connect';
  if (!read.isAtEnd()) return 'malformed_connect';
  return clientId === '' && (flags & FLAG.clean) === 0 ? 'client_id_missing' : null;
}
