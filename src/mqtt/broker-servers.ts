import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type * as WebSockets from 'ws';
import type { Clock, Log } from '../bridge/ports.ts';
import { FRAME_LIMITS } from './broker-frames.ts';
import { GuardedConnection } from './broker-guard.ts';
import { type Doorkeeper, isOriginWelcome, readSubprotocol } from './broker-sockets.ts';
import { createFoldedLine } from './folded-log.ts';

/** How long a client may take for its CONNECT, milliseconds. */
export const CONNECT_TIMEOUT_MS = 5_000;
// A WebSocket frame is taken in whole, before the guard sees it; until the client is let in it may be no larger.
const WEBSOCKET_BYTES_BEFORE_ADMISSION = 64 * 1024;

/** Stands between one raw stream and the broker. */
export type Guard = (raw: Duplex, address: string) => GuardedConnection;

/** What the guard is made with. */
export interface GuardSettings {
  /** Called when a CONNECT is complete and in order. */
  readonly onConnect: (connection: GuardedConnection) => void;
  /** Where each connection comes from; the guard fills it in. */
  readonly addresses: WeakMap<object, string>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Puts the guard in front of raw streams; the broker hears of one when its CONNECT is complete. */
export function createGuard({ onConnect, addresses, clock, log }: GuardSettings): Guard {
  const debug = createFoldedLine(clock, (message, fields) => log.debug(message, fields));
  const said = 'The broker closed a connection that does not speak MQTT as expected.';
  return (raw, address) => {
    const connection = new GuardedConnection(raw, {
      clock,
      limits: FRAME_LIMITS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      onConnect,
      onRefused: (reason) => debug(`${address} ${reason}`, said, { address, reason }),
    });
    addresses.set(connection, address);
    return connection;
  };
}

/** MQTT over TCP. */
export function createTcpServer(guard: Guard, doorkeeper: Doorkeeper): Server {
  // Nagle's algorithm would hold small packets back for the reader's delayed acknowledgement, up to 40 ms.
  const settings = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 60_000 };
  return createServer(settings, (socket) => {
    if (doorkeeper.admit(socket)) guard(socket, socket.remoteAddress ?? 'unknown');
  });
}

function refuseUpgrade(socket: Duplex, status: string, said: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n\r\n${said}\n`);
}

/** MQTT over WebSocket, made with that library. `open`: everybody is let in without a password. */
export function createWebSocketServer(
  { createWebSocketStream, WebSocketServer }: typeof WebSockets,
  guard: Guard,
  doorkeeper: Doorkeeper,
  open: boolean,
): Server {
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
