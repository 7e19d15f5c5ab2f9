import type { Config } from '../config/schema.ts';
import { type RelayTopics, relayTopicsBelow } from '../mqtt/relay-topics.ts';

/** The topics of the relay, as the settings of both sides say them. */
export const relayTopicsOf = ({ relay, mqtt }: Pick<Config, 'relay' | 'mqtt'>): RelayTopics =>
  relayTopicsBelow(relay.topic ?? `${mqtt.base_topic}/relay`);
