import type { Clock } from '../bridge/ports.ts';

/** How much the embedded broker keeps for clients other than the bridge itself. */
export interface BrokerLimits {
  /** Connections from other machines at once, MQTT and WebSocket together. */
  readonly sockets: number;
  /** Connections at once from one remote address. */
  readonly socketsPerAddress: number;
  /** Retained topics that clients other than the bridge may have at once. */
  readonly retainedTopics: number;
  /** The bytes of those, topics and payloads. */
  readonly retainedBytes: number;
  /** Subscriptions of one client at once. */
  readonly subscriptions: number;
}

/** Generous for a house, small for a machine. */
export const BROKER_LIMITS: BrokerLimits = {
  sockets: 200,
  socketsPerAddress: 50,
  retainedTopics: 20_000,
  retainedBytes: 32 * 1024 * 1024,
  subscriptions: 10_000,
};

/** Text from the network as a log line can bear it: not at all when it is long, for half a secret passes the filter. */
export const shown = (text: string): string => (text.length > 120 ? `… (${text.length} characters)` : text);

/** A publish on its way into the broker. The policy may change it. */
export interface Publish {
  topic: string;
  payload: string | Buffer;
  retain: boolean;
}

const sizeOf = ({ topic, payload }: Publish): number => Buffer.byteLength(topic) + Buffer.byteLength(payload);

/** Counts what clients other than the bridge keep retained. Answers whether one more message still fits. */
export function createRetainedCount(limits: BrokerLimits): (publish: Publish, own: boolean) => boolean {
  const sizes = new Map<string, number>();
  let bytes = 0;
  return (publish, own) => {
    const before = sizes.get(publish.topic);
    const after = own || publish.payload.length === 0 ? 0 : sizeOf(publish);
    const topics = sizes.size - (before === undefined ? 0 : 1) + (after > 0 ? 1 : 0);
    const total = bytes - (before ?? 0) + after;
    if (after > 0 && (topics > limits.retainedTopics || total > limits.retainedBytes)) return false;
    bytes = total;
    if (after > 0) sizes.set(publish.topic, after);
    else sizes.delete(publish.topic);
    return true;
  };
}

const TAKEOVER_MS = 60_000;
// A client that comes back on a new network takes itself over once or twice.
const TAKEOVERS_OF_A_FIGHT = 3;

/** Notices clients that throw each other out in turn. Answers true when it has become a fight. */
export function createTakeoverCount(clock: Clock): (clientId: string) => boolean {
  const recent = new Map<string, { since: number; count: number }>();
  return (clientId) => {
    const now = clock.elapsed();
    for (const [key, { since }] of recent) if (now - since >= TAKEOVER_MS) recent.delete(key);
    const entry = recent.get(clientId) ?? { since: now, count: 0 };
    entry.count += 1;
    recent.set(clientId, entry);
    return entry.count >= TAKEOVERS_OF_A_FIGHT;
  };
}
