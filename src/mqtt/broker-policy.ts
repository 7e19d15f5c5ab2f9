import type { Clock, Log } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import type { BrokerAccess, Identity, PublishAttempt, PublishRefusal } from './broker-access.ts';
import {
  type BrokerLimits,
  createRetainedCount,
  createTakeoverCount,
  type Publish,
  shown,
} from './broker-counts.ts';
import { createSubscriptions, type Session, type Subscriptions } from './broker-subscriptions.ts';
import { createFoldedLine, type FoldedLine } from './folded-log.ts';

/** What a client says of itself when it connects. */
export interface Arrival {
  readonly clientId: string;
  readonly address: string;
  readonly username: string | undefined;
  readonly password: Uint8Array | undefined;
  readonly will: Publish | undefined;
}

/** Why a client is not let in. */
export type ArrivalRefusal = 'wrong_credentials' | 'client_id_taken' | 'will_not_allowed';

/** The rules of the embedded broker at work. Clients are told apart by identity of the object that stands for them. */
export interface BrokerPolicy extends Subscriptions {
  /** Whether the client is let in. */
  arrive(client: object, arrival: Arrival): Result<Identity, ArrivalRefusal>;
  /** Whether the publish may go on, perhaps changed; a refusal is said in one line. */
  publish(client: object, publish: Publish): Result<null, string>;
  /** The client's connection is gone; its client id is free. A last will may still be judged. */
  leave(client: object): void;
}

/** What the policy is made with. */
export interface PolicyOptions {
  readonly access: BrokerAccess;
  readonly limits: BrokerLimits;
  readonly baseTopic: string;
  /** A topic nobody can subscribe to, where swallowed publishes go. */
  readonly nowhere: string;
  readonly clock: Clock;
  readonly log: Log;
}

const attemptOf = ({ topic, payload, retain }: Publish): PublishAttempt => ({
  topic,
  retain,
  empty: payload.length === 0,
});

const explain = (refusal: PublishRefusal | 'retained_full', baseTopic: string): string => {
  switch (refusal) {
    case 'broken_topic':
      return 'The topic is empty, too long, or holds a wildcard or a control character.';
    case 'reserved_topic':
      return 'Topics that begin with "$" belong to the broker.';
    case 'not_allowed':
      return `This client may not publish there. Commands go to ${baseTopic}/<household>/<room>/set/<command>; other topics below ${baseTopic}/ need a filter in broker.users[].publish.`;
    case 'retained_command':
      return 'A retained command would be carried out again at every connect. Send it without the retain flag.';
    case 'retained_full':
      return 'The embedded broker keeps no more retained messages. Clear some with an empty retained payload, or use a broker of your own (mqtt.url).';
  }
};

interface Room extends PolicyOptions {
  // Outlives the connection: a last will is sent, and judged, after it.
  readonly sessions: WeakMap<object, Session>;
  readonly warn: FoldedLine;
}

type Arrivals = Pick<BrokerPolicy, 'arrive' | 'leave'>;

function createArrivals({ access, baseTopic, clock, sessions, warn }: Room): Arrivals {
  const holders = new Map<string, { client: object; identity: Identity }>();
  const isFight = createTakeoverCount(clock);

  const refuseWill = (identity: Identity, { clientId, will }: Arrival): boolean => {
    if (will === undefined) return false;
    const verdict = access.publish(identity, attemptOf(will));
    if (verdict === 'allow' || verdict === 'swallow') return false;
    const said = `The broker refused a client because of its last will. ${explain(verdict, baseTopic)}`;
    warn(`will ${clientId}`, said, { client: shown(clientId), topic: shown(will.topic), reason: verdict });
    return true;
  };

  const refuseId = (identity: Identity, clientId: string): boolean => {
    const holder = holders.get(clientId);
    if (holder === undefined) return false;
    if (holder.identity.name !== identity.name) {
      const said =
        'The broker refused a client whose client id another user is connected with. Give each its own.';
      warn(`id ${clientId}`, said, { client: shown(clientId), user: identity.name });
      return true;
    }
    if (isFight(clientId)) {
      const said =
        'Two clients use the same client id and throw each other out, over and over. Give each its own client id.';
      warn(`fight ${clientId}`, said, { client: shown(clientId) });
    }
    return false;
  };

  return {
    arrive(client, arrival) {
      const { clientId, address } = arrival;
      const identity = access.identify(arrival.username, arrival.password);
      if (identity === null) {
        const said = 'The broker refused a client: the user name or the password is wrong. See broker.users.';
        warn(`login ${address}`, said, { client: shown(clientId), address });
        return err('wrong_credentials');
      }
      if (refuseWill(identity, arrival)) return err('will_not_allowed');
      if (refuseId(identity, clientId)) return err('client_id_taken');
      sessions.set(client, { clientId, identity, filters: new Map() });
      holders.set(clientId, { client, identity });
      return ok(identity);
    },
    leave(client) {
      const clientId = sessions.get(client)?.clientId;
      if (clientId !== undefined && holders.get(clientId)?.client === client) holders.delete(clientId);
    },
  };
}

function createPublishes(room: Room): BrokerPolicy['publish'] {
  const { access, baseTopic, limits, nowhere, sessions, warn } = room;
  const keepRetained = createRetainedCount(limits);

  const judge = ({ identity }: Session, publish: Publish): PublishRefusal | 'retained_full' | null => {
    const verdict = access.publish(identity, attemptOf(publish));
    if (verdict === 'swallow') {
      publish.topic = nowhere;
      return null;
    }
    if (verdict !== 'allow') return verdict;
    if (!publish.retain) return null;
    if (!keepRetained(publish, identity.internal)) return 'retained_full';
    // The payload is a window on the chunk it came in; kept as it is, five bytes would pin up to 64 KiB for good.
    const kept = Buffer.allocUnsafeSlow(Buffer.byteLength(publish.payload));
    kept.set(typeof publish.payload === 'string' ? Buffer.from(publish.payload) : publish.payload);
    publish.payload = kept;
    return null;
  };

  return (client, publish) => {
    const session = sessions.get(client);
    if (session === undefined) return err('This client was never let in.');
    const { topic } = publish;
    const refusal = judge(session, publish);
    if (refusal === null) return ok(null);
    const said = explain(refusal, baseTopic);
    const facts = { client: shown(session.clientId), user: session.identity.name, topic: shown(topic) };
    const line = `The broker refused a publish and closed the client's connection. ${said}`;
    warn(`publish ${session.clientId}`, line, { ...facts, reason: refusal });
    return err(said);
  };
}

/** Rules, counts and warnings of the embedded broker; everything of it that does not need the broker itself. */
export function createBrokerPolicy(options: PolicyOptions): BrokerPolicy {
  const warn = createFoldedLine(options.clock, (message, fields) => options.log.warn(message, fields));
  const room: Room = { ...options, sessions: new WeakMap(), warn };
  return { ...createArrivals(room), publish: createPublishes(room), ...createSubscriptions(room) };
}
