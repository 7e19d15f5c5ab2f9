import type { Config } from '../config/schema.ts';
import { type RelayTopics, relayTopicsBelow } from '../mqtt/relay-topics.ts';

/**
 * The topics of the relay, as the settings of both sides say them. They stand beside the house's own: whoever reads
 * those need not read these, and the broker can say when nobody listens.
 */
export const relayTopicsOf = ({ relay, mqtt }: Pick<Config, 'relay' | 'mqtt'>): RelayTopics =>
  relayTopicsBelow(relay.topic ?? `${mqtt.base_topic}-relay`);
