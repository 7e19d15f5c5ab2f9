import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock, Log } from '../bridge/ports.ts';
import type { Result } from '../bridge/result.ts';
import { within } from '../bridge/within.ts';
import { type AddressCap, createAddressCap } from './address-cap.ts';
import { answerLast, closingUnread, isEnding } from './answer.ts';
import { createLimitedServer, LISTENER_LIMITS, type ListenerLimits, listen } from './http-server.ts';
import type { ListenProblem } from './listen-problem.ts';
import { createPathTest } from './paths.ts';
import { createReceiver, type ReceiverOptions } from './receiver.ts';
import { createRedirectApp, type Redirect } from './redirect.ts';
import { refusalOf } from './refusal.ts';
import type { EventCounters } from './tally.ts';

/** Where a listener stands, and how much it takes. */
export interface DoorOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  /** The secret path of the event callback. */
  readonly callbackPath: string;
  readonly limits?: ListenerLimits;
  /** Answers what is for others at the same address; false when it is not for them. */
  readonly further?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** How many connections each address may have; by default those in `limits`, and any number for private ones. */
  readonly cap?: AddressCap;
  readonly clock: Clock;
  readonly log: Log;
}

/** What the public listener needs. */
export interface PublicListenerOptions extends ReceiverOptions, DoorOptions {
  /** Null when the login comes back somewhere else. */
  readonly redirect: Redirect | null;
}

/** What came in at the public listener since the start. */
export interface ListenerCounters extends EventCounters {
  /** Connections that were refused because too many were open. */
  readonly connectionsRefused: number;
}

/** The listener that the internet reaches: event callback, login redirect, what `further` answers, nothing else. */
export interface PublicListener {
  start(): Promise<Result<{ readonly port: number }, ListenProblem>>;
  /** Ends within a second: answers what is under way, hands on what was accepted, closes every connection. */
  stop(): Promise<void>;
  counters(): ListenerCounters;
}

const GRACE_MS = 400;

function route(
  { callbackPath, further }: DoorOptions,
  receive: RequestListener,
  others: RequestListener,
): RequestListener {
  const isCallback = createPathTest(callbackPath);
  return (request, response) => {
    if (isEnding(request)) return;
    const refusal = refusalOf(request);
    if (refusal !== null) {
      answerLast(request, response, refusal);
      return;
    }
    // Ahead of Express: going through it would cost an event two thirds of the throughput.
    if (isCallback(request.url ?? '')) {
      receive(request, response);
      return;
    }
    if (further?.(request, response) === true) return;
    for (const [name, value] of Object.entries(closingUnread(request))) response.setHeader(name, value);
    others(request, response);
  };
}

/** A listener for the internet, whatever it does with the events that it takes. */
export interface Door {
  start(): Promise<Result<{ readonly port: number }, ListenProblem>>;
  /** Answers what is under way, and closes every connection. */
  close(): Promise<void>;
  /** Connections that were refused because too many were open. */
  connectionsRefused(): number;
}

/** Creates a door: `receive` gets what comes to the event path, and `others` everything else. */
export function createDoor(options: DoorOptions, receive: RequestListener, others: RequestListener): Door {
  const { clock, log, limits = LISTENER_LIMITS } = options;
  const cap = options.cap ?? createAddressCap(limits.connectionsPerAddress);
  let connectionsRefused = 0;

  const server = createLimitedServer(limits, cap, () => {
    connectionsRefused += 1;
    if (connectionsRefused > 1) return;
    log.warn('The public listener refuses connections: too many are open. Further ones are only counted.');
  });
  const answer = route(options, receive, others);
  server.on('request', answer);
  // Without it, Node would ask every sender for its body before anybody has looked at the headers.
  server.on('checkContinue', answer);
  // Nor does anybody get an answer of Node's own for asking for something else; the signature decides, as always.
  server.on('checkExpectation', answer);

  return {
    start: () => listen(server, options.host, options.port),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await within(clock, GRACE_MS, closed);
      server.closeAllConnections();
    },
    connectionsRefused: () => connectionsRefused,
  };
}

/** Creates the public listener. It believes no header that a proxy may add, and logs no path, query or address. */
export function createPublicListener(options: PublicListenerOptions): PublicListener {
  const receiver = createReceiver(options);
  const door = createDoor(options, receiver.handle, createRedirectApp(options.redirect, options.log));
  let stopped: Promise<void> | null = null;

  async function close(): Promise<void> {
    await door.close();
    await within(options.clock, GRACE_MS, receiver.idle());
    receiver.close();
  }

  return {
    start: door.start,
    stop: () => {
      stopped ??= close();
      return stopped;
    },
    counters: () => ({ ...receiver.counters(), connectionsRefused: door.connectionsRefused() }),
  };
}
