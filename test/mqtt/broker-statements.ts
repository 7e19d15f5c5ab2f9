import { expect } from 'vitest';
import { packet } from './broker-fixtures.ts';
import {
  answerOf,
  type ConnectWords,
  connectOf,
  PINGREQ,
  type Publication,
  publicationOf,
  publishOf,
  subscribeOf,
} from './broker-wire.ts';
import type { WireClient } from './broker-wire-client.ts';

/** A broker that statements are put to. */
export interface Judge {
  readonly name: 'embedded' | 'mosquitto';
  /** A connection on which nothing has been said. */
  open(): Promise<WireClient>;
  /** A CONNECT that it accepts. */
  hello(words?: ConnectWords): Buffer;
  /** A client that was let in; without a word on its id it gets one of its own. */
  connect(words?: ConnectWords): Promise<WireClient>;
}

/** Shows that a statement holds, on topics below `base` that no other statement uses. */
export type Proof = (judge: Judge, base: string) => Promise<void>;

/** A broker that does it otherwise on purpose. */
export interface Difference {
  readonly why: string;
  readonly holds: Proof;
}

/** A sentence of MQTT 3.1.1 that we rely on. */
export interface Statement {
  /** The number it has in the standard. */
  readonly number: string;
  readonly says: string;
  readonly holds: Proof;
  readonly embedded?: Difference;
  readonly mosquitto?: Difference;
}

export const ACCEPTED = '20020000';

/** A broker as somebody reaches it who knows the credentials it asks for. */
export function createJudge(
  name: Judge['name'],
  open: () => Promise<WireClient>,
  credentials: ConnectWords = {},
): Judge {
  let clients = 0;
  const hello = (words: ConnectWords = {}): Buffer => {
    clients += 1;
    return connectOf({ clientId: `client-${clients}`, ...credentials, ...words });
  };
  return {
    name,
    open,
    hello,
    async connect(words) {
      const client = await open();
      client.send(hello(words));
      expect(await client.hex()).toBe(ACCEPTED);
      return client;
    },
  };
}

/** What a client hears until the message `end`, taking every message as its QoS asks. */
export async function heardBefore(client: WireClient, end: string): Promise<Publication[]> {
  const heard: Publication[] = [];
  for (;;) {
    const frame = await client.next();
    if (frame.first >> 4 === 6) client.send(answerOf(0x70, frame.body.readUInt16BE(0)));
    if (frame.first >> 4 !== 3) continue;
    const publication = publicationOf(frame);
    const { id, qos, payload } = publication;
    if (id !== null) client.send(answerOf(qos === 1 ? 0x40 : 0x50, id));
    if (payload === end) return heard;
    heard.push(publication);
  }
}

/** The next packet, which must be a message. */
export const nextMessage = async (client: WireClient): Promise<Publication> =>
  publicationOf(await client.next());

/** What a client, subscribed to that topic among others, has heard of all that went before. */
export async function heardSoFar(client: WireClient, judge: Judge, topic: string): Promise<Publication[]> {
  const fence = await judge.connect();
  fence.send(publishOf({ topic, payload: 'so far' }));
  return heardBefore(client, 'so far');
}

/** Messages in one line each: `topic=payload`, QoS, and `retained`, `again` where they were marked so. */
export const lines = (heard: readonly Publication[]): string[] =>
  heard.map(
    ({ topic, payload, qos, retain, dup }) =>
      `${topic.split('/').slice(1).join('/')}=${payload} ${qos}${retain ? ' retained' : ''}${dup ? ' again' : ''}`,
  );

/** Sends the packets on a connection that was let in; the broker must close it without an answer. */
export async function expectEnd(judge: Judge, ...packets: readonly Buffer[]): Promise<void> {
  for (const packet of packets) {
    const client = await judge.connect();
    client.send(packet);
    expect([packet.toString('hex').slice(0, 80), await client.hex()]).toEqual([
      packet.toString('hex').slice(0, 80),
      'closed',
    ]);
  }
}

/** A client that has subscribed to these filters. */
export async function subscribed(judge: Judge, ...filters: [string, number][]): Promise<WireClient> {
  const client = await judge.connect();
  client.send(subscribeOf(1, ...filters));
  const codes = filters.map(([, qos]) => `0${qos}`).join('');
  expect(await client.hex()).toBe(packet(0x90, Buffer.from(`0001${codes}`, 'hex')).toString('hex'));
  return client;
}

/** Has a message published with that QoS by somebody, to the end of the handshake. */
export async function publish(
  judge: Judge,
  topic: string,
  payload: string,
  qos: number,
  retain = false,
): Promise<void> {
  const client = await judge.connect();
  client.send(publishOf({ topic, payload, qos, retain, id: 7 }), PINGREQ);
  const answers = [await client.hex(), ...(qos > 0 ? [await client.hex()] : [])];
  expect(answers.toSorted()).toEqual([['d000'], ['40020007', 'd000'], ['50020007', 'd000']][qos]);
  if (qos < 2) return;
  client.send(answerOf(0x62, 7));
  expect(await client.hex()).toBe('70020007');
}

/** Shows that a CONNECT of each kind is answered with nothing but the end. */
export function refuses(...all: readonly ConnectWords[]): Proof {
  return async (judge) => {
    for (const words of all) {
      const client = await judge.open();
      client.send(connectOf({ clientId: 'refused', ...words }));
      expect([words, await client.hex()]).toEqual([words, 'closed']);
    }
  };
}
