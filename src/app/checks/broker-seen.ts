import { z } from 'zod';
import type { Clock, Random } from '../../bridge/ports.ts';
import { readJson } from '../../bridge/read-json.ts';
import { ok, type Result } from '../../bridge/result.ts';
import type { Config } from '../../config/schema.ts';
import { readBrokerAddress } from '../../mqtt/broker-address.ts';
import type { IncomingMessage } from '../../mqtt/client.ts';
import type { ConnectionFailure } from '../../mqtt/connection-failure.ts';
import type { MqttVersion } from '../../mqtt/protocol-choice.ts';
import { type Topics, topicsOf } from '../../mqtt/topics.ts';
import { addressOf } from '../address-of.ts';
import { type Visit, type VisitOptions, visitBroker } from '../broker-visit.ts';

const stateSchema = z.object({
  account: z.object({
    status: z.string(),
    login_url: z.string().nullable(),
    token_expires_at: z.string().nullable(),
  }),
  callback: z.object({
    last_event_at: z.string().nullable(),
    accepted: z.number(),
    rejected: z.number(),
    /** Of the rejected, those with a wrong signature; known inside the bridge only. */
    bad_signatures: z.number().optional(),
  }),
  subscriptions: z.object({ wanted: z.number(), held: z.number() }),
});

/** What a running bridge says of itself (§5 of the contract), as far as the checks need it. */
export type StateSeen = z.output<typeof stateSchema>;

const householdSchema = z.object({ id: z.string(), rooms: z.array(z.string()) });

/** A household as its topic shows it. */
export interface HouseholdSeen {
  readonly alias: string;
  readonly rooms: number;
}

/** What the broker let us see and do. */
export interface BrokerSeen {
  /** Where it is, without the path and query of a WebSocket's address. */
  readonly url: string;
  /** Whether it is the bridge's own, which nobody may write to but by commands. */
  readonly isEmbedded: boolean;
  /** How the visit ended; null when nobody was visited, since the embedded broker does not run. */
  readonly visit: Result<{ readonly version: MqttVersion }, ConnectionFailure> | null;
  /** Filters that were not granted. */
  readonly refused: readonly string[];
  /** Whether what was published came back; the broker's refusal in its words; null when it was not tried. */
  readonly readBack: 'came' | 'lost' | { readonly refusal: string } | null;
  readonly availability: string | null;
  readonly state: StateSeen | null;
  readonly households: readonly HouseholdSeen[];
}

interface Options {
  readonly config: Config;
  readonly isRunning: boolean;
  readonly clock: Clock;
  readonly random: Random;
}

/** Kept messages follow the subscription at once, so this is long. */
const KEPT_WITHIN_MS = 1_500;
const READ_BACK_WITHIN_MS = 3_000;
const LOOK_EVERY_MS = 20;

type Access = Omit<VisitOptions, 'filters' | 'clientId' | 'clock'>;

/** How the broker of the settings is reached, and as whom. */
export function accessOf({ mqtt, broker }: Config): Access {
  if (mqtt.url !== undefined) {
    const { url, username, password, tls, protocol } = mqtt;
    return { url, username, password, tls, protocol };
  }
  const [user] = broker.users ?? [];
  const url = addressOf('mqtt', broker.host, broker.port);
  return { url, username: user?.username, password: user?.password, protocol: 4 };
}

async function until(clock: Clock, atMostMs: number, isDone: () => boolean): Promise<void> {
  const end = clock.elapsed() + atMostMs;
  while (!isDone() && clock.elapsed() < end) {
    await new Promise<void>((resolve) => {
      clock.after(LOOK_EVERY_MS, resolve);
    });
  }
}

const decoder = new TextDecoder();

/** What came in, by topic. */
function createInbox() {
  const texts = new Map<string, string>();
  return {
    take: ({ topic, payload }: IncomingMessage): void => {
      texts.set(topic, decoder.decode(payload));
    },
    get: (topic: string): string | null => texts.get(topic) ?? null,
    households: (base: string): HouseholdSeen[] =>
      [...texts].flatMap(([topic, text]) => {
        const alias = topic.slice(base.length + 1);
        const read = alias.includes('/') ? null : readJson(householdSchema, text);
        return read === null ? [] : [{ alias, rooms: read.rooms.length }];
      }),
  };
}

type Inbox = ReturnType<typeof createInbox>;

interface Desk {
  readonly access: VisitOptions;
  readonly topics: Topics;
  readonly inbox: Inbox;
}

/** Publishes with a second client, since MQTT 5 does not send to the one that it came from. */
async function writeAndRead({ access, topics, inbox }: Desk, mark: string): Promise<BrokerSeen['readBack']> {
  const writer = await visitBroker({ ...access, clientId: `${access.clientId}-w`, filters: [] });
  if (!writer.ok) return { refusal: writer.error.seen };
  const topic = probeTopic(topics);
  const refusal = await writer.value.publish(topic, mark);
  if (refusal === null) await until(access.clock, READ_BACK_WITHIN_MS, () => inbox.get(topic) === mark);
  await writer.value.close();
  if (refusal !== null) return { refusal };
  return inbox.get(topic) === mark ? 'came' : 'lost';
}

/** Where the checks publish: beside the bridge's own topics, and never kept. */
const probeTopic = ({ base }: Topics): string => `${base}/bridge/doctor`;

async function lookAround(desk: Desk, visit: Visit, options: Options): Promise<Partial<BrokerSeen>> {
  const { topics, inbox } = desk;
  const { config, isRunning, clock, random } = options;
  const isSeen = (): boolean =>
    inbox.get(topics.availability) !== null &&
    inbox.get(topics.bridgeState) !== null &&
    inbox.households(topics.base).length > 0;
  if (isRunning) await until(clock, KEPT_WITHIN_MS, isSeen);
  const readBack = config.mqtt.url === undefined ? null : await writeAndRead(desk, random.id());
  return {
    refused: visit.refused,
    readBack,
    availability: inbox.get(topics.availability),
    state: readJson(stateSchema, inbox.get(topics.bridgeState) ?? ''),
    households: inbox.households(topics.base),
  };
}

/** Visits the broker, reads what a bridge keeps there, and tries to publish where the broker is somebody else's. */
export async function lookAtBroker(options: Options): Promise<BrokerSeen> {
  const { config, isRunning, clock, random } = options;
  const isEmbedded = config.mqtt.url === undefined;
  const found = accessOf(config);
  const topics = topicsOf(config.mqtt.base_topic);
  const nothing = { refused: [], readBack: null, availability: null, state: null, households: [] };
  const address = readBrokerAddress(found.url);
  const seen: BrokerSeen = {
    url: address.ok ? address.value.shown : 'the broker',
    isEmbedded,
    visit: null,
    ...nothing,
  };
  if (isEmbedded && !isRunning) return seen;
  const inbox = createInbox();
  const { base, availability, bridgeState } = topics;
  const access: VisitOptions = {
    ...{ ...found, clock },
    // Not the bridge's own: the broker would close one connection for the other.
    clientId: `sonos-mqtt-bridge-doctor-${random.id().slice(0, 6)}`,
    filters: [availability, bridgeState, `${base}/+`, ...(isEmbedded ? [] : [probeTopic(topics)])],
    onMessage: inbox.take,
  };
  const visit = await visitBroker(access);
  if (!visit.ok) return { ...seen, visit };
  try {
    const around = await lookAround({ access, topics, inbox }, visit.value, options);
    return { ...seen, ...around, visit: ok({ version: visit.value.version }) };
  } finally {
    await visit.value.close();
  }
}
