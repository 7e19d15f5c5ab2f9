import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { err, ok, type Result } from '../bridge/result.ts';
import type { AddressCap } from './address-cap.ts';
import { type ListenProblem, listenProblemOf } from './listen-problem.ts';

/** How long a server waits for strangers, and how many of them it lets in. Times in milliseconds. */
export interface ListenerLimits {
  /** From the connection, or the first byte of a later request, to the end of the headers. */
  readonly headersMs: number;
  /** From the same moment to the last byte of the request. */
  readonly requestMs: number;
  /** How often these two are looked at. */
  readonly checkEveryMs: number;
  /** A connection may rest between two requests for so long. */
  readonly keepAliveMs: number;
  /** Without a byte in either direction while an answer is under way: somebody may ask without end and never read. */
  readonly stalledMs: number;
  readonly headerBytes: number;
  readonly connections: number;
  /** Of one public address, or one IPv6 network of 64 bits. */
  readonly connectionsPerAddress: number;
}

/** The limits in force. Node's own would let 1,500 half-open connections stay for a minute. */
export const LISTENER_LIMITS: ListenerLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  checkEveryMs: 1_000,
  // Longer than the minute for which common proxies keep a resting connection, so that it is they who close it.
  keepAliveMs: 65_000,
  // Longer than a login at Sonos takes, which is the one answer that needs time.
  stalledMs: 60_000,
  headerBytes: 16_384,
  connections: 2_000,
  connectionsPerAddress: 64,
};

/** Makes an HTTP server with these limits; `refused` is told of each connection that was one too many. */
export function createLimitedServer(limits: ListenerLimits, cap: AddressCap, refused: () => void): Server {
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytes,
  });
  server.timeout = limits.stalledMs;
  server.maxConnections = limits.connections;
  // The bytes bound the number of headers; a bound of its own would hide the rest of them without a word, and a
  // doubled header with them.
  server.maxHeadersCount = 0;
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    if (!cap.enter(address)) {
      refused();
      socket.destroy();
      return;
    }
    socket.once('close', () => cap.leave(address));
  });
  server.on('drop', () => {
    refused();
    // Whoever rests makes room for whoever comes.
    server.closeIdleConnections();
  });
  server.once('listening', () => {
    // From here on an error is a connection that could not be taken, for want of file descriptors say.
    server.on('error', refused);
  });
  return server;
}

/** Connections that wait to be taken. With Node's 511, Sonos waits a second when 1,500 come at once, until its next try. */
const BACKLOG = 4_096;

/** Starts to listen; answers the port, which matters when any free one was asked for. */
export function listen(
  server: Server,
  host: string,
  port: number,
): Promise<Result<{ readonly port: number }, ListenProblem>> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(err(listenProblemOf(error, host, port)));
    server.once('error', failed);
    server.listen({ host, port, backlog: BACKLOG }, () => {
      server.off('error', failed);
      const address = server.address();
      resolve(ok({ port: typeof address === 'object' && address !== null ? address.port : port }));
    });
  });
}
