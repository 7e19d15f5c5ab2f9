import type { Bridge } from '../bridge/bridge.ts';
import type { Clock, Log, Random } from '../bridge/ports.ts';
import type { ResponseTo } from '../bridge/replies.ts';
import { ok, type Result } from '../bridge/result.ts';
import type { Config } from '../config/schema.ts';
import type { LogOutput } from '../log.ts';
import type { IncomingMessage } from '../mqtt/client.ts';
import { createMqttLink, type MqttLink } from '../mqtt/link.ts';
import { createPublisher, type Publisher } from '../mqtt/publisher.ts';
import { type Topics, topicsOf } from '../mqtt/topics.ts';
import type { Secrets } from '../secrets.ts';
import type { Document } from '../store/store.ts';
import { addressOf } from './address-of.ts';
import type { Doors } from './doors.ts';
import { createFurtherSide, doorsOf, type FurtherRecord, type FurtherSide } from './further-side.ts';
import type { Recording } from './recording.ts';
import { relayTopicsOf } from './relay-ground.ts';

/** Where the embedded broker listens. */
export interface BrokerAddress {
  readonly port: number;
  readonly websocketPort: number | null;
}

/** Everything with which the house hears us. */
export interface MqttSide {
  readonly link: MqttLink;
  readonly publisher: Publisher;
  readonly topics: Topics;
  /** Null when the broker is somebody else's. */
  readonly broker: BrokerAddress | null;
  /** Hands commands on from now on, and connects; `chimes` are the names that there are. */
  start(bridge: Bridge, chimes: readonly string[]): void;
  stop(): Promise<void>;
}

interface Options {
  readonly config: Config;
  /** Our name at the broker, unless the settings give one. */
  readonly clientId: string;
  readonly log: LogOutput;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly random: Random;
  /** What was remembered of the topics beside the contract's. */
  readonly further: Document<FurtherRecord>;
  /** Without it, nothing is recorded. */
  readonly recording?: Recording;
  readonly doors: Pick<Doors, 'openConnection'>;
}

interface OpenBroker extends BrokerAddress {
  readonly login: { readonly username: string; readonly password: string };
  stop(): Promise<void>;
}

async function openBroker({
  config,
  log,
  secrets,
  clock,
  random,
}: Options): Promise<Result<OpenBroker, string>> {
  // The broker is loaded only by those who use it.
  const { createBroker } = await import('../mqtt/broker.ts');
  const login = { username: 'sonos-mqtt-bridge', password: random.id() };
  secrets.add(login.password);
  const { host, port, websocket_port, users } = config.broker;
  const broker = createBroker({
    host,
    port,
    websocketPort: websocket_port ?? null,
    users: users ?? [],
    baseTopic: config.mqtt.base_topic,
    furtherCommands: doorsOf(config, topicsOf(config.mqtt.base_topic)).flatMap(({ filters }) => filters),
    internal: login,
    clock,
    log: log.child('broker'),
  });
  const started = await broker.start();
  if (!started.ok) return { ok: false, error: started.error.message };
  return ok({ ...started.value, login, stop: () => broker.stop() });
}

function openLink(
  { config, clientId, log, clock, random, doors }: Options,
  broker: OpenBroker | null,
  topics: Topics,
  filters: readonly string[],
): MqttLink {
  const { url, username, password, client_id, tls, protocol } = config.mqtt;
  const common = {
    clientId: client_id ?? `sonos-mqtt-bridge-${clientId}`,
    availabilityTopic: topics.availability,
    filters,
    clock,
    random,
    log: log.child('mqtt'),
    open: doors.openConnection,
  };
  if (broker !== null) {
    // aedes speaks 3.1.1 alone, so nothing else need be tried.
    return createMqttLink({
      ...common,
      ...broker.login,
      url: addressOf('mqtt', config.broker.host, broker.port),
      protocol: 4,
    });
  }
  return createMqttLink({
    ...common,
    url: url ?? '',
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    tls,
    protocol,
  });
}

