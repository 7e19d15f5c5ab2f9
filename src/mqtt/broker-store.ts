import { Readable } from 'node:stream';
import { createReplay, type RetainedMessage } from './broker-replay.ts';

/** A QoS 2 message on its way in, by its packet id. */
interface Incoming {
  readonly messageId: number;
}

const nothing = (): Promise<void> => Promise.resolve();

/**
 * What the broker remembers, in memory: retained messages, and of each connection the QoS 2 messages that wait for their
 * PUBREL. Nothing outlives a connection, since no session does. aedes calls the methods by these names; its own store
 * in memory keeps an entry for every client id that ever acknowledged a message, and hands out the last wills of
 * clients that are connected when the machine's clock leaps.
 */
export function createBrokerStore() {
  const retained = new Map<string, RetainedMessage>();
  const replay = createReplay(retained);
  const incoming = new WeakMap<object, Set<number>>();

  const idsOf = (client: object): Set<number> => {
    const ids = incoming.get(client) ?? new Set();
    incoming.set(client, ids);
    return ids;
  };

  return {
    /** What the topic holds now. */
    retained: (topic: string): RetainedMessage | undefined => retained.get(topic),
    /** Hands it to new subscribers. */
    replay,

    // aedes insists on an async function here.
    async setup(): Promise<void> {},
    async storeRetained(message: RetainedMessage): Promise<void> {
      if (message.payload.length === 0) retained.delete(message.topic);
      else retained.set(message.topic, { ...message });
    },
    createRetainedStreamCombi: replay.stream,

    async incomingStorePacket(client: object, { messageId }: Incoming): Promise<void> {
      idsOf(client).add(messageId);
    },
    async incomingGetPacket(client: object, packet: Incoming): Promise<Incoming> {
      if (!idsOf(client).has(packet.messageId)) throw new Error('No message with this id is on its way in.');
      return packet;
    },
    async incomingDelPacket(client: object, { messageId }: Incoming): Promise<void> {
      if (!idsOf(client).delete(messageId)) throw new Error('No message with this id is on its way in.');
    },
    cleanIncoming: nothing,

    cleanSubscriptions: nothing,
    subscriptionsByTopic: (): Promise<readonly never[]> => Promise.resolve([]),
    outgoingEnqueueCombi: nothing,
    outgoingClearMessageId: nothing,
    outgoingStream: (): Readable => Readable.from([]),

    // The will of a client that is connected lives with its connection.
    putWill: nothing,
    delWill: nothing,
    streamWill: (): readonly never[] => [],
  };
}

export type BrokerStore = ReturnType<typeof createBrokerStore>;
