import type { AedesOptions } from 'aedes';
import { err } from '../bridge/result.ts';
import { isCleanText } from './broker-access.ts';
import type { Publish } from './broker-counts.ts';
import type { ArrivalRefusal, BrokerPolicy } from './broker-policy.ts';
import type { BrokerStore } from './broker-store.ts';

// MQTT 3.1.1 §3.2.2.3
const RETURN_CODES = { wrong_credentials: 4, client_id_taken: 2, will_not_allowed: 5 } as const;

const refuseArrival = (refusal: ArrivalRefusal) =>
  Object.assign(new Error(`refused: ${refusal}`), { returnCode: RETURN_CODES[refusal] });

/** What aedes' questions are answered from. */
export interface AnswerSources {
  readonly policy: BrokerPolicy;
  readonly store: BrokerStore;
  /** Where each connection comes from. */
  readonly addresses: WeakMap<object, string>;
}

type Questions = Required<
  Pick<
    AedesOptions,
    'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'
  >
>;

type Arrivals = Pick<Questions, 'preConnect' | 'authenticate'>;

function answerArrivals({ policy, addresses }: AnswerSources): Arrivals {
  const wills = new WeakMap<object, Publish>();
  return {
    preConnect(client, packet, done) {
      packet.clean = true;
      if (packet.will !== undefined) {
        const { topic, payload, retain } = packet.will;
        wills.set(client, { topic, payload, retain: retain ?? false });
      }
      done(null, true);
    },
    authenticate(client, username, password, done) {
      const { id: clientId, conn } = client;
      // Gone while its CONNECT was being read: there is nobody left to let in.
      if (conn.destroyed) return done(refuseArrival('wrong_credentials'), false);
      const address = addresses.get(conn) ?? 'unknown';
      const arrived = policy.arrive(client, {
        clientId,
        address,
        username,
        password,
        will: wills.get(client),
      });
      if (!arrived.ok) return done(refuseArrival(arrived.error), false);
      conn.once('close', () => policy.leave(client));
      done(null, true);
    },
  };
}

/** A refused publish closes the connection: MQTT 3.1.1 has no other way. */
function answerPublishes({ policy }: AnswerSources): Questions['authorizePublish'] {
  return (client, packet, done) => {
    const { qos, messageId } = packet;
    if (qos > 0 && messageId === 0) return done(new Error('The packet id is 0.'));
    // Without a client it is a will of another broker in a cluster, and there is none.
    const allowed = client === null ? err('No client.') : policy.publish(client, packet);
    if (!allowed.ok) return done(new Error(allowed.error));
    // Whether it was sent to us twice says nothing of how often we send it on (§3.3.1.1).
    packet.dup = false;
    // aedes numbers a message, stores it, hands it out, and takes one with a lower number than the last for a double.
    // Two of one chunk overtake each other on that way and the slower is lost, so each gets a turn of its own; what has
    // QoS 1 and an id gets it from its PUBACK.
    if (qos === 1 && messageId !== undefined) done(null);
    else setImmediate(done, null);
  };
}

function answerSubscriptions({ policy, store }: AnswerSources): Questions['authorizeSubscribe'] {
  return (client, subscription, done) => {
    const { topic, qos } = subscription;
    if (!isCleanText(topic)) return done(new Error('The filter is no clean text.'));
    // Null is SUBACK 128: the client learns of it and stays.
    if (!policy.subscribe(client, topic, qos)) return done(null, null);
    // SUBACK says what was asked for; QoS 2 leaves it to `authorizeForward`, which knows all filters that match.
    store.replay.admit(client, () => done(null, { ...subscription, qos: 2 }));
  };
}

function answerForwards({ policy, store }: AnswerSources): Questions['authorizeForward'] {
  return (client, packet) => {
    // aedes would make an error of each.
    if (client.closed) return null;
    const { topic } = packet;
    // From the store for a new subscription, and perhaps overtaken on the way by what has been published since.
    const stored = packet.retain && !packet.brokerId;
    const now = stored ? store.retained(topic) : packet;
    if (now === undefined) return null;
    const qos = now.qos === 0 ? 0 : policy.granted(client, topic, now.qos);
    return now === packet && qos === packet.qos ? packet : { ...packet, payload: now.payload, qos };
  };
}

/** aedes' questions, answered by the policy and the store. */
export const answerAedes = (sources: AnswerSources): Questions => ({
  ...answerArrivals(sources),
  authorizePublish: answerPublishes(sources),
  authorizeSubscribe: answerSubscriptions(sources),
  authorizeForward: answerForwards(sources),
});