const responseOf = ({ responseTopic, correlationData }: IncomingMessage): ResponseTo | null =>
  responseTopic === null ? null : { topic: responseTopic, correlationData };

/** So many topics of kept commands are named in the log. */
const MOST_NAMED = 50;

/** Warns of commands that the broker keeps, once for each topic: they come again at every connect. */
function createKeptWarning(log: Log): (topic: string) => void {
  const named = new Set<string>();
  return (topic) => {
    if (named.has(topic) || named.size >= MOST_NAMED) return;
    named.add(topic);
    log.warn(
      'A command came with the retained flag and was refused; the broker hands such a one out at every connect. Send commands without the flag, and clear this one with an empty retained message while the bridge is stopped.',
      { topic },
    );
  };
}

/** Hands commands on to the bridge, whichever door they come through. */
function createHands(
  topics: Topics,
  bridge: Bridge,
  further: FurtherSide,
  say: (topic: string, payload: string) => void,
  log: Log,
) {
  const warnOfKept = createKeptWarning(log);

  /** A message that is no command of the contract. */
  function otherwise(message: IncomingMessage): void {
    const { retained, expirySeconds } = message;
    if (retained && message.payload.length === 0) return;
    const reading = further.read(message);
    for (const command of reading?.commands ?? []) {
      if (retained) warnOfKept(message.topic);
      bridge.take({ ...command, retained, expirySeconds, responseTo: responseOf(message) });
    }
    // Whoever left a message behind is not there to be answered.
    if (!retained) for (const { topic, payload } of reading?.answers ?? []) say(topic, payload);
  }

  return (message: IncomingMessage): void => {
    const { payload, retained, expirySeconds } = message;
    const address = topics.read(message.topic);
    if (address === null) {
      otherwise(message);
      return;
    }
    // Somebody clears a command that the broker kept; it asks for nothing.
    if (retained && payload.length === 0) return;
    if (retained) warnOfKept(message.topic);
    const common = { payload, retained, expirySeconds, responseTo: responseOf(message) };
    if (address.kind === 'bridge') bridge.takeForBridge({ ...common, command: address.command });
    else
      bridge.take({
        ...common,
        household: address.household,
        room: address.room,
        command: address.command,
      });
  };
}

/** Opens the broker when it is ours, and the link to it; what hinders, in words. */
export async function openMqttSide(options: Options): Promise<Result<MqttSide, string>> {
  const { config, log } = options;
  const opened = config.mqtt.url === undefined ? await openBroker(options) : ok(null);
  if (!opened.ok) return opened;
  const broker = opened.value;
  const topics = topicsOf(config.mqtt.base_topic);
  let households = (): Bridge['households'] => [];
  const further = createFurtherSide({
    ...{ ...options, topics, document: options.further, log: log.child('mqtt'), link: () => link },
    households: () => households(),
  });
  const relayed = config.callback.relay ? [relayTopicsOf(config).filter] : [];
  const filters = [...topics.commandFilters, ...further.filters, ...relayed];
  const link = openLink(options, broker, topics, filters);
  const publisher = createPublisher({
    ...{ topics, further, log: log.child('mqtt') },
    outbox: options.recording?.tape?.outbox(link.outbox) ?? link.outbox,
    clean: options.secrets.cleanAnswer,
  });
  log.onLine(({ level, message, fields }) => publisher.log({ ...fields, level, message }));
  return ok({
    link,
    publisher,
    topics,
    broker: broker && { port: broker.port, websocketPort: broker.websocketPort },
    start(bridge, chimes) {
      households = () => bridge.households;
      // Answers quote what the sender wrote.
      const say = (topic: string, payload: string): void =>
        link.outbox.send({
          topic,
          payload: options.secrets.cleanAnswer(payload),
          contentType: 'application/json',
        });
      link.onMessage(createHands(topics, bridge, further, say, log.child('mqtt')));
      further.start(chimes);
      link.start();
    },
    async stop() {
      further.stop();
      await link.stop();
      await broker?.stop();
    },
  });
}
