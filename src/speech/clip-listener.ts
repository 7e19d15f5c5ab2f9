import { createServer, type Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { err, ok, type Result } from '../bridge/result.ts';

/** How long the clip server waits for speakers, and how many connections it has. Times in milliseconds. */
export interface ClipLimits {
  /** From the connection, or the first byte of a later request, to the end of the headers. */
  readonly headersMs: number;
  readonly requestMs: number;
  readonly checkEveryMs: number;
  readonly keepAliveMs: number;
  /** Without a byte in either direction while an answer is under way. */
  readonly stalledMs: number;
  readonly headerBytes: number;
  readonly connections: number;
  readonly connectionsPerAddress: number;
}

/** The limits in force. A speaker has a connection or two. */
export const CLIP_LIMITS: ClipLimits = {
  headersMs: 5_000,
  requestMs: 10_000,
  checkEveryMs: 1_000,
  keepAliveMs: 15_000,
  stalledMs: 30_000,
  headerBytes: 8_192,
  connections: 200,
  connectionsPerAddress: 32,
};

/** Why the clip server cannot start. */
export interface ClipProblem {
  /** What was seen and what to do, for people. */
  readonly message: string;
}

/** Closes connections beyond those that one address may have. */
function capAddresses(server: Server, limit: number, refused: () => void): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = socket.remoteAddress ?? '';
    const count = open.get(address) ?? 0;
    if (count >= limit) {
      refused();
      socket.destroy();
      return;
    }
    open.set(address, count + 1);
    socket.once('close', () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

const plain = (status: string): string =>
  `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`;

/** What is no request at all: nothing of it can have been begun to be answered, or the rest is cut off. */
function answerMalformed(error: NodeJS.ErrnoException, socket: Duplex, isBusy: boolean): void {
  if (isBusy || !socket.writable) {
    socket.destroy();
    return;
  }
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // A URL that is too long is a name like any other that nobody has.
  const isLong = error.code === 'HPE_HEADER_OVERFLOW';
  const status = isSlow ? '408 Request Timeout' : isLong ? '404 Not Found' : '400 Bad Request';
  socket.end(plain(status), () => socket.destroy());
}

/** Makes an HTTP server with these limits; `refused` is told of each connection or request that is none. */
export function createClipListener(limits: ClipLimits, refused: () => void): Server {
  const server = createServer({
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    keepAliveTimeout: limits.keepAliveMs,
    maxHeaderSize: limits.headerBytes,
  });
  server.timeout = limits.stalledMs;
  server.maxConnections = limits.connections;
  capAddresses(server, limits.connectionsPerAddress, refused);
  server.on('drop', () => {
    refused();
    // Whoever rests makes room for whoever comes.
    server.closeIdleConnections();
  });
  const busy = new WeakSet<Duplex>();
  server.on('request', ({ socket }, response) => {
    busy.add(socket);
    response.once('close', () => busy.delete(socket));
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // Others are of connections that broke, on either side, and nobody's fault.
    if (/^(HPE_|ERR_HTTP_)/.test(error.code ?? '')) refused();
    answerMalformed(error, socket, busy.has(socket));
  });
  server.on('connect', (_request, socket) => {
    refused();
    socket.on('error', () => socket.destroy());
    socket.end(plain('405 Method Not Allowed\r\nAllow: GET, HEAD'), () => socket.destroy());
  });
  return server;
}

/** What an error of `listen` means. */
export function clipProblemOf(error: NodeJS.ErrnoException, host: string, port: number): ClipProblem {
  const where = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        message: `Another program listens at ${where} already, so speakers cannot get announcements. Stop it, or set speech.clip_port to a free port.`,
      };
    case 'EACCES':
      return {
        message: `This user may not listen at ${where}; ports below 1024 often need more rights. Set speech.clip_port to a higher one, such as 8789.`,
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        message: `This machine has no address ${host}. Set speech.clip_host to one that it has, or to 0.0.0.0 for all of them.`,
      };
    default:
      return {
        message: `The clip server could not start at ${where} (${error.code ?? error.message}). Look at speech.clip_host and speech.clip_port.`,
      };
  }
}

/** Starts to listen; answers the port, which matters when any free one was asked for. */
export function listen(
  server: Server,
  host: string,
  port: number,
): Promise<Result<{ readonly port: number }, ClipProblem>> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(err(clipProblemOf(error, host, port)));
    server.once('error', failed);
    server.listen({ host, port }, () => {
      server.off('error', failed);
      // From here on an error is a connection that could not be taken, for want of file descriptors say.
      server.on('error', () => server.closeIdleConnections());
      const address = server.address();
      resolve(ok({ port: typeof address === 'object' && address !== null ? address.port : port }));
    });
  });
}
