import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { expect } from 'vitest';
import type { OneOff } from '../../src/mqtt/outbox.ts';
import { eventually, type RunningHouse } from './house.ts';

/**
 * The rooms whose volume is moved by commands alone, one step up each time, so that it can be counted how many were
 * carried out.
 */
export const STEPPED = {
  Kitchen: 'kitchen',
  Office: 'office',
  Terrace: 'terrace',
  Bedroom: 'bedroom',
} as const;

const ADDRESSES = Object.values(STEPPED);

/** What a client does that never gives up and keeps nothing for later. */
const EAGER: IClientOptions = { reconnectPeriod: 200, queueQoSZero: false, keepalive: 0 };

/** A client of somebody who sends; what goes wrong with its connection is none of the test's business. */
export function sender(port: number, options: IClientOptions = EAGER): MqttClient {
  const client = mqtt.connect(`mqtt://127.0.0.1:${port}`, options);
  client.on('error', () => {});
  return client;
}

/** When a command is worth nothing any more; null never. */
type Expiry = () => Date | null;

/** The topic and the payload of a step up in one of the rooms. */
export function step(number: number, id: string, expires: Date | null = null) {
  return {
    topic: `sonos/home/${ADDRESSES[number % ADDRESSES.length]}/set/volume`,
    payload: JSON.stringify({ id, value: '+1', expires_at: expires?.toISOString() ?? null }),
  };
}

/** People and things that send steps, so many a second, whether there is a broker or not. */
export class Senders {
  tried = 0;
  /** Tries that did not leave the sender's house. */
  refused = 0;
  readonly #clients: MqttClient[];
  readonly #name: string;

  constructor(port: number, name: string) {
    this.#name = name;
    this.#clients = Array.from({ length: 4 }, () => sender(port));
  }

  async ready(): Promise<void> {
    await eventually(
      () => (this.#clients.every((client) => client.connected) ? true : undefined),
      'the senders to be connected',
      () => this.#clients.map((client) => client.connected),
    );
  }

  /** Sends until told to end. */
  start(perSecond: number, expires: Expiry = () => null): () => void {
    const began = performance.now();
    const earlier = this.tried;
    const timer = setInterval(() => {
      const due = Math.floor(((performance.now() - began) / 1000) * perSecond);
      while (this.tried - earlier < due) this.#send(expires());
    }, 5);
    return () => clearInterval(timer);
  }

  #send(expires: Date | null): void {
    const number = this.tried;
    this.tried += 1;
    const { topic, payload } = step(number, `${this.#name}-${number}`, expires);
    // At most once: what cannot be sent now is not wanted later.
    this.#clients[number % this.#clients.length]?.publish(topic, payload, { qos: 0 }, (error) => {
      if (error) this.refused += 1;
    });
  }

  async end(): Promise<void> {
    for (const client of this.#clients) await client.endAsync(true);
  }
}

/** What the bridge was asked and what it answered, counted inside it, where no broker can lose anything. */
export interface Ledger {
  /** Ids that it was handed, in order. */
  readonly taken: string[];
  /** Its terminal answers by id: the error's code, else the status. */
  readonly answers: Map<string, string[]>;
}

/** Writes down from now on what comes in and what is answered. */
export function keepLedger({ app }: RunningHouse): Ledger {
  const ledger: Ledger = { taken: [], answers: new Map() };
  const { link } = app.mqtt;
  link.onMessage(({ payload }) => {
    ledger.taken.push(String(JSON.parse(Buffer.from(payload).toString()).id));
  });
  const send = link.outbox.send.bind(link.outbox);
  link.outbox.send = (message: OneOff) => {
    if (message.topic.endsWith('/reply')) {
      const { id, status, error } = JSON.parse(message.payload);
      const earlier = ledger.answers.get(id) ?? [];
      if (status !== 'accepted') ledger.answers.set(id, [...earlier, error?.code ?? status]);
    }
    send(message);
  };
  return ledger;
}

/**
 * Every command that the bridge was handed has one terminal answer: confirmed, or one of these refusals. As many steps
 * were taken at Sonos as were confirmed; all volumes were 0 when the ledger was begun.
 */
export async function expectSettled(
  { sonos }: RunningHouse,
  ledger: Ledger,
  refusals: readonly string[] = [],
): Promise<void> {
  await eventually(
    () => (ledger.taken.every((id) => ledger.answers.has(id)) ? true : undefined),
    'an answer to every command',
    () => ledger.taken.filter((id) => !ledger.answers.has(id)).slice(0, 10),
    30_000,
  );
  expect(new Set(ledger.taken).size).toBe(ledger.taken.length);
  expect([...ledger.answers].filter(([, answers]) => answers.length !== 1)).toEqual([]);
  const codes = [...ledger.answers.values()].map(([code]) => code);
  expect(new Set(codes)).toEqual(new Set(['confirmed', ...refusals]));
  const volumes = Object.keys(STEPPED).map((room) => sonos.world.room(room).volume);
  // At the upper end steps would no longer show.
  expect(Math.max(...volumes)).toBeLessThan(100);
  const steps = codes.filter((code) => code === 'confirmed').length;
  expect(volumes.reduce((sum, volume) => sum + volume, 0)).toBe(steps);
}
