import { createServer, type RequestListener, type Server } from 'node:http';
import type { Clock } from '../bridge/ports.ts';
import { err, ok, type Result } from '../bridge/result.ts';
import { isEnding } from '../events/answer.ts';
import { LISTENER_LIMITS } from '../events/http-server.ts';
import { createApp } from './app.ts';
import { isLoopback } from './host-names.ts';
import type { PrivateListenerOptions } from './options.ts';

/** Why the private listener cannot start. */
export interface WebProblem {
  readonly reason: 'password_required' | 'port_in_use' | 'port_not_allowed' | 'no_such_address' | 'failed';
  /** What was seen and what to do, for people. */
  readonly message: string;
}

/** The listener for the house itself: page, login, health, metrics. */
export interface PrivateListener {
  /** Answers the port, which matters when any free one was asked for. */
  start(): Promise<Result<{ readonly port: number }, WebProblem>>;
  /** Ends within a second: answers what is under way, then closes every connection. */
  stop(): Promise<void>;
}

const GRACE_MS = 500;
const CONNECTIONS = 256;

const SERVER_OPTIONS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  // Longer than the minute for which common proxies keep a resting connection, so that it is they who close it.
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16_384,
};

function problemOf(error: NodeJS.ErrnoException, host: string, port: number): WebProblem {
  const where = `${host}:${port}`;
  switch (error.code) {
    case 'EADDRINUSE':
      return {
        reason: 'port_in_use',
        message: `Another program listens at ${where} already. Stop it, or set web.port to a free port.`,
      };
    case 'EACCES':
      return {
        reason: 'port_not_allowed',
        message: `This user may not listen at ${where}; ports below 1024 often need more rights. Set web.port to a higher one, such as 8788.`,
      };
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        reason: 'no_such_address',
        message: `This machine has no address ${host}. Set web.host to one that it has, or to 0.0.0.0 for all of them.`,
      };
    default:
      return {
        reason: 'failed',
        message: `The private listener could not start at ${where} (${error.code ?? error.message}). Look at web.host and web.port.`,
      };
  }
}

function listen(server: Server, host: string, port: number): ReturnType<PrivateListener['start']> {
  return new Promise((resolve) => {
    const failed = (error: NodeJS.ErrnoException) => resolve(err(problemOf(error, host, port)));
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

function close(server: Server, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(GRACE_MS, () => server.closeAllConnections());
    server.close(() => {
      cancel();
      resolve();
    });
  });
}

/** Creates the private listener. It believes no header that a proxy may add, and logs no path or query. */
export function createPrivateListener(options: PrivateListenerOptions): PrivateListener {
  const { host, port, clock } = options;
  const password = options.password === '' ? null : options.password;
  const app = createApp({ ...options, password });
  const answer: RequestListener = (request, response) => {
    if (!isEnding(request)) app(request, response);
  };
  const server = createServer(SERVER_OPTIONS, answer);
  // Otherwise Node answers on its own, and reads what a stranger sends to the end.
  server.on('checkExpectation', answer);
  server.timeout = options.stalledMs ?? LISTENER_LIMITS.stalledMs;
  server.maxConnections = CONNECTIONS;
  // Whoever rests makes room for whoever comes.
  server.on('drop', () => server.closeIdleConnections());
  let stopped: Promise<void> | null = null;

  return {
    start: async () => {
      if (password === null && options.ingressFrom === undefined && !isLoopback(host)) {
        return err({
          reason: 'password_required',
          message: `The private listener would be open to everybody at ${host}: others can reach this address, and there is no password. Set web.password, or web.host to 127.0.0.1.`,
        });
      }
      return listen(server, host, port);
    },
    stop: () => {
      stopped ??= close(server, clock);
      return stopped;
    },
  };
}
