import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Aedes, AedesOptions, Client } from 'aedes';
import type { Clock, Log } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { type BrokerUser, createBrokerAccess } from './broker-access.ts';
import { BROKER_LIMITS, type BrokerLimits, type Publish, shown } from './broker-counts.ts';
import { FRAME_LIMITS, GuardedConnection } from './broker-guard.ts';
import { type ArrivalRefusal, type BrokerPolicy, createBrokerPolicy } from './broker-policy.ts';
import {
  type BrokerStartError,
  createDoorkeeper,
  type Doorkeeper,
  isLoopback,
  isOriginWelcome,
  listen,
  readSubprotocol,
  refuseToOpen,
} from './broker-sockets.ts';
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

const CONNECT_TIMEOUT_MS = 5_000;
// How long one client that does not read may hold messages up, once its backlog of 1 MiB is full.
const DRAIN_TIMEOUT_MS = 30_000;
// A WebSocket frame is taken in whole, before the guard sees it; until the client is let in it may be no larger.
const WEBSOCKET_BYTES_BEFORE_ADMISSION = 64 * 1024;
const BROKER_ID = 'sonos-mqtt-bridge';
// Where swallowed publishes go: a topic nobody can subscribe to by `#`, and that no client can publish to.
const NOWHERE = `$SYS/${BROKER_ID}/cleared`;

// MQTT 3.1.1 §3.2.2.3
const RETURN_CODES = { wrong_credentials: 4, client_id_taken: 2, will_not_allowed: 5 } as const;

const refuseArrival = (refusal: ArrivalRefusal) =>
  Object.assign(new Error(`refused: ${refusal}`), { returnCode: RETURN_CODES[refusal] });

/** aedes' questions, answered by the policy. A refused publish closes the connection: 3.1.1 has no other way. */
function answerAedes(policy: BrokerPolicy, addresses: WeakMap<object, string>): AedesOptions {
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
    authorizePublish(client, packet, done) {
      // Without a client it is a will of another broker in a cluster, and there is none.
      const allowed = client === null ? err('No client.') : policy.publish(client, packet);
      done(allowed.ok ? null : new Error(allowed.error));
    },
    authorizeSubscribe(client, subscription, done) {
      // Null is SUBACK 128: the client learns of it and stays.
      done(null, policy.subscribe(client, subscription.topic) ? subscription : null);
    },
  };
}

async function openAedes(policy: BrokerPolicy, addresses: WeakMap<object, string>, options: BrokerOptions) {
  const { Aedes } = await import('aedes');
  const aedes = await Aedes.createBroker({
    ...answerAedes(policy, addresses),
    id: BROKER_ID,
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    queueLimit: 42,
    maxInflightInbound: 100,
    maxTopicLevels: 32,
  });
  const debug = createFoldedLine(options.clock, (message, fields) => options.log.debug(message, fields));
  const note = (client: Client, error: Error): void => {
    const id = shown(client.id ?? '');
    debug(`${id} ${error.message}`, 'A client of the broker failed.', { client: id, error: error.message });
  };
  aedes.on('clientReady', ({ conn }) => {
    if (conn instanceof GuardedConnection) conn.admit();
  });
  aedes.on('unsubscribe', (filters, client) => policy.unsubscribe(client, filters));
  aedes.on('clientError', note);
  aedes.on('connectionError', note);
  // Not in aedes' types: a store that failed. The one in memory does not.
  aedes.addListener('error', (error: Error) =>
    options.log.error('The broker failed.', { error: error.message }),
  );
  return aedes;
}

/** Puts the guard in front of one raw stream; aedes hears of it when the CONNECT is complete. */
function createGuard(aedes: Aedes, addresses: WeakMap<object, string>, options: BrokerOptions) {
  const debug = createFoldedLine(options.clock, (message, fields) => options.log.debug(message, fields));
  return (raw: Duplex, address: string): GuardedConnection => {
    const connection = new GuardedConnection(raw, {
      clock: options.clock,
      limits: FRAME_LIMITS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      onConnect: (ready) => aedes.handle(ready),
      onRefused: (reason) =>
        debug(
          `${address} ${reason}`,
          'The broker closed a connection that does not speak MQTT as expected.',
          {
            address,
            reason,
          },
        ),
    });
    addresses.set(connection, address);
    return connection;
  };
}

type Guard = ReturnType<typeof createGuard>;

function createTcpServer(guard: Guard, doorkeeper: Doorkeeper): Server {
  // Nagle's algorithm would hold small packets back for the reader's delayed acknowledgement, up to 40 ms.
  const settings = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  return createServer(settings, (socket) => {
    if (doorkeeper.admit(socket)) guard(socket, socket.remoteAddress ?? 'unknown');
  });
}

function refuseUpgrade(socket: Duplex, status: string, said: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${said}\n`);
}

async function createWebSocketServer(guard: Guard, doorkeeper: Doorkeeper, open: boolean): Promise<Server> {
  const { createWebSocketStream, WebSocketServer } = await import('ws');
  const upgrader = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: FRAME_LIMITS.packetBytes + 1024,
    handleProtocols: (_offered, request) => readSubprotocol(request) ?? false,
  });
  const settings = { noDelay: true, keepAlive: true, headersTimeout: 5_000, requestTimeout: 5_000 };
  const server = createHttpServer(
    { ...settings, connectionsCheckingInterval: 1_000 },
    (_request, response) => {
      response.writeHead(426, { Connection: 'close', Upgrade: 'websocket', 'Content-Type': 'text/plain' });
      response.end('This port speaks MQTT over WebSocket.\n');
    },
  );
  server.on('connection', (socket) => doorkeeper.admit(socket));
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    if (open && !isOriginWelcome(request.headers.origin)) {
      const said = 'Pages from elsewhere may not use a broker without users. Add users to broker.users.';
      return refuseUpgrade(socket, '403 Forbidden', said);
    }
    if (readSubprotocol(request) === null) {
      return refuseUpgrade(socket, '400 Bad Request', 'The WebSocket subprotocol must be "mqtt".');
    }
    upgrader.handleUpgrade(request, socket, head, (websocket) => {
      const connection = guard(createWebSocketStream(websocket), request.socket.remoteAddress ?? 'unknown');
      let bytes = 0;
      socket.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (!connection.admitted && bytes > WEBSOCKET_BYTES_BEFORE_ADMISSION) connection.destroy();
      });
      // MQTT 3.1.1 §6: any other frame than a binary one closes the connection.
      websocket.on('message', (_data, isBinary) => {
        if (!isBinary) connection.destroy();
      });
    });
  });
  return server;
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
  const aedes = await openAedes(policy, addresses, options);
  opened.aedes = aedes;
  const guard = createGuard(aedes, addresses, options);

  const add = async (server: Server, port: number): Promise<Result<number, BrokerStartError>> => {
    const listening = await listen(server, port, host);
    if (listening.ok) opened.servers.push(server);
    return listening;
  };
  const tcp = await add(createTcpServer(guard, opened.doorkeeper), options.port);
  if (!tcp.ok) return tcp;
  if (options.websocketPort === null) return ok({ port: tcp.value, websocketPort: null });
  const server = await createWebSocketServer(guard, opened.doorkeeper, anybody);
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
