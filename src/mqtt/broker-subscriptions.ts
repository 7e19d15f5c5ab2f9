import { type BrokerAccess, covers, type Identity } from './broker-access.ts';
import { type BrokerLimits, shown } from './broker-counts.ts';
import type { FoldedLine } from './folded-log.ts';

/** How surely a message arrives (MQTT 3.1.1 §4.3). */
export type QoS = 0 | 1 | 2;

/** A client that was let in, with what it subscribed to. */
export interface Session {
  readonly clientId: string;
  readonly identity: Identity;
  readonly filters: Map<string, QoS>;
}

/** What clients subscribed to. */
export interface Subscriptions {
  /** Whether the client may have this subscription; if so, it has it from now on. */
  subscribe(client: object, filter: string, qos: QoS): boolean;
  /** The client gave subscriptions up. */
  unsubscribe(client: object, filters: readonly string[]): void;
  /** The highest QoS up to `most` that the client was granted by a filter that matches the topic (§3.3.5). */
  granted(client: object, topic: string, most: QoS): QoS;
}

/** What subscriptions are judged with. */
export interface SubscriptionOptions {
  readonly access: BrokerAccess;
  readonly limits: BrokerLimits;
  readonly sessions: WeakMap<object, Session>;
  readonly warn: FoldedLine;
}

/** Keeps what each client subscribed to, within rights and bounds. */
export function createSubscriptions({ access, limits, sessions, warn }: SubscriptionOptions): Subscriptions {
  return {
    subscribe(client, filter, qos) {
      const session = sessions.get(client);
      if (session === undefined) return false;
      const { filters, identity, clientId } = session;
      if (
        access.subscribe(identity, filter) &&
        (filters.has(filter) || filters.size < limits.subscriptions)
      ) {
        filters.set(filter, qos);
        return true;
      }
      const said = `The broker refused a subscription: the filter is malformed, not covered by what the user may read (broker.users[].subscribe), or one more than ${limits.subscriptions}.`;
      warn(`subscribe ${clientId}`, said, {
        client: shown(clientId),
        user: identity.name,
        filter: shown(filter),
      });
      return false;
    },
    unsubscribe(client, filters) {
      for (const filter of filters) sessions.get(client)?.filters.delete(filter);
    },
    granted(client, topic, most) {
      let best: QoS | null = null;
      for (const [filter, qos] of sessions.get(client)?.filters ?? []) {
        if ((best !== null && qos <= best) || !covers(filter, topic)) continue;
        if (qos >= most) return most;
        best = qos;
      }
      return best ?? most;
    },
  };
}
