import { expect, vi } from 'vitest';
import { type House, internal, openHouse } from './broker-fixtures.ts';
import { ROLES, type Role } from './broker-matrix.ts';
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
import { openWire, type WireClient } from './broker-wire-client.ts';

/** The users of the guarded broker, as its settings name them. */
export const users = ROLES.flatMap(({ house, who, isBridge, isRefused, publish, subscribe }) =>
  house === 'open' || isBridge === true || isRefused === true
    ? []
    : [
        {
          username: who.username ?? '',
          password: who.password ?? '',
          publish: publish ?? undefined,
          subscribe: subscribe ?? undefined,
        },
      ],
);

/** The broker that the role stands before. */
export const openFor = ({ house }: Role): Promise<House> =>
  openHouse({ users: house === 'open' ? [] : users, limits: { socketsPerAddress: 200 } });

/** Says CONNECT; the client, and what it is answered. */
export async function enter(house: House, words: ConnectWords): Promise<[WireClient, string]> {
  const client = await openWire(house.port);
  client.send(connectOf(words));
  return [client, await client.hex()];
}

/** Somebody of the house who hears everything. */
export async function listen(house: House): Promise<WireClient> {
  const [client] = await enter(house, { ...internal, clientId: 'witness' });
  client.send(subscribeOf(1, ['#', 0]));
  expect(await client.hex()).toBe('9003000100');
  return client;
}

/** A message in one line. */
export const told = ({ topic, payload }: Publication): string => `${topic}=${payload}`;

/** Sends one message to the end of its handshake; false when the client was thrown out for it. */
export async function publish(client: WireClient, words: Parameters<typeof publishOf>[0]): Promise<boolean> {
  client.send(publishOf({ ...words, id: 5 }));
  if (words.qos === 0) client.send(PINGREQ);
  const answer = await client.hex();
  if (answer === 'closed') return false;
  expect(answer).toBe(['d000', '40020005', '50020005'][words.qos ?? 0]);
  if (words.qos !== 2) return true;
  client.send(answerOf(0x62, 5));
  expect(await client.hex()).toBe('70020005');
  return true;
}

/** The next SUBACK; what the broker says of its clients goes by. */
export async function nextSuback(client: WireClient): Promise<string> {
  for (;;) {
    const answer = await client.hex();
    if (!answer.startsWith('3')) return answer;
  }
}

/** What the broker holds for every topic. */
export async function retainedIn(
  house: House,
  known: ReadonlyMap<string, string>,
): Promise<Map<string, string>> {
  const [client] = await enter(house, { ...internal, clientId: 'late' });
  client.send(subscribeOf(1, ['#', 0]));
  await client.next();
  const held = new Map<string, string>();
  await vi.waitFor(() => {
    for (const frame of client.taken()) {
      const { topic, payload } = publicationOf(frame);
      held.set(topic, payload);
    }
    expect(held.size).toBe(known.size);
  }, 5_000);
  client.drop();
  return held;
}
