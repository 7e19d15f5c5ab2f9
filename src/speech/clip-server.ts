import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Clock, Log, Random } from '../bridge/ports.ts';
import type { Result } from '../bridge/result.ts';
import { within } from '../bridge/within.ts';
import { answerClip, answerNothing } from './clip-answer.ts';
import {
  CLIP_LIMITS,
  type ClipLimits,
  type ClipProblem,
  createClipListener,
  listen,
} from './clip-listener.ts';
import type { ClipStore } from './clip-store.ts';
import { createTickets, type Tickets } from './clip-tickets.ts';
import type { StoredClip } from './stored-clip.ts';

/** What the clip server needs. */
export interface ClipServerOptions {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly store: Pick<ClipStore, 'findByName'>;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly limits?: ClipLimits;
  /** Answers what is for others at the same address; false when it is not for them. */
  readonly further?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** How long the first speaker waits for the others. */
  readonly waitMs?: number;
}

/** What became of requests since the start. */
export interface ClipCounters {
  /** Answers with a sound or a part of it. */
  readonly served: number;
  /** Requests for anything else, and connections that were too many. */
  readonly refused: number;
}

/** The listener from which speakers fetch clips: clips by unguessable name, nothing else. */
export interface ClipServer {
  start(): Promise<Result<{ readonly port: number }, ClipProblem>>;
  /**
   * One path for each device, below the server's address, for ten minutes: who comes by one of these paths waits for the
   * others. `heard` is called once for each device, when it asks.
   */
  ticketsFor(clip: StoredClip, devices: number, heard: (device: number) => void): readonly string[];
  /** Ends everything within a second. */
  stop(): Promise<void>;
  counters(): ClipCounters;
}

/** The whole of the grammar; nothing of a request ever becomes a part of a path on the disk. */
const PATH = /^\/([\w-]{43})\/([\w-]{1,64})\.(wav|mp3)$/;
const GRACE_MS = 300;

function route(store: ClipServerOptions['store'], tickets: Tickets, refused: () => void, served: () => void) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      refused();
      answerNothing(request, response, 405, { Allow: 'GET, HEAD' });
      return;
    }
    const [, name = '', id = '', type] = PATH.exec(request.url ?? '') ?? [];
    const clip = store.findByName(name);
    if (clip === null || clip.type !== type) {
      refused();
      answerNothing(request, response, 404);
      return;
    }
    // A speaker may come back for a clip after our restart, or days later: then it has no one to wait for.
    const outcome = await answerClip(request, response, clip, tickets.find(name, id));
    if (outcome === 'served') served();
    if (outcome === 'refused') refused();
  };
}

/** Creates the clip server. It logs no path, and no address. */
export function createClipServer(options: ClipServerOptions): ClipServer {
  const { host, port, store, clock, log, limits = CLIP_LIMITS } = options;
  const tickets = createTickets(options);
  let served = 0;
  let refused = 0;
  let stopped: Promise<void> | null = null;
  const refuse = (): void => {
    refused += 1;
  };
  const answer = route(store, tickets, refuse, () => {
    served += 1;
  });
  const server = createClipListener(limits, refuse);
  const handle: RequestListener = (request, response) => {
    if (options.further?.(request, response) === true) return;
    answer(request, response).catch((cause: unknown) => {
      log.error('The clip server failed at a request; this is a mistake in the bridge, please report it.', {
        error: cause instanceof Error ? cause.message : String(cause),
      });
      response.destroy();
    });
  };
  server.on('request', handle);
  // Nor does anybody get an answer of Node's own for asking for something else.
  server.on('checkContinue', handle);
  server.on('checkExpectation', handle);

  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    tickets.close();
    server.closeIdleConnections();
    await within(clock, GRACE_MS, closed);
    server.closeAllConnections();
    await within(clock, GRACE_MS, closed);
  }

  return {
    start: () => listen(server, host, port),
    ticketsFor: (clip, devices, heard) => tickets.issue(clip, devices, heard),
    stop: () => {
      stopped ??= close();
      return stopped;
    },
    counters: () => ({ served, refused }),
  };
}
