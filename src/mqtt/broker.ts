import type { Server } from 'node:net';
import type { Aedes, Client } from 'aedes';
import type { Clock, Log } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type BrokerUser, createBrokerAccess, MOST_TOPIC_LEVELS } from './broker-access.ts';
import { type AnswerSources, answerAedes } from './broker-answers.ts';
import { BROKER_LIMITS, type BrokerLimits, shown } from './broker-counts.ts';
import { GuardedConnection } from './broker-guard.ts';
import { createBrokerPolicy } from './broker-policy.ts';
import { CONNECT_TIMEOUT_MS, createGuard, createTcpServer, createWebSocketServer } from './broker-servers.ts';
import {
  type BrokerStartError,
  createDoorkeeper,
  type Doorkeeper,
  isLoopback,
  listen,
  refuseToOpen,
} from './broker-sockets.ts';
import { createBrokerStore } from './broker-store.ts';
import { createFoldedLine } from './folded-log.ts';

/** What the embedded broker is made with. */
export interface BrokerOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** Null leaves WebSocket off; 0 takes a free port. */
  readonly websocketPort: number | null;
  /** Empty lets everybody in without a password, which is possible on loopback only. */
  readonly users: readonly BrokerUser[];
  readonly baseTopic: string;
  /** Filters of further topics below the base topic that take commands, as a familiar door does; absent means none. */
  readonly furtherCommands?: readonly string[] | undefined;
  /** The bridge's own client, which may do everything but publish to topics that begin with `$`. */
  readonly internal: { readonly username: string; readonly password: string };
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: Partial<BrokerLimits>;
}

/** Where the embedded broker listens. */
export interface BrokerPorts {
  readonly port: number;
  readonly websocketPort: number | null;
}

/**
 * The embedded broker: MQTT 3.1 and 3.1.1, over TCP and, when asked for, WebSocket; no TLS. A client that asks
 * for MQTT 5 gets CONNACK code 1. Retained messages live in memory; the bridge publishes its own again at every
 * connect. Sessions end with the connection, whatever the client asks: a queue kept for a client that never
 * returns would grow for ever, and a command kept for later would come as a surprise.
 */
export interface Broker {
  /** Opens it, once; a second call is a bug. */
  start(): Promise<Result<BrokerPorts, BrokerStartError>>;
  /** Closes every server and connection. Harmless when called twice, or when it never opened. */
  stop(): Promise<void>;
}

// How long one client that does not read may hold messages up, once its backlog of 1 MiB is full.
const DRAIN_TIMEOUT_MS = 30_000;
const BROKER_ID = 'sonos-mqtt-bridge';
// Where swallowed publishes go: a topic nobody can subscribe to by `#`, and that no client can publish to.
const NOWHERE = `$SYS/${BROKER_ID}/cleared`;

async function openAedes(sources: AnswerSources, options: BrokerOptions) {
  const { policy, store } = sources;
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker({
    ...answerAedes(sources),
    id: BROKER_ID,
    persistence: store,
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    queueLimit: 42,
    maxInflightInbound: 100,
    maxTopicLevels: MOST_TOPIC_LEVELS,
  });
  const debug = createFoldedLine(options.clock, (message, fields) => options.log.debug(message, fields));
  const note = (client: Client, error: Error): void => {
    const id = shown(client.id ?? '');
    debug(`${id} ${error.message}`, 'A client of the broker failed.', { client: id, error: error.message });
  };
  aedes.on('clientReady', ({ conn }) => {
    if (conn instanceof GuardedConnection) conn.admit();
  });
  // Right before it asks the store for what is retained.
  aedes.on('subscribe', (_subscriptions, client) => store.replay.announce(client));
  aedes.on('unsubscribe', (filters, client) => policy.unsubscribe(client, filters));
  aedes.on('clientError', note);
  aedes.on('connectionError', note);
  // Not in aedes' types: a store that failed. The one in memory does not.
  aedes.addListener('error', (error: Error) =>
    options.log.error('The broker failed.', { error: error.message }),
  );
  return aedes;
}

const close = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** What one broker has open. */
interface Opened {
  readonly doorkeeper: Doorkeeper;
  readonly servers: Server[];
  aedes: Aedes | null;
}

async function open(
  options: BrokerOptions,
  limits: BrokerLimits,
  opened: Opened,
): Promise<Result<BrokerPorts, BrokerStartError>> {
  const { host, users, baseTopic, clock, log } = options;
  const anybody = users.length === 0;
  if (anybody && !isLoopback(host)) return err(refuseToOpen('users_required', host, options.port));
  const addresses = new WeakMap<object, string>();
  const access = createBrokerAccess(options);
  const policy = createBrokerPolicy({ access, limits, baseTopic, nowhere: NOWHERE, clock, log });
  const aedes = await openAedes({ policy, store: createBrokerStore(), addresses }, options);
  opened.aedes = aedes;
  const onConnect = (connection: GuardedConnection) => aedes.handle(connection);
  const guard = createGuard({ onConnect, addresses, clock, log });

  const add = async (server: Server, port: number): Promise<Result<number, BrokerStartError>> => {
    const listening = await listen(server, port, host);
    if (listening.ok) opened.servers.push(server);
    return listening;
  };
  const tcp = await add(createTcpServer(guard, opened.doorkeeper), options.port);
  if (!tcp.ok) return tcp;
  if (options.websocketPort === null) return ok({ port: tcp.value, websocketPort: null });
  const server = createWebSocketServer(await import('ws'), guard, opened.doorkeeper, anybody);
  const websocket = await add(server, options.websocketPort);
  return websocket.ok ? ok({ port: tcp.value, websocketPort: websocket.value }) : websocket;
}

async function shut(opened: Opened): Promise<void> {
  const closed = opened.servers.splice(0).map(close);
  const { aedes } = opened;
  opened.aedes = null;
  if (aedes !== null) await new Promise<void>((resolve) => aedes.close(resolve));
  opened.doorkeeper.clear();
  await Promise.all(closed);
}

/** Makes the embedded broker; nothing is loaded or opened before `start`. */
export function createBroker(options: BrokerOptions): Broker {
  const limits: BrokerLimits = { ...BROKER_LIMITS, ...options.limits };
  const warn = createFoldedLine(options.clock, (message, fields) => options.log.warn(message, fields));
  const opened: Opened = { doorkeeper: createDoorkeeper(limits, warn), servers: [], aedes: null };
  let starting: ReturnType<Broker['start']> | null = null;

  return {
    async start() {
      if (starting !== null) throw new Error('The broker was started before.');
      starting = open(options, limits, opened);
      const started = await starting.catch(async (error: unknown) => {
        await shut(opened);
        throw error;
      });
      if (!started.ok) await shut(opened);
      return started;
    },
    async stop() {
      await starting?.catch(() => undefined);
      await shut(opened);
    },
  };
}
