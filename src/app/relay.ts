import type { Clock, Random } from '../bridge/ports.ts';
import type { Config } from '../config/schema.ts';
import { createRelayListener, type RelayListener } from '../events/relay-listener.ts';
import { LONGEST_RELAYED_BYTES, sealEvent } from '../events/relayed.ts';
import type { Credentials } from '../events/signature.ts';
import type { LogOutput } from '../log.ts';
import { type BrokerLink, createBrokerLink } from '../mqtt/link.ts';
import { createRelayPost, type RelayPost } from '../mqtt/relay-post.ts';
import { AppRefused } from './refused.ts';
import { relayTopicsOf } from './relay-ground.ts';

/** What a relay cannot do without. */
export interface RelayNeeds {
  readonly credentials: Credentials;
  readonly brokerUrl: string;
  readonly callbackPath: string;
}

/** A setting that a relay needs and that is missing, with why. */
export interface Missing {
  readonly setting: string;
  readonly because: string;
}

/** What the settings hold of what a relay needs, or all that is missing. */
export function needsOf({ sonos, mqtt, callback }: Config): RelayNeeds | readonly Missing[] {
  const { client_id: clientId, client_secret: clientSecret } = sonos;
  const { url: brokerUrl } = mqtt;
  const { path: callbackPath } = callback;
  if (
    clientId !== undefined &&
    clientSecret !== undefined &&
    brokerUrl !== undefined &&
    callbackPath !== undefined
  ) {
    return { credentials: { clientId, clientSecret }, brokerUrl, callbackPath };
  }
  const signature = 'the signature of an event is checked with it';
  const all = [
    { setting: 'sonos.client_id', value: clientId, because: signature },
    { setting: 'sonos.client_secret', value: clientSecret, because: signature },
    {
      setting: 'mqtt.url',
      value: brokerUrl,
      because: 'a relay has no broker of its own, and passes events on by this one',
    },
    {
      setting: 'callback.path',
      value: callbackPath,
      because: 'a relay keeps nothing, so it cannot make one up, and all receivers need the same',
    },
  ];
  return all.flatMap(({ setting, value, because }) => (value === undefined ? [{ setting, because }] : []));
}

/** A relay, running. */
export interface Relay {
  readonly port: number;
  readonly link: Pick<BrokerLink, 'status'>;
  readonly listener: Pick<RelayListener, 'counters' | 'turnedAway'>;
  /** Ends within four seconds; what is under way is answered first. */
  stop(): Promise<void>;
}

/** What a relay is built from. */
export interface RelayOptions {
  readonly config: Config;
  readonly needs: RelayNeeds;
  readonly log: LogOutput;
  readonly clock: Clock;
  readonly random: Random;
}

/** Sonos waits about a second for its answer, and the answer has a way to go. */
const ACKNOWLEDGED_WITHIN_MS = 800;

function openLink({ config, needs, log, clock, random }: RelayOptions, post: RelayPost): BrokerLink {
  const { username, password, client_id = 'sonos-mqtt-relay', tls, protocol } = config.mqtt;
  const own = random.id().replace(/[^A-Za-z0-9]/g, '');
  return createBrokerLink(
    {
      url: needs.brokerUrl,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      // Receivers share their settings, and two of one name would throw each other out.
      clientId: `${client_id}-${own.slice(0, 8)}`,
      ...{ tls, protocol, will: null, filters: [] },
      whenLost: 'Until it is back, Sonos is asked to send events again, or to another receiver.',
      whenBack: 'events are taken again.',
      ...{ clock, random, log: log.child('mqtt') },
    },
    post,
  );
}

/** Starts a relay. Throws `AppRefused` when its port cannot be opened; then nothing is open. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const { config, needs, log, clock } = options;
  const { credentials, callbackPath } = needs;
  const { host, port } = config.callback;
  const { expiry_seconds: expirySeconds, health_path: healthPath } = config.relay;
  const topics = relayTopicsOf(config);
  const post = createRelayPost({
    ...{ withinMs: ACKNOWLEDGED_WITHIN_MS, expirySeconds, longestBytes: LONGEST_RELAYED_BYTES },
    ...{ clock, log: log.child('relay') },
  });
  const link = openLink(options, post);
  const listener = createRelayListener({
    ...{ host, port, callbackPath, healthPath, credentials, clock, log: log.child('events') },
    canPass: () => post.isOpen(),
    pass: (headers, body, done) =>
      post.send(topics.of(headers.household), sealEvent(headers, body, clock.now(), credentials), done),
  });
  const started = await listener.start();
  if (!started.ok) throw new AppRefused(started.error.message);
  link.start();
  return {
    port: started.value.port,
    ...{ link, listener },
    async stop() {
      await listener.stop();
      await link.stop();
    },
  };
}
