import { packet } from './broker-fixtures.ts';

/** Two bytes, most significant first. */
export const number = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** A string or bytes with their length in front (MQTT 3.1.1 §1.5.3). */
export const field = (value: string | Buffer): Buffer => {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value;
  return Buffer.concat([number(bytes.length), bytes]);
};

export interface Will {
  readonly topic: string | Buffer;
  readonly payload?: string;
  readonly qos?: number;
  readonly retain?: boolean;
}

export interface ConnectWords {
  readonly name?: string;
  readonly level?: number;
  readonly clientId?: string | Buffer;
  readonly clean?: boolean;
  readonly keepAlive?: number;
  readonly will?: Will;
  readonly username?: string;
  readonly password?: string;
  /** Turned over after everything else was set. */
  readonly flip?: number;
}

/** A CONNECT as asked for, right or wrong. */
export function connectOf(words: ConnectWords): Buffer {
  const { name = 'MQTT', level = 4, clientId = '', clean = true, keepAlive = 0, will } = words;
  const { username, password, flip = 0 } = words;
  const flags =
    (clean ? 0x02 : 0) |
    (will === undefined ? 0 : 0x04 | ((will.qos ?? 0) << 3) | (will.retain === true ? 0x20 : 0)) |
    (password === undefined ? 0 : 0x40) |
    (username === undefined ? 0 : 0x80);
  const parts = [field(name), Buffer.from([level, flags ^ flip]), number(keepAlive), field(clientId)];
  if (will !== undefined) parts.push(field(will.topic), field(will.payload ?? 'will'));
  if (username !== undefined) parts.push(field(username));
  if (password !== undefined) parts.push(field(password));
  return packet(0x10, Buffer.concat(parts));
}

export interface PublishWords {
  readonly topic: string | Buffer;
  readonly payload?: string | Buffer;
  readonly qos?: number;
  readonly retain?: boolean;
  readonly dup?: boolean;
  /** Left out of QoS 0. */
  readonly id?: number;
}

/** A PUBLISH as asked for, right or wrong. */
export function publishOf({ topic, payload = '', qos = 0, retain, dup, id = 1 }: PublishWords): Buffer {
  const first = 0x30 | (dup === true ? 8 : 0) | (qos << 1) | (retain === true ? 1 : 0);
  const body = [field(topic), ...(qos > 0 ? [number(id)] : []), Buffer.from(payload as string)];
  return packet(first, Buffer.concat(body));
}

/** A SUBSCRIBE for filters with their QoS. */
export const subscribeOf = (id: number, ...filters: [string | Buffer, number][]): Buffer =>
  packet(
    0x82,
    Buffer.concat([number(id), ...filters.flatMap(([filter, qos]) => [field(filter), Buffer.from([qos])])]),
  );

export const unsubscribeOf = (id: number, ...filters: string[]): Buffer =>
  packet(0xa2, Buffer.concat([number(id), ...filters.map((filter) => field(filter))]));

/** PUBACK, PUBREC, PUBREL or PUBCOMP. */
export const answerOf = (first: 0x40 | 0x50 | 0x62 | 0x70, id: number): Buffer => packet(first, number(id));

export const PINGREQ = packet(0xc0);

/** A packet that came in. */
export interface Frame {
  readonly first: number;
  readonly body: Buffer;
}

/** A PUBLISH that came in, taken apart. */
export interface Publication {
  readonly topic: string;
  readonly payload: string;
  readonly qos: number;
  readonly retain: boolean;
  readonly dup: boolean;
  readonly id: number | null;
}

/** Takes a PUBLISH apart; any other packet is an error. */
export function publicationOf({ first, body }: Frame): Publication {
  if (first >> 4 !== 3)
    throw new Error(`expected a PUBLISH, got 0x${first.toString(16)} ${body.toString('hex')}`);
  const qos = (first >> 1) & 3;
  const end = 2 + body.readUInt16BE(0);
  return {
    topic: body.toString('utf8', 2, end),
    payload: body.toString('utf8', qos > 0 ? end + 2 : end),
    qos,
    retain: (first & 1) === 1,
    dup: (first & 8) === 8,
    id: qos > 0 ? body.readUInt16BE(end) : null,
  };
}

/** Takes whole packets off the front of a stream. */
export function createFrameReader(): (chunk: Buffer) => Frame[] {
  let rest: Buffer = Buffer.alloc(0);
  const take = (): Frame | null => {
    let length = 0;
    for (let at = 1; at <= 4; at += 1) {
      const digit = rest[at];
      if (digit === undefined) return null;
      length += (digit & 0x7f) * 128 ** (at - 1);
      if ((digit & 0x80) !== 0) continue;
      const end = at + 1 + length;
      if (rest.length < end) return null;
      const frame = { first: rest[0] ?? 0, body: rest.subarray(at + 1, end) };
      rest = rest.subarray(end);
      return frame;
    }
    throw new Error(
      `the broker sent a length of more than four bytes: ${rest.subarray(0, 8).toString('hex')}`,
    );
  };
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const frames: Frame[] = [];
    for (let frame = take(); frame !== null; frame = take()) frames.push(frame);
    return frames;
  };
}
