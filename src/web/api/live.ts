import type { Request, RequestHandler, Response } from 'express';
import { onceFor } from '../../bridge/once-for.ts';
import type { Cancel, Clock } from '../../bridge/ports.ts';
import type { LiveMessage } from './messages.ts';
import { apiByMethod } from './methods.ts';
import { type ApiPart, refuse } from './routes.ts';

/** Somebody who looks. */
export interface LiveViewer {
  /** Told first of the whole, and then of what changes. */
  readonly say: (message: LiveMessage) => void;
  /** Nothing more will be said. */
  readonly end: () => void;
}

/** What is to be seen. */
export interface LiveSource {
  /** Shows a household, by its alias; the first one when it is none. Null when the house is closing. */
  open(household: string | null, viewer: LiveViewer): Cancel | null;
}

/** What the stream needs. */
export interface LiveOptions {
  readonly live: LiveSource;
  readonly clock: Clock;
}

const MOST_STREAMS = 32;
const RETRY_SECONDS = 5;
/** Below the minute after which proxies and our own listener take a connection for stalled. */
const HEARTBEAT_MS = 15_000;
const MOST_UNREAD_BYTES = 1_048_576;

/** A message as a server-sent event; JSON has no line breaks of its own. */
const frameOf = onceFor(
  (message: LiveMessage) => `event: ${message.kind}\ndata: ${JSON.stringify(message)}\n\n`,
);

const wishedBy = ({ originalUrl }: Request): string | null => {
  const mark = originalUrl.indexOf('?');
  return mark === -1 ? null : new URLSearchParams(originalUrl.slice(mark)).get('household');
};

/** Begins the answer of a stream. */
function begin(request: Request, response: Response): void {
  // Whoever does not read is told by what lies unread; a quiet house is no stalled connection.
  request.socket.setTimeout(0);
  request.socket.setNoDelay(true);
  response.status(200).set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    // Otherwise nginx, which Home Assistant puts in front, gathers events before it hands them on.
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
}

/** The live stream: the whole first, then what changes. Whoever does not read is cut off, and so is one too many. */
export function livePart({ live, clock }: LiveOptions): ApiPart {
  let streams = 0;

  function full(response: Response): void {
    response.set('Retry-After', String(RETRY_SECONDS));
    const advice = 'Close pages that nobody looks at.';
    refuse(response, 503, 'too_many_streams', `The bridge shows itself to ${MOST_STREAMS} at most.`, advice);
  }

  const stream: RequestHandler = (request, response) => {
    if (streams >= MOST_STREAMS) return full(response);
    streams += 1;
    let stopBeating: Cancel = () => {};
    let leave: Cancel | null = null;
    const send = (text: string): void => {
      if (response.writableLength > MOST_UNREAD_BYTES) response.destroy();
      else if (!response.destroyed && !response.writableEnded) response.write(text);
    };
    const beat = (): void => {
      stopBeating = clock.after(HEARTBEAT_MS, beat);
      send(':\n\n');
    };
    response.on('close', () => {
      streams -= 1;
      stopBeating();
      leave?.();
    });
    begin(request, response);
    leave = live.open(wishedBy(request), {
      say: (message) => send(frameOf(message)),
      end: () => response.end(),
    });
    if (leave === null) response.end();
    else stopBeating = clock.after(HEARTBEAT_MS, beat);
  };

  return (router) => {
    router.all('/live', apiByMethod({ GET: stream }));
  };
}
